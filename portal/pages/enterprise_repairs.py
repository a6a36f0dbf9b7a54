"""Repair of an enterprise's records (信用修复): the calendar, and the application with its proofs."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton
from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.cases.case import Filing
from indexer.cases.cases import MOST_FILES
from indexer.cases.texts import TITLE_LONGEST, lines
from indexer.enterprise.days import Entry, Month, Outlook, months, outlooks
from indexer.enterprise.repairs import NotReady, needs
from indexer.errors import FileRefused, InvalidParameter
from indexer.register.holding import Holding, OwnRecord
from indexer.sources.dates import parse_date
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.i18n import english
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.case_parts import LARGEST_FORM, once, sent_files, sent_once
from portal.pages.components import Badge, Cell, Link, Table
from portal.pages.enterprise_home import own_holding, own_record
from portal.pages.forms import messages
from portal.pages.held import (
    bar_words,
    basis_words,
    cases_table,
    class_words,
    days_words,
    held_title,
    need_words,
    outlook_words,
    record_href,
)

KIND = "repair"


@dataclass(frozen=True, slots=True)
class DayShown:
    """A day of the calendar."""

    day: str
    badge: Badge
    title: str
    href: str
    left: str


@dataclass(frozen=True, slots=True)
class MonthShown:
    """A month of the calendar, by its name."""

    id: str
    name: str
    days: list[DayShown]


@blueprint.get("/enterprise/<code>/repairs")
@may(Permission.OWN_VIEW, of="code")
def enterprise_repairs(code: str) -> str:
    """Which records can be repaired from when, which end by themselves when, month by month, and what has been applied for."""
    holding, today = own_holding(code, "repairs"), portal().clock.today()
    found = outlooks(holding, today)
    return render_template(
        "enterprise_repairs.html",
        code=code,
        table=_table(code, found),
        months=[_month(code, each) for each in months(found, today)],
        cases=cases_table(code, KIND, _("修复申请"), today),
        crumbs=_crumbs(code, holding),
        noindex=True,
    )


@blueprint.get("/enterprise/<code>/repairs/<identity>")
@may(Permission.OWN_ACT, of="code")
def enterprise_repair(code: str, identity: str) -> str:
    """The form of an application; what is missing is told before anything is filled in."""
    holding = own_holding(code, f"record:{identity}")
    return _form(code, holding, own_record(holding, identity), {}, {})


@blueprint.post("/enterprise/<code>/repairs/<identity>")
@may(Permission.OWN_ACT, of="code", largest=LARGEST_FORM)
def enterprise_repair_filed(code: str, identity: str) -> Response | tuple[str, int]:
    """Files the application."""
    holding = own_holding(code, f"record:{identity}")
    record, form = own_record(holding, identity), request.form
    try:
        filing = _filing(code, holding, record)
        filed = portal().room.cases.file(caller(), filing)
    except NotReady:
        return _form(code, holding, record, form, {}), 409
    except FileRefused as error:
        return _form(code, holding, record, form, {"files": error.en if english() else error.zh}), 400
    except InvalidParameter as error:
        return _form(code, holding, record, form, messages(error, ("corrected_on", "text", "files"))), 400
    done(_("修复申请已提交，编号 %(number)s。", number=filed.number))
    return redirect(url_for("account.enterprise_case", code=code, number=filed.number), 303)


def _filing(code: str, holding: Holding, record: OwnRecord) -> Filing:
    """The application that a form makes. Raises NotReady, InvalidParameter and FileRefused."""
    form = request.form
    corrected = record.corrected_on or _corrected(form.get("corrected_on", ""))
    text = lines(form.get("text", ""), "text")
    proofs = sent_files()
    if not proofs:
        raise InvalidParameter("files", "请附上证明材料。", "must hold at least one proof")
    needs(holding, record, portal().clock.today(), corrected)
    return Filing(
        kind=KIND,
        title=held_title(record)[:TITLE_LONGEST],
        content={"corrected_on": corrected.isoformat(), "text": text},
        once=sent_once(),
        files=proofs,
        subject_code=code,
        record_id=record.id,
    )


def _corrected(text: str) -> date:
    """The day on which the duty was done, as somebody typed it. Raises InvalidParameter."""
    with suppress(ValueError):
        day = parse_date(text) if text.strip() else None
        if day is not None and day <= portal().clock.today():
            return day
    raise InvalidParameter(
        "corrected_on", "请填写改正并履行完毕的日期，不能晚于今天。", "must be a day up to today"
    )


def _form(
    code: str, holding: Holding, record: OwnRecord, filled: dict[str, str], errors: dict[str, str]
) -> str:
    today, repair = portal().clock.today(), record.repair
    barred = repair.barred(today) if repair is not None else "honour"
    missing = holding.missing(record, today)
    return render_template(
        "enterprise_repair.html",
        code=code,
        title=held_title(record),
        record_href=record_href(code, record),
        barred=bar_words(barred) if barred is not None else "",
        missing=[need_words(each) for each in missing if each.need != "correction"],  # the form asks for that
        ready=not {each.need for each in missing} - {"correction"},
        corrected=record.corrected_on.isoformat() if record.corrected_on is not None else "",
        basis=basis_words(repair.basis) if repair is not None else "",
        today=today.isoformat(),
        filled=filled,
        errors=errors,
        once=once(),
        most=MOST_FILES,
        crumbs=[
            *_crumbs(code, holding),
            Link(_("信用修复"), url_for("account.enterprise_repairs", code=code)),
        ],
        noindex=True,
    )


def _table(code: str, found: tuple[Outlook, ...]) -> Table:
    return Table(
        _("公示中的失信信息"),
        [_("记录"), _("失信程度"), _("最早可申请"), _("自动停止公示"), _("现在")],
        [
            [
                Cell(held_title(each.record), href=record_href(code, each.record)),
                Cell(class_words(each.repair.severity)),
                Cell(
                    day=each.repair.earliest.isoformat()
                    if each.bar is None and each.repair.earliest is not None
                    else None
                ),
                Cell(day=each.repair.ends_on.isoformat() if each.repair.ends_on is not None else None),
                Cell(
                    outlook_words(each),
                    href=url_for("account.enterprise_repair", code=code, identity=each.record.id)
                    if each.open
                    else None,
                ),
            ]
            for each in found
        ],
    )


def _month(code: str, month: Month) -> MonthShown:
    first = month.first
    name = format_skeleton("yMMMM", first, locale=get_locale())
    return MonthShown(f"{first:%Y-%m}", name, [_day(code, each) for each in month.entries])


def _day(code: str, entry: Entry) -> DayShown:
    record, repair = entry.outlook.record, entry.mark == "repair"
    days = entry.outlook.days_to_repair if repair else entry.outlook.days_to_end
    return DayShown(
        entry.day.isoformat(),
        Badge(_("可以申请修复"), "good") if repair else Badge(_("公示的最后一天"), "neutral"),
        held_title(record),
        record_href(code, record),
        days_words(max(days or 0, 0)),
    )


def _crumbs(code: str, holding: Holding) -> list[Link]:
    return crumbs(Link(holding.subject.name or code, url_for("account.enterprise", code=code)))

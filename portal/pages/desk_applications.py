"""Applications of enterprises at the desk (修复与声明的申请): one person examines, for a repair another approves; a repair can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.cases.case import Case, Doing, Event
from indexer.cases.kinds import outcome_words
from indexer.cases.numbers import new_once
from indexer.cases.paths import TABLE, By, Move
from indexer.cases.reading import Wanted
from indexer.cases.texts import lines
from indexer.clock import day_of
from indexer.enterprise.declaring import FIELDS
from indexer.enterprise.repairs import corrected
from indexer.errors import InvalidParameter, NotFound
from indexer.kinds import kinds
from indexer.register.holding import HeldRecord
from portal.accounts.access import Forbidden, may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.i18n import english
from portal.labels import column_label
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.cells import fields
from portal.pages.components import Badge, Cell, Field, Instant, Link, Table
from portal.pages.enterprise_home import own_holding, own_record
from portal.pages.forms import messages
from portal.pages.frame import instant
from portal.pages.held import (
    basis_words,
    case_badge,
    class_words,
    held_title,
    need_words,
    standing_badge,
    why,
)

KINDS = frozenset({"repair", "declaration"})
SHOWN = 100
CAPACITY: Mapping[By, Permission] = {
    By.DESK: Permission.CASES_HANDLE,
    By.HANDLER: Permission.CASES_HANDLE,
    By.SECOND: Permission.CASES_DECIDE,
}
"""In which capacity somebody acts → what the person's role has to allow."""

OFFERED = (Move.TAKE, Move.ASK, Move.PROPOSE, Move.DECIDE, Move.CONFIRM, Move.RETURN, Move.NOTE)
"""Moves that the page offers, in this order."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done, for the page."""

    at: Instant
    badge: Badge
    who: str
    text: str
    files: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class About:
    """The record that a repair is of, as staff read it, and what is missing."""

    title: str
    public_href: str
    standing: Badge
    why: str
    severity: str
    edition: str
    missing: list[str]
    fields: list[Field]


@blueprint.get("/desk/applications")
@may(Permission.HELD_VIEW)
def applications() -> str:
    """Those that wait, the one that is due first at the head."""
    today = portal().clock.today()
    found = portal().room.docket.wanted(Wanted(kinds=KINDS), today, SHOWN)
    rows = [
        [
            Cell(each.number, href=url_for("account.application", number=each.number), code=True),
            Cell(each.kind.words.en if english() else each.kind.words.zh),
            Cell(each.title),
            Cell(each.subject_code, code=True),
            Cell(badge=Badge(_("已逾期"), "bad"))
            if each.overdue(today)
            else Cell(day=each.due_on.isoformat()),
            Cell(badge=case_badge(each)),
            Cell(each.handler_name),
        ]
        for each in found
    ]
    heads = [_("编号"), _("种类"), _("事项"), _("企业"), _("应办结日"), _("办理情况"), _("经办人")]
    table = Table(_("修复与声明的申请"), heads, rows)
    return render_template("desk_applications.html", table=table, crumbs=crumbs(), noindex=True)


@blueprint.get("/desk/applications/<number>")
@may(Permission.HELD_VIEW)
def application(number: str) -> str:
    """One, with the record it is about and what can be done with it."""
    return _page(_one(number), {}, {})


@blueprint.post("/desk/applications/<number>")
@may(Permission.HELD_VIEW)
def application_moved(number: str) -> Response | tuple[str, int]:
    """Does something with it, in the capacity that the move asks for."""
    case, form = _one(number), request.form
    try:
        move = Move(form.get("move", ""))
    except ValueError:
        raise InvalidParameter("move", "没有这个操作。", "there is no such move") from None
    step = TABLE.get((case.state, move))
    if step is not None and (step.by not in CAPACITY or not somebody().may(CAPACITY[step.by])):
        raise Forbidden
    try:
        version = int(form.get("version", "")[:9] or 0) if form.get("version", "").isdecimal() else 0
        doing = Doing(
            move,
            version,
            form.get("once", "") or new_once(),
            lines(form.get("text", ""), "text", required=False),
            form.get("outcome", ""),
        )
        portal().room.cases.do(caller(), step.by if step is not None else By.DESK, case, doing)
    except InvalidParameter as error:
        return _page(case, form.to_dict(), messages(error, ("text", "outcome"))), 400
    done(_("已办理：%(move)s。", move=_move_words(move)))
    return redirect(url_for("account.application", number=case.number), 303)


@blueprint.post("/desk/applications/<number>/take-back")
@may(Permission.CASES_DECIDE)
def repair_taken_back(number: str) -> Response | tuple[str, int]:
    """Takes back the repair that an application was given; the record is public again as long as its rules say."""
    case = _one(number)
    if case.outcome != "approved" or case.record_id is None:
        raise NotFound("没有可以撤销的修复。", "There is no repair to take back.")
    try:
        portal().repairs.take_back(caller(), case.record_id, request.form.get("reason", ""))
    except InvalidParameter as error:
        return _page(case, {}, messages(error, ("reason",))), 400
    done(_("修复已撤销，记录按规定重新公示。"))
    return redirect(url_for("account.application", number=case.number), 303)


def _one(number: str) -> Case:
    case = portal().room.docket.one(number)
    if case.kind.name not in KINDS:
        raise NotFound("没有这件办件。", "There is no such case.")
    return case


def _page(case: Case, filled: Mapping[str, str], errors: dict[str, str]) -> str:
    today = portal().clock.today()
    about = _about(case)
    record = about is not None
    return render_template(
        "desk_application.html",
        case=case,
        kind=case.kind.words.en if english() else case.kind.words.zh,
        badge=case_badge(case),
        overdue=case.overdue(today),
        filed_on=day_of(case.filed_at).isoformat(),
        fields=_content(case),
        about=about,
        steps=[_step(each) for each in portal().room.docket.events(case)],
        moves=[(move.value, _move_words(move)) for move in _moves(case)],
        outcomes=_outcomes(case),
        proposed=_outcome_words(case),
        taken_back=record and case.outcome == "approved" and somebody().may(Permission.CASES_DECIDE),
        filled=filled,
        errors=errors,
        once=new_once(),
        crumbs=crumbs(Link(_("修复与声明的申请"), url_for("account.applications"))),
        noindex=True,
    )


def _about(case: Case) -> About | None:
    if case.record_id is None or case.subject_code is None:
        return None
    holding = own_holding(case.subject_code, f"record:{case.record_id}")
    record: HeldRecord = own_record(holding, case.record_id)
    return About(
        title=held_title(record),
        public_href=url_for("pages.record", id=record.id) if record.public else "",
        standing=standing_badge(record),
        why=why(record),
        severity=class_words(record.repair.severity) if record.repair is not None else "",
        edition=basis_words(record.repair.edition) if record.repair is not None else "",
        missing=[
            need_words(each) for each in holding.missing(record, portal().clock.today(), corrected(case))
        ],
        fields=fields(record.content, leave_out=("status",)) if record.content is not None else [],
    )


def _content(case: Case) -> list[Field]:
    """What the form said."""
    if case.kind.name == "repair":
        return [
            Field(_("改正并履行完毕的日期"), Cell(day=case.content["corrected_on"])),
            Field(_("改正和履行的情况"), Cell(case.content["text"])),
        ]
    labels = {column.name: column_label(column) for column in kinds()["declaration"].columns}
    return [Field(labels[field], Cell(text)) for field in FIELDS if (text := case.content.get(field))]


def _moves(case: Case) -> list[Move]:
    """What whoever is logged in can do with it now."""
    someone = somebody()
    able: set[Move] = set()
    if someone.account == case.filed_by:
        return []
    if someone.may(Permission.CASES_HANDLE):
        able |= set(case.moves(By.DESK))
        able |= set(case.moves(By.HANDLER)) if case.handler == someone.account else set()
    if someone.may(Permission.CASES_DECIDE) and case.proposed_by != someone.account:
        able |= set(case.moves(By.SECOND))
    if case.handler == someone.account:
        able.discard(Move.TAKE)
    return [move for move in OFFERED if move in able]


def _outcomes(case: Case) -> list[tuple[str, str]]:
    if not {Move.PROPOSE, Move.DECIDE} & set(_moves(case)):
        return []
    return [(code, words.en if english() else words.zh) for code, words in case.kind.outcomes.items()]


def _outcome_words(case: Case) -> str:
    if case.outcome is None:
        return ""
    words = outcome_words(case.kind, case.outcome)
    return words.en if english() else words.zh


def _step(event: Event) -> Step:
    return Step(
        instant(event.at),
        Badge(_move_words(event.move), "neutral"),
        event.name or "",
        event.text or "",
        event.files,
    )


def _move_words(move: Move) -> str:
    words: dict[Move, str] = {
        Move.FILE: _("提交"),
        Move.TAKE: _("认领办理"),
        Move.ASSIGN: _("分派"),
        Move.ASK: _("要求补充"),
        Move.ADD: _("补充"),
        Move.DECIDE: _("办结"),
        Move.PROPOSE: _("提请复核"),
        Move.CONFIRM: _("复核同意"),
        Move.RETURN: _("复核退回"),
        Move.NOTE: _("内部备注"),
        Move.WITHDRAW: _("撤回"),
    }
    return words.get(move, move.value)

"""The lists (名单): who stands on them now, with reason, basis and days."""

from typing import Any, Literal

from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.kinds import kinds
from indexer.kinds.base import Term
from portal import lists
from portal.arguments import Arguments, Day, WrongArguments, arguments
from portal.context import portal
from portal.costs import charge_records
from portal.labels import column_label, word
from portal.pages.cells import cell, day_text, disputed_badge, record_href, subject_link
from portal.pages.components import Badge, Cell, Link, ListCard, NavItem, Pager, Table
from portal.pages.forms import messages
from portal.pages.frame import blueprint, evidence

PAGE = 50
COLUMNS = ("scheme", "reason", "authority", "document_number", "listed_on", "until", "removed_on")


class ListQuestion(Arguments):
    """A list, and what to narrow it to."""

    name: Literal["red", "black", "watch", "abnormal"]
    since: Day | None = None
    region: str | None = None
    cursor: str | None = None


@blueprint.get("/lists")
def all_lists() -> str:
    """The four lists."""
    return render_template("lists.html", lists=list_cards(), crumbs=_crumbs())


@blueprint.get("/lists/<name>")
def one_list(name: str) -> str | tuple[str, int]:
    """One list, newest entry first."""
    try:
        question = arguments(request, ListQuestion, name=name)
    except WrongArguments as error:
        wrong = messages(error, ("since", "region"))
        return _page(ListQuestion.model_validate({"name": name}), wrong), 400
    return _page(question, {})


def _page(question: ListQuestion, errors: dict[str, str]) -> str:
    register = portal().register
    found = (
        lists.entries(register, question.name, question.since, question.region, PAGE, question.cursor)
        if not errors
        else lists.Entries((), None)
    )
    charge_records(len(found.records))
    here: dict[str, Any] = {
        "name": question.name,
        "since": day_text(question.since),
        "region": question.region,
    }
    term = _terms()[question.name]
    return render_template(
        "list.html",
        title=word(term),
        crumbs=[*_crumbs(), Link(_("名单"), url_for("pages.all_lists"))],
        about=_about()[question.name],
        follow_href=url_for("account.follow", list=question.name, region=question.region),
        feed_href=url_for("pages.list_feed", **here),
        tabs=[
            NavItem(word(each), url_for("pages.one_list", name=code), code == question.name)
            for code, each in _terms().items()
        ],
        action=url_for("pages.one_list", name=question.name),
        since=request.args.get("since", ""),
        region=request.args.get("region", ""),
        errors=errors,
        table=_table(found, word(term)) if found.records else None,
        pager=Pager(
            url_for("pages.one_list", **here, cursor=found.next) if found.next else None,
            url_for("pages.one_list", **here) if question.cursor else None,
        ),
        evidence=evidence(register.version()),
    )


def _table(found: lists.Entries, caption: str) -> Table:
    by_name = {column.name: column for column in kinds()["listing"].columns}
    shown = [by_name[name] for name in COLUMNS if any(name in record.values for record in found.records)]
    rows = []
    for record in found.records:
        subject = subject_link(record)
        mark = disputed_badge(record)
        who = Cell(subject.text, subject.href, mark=mark) if subject else Cell(record.name, mark=mark)
        first, *others = (cell(record, column, 100) for column in shown)
        rows.append([who, Cell(first.text or _("查看记录"), record_href(record)), *others])
    return Table(caption, [_("主体"), *(column_label(column) for column in shown)], rows)


def list_title(name: str) -> str:
    """What a list is called."""
    return word(_terms()[name])


def list_cards() -> list[ListCard]:
    """The lists, for choosing one."""
    return [
        ListCard(Badge(word(term), term.tone.value), _about()[code], url_for("pages.one_list", name=code))
        for code, term in _terms().items()
    ]


def _terms() -> dict[str, Term]:
    column = next(column for column in kinds()["listing"].columns if column.name == "list")
    assert column.choices is not None
    return {name: column.choices[name] for name in lists.NAMES}


def _about() -> dict[str, str]:
    return {
        "red": _("依法认定的守信主体。"),
        "black": _("严重失信、失信被执行人、重大税收违法等名单，会在多个领域受限。"),
        "watch": _("被列为重点关注、加强监督检查的主体。"),
        "abnormal": _("被列入经营异常名录的主体；列入本身不限制投标和采购。"),
    }


def _crumbs() -> list[Link]:
    return [Link(_("首页"), url_for("pages.home"))]

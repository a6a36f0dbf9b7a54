"""Cases at the desk (办件办理): what waits, overdue first; one with its story and all that can be done with it now; what a second person decides.

Nobody sees a case of an enterprise that they belong to themselves. Of complaints and questions, text is shown with numbers masked, files and reporter not at all, until somebody takes the case on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response as Page
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.people import Colleague
from indexer.accounts.reach import reach_of
from indexer.accounts.roles import Permission, Role
from indexer.cases import texts
from indexer.cases.case import Case, Contact, Doing
from indexer.cases.kinds import KINDS
from indexer.cases.paths import TABLE, By, Move, State
from indexer.cases.reading import Wanted, no_case
from indexer.errors import InvalidParameter
from indexer.rules.masking import scan
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.arguments import Arguments, arguments
from portal.context import portal
from portal.headers import keep_to_browser
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.case_parts import (
    content,
    give_file,
    move_words,
    once,
    said,
    sent_once,
    shown,
    story,
    version_sent,
)
from portal.pages.components import Link, NavItem, Pager
from portal.pages.forms import messages
from portal.pages.mending import batch_sent, mending

PAGE = 30
SHOWS = ("all", "mine", "unassigned", "overdue", "ended")
Again = Callable[[Case, Move, str, dict[str, str]], str]
FIELDS = ("text", "outcome", "agency", "account")


class DeskQuestion(Arguments):
    """Which cases to show, and the (day, id) that the last page ended with."""

    show: str = "all"
    kind: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be done now: its button, and what has to be filled in."""

    move: Move
    words: str
    text: bool
    outcome: bool
    agency: bool
    account: bool


@blueprint.get("/desk/cases")
@may(Permission.CASES_HANDLE, scoped=True)
def desk_cases() -> str:
    """The list."""
    asked, today, docket = arguments(request, DeskQuestion), portal().clock.today(), portal().room.docket
    if asked.show not in SHOWS or (asked.kind and asked.kind not in KINDS):
        raise InvalidParameter("show", "没有这样的列表。", "there is no such list")
    found = docket.wanted(_wanted(asked), today, PAGE + 1, _after(asked.after))
    kept: dict[str, Any] = {"show": asked.show, "kind": asked.kind or None}
    last = found[PAGE - 1] if len(found) > PAGE else None
    more = url_for("account.desk_cases", **kept, after=f"{last.due_on}.{last.id}") if last else None
    overdue = docket.count(_wanted(DeskQuestion(show="overdue", kind=asked.kind)), today)
    return render_template(
        "desk_cases.html",
        cases=[shown(case, today) for case in found[:PAGE]],
        shows=_shows(asked),
        kinds=_kinds(asked),
        overdue=overdue,
        page="account.desk_case",
        title=_("办件"),
        pager=Pager(more, url_for("account.desk_cases", **kept) if asked.after else None),
        crumbs=crumbs(),
    )


@blueprint.get("/desk/cases/<number>")
@may(Permission.CASES_HANDLE, scoped=True)
def desk_case(number: str) -> str:
    """One of them; a look at what somebody without an account wrote is written down."""
    case = _one(number)
    if case.filed_by is None:
        with acting(portal().accounts.engine, portal().clock, caller()) as act:
            act.note(Act.CASE_VIEWED, f"case:{case.number}")
    return _page(case, None, "", {})


@blueprint.post("/desk/cases/<number>")
@may(Permission.CASES_HANDLE, scoped=True)
def desk_case_moved(number: str) -> Response | tuple[str, int]:
    """Does something with it."""
    case, move = _one(number), move_sent()
    by = By.DESK if move in case.moves(By.DESK) else By.HANDLER
    return move_case(case, move, by, url_for("account.desk_case", number=case.number), _page)


@blueprint.post("/desk/cases/<number>/reporter")
@may(Permission.CASES_HANDLE, scoped=True)
def desk_case_reporter(number: str) -> Page:
    """Who filed it, for the one who handles it."""
    case = _one(number)
    contact = portal().room.reporters.look(caller(), case)
    return keep_to_browser(Page(_page(case, None, "", {}, contact)))


@blueprint.get("/desk/cases/<number>/files/<int:identity>")
@may(Permission.CASES_HANDLE, scoped=True)
def desk_case_file(number: str, identity: int) -> Page:
    """A file that came with it; of one without an account, only for who handles it."""
    case = _one(number)
    if not _open_to_me(case):
        raise no_case()
    return give_file(case, identity, inside=True)


@blueprint.post("/desk/cases/<number>/answer")
@may(Permission.CASES_HANDLE, scoped=True)
def desk_case_answer(number: str) -> Response | tuple[str, int]:
    """Publishes the answer to a question, or takes it back."""
    case, answers = _one(number), portal().room.answers
    if request.form.get("action") == "withdraw":
        answers.withdraw(caller(), case)
        done(_("已撤下，不再公开。"))
    else:
        try:
            answers.publish(caller(), case, request.form.get("question", ""), request.form.get("answer", ""))
        except InvalidParameter as error:
            return _page(case, None, "", messages(error, ("question", "answer"))), 400
        done(_("已公开。"))
    return redirect(url_for("account.desk_case", number=case.number), 303)


@blueprint.post("/desk/cases/<number>/mended")
@may(Permission.CASES_HANDLE, scoped=True)
def desk_case_mended(number: str) -> Response:
    """Names the batch that has mended the record of an upheld objection without a submission of the desk."""
    case = _one(number)
    portal().room.mendings.name(caller(), case, batch_sent(request.form.get("batch", "")))
    done(_("已记下落实的批次。"))
    return redirect(url_for("account.desk_case", number=case.number), 303)


def move_case(case: Case, move: Move, by: By, back: str, again: Again) -> Response | tuple[str, int]:
    """Does what a form of a case says and goes to the address `back`; `again` shows the page with what is wrong in the form."""
    text = request.form.get("text", "")
    try:
        outcome, agency = request.form.get("outcome", "")[:24], request.form.get("agency", "")
        doing = Doing(
            move,
            version_sent(),
            sent_once(),
            texts.lines(text, "text", required=False),
            outcome,
            texts.line(agency, "agency", required=False),
            _colleague(request.form.get("account", ""), case) if move == Move.ASSIGN else None,
        )
        portal().room.cases.do(caller(), by, case, doing)
    except InvalidParameter as error:
        return again(case, move, text, messages(error, FIELDS)), 400
    done(_("已办：%(what)s。", what=move_words(move)))
    return redirect(back, 303)


def _page(
    case: Case, wrong: Move | None, text: str, errors: dict[str, str], contact: Contact | None = None
) -> str:
    me, open_ = somebody().account, _open_to_me(case)
    moves = [move for move in case.moves(By.DESK) if not (move == Move.TAKE and case.handler == me)]
    if case.handler == me:
        moves += case.moves(By.HANDLER)
    if case.filed_by == me:
        moves = []
    room = portal().room
    question = case.kind.name == "question" and case.outcome == "answered"
    return case_page(
        case,
        masked=not open_,
        open=open_,
        offers=[offer(move) for move in moves],
        outcomes=[(name, said(words)) for name, words in case.kind.outcomes.items()],
        colleagues=_colleagues(case),
        agencies=portal().accounts.people.agencies(),
        known=open_ and case.filed_by is None and case.handler == me and room.reporters.known(case),
        contact=contact,
        wrong=wrong,
        text=text,
        errors=errors,
        may_publish=question,
        published=room.answers.of(case) if question else None,
        mending=mending(case, inside=True),
        prepares=somebody().may(Permission.RECORDS_PREPARE),
        draft=(scan(f"{case.title}\n{case.content.get('text', '')}"), scan(case.reason or "")),
        action="account.desk_case_moved",
        files="account.desk_case_file",
        crumbs=crumbs(Link(_("办件"), url_for("account.desk_cases"))),
    )


def case_page(case: Case, *, masked: bool = False, **given: Any) -> str:
    """The page of a case for staff: what is not `given` is neither shown nor offered."""
    nothing: dict[str, Any] = {
        "open": True,
        "outcomes": [],
        "colleagues": [],
        "agencies": [],
        "known": False,
        "contact": None,
        "may_publish": False,
        "published": None,
        "mending": None,
        "prepares": False,
        "draft": ("", ""),
    }
    return render_template(
        "desk_case.html",
        it=shown(case, portal().clock.today()),
        story=story(case, portal().room.docket.events(case), inside=True, masked=masked),
        content=content(case, masked=masked),
        once=once(),
        **nothing | given,
    )


def _open_to_me(case: Case) -> bool:
    """Whether all of a case is for whoever is logged in: of one without an account only while that is who handles it."""
    return case.filed_by is not None or case.handler == somebody().account


def _one(number: str) -> Case:
    """A case that operators handle, by its number; none of an enterprise that whoever is logged in belongs to (回避)."""
    return within(portal().room.docket.one(number), Permission.CASES_HANDLE)


def within(case: Case, permission: Permission) -> Case:
    """A case that is within the reach of whoever is logged in. Raises NotFound for others."""
    someone = somebody()
    if case.subject_code in someone.scopes(Role.ENTERPRISE):
        raise no_case()
    if not case.within(someone.reach(permission), someone.account):
        raise no_case()
    return case


def offer(move: Move) -> Offer:
    """A move as its form."""
    step = next(step for (_state, each), step in TABLE.items() if each == move)
    return Offer(move, move_words(move), step.text, step.outcome, move == Move.TRANSFER, move == Move.ASSIGN)


def move_sent() -> Move:
    """What the form wants done. Raises InvalidParameter `move`."""
    try:
        return Move(request.form.get("move", ""))
    except ValueError:
        raise InvalidParameter("move", "请选择要办的事。", "must be something to do") from None


def _colleagues(case: Case) -> list[Colleague]:
    """Operators of the whole portal, and of agencies or regions that the case is of."""
    return [
        each
        for each in portal().accounts.people.holding(Role.OPERATOR)
        if case.within(reach_of(each.scope), each.account)
    ]


def _colleague(text: str, case: Case) -> int:
    """An operator whom a case is given to. Raises InvalidParameter `account`."""
    known = {str(each.account): each.account for each in _colleagues(case)}
    if text not in known:
        raise InvalidParameter("account", "请选择经办人员。", "must be somebody who handles cases")
    return known[text]


def _wanted(asked: DeskQuestion) -> Wanted:
    return Wanted(
        kinds=frozenset({asked.kind} if asked.kind else KINDS),
        states=frozenset({State.ENDED}) if asked.show == "ended" else frozenset(State) - {State.ENDED},
        handler=somebody().account if asked.show == "mine" else None,
        unassigned=asked.show == "unassigned",
        overdue=asked.show == "overdue",
        without=frozenset(somebody().scopes(Role.ENTERPRISE)),
        reach=somebody().reach(Permission.CASES_HANDLE),
        account=somebody().account,
    )


def _shows(asked: DeskQuestion) -> list[NavItem]:
    words = {
        "all": _("全部在办"),
        "mine": _("我的"),
        "unassigned": _("无人办理"),
        "overdue": _("逾期"),
        "ended": _("已办结"),
    }
    return [
        NavItem(
            words[show], url_for("account.desk_cases", show=show, kind=asked.kind or None), show == asked.show
        )
        for show in SHOWS
    ]


def _kinds(asked: DeskQuestion) -> list[NavItem]:
    every = [("", _("各类")), *((name, said(kind.words)) for name, kind in KINDS.items())]
    return [
        NavItem(words, url_for("account.desk_cases", show=asked.show, kind=name or None), name == asked.kind)
        for name, words in every
    ]


def _after(text: str) -> tuple[date, int] | None:
    day, _dot, own = text.partition(".")
    if not text or not own.isascii() or not own.isdecimal():
        return None
    try:
        return date.fromisoformat(day), int(own[:18])
    except ValueError:
        return None

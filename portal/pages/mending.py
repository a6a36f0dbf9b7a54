"""What pages about an upheld objection say of its effect: by when the record has to be mended, what is under way, which batch mended it."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from indexer.accounts.reach import Reach
from indexer.cases.case import Case
from indexer.cases.mending import Change, term_of
from indexer.desk.submissions import NOTE_LONGEST, State, Submission
from indexer.errors import InvalidParameter, NotFound
from indexer.rules.masking import scan
from portal.context import portal
from portal.pages.components import Badge, Instant
from portal.pages.desk_frame import state_badge
from portal.pages.frame import instant


@dataclass(frozen=True, slots=True)
class Mending:
    """The effect of an upheld objection. `due` is an ISO day, `rule` says in words where that comes from."""

    case: Case
    due: str
    provisional: bool
    overdue: bool
    rule: str
    mended: Instant | None
    under_way: list[tuple[Submission, Badge]]
    changes: list[tuple[Change, Instant]]
    correct_href: str
    remove_href: str


def mending(case: Case, *, inside: bool) -> Mending | None:
    """What is to be said of a case; None where it is no objection that was upheld. `inside`: for the desk, with what it can do."""
    if not case.upheld or case.record_id is None:
        return None
    room, desk = portal().room, portal().desk
    term, open_ = term_of(case, portal().calendar), case.mended_in is None
    return Mending(
        case=case,
        due=term.due.date.isoformat(),
        provisional=term.due.provisional,
        overdue=term.overdue(case, portal().clock.today()),
        rule=_rule_words(term.rule.value, term.rule.source, term.rule.verified),
        mended=instant(case.mended_at) if case.mended_at is not None else None,
        under_way=[
            (each, state_badge(each.state))
            for each in desk.submissions.of_case(case.id)
            if inside or each.state in (State.SUBMITTED, State.APPROVED)
        ]
        if open_
        else [],
        changes=[(each, instant(each.recorded_at)) for each in room.mendings.changes(case)]
        if inside and open_
        else [],
        correct_href=url_for("account.desk_correct", record=case.record_id, case=case.number),
        remove_href=url_for("account.desk_remove", record=case.record_id, case=case.number),
    )


def unmended(without: frozenset[str], limit: int, reach: Reach, account: int) -> list[Mending]:
    """Upheld objections within a reach whose records wait to be mended, the longest since first."""
    found = portal().room.docket.unmended(limit, without, reach, account)
    return [shown for case in found if (shown := mending(case, inside=False)) is not None]


def case_to_mend(number: str, record: str) -> Case | None:
    """The upheld objection that a form at the desk names, None where it names none. Raises NotFound for one of another record."""
    if not number:
        return None
    case = portal().room.docket.one(number)
    if not case.upheld or case.record_id != record:
        raise NotFound("没有这样的成立的异议。", "There is no such objection that was upheld.")
    return case


def drafted_reason(case: Case | None) -> str:
    """What the form begins with as its reason: that of the decision, with numbers of persons masked, since it becomes public.

    In Chinese whatever the operator reads, as all that stands in the register.
    """
    if case is None:
        return ""
    said = " ".join(scan(case.reason or "").split())
    return f"经异议核实：{said}"[:NOTE_LONGEST]


def batch_sent(text: str) -> int:
    """The number of a batch from a form. Raises InvalidParameter `batch`."""
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise InvalidParameter("batch", "请选择批次。", "must be the number of a batch")
    return int(text)


def _rule_words(days: int, source: str, verified: bool) -> str:
    words = _("决定后 %(n)s 个工作日内更正（依据：%(source)s）", n=days, source=source)
    return str(words if verified else _("%(basis)s（条文待核对）", basis=words))

"""Kinds of cases (办件种类), as one table: who files, by when it is due and by which rule, which moves it knows, how it may end.

Numbers of days stand in `indexer/rules/periods.toml`, dated, each with its source; the rules are named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from indexer.cases.paths import EVERYBODY, HANDED_ON, ONE_DECIDES, TWO_DECIDE, Move, State
from indexer.rules.periods import period
from indexer.rules.workdays import Calendar, Due


@dataclass(frozen=True, slots=True)
class Words:
    """A term in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CaseKind:
    """A kind of case. `filed_by` says who files it: somebody of an enterprise, or anyone, who then gets a secret.

    `accept_rule`: the period until it is accepted or refused; None where it is accepted by being filed. `decide_rule`: the period until it
    ends, from the day of filing. `extension_rule`: how much later once; None where never. `outcomes` are those that a decision chooses from.
    `one_open`: of each record only one may be open; an index of the database holds it (`models.OPEN_REPAIR`).
    """

    name: str
    words: Words
    filed_by: Literal["enterprise", "anyone"]
    accept_rule: str | None
    decide_rule: str
    extension_rule: str | None
    outcomes: Mapping[str, Words]
    two_decide: bool = False
    one_open: bool = False
    further: frozenset[Move] = field(default_factory=frozenset)

    @property
    def moves(self) -> frozenset[Move]:
        """The moves that cases of this kind know."""
        known = EVERYBODY | self.further | (TWO_DECIDE if self.two_decide else ONE_DECIDES)
        if self.accept_rule is not None:
            known |= {Move.ACCEPT, Move.REFUSE}
        return known | {Move.EXTEND} if self.extension_rule is not None else known

    @property
    def start(self) -> State:
        """Where its cases begin."""
        return State.FILED if self.accept_rule is not None else State.ACCEPTED

    def first_due(self, filed: date, calendar: Calendar) -> Due:
        """The first day by which somebody has to act."""
        return period(self.accept_rule or self.decide_rule, filed).due(filed, calendar)

    def decision_due(self, since: date, calendar: Calendar) -> Due:
        """The day by which a case has to end that is counted from `since`."""
        return period(self.decide_rule, since).due(since, calendar)

    def extended(self, due: date, calendar: Calendar) -> Due:
        """The later day of a case that was due on `due`, with the rule of that day."""
        assert self.extension_rule is not None
        return period(self.extension_rule, due).due(due, calendar)


NOT_ACCEPTED, WITHDRAWN = "not-accepted", "withdrawn"
UPHELD = "upheld"

BY_MOVES: Mapping[str, Words] = {
    NOT_ACCEPTED: Words("不予受理", "Not accepted"),
    WITHDRAWN: Words("申请人撤回", "Withdrawn by who filed it"),
}
"""Outcomes of every kind, each of which comes from a move of its own."""

KINDS: Mapping[str, CaseKind] = {
    kind.name: kind
    for kind in (
        CaseKind(
            name="objection",
            words=Words("异议", "Objection"),
            filed_by="enterprise",
            accept_rule=None,
            decide_rule="objection.answer",
            extension_rule="objection.extension",
            outcomes={
                UPHELD: Words("异议成立", "Upheld"),
                "rejected": Words("异议不成立", "Rejected"),
            },
        ),
        CaseKind(
            name="repair",
            words=Words("信用修复", "Credit repair"),
            filed_by="enterprise",
            accept_rule=None,
            decide_rule="repair.result",
            extension_rule=None,
            outcomes={
                "approved": Words("准予修复", "Approved"),
                "rejected": Words("不予修复", "Rejected"),
            },
            two_decide=True,
            one_open=True,
        ),
        CaseKind(
            name="declaration",
            words=Words("自我声明", "Declaration"),
            filed_by="enterprise",
            accept_rule=None,
            decide_rule="declaration.review",
            extension_rule=None,
            outcomes={
                "approved": Words("准予公示", "Approved"),
                "rejected": Words("不予公示", "Rejected"),
            },
        ),
        CaseKind(
            name="complaint",
            words=Words("投诉举报", "Complaint"),
            filed_by="anyone",
            accept_rule="complaint.accept",
            decide_rule="report.decide",
            extension_rule="report.extension",
            outcomes={
                "confirmed": Words("属实，已处理", "Confirmed and dealt with"),
                "partly": Words("部分属实，已处理", "Partly confirmed and dealt with"),
                "unfounded": Words("不属实", "Unfounded"),
                "unclear": Words("无法查实", "Could not be verified"),
                "handed-over": Words("已移送有权机关", "Handed over to the competent authority"),
            },
            further=HANDED_ON | {Move.ANSWER},
        ),
        CaseKind(
            name="question",
            words=Words("咨询", "Question"),
            filed_by="anyone",
            accept_rule=None,
            decide_rule="question.answer",
            extension_rule=None,
            outcomes={
                "answered": Words("已答复", "Answered"),
                "elsewhere": Words("不属本机关，已告知去处", "Not ours; told where to ask"),
            },
            further=HANDED_ON | {Move.ANSWER},
        ),
    )
}
"""Name → kind."""


def outcome_words(kind: CaseKind, outcome: str) -> Words:
    """An outcome in words."""
    return kind.outcomes[outcome] if outcome in kind.outcomes else BY_MOVES[outcome]

"""The versions of the rule (规则版本): proposed with a preview, approved by a second person, in force from a day, kept for good."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.four_eyes import APPROVED, PROPOSED, REFUSED, decide, proposal
from indexer.accounts.models import Account
from indexer.clock import Clock
from indexer.errors import InvalidParameter, NotFound
from indexer.register.database import reading
from indexer.supervision.grading import Grading, Moves
from indexer.supervision.models import RuleVersion as Row
from indexer.supervision.rule import EXAMPLE, Rule, read_rule


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A version of the rule, as the desk reads it."""

    id: int
    content: str
    effective_from: date
    moves: Moves
    state: str
    reason: str
    proposed_by: int
    proposer: str
    proposed_at: datetime
    decided_at: datetime | None
    decision: str | None


def in_force(connection: Connection, day: date) -> tuple[int, Rule] | None:
    """The version that holds on a day: of the approved ones that have begun the latest to begin, of these the last approved."""
    asked = (
        select(Row.id, Row.content)
        .where(Row.state == APPROVED, Row.effective_from <= day)
        .order_by(Row.effective_from.desc(), Row.decided_at.desc(), Row.id.desc())
        .limit(1)
    )
    row = connection.execute(asked).first()
    return (row.id, read_rule(row.content)) if row is not None else None


class Rulebook:
    """All versions of the rule."""

    def __init__(self, engine: Engine, clock: Clock, grading: Grading) -> None:
        self.engine, self.clock, self.grading = engine, clock, grading

    def current(self) -> tuple[int, Rule] | None:
        """The version of today, with its number."""
        with reading(self.engine) as connection:
            return in_force(connection, self.clock.today())

    def rule(self) -> Rule | None:
        """The rule of today."""
        found = self.current()
        return found[1] if found is not None else None

    def rule_of(self, number: int) -> Rule:
        """The rule of a version. Raises NotFound."""
        return read_rule(self.one(number).content)

    def draft(self) -> str:
        """What an editor begins with: the version of today, else the example."""
        found = self.current()
        return self.one(found[0]).content if found is not None else EXAMPLE.read_text(encoding="utf-8")

    def preview(self, content: str) -> Moves:
        """What a rule would change today. Raises RuleRefused."""
        return self.grading.preview(self.rule(), read_rule(content))

    def propose(self, caller: Caller, content: str, effective_from: date, reason: str) -> int:
        """Propose a rule. Raises RuleRefused, InvalidParameter `effective_from` or `reason`."""
        if effective_from < self.clock.today():
            raise InvalidParameter(
                "effective_from",
                "生效日期不能早于今天：已作的分级不追溯。",
                "must be today or later: grades are not changed back",
            )
        moves = self.preview(content)
        with acting(self.engine, self.clock, caller) as act:
            values = proposal(act, reason) | {
                "content": content,
                "effective_from": effective_from,
                "preview": asdict(moves),
            }
            number: int = act.connection.execute(insert(Row).values(**values).returning(Row.id)).scalar_one()
            act.note(
                Act.RULE_PROPOSED, f"supervision-rule:{number}", after=f"{effective_from} {values['reason']}"
            )
        return number

    def decide(self, caller: Caller, number: int, approved: bool, reason: str) -> None:
        """Approve or refuse a version. One that is approved after its day holds from the day of the approval.

        Raises InvalidParameter `reason`, NotFound, Conflict.
        """
        with acting(self.engine, self.clock, caller) as act:
            row = decide(act, Row, number, APPROVED if approved else REFUSED, reason)
            today = self.clock.today()
            if approved and row.effective_from < today:
                act.connection.execute(update(Row).where(Row.id == number).values(effective_from=today))
            act.note(
                Act.RULE_DECIDED,
                f"supervision-rule:{number}",
                after=f"{row.state} {row.decision or ''}".strip(),
            )

    def one(self, number: int) -> RuleVersion:
        """A version. Raises NotFound."""
        found = self._some(Row.id == number)
        if not found:
            raise NotFound("没有这一版规则。", "There is no such version of the rule.")
        return found[0]

    def versions(self) -> list[RuleVersion]:
        """The last hundred versions, the newest first."""
        return self._some(Row.state.in_((PROPOSED, APPROVED, REFUSED)))

    def _some(self, condition: Any) -> list[RuleVersion]:
        asked = (
            select(Row, Account.name)
            .join(Account, Account.id == Row.proposed_by)
            .where(condition)
            .order_by(Row.id.desc())
            .limit(100)
        )
        with reading(self.engine) as connection:
            rows = connection.execute(asked).all()
        return [
            RuleVersion(
                *(row.id, row.content, row.effective_from, _moves(row.preview), row.state, row.reason),
                *(row.proposed_by, row.name, row.proposed_at, row.decided_at, row.decision),
            )
            for row in rows
        ]


def _moves(kept: dict[str, Any]) -> Moves:
    return Moves(
        kept["looked_at"],
        tuple((old, new, count) for old, new, count in kept["moves"]),
        tuple((code, name, old, new) for code, name, old, new in kept["examples"]),
    )

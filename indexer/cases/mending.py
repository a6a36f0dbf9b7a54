"""Mending (落实更正): an objection that was upheld is put into effect only by a batch that corrects its record or takes it down.

By when, says the rule `correction` of `indexer/rules/periods.toml`: two work days after the decision, a stand-in that each place sets for
itself (domain.md part 6 marks it as unverified). The batch is that of a submission made from the case, which takes two persons as every
submission does; or one that mended the record anyhow, such as a new file of the source, which an operator names.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Engine, select, update

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.letters import Mailbox
from indexer.accounts.models import Account
from indexer.accounts.people import Conflict
from indexer.cases.case import Case
from indexer.cases.models import Case as Row
from indexer.clock import Clock, day_of
from indexer.errors import NotFound
from indexer.register.database import reading
from indexer.register.models import Batch, Version
from indexer.rules.periods import Period, period
from indexer.rules.workdays import Calendar, Due

RULE = "correction"


@dataclass(frozen=True, slots=True)
class Term:
    """By when a record has to be mended, by which entry of the rules."""

    rule: Period
    due: Due

    def overdue(self, case: Case, today: date) -> bool:
        """Whether it was not mended in time, or is not yet."""
        done = day_of(case.mended_at) if case.mended_at is not None else today
        return done > self.due.date


@dataclass(frozen=True, slots=True)
class Change:
    """A batch that changed the record since the decision."""

    batch: int
    recorded_at: datetime
    source: str | None
    change: str


def term_of(case: Case, calendar: Calendar) -> Term:
    """The term of an objection that was upheld, counted from the day of the decision."""
    assert case.ended_at is not None
    decided = day_of(case.ended_at)
    rule = period(RULE, decided)
    return Term(rule, rule.due(decided, calendar))


def mended(
    connection: Connection, mailbox: Mailbox, at: datetime, caller: Caller, case: int, batch: int
) -> bool:
    """Say of a case that a batch has mended its record, within the batch's own transaction, and tell who filed it.

    False where another batch, which stands, has mended it already.
    """
    row = update(Row).where(Row.id == case, _free()).values(mended_in=batch)
    told = connection.execute(
        row.returning(Row.number, Row.filed_by, Row.subject_code, Row.record_id)
    ).first()
    if told is None:
        return False
    mail = connection.scalar(select(Account.mail).where(Account.id == told.filed_by))
    if mail:
        path = f"/enterprise/{told.subject_code}/cases/{told.number}"
        mailbox.put(Acting(connection, at, caller), mail, "case-mended", path, {"number": told.number})
    return True


class Mendings:
    """Records that other batches have mended."""

    def __init__(self, engine: Engine, clock: Clock, mailbox: Mailbox) -> None:
        self.engine, self.clock, self.mailbox = engine, clock, mailbox

    def changes(self, case: Case) -> list[Change]:
        """The batches that have changed the record since the decision and stand, the newest first."""
        with reading(self.engine) as connection:
            return _changes(connection, case)

    def name(self, caller: Caller, case: Case, batch: int) -> None:
        """Say that a batch which came anyhow has mended the record. Raises NotFound where it changed nothing of it, Conflict where it is mended."""
        with acting(self.engine, self.clock, caller) as act:
            if batch not in [each.batch for each in _changes(act.connection, case)]:
                raise NotFound("这个批次没有改动这条记录。", "This batch did not change the record.")
            if not case.upheld or not mended(act.connection, self.mailbox, act.now, caller, case.id, batch):
                raise Conflict("已经落实过了，请刷新后再看。", "It is mended already: look again.")
            act.note(Act.CASE_MENDED, f"case:{case.number}", after=f"batch:{batch}")


def _changes(connection: Connection, case: Case) -> list[Change]:
    asked = (
        select(Batch.id, Batch.recorded_at, Batch.source, Version.change)
        .join(Version, Version.recorded_in == Batch.id)
        .where(Version.record_id == case.record_id, Batch.recorded_at > case.ended_at)
        .where(Batch.withdrawn_in.is_(None))
        .order_by(Batch.id.desc())
    )
    return [
        Change(row.id, row.recorded_at, row.source, row.change)
        for row in connection.execute(asked)
        if row.recorded_at is not None
    ]


def _free() -> ColumnElement[bool]:
    """No batch has mended it yet, or none that stands."""
    undone = select(Batch.id).where(Batch.id == Row.mended_in, Batch.withdrawn_in.is_not(None))
    return Row.mended_in.is_(None) | undone.exists()

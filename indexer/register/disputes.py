"""Objections to records (异议), as far as the public sees them: the mark while one is open, its outcome in the record's history.

domain.md part 6: a record is marked "异议处理中" at once. Who objects and why stays in the case; see docs/cases.md.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.clock import day_of
from indexer.errors import ZhixinError
from indexer.kinds import kinds
from indexer.register.database import reading
from indexer.register.models import Dispute as Row
from indexer.register.models import Subject, Touched, Version
from indexer.rules.masking import scan


class DisputedAlready(ZhixinError):
    """Somebody's objection to this record is being looked at."""

    code = "disputed-already"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "这条记录的异议正在处理，请等结果，或在原异议中补充。",
            "An objection to this record is being looked at: wait for it, or add to it.",
        )


@dataclass(frozen=True, slots=True)
class Dispute:
    """One objection: since when, until when, how it ended and why. `ended_at` is None while it is open."""

    opened_on: date
    ended_at: datetime | None
    outcome: str | None
    reason: str | None


def open_dispute(connection: Connection, record: str, at: datetime) -> None:
    """Mark a record, within the transaction of what does it. Raises DisputedAlready, after which the transaction is of no more use."""
    try:
        connection.execute(insert(Row).values(record_id=record, opened_at=at, opened_on=day_of(at)))
    except IntegrityError:
        raise DisputedAlready from None
    connection.execute(insert(Touched).values(record_id=record))


def end_dispute(connection: Connection, record: str, at: datetime, outcome: str, reason: str | None) -> None:
    """Take the mark off, within the transaction of what does it."""
    row = update(Row).where(Row.record_id == record, Row.ended_at.is_(None))
    connection.execute(row.values(ended_at=at, outcome=outcome, reason=reason))
    connection.execute(insert(Touched).values(record_id=record))


def disputes_of(engine: Engine, record: str) -> list[Dispute]:
    """All objections to a record, oldest first; numbers of persons in a reason are masked. For records that have passed the door."""
    asked = (
        select(Row.opened_on, Row.ended_at, Row.outcome, Row.reason)
        .where(Row.record_id == record)
        .order_by(Row.opened_at)
    )
    with reading(engine) as connection:
        return [
            Dispute(row.opened_on, row.ended_at, row.outcome, scan(row.reason) if row.reason else None)
            for row in connection.execute(asked)
        ]


def held_about(engine: Engine, record: str, uscc: str) -> str | None:
    """The title of a record that is held about an enterprise, public or not; None where it has no such record."""
    asked = (
        select(Version.kind, Version.payload, Version.name)
        .join(Subject, Subject.id == Version.subject_id)
        .where(Version.record_id == record, Version.superseded_in.is_(None), Subject.uscc == uscc)
        .where(Version.change != "withdrawn")
    )
    with reading(engine) as connection:
        row = connection.execute(asked).first()
    if row is None:
        return None
    kind = kinds()[row.kind]
    title = (row.payload or {}).get(kind.title) or row.name
    return f"{kind.label}：{title}" if title else kind.label

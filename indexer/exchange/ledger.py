"""The ledger (交换台账): every delivery made, sent, acknowledged, arrived or refused, in both directions. Rows are only added."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine, insert, select

from indexer.exchange.models import LedgerRow as Row
from indexer.register.database import reading


class Event(StrEnum):
    """What happened to a delivery."""

    MADE = "made"
    SENT = "sent"
    FAILED = "failed"  # could not be sent; tried again later
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"  # nothing of it was taken
    ARRIVED = "arrived"
    AGAIN = "again"  # the same once more
    GAP = "gap"  # one before it is missing
    GIVEN = "given"  # to the desk or the register
    SETTLED = "settled"  # acknowledged by us, in the end
    HINDERED = "hindered"  # the partner can not be reached


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger."""

    event: Event
    outgoing: bool
    series: int
    sequence: int
    rows: int = 0
    removals: int = 0
    rejected: int = 0
    digest: str | None = None
    detail: str | None = None
    at: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for in the ledger of a partner: all that is named holds; `below` is where the last page ended."""

    outgoing: bool | None = None
    event: Event | None = None
    sequence: int | None = None
    below: int | None = None


def enter(connection: Connection, at: datetime, partner: int, entry: Entry) -> None:
    """Write an entry, within the transaction of what it tells."""
    connection.execute(
        insert(Row).values(
            at=at,
            partner_id=partner,
            outgoing=entry.outgoing,
            series=entry.series,
            sequence=entry.sequence,
            event=str(entry.event),
            rows=entry.rows,
            removals=entry.removals,
            rejected=entry.rejected,
            digest=entry.digest,
            detail=entry.detail[:1000] if entry.detail else None,
        )
    )


def search(engine: Engine, partner: int, question: Question, limit: int) -> list[Entry]:
    """The newest entries of a partner that answer a question."""
    asked = select(Row.__table__).where(Row.partner_id == partner).order_by(Row.id.desc()).limit(limit)
    if question.outgoing is not None:
        asked = asked.where(Row.outgoing == question.outgoing)
    if question.event is not None:
        asked = asked.where(Row.event == str(question.event))
    if question.sequence is not None:
        asked = asked.where(Row.sequence == question.sequence)
    if question.below is not None:
        asked = asked.where(Row.id < question.below)
    with reading(engine) as connection:
        return [
            Entry(
                *(Event(row.event), row.outgoing, row.series, row.sequence, row.rows, row.removals),
                *(row.rejected, row.digest, row.detail, row.at, row.id),
            )
            for row in connection.execute(asked)
        ]

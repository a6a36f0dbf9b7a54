"""Where partners stand (对接状态), for pages: what was sent last, what is acknowledged, what waits and what is late; what could not be sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from indexer.exchange.held import newest_that_went
from indexer.exchange.manifest import address_of
from indexer.exchange.models import DeliveryRow, ReceiptRow, RemovalRow, UnsentRow
from indexer.exchange.partners import Partners, Standing
from indexer.register.database import reading


@dataclass(frozen=True, slots=True)
class PartnerState:
    """How a partner stands. `late_since` is when the oldest delivery that is not settled should have been."""

    partner: Standing
    last_sent: str | None
    last_sent_at: datetime | None
    last_settled: str | None
    last_settled_at: datetime | None
    waiting: int
    late: int
    late_since: datetime | None
    refused: int
    unsent: int
    last_received: str | None
    last_received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unsent:
    """A record that is not at a partner, and why: column and sentence."""

    record: str
    kind: str
    by_partner: bool
    reasons: Sequence[tuple[str, str]]
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Receiver:
    """A partner that got a record (接收单位). Of a removal `reason` says why; `confirmed_at` is when the partner said it has dropped it, or
    where it says nothing when it was sent; `late_since` is set when that should have been by then.
    """

    title: str
    delivery: str
    sent_at: datetime | None
    reason: str | None = None
    removal_sent_at: datetime | None = None
    confirmed_at: datetime | None = None
    late_since: datetime | None = None

    @property
    def removed(self) -> bool:
        """Whether the partner has to drop it."""
        return self.reason is not None


def states(engine: Engine, everybody: Sequence[Standing], now: datetime) -> list[PartnerState]:
    """How some partners stand."""
    with reading(engine) as connection:
        return [_state(connection, each, now) for each in everybody]


def unsent(engine: Engine, partner: int, after: str, limit: int, kind: str = "") -> list[Unsent]:
    """The records that are not at a partner, by their addresses, from the one after `after` on."""
    asked = select(UnsentRow.__table__).where(UnsentRow.partner_id == partner, UnsentRow.record_id > after)
    if kind:
        asked = asked.where(UnsentRow.kind == kind)
    with reading(engine) as connection:
        rows = connection.execute(asked.order_by(UnsentRow.record_id).limit(limit)).all()
    return [
        Unsent(
            *(row.record_id, row.kind, row.by_partner),
            *([(column, zh) for column, zh in row.reasons], row.found_at),
        )
        for row in rows
    ]


def receivers(partners: Partners, records: Collection[str]) -> dict[str, list[Receiver]]:
    """Which partners got each of some records of one enterprise, and of those that had to drop it which has confirmed and which is late."""
    now = partners.clock.now()
    found: dict[str, list[Receiver]] = {}
    if not records:
        return found
    everybody = partners.all()
    with reading(partners.engine) as connection:
        for partner in everybody:
            went = newest_that_went(connection, partner, records, even_removed=True)
            if not went:
                continue
            own = RemovalRow.partner_id == partner.id
            removals = _removals(connection, own & RemovalRow.record_id.in_(list(went)))
            of = {each.delivery for each in went.values()} | {
                row.delivery_id for row in removals.values() if row.delivery_id is not None
            }
            listed = select(DeliveryRow.__table__).where(DeliveryRow.id.in_(of))
            deliveries = {row.id: row for row in connection.execute(listed)}
            for record, each in went.items():
                removal = removals.get(record)
                ended = removal if removal is not None and removal.version_id >= each.version else None
                told = _receiver(partner, deliveries[each.delivery], ended, deliveries, now)
                found.setdefault(record, []).append(told)
    return found


def _removals(connection: Connection, wanted: ColumnElement[bool]) -> dict[str, Any]:
    """The newest removal of each record."""
    asked = select(RemovalRow.__table__).where(wanted).order_by(RemovalRow.version_id)
    return {row.record_id: row for row in connection.execute(asked)}


def _receiver(
    partner: Standing, sent: Any, removal: Any, deliveries: Mapping[int, Any], now: datetime
) -> Receiver:
    delivery = address_of(sent.series, sent.sequence)
    if removal is None:
        return Receiver(partner.it.title, delivery, sent.sent_at)
    by = deliveries.get(removal.delivery_id)  # None as long as it is in no delivery
    confirmed = by.settled_at if by is not None else None
    due = removal.found_at + timedelta(hours=partner.it.acknowledge_hours)
    return Receiver(
        partner.it.title,
        delivery,
        sent.sent_at,
        removal.reason,
        by.sent_at if by is not None else None,
        confirmed,
        due if confirmed is None and due < now else None,
    )


def _state(connection: Connection, partner: Standing, now: datetime) -> PartnerState:
    own = DeliveryRow.partner_id == partner.id
    newest = select(DeliveryRow.__table__).where(own).order_by(DeliveryRow.id.desc()).limit(1)
    sent = connection.execute(newest.where(DeliveryRow.sent_at.is_not(None))).first()
    settled = connection.execute(newest.where(DeliveryRow.state == "settled")).first()
    open_ = own & DeliveryRow.state.in_(("waiting", "sent", "refused"))
    counted = connection.execute(
        select(func.count(), func.min(DeliveryRow.due_at)).where(open_ & (DeliveryRow.due_at < now))
    ).one()
    got = select(ReceiptRow.__table__).where(ReceiptRow.partner_id == partner.id)
    received = connection.execute(got.order_by(ReceiptRow.id.desc()).limit(1)).first()
    return PartnerState(
        partner,
        *_named(sent, "sent_at"),
        *_named(settled, "settled_at"),
        waiting=connection.scalar(select(func.count()).where(open_)) or 0,
        late=counted[0],
        late_since=counted[1],
        refused=connection.scalar(select(func.count()).where(own, DeliveryRow.state == "refused")) or 0,
        unsent=connection.scalar(select(func.count()).where(UnsentRow.partner_id == partner.id)) or 0,
        last_received=_named(received, "received_at")[0],
        last_received_at=_named(received, "received_at")[1],
    )


def _named(row: Any, instant: str) -> tuple[str | None, datetime | None]:
    if row is None:
        return None, None
    return address_of(row.series, row.sequence), getattr(row, instant)

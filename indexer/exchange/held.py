"""Which partner holds which record (对方持有): worked out, not written down.

A version went to a partner when a delivery of the current series reaches up to it, the version stood in the state of the register that the
delivery was made in, the public could see it on that day, and the partner gets records of its kind and region; unless it stands among those
that could not be sent. A partner holds the newest version that went, unless a removal was made for it since. So a province's 10^8 records
cost no row per partner, and the question is asked for some thousand records at once, by indexes (decision 0019).
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from indexer.exchange.models import DeliveryRow, RemovalRow, UnsentRow
from indexer.exchange.partners import Partner, Standing
from indexer.exchange.regions import belongs
from indexer.kinds.base import Value
from indexer.register.bulk import among
from indexer.register.models import Subject, Version

KEYS = ("document_number", "number", "list", "scheme", "issuer", "rated_on", "listed_on", "title")
"""Columns by which a partner finds a record that it holds; it has them already."""

EARLIER = 3
"""Series that are looked at besides one that is being loaded: so many may have been begun and not ended."""


@dataclass(frozen=True, slots=True)
class Went:
    """A version that went to a partner: by which delivery, and what identifies its record there."""

    version: int
    record: str
    kind: str
    subject: int | None
    delivery: int
    keys: dict[str, str]


def gets(partner: Partner, kind: str, region: str | None, uscc: str | None) -> bool:
    """Whether a partner gets records of a kind and region."""
    return kind in partner.gets and belongs(partner.sent_regions, region, uscc)


def newest_that_went(
    connection: Connection, partner: Standing, records: Collection[str], *, even_removed: bool = False
) -> dict[str, Went]:
    """Of some thousand records the version that the partner holds, by record; with `even_removed`, also what it had to drop since.

    While a new series is being loaded, what those before brought still counts.
    """
    found: dict[str, Went] = {}
    earliest = partner.series if partner.loaded else max(partner.series - EARLIER, 1)
    for series in range(partner.series, earliest - 1, -1):
        for record, rows in _chains(connection, partner.id, series, records).items():
            went = next((row for row in reversed(rows) if _went(partner.it, row)), None)
            if went is None or record in found:
                continue
            if even_removed or went.removed is None or went.removed < went.id:
                found[record] = _told(went)
    return found


def _chains(
    connection: Connection, partner: int, series: int, records: Collection[str]
) -> dict[str, list[Any]]:
    """All versions of some records, oldest first, each with the delivery that reached up to it."""

    def covering(column: Any) -> Any:
        reached = (DeliveryRow.partner_id == partner) & (DeliveryRow.series == series)
        first = select(column).where(reached, DeliveryRow.through >= Version.id)
        return first.order_by(DeliveryRow.through, DeliveryRow.id).limit(1).scalar_subquery()

    own: ColumnElement[bool] = (RemovalRow.partner_id == partner) & (
        RemovalRow.record_id == Version.record_id
    )
    removed = select(func.max(RemovalRow.version_id)).where(own).scalar_subquery()
    unsent = (UnsentRow.partner_id == partner) & (UnsentRow.record_id == Version.record_id)
    asked = (
        select(
            *(Version.id, Version.record_id, Version.kind, Version.subject_id, Version.region),
            *(Version.superseded_in, Version.withheld, Version.change, Version.public_from),
            *(Version.public_until, Version.payload, Subject.uscc, Subject.code, Subject.name),
            covering(DeliveryRow.id).label("delivery"),
            covering(DeliveryRow.register_version).label("stood_at"),
            covering(DeliveryRow.day).label("day"),
            removed.label("removed"),
            UnsentRow.first_version_id.label("unsent_from"),
            UnsentRow.version_id.label("unsent_to"),
        )
        .join(Subject, Subject.id == Version.subject_id, isouter=True)
        .join(UnsentRow, unsent, isouter=True)
        .where(among(connection, Version.record_id, records))
        .order_by(Version.id)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(asked):
        found[row.record_id].append(row)
    return found


def _went(partner: Partner, row: Any) -> bool:
    if row.delivery is None or row.change == "withdrawn" or row.withheld is not None:
        return False
    if row.unsent_from is not None and row.unsent_from <= row.id <= row.unsent_to:
        return False
    stood = row.superseded_in is None or row.superseded_in > row.stood_at
    day: date = row.day
    shown = row.public_until is None or row.public_until >= day
    return stood and shown and gets(partner, row.kind, row.region, row.uscc)


def _told(row: Any) -> Went:
    payload: dict[str, Value] = row.payload or {}
    keys = {name: str(payload[name]) for name in KEYS if name in payload}
    code = row.uscc or row.code
    if code:
        keys["code"] = code
    return Went(row.id, row.record_id, row.kind, row.subject_id, row.delivery, keys)

"""Repair in the register (信用修复): one batch sets the day of repair of one record, which ends its publication everywhere, or takes it back.

The record stays, with all its versions; the door hides it. No file of a source undoes it: 修复日期 lasts (`Kind.lasting`), so only
`take_back_repair` does.
"""

from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from indexer.clock import Clock
from indexer.errors import NotFound, ZhixinError
from indexer.kinds import kinds
from indexer.register.changes import Observer
from indexer.register.database import take_turn
from indexer.register.models import VERSIONS, Batch, Version
from indexer.register.publishing import Tally, close_batch, open_batch
from indexer.register.withdrawing import version_change

REPAIRED_ON = "repaired_on"
REPAIRED, TAKEN_BACK = "repair", "unrepair"  # actions of a batch


class NotRepairable(ZhixinError):
    """The record is of no kind that is repaired, was repaired before, or was not."""

    code = "not-repairable"
    status = 409


def set_repaired(connection: Connection, clock: Clock, record: str, reason: str) -> int:
    """Write into a record that it is repaired from today; gives the batch. Raises NotFound, NotRepairable, DatabaseBusy.

    Within the transaction of `connection`, which has to be written in; its batch is stamped last, so end it soon.
    """
    current = _current(connection, record)
    if REPAIRED_ON in current["payload"]:
        raise NotRepairable("这条记录已经修复。", "This record is repaired already.")
    payload = current["payload"] | {REPAIRED_ON: clock.today().isoformat()}
    return _amended(connection, clock, current, payload, REPAIRED, reason)


def take_back_repair(
    connection: Connection, clock: Clock, record: str, reason: str, observe: Observer | None = None
) -> int:
    """Take the repair of a record back, told to `observe`, so that the rules of publicity hold again; gives the batch.

    Raises as `set_repaired`.
    """
    current = _current(connection, record)
    if REPAIRED_ON not in current["payload"]:
        raise NotRepairable("这条记录没有修复过。", "This record is not repaired.")
    payload = {name: value for name, value in current["payload"].items() if name != REPAIRED_ON}
    if observe is not None:
        observe(version_change(current, current | {"payload": payload}))
    return _amended(connection, clock, current, payload, TAKEN_BACK, reason)


def _current(connection: Connection, record: str) -> dict[str, Any]:
    take_turn(connection)
    asked = (
        select(*VERSIONS.c, Batch.source)
        .join(Batch, Batch.id == Version.recorded_in)
        .where(Version.record_id == record, Version.superseded_in.is_(None))
    )
    row = connection.execute(asked).mappings().first()
    if row is None or row["payload"] is None:
        raise NotFound("没有这条记录，或它已被撤下。", "There is no such record, or it was withdrawn.")
    if REPAIRED_ON not in kinds()[row["kind"]].lasting:
        raise NotRepairable("这一类记录没有信用修复。", "Records of this kind are not repaired.")
    return dict(row)


def _amended(
    connection: Connection,
    clock: Clock,
    current: dict[str, Any],
    payload: dict[str, Any],
    action: str,
    reason: str,
) -> int:
    """A version like the current one with other values. Its digest stays, so that the row it was made from reads as unchanged."""
    publicity = kinds()[current["kind"]].publicity(payload, clock.today())
    source = current.pop("source")
    batch = open_batch(connection, action=action, kind=current["kind"], source=source, reason=reason)
    connection.execute(update(Version).where(Version.id == current["id"]).values(superseded_in=batch))
    amended = {
        "id": (connection.scalar(select(func.max(Version.id))) or 0) + 1,
        "recorded_in": batch,
        "superseded_in": None,
        "change": "changed",
        "payload": payload,
        "public_from": publicity.public_from,
        "public_until": publicity.public_until,
        "withheld": publicity.withheld,
    }
    connection.execute(insert(VERSIONS).values(**(current | amended)))
    close_batch(connection, clock, batch, Tally(changed=1))
    return batch

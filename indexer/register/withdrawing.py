"""Taking a batch back (撤回): every version it made stops being current, and what stood before stands again."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update

from indexer.batches import batched
from indexer.clock import Clock
from indexer.errors import NotFound, ZhixinError
from indexer.register.bulk import insert_rows
from indexer.register.changes import Observer, RecordChange, content_of
from indexer.register.database import writing
from indexer.register.models import VERSIONS, Batch, Version
from indexer.register.publishing import Tally, close_batch, open_batch, version_row
from indexer.register.subjects import Subjects

UNDONE = ("ingest", "remove")  # actions that can be taken back


class AlreadyWithdrawn(ZhixinError):
    """The batch was withdrawn before, or is no file that was taken in."""

    code = "already-withdrawn"
    status = 409


def withdraw(engine: Engine, clock: Clock, batch: int, reason: str) -> Tally:
    """Take a whole batch back: every version it made stops being current, and what stood before stands again.

    Records that a later batch has changed since stay as that batch left them. Raises NotFound or AlreadyWithdrawn.
    """
    with writing(engine) as connection:
        return withdraw_within(connection, clock, batch, reason)[1]


def withdraw_within(
    connection: Connection, clock: Clock, batch: int, reason: str, observe: Observer | None = None
) -> tuple[int, Tally]:
    """The same within a transaction of `writing`, told to `observe`; gives the number of the new batch, too."""
    target = connection.execute(select(*Batch.__table__.c).where(Batch.id == batch)).mappings().first()
    if target is None:
        raise NotFound(f"没有编号为 {batch} 的批次。", f"There is no batch {batch}.")
    if target["action"] in ("repair", "unrepair"):
        raise AlreadyWithdrawn(
            f"批次 {batch} 是一次信用修复，不是文件；要撤销修复，请在该记录的办理页面上撤销。",
            f"Batch {batch} is a repair and no file: take the repair back on the page of its record.",
        )
    if target["withdrawn_in"] is not None or target["action"] not in UNDONE:
        raise AlreadyWithdrawn(
            f"批次 {batch} 已经撤回，或本身就是撤回。", f"Batch {batch} is withdrawn already."
        )
    own = open_batch(
        connection,
        action="withdraw",
        path=target["path"],
        kind=target["kind"],
        reason=reason,
        withdraws=batch,
    )
    connection.execute(update(Batch).where(Batch.id == batch).values(withdrawn_in=own))
    tally = _restore(connection, batch, own, observe)
    close_batch(connection, clock, own, tally)
    return own, tally


def _restore(connection: Connection, batch: int, own: int, observe: Observer | None) -> Tally:
    """Supersede what stands of `batch` by copies of the last version before it that still counts, or by removals."""
    tally = Tally()
    last_id = connection.scalar(select(func.max(Version.id))) or 0
    for chunk in batched(_standing(connection, batch), 2000):
        asked = select(*VERSIONS.c).where(Version.id.in_(chunk)).order_by(Version.id)
        rows = connection.execute(asked).mappings().all()
        counting = _counting(connection, [row["record_id"] for row in rows], batch)
        new, superseded = [], []
        for row in rows:
            before = [each for each in counting[row["record_id"]] if each["recorded_in"] < row["recorded_in"]]
            if row["recorded_in"] != batch and before[-1]["recorded_in"] != batch:
                continue  # a copy of what another batch says
            earlier = next((each for each in reversed(before) if each["recorded_in"] < batch), None)
            restored = earlier is not None and earlier["change"] != "withdrawn"
            last_id += 1
            base = dict(earlier) if earlier is not None and restored else emptied(row)
            base |= {"id": last_id, "recorded_in": own, "superseded_in": None}
            new.append(base | {"change": "restored" if restored else "withdrawn"})
            superseded.append(row["id"])
            if observe is not None:
                observe(version_change(row, new[-1]))
            tally.changed += restored
            tally.removed += not restored
        connection.execute(update(Version).where(Version.id.in_(superseded)).values(superseded_in=own))
        insert_rows(connection, VERSIONS, [version_row(version) for version in new])
    Subjects(connection).rename_after_withdrawal(own)
    return tally


def _standing(connection: Connection, batch: int) -> list[int]:
    """The current versions of a batch, and current copies of older versions among the records it touched: some may be of its own."""
    first = select(Batch.first_version).where(Batch.id == batch).scalar_subquery()
    current = (Version.id >= first) & Version.superseded_in.is_(None)
    own = select(Version.id).where(current, Version.recorded_in == batch)
    found = list(connection.scalars(own.order_by(Version.id)))
    later = select(Batch.id).where(Batch.action == "withdraw", Batch.id > batch)
    if connection.scalar(later.where(Batch.withdraws != batch).limit(1)) is not None:
        touched = select(Version.record_id).where(Version.id >= first, Version.recorded_in == batch)
        copies = current & (Version.change == "restored") & Version.record_id.in_(touched)
        found += connection.scalars(select(Version.id).where(copies).order_by(Version.id))
    return found


def _counting(connection: Connection, records: Sequence[str], batch: int) -> dict[str, list[Any]]:
    """The versions of some records that count, oldest first: no copies, and of withdrawn batches none but those of `batch`."""
    gone = (Batch.action == "withdraw") | (Batch.withdrawn_in.is_not(None) & (Batch.id != batch))
    asked = (
        select(*VERSIONS.c)
        .where(Version.record_id.in_(records), Version.recorded_in.not_in(select(Batch.id).where(gone)))
        .order_by(Version.recorded_in)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(asked).mappings():
        found[row["record_id"]].append(row)
    return found


def emptied(row: Any) -> dict[str, Any]:
    """A removal: the record's address and kind, and nothing of what it said."""
    kept = ("id", "record_id", "kind", "subject_id")
    return {column: (row[column] if column in kept else None) for column in row}


def version_change(before: Any, after: Any) -> RecordChange:
    """What replacing one stored version by another does, both as rows of all columns."""
    return RecordChange(
        after["kind"],
        after["record_id"],
        None,
        None,
        content_of(before["name"], before["payload"], before["extra"]),
        content_of(after["name"], after["payload"], after["extra"]),
    )

"""Taking one record down (撤下): a batch of its own whose version is empty, with a reason that the record's history shows."""

from sqlalchemy import Connection, select, update

from indexer.clock import Clock
from indexer.errors import NotFound
from indexer.register.bulk import insert_rows
from indexer.register.changes import Observer
from indexer.register.models import VERSIONS, Version
from indexer.register.publishing import Tally, close_batch, open_batch, version_row
from indexer.register.subjects import Subjects
from indexer.register.withdrawing import emptied, version_change


def remove_within(
    connection: Connection, clock: Clock, record: str, reason: str, observe: Observer | None = None
) -> int:
    """Take a record down within a transaction of `writing`; gives the number of the batch, which can be withdrawn as any other.

    Raises NotFound where there is no such record, or nothing of it stands any more.
    """
    current = select(*VERSIONS.c).where(Version.record_id == record, Version.superseded_in.is_(None))
    row = connection.execute(current).mappings().first()
    if row is None or row["payload"] is None:
        raise NotFound(
            "没有这条记录，或它已经撤下。", "There is no such record, or it was taken down already."
        )
    own = open_batch(connection, action="remove", kind=row["kind"], reason=reason)
    first = connection.scalar(select(Version.id).order_by(Version.id.desc()).limit(1)) or 0
    version = emptied(row) | {
        "id": first + 1,
        "recorded_in": own,
        "superseded_in": None,
        "change": "withdrawn",
    }
    if observe is not None:
        observe(version_change(row, version))
    connection.execute(update(Version).where(Version.id == row["id"]).values(superseded_in=own))
    insert_rows(connection, VERSIONS, [version_row(version)])
    Subjects(connection).rename_after_withdrawal(own)
    close_batch(connection, clock, own, Tally(removed=1))
    return own

"""A single row that somebody submits by a form (网上申报) instead of a file: one batch of one record, in the transaction of the act."""

from sqlalchemy import Connection

from indexer.clock import Clock
from indexer.errors import FileRefused
from indexer.kinds.base import Kind
from indexer.register.database import take_turn
from indexer.register.draft import Draft
from indexer.register.publishing import Publication, close_batch, open_batch


def submit(
    connection: Connection,
    clock: Clock,
    kind: Kind,
    draft: Draft,
    stated: frozenset[str],
    path: str,
    source: str,
) -> int:
    """Publish a checked row; gives the batch. `stated`, `path` and `source` are as of a file.

    Raises FileRefused where the register does not take it or has it already word for word, and DatabaseBusy; the transaction is the
    caller's to undo.
    """
    take_turn(connection)
    batch = open_batch(connection, action="ingest", path=path, source=source, kind=kind.name)
    publisher = Publication(connection, batch, clock.today()).of(kind, stated)
    if rejected := publisher.publish([draft]):
        raise FileRefused(rejected[0][1].zh, "The register does not take this: it contradicts what it has.")
    if not (publisher.tally.added or publisher.tally.changed):
        raise FileRefused("登记簿中已有同样的记录。", "The register has this record already.")
    close_batch(connection, clock, batch, publisher.tally)
    return batch

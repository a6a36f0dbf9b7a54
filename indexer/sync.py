"""Sync (同步): what the register has, the index can find. Reads the outbox, passes the door, writes documents.

The index is written before the outbox is emptied, and writing a document twice changes nothing; so a sync killed at any point is
simply run again.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from indexer.kinds.base import Find, Kind
from indexer.register.disclosure import PublicRecord
from indexer.register.queue import Queue
from indexer.register.reading import Register
from indexer.search.documents import Document
from indexer.search.protocol import SearchEngine, Writer

CHUNK = 4000  # records
COMMIT_SECONDS = 2.0  # a commit at least this often while there is a backlog
REBUILD_FROM = 20_000  # records waiting for an empty index: building it anew is faster than adding

Progress = Callable[[int], None]
"""Called with the number of records brought up so far."""


def sync(register: Register, search: SearchEngine, progress: Progress = lambda done: None) -> int:
    """Bring the index up with the register; returns how many records were looked at.

    Also takes out what the calendar has ended since the last time: publicity periods, and states that turned with the day.
    """
    queue = Queue(register.engine)
    queue.follow_calendar(register.clock.today())
    if queue.waiting(REBUILD_FROM) >= REBUILD_FROM and search.count() == 0:
        return reindex(register, search, progress)
    done = 0
    while head := queue.head(CHUNK):
        with search.writer() as writer:
            started = time.monotonic()
            last = 0
            while head and time.monotonic() - started < COMMIT_SECONDS:
                last, ids = head[-1].id, list(dict.fromkeys(entry.record_id for entry in head))
                _bring(register, writer, ids)
                done += len(head)
                progress(done)
                head = queue.head(CHUNK, after=last)
        queue.drop(last)
    return done


def reindex(register: Register, search: SearchEngine, progress: Progress = lambda done: None) -> int:
    """Build the index anew beside the live one and swap; what is written meanwhile is caught up by the next sync."""
    queue = Queue(register.engine)
    last = queue.last()
    done = 0
    with search.rebuild() as writer:
        for records in register.all_records(CHUNK):
            writer.put(documents(register, records), fresh=True)
            done += len(records)
            progress(done)
    queue.drop(last)
    queue.follow_calendar(register.clock.today())
    return done


def follow(register: Register, search: SearchEngine, stop: Callable[[], bool], interval: float = 0.5) -> None:
    """Keep the index up with the register until `stop()`. A commit is findable within `interval` and the time of its writing."""
    while not stop():
        if sync(register, search) == 0:
            time.sleep(interval)


def _bring(register: Register, writer: Writer, ids: Sequence[str]) -> None:
    records = register.records(ids)
    writer.put(documents(register, list(records.values())))
    if gone := [identity for identity in ids if identity not in records]:
        writer.remove(gone)


def documents(register: Register, records: Sequence[PublicRecord]) -> Iterator[Document]:
    """The search documents of public records."""
    subjects = {record.subject.id for record in records if record.subject is not None}
    former = register.former_names(list(subjects)) if subjects else {}
    for record in records:
        yield _document(record, former.get(record.subject.id, ()) if record.subject is not None else ())


@cache
def _findable(kind: Kind) -> tuple[tuple[str, Find], ...]:
    return tuple((column.name, column.find) for column in kind.all_columns() if column.find is not None)


def _document(record: PublicRecord, former_names: tuple[str, ...]) -> Document:
    kind, subject, values = record.kind, record.subject, record.values
    codes: list[str] = []
    issuer: str | None = None
    texts: list[str] = []
    for column, find in _findable(kind):
        value = values.get(column)
        if not isinstance(value, str):
            continue
        if find is Find.CODE:
            codes.append(value)
        elif find is Find.ISSUER:
            issuer = issuer or value
        else:
            texts.append(value)
    name = record.name or ""
    if subject is not None:
        name = subject.name
        codes += [c for c in (subject.uscc, subject.organisation_code, subject.registration_number) if c]
    return Document(
        id=record.id,
        version=record.batch,
        kind=kind.name,
        subject=subject.code if subject is not None else None,
        codes=tuple(dict.fromkeys(codes)),
        name=name,
        former_names=former_names,
        title="" if kind.subject_type else record.title,
        issuer=issuer,
        region=record.region,
        status=record.status,
        year=record.dated.year if record.dated else None,
        dated=record.dated,
        text="\n".join(texts),
    )

"""Sync (同步): what the register has, the index can find. Reads the outbox, passes the door, writes documents.

The index is written before the outbox is emptied, and writing a document twice changes nothing; so a sync killed at any point is
simply run again.
"""

import logging
import time
from collections.abc import Callable, Sequence

from indexer.building import ranges
from indexer.documents import documents
from indexer.errors import ZhixinError
from indexer.register.queue import Queue
from indexer.register.reading import Register
from indexer.search.protocol import SearchEngine, Writer

CHUNK = 4000  # records
COMMIT_SECONDS = 2.0  # a commit at least this often while there is a backlog
REBUILD_FROM = 20_000  # records waiting for an empty index: building it anew is faster than adding

log = logging.getLogger(__name__)

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
    queue.follow_calendar(register.clock.today())  # before the reading: a midnight meanwhile turns more
    last = queue.last()
    done = 0
    with search.rebuild() as writer:
        for made in ranges(register):
            done += writer.put_tokens(made, fresh=True)
            progress(done)
    queue.drop(last)
    return done


def follow(register: Register, search: SearchEngine, stop: Callable[[], bool], interval: float = 0.5) -> None:
    """Keep the index up with the register until `stop()`. A commit is findable within `interval` and the time of its writing.

    What hinders it (a rebuild that holds the index, a database that is restarted, a full disk) is waited for, and logged once.
    """
    hindered = ""
    while not stop():
        done = 0
        try:
            done = sync(register, search)
            hindered = ""
        except ZhixinError as error:
            if error.en != hindered:
                log.warning("the index waits: %s", error.en)
            hindered = error.en
        if done == 0:
            time.sleep(interval)


def _bring(register: Register, writer: Writer, ids: Sequence[str]) -> None:
    records = register.records(ids)
    writer.put(documents(register, list(records.values())))
    if gone := [identity for identity in ids if identity not in records]:
        writer.remove(gone)

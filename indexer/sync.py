"""Sync (同步): what the register has, the index can find. Reads the outbox, passes the door, writes documents.

The index is written before the outbox is emptied, and writing a document twice changes nothing; so a sync killed at any point is
simply run again, and where the database and the engine allow it several run side by side.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

from indexer.batches import batched
from indexer.building import prepared
from indexer.comparing import drifts
from indexer.documents import documents
from indexer.errors import ServiceUnavailable, ZhixinError
from indexer.register.database import alone
from indexer.register.queue import Queue
from indexer.register.reading import Register
from indexer.register.successes import note_success
from indexer.search.failures import IndexUnusable
from indexer.search.protocol import Rebuild, SearchEngine, Writer

CHUNK = 4000  # records that are brought up together
REBUILD_FROM = 20_000  # records waiting for an empty index: building it anew is faster than adding
LEAST_TURN = (
    0.25  # seconds from one turn of a follower to the next: each makes the engine open its index anew
)
POLL = 0.1  # seconds
NOTED_EVERY = 30.0  # seconds after which a follower writes its success down again
SAMPLED = 50  # of them stand together
SAMPLE = 1000  # documents of a new index that are looked at before it goes live

log = logging.getLogger(__name__)

Progress = Callable[[int], None]
"""Called with the number of records brought up so far."""


class Unfaithful(ServiceUnavailable):
    """A new index does not hold what the register says; the old one stays live."""


def sync(register: Register, search: SearchEngine, progress: Progress = lambda done: None) -> int:
    """Bring the index up with the register; returns how many records were looked at.

    Also takes out what the calendar has ended since the last time: publicity periods, and states that turned with the day.
    """
    queue = Queue(register.engine)
    queue.follow_calendar(register.clock.today())
    waiting = queue.waiting(REBUILD_FROM)
    if waiting and search.count() == 0:
        # Not all waits that is recorded: the index was there and is gone, and what waits alone would be half of one.
        lost = waiting < register.last_version()
        if lost or waiting == REBUILD_FROM:
            return reindex(register, search, progress) + _catch_up(queue, register, search, progress)
    return _catch_up(queue, register, search, progress)


def _catch_up(
    queue: Queue, register: Register, search: SearchEngine, progress: Progress, after: int = 0
) -> int:
    """Bring up what waits in the queue behind the place `after`."""
    done = 0
    while True:
        with queue.claim(CHUNK, after) as claim:
            if not claim.ids:
                return done
            with search.writer() as writer:
                _bring(queue, register, writer, claim.ids, claim.at)
            claim.refused = writer.refused
        done += len(claim.ids)
        progress(done)


def reindex(register: Register, search: SearchEngine, progress: Progress = lambda done: None) -> int:
    """Build the index anew beside the live one, look at it, and swap; returns how many documents it has.

    What is recorded meanwhile is caught up: before the swap where the engine takes several writers, else by the next sync. Raises
    ServiceUnavailable when another process is at it, Unfaithful when the new index is not what it should be.
    """
    queue = Queue(register.engine)
    with alone(register.engine, "reindex"):
        queue.follow_calendar(register.clock.today())  # before the reading: a midnight meanwhile turns more
        version = register.version()
        with search.rebuild() as writer:
            # From here on every other write reaches the new index too, so only what was recorded by now must be read.
            at = queue.last()
            done = 0
            for made in prepared(register, writer.prepare, at):
                done += writer.put(made)
                progress(done)
            if search.several_writers:
                with suppress(IndexUnusable):  # where the live one takes no writes, the next sync catches up
                    _catch_up(queue, register, search, lambda _: None, after=at)
            writer.settle()
            if register.version() == version and writer.count() != done - len(writer.refused):
                raise _unfaithful()
            _look_at_some(queue, register, writer)
        queue.drop(at)
        queue.put({*writer.refused, *queue.unindexed(CHUNK)})  # the next sync tries these once more
    return done


def restore(register: Register, search: SearchEngine) -> int:
    """Bring the index up that the last rebuild replaced, and make it live again; returns how many documents it lacked."""
    queue = Queue(register.engine)
    done = 0
    with alone(register.engine, "reindex"), search.restoring() as writer:
        if search.several_writers:
            # Writes go to both indexes from here on. What was claimed before goes to the live one alone, so it must be through.
            with suppress(
                IndexUnusable
            ):  # of another release: the way back from it; the next sync catches up
                at = queue.last()
                _catch_up(queue, register, search, lambda _: None)
                while queue.waits_before(at):
                    time.sleep(POLL)
        for some in batched(drifts(register, writer), CHUNK):
            ids = [drift.id for drift in some]
            _bring(queue, register, writer, ids, at=queue.put(ids))
            done += len(ids)
        writer.settle()
        _look_at_some(queue, register, writer)
    return done


def follow(register: Register, search: SearchEngine, stop: Callable[[], bool], interval: float = 0.5) -> None:
    """Keep the index up with the register until `stop()`. A commit is findable within `interval` and the time of its writing.

    What hinders it (a rebuild that holds the index, a database that is restarted, a full disk) is waited for, and logged once.
    """
    hindered = ""
    noted = -NOTED_EVERY
    while not stop():
        began = time.monotonic()
        done = 0
        try:
            done = sync(register, search)
            if began - noted >= NOTED_EVERY:
                with suppress(ServiceUnavailable):
                    note_success(register.engine, "sync", register.clock.now())
                noted = began
            if hindered and (done or not Queue(register.engine).waiting(1)):  # not: another worker tries now
                hindered = ""
        except ZhixinError as error:
            if error.en != hindered:
                log.warning("the index waits: %s", error.en)
            hindered = error.en
        turn = LEAST_TURN if done else interval
        time.sleep(max(0.0, turn - (time.monotonic() - began)))


def _look_at_some(queue: Queue, register: Register, writer: Rebuild) -> None:
    """Compare documents from all over a new index with what the register says now."""
    last, chance = register.last_version(), Random()
    for _ in range(SAMPLE // SAMPLED):
        first = chance.randrange(max(1, last))
        said = {d.id: d for d in documents(register, register.records_between(first, first + SAMPLED))}
        held = writer.held_of(list(said))
        differ = [
            id_ for id_, document in said.items() if id_ not in held or held[id_].digest != document.digest
        ]
        if differ := [id_ for id_ in differ if id_ not in writer.refused]:
            queue.follow_calendar(register.clock.today())  # a midnight meanwhile changes states
            if set(differ) - queue.waiting_among(differ):
                raise _unfaithful()


def _unfaithful() -> Unfaithful:
    return Unfaithful(
        "新索引与登记库不一致，没有启用，原索引继续服务。请重新运行 zhixin reindex；若再次出现，请查看日志。",
        "The new index differs from the register and was not taken into service; the old one goes on. Run `zhixin reindex` again; "
        "if it happens again, look into the log.",
    )


def _bring(queue: Queue, register: Register, writer: Writer, ids: Sequence[str], at: int) -> None:
    records = register.records(ids)
    writer.put(writer.prepare(documents(register, list(records.values())), at))
    if gone := [identity for identity in ids if identity not in records]:
        writer.remove(queue.routings(gone).items(), at)

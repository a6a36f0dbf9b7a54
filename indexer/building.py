"""Building an index from nothing: the documents of ranges of versions are made by several processes, one process writes them.

Reading, disclosure and cutting cost several times what the engine's own work does, so they are spread over the machine's cores. No
common snapshot is needed: a record that changes meanwhile is queued, and what is queued is brought up after the build.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

from sqlalchemy import URL

from indexer.clock import Clock
from indexer.collecting import collect_rarely
from indexer.documents import documents
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.search.protocol import Prepare, Prepared

RANGE = 4000  # versions; some megabytes of tokens
WORTH_IT = 50_000  # versions from which starting processes (about two seconds) pays
AHEAD = 2  # ranges that each process may be ahead of the writer, which bounds memory

_register: Register  # of a worker process


Piece = TypeVar("Piece")
Made = TypeVar("Made")


def prepared(register: Register, prepare: Prepare, at: int) -> Iterator[Prepared]:
    """Every public record as an engine wants it, range by range in the order of recording. `prepare` and `at`: see `Writer`."""
    last = register.last_version()
    pieces = [(low, min(low + RANGE, last)) for low in range(0, last, RANGE)]
    return spread(register, partial(_prepared, prepare, at), pieces, worth_it=last >= WORTH_IT)


def spread(
    register: Register, work: Callable[[Register, Piece], Made], pieces: Iterable[Piece], *, worth_it: bool
) -> Iterator[Made]:
    """`work` on each piece, in order; by several processes, each with a register of its own, where it is `worth_it`.

    `work` and what it takes and gives go between processes, so it is a function of a module.
    """
    processes = min(os.cpu_count() or 1, 8)
    if not worth_it or processes == 1:
        for piece in pieces:
            yield work(register, piece)
        return
    url = register.engine.url
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (url, register.clock)) as pool:
        yield from _in_order(pool, work, pieces, processes * AHEAD)


def _in_order(
    pool: ProcessPoolExecutor, work: Callable[[Register, Piece], Made], pieces: Iterable[Piece], ahead: int
) -> Iterator[Made]:
    waiting: deque[Future[Made]] = deque()
    try:
        for piece in pieces:
            waiting.append(pool.submit(_work, work, piece))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _begin(url: URL, clock: Clock) -> None:
    global _register
    collect_rarely()
    Thread(target=_end_with_parent, daemon=True).start()
    _register = Register(connect(url), clock)


def _end_with_parent() -> None:
    """A writer that was killed can not tell its processes to end."""
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _work(work: Callable[[Register, Piece], Made], piece: Piece) -> Made:
    return work(_register, piece)


def _prepared(prepare: Prepare, at: int, register: Register, piece: tuple[int, int]) -> Prepared:
    return prepare(documents(register, register.records_between(*piece)), at)

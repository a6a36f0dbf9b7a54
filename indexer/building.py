"""Building an index from nothing: the documents of ranges of versions are made by several processes, one process writes them.

Reading, disclosure and cutting cost several times what the engine's own work does, so they are spread over the machine's cores. No
common snapshot is needed: a record that changes meanwhile is queued, and what is queued is brought up after the build.
"""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread

from sqlalchemy import URL

from indexer.clock import Clock
from indexer.documents import documents
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.search.documents import Tokens, tokens

RANGE = 4000  # versions; some megabytes of tokens
WORTH_IT = 50_000  # versions from which starting processes (about two seconds) pays
AHEAD = 2  # ranges that each process may be ahead of the writer, which bounds memory

_register: Register  # of a worker process


def ranges(register: Register) -> Iterator[list[Tokens]]:
    """The tokens of every public record, range by range in the order of recording."""
    last = register.last_version()
    pieces = [(low, min(low + RANGE, last)) for low in range(0, last, RANGE)]
    processes = min(os.cpu_count() or 1, 8)
    if last < WORTH_IT or processes == 1:
        for low, high in pieces:
            yield _tokens(register, low, high)
        return
    url = register.engine.url
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (url, register.clock)) as pool:
        yield from _in_order(pool, pieces, processes * AHEAD)


def _in_order(pool: ProcessPoolExecutor, pieces: list[tuple[int, int]], ahead: int) -> Iterator[list[Tokens]]:
    waiting: deque[Future[list[Tokens]]] = deque()
    try:
        for piece in pieces:
            waiting.append(pool.submit(_work, piece))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _begin(url: URL, clock: Clock) -> None:
    global _register
    Thread(target=_end_with_parent, daemon=True).start()
    _register = Register(connect(url), clock)


def _end_with_parent() -> None:
    """A writer that was killed can not tell its processes to end."""
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _work(piece: tuple[int, int]) -> list[Tokens]:
    return _tokens(_register, *piece)


def _tokens(register: Register, low: int, high: int) -> list[Tokens]:
    return [tokens(document) for document in documents(register, register.records_between(low, high))]

"""Comparing register and index (核对), document by document, in the order of their ids; neither is ever held whole in memory.

Processes go on writing meanwhile, so what seems to differ is looked at once more, and what waits for the sync is no difference.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from indexer.batches import batched
from indexer.building import WORTH_IT, spread
from indexer.documents import documents
from indexer.register.queue import Queue
from indexer.register.reading import Register
from indexer.search.protocol import Held

CHUNK = 1000  # suspects that are looked at together
SETTLED = 1.0  # seconds after which what was written is found
FEW, MANY = 16, 4096  # ranges of ids: of a small register, and of one that several processes read
BEYOND_ALL = "g"  # ids are hexadecimal

Said = tuple[str, int, int]
"""Id, version and digest of a document as the register has it now."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One record in which the index differs: it lacks it, has another state of it, or has it although it is not public."""

    id: str
    what: Literal["missing", "stale", "extra"]


class Index(Protocol):
    """An index that can be looked at: the live one of an engine, or one that is being rebuilt."""

    def held(self) -> Iterator[Held]: ...

    def held_of(self, ids: Sequence[str]) -> dict[str, Held]: ...


def drifts(
    register: Register, index: Index, progress: Callable[[int], None] = lambda done: None
) -> Iterator[Drift]:
    """Where an index differs from the register. Raises ServiceUnavailable when either does not answer.

    `progress` gets the number of the register's records that have been compared.
    """
    for some in batched(_apart(_said(register, progress), index.held()), CHUNK):
        if suspects := drifts_among(register, index, [each.id for each in some]):
            time.sleep(SETTLED)
            yield from drifts_among(register, index, [each.id for each in suspects])


def drifts_among(register: Register, index: Index, ids: list[str]) -> list[Drift]:
    """Which of these records differ as of now, but for those that wait for the sync."""
    held = index.held_of(ids)
    records = list(register.records(ids).values())
    said = {document.id: document for document in documents(register, records)}
    waiting = Queue(register.engine).waiting_among(ids)
    found = []
    for id_ in ids:
        if id_ in waiting:
            continue
        ours, theirs = said.get(id_), held.get(id_)
        if ours is None:
            found += [Drift(id_, "extra")] if theirs is not None else []
        elif theirs is None:
            found.append(Drift(id_, "missing"))
        elif (ours.version, ours.digest) != (theirs.version, theirs.digest):
            found.append(Drift(id_, "stale"))
    return found


def _said(register: Register, progress: Callable[[int], None]) -> Iterator[Said]:
    """What an index should hold, in the order of the ids."""
    large = register.last_version() >= WORTH_IT
    steps = MANY if large else FEW
    digits = len(f"{steps - 1:x}")
    marks = [f"{step:0{digits}x}" for step in range(steps)]
    pieces = zip(["", *marks[1:]], [*marks[1:], BEYOND_ALL], strict=True)
    done = 0
    for some in spread(register, _digests, pieces, worth_it=large):
        yield from some
        done += len(some)
        progress(done)


def _digests(register: Register, piece: tuple[str, str]) -> list[Said]:
    records = register.records_from(*piece)
    return [(document.id, document.version, document.digest) for document in documents(register, records)]


def _apart(said: Iterable[Said], held: Iterable[Held]) -> Iterator[Drift]:
    """What seems to differ, by going along both in step."""
    ours, theirs = iter(said), iter(held)
    left, right = next(ours, None), next(theirs, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right.id):
            assert left is not None
            yield Drift(left[0], "missing")
            left = next(ours, None)
        elif left is None or right.id < left[0]:
            yield Drift(right.id, "extra")
            right = next(theirs, None)
        else:
            if left[1:] != (right.version, right.digest):
                yield Drift(right.id, "stale")
            left, right = next(ours, None), next(theirs, None)

"""What every search engine (检索引擎) does: find, suggest, be written to, be rebuilt. Embedded Tantivy is one, Elasticsearch the other.

Engines find ids; what is shown is read from the register through disclosure. All failures of an engine come out as errors of
`indexer.errors` (`ServiceUnavailable`, `InvalidParameter` for a cursor of another query), never with the engine's own words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, NamedTuple, Protocol, Self

from indexer.search.clauses import Clause, Reason
from indexer.search.documents import Document
from indexer.search.query import Query

FACETS = ("kind", "region", "status", "issuer", "year")
"""The fields that results are counted by, and that filters may name."""

FACET_VALUES = 50
"""Values that a facet names."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. `why` says, strongest reason first, what in it answers the query."""

    id: str
    kind: str
    score: float
    why: tuple[Reason, ...]


class Place(NamedTuple):
    """Where a document stands: the `value` (score, tier or day) that it is sorted by, highest first, then its `place` among equals."""

    value: float
    place: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that an engine found, with what it stores of it, and which of the clauses in `query.TOLD` it answers."""

    id: str
    kind: str
    at: Place
    keys: tuple[str, ...]
    former: tuple[str, ...]
    answers: tuple[Clause, ...]
    facets: Mapping[str, str | int] = field(default_factory=dict)
    """What a near name is counted by, where the engine tells it with the hit."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Candidates of an engine, how many there are in all, and the counts of all by facet; a wide plan's are not counted."""

    candidates: tuple[Candidate, ...]
    total: int
    relation: Literal["eq", "gte"]
    facets: dict[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits.

    `total` counts all matches when `relation` is "eq", or is a lower bound when "gte". `facets` gives for each of `FACETS` the values
    and their counts, most frequent first. `next` is the cursor of the next page, None on the last. `certain`: the first hit has all that
    was asked for; otherwise hits are only near.
    """

    total: int
    relation: Literal["eq", "gte"]
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[tuple[str, int], ...]]
    next: str | None
    took_ms: float
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """One document that an index holds: its id, the version and digest it was made with, and its routing."""

    id: str
    version: int
    digest: int
    routing: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line under the search box: the `text` to show, and the document it stands for."""

    text: str
    kind: str
    id: str


Prepared = list[Any]
"""Documents as one engine wants them; made in any process, understood by that engine only."""


Prepare = Callable[[Iterable[Document], int], Prepared]


class Writer(Protocol):
    """Writes to the index. Leaving the `with` block makes everything findable, durably.

    Left by an exception, an engine of several machines may have taken some of it; the caller writes again what it can not be sure of.

    `at` is the place in the register's queue up to which the register had been read: a write never replaces one of a later place, so
    late and repeated writes do no harm.
    """

    refused: dict[str, str]
    """Documents that the engine can not take, by id, with the reason. All others are written."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def prepare(self) -> Prepare:
        """Makes documents ready to be put, as of a place in the queue; a function of a module, to be called in any process."""
        ...

    def put(self, prepared: Prepared) -> int:
        """Add documents, each replacing the one with the same id; returns how many."""
        ...

    def remove(self, gone: Iterable[tuple[str, str]], at: int) -> None:
        """Take out documents, given by id and routing; one that is not there is no error."""
        ...


class Rebuild(Writer, Protocol):
    """Writes an index beside the live one, which takes its place when the `with` block is left without error."""

    def settle(self) -> None:
        """Have all that was put in place, so that it can be counted and looked at before the new index goes live."""
        ...

    def count(self) -> int:
        """How many documents it holds. After `settle`."""
        ...

    def held(self) -> Iterator[Held]:
        """What it holds, in the order of the ids. After `settle`."""
        ...

    def held_of(self, ids: Sequence[str]) -> dict[str, Held]:
        """What it holds of some documents, by id. After `settle`."""
        ...


class SearchEngine(Protocol):
    """A search engine over one index."""

    def search(self, query: Query) -> Results:
        """Answer `query`. Raises InvalidParameter("cursor") when its cursor belongs to another query."""
        ...

    def suggest(self, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Names and numbers that begin with, or else contain, what has been typed so far."""
        ...

    several_writers: bool
    """Whether several processes may write at once, also to an index that is being rebuilt."""

    def writer(self) -> Writer:
        """A writer of the live index. Raises ServiceUnavailable when the engine takes one at a time and another is writing."""
        ...

    def rebuild(self) -> Rebuild:
        """A writer of a new index. Raises ServiceUnavailable when another process is rebuilding."""
        ...

    def restoring(self) -> Rebuild:
        """A writer of the index that the last rebuild replaced, to be brought up and made live again.

        Raises ServiceUnavailable when there is none that this release can read.
        """
        ...

    def count(self) -> int:
        """How many documents can be found."""
        ...

    def held(self) -> Iterator[Held]:
        """What the index holds, in the order of the ids; for comparing with the register."""
        ...

    def held_of(self, ids: Sequence[str]) -> dict[str, Held]:
        """The same of some documents, by id; those that are not there are absent."""
        ...

    def tidy(self) -> None:
        """Have the live index brought into few pieces after a rebuild, which only makes it smaller and faster; may take a minute."""
        ...

    def ready(self) -> bool:
        """Whether the engine can answer now. Never raises."""
        ...

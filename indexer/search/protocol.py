"""What every search engine (检索引擎) does: find, suggest, be written to, be rebuilt. Embedded Tantivy is one, Elasticsearch the other.

Engines find ids; what is shown is read from the register through disclosure. All failures of an engine come out as errors of
`indexer.errors` (`ServiceUnavailable`, `InvalidParameter` for a cursor of another query), never with the engine's own words.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from indexer.search.documents import Document, Tokens
from indexer.search.query import Query, Reason

FACETS = ("kind", "region", "status", "issuer", "year")
"""The fields that results are counted by, and that filters may name."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. `why` says, strongest reason first, what in it answers the query."""

    id: str
    kind: str
    score: float
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits.

    `total` counts all matches when `relation` is "eq", or is a lower bound when "gte". `facets` gives for each of `FACETS` the values
    and their counts, most frequent first. `next` is the cursor of the next page, None on the last.
    """

    total: int
    relation: Literal["eq", "gte"]
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[tuple[str, int], ...]]
    next: str | None
    took_ms: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line under the search box: the `text` to show, and the document it stands for."""

    text: str
    kind: str
    id: str


class Writer(AbstractContextManager["Writer"], Protocol):
    """Writes to the index. Leaving the `with` block commits; leaving it by an exception drops what was not committed."""

    def put(self, documents: Iterable[Document], *, fresh: bool = False) -> int:
        """Add documents, each replacing the one with the same id; returns how many.

        `fresh` promises that none of the ids is in the index yet, which is faster.
        """
        ...

    def put_tokens(self, made: Iterable[Tokens], *, fresh: bool = False) -> int:
        """`put` for documents whose tokens were made elsewhere (by `indexer.search.documents.tokens`)."""
        ...

    def remove(self, ids: Iterable[str]) -> None:
        """Take documents out; an id that is not there is no error."""
        ...

    def commit(self) -> None:
        """Make everything so far findable, durably."""
        ...


class SearchEngine(Protocol):
    """A search engine over one index."""

    def search(self, query: Query) -> Results:
        """Answer `query`. Raises InvalidParameter("cursor") when its cursor belongs to another query."""
        ...

    def suggest(self, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Names and numbers that begin with, or else contain, what has been typed so far."""
        ...

    def writer(self) -> Writer:
        """The one writer of the live index. Raises ServiceUnavailable when another process is writing."""
        ...

    def rebuild(self) -> Writer:
        """A writer of a new, empty index beside the live one, which takes its place when the `with` block is left without error."""
        ...

    def count(self) -> int:
        """How many documents can be found."""
        ...

    def ids_and_versions(self) -> Iterator[tuple[str, int]]:
        """Every document's id and version, in no order; for comparing with the register."""
        ...

    def ready(self) -> bool:
        """Whether the engine can answer now. Never raises."""
        ...

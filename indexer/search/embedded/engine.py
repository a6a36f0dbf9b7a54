"""The embedded search engine: Tantivy in this process, its index in a folder, nothing to install or start.

Readers look at two files before each answer, so that a commit or a rebuild by another process is seen by the next question without
threads that a forking server would lose.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy

from indexer.search.answering import Answering
from indexer.search.clauses import TOLD, Clause
from indexer.search.embedded.generations import Generations
from indexer.search.embedded.order import Ordered, Placed, first_placed, placed_hits
from indexer.search.embedded.translation import Translator, built_from, schema
from indexer.search.embedded.writer import EmbeddedWriter, engine_errors, held, held_of
from indexer.search.failures import IndexUnusable, damaged
from indexer.search.protocol import (
    FACET_VALUES,
    FACETS,
    Candidate,
    Held,
    Matches,
    Place,
    Rebuild,
    Writer,
)
from indexer.search.query import Filters, Plan

SPARE = 50
"""Hits beyond the best that are looked at, to see where those end that are as good as the last; when they do not, so many are looked at."""

MOST_EQUAL = 10_000

LOOKED_AT = 82
"""Hits that suggestions are chosen among, however few are wanted."""


@dataclass(frozen=True, slots=True)
class _Open:
    """An index as it stood at one commit."""

    generation: Path
    stamp: tuple[int, int, int]
    index: tantivy.Index
    searcher: tantivy.Searcher


@dataclass(frozen=True, slots=True)
class _Found:
    """One hit before its reasons: what is stored of it, too."""

    at: Placed
    stored: tantivy.Document

    @property
    def id(self) -> str:
        return str(self.stored.get_first("id"))

    def all(self, field: str) -> list[str]:
        return self.stored.get_all(field)


class EmbeddedEngine(Answering):
    """A `SearchEngine` over the index in `folder`, which the first writer or rebuild makes. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._generations = Generations(folder, built_from)
        self._schema = schema()
        self._translator = Translator(self._schema)
        self._opening = threading.Lock()
        self._open: _Open | None = None

    def _matches(self, asked: Plan, size: int) -> Matches:
        with engine_errors():
            searcher = self._searcher()
            matching = self._translator.matching(asked)
            best = _best(searcher, matching, size, equal=not asked.wide) if size else []
            total, facets = (
                (len(best), {}) if asked.wide else _counts(searcher, self._translator.answering(asked))
            )
            return Matches(self._candidates(searcher, asked, best), total, "eq", facets)

    def _following(self, asked: Plan, size: int, after: Place | None) -> Matches:
        with engine_errors():
            searcher = self._searcher()
            order = Ordered(searcher, self._translator)
            found = (
                order.by_day(asked, size, after)
                if asked.sort == "newest"
                else order.by_tier(asked, size, after)
            )
            total, facets = _counts(searcher, self._translator.answering(asked))
            return Matches(self._candidates(searcher, asked, found), total, "eq", facets)

    def _these(self, asked: Plan, ids: Sequence[str]) -> Sequence[Candidate]:
        with engine_errors():
            searcher = self._searcher()
            answering = self._translator.both(self._translator.these(ids), self._translator.matching(asked))
            return self._candidates(searcher, asked, _best(searcher, answering, len(ids)))

    def _candidates(
        self, searcher: tantivy.Searcher, asked: Plan, placed: Sequence[Placed]
    ) -> tuple[Candidate, ...]:
        page = [_Found(each, searcher.doc(each.address)) for each in placed]
        answers = self._answers(searcher, asked, page)
        return tuple(
            Candidate(
                found.id,
                str(found.stored.get_first("kind")),
                found.at.at,
                tuple(found.all("keys")),
                tuple(found.all("former")),
                tuple(clause for clause, ids in answers if found.id in ids),
            )
            for found in page
        )

    def _passing(self, near: Collection[Candidate], filters: Filters) -> Collection[str]:
        with engine_errors():
            searcher = self._searcher()
            passing = self._translator.passing([each.id for each in near], filters)
            hits = searcher.search(passing, len(near), count=False).hits
            return {str(searcher.doc(address).get_first("id")) for _, address in hits}

    def _counted(self, near: Collection[Candidate]) -> dict[str, tuple[tuple[str, int], ...]]:
        with engine_errors():
            return _counts(self._searcher(), self._translator.these([each.id for each in near]))[1]

    def _labels(self, asked: Plan, size: int) -> Sequence[tuple[str, str, str]]:
        with engine_errors():
            searcher = self._searcher()
            found = placed_hits(searcher, self._translator.matching(asked), max(size + SPARE, LOOKED_AT))[
                :size
            ]
            documents = [searcher.doc(each.address) for each in found]
        return [
            (
                bytes(each.get_first("label") or b"").decode() or each.get_all("keys")[-1],
                str(each.get_first("kind")),
                str(each.get_first("id")),
            )
            for each in documents
        ]

    several_writers = False

    def writer(self) -> Writer:
        """See `SearchEngine.writer`; the lock is taken on entering the `with` block."""
        return EmbeddedWriter(self._generations, self._schema, "live")

    def rebuild(self) -> Rebuild:
        """See `SearchEngine.rebuild`. Mends an index that is damaged or of another release, too."""
        return EmbeddedWriter(self._generations, self._schema, "new")

    def count(self) -> int:
        """How many documents can be found; 0 when there is no index yet."""
        with engine_errors():
            return 0 if self._generations.current() is None else self._searcher().num_docs

    def restoring(self) -> Rebuild:
        """See `SearchEngine.restoring`."""
        return EmbeddedWriter(self._generations, self._schema, "previous")

    def held(self) -> Iterator[Held]:
        """See `SearchEngine.held`."""
        with engine_errors():
            found = [] if self._generations.current() is None else held(self._searcher())
        yield from found

    def held_of(self, ids: Sequence[str]) -> dict[str, Held]:
        """See `SearchEngine.held_of`."""
        with engine_errors():
            return {} if self._generations.current() is None else held_of(self._searcher(), self._schema, ids)

    def tidy(self) -> None:
        """Nothing: its writer merges as it goes."""

    def ready(self) -> bool:
        """See `SearchEngine.ready`."""
        try:
            with engine_errors():
                self._searcher()
        except Exception:  # whatever it is, the answer is no: a health check that raises says nothing
            return False
        return True

    def _searcher(self) -> tantivy.Searcher:
        """A searcher over the last commit of the live generation."""
        generation = self._generations.current()
        held = self._open
        if held is not None and held.generation == generation and held.stamp == _stamp(generation):
            return held.searcher
        with self._opening:
            return self._opened().searcher

    def _opened(self) -> _Open:
        """Open the live generation, or reload it. A generation that a rebuild took away meanwhile is looked up once more."""
        for attempt in range(2):
            generation = self._generations.checked()
            held = self._open
            try:
                stamp = _stamp(generation)
                if held is not None and held.generation == generation:
                    index = held.index
                else:
                    index = tantivy.Index.open(str(generation))
                    index.config_reader("Manual")
                index.reload()
                self._open = _Open(generation, stamp, index, index.searcher())
                return self._open
            except (ValueError, OSError, IndexUnusable):
                if attempt or self._generations.current() == generation:
                    raise damaged() from None
        raise damaged()

    def _answers(
        self, searcher: tantivy.Searcher, asked: Plan, page: list[_Found]
    ) -> list[tuple[Clause, frozenset[str]]]:
        """The clauses in `TOLD`, each with the ids on the page that answer it."""
        ids = {(found.at.address.segment_ord, found.at.address.doc): found.id for found in page}
        answers = []
        for clause in asked.clauses:
            if clause.reason in TOLD and ids:
                among = self._translator.among(clause, list(ids.values()))
                hits = searcher.search(among, len(ids), count=False).hits
                told = frozenset(ids[at.segment_ord, at.doc] for n, at in hits if (n or 0) >= clause.minimum)
                answers.append((clause, told))
        return answers


def _best(
    searcher: tantivy.Searcher, matching: tantivy.Query, size: int, *, equal: bool = False
) -> list[Placed]:
    """The best `size` hits by their scores. With `equal`, of those that are as good as the last the first by their place, where they
    are no more than `MOST_EQUAL`: near names may stand in any order, `ranking` puts them in another.
    """
    hits, whole = first_placed(searcher, matching, size, size + SPARE if equal else size)
    if whole or not equal:
        return hits
    return first_placed(searcher, matching, size, MOST_EQUAL)[0]


def _counts(
    searcher: tantivy.Searcher, matching: tantivy.Query
) -> tuple[int, dict[str, tuple[tuple[str, int], ...]]]:
    """How many documents match, and for each facet its values with their counts, most frequent first, then by value."""
    wanted: dict[str, object] = {
        facet: {"terms": {"field": facet, "size": 2 * FACET_VALUES}} for facet in FACETS
    }
    wanted["total"] = {"value_count": {"field": "version"}}
    counted = searcher.aggregate(matching, wanted)
    facets = {}
    for facet in FACETS:
        values = [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in counted[facet]["buckets"]]
        facets[facet] = tuple(sorted(values, key=lambda pair: (-pair[1], pair[0]))[:FACET_VALUES])
    return int(counted["total"]["value"]), facets


def _stamp(generation: Path | None) -> tuple[int, int, int]:
    """What changes with each commit: Tantivy replaces this file as the last step."""
    if generation is None:
        return (0, 0, 0)
    try:
        state = (generation / "meta.json").stat()
    except OSError:
        raise damaged() from None
    return (state.st_mtime_ns, state.st_ino, state.st_size)

"""Answering a question with an engine (作答): the engine finds, this decides the order and says why; the same for every engine.

The best `BLOCK` hits of an engine are put in the order of `ranking`; what follows them stands by its tier (`tiers`). Near names are looked
for only when no name is found that holds what was typed.

Pages stay one list while documents come and go: a cursor names the block as it was, and behind it no document's standing depends on
another. What was there all the time is shown once.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from indexer.search.cursor import LONGEST_BLOCK, Cursor
from indexer.search.protocol import FACETS, Candidate, Hit, Matches, Place, Results, Suggestion
from indexer.search.query import Filters, Plan, Query, beginnings, plan, suggesting
from indexer.search.question import read
from indexer.search.ranking import NONE, Likeness, Wanted
from indexer.search.why import reasons
from indexer.text.normalise import normalise

BLOCK = LONGEST_BLOCK
"""Hits that are put in order, whatever the size of a page."""

CODE_STARTS, FORMER = 0.9, 0.005
AS_TOLD = {
    "code_exact": 1.0,
    "code_starts": CODE_STARTS,
    "number_part": CODE_STARTS,
    "code_alike": 0.8,
    "text": 0.4,
    "authority": 0.4,
    "text_some": 0.3,
}
"""How like a document is that has the number, one that begins so or has these parts, a number that may have been meant, all the words in
its long text, the issuer, or most of the words: what text tells is less than any name that is near. An earlier name counts `FORMER` less."""


CLOSE = 0.8
"""How like a name has to be to come before many texts with the words: one character of five left out."""

NO_FILTERS = Filters()
NOTHING = Matches((), 0, "eq", dict.fromkeys(FACETS, ()))


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A candidate with the likeness of its name, and how well it answers in all. `numbered`: it has a number that was asked for."""

    candidate: Candidate
    likeness: Likeness = NONE
    degree: float = 0.0
    numbered: bool = False

    @property
    def certain(self) -> bool:
        """Whether it has all that was asked for."""
        return (
            self.numbered
            or self.likeness.certain
            or any(clause.reason in ("text", "authority") for clause in self.candidate.answers)
        )

    @property
    def meant(self) -> bool:
        """Whether it must be what was meant, so that nobody needs near names."""
        return self.numbered or self.likeness.how in ("whole", "core", "spelt", "initials")


class Answering(ABC):
    """What engines have in common."""

    def search(self, query: Query) -> Results:
        """See `SearchEngine.search`."""
        started = time.perf_counter()
        asked = plan(query)
        if not asked.clauses:
            page = _Page(NOTHING, [], None)
        elif asked.sort == "newest":
            page = self._behind(asked, Cursor(asked.digest, 0) if asked.cursor is None else asked.cursor, [])
        elif asked.cursor is None:
            page = self._first(asked, _wanted(query))
        else:
            page = self._further(asked, asked.cursor, _wanted(query))
        return Results(
            total=page.matches.total,
            relation=page.matches.relation,
            hits=tuple(_hit(asked, each) for each in page.shown),
            facets=page.matches.facets,
            next=str(page.following) if page.following is not None else None,
            took_ms=round((time.perf_counter() - started) * 1000, 3),
            certain=asked.cursor is not None or not page.shown or page.shown[0].certain,
        )

    def suggest(self, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """See `SearchEngine.suggest`."""
        asked = suggesting(text, limit)
        if not asked.clauses:
            return ()
        first = beginnings(asked)
        labels = self._labels(first, limit)
        found = _once(labels)
        if len(found) < limit and (first is not asked or len(labels) == limit):
            found = _once(self._labels(asked, 4 * limit))
        return found[:limit]

    @abstractmethod
    def _matches(self, asked: Plan, size: int) -> Matches:
        """The best `size` documents that answer the clauses of `asked`, by their scores; all counts."""

    @abstractmethod
    def _following(self, asked: Plan, size: int, after: Place | None) -> Matches:
        """The first `size` documents that answer the clauses of `asked`, by their tiers or by day, after a place; all counts."""

    @abstractmethod
    def _these(self, asked: Plan, ids: Sequence[str]) -> Sequence[Candidate]:
        """Those of some documents, fifty at most, that answer the clauses of `asked`, in any order."""

    @abstractmethod
    def _passing(self, near: Collection[Candidate], filters: Filters) -> Collection[str]:
        """The ids of those near names, of fifty at most, that pass the filters."""

    @abstractmethod
    def _counted(self, near: Collection[Candidate]) -> dict[str, tuple[tuple[str, int], ...]]:
        """The counts by facet of near names, fifty at most."""

    @abstractmethod
    def _labels(self, asked: Plan, size: int) -> Sequence[tuple[str, str, str]]:
        """Label, kind and id of the first `size` documents that answer the clauses of `asked`."""

    def _first(self, asked: Plan, wanted: Wanted) -> "_Page":
        """The first page. Where near names are found there is nothing else: what is less near answers nothing."""
        matches = self._matches(asked, BLOCK)
        ranked = _in_order(wanted, matches.candidates)
        widened = None if _enough(wanted, matches, ranked) else asked.widened()
        everywhere = matches
        if widened is not None and asked.filters != NO_FILTERS:
            everywhere = self._matches(replace(asked, filters=NO_FILTERS), BLOCK)
            if _enough(wanted, everywhere, _in_order(wanted, everywhere.candidates)):
                widened = None
        if widened is not None:
            near = self._near(widened, wanted, CLOSE if everywhere.total > BLOCK else 0.0)
            if near is None:
                widened = None
            else:
                facets = self._counted([one.candidate for one in near]) if near else NOTHING.facets
                matches, ranked = Matches((), len(near), "eq", facets), near
        block = tuple(one.candidate.id for one in ranked)
        begin = Cursor(asked.digest, 0, block, near=widened is not None)
        if len(ranked) < asked.limit and len(ranked) < matches.total:
            return self._behind(asked, begin, ranked)
        more = max(len(ranked), matches.total) > asked.limit
        return _Page(matches, ranked[: asked.limit], _after(begin, asked.limit) if more else None)

    def _near(self, widened: Plan, wanted: Wanted, close: float) -> list[_Ranked] | None:
        """The near names in their order; None where not even the nearest is so `close`. Filters choose among those that there are without them:
        a filter finds as many as its count said, and a name that is found is not replaced by others because it does not pass.
        """
        wide = self._matches(replace(widened, filters=NO_FILTERS), BLOCK)
        ranked = [one for one in _in_order(wanted, wide.candidates) if one.degree]
        if close and not (ranked and ranked[0].likeness.degree >= close):
            return None
        if ranked and widened.filters != NO_FILTERS:
            passing = self._passing([one.candidate for one in ranked], widened.filters)
            ranked = [one for one in ranked if one.candidate.id in passing]
        return ranked

    def _further(self, asked: Plan, cursor: Cursor, wanted: Wanted) -> "_Page":
        """A page that begins in the block, as it was put in order for the first page, or behind it."""
        begin = cursor.position
        if begin >= len(cursor.block) and not cursor.near:
            return self._behind(asked, cursor, [])
        if cursor.near:
            asked = asked.widened() or asked
        held = {found.id: found for found in self._these(asked, cursor.block)}
        wanted_ids = cursor.block[begin : begin + asked.limit]
        shown = [_rated(wanted, held[id_]) for id_ in wanted_ids if id_ in held]
        ends = begin + asked.limit >= len(cursor.block)
        if cursor.near:
            facets = self._counted(held.values()) if held else NOTHING.facets
            return _Page(
                Matches((), len(held), "eq", facets), shown, None if ends else _after(cursor, asked.limit)
            )
        if ends:
            return self._behind(asked, cursor, shown)
        return _Page(self._matches(asked, 0), shown, _after(cursor, asked.limit))

    def _behind(self, asked: Plan, cursor: Cursor, shown: list[_Ranked]) -> "_Page":
        """The page that begins with `shown`, the end of the block, and goes on with what stands behind it."""
        size = asked.limit - len(shown)
        after = Place(*cursor.at) if cursor.at is not None else None
        matches = self._following(asked, size + 1 + len(cursor.block), after)
        block = frozenset(cursor.block)
        found = [each for each in matches.candidates if each.id not in block]
        page = shown + [_Ranked(each) for each in found[:size]]
        at = found[size - 1].at if size and len(found) > size else None
        return _Page(matches, page, _after(cursor, asked.limit, at) if len(found) > size else None)


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page shows, the counts beside it, and where the next one begins."""

    matches: Matches
    shown: list[_Ranked]
    following: Cursor | None


def _once(labels: Sequence[tuple[str, str, str]]) -> tuple[Suggestion, ...]:
    """Each label once, for the first document that is called so."""
    suggestions: dict[str, Suggestion] = {}
    for label, kind, id_ in labels:
        suggestions.setdefault(label, Suggestion(label, kind, id_))
    return tuple(suggestions.values())


def _enough(wanted: Wanted, matches: Matches, ranked: Sequence[_Ranked]) -> bool:
    """Whether nobody needs near names beside these. Where what was typed at one stretch stands in no name, its words in many texts do not do."""
    if wanted.one_stretch and ranked and not ranked[0].likeness.certain and not ranked[0].numbered:
        return False
    return matches.total > BLOCK or bool(ranked and ranked[0].meant)


def _after(cursor: Cursor, count: int, at: Place | None = None) -> Cursor:
    """Where the page after one of `count` hits begins."""
    return replace(cursor, position=cursor.position + count, at=at or cursor.at)


def _wanted(query: Query) -> Wanted:
    question = read(query.text)
    return Wanted("" if question.limits_only else normalise(question.text))


def _in_order(wanted: Wanted, candidates: Sequence[Candidate]) -> list[_Ranked]:
    return sorted(
        (_rated(wanted, each) for each in candidates),
        key=lambda one: (-round(one.degree, 4), -one.candidate.at.value, one.candidate.at.place),
    )


def _rated(wanted: Wanted, candidate: Candidate) -> _Ranked:
    likeness, degree = _likeness(wanted, candidate)
    told = max((AS_TOLD[clause.reason] for clause in candidate.answers), default=0.0)
    return _Ranked(candidate, likeness, max(degree, told), numbered=told >= CODE_STARTS)


def _likeness(wanted: Wanted, candidate: Candidate) -> tuple[Likeness, float]:
    best, degree = NONE, 0.0
    for names, less in ((candidate.keys, 0.0), (candidate.former, FORMER)):
        for name in names:
            found = wanted.likeness(name)
            if found.degree - less > degree:
                best, degree = found, found.degree - less
    return best, degree


def _hit(asked: Plan, ranked: _Ranked) -> Hit:
    found = ranked.candidate
    why = reasons(asked, found.keys, found.former, found.answers, ranked.likeness)
    return Hit(found.id, found.kind, 0.0 if asked.sort == "newest" else found.at.value, why)

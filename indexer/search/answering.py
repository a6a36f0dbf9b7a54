"""Answering a question with an engine (作答): the engine finds, this decides the order and says why; the same for every engine.

The best `BLOCK` hits of an engine are put in the order of `ranking`; what follows them stands as the engine has it. Near names are looked for
only when no name is found that holds what was typed.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from indexer.search.cursor import Cursor, refusal
from indexer.search.protocol import DEEPEST, FACETS, Candidate, Hit, Matches, Place, Results, Suggestion
from indexer.search.query import Plan, Query, plan, suggesting
from indexer.search.question import read
from indexer.search.ranking import NONE, Likeness, Wanted
from indexer.search.why import reasons
from indexer.text.normalise import normalise

BLOCK = 50
"""Hits that are put in order, whatever the size of a page."""

CODE_STARTS, FORMER = 0.9, 0.005
AS_TOLD = {"code_exact": 1.0, "code_starts": CODE_STARTS, "text": 0.4, "text_some": 0.3}
"""How like a document is that has the number, one that begins so, all the words in its long text, or most: less than any name that is
near. An earlier name counts `FORMER` less."""


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
            or any(clause.reason == "text" for clause in self.candidate.answers)
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
        begin = asked.cursor.position if asked.cursor is not None else 0
        if begin > DEEPEST:
            raise refusal()
        if not asked.clauses:
            matches, shown = NOTHING, []
        elif begin < BLOCK and asked.sort == "relevance":
            matches, ranked = self._ranked(asked, normalise(read(query.text).text), begin + asked.limit)
            shown = ranked[begin : begin + asked.limit]
        else:
            after = Place(*asked.cursor.at) if asked.cursor is not None else None
            matches = self._matches(asked, asked.limit, after)
            shown = [_Ranked(found) for found in matches.candidates]
        position = begin + len(shown)
        following: Cursor | None = None
        if position < matches.total and shown and position <= DEEPEST:
            last = matches.candidates[: max(position, BLOCK)][-1]
            following = Cursor(*last.at, position, asked.digest)
        return Results(
            total=matches.total,
            relation=matches.relation,
            hits=tuple(_hit(asked, each) for each in shown),
            facets=matches.facets,
            next=str(following) if following is not None else None,
            took_ms=round((time.perf_counter() - started) * 1000, 3),
            certain=begin > 0 or not shown or shown[0].certain,
        )

    def suggest(self, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """See `SearchEngine.suggest`."""
        asked = suggesting(text, limit)
        if not asked.clauses:
            return ()
        suggestions: dict[str, Suggestion] = {}
        for label, kind, id_ in self._labels(asked, 4 * limit):
            suggestions.setdefault(label, Suggestion(label, kind, id_))
        return tuple(islice(suggestions.values(), limit))

    @abstractmethod
    def _matches(self, asked: Plan, size: int, after: Place | None) -> Matches:
        """The first `size` documents that answer the clauses of `asked`, in its order, after a place; all counts."""

    @abstractmethod
    def _counted(self, ids: Sequence[str]) -> dict[str, tuple[tuple[str, int], ...]]:
        """The counts by facet of these documents, fifty at most."""

    @abstractmethod
    def _labels(self, asked: Plan, size: int) -> Sequence[tuple[str, str, str]]:
        """Label, kind and id of the first `size` documents that answer the clauses of `asked`."""

    def _ranked(self, asked: Plan, text: str, size: int) -> tuple[Matches, list[_Ranked]]:
        """The first `size` matches, the best of them put in order.

        Where near names are among them there are no more than `BLOCK`: what is less near answers nothing.
        """
        wanted = Wanted(text)
        matches = self._matches(asked, max(BLOCK, size), None)
        ranked = _in_order(asked, wanted, matches.candidates[:BLOCK])
        if not asked.near or matches.total > BLOCK or (ranked and ranked[0].meant):
            return matches, ranked + [_Ranked(found) for found in matches.candidates[BLOCK:]]
        wide = self._matches(asked.widened(), BLOCK, None)
        ranked = [one for one in _in_order(asked, wanted, wide.candidates) if one.degree]
        facets = self._counted([one.candidate.id for one in ranked]) if ranked else NOTHING.facets
        return Matches(wide.candidates, len(ranked), "eq", facets), ranked


def _in_order(asked: Plan, wanted: Wanted, candidates: Sequence[Candidate]) -> list[_Ranked]:
    ranked = []
    for each in candidates:
        likeness, degree = _likeness(wanted, each)
        told = [AS_TOLD[clause.reason] for clause in each.answers]
        numbered = any(degree >= CODE_STARTS for degree in told)
        ranked.append(_Ranked(each, likeness, max([degree, *told]), numbered))
    return sorted(
        ranked, key=lambda one: (-round(one.degree, 4), -one.candidate.at.value, one.candidate.at.place)
    )


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

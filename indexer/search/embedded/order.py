"""Hits of the embedded index in an order that goes on to the end (次序): by score, by tier, by day.

Tantivy sorts by one thing and knows no "after". Who pages on therefore asks it for one tier, or one day, in the order of the places, from
the last place on. Each page is a walk over all that matches, and keeps in memory no more than a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import count
from typing import NamedTuple

import tantivy

from indexer.search.embedded.translation import Translator
from indexer.search.protocol import Place
from indexer.search.query import Plan
from indexer.search.tiers import tiers


class Placed(NamedTuple):
    """Where a hit is: what it was sorted by, negated; its place among equals; its address. In the order in which hits are shown."""

    down: float
    place: int
    address: tantivy.DocAddress

    @property
    def at(self) -> Place:
        """The same as engines tell it."""
        return Place(-self.down, self.place)


def placed_hits(
    searcher: tantivy.Searcher, matching: tantivy.Query, depth: int, order: str | None = None
) -> list[Placed]:
    """The best `depth` hits by their scores, or by a column; equal ones by their place, but of the last value some may be left out."""
    return first_placed(searcher, matching, depth, depth, order)[0]


def first_placed(
    searcher: tantivy.Searcher, matching: tantivy.Query, size: int, depth: int, order: str | None = None
) -> tuple[list[Placed], bool]:
    """Of the best `depth` hits the first `size`; and whether those that are as good as the last of these end among them."""
    hits = searcher.search(matching, depth, count=False, order_by_field=order).hits
    places = searcher.fast_field_values("place", [address for _, address in hits])
    shown = nsmallest(size, zip((-float(value or 0) for value, _ in hits), places, count()))
    first = [Placed(down, int(place or 0), hits[at][1]) for down, place, at in shown]
    return first, len(hits) < depth or first[-1].down < -float(hits[-1][0] or 0)


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an index holds, page by page."""

    searcher: tantivy.Searcher
    translator: Translator

    def by_tier(self, asked: Plan, size: int, after: Place | None) -> Sequence[Placed]:
        """The first `size` hits after a place, by their tiers."""
        found: list[Placed] = []
        for tier in tiers(asked):
            if len(found) == size or (after is not None and tier.value > after.value):
                continue
            behind = after.place if after is not None and tier.value == after.value else None
            matching = self.translator.in_tier(asked, tier)
            found += self._by_place(matching, size - len(found), tier.value, behind)
        return found

    def by_day(self, asked: Plan, size: int, after: Place | None) -> Sequence[Placed]:
        """The first `size` hits after a place, the newest first."""
        matching = self.translator.answering(asked)
        found: list[Placed] = []
        if after is not None:
            day = int(after.value)
            found = self._on(matching, day, size, after.place)
            matching = self.translator.below(matching, "dated", day)
        if len(found) < size and (hits := placed_hits(self.searcher, matching, size - len(found), "dated")):
            last = -int(hits[-1].down)
            found += [hit for hit in hits if -hit.down > last]
            found += self._on(matching, last, size - len(found), None)
        return found

    def _on(self, matching: tantivy.Query, day: int, size: int, behind: int | None) -> list[Placed]:
        """The first `size` hits of one day behind a place."""
        return self._by_place(self.translator.equal(matching, "dated", day), size, day, behind)

    def _by_place(self, matching: tantivy.Query, size: int, value: float, behind: int | None) -> list[Placed]:
        """The first `size` hits by their place, behind one; all of them stand at `value`."""
        if behind is not None:
            matching = self.translator.above(matching, "place", behind)
        hits = self.searcher.search(
            matching, size, count=False, order_by_field="place", order=tantivy.Order.Asc
        ).hits
        return [Placed(-value, int(place), address) for place, address in hits]

"""The algorithm of a random draw (随机抽取算法), `zhixin-draw-1`: nothing but SHA-256 and comparing, so that anybody can run it again.

    ticket(part, …) = SHA-256 of the UTF-8 text: "zhixin-draw-1", number, seed, part, … joined by line feeds
    key(enterprise) = the least of ticket("enterprise", code, k) for k = 1 … weight, k in decimal digits
    drawn           = the `count` enterprises with the least keys, in the order of their keys
    inspectors of e = the `each` inspectors that are not excluded from e with the least ticket("inspector", code of e, number of inspector)

Digests are compared as 32 bytes, the first byte first. Nothing is divided, so nothing is biased by a remainder; since the least of w equal
chances is w times as likely to come first, an enterprise of weight w is, at every place of the draw, w times as likely to be taken as one of
weight 1 that is still left. The order in which the population is given does not matter.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from heapq import nsmallest

ALGORITHM = "zhixin-draw-1"
HEAVIEST = 20
"""The greatest weight."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An enterprise that may be drawn: its unified code, its name, and its weight from 1 to `HEAVIEST`."""

    code: str
    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class Eligible:
    """An inspector who may be drawn, but for the enterprises `excluded` by their codes."""

    number: str
    agency: str
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lot:
    """The number of a draw and its seed: what all tickets hold."""

    number: str
    seed: str

    def ticket(self, part: str, *names: str) -> bytes:
        """A ticket of the draw."""
        return hashlib.sha256("\n".join((ALGORITHM, self.number, self.seed, part, *names)).encode()).digest()

    def key(self, candidate: Candidate) -> bytes:
        """What an enterprise is ordered by."""
        return min(self.ticket("enterprise", candidate.code, str(k)) for k in range(1, candidate.weight + 1))

    def enterprises(self, population: Iterable[Candidate], count: int) -> list[Candidate]:
        """Those that are drawn, in order, from a population that is gone through once; all of it where it is not larger than `count`."""
        keyed = ((self.key(each), each.code, each) for each in population)
        return [each for _key, _code, each in nsmallest(count, keyed, key=lambda pair: pair[:2])]

    def inspectors(self, code: str, eligible: Collection[Eligible], each: int) -> list[str]:
        """The numbers of the inspectors of an enterprise, in order; fewer where too many are excluded."""
        free = (one.number for one in eligible if code not in one.excluded)
        return nsmallest(each, free, key=lambda number: (self.ticket("inspector", code, number), number))

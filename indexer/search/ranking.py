"""How like a name is to what was typed (名称相近度), the same for every engine: whoever is meant comes first, and it is said in what they differ.

The very name > an earlier name > the same core > a name that holds all parts > a name that sounds alike > one that
looks alike > a near one. Nothing else counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Literal

from indexer.text.lookalikes import lookalikes
from indexer.text.names import Parts, parts
from indexer.text.normalise import bare
from indexer.text.places import is_place, short
from indexer.text.sounds import latin, spellings, syllables

How = Literal["whole", "core", "holds", "spelt", "initials", "near", ""]

SAME_SOUND, SAME_SHAPE, OTHER, LEFT_OUT, TOO_MUCH = 0.46, 0.6, 0.9, 0.5, 0.95
"""What it costs, in characters, that another one of the same sound was typed, one that looks alike, any other one, none, or one that the
name does not have."""

PLACE = 0.15
"""What it costs that a place was typed, a character, which the name does not have."""

ELSEWHERE = 0.25  # the name is of another place than was typed
BEFORE, AFTER = 0.45, 0.05
"""What it costs that the name's core has another character before what was typed, or behind it; people leave the end out rather than the
beginning."""

MOST_UNASKED = 0.45
"""Both together: less than any change, so that a name which holds all that was typed comes before one that does not."""

PART_SPELT = 0.002  # not the whole name but the name without its places
UNASKED = 0.004  # a syllable that was not asked for
NEAR = 0.5
"""A likeness below is none."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like one name is: `degree` from 0 to 1, in which way, and where they differ.

    `changes` are pairs of what was typed and what the name has, "" for nothing; `elsewhere` is the place that was typed and the name's own.
    """

    degree: float
    how: How
    changes: tuple[tuple[str, str], ...] = ()
    elsewhere: tuple[str, str] | None = None

    @property
    def certain(self) -> bool:
        """Whether all that was typed stands in the name."""
        return self.how not in ("near", "") and self.elsewhere is None


NONE = Likeness(0.0, "")


def _near(degree: float, changes: Sequence[tuple[str, str]], elsewhere: tuple[str, str] | None) -> Likeness:
    """A name that differs so far; none where it differs too much."""
    return Likeness(degree, "near", tuple(changes), elsewhere) if degree >= NEAR else NONE


class Wanted:
    """A normalised text that may be a name, made ready to be compared with many."""

    def __init__(self, text: str) -> None:
        self._whole = bare(text)
        self._letters = latin(text)
        self._spelling = next(iter(spellings(self._letters)), [])
        pieces = [piece for piece in map(bare, text.split()) if piece]
        self.one_stretch = len(pieces) == 1
        self._own: Parts = parts(text)
        self._pieces = [self._own.core] if self.one_stretch else pieces
        self._sounds = [syllables(piece) for piece in self._pieces]
        self._length = sum(map(len, self._pieces))
        # Of a text that may also be meant as it stands: its syllables.
        self._read = syllables(self._whole) if self._own.places and self.one_stretch else []
        self._places = {short(place) for place in (*self._own.places, *self._own.bracketed)}

    def likeness(self, name: str) -> Likeness:
        """How like a bare name is."""
        if not self._whole:
            return NONE
        if name == self._whole:
            return Likeness(1.0, "whole")
        if self._letters:
            return max(self._spelt(name), self._written(name), key=lambda found: found.degree)
        return self._written(name)

    def _written(self, name: str) -> Likeness:
        of = parts(name)
        elsewhere = self._elsewhere(of, name)
        far = ELSEWHERE if elsewhere else 0.0
        if self.one_stretch and of.core == self._own.core:
            return Likeness(0.98 - far, "core", (), elsewhere)
        cost, unasked, changes = self._cost(name, of)
        degree = 0.95 * (1 - (cost + unasked) / self._length) - far
        if not cost:
            found = Likeness(max(degree, NEAR), "holds", (), elsewhere)
        else:
            found = _near(degree, changes, elsewhere)
        if not self._read:
            return found
        return max(found, self._as_it_stands(name, of, elsewhere), key=lambda one: one.degree)

    def _as_it_stands(self, name: str, of: Parts, elsewhere: tuple[str, str] | None) -> Likeness:
        """How like a name is to the text with the place that it begins with: a character of either may be left out, and then what seems to
        be a place may be none (安顺塑料薄膜 for 安全顺塑料薄膜厂).
        """
        if (at := name.find(self._whole)) >= 0:
            unasked = self._unasked(of, at, at + len(self._whole))
            return Likeness(0.95 * (1 - unasked / len(self._whole)), "holds")
        read = syllables(name)
        if len(read) != len(name) or len(self._read) != len(self._whole):
            return NONE
        found = aligned(self._whole, self._read, name, read)
        if found.begin >= len("".join(of.places)):
            elsewhere = None  # it stands in the name itself, so it was not meant as a place
        unasked = self._unasked(of, found.begin, found.end)
        degree = 0.95 * (1 - (found.cost + unasked) / len(self._whole)) - (ELSEWHERE if elsewhere else 0.0)
        return _near(degree, found.changes, elsewhere)

    def _unasked(self, of: Parts, begin: int, end: int) -> float:
        """What the characters of a name's core cost that stand before and behind what was asked for."""
        places = len("".join(of.places))
        before, after = max(0, begin - places), max(0, places + len(of.core) - end)
        return min(MOST_UNASKED, BEFORE * before + AFTER * after)

    def _cost(self, name: str, of: Parts) -> tuple[float, float, list[tuple[str, str]]]:
        """What the differences cost, what the characters of the name's core cost that were not asked for, and the differences."""
        total, changes = 0.0, []
        begin, end = len(name), 0
        read: list[str] | None = None
        for piece, sounds in zip(self._pieces, self._sounds, strict=True):
            at = name.find(piece)
            if at >= 0:
                begin, end = min(begin, at), max(end, at + len(piece))
                continue
            if len(self._pieces) > 1 and is_place(piece):
                total += PLACE * len(piece)
                continue
            if read is None:
                read = syllables(name)
            if len(read) != len(name) or len(sounds) != len(piece):
                total += len(piece)  # Latin letters and digits: no character stands for a sound
                changes.append((piece, ""))
                continue
            found = aligned(piece, sounds, name, read)
            total += found.cost
            changes += found.changes
            begin, end = min(begin, found.begin), max(end, found.end)
        return total, self._unasked(of, begin, end), changes

    def _elsewhere(self, of: Parts, name: str) -> tuple[str, str] | None:
        """The place that was asked for and the one of the name, when they are different ones."""
        theirs = {short(place) for place in of.places}
        if not self._places or not theirs or self._places & theirs or any(p in name for p in self._places):
            return None
        return sorted(self._places)[0], short(of.places[-1])

    def _spelt(self, name: str) -> Likeness:
        """How like a name is in Latin letters: whole, without its places, or its core alone."""
        read, of = syllables(name), parts(name)
        readings = [read]
        if len(read) == len(name):
            begins = list(accumulate(map(len, of.places)))
            readings += [read[begin:] for begin in begins]
            begin = begins[-1] if begins else 0
            readings.append(read[begin : begin + len(of.core)])
        whole, *without_places = (self._spelt_as(each) for each in readings)
        part = max(without_places, key=lambda one: one.degree, default=NONE)
        found = whole if whole.degree >= part.degree else replace(part, degree=part.degree - PART_SPELT)
        if found is NONE and self._spelling:
            pairs = set(pairwise(self._spelling))
            share = len(pairs.intersection(pairwise(read))) / max(1, len(pairs))
            return Likeness(NEAR * share, "near") if share >= NEAR else NONE
        return found

    def _spelt_as(self, read: list[str]) -> Likeness:
        letters, initials = "".join(read), "".join(syllable[0] for syllable in read)
        unasked = UNASKED * len(read)
        if letters == self._letters:
            return Likeness(0.97, "spelt")
        if initials == self._letters:
            return Likeness(0.96, "initials")
        if letters.startswith(self._letters):
            return Likeness(0.93 - unasked, "spelt")
        if initials.startswith(self._letters):
            return Likeness(0.9 - unasked, "initials")
        return Likeness(0.8 - unasked, "spelt") if self._letters in letters else NONE


@dataclass(frozen=True, slots=True)
class Aligned:
    """Where a text is found in a name, from `begin` to `end`, with what it costs and the changes that it takes."""

    cost: float
    begin: int
    end: int
    changes: list[tuple[str, str]]


def aligned(typed: str, sounds: Sequence[str], name: str, read: Sequence[str]) -> Aligned:
    """The cheapest way to find `typed` inside `name`. `sounds` and `read` are the syllables of their characters.

    What stands before and behind in the name costs nothing.
    """
    rows = [[0.0] * (len(name) + 1)]
    for character, sound in zip(typed, sounds, strict=True):
        above = rows[-1]
        shapes = lookalikes(character)
        diagonal = above[0]
        left = diagonal + TOO_MUCH
        row = [left]
        for other, heard, over in zip(name, read, above[1:], strict=True):
            if character == other:
                left = diagonal  # nothing is cheaper than to match what is the same
            else:
                left += LEFT_OUT
                instead = SAME_SOUND if sound == heard else SAME_SHAPE if other in shapes else OTHER
                if diagonal + instead < left:
                    left = diagonal + instead
                if over + TOO_MUCH < left:
                    left = over + TOO_MUCH
            row.append(left)
            diagonal = over
        rows.append(row)
    return _way_back(rows, typed, sounds, name, read)


def _instead(typed: str, stands: str, same_sound: bool) -> float:
    """What it costs that one character was typed where another one stands."""
    if typed == stands:
        return 0.0
    if same_sound:
        return SAME_SOUND
    return SAME_SHAPE if stands in lookalikes(typed) else OTHER


def _way_back(
    rows: list[list[float]], typed: str, sounds: Sequence[str], name: str, read: Sequence[str]
) -> Aligned:
    """The cheapest way through the table, told from its end."""
    at, place = len(typed), min(range(len(name) + 1), key=rows[-1].__getitem__)
    cost, end = rows[at][place], place
    found: list[tuple[str, str]] = []
    while at:
        here = rows[at][place]
        if place:
            one, other = typed[at - 1], name[place - 1]
            step = _instead(one, other, sounds[at - 1] == read[place - 1])
            if here == rows[at - 1][place - 1] + step:
                if one != other:
                    found.append((one, other))
                at, place = at - 1, place - 1
                continue
            if here == rows[at][place - 1] + LEFT_OUT:
                found.append(("", other))
                place -= 1
                continue
        found.append((typed[at - 1], ""))
        at -= 1
    return Aligned(cost, place, end, found[::-1])

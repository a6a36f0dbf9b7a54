"""Where and for whom a rule restricts (适用范围): places by the divisions of GB/T 2260, trades by the words of the table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from indexer.text.normalise import normalise
from indexer.text.places import divisions, short


@dataclass(frozen=True, slots=True)
class Place:
    """A division of China down to the county, by its six digits (行政区划代码) and its name."""

    code: str
    name: str

    @property
    def prefix(self) -> str:
        """The digits that it shares with all within it: `32` for 江苏省, `3206` for 南通市."""
        return self.code[:2] if self.code.endswith("0000") else self.code.removesuffix("00")

    def lies_in(self, other: "Place") -> bool:
        """Whether it is `other` or within it."""
        return self.code.startswith(other.prefix)

    def meets(self, other: "Place") -> bool:
        """Whether one of the two lies in the other, so that some ground is common to both."""
        return self.lies_in(other) or other.lies_in(self)


class UnknownPlace(ValueError):
    """A text that names no division, or several; `candidates` are those."""

    def __init__(self, text: str, candidates: tuple[Place, ...]) -> None:
        super().__init__(text)
        self.candidates = candidates

    @property
    def zh(self) -> str:
        """What is wrong, in Chinese."""
        if not self.candidates:
            return f"不认识的地区 {self.args[0]}，请写全称或六位行政区划代码。"
        listed = "、".join(f"{place.code} {place.name}" for place in self.candidates[:8])
        return f"地区 {self.args[0]} 不止一个，请写行政区划代码：{listed}。"

    @property
    def en(self) -> str:
        """What is wrong, in English."""
        if not self.candidates:
            return "is no region; give its full name or its six digits of GB/T 2260"
        return (
            f"is the name of several regions; give its code: {', '.join(p.code for p in self.candidates[:8])}"
        )


def place(text: str, *, near: bool = False) -> Place:
    """The division that a code or a name, in full or in short, means. Raises UnknownPlace.

    With `near`, a code that the table does not have (development zones, counties renamed since) means the city, else the province, that
    it begins with (domain.md 1.3).
    """
    text = normalise(text)
    by_code, by_name = _tables()
    if text.isdecimal() and len(text) == 6:
        codes = (text, f"{text[:4]}00", f"{text[:2]}0000") if near else (text,)
        found = next((by_code[code] for code in codes if code in by_code), None)
        if found is None:
            raise UnknownPlace(text, ())
        return found
    named = by_name.get(text, ())
    if len(named) != 1:
        raise UnknownPlace(text, tuple(named))
    return named[0]


@lru_cache(maxsize=4096)
def place_of_record(text: str | None) -> Place | None:
    """The division that a record's region names; None where it names none, or several."""
    try:
        return place(text, near=True) if text else None
    except UnknownPlace:
        return None


@cache
def _tables() -> tuple[Mapping[str, Place], Mapping[str, tuple[Place, ...]]]:
    """All divisions by code and by name, in full and in short."""
    rows = [line.split() for line in divisions().splitlines() if line and not line.startswith("#")]
    places = [Place(code, name) for code, name, *_ in rows]
    named: dict[str, list[Place]] = defaultdict(list)
    for each in places:
        full = normalise(each.name)
        for name in {full, short(full)}:
            named[name].append(each)
    return {each.code: each for each in places}, {name: _chosen(found) for name, found in named.items()}


def _chosen(found: list[Place]) -> tuple[Place, ...]:
    """Of places with one name the province, else the city, where it is the only one of its rank: 吉林 is the province."""
    for rank in ("0000", "00"):
        of_rank = [each for each in found if each.code.endswith(rank)]
        if of_rank:
            return tuple(of_rank)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and for which trades a rule restricts; no regions is the whole nation, no trades is every trade."""

    regions: tuple[Place, ...] = ()
    trades: tuple[str, ...] = ()

    def covers(self, where: Place | None, trade: str | None) -> bool:
        """Whether it restricts somewhere in `where` and in `trade`; None asks for any.

        A rule of one city counts for a question about its province: somewhere in that province it does restrict.
        """
        here = where is None or not self.regions or any(where.meets(region) for region in self.regions)
        return here and (trade is None or not self.trades or trade in self.trades)

    @property
    def zh(self) -> str:
        """The scope in a sentence, "" where it has no bounds."""
        parts = [_listed("、", (each.name for each in self.regions), "在{}适用")]
        parts.append(_listed("、", self.trades, "对{}行业适用"))
        said = "，".join(filter(None, parts))
        return f"仅{said}。" if said else ""

    @property
    def en(self) -> str:
        """The same in English."""
        parts = [_listed(", ", (each.name for each in self.regions), "in {}")]
        parts.append(_listed(", ", self.trades, "for the trade {}"))
        said = " and ".join(filter(None, parts))
        return f" Applies only {said}." if said else ""


ANYWHERE = Scope()
"""The whole nation, all trades."""


def _listed(separator: str, words: Iterable[str], form: str) -> str:
    joined = separator.join(words)
    return form.format(joined) if joined else ""

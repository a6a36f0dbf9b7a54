"""Places that a question names (问到的地区), and the writings in which records may hold them. Records hold provinces, some of them places in one.

Known are the provinces, prefectures and cities of GB/T 2260 in full and in short (无锡, 昆山), counties and districts in full (沛县). Where
several provinces have one of a name, as 北京 and 吉林 have a 朝阳区, the name alone is none, and behind its province it is the province.
"""

import re
from functools import cache

from indexer.text.places import leading, short, table

_GOES_ON = re.compile("的|有?哪")
"""What stands behind a place in a question and not in a name: 无锡的检测机构, 无锡有哪些检测机构."""


def region_of(text: str) -> tuple[str, int] | None:
    """The place that a folded text is, or begins a question with: a province's short name or another place's full name, and how many
    characters of the text name it.
    """
    goes_on = _GOES_ON.search(text)
    named = text[: goes_on.start()] if goes_on else text
    if province := _short_names().get(named):
        return province, len(named)
    places = leading(named)
    if not places or len(named) > sum(map(len, places)):
        return None
    within = _short_names().get(places[0])
    found = _below(places[-1], within) or within
    return (found, len(named)) if found is not None else None


def writings(region: str) -> tuple[str, ...]:
    """How records may hold a region that `region_of` gave, the narrowest first, its province last: 无锡市 → 无锡市, 无锡, 江苏省无锡市,
    江苏, 江苏省.
    """
    if region in provinces():
        return region, provinces()[region]
    [province] = _within()[region]
    full = provinces()[province]
    return region, short(region), full + region, province, full


@cache
def provinces() -> dict[str, str]:
    """Short name → full name of the divisions of the first level: provinces, autonomous regions, municipalities, special regions."""
    return {short(name): name for code, name in table() if code.endswith("0000")}


@cache
def _short_names() -> dict[str, str]:
    """What they are called, in full and in short, with the short name."""
    return {called: name for name, full in provinces().items() for called in (name, full)}


def _below(place: str, province: str | None) -> str | None:
    """The full name of a place below the province, None where it may be several."""
    full = [name for name in _full_names().get(place, ()) if province in (None, *_within()[name])]
    return full[0] if len(full) == 1 == len(_within()[full[0]]) else None


@cache
def _within() -> dict[str, frozenset[str]]:
    """The full names of places below the province, each with the provinces that have one of that name."""
    names: dict[str, frozenset[str]] = {}
    for code, name in table():
        if not code.endswith("0000"):
            names[name] = names.get(name, frozenset()) | {_first_level()[code[:2]]}
    return names


@cache
def _full_names() -> dict[str, tuple[str, ...]]:
    """What places are called, with the full names that it may stand for."""
    called: dict[str, dict[str, None]] = {}
    for code, name in table():
        if not code.endswith("0000"):
            called.setdefault(name, {})[name] = None
            if code.endswith("00") or name.endswith("市"):
                called.setdefault(short(name), {})[name] = None
    return {name: tuple(full) for name, full in called.items()}


@cache
def _first_level() -> dict[str, str]:
    return {code[:2]: short(name) for code, name in table() if code.endswith("0000")}

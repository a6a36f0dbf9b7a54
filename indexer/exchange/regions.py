"""Where a record belongs (属地): the division of its own region field, else that of the subject's code, as digits to compare by their beginning.

Development zones (320594) are not in GB/T 2260 and belong to the first four digits all the same (domain.md 1.3).
"""

from collections.abc import Sequence
from functools import cache, lru_cache

from indexer.text.normalise import normalise
from indexer.text.places import short, table


@lru_cache(maxsize=20_000)
def code_of(text: str) -> str | None:
    """The digits of a region as records write it: `320583`, 江苏省苏州市昆山市, 昆山. None where it is no place, or may be several."""
    bare = normalise(text).strip()
    digits = bare[:6]
    if digits.isdecimal() and len(digits) == 6 and len(bare) in (6, 9, 12):
        return _bare(digits)
    at, around, found = 0, "", None
    while at < len(bare):
        here = [
            (name, code)
            for name, codes in _by_beginning().get(bare[at : at + 2], ())
            if bare.startswith(name, at)
            for code in codes
            if code.startswith(around) and code != around
        ]
        longest = max((len(name) for name, _ in here), default=0)
        meant = {code for name, code in here if len(name) == longest}
        if len(meant) != 1:
            return found if not longest else None
        [found] = meant
        around, at = found, at + longest
    return found


def belongs(regions: Sequence[str], region: str | None, uscc: str | None) -> bool:
    """Whether a record lies in one of some regions (the first digits of each), by its own region, else by the subject's code."""
    code = (code_of(region) if region else None) or (uscc[2:8] if uscc else None)
    return code is not None and any(code.startswith(_bare(each)) for each in regions)


def _bare(digits: str) -> str:
    """Digits of a division without the pairs of zeros at the end: those of what is inside begin so."""
    while len(digits) > 2 and digits.endswith("00"):
        digits = digits[:-2]
    return digits


@cache
def _by_beginning() -> dict[str, list[tuple[str, list[str]]]]:
    """Names in full and in short by their first two characters, each with its codes."""
    named: dict[str, list[str]] = {}
    for code, full in table():
        for name in dict.fromkeys((full, short(full))):
            named.setdefault(name, []).append(_bare(code))
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for name, codes in named.items():
        found.setdefault(name[:2], []).append((name, codes))
    return found

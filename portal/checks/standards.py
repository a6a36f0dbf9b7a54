"""Which standards are one (标准等同), as far as requirements of tenders name them: ISO and the GB/T that adopts it, and their editions.

Adoption is stated on the cover of each GB/T (等同采用, IDT). Categories of certification are those of RB/T 188-2015 (A: management systems).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from indexer.search.question import read
from indexer.text.normalise import key

_SAME = (
    (
        "ISO 9001",
        "GB/T 19001",
        "ISO 9000",
    ),  # the national platform names the category 质量管理体系认证（ISO9000）
    ("ISO 14001", "GB/T 24001"),
    ("ISO 45001", "GB/T 45001"),
    ("ISO 22000", "GB/T 22000"),
    ("ISO 50001", "GB/T 23331"),
    ("ISO 27001", "GB/T 22080"),
    ("ISO 20000-1", "GB/T 24405.1"),
    ("ISO 13485", "GB/T 42061"),
    ("ISO 22301", "GB/T 30146"),
    ("ISO 10012", "GB/T 19022"),
)
_FAMILY = {one: same[0] for same in _SAME for one in same}

_EDITIONS = (
    ("ISO 9001:2008", "GB/T 19001-2008"),
    ("ISO 9001:2015", "GB/T 19001-2016"),
    ("ISO 14001:2004", "GB/T 24001-2004"),
    ("ISO 14001:2015", "GB/T 24001-2016"),
    ("ISO 45001:2018", "GB/T 45001-2020"),
    ("ISO 50001:2018", "GB/T 23331-2020"),
    ("ISO 27001:2013", "GB/T 22080-2016"),
    ("ISO 13485:2016", "GB/T 42061-2022"),
)
_EDITION = {one: frozenset(pair) for pair in _EDITIONS for one in pair}

_BY_CATEGORY = {
    "职业健康安全管理体系": "ISO 45001",
    "信息安全管理体系": "ISO 27001",
    "食品安全管理体系": "ISO 22000",
    "环境管理体系": "ISO 14001",
    "能源管理体系": "ISO 50001",
    "质量管理体系": "ISO 9001",
}
_NO_ISO_9001 = ("医疗器械", "汽车", "航空", "铁路", "工程建设施工", "武器装备")
"""Quality management systems of trades with a standard of their own."""

_YEAR = re.compile(r"[:-]((?:19|20)[0-9]{2})$")


@dataclass(frozen=True, slots=True)
class Standard:
    """One standard: its family (the ISO that it is the same as, else itself) and its edition under all its numbers, none without a year."""

    family: str
    editions: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def standards_in(text: str) -> frozenset[Standard]:
    """The standards that a text names."""
    return frozenset(_standard(one.replace("ISO/IEC", "ISO")) for one in read(text).standards)


def standard_of_category(category: str) -> frozenset[Standard]:
    """The standard that a category of certification stands for (质量管理体系认证: ISO 9001), where it is a common one."""
    if any(trade in category for trade in _NO_ISO_9001):
        return frozenset()
    found = next((iso for word, iso in _BY_CATEGORY.items() if word in category), None)
    return frozenset({Standard(found)}) if found else frozenset()


def _standard(text: str) -> Standard:
    year = _YEAR.search(text)
    base = text[: year.start()] if year else text
    return Standard(_FAMILY.get(base, base), _EDITION.get(text, frozenset({text})) if year else frozenset())


def fits(required: str, stated: str, category: str) -> bool | None:
    """Whether a certificate for `stated` (认证依据) and of `category` is one for the `required` standards; None where it can not be told.

    Of several required standards each must be there. Editions are compared where both name one.
    """
    wanted = standards_in(required)
    if not wanted:
        return True if key(required) in key(f"{stated} {category}") else None if not stated else False
    held = standards_in(stated) | standards_in(category)
    if not held and not stated:
        held = standard_of_category(category)
    if not held:
        return None
    found = [_fits(one, held) for one in wanted]
    return False if False in found else None if None in found else True


def _fits(wanted: Standard, held: frozenset[Standard]) -> bool | None:
    same = [one for one in held if one.family == wanted.family]
    if not same:
        return False
    if not wanted.editions or any(one.editions & wanted.editions for one in same):
        return True
    return False if any(_series(one) & _series(wanted) for one in same) else None


def _series(standard: Standard) -> set[str]:
    """The numbers without the years: editions of one series can be told apart, an ISO from a GB/T only by the table above."""
    return {_YEAR.sub("", edition) for edition in standard.editions}

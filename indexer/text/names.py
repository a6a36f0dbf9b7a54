"""The parts of an enterprise's name (企业名称的组成): places, the core that people remember, the legal form.

The rules for names (企业名称登记管理规定, 2020, art. 6) order them: 行政区划 + 字号 + 行业 + 组织形式. What is between places and form is the core here:
字号 and 行业 are not parted, because no list of trades tells where one ends.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from indexer.text.normalise import bare
from indexer.text.places import is_place, leading

FORMS = [
    "股份合作公司",
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "集团公司",
    "总公司",
    "分公司",
    "公司",
    "集团",
    "经营部",
    "门市部",
    "合作社",
    "厂",
    "店",
    "部",
    "站",
    "社",
    "行",
    "中心",
]
"""Legal and trading forms that a name may end in; people leave them out."""

SHORTEST_CORE = 2

_COMPANY = re.compile(r"(?:股份合作公司|有限责任公司|股份有限公司|有限公司|集团公司|总公司|分公司|公司)+$")

_FORM = re.compile(f"(?:{'|'.join(FORMS)})+$")
_BRACKETED = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one name, bare (letters, digits and characters only): `places + core + form` is the whole but for `bracketed` places."""

    places: tuple[str, ...]
    core: str
    form: str
    bracketed: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def parts(text: str) -> Parts:
    """The parts of a normalised name. A core is never shorter than `SHORTEST_CORE`: then the form belongs to it, then the place."""
    bracketed = tuple(inner for inner in _BRACKETED.findall(text) if is_place(inner))
    whole = bare(_BRACKETED.sub(lambda found: "" if is_place(found[1]) else found[0], text))
    places = leading(whole)
    rest = whole[sum(map(len, places)) :]
    while places and len(_FORM.sub("", rest)) < SHORTEST_CORE:
        rest = places[-1] + rest
        places = places[:-1]
    core = _FORM.sub("", rest)
    if len(core) < SHORTEST_CORE:
        core = rest
    return Parts(places, core, rest[len(core) :], bracketed)


def company_form(text: str) -> str:
    """The form of a company that a normalised name ends in, "" where it ends otherwise."""
    found = _COMPANY.search(text)
    return found[0] if found else ""

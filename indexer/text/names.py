"""The parts of an enterprise's name (企业名称的组成): places, the core that people remember, the legal form.

The rules for names (企业名称登记管理规定, 2020, art. 6) order them: 行政区划 + 字号 + 行业 + 组织形式. What is between places and form is the core here:
字号 and 行业 are not parted, because no list of trades tells where one ends.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from indexer.text.normalise import bare
from indexer.text.places import is_place, leading

COMPANIES = (
    "股份合作公司",
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "集团公司",
    "总公司",
    "分公司",
    "公司",
)
FORMS = (*COMPANIES, "集团", "经营部", "门市部", "合作社", "厂", "店", "部", "站", "社", "行", "中心")
"""Legal and trading forms that a name may end in, longer ones before those that they end in; people leave them out."""

SHORTEST_CORE = 2

_BRACKETED = re.compile(r"\(([^()]*)\)")


class Parts(NamedTuple):
    """The parts of one name, bare (letters, digits and characters only): `places + core + form` is the whole but for `bracketed` places."""

    places: tuple[str, ...]
    core: str
    form: str
    bracketed: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def parts(text: str) -> Parts:
    """The parts of a normalised name. A core is never shorter than `SHORTEST_CORE`: then the form belongs to it, then the place."""
    bracketed: tuple[str, ...] = ()
    if "(" in text:
        bracketed = tuple(inner for inner in _BRACKETED.findall(text) if is_place(inner))
        text = _BRACKETED.sub(lambda found: "" if is_place(found[1]) else found[0], text)
    whole = bare(text)
    places = leading(whole)
    rest = whole[sum(map(len, places)) :]
    core = _without(_FORMS, rest)
    while places and len(core) < SHORTEST_CORE:
        rest = places[-1] + rest
        places = places[:-1]
        core = _without(_FORMS, rest)
    if len(core) < SHORTEST_CORE:
        core = rest
    return Parts(places, core, rest[len(core) :], bracketed)


def company_form(text: str) -> str:
    """The form of a company that a normalised name ends in, "" where it ends otherwise."""
    return text[len(_without(_COMPANIES, text)) :]


def _without(forms: dict[str, list[str]], text: str) -> str:
    """What stands before all the forms at the end."""
    while text:
        for form in forms.get(text[-1], ()):
            if text.endswith(form):
                text = text[: -len(form)]
                break
        else:
            break
    return text


def _by_last(forms: tuple[str, ...]) -> dict[str, list[str]]:
    """The forms by their last character."""
    found: dict[str, list[str]] = {}
    for form in forms:
        found.setdefault(form[-1], []).append(form)
    return found


_COMPANIES, _FORMS = _by_last(COMPANIES), _by_last(FORMS)

"""Places that names begin with (行政区划): the divisions of GB/T 2260 down to the county, in full and in short.

江苏省 江苏 · 南京市 南京 · 延边朝鲜族自治州 延边 · 如皋市 如皋 · 赵县 (no short form of one character)
"""

import re
from functools import cache
from importlib.resources import files

from indexer.text.normalise import normalise

_PEOPLES = re.compile(
    r"(?:(?:满|回|壮|彝|苗|侗|瑶|白|傣|黎|羌|藏|蒙古|朝鲜|土家|布依|哈尼|景颇|傈僳|哈萨克|维吾尔|柯尔克孜|锡伯|塔吉克|达斡尔|鄂温克|鄂伦春|仡佬|仫佬|毛南|"
    r"畲|水|佤|拉祜|纳西|独龙|怒|普米|布朗|撒拉|东乡|保安|土|裕固|各)族)+|蒙古"
)
_RANK = re.compile(r"(?:特别行政区|自治[区州县旗]|地区|林区|[省市县盟旗])$")
MOST = 3
"""Places that stand one after another at the head of a name: province, city, county."""


def leading(text: str) -> tuple[str, ...]:
    """The places at the head of a bare normalised name, largest reading first: `江苏省南京市示例厂` → `("江苏省", "南京市")`."""
    known = _by_beginning()
    found: list[str] = []
    at = 0
    while len(found) < MOST:
        place = next((name for name in known.get(text[at : at + 2], ()) if text.startswith(name, at)), None)
        if place is None:
            break
        found.append(place)
        at += len(place)
    return tuple(found)


def is_place(text: str) -> bool:
    """Whether a bare normalised text is a place's name, in full or in short."""
    return text in _names()


def short(place: str) -> str:
    """The short form of a place: `南京市` → `南京`; a place without one stays as it is."""
    bare = _RANK.sub("", place)
    if bare != place:
        bare = _PEOPLES.sub("", bare)
    return bare if len(bare) >= 2 else place


def divisions() -> str:
    """The table of divisions: a line for each, code and name."""
    return files("indexer.text").joinpath("divisions.txt").read_text(encoding="utf-8")


@cache
def _names() -> frozenset[str]:
    """All names, in full and in short."""
    lines = divisions().splitlines()
    full = {normalise(line.split()[1]) for line in lines if line and not line.startswith("#")}
    return frozenset(full | {short(name) for name in full})


@cache
def _by_beginning() -> dict[str, list[str]]:
    """The names by their first two characters, longest first."""
    known: dict[str, list[str]] = {}
    for name in sorted(_names(), key=len, reverse=True):
        known.setdefault(name[:2], []).append(name)
    return known

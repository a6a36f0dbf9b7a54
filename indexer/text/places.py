"""Places that names begin with (行政区划): the divisions of GB/T 2260 down to the county, in full and in short.

江苏省 江苏 · 南京市 南京 · 延边朝鲜族自治州 延边 · 如皋市 如皋 · 赵县 (no short form of one character)
"""

import re
from functools import cache, lru_cache
from importlib.resources import files

from indexer.text.normalise import normalise

_PEOPLES = re.compile(
    r"(?:(?:满|回|壮|彝|苗|侗|瑶|白|傣|黎|羌|藏|蒙古|朝鲜|土家|布依|哈尼|景颇|傈僳|哈萨克|维吾尔|柯尔克孜|锡伯|塔吉克|达斡尔|鄂温克|鄂伦春|仡佬|仫佬|毛南|"
    r"畲|水|佤|拉祜|纳西|独龙|怒|普米|布朗|撒拉|东乡|保安|土|裕固|各)族)+|蒙古|维吾尔|哈萨克|柯尔克孜|塔吉克|锡伯"
)
"""Peoples that a division is named after; those at the end stand in such names without 族, too (新疆维吾尔自治区, 伊犁哈萨克自治州)."""

_RANK = re.compile(r"(?:特别行政区|自治[区州县旗]|地区|林区|[省市县盟旗])$")
MOST = 3
"""Places that stand one after another at the head of a name: province, city, county."""


def leading(text: str) -> tuple[str, ...]:
    """The places at the head of a bare normalised name, each inside the one before: `江苏省南京市示例厂` → `("江苏省", "南京市")`.

    九龙 is a county, but not one of 大连: there it is what somebody is called.
    """
    return _walked(text)[0]


def codes_at_head(text: str) -> tuple[tuple[str, ...], str]:
    """What the innermost place at the head of a bare normalised text can be, as codes without their pairs of zeros, and what follows it.

    `江苏省南京市示例厂` → `("3201",), "示例厂"`; a name that several places have gives several codes.
    """
    places, codes = _walked(text)
    return codes if places else (), text[sum(map(len, places)) :]


def _walked(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    known = _by_beginning()
    found: list[str] = []
    at = 0
    around: tuple[str, ...] = ("",)
    while len(found) < MOST:
        for name in known.get(text[at : at + 2], ()):
            if text.startswith(name, at) and (inner := _inside(name, around)):
                found.append(name)
                around = inner
                at += len(name)
                break
        else:
            break
    return tuple(found), around


def is_place(text: str) -> bool:
    """Whether a bare normalised text is a place's name, in full or in short."""
    return text in _codes()


def short(place: str) -> str:
    """The short form of a place: `南京市` → `南京`; a place without one stays as it is."""
    bare = _RANK.sub("", place)
    peoples_left_out = _PEOPLES.sub("", bare) if bare != place else bare
    return next((name for name in (peoples_left_out, bare) if len(name) >= 2), place)  # 内蒙古 is no 内


def divisions() -> str:
    """The table of divisions: a line for each, code and name."""
    return files("indexer.text").joinpath("divisions.txt").read_text(encoding="utf-8")


@lru_cache(maxsize=4096)
def _inside(name: str, around: tuple[str, ...]) -> tuple[str, ...]:
    """The divisions of this name that are part of one of `around`."""
    return tuple(code for code in _codes()[name] if code.startswith(around) and code not in around)


@cache
def table() -> tuple[tuple[str, str], ...]:
    """Code and normalised name of each division."""
    lines = (line.split() for line in divisions().splitlines() if line and not line.startswith("#"))
    return tuple((code, normalise(name)) for code, name in lines)


@cache
def _codes() -> dict[str, tuple[str, ...]]:
    """The codes of each name, in full and in short, without the pairs of zeros at the end: those of what is inside begin so."""
    codes: dict[str, tuple[str, ...]] = {}
    for code, full in table():
        for name in dict.fromkeys((full, short(full))):
            codes[name] = (*codes.get(name, ()), re.sub("(?:00)+$", "", code))
    return codes


@cache
def _by_beginning() -> dict[str, list[str]]:
    """The names by their first two characters, longest first."""
    known: dict[str, list[str]] = {}
    for name in sorted(_codes(), key=len, reverse=True):
        known.setdefault(name[:2], []).append(name)
    return known

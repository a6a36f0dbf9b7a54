"""One writing for every text (规范化): width, case, Traditional and variant characters, look-alikes, numbers, brackets, dots, blanks.

Everything that is compared, cut or searched goes through here first, on both sides, so that how somebody writes a name never decides
whether it is found. Traditional characters are folded one by one (not by phrase): the same character then always gives the same
result, whatever stands around it, which is what matching needs. Only numbers go by what stands beside them (see `numerals.py`).
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from operator import itemgetter

import opencc

from indexer.text import numerals

_OPENING = "[{【〔〖〈《「『〘〚﹝"
_CLOSING = "]}】〕〗〉》」』〙〛﹞"
_DOTS = "•・‧∙⋅●"
_NOT_WORD = re.compile(r"[\W_]+")
_IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0))

SAMPLE = ("第3建筑", "第叁拾贰号", "中铁12局", "一百二十三号", "四0二队", "二〇二六年", "三一零部件", "三号")
"""Texts that show how numbers are written."""


def normalise(text: str) -> str:
    """`text` in the one writing: NFKC, case folded, Simplified, variants as `variants.txt` has them, brackets as ( ), middle dots as ·,
    control and invisible characters dropped, any run of blanks as one space, none at the ends, numbers as `numerals.py` writes them.
    Doing it twice changes nothing.
    """
    special, table = _special()
    if special.search(text):
        text = text.translate(table)
    text = unicodedata.normalize("NFKC", text).casefold()
    if text.isascii():
        return " ".join(text.split())
    text = unicodedata.normalize("NFKC", text)
    if special.search(text):
        text = unicodedata.normalize("NFC", text.translate(table))
    return numerals.folded(" ".join(text.split()))


def key(text: str) -> str:
    """What is left of `text` to compare names by: normalised, letters, digits and characters only.

    `key("质信（示例）有限公司") == key("質信 (示例)有限公司") == "质信示例有限公司"`.
    """
    return bare(normalise(text))


def bare(text: str) -> str:
    """`key` of a text that is normalised already."""
    return text if text.isalnum() else _NOT_WORD.sub("", text)


def code_key(text: str) -> str:
    """What is left of a code or number to compare it by: as `key`, upper-case. `"md2143569-x"` → `"MD2143569X"`."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return key(text).upper()


@cache
def _special() -> tuple[re.Pattern[str], dict[int, str | None]]:
    """The characters that are replaced one by one or dropped (None), and the pattern that finds any of them.

    Most texts hold none, so one search spares them the slower replacing.
    """
    table: dict[int, str | None] = {
        point: None
        for point in (*range(0x10000), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE0080))
        if unicodedata.category(chr(point)) in ("Cc", "Cf", "Cs") and not chr(point).isspace()
    }
    table |= dict.fromkeys(map(ord, _OPENING), "(") | dict.fromkeys(map(ord, _CLOSING), ")")
    table |= dict.fromkeys(map(ord, _DOTS), "·")
    table |= _simplified()
    table |= {ord(variant): to for to, variants_of in variants() for variant in variants_of}
    found = "".join(re.escape(chr(point)) for point in table if point < 0x10000)
    return re.compile(
        f"[{found}\U00010000-\U0010ffff]"
    ), table  # one range for the rest: a long set of them is searched slowly


def variants() -> Iterator[tuple[str, str]]:
    """The entries of `variants.txt`: a character, and all that is folded to it."""
    for line in files("indexer.text").joinpath("variants.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            to, *others = line.split()
            yield to, "".join(others)


def writing() -> str:
    """All that the one writing depends on beside Unicode, as text: each character that is replaced, and what numbers come to."""
    return f"{sorted(_special()[1].items(), key=itemgetter(0))} {[normalise(text) for text in SAMPLE]}"


def _simplified() -> dict[int, str]:
    """Each Traditional or variant character with its Simplified one, as OpenCC's `t2s` has it."""
    characters = [
        chr(point) for first, end in _IDEOGRAPHS for point in range(first, min(end, sys.maxunicode))
    ]
    simplified = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = {a: b for a, b in zip(characters, simplified, strict=True) if a != b and len(b) == 1}
    return {ord(character): pairs.get(to, to) for character, to in pairs.items()}

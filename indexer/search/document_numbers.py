"""Document numbers (发文字号, 文号): known by their shape, found whole or by their parts.

GB/T 9704-2012, 7.2.5: the office's short name (发文机关代字), the year in full in 〔〕, the serial number without 第 and without leading zeros,
号. People and files write other brackets, 第 and zeros, leave the short name's first characters out, or give the year and serial alone.
"""

import re
from collections.abc import Iterator

from indexer.text.cut import bigrams

MARK = "#"
"""Marks the parts of a document number among the words of a document."""

_HEAD = "(?P<head>[㐀-鿿]{2,20})"
_YEAR = r"\( ?(?P<year>(?:19|20)[0-9]{2})年? ?\)"
_PLAIN_YEAR = "(?<![路街道巷弄村镇楼幢栋室])(?P<plain>(?:19|20)[0-9]{2})年?"
_SERIAL = "(?P<nth>第?) ?(?P<serial>[0-9]{1,8}(?:-[0-9]{1,4})?)"

_WHOLE = re.compile(rf"{_HEAD} ?(?:{_YEAR}|{_PLAIN_YEAR}) ?{_SERIAL} ?号")
_IN_PART = re.compile(rf"(?:{_HEAD} ?)?{_YEAR}(?: ?{_SERIAL} ?号)?")
_SAID = re.compile(rf"(?:{_HEAD} ?)?(?:(?:{_YEAR}|{_PLAIN_YEAR}) ?)?(?:{_SERIAL} ?号?)?")


def whole(text: str) -> Iterator[str]:
    """The document numbers in a text of one writing (brackets as ( )), as the standard writes them but for 第 and zeros."""
    for found in _WHOLE.finditer(text):
        yield f"{found['head']}〔{found['year'] or found['plain']}〕{found['nth']}{found['serial']}号"


def held(code: str) -> list[str]:
    """The tokens by which a document is found that has a normalised number; none where it is no document number."""
    found = None if code.isascii() else _WHOLE.fullmatch(code)
    return _tokens(found, found["year"] or found["plain"]) if found else []


def asked(text: str) -> list[list[str]]:
    """For each number in a normalised text, whole or in part (苏市监处罚〔2026〕, 〔2026〕12号), the tokens of a document that has it."""
    found = {
        match.start(): _tokens(match, match["year"] or match["plain"]) for match in _WHOLE.finditer(text)
    }
    for match in _IN_PART.finditer(text):
        if match["head"] or match["serial"]:
            found.setdefault(match.start(), _tokens(match, match["year"]))
    return list(found.values())


def said(text: str) -> list[str]:
    """The same for what the operator `文号:` says, where less will do: 苏市监处罚, 2026, 12号."""
    match = _SAID.fullmatch(text)
    return _tokens(match, match["year"] or match["plain"]) if match else []


def _tokens(found: re.Match[str], year: str | None) -> list[str]:
    parts = bigrams(found["head"] or "")
    parts += [f"({year})"] if year else []
    if serial := found["serial"]:
        parts.append(f"{serial.lstrip('0') or '0'}号")
    return [MARK + part for part in parts]

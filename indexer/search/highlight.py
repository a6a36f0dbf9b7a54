"""Marking what answers a query (高亮) in a text as it is published; plain pieces, never HTML.

Works on the original text: a Traditional, full-width or differently bracketed writing is marked where it stands.
"""

import unicodedata
from functools import lru_cache

from indexer.search.why import inside_latin, runs
from indexer.text import numerals
from indexer.text.cut import words
from indexer.text.normalise import bare, normalise

Pieces = list[tuple[str, bool]]
"""The text in pieces, in order and complete, each with whether it matches."""


def highlight(text: str, query_text: str) -> Pieces:
    """`text` in pieces; those that match are words of the query or three and more of its characters in a row."""
    folded, places = _folded(text)
    parts, known = _asked(query_text)
    marked = [
        (places[start], places[end - 1])
        for start, end in runs(folded, parts)
        if (end - start > 2 or folded[start:end] in known) and not inside_latin(folded, start, end)
    ]
    return _pieces(text, marked)


def excerpt(text: str, query_text: str, length: int = 120) -> Pieces:
    """The part of a long `text`, of about `length` characters, that begins shortly before its first match; "…" where text was left."""
    if len(text) <= length:
        return highlight(text, query_text)
    before = 0
    for piece, matches in highlight(text, query_text):
        if matches:
            break
        before += len(piece)
    else:
        before = 0
    start = min(max(0, before - length // 4), len(text) - length)
    shown = highlight(text[start : start + length], query_text)
    if start:
        shown.insert(0, ("…", False))
    if start + length < len(text):
        shown.append(("…", False))
    return shown


@lru_cache(maxsize=256)
def _asked(query_text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """What is looked for in each hit of a page: the parts of a query, and these with its words."""
    asked = normalise(query_text)
    parts = tuple(part for part in (bare(asked), *map(bare, asked.split())) if part)
    return parts, frozenset((*map(bare, words(asked)), *parts))


@lru_cache(maxsize=30_000)
def _letters(cluster: str) -> str:
    return normalise(cluster) or " "


def _folded(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The key of `text`, and for each of its characters where in `text` the cluster it comes from begins and ends."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        for letter in _letters(text[at:end]):
            letters.append(letter)
            places.append((at, end))
        at = end
    return _without_marks(*_with_numbers("".join(letters), places))


def _with_numbers(folded: str, places: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """The same with numbers in the one writing: each character of a number that changes comes from the whole number."""
    letters: list[str] = []
    found: list[tuple[int, int]] = []
    at = 0
    for start, end, written in numerals.folds(folded):
        letters += [folded[at:start], written]
        found += places[at:start]
        found += [(places[start][0], places[end - 1][1])] * len(written)
        at = end
    return "".join((*letters, folded[at:])), found + places[at:]


def _without_marks(folded: str, places: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """The same, letters, digits and characters only."""
    kept = [at for at, letter in enumerate(folded) if bare(letter)]
    return "".join(folded[at] for at in kept), [places[at] for at in kept]


def _pieces(text: str, marked: list[tuple[tuple[int, int], tuple[int, int]]]) -> Pieces:
    pieces: Pieces = []
    at = 0
    for (start, _), (_, end) in marked:
        start = max(start, at)
        if end <= start:
            continue
        if start > at:
            pieces.append((text[at:start], False))
        if pieces and pieces[-1][1]:
            pieces[-1] = (pieces[-1][0] + text[start:end], True)
        else:
            pieces.append((text[start:end], True))
        at = end
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces

"""How a text is read aloud (读音): one syllable of Hanyu Pinyin for each character, without tones, ü as v.

    重庆长安  →  chong qing chang an      (not zhong qing zhang an: the word decides)
    initials  →  cqca
    spelt     →  chongqingchangan

The readings are pypinyin's. Its own reader takes 200 µs for a name and 60 MB in every process, which is more than all else that indexing a
name costs, so its dictionaries are boiled down to two files: the usual syllable of each character, and of its 47,000 words the few
thousand in which a character sounds otherwise.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from indexer.text.cut import units

LONGEST_WORD = 4
"""Characters of the longest word that decides a reading; in longer ones a shorter one inside them does."""

MOST_SPELLINGS = 4
"""Ways to part letters into syllables that are tried: `xian` is xian or xi an."""

_LETTERS = re.compile(r"[a-z]+")


def syllables(text: str) -> list[str]:
    """The syllables of a normalised text; a run of Latin letters and digits, or a character that nobody reads, stands for itself."""
    parts = units(text)
    usual, words, odd = _readings()
    found = list(map(usual.get, parts, parts))
    if odd_at := [at for at, part in enumerate(parts) if part in odd]:
        around = text if len(parts) == len(text) else "".join(one if len(one) == 1 else "\n" for one in parts)
        for at in odd_at:
            for first, length in odd[parts[at]]:
                if at >= first and (read := words.get(around[at - first : at - first + length])) is not None:
                    found[at] = read[first]
                    break
    return found


def latin(text: str) -> str:
    """The letters of a normalised text that has no others, over blanks and apostrophes; "" where it has others or none."""
    letters = "".join(text.replace("'", " ").split())
    return letters if letters.isascii() and letters.isalpha() else ""


def spellings(letters: str) -> list[list[str]]:
    """The ways to read letters as syllables, with the fewest syllables first; none when they can not be read whole.

    `spellings("xian") == [["xian"], ["xi", "an"]]`.
    """
    if not _LETTERS.fullmatch(letters):
        return []
    known = _syllables()
    best: list[list[list[str]]] = [[[]]]
    for end in range(1, len(letters) + 1):
        ways = [
            [*before, letters[start:end]]
            for start in range(max(0, end - 6), end)
            if letters[start:end] in known
            for before in best[start]
        ]
        best.append(sorted(ways, key=len)[:MOST_SPELLINGS])
    return best[-1]


@cache
def _syllables() -> frozenset[str]:
    """The syllables that people type."""
    usual, words, _ = _readings()
    return frozenset(usual.values()).union(*words.values()) - {"m", "n", "ng", "hm", "hng"}


@cache
def _readings() -> tuple[dict[str, str], dict[str, list[str]], dict[str, list[tuple[int, int]]]]:
    """The usual syllable of each character; words that are read otherwise; for each character on which a word decides, where in words it
    stands and how long these are, longest first.
    """
    usual = {character: syllable for syllable, rest in _lines("syllables.txt") for character in rest[0]}
    words = dict(_lines("readings.txt"))
    places: dict[str, set[tuple[int, int]]] = {
        character: set()
        for word, said in words.items()
        for character, syllable in zip(word, said, strict=True)
        if usual[character] != syllable
    }
    for word in words:
        for at, character in enumerate(word):
            if character in places:
                places[character].add((at, len(word)))
    odd = {
        character: sorted(found, key=lambda place: (-place[1], -place[0]))
        for character, found in places.items()
    }
    return usual, words, odd


def _lines(name: str) -> Iterator[tuple[str, list[str]]]:
    """The entries of a file: the first word of each line, and the others."""
    for line in files("indexer.text").joinpath(name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            first, *others = line.split()
            yield first, others


def readings() -> str:
    """All that readings are made from, as text."""
    return "".join(
        files("indexer.text").joinpath(name).read_text(encoding="utf-8")
        for name in ("syllables.txt", "readings.txt")
    )

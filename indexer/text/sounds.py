"""How a text is read aloud (读音): one syllable of Hanyu Pinyin for each character, without tones, ü as v.

    重庆长安  →  chong qing chang an      (not zhong qing zhang an: the word decides)
    initials  →  cqca
    spelt     →  chongqingchangan

The readings are pypinyin's. Its own reader takes 200 µs for a name, which is more than everything else that indexing a name costs, so its
dictionaries are boiled down: the usual syllable of each character, and of its 47,000 words the 3,400 in which a character sounds otherwise.
"""

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

from indexer.text.cut import units

TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))
LONGEST_WORD = 4
"""Characters of the longest word that decides a reading; in longer ones a shorter one inside them does."""

MOST_SPELLINGS = 4
"""Ways to part letters into syllables that are tried: `xian` is xian or xi an."""

_LETTERS = re.compile(r"[a-z]+")


def syllables(text: str) -> list[str]:
    """The syllables of a normalised text; a run of Latin letters and digits, or a character that nobody reads, stands for itself."""
    parts = units(text)
    usual, words, odd = _readings()
    found = [usual.get(part, part) for part in parts]
    if not odd.isdisjoint(parts):
        for at, part in enumerate(parts):
            if part in odd and (read := _in_word(parts, at, words)) is not None:
                found[at] = read
    return found


def _in_word(parts: list[str], at: int, words: dict[str, list[str]]) -> str | None:
    """How the character at `at` is read in the longest known word around it, None where no word says otherwise."""
    for length in range(LONGEST_WORD, 1, -1):
        for first in range(max(0, at - length + 1), min(at, len(parts) - length) + 1):
            read = words.get("".join(parts[first : first + length]))
            if read is not None:
                return read[at - first]
    return None


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
    """The syllables that there are."""
    usual, words, _ = _readings()
    common = {usual[character] for character in map(chr, range(0x4E00, 0x9FA6)) if character in usual}
    return frozenset(common.union(*words.values())) - {"m", "n", "ng", "hm", "hng"}


@cache
def _readings() -> tuple[dict[str, str], dict[str, list[str]], frozenset[str]]:
    """The usual syllable of each character; words that are read otherwise; the characters on which these words decide."""
    usual = {
        chr(int(point)): plain
        for point, read in _dictionary("pinyin_dict").items()
        if (plain := _plain(read.split(",")[0])).isascii() and plain.isalpha()
    }
    words: dict[str, list[str]] = {}
    odd: set[str] = set()
    for word, read in _dictionary("phrases_dict").items():
        if not 2 <= len(word) <= LONGEST_WORD or len(read) != len(word):
            continue
        said = [_plain(each[0]) for each in read]
        changed = {one for one, syllable in zip(word, said, strict=True) if usual.get(one) != syllable}
        if changed:
            odd |= changed
            words[word] = said
    return usual, words, frozenset(odd)


def _dictionary(name: str) -> dict[str, Any]:
    """A dictionary of pypinyin's, read as its file: imported, both would stay in memory, 60 MB of them."""
    found: dict[str, Any] = json.loads(files("pypinyin").joinpath(f"{name}.json").read_bytes())
    return found


@cache
def _plain(syllable: str) -> str:
    """`lǜ` → `lv`."""
    apart = unicodedata.normalize("NFD", syllable).translate(TONES)
    return unicodedata.normalize("NFC", apart).replace("ü", "v").replace("ê", "e").replace("ɡ", "g")

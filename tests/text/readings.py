"""`python -m tests.text.readings` makes indexer/text/syllables.txt and readings.txt from the dictionaries of pypinyin."""

import unicodedata
from collections import defaultdict
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from indexer.text.normalise import normalise
from indexer.text.sounds import LONGEST_WORD

FOLDER = Path(__file__).parents[2] / "indexer" / "text"
TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))
SYLLABLES_HEAD = """# The usual syllable of each character, without tones, ü as v: a line for each syllable. Made from the dictionaries of pypinyin (MIT) by
# tests/text/readings.py, which the tests hold it to. A digit is read as its character. Only characters that are left in the one writing (normalise.py).
"""
READINGS_HEAD = """# Words of two to four characters in which one sounds otherwise than usual; made like syllables.txt.
"""


def plain(syllable: str) -> str:
    """`lǜ` → `lv`."""
    apart = unicodedata.normalize("NFD", syllable).translate(TONES)
    return unicodedata.normalize("NFC", apart).replace("ü", "v").replace("ê", "e").replace("ɡ", "g")


def tables() -> tuple[str, str]:
    """The two files."""
    usual = {}
    for point, read in PINYIN_DICT.items():
        character, syllable = chr(point), plain(read.split(",")[0])
        if syllable.isascii() and syllable.isalpha() and normalise(character) == character:
            usual[character] = syllable
    usual |= {
        digit: usual[character] for digit, character in zip("0123456789", "零一二三四五六七八九", strict=True)
    }
    by_syllable: dict[str, list[str]] = defaultdict(list)
    for character, syllable in usual.items():
        by_syllable[syllable].append(character)
    odd = {}
    for word, heard in PHRASES_DICT.items():
        if 2 <= len(word) <= LONGEST_WORD and len(heard) == len(word) and set(word) <= usual.keys():
            said = [plain(each[0]) for each in heard]
            if any(usual[character] != syllable for character, syllable in zip(word, said, strict=True)):
                odd[word] = said
    return (
        SYLLABLES_HEAD
        + "".join(
            f"{syllable} {''.join(sorted(by_syllable[syllable]))}\n" for syllable in sorted(by_syllable)
        ),
        READINGS_HEAD + "".join(f"{word} {' '.join(odd[word])}\n" for word in sorted(odd)),
    )


if __name__ == "__main__":
    for name, text in zip(("syllables.txt", "readings.txt"), tables(), strict=True):
        (FOLDER / name).write_text(text, encoding="utf-8")

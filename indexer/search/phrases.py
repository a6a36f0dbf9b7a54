"""Phrases (词组): what an index holds so that "…" means these characters, one after another.

Long texts are held as their characters with positions. Names are not, for that would make an index of names a tenth larger: they are held as
pairs of characters. A name with all the pairs of a phrase holds the phrase, unless it repeats a character: 汽车摩托车配件 has 汽车, 车配 and 配件
and not 汽车配件. Such a name, one of four, has a token beside its pairs for each shortest thing that it seems to hold and does not, its minimal
forbidden words (Crochemore, Mignosi, Restivo: Automata and forbidden words, 1998). It holds a phrase if it has all pairs of it and none of
these is part of it. For 1.1 million names that is one token for two names.
"""

import re
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, zip_longest

from indexer.text.normalise import normalise

LONGEST_PHRASE = 50
"""Units of a phrase that are looked for; of a longer one its beginning."""

BREAK = "|"
"""Stands between sentences, paragraphs and texts, so that no phrase goes on from one to another that is not typed so."""

_UNIT = re.compile(r"[a-z]+|[0-9]+|[^\W_]|[。!?;]")
_ENDS = frozenset("。!?;")
_PARAGRAPH = re.compile(r"\n\s*\n")
_LONGEST_UNIT = 64


def running(text: str) -> list[str]:
    """The units of a normalised text: characters, words of Latin letters, numbers, the ends of sentences inside it. Other marks do not count:
    `双随机、一公开` is `双随机一公开`, `iso 9001` is `iso9001`.
    """
    found = [BREAK if unit in _ENDS else unit[:_LONGEST_UNIT] for unit in _UNIT.findall(text)]
    one_break = [
        unit
        for unit, behind in zip_longest(found, found[1:], fillvalue=BREAK)
        if (unit, behind) != (BREAK, BREAK)
    ]
    return one_break[1:] if one_break[:1] == [BREAK] else one_break


def paragraphs(texts: Iterable[str]) -> str:
    """Texts as published, as an engine holds them for phrases: units parted by blanks, `BREAK` between paragraphs."""
    found = (running(normalise(part)) for text in texts for part in _PARAGRAPH.split(text))
    return f" {BREAK} ".join(" ".join(units) for units in found if units)


def seeming(names: Sequence[Sequence[str]]) -> list[str]:
    """The tokens of what names, given by their units, seem to hold together by their pairs and do not."""
    if len(set(chain.from_iterable(names))) == sum(map(len, names)):
        return []
    often = {unit for unit, times in Counter(chain.from_iterable(names)).items() if times > 1}
    found: set[tuple[str, ...]] = set()
    repeated = [(name, at) for name in names for at, unit in enumerate(name) if unit in often]
    size = 1
    while repeated and size <= LONGEST_PHRASE - 2:
        places: dict[tuple[str, ...], list[tuple[Sequence[str], int]]] = {}
        for name, at in repeated:
            places.setdefault(tuple(name[at : at + size]), []).append((name, at))
        repeated = []
        for word, here in places.items():
            if len(here) > 1:
                found |= _forbidden(word, here)
                repeated += [(name, at) for name, at in here if at + size < len(name)]
        size += 1
    return sorted(map(_token, found))


def _forbidden(word: tuple[str, ...], places: list[tuple[Sequence[str], int]]) -> set[tuple[str, ...]]:
    """What stands before `word` in one place, with it and with what stands behind it in another, where this stands in none."""
    size = len(word)
    around = {
        (name[at - 1] if at else None, name[at + size] if at + size < len(name) else None)
        for name, at in places
    }
    before = {one for one, _ in around if one is not None}
    behind = {other for _, other in around if other is not None}
    return {(one, *word, other) for one in before for other in behind if (one, other) not in around}


def inside(units: Sequence[str]) -> tuple[str, ...]:
    """The tokens of all that stands in a phrase and is longer than a pair: a name that has one of them does not hold the phrase."""
    return tuple(dict.fromkeys(_token(part) for part in _parts(units)))


def _parts(units: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for begin in range(len(units) - 2):
        for end in range(begin + 3, len(units) + 1):
            yield tuple(units[begin:end])


def _token(units: tuple[str, ...]) -> str:
    """Short whatever it stands for: 30 bits, so that of ten million names that hold a phrase one may be passed over by chance."""
    digest = blake2b("\0".join(units).encode(), digest_size=4).digest()
    return "!" + urlsafe_b64encode(digest)[:5].decode()

"""The places of a long text that answer a question (段落): what to read of a policy, the facts of a penalty, a scope of business.

No engine takes part: the text is the one that the reader may see, it is parted into passages along its articles and sentences, and
these are weighed by what of the question they hold. What is rare among the passages at hand counts more than what all of them say.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from indexer.search.highlight import highlight
from indexer.search.question import read
from indexer.search.sections import Section, sections
from indexer.text.asking import ASKING, FILLING
from indexer.text.cut import bigrams, words
from indexer.text.normalise import bare, normalise

LONGEST_KEPT = 100_000
"""Characters of a text whose parting is remembered; of a longer one it is made anew, so that memory stays small."""

MOST_ASKED = 300
"""Characters of a question that are read."""

PAIR = 0.4
"""What a pair of characters counts for, beside a word's 1: pairs find what is cut into other words in the text. A word that is part
of a longer one in the question, or a single character, counts no more than that.
"""

PHRASE = 3.0
"""What a phrase in quotation marks counts for."""

ABOVE = 0.35
"""What a word in the headings above a passage counts for, beside one in the passage itself."""

ALIKE = 0.8
"""Share of its pairs of characters from which a passage repeats another one: documents carry tables of what they said before."""

_TURN = 1.2  # how soon repeating a word stops helping (k1 of BM25)
_LENGTH = 0.5  # how much a long passage is held back (b of BM25)

_limiting = re.compile(r"(?:^|(?<=\s))(?:-\"[^\"]*\"|-\S+|(?:文号|机关):\S*)")
_grammar = frozenset("的了着是我你他这那")


@dataclass(frozen=True, slots=True)
class Passage:
    """A place of a text: its `pieces` in order, each with whether it is what was asked for; the `heading` that stands nearest before
    it ("" where there is none); its merit, comparable within one answer.
    """

    pieces: tuple[tuple[str, bool], ...]
    heading: str
    score: float


def passages(text: str, query_text: str, most: int = 3) -> tuple[Passage, ...]:
    """The `most` best places of `text` for a question in everyday Chinese, best first; none where it holds nothing that is asked for.

    Joined, the pieces of a passage are a part of `text` as it stands, with "…" where a sentence was cut.
    """
    return tuple(passage for _, passage in best({"": text}, query_text, most))


def best(texts: Mapping[str, str], query_text: str, most: int = 3) -> tuple[tuple[str, Passage], ...]:
    """The same over several texts, their passages weighed against each other: (the text's key, passage)."""
    question = _read(query_text[:MOST_ASKED])
    if not question.terms:
        return ()
    held = [(name, section) for name, text in texts.items() for section in _sections(text)]
    scores = _scores(question.terms, [section for _, section in held])
    order = sorted((at for at, score in enumerate(scores) if score > 0), key=lambda at: -scores[at])
    chosen: list[int] = []
    for at in order:
        if len(chosen) >= most:
            break
        if not any(_alike(held[at][1], held[other][1]) for other in chosen):
            chosen.append(at)
    return tuple(
        (held[at][0], _passage(texts[held[at][0]], held[at][1], question.marking, scores[at]))
        for at in chosen
    )


def _sections(text: str) -> Sequence[Section]:
    return _remembered(text) if len(text) <= LONGEST_KEPT else sections(text)


@lru_cache(maxsize=64)
def _remembered(text: str) -> Sequence[Section]:
    return sections(text)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked for: every term with what it counts for, and what to mark of it."""

    terms: Mapping[str, float]
    marking: str


def _read(query_text: str) -> _Question:
    """The words and pairs of characters that a question is about. What only asks is left out, unless there is nothing else, and what
    limits the search (`-word`, `文号:…`) is no part of the question.
    """
    text = _limiting.sub(" ", normalise(query_text))
    topics = [topic.rstrip("是要会") for topic in ASKING.sub(" ", text).split()]
    question = _question(topics, FILLING)
    if not question.terms:
        question = _question(text.split(), frozenset())
    phrases = {bare(normalise(phrase)): PHRASE for phrase in read(query_text).phrases}
    return _Question({**question.terms, **phrases}, question.marking)


def _question(topics: Sequence[str], without: frozenset[str]) -> _Question:
    terms: dict[str, float] = {}
    marking: list[str] = []
    for topic in topics:
        named = [term for word in words(topic) if word not in without and (term := bare(word))]
        for term in named:
            part = any(term != other and term in other for other in named)
            terms[term] = PAIR if part or len(term) == 1 else 1.0
        marking += [term for term in (bare(topic), *named) if len(term) > 1] or named
        for pair in bigrams(topic):
            if _grammar.isdisjoint(pair):
                terms.setdefault(pair, PAIR)
    return _Question(terms, " ".join(marking))


def _scores(asked: Mapping[str, float], held: Sequence[Section]) -> list[float]:
    """The merit of each passage: of every term its weight, times its rarity, times how much it is spoken of; more for those that
    hold more of the question.
    """
    scores = [0.0] * len(held)
    if not held:
        return scores
    mean = sum(len(section.key) for section in held) / len(held) or 1.0
    held_back = [_TURN * (1 - _LENGTH + _LENGTH * len(section.key) / mean) for section in held]
    share = [0.0] * len(held)
    whole = 0.0
    for term, weight in asked.items():
        counts = [section.key.count(term) for section in held]
        holding = sum(1 for count in counts if count)
        worth = weight * math.log(1 + (len(held) - holding + 0.5) / (holding + 0.5))
        whole += worth
        for at, count in enumerate(counts):
            if count:
                scores[at] += worth * count * (_TURN + 1) / (count + held_back[at])
                share[at] += worth
            elif term in held[at].above:
                scores[at] += worth * ABOVE
                share[at] += worth * ABOVE
    return [score * (0.5 + part / whole) if part else 0.0 for score, part in zip(scores, share, strict=True)]


def _alike(one: Section, other: Section) -> bool:
    pairs, others = set(bigrams(one.key)), set(bigrams(other.key))
    return len(pairs & others) >= ALIKE * max(min(len(pairs), len(others)), 1)


def _passage(text: str, section: Section, marking: str, score: float) -> Passage:
    pieces = highlight(text[section.start : section.end], marking)
    if section.cut_before:
        pieces.insert(0, ("…", False))
    if section.cut_after:
        pieces.append(("…", False))
    return Passage(tuple(pieces), section.heading, round(score, 4))

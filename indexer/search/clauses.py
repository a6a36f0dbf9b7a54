"""What a plan is made of (检索条件): clauses as data, and the bounds of what they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from indexer.text.cut import words
from indexer.text.normalise import normalise

Field = Literal[
    "keys", "former", "codes", "bigrams", "sounds", "spelt", "initials", "text", "phrases", "role"
]

MOST_WORDS, MOST_BIGRAMS = 24, 32
"""Bounds of a clause: of a longer text an even sample is looked for. Of 110,000 real names without their legal form, 99.99 % have no
more than 32 pairs and 24 words."""

TOLD = frozenset({"code_exact", "code_starts", "code_alike", "number_part", "authority", "text", "text_some"})
"""Reasons of clauses of which an engine says for each hit whether it answers them: what it stores of a document does not tell."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a hit was found: a stable `code`, the sentence in Chinese, and the part of the query it speaks of."""

    code: str
    zh: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """One meaning of the text: a document answers it when `field` holds at least `minimum` of the `terms`.

    With `scored` it earns its BM25 in that field times `weight`, else `weight` itself. With `prefix` each term stands for all terms
    that begin with it; with `ordered` they follow one another. A document that holds one of `without` does not answer it. `reason` is the
    code it gives to a hit.
    """

    reason: str
    field: Field
    terms: tuple[str, ...]
    minimum: int
    weight: float
    scored: bool = False
    prefix: bool = False
    ordered: bool = False
    without: tuple[str, ...] = ()


def all_of(reason: str, field: Field, terms: tuple[str, ...], weight: float = 1.0) -> Clause:
    """A document holds all of the terms."""
    return Clause(reason, field, terms, len(terms), weight)


def all_words(reason: str, texts: Iterable[str]) -> tuple[Clause, ...]:
    """The long text holds all words of each."""
    cut = [distinct(words(normalise(text)), MOST_WORDS) for text in texts]
    return tuple(all_of(reason, "text", some) for some in cut if some)


def distinct(terms: list[str], most: int) -> tuple[str, ...]:
    """Each term once; of more than `most` an even sample."""
    once = list(dict.fromkeys(terms))
    if len(once) <= most:
        return tuple(once)
    return tuple(once[at * len(once) // most] for at in range(most))

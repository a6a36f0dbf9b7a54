"""A search question (检索请求) and its plan (检索方案): weighted clauses as data, which every engine translates and nobody parses.

A plan has two steps. The first finds what answers the text as it was typed: a name in full, an earlier name, a number, a name in Latin
letters, the beginning of a name, all parts of a name, words in the long text; constant weights keep these apart. The second, for when
that is not enough, finds names that sound alike or have most parts; which of them are near is decided by `ranking`, not by weights.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from indexer.errors import InvalidParameter
from indexer.search import limits
from indexer.search.clauses import MOST_BIGRAMS, MOST_WORDS, Clause, all_of, all_words, distinct
from indexer.search.cursor import Cursor, refusal
from indexer.search.documents import LONGEST_SPELT, START, brand, name_key, sound_pairs, starting
from indexer.search.numbers import MOST_CODES, codes, mistyped, numbers
from indexer.search.question import read
from indexer.text.asking import telling
from indexer.text.cut import bigrams, units, words
from indexer.text.names import COMPANIES
from indexer.text.normalise import bare, key, normalise
from indexer.text.sounds import latin, spellings, syllables

Sort = Literal["relevance", "newest"]

NEAR_PERCENT = 60
"""Of the pairs of a near name."""

SHORTEST_SPELT = 3
SHORTEST_SPELT_TYPED, SHORTEST_INITIALS_TYPED = 5, 4
"""Latin letters from which that is looked for while they are typed, a spelling if it is more than one syllable: of 1.1 million names 65,000
begin with a place or core spelt xin…, 148,000 zhong…, 38,000 have initials zgy…"""

LONGEST_BEGUN = 3
"""Characters up to which names that begin with what is typed are looked for before those that hold it."""

_OF_NAMES = frozenset({"name_exact", "former_exact", "name_starts", "name_all"})

MOST_WAYS = 2
"""Readings of Latin letters that are looked for."""

LARGEST_PAGE = 1000

_LEGAL_FORM = re.compile(f"(?:{'|'.join(COMPANIES)})+")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the results are limited to: a document passes when each named field holds one of the values. None: no limit."""

    kind: tuple[str, ...] | None = None
    region: tuple[str, ...] | None = None
    status: tuple[str, ...] | None = None
    issuer: tuple[str, ...] | None = None
    year: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody asks: `text` as typed, filters, order, page size (1 and more) and the place to go on from."""

    text: str
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    limit: int = 20
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an engine has to do: find what answers any of `clauses` (none: nothing is found) and passes `filters`; add up the weights of
    all that are answered, `preferred` ones (which find nothing by themselves) too; sort; begin after `cursor`.

    Of each of `required` one clause at least must be answered, and none of `excluded`.
    `nearly` is the text whose near names the second step looks for, "" where the first is all; `wide` says that both are in these clauses.
    `parts` are the whole text and its parts, to say why. `digest` binds a cursor to the question.
    """

    clauses: tuple[Clause, ...]
    nearly: str
    preferred: tuple[Clause, ...]
    required: tuple[tuple[Clause, ...], ...]
    excluded: tuple[Clause, ...]
    filters: Filters
    sort: Sort
    limit: int
    cursor: Cursor | None
    parts: tuple[str, ...]
    codes: tuple[str, ...]
    words: tuple[str, ...]
    digest: str
    wide: bool = False

    @property
    def near(self) -> tuple[Clause, ...]:
        """The clauses of the second step; most questions never come to it, so they are made when they are asked for."""
        return tuple(_near(self.nearly)) if self.nearly else ()

    def widened(self) -> "Plan | None":
        """Both steps as one; None where the first is all."""
        if not (near := self.near):
            return None
        preferred = self.preferred + _nearer(self.nearly)
        return replace(self, clauses=self.clauses + near, preferred=preferred, nearly="", wide=True)


SUBJECT_FIRST = Clause("subject", "role", ("subject",), 1, 20.0)
"""Of two equal answers the subject itself comes before what it holds."""


def plan(query: Query) -> Plan:
    """The plan of a query. Text without a letter, digit or character makes an empty one.

    Raises InvalidParameter("cursor") when the cursor comes from a page of another question, InvalidParameter("limit") for a page size
    outside 1–1,000.
    """
    if not 1 <= query.limit <= LARGEST_PAGE:
        raise InvalidParameter(
            "limit",
            f"每页条数须为 1 到 {LARGEST_PAGE}。",
            f"The page size must be between 1 and {LARGEST_PAGE}.",
        )
    digest = _digest(query)
    if query.cursor is not None and query.cursor.digest != digest:
        raise refusal()
    question = read(query.text)
    text = "" if question.limits_only else normalise(question.text)
    whole = bare(text)
    besides = normalise(limits.besides(question))
    required = limits.required(question)
    clauses = _typed(text, dict.fromkeys((whole, key(query.text)))) if whole else []
    if bare(besides):
        clauses += _long_texts(besides)
    elif required:
        clauses += limits.finding(question)
    loose = bare(besides) and query.sort == "relevance"  # a list by date needs no near misses
    return Plan(
        clauses=tuple(dict.fromkeys(clauses)),
        nearly=text if loose else "",
        preferred=(SUBJECT_FIRST, *all_words("standard", question.standards)),
        required=required,
        excluded=limits.excluded(question),
        filters=query.filters,
        sort=query.sort,
        limit=query.limit,
        cursor=query.cursor,
        parts=tuple(dict.fromkeys(part for part in (whole, *map(bare, text.split())) if part)),
        codes=codes(text),
        words=distinct([*map(key, question.phrases), *telling(besides)], MOST_WORDS),
        digest=digest,
    )


def suggesting(text: str, limit: int) -> Plan:
    """The plan for what somebody is still typing: whole names, beginnings of names and numbers, all parts so far."""
    full = plan(Query(text, limit=limit))
    kept = tuple(clause for clause in full.clauses if clause.reason != "text" and not _just_begun(clause))
    return replace(full, clauses=kept, nearly="", words=())


def beginnings(asked: Plan) -> Plan:
    """Of what a short text suggests the names that begin with it, in the same order: those come first, and names that hold it somewhere are
    so many that they are most of the work. Where it may also be a number or Latin letters, the whole plan.
    """
    [text, *_] = asked.parts or ("",)
    in_names = all(clause.reason in _OF_NAMES for clause in asked.clauses)
    if len(units(text)) > LONGEST_BEGUN or not in_names:
        return asked
    return replace(asked, clauses=tuple(clause for clause in asked.clauses if clause.reason != "name_all"))


def _just_begun(clause: Clause) -> bool:
    """Whether a name has been spelt so little that ten thousands begin so: it would be much work for eight of them."""
    if clause.reason not in ("spelt", "initials"):
        return False
    [letters] = clause.terms
    if clause.reason == "initials":
        return len(letters) < SHORTEST_INITIALS_TYPED
    return len(letters) < SHORTEST_SPELT_TYPED or any(len(way) == 1 for way in spellings(letters))


def _typed(text: str, wholes: Iterable[str]) -> list[Clause]:
    """All that a normalised text may be; as a whole it may be one of two, with and without its words that only ask."""
    return _whole(wholes) + numbers(text) + _spelt(text) + _names(text)


def _whole(wholes: Iterable[str]) -> list[Clause]:
    names = tuple(name_key(whole) for whole in wholes)
    return [
        Clause("name_exact", "keys", names, 1, 2000.0),
        Clause("former_exact", "former", names, 1, 1000.0),
    ]


def _spelt(text: str) -> list[Clause]:
    """Clauses for a text that may be a name in Latin letters: `hengruiyiyao`, `heng rui yi yao`, `hryy`."""
    letters = latin(text)
    if len(letters) < SHORTEST_SPELT:
        return []
    kept = (letters[:LONGEST_SPELT],)
    clauses = [
        Clause("initials_exact", "initials", kept, 1, 100.0),
        Clause("initials", "initials", kept, 1, 300.0, prefix=True),
    ]
    if ways := spellings(letters):
        clauses.append(Clause("spelt", "spelt", kept, 1, 600.0, prefix=True))
        clauses += [
            all_of("sounds", "sounds", _sounds(way), 150.0) for way in ways[:MOST_WAYS] if len(way) > 1
        ]
    return clauses


def _names(text: str) -> list[Clause]:
    """Clauses for names that hold the text, or all its parts."""
    single = units(text)
    if len(single) == 1:
        return _one_character(single[0])
    pairs = [pair for part in text.split() for pair in bigrams(part)]
    closed = text.replace(" ", "")
    joined = distinct([START + starting(closed), *bigrams(closed)], MOST_BIGRAMS)
    clauses = [
        all_of("name_starts", "bigrams", joined, 400.0),
        all_of("name_all", "bigrams", distinct(pairs, MOST_BIGRAMS), 200.0),
    ]
    return [clause for clause in clauses if clause.terms]


def _long_texts(text: str) -> list[Clause]:
    """The clause for long text: all that tells something of what was typed."""
    single = units(text)
    some = tuple(single) if len(single) == 1 else distinct(telling(_without_form(text)), MOST_WORDS)
    return [Clause("text", "text", some, len(some), 0.1, scored=True)] if some else []


def _near(text: str) -> list[Clause]:
    """Clauses for names that sound alike, and for long text with most of the words. What all companies are called does not count."""
    core = _without_form(text)
    ways = spellings(bare(text)) if text.isascii() else []
    read = ways[:1] or [syllables(part) for part in core.split()]
    pairs, common = _of_all_companies()
    sounds = distinct(
        [pair for each in read for pair in sound_pairs(each) if pair not in pairs], MOST_BIGRAMS
    )
    some_words = distinct([word for word in telling(core) if word not in common], MOST_WORDS)
    clauses = [
        Clause("name_near", "sounds", sounds, _most(len(sounds)), 0.1, scored=True),
        Clause("text_some", "text", some_words, -(-len(some_words) * NEAR_PERCENT // 100), 0.1, scored=True),
    ]
    return [clause for clause in clauses if clause.terms] + mistyped(text)


@cache
def _of_all_companies() -> tuple[frozenset[str], frozenset[str]]:
    """The pairs of syllables, and the words, of the forms of companies: they stand in most names and would be most of the work."""
    pairs = (pair for form in COMPANIES for pair in sound_pairs(syllables(form)))
    return frozenset(pairs), frozenset(word for form in COMPANIES for word in words(form))


def _nearer(text: str) -> tuple[Clause, ...]:
    """Of near names those that begin alike."""
    begins = tuple(dict.fromkeys(unit for part in text.split() for unit in brand(part)))[:MOST_CODES]
    return (Clause("name_near", "bigrams", begins, 1, 0.1, scored=True),) if begins else ()


def _without_form(text: str) -> str:
    core = _LEGAL_FORM.sub(" ", text)
    return core if bare(core) else text


def _sounds(read: list[str]) -> tuple[str, ...]:
    return distinct(sound_pairs(read), MOST_BIGRAMS)


def _one_character(unit: str) -> list[Clause]:
    return [
        Clause("name_starts", "bigrams", (START + unit,), 1, 400.0, prefix=True),
        Clause("name_all", "bigrams", (unit,), 1, 200.0, prefix=True),
    ]


def _most(count: int) -> int:
    """How many of `count` pairs must be there: one wrong character breaks two of them."""
    return max(1, min(count - 2, -(-count * NEAR_PERCENT // 100)))


def _digest(query: Query) -> str:
    """What makes two queries one question: everything but the page."""
    return hashlib.sha256(
        repr((query.text, query.filters, query.sort)).encode("utf-8", "replace")
    ).hexdigest()[:16]

"""What the engines know: a document (检索文档) is one public thing that can be found, already through disclosure and masked."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Required, TypedDict

from indexer.text.cut import LONGEST, analysis, bigrams, units, words
from indexer.text.normalise import bare, code_key, normalise

LONGEST_KEY = 200
"""Characters of a name or number that are compared as a whole; no two real ones differ only beyond."""

START = "^"
"""Marks the first pair of characters of a name among its pairs, so that \"begins with\" is a token like any other."""


@dataclass(frozen=True, slots=True)
class Document:
    """One findable thing: a subject or a record.

    `id` is the record's id in the register, `version` the batch that recorded it. `subject` stands for the subject it is about and
    never changes: an engine of several machines keeps a subject's documents together. `codes` are all numbers it may be looked up by (unified code, organisation code,
    registration number, certificate and document numbers) in any writing: they are cleaned here. `text` is long text: scope, facts,
    body of a policy. Everything in a document may be shown to the public.
    """

    id: str
    version: int
    kind: str
    subject: str | None = None
    codes: tuple[str, ...] = ()
    name: str = ""
    former_names: tuple[str, ...] = ()
    title: str = ""
    issuer: str | None = None
    region: str | None = None
    status: str | None = None
    year: int | None = None
    dated: date | None = None
    text: str = ""

    @property
    def digest(self) -> str:
        """What tells whether an index holds this very document: of all that it says, as 16 hex digits."""
        return hashlib.blake2b(repr(_said(self)).encode(), digest_size=8).hexdigest()

    @property
    def place(self) -> int:
        """Where it stands among equal answers, lowest first: 56 bits that are the same in every engine and favour nobody."""
        return int.from_bytes(hashlib.blake2b(self.id.encode(), digest_size=7).digest())

    @property
    def routing(self) -> str:
        """Documents of one routing stand together."""
        return self.subject or self.id


_said = attrgetter(*Document.__slots__)


class Tokens(TypedDict, total=False):
    """A document as an engine stores it; what is empty is left out.

    Tokens parted by spaces stand in `words`, `bigrams` and `text`, whole values elsewhere. `keys` are the name and the title to compare
    as a whole, `former` the earlier names alike, `label` is what a suggestion shows, `role` is "subject" for a document about a
    subject itself and not about something it holds, `dated` a day's proleptic ordinal (0: none, sorts last).
    """

    id: Required[str]
    version: Required[int]
    digest: Required[str]
    kind: Required[str]
    role: str
    keys: list[str]
    former: list[str]
    codes: list[str]
    words: str
    bigrams: str
    text: str
    label: Required[str]
    issuer: str
    region: str
    status: str
    year: int
    dated: Required[int]
    place: Required[int]


def tokens(document: Document) -> Tokens:
    """What the engines index of a document."""
    called = [normalise(text) for text in dict.fromkeys((document.name, document.title)) if text]
    fields: Tokens = {
        "id": document.id,
        "version": document.version,
        "digest": document.digest,
        "kind": document.kind,
        "label": document.title or document.name,
        "dated": document.dated.toordinal() if document.dated else 0,
        "place": document.place,
    }
    if called:
        _add_names(fields, called, [normalise(name) for name in document.former_names])
    if len(called) == 1 and document.name:
        fields["role"] = "subject"
    codes = [
        code for code in dict.fromkeys([code_key(code)[:LONGEST_KEY] for code in document.codes]) if code
    ]
    if codes:
        fields["codes"] = codes
    about = [_short_words(text) for text in (document.issuer, document.region) if text]
    if document.text:
        about.append(" ".join(words(normalise(document.text))))
    if about:
        fields["text"] = " ".join(about)
    if document.issuer:
        fields["issuer"] = document.issuer
    if document.region:
        fields["region"] = document.region
    if document.status:
        fields["status"] = document.status
    if document.year is not None:
        fields["year"] = document.year
    return fields


def _add_names(fields: Tokens, called: list[str], former: list[str]) -> None:
    named_words, named_pairs = [], []
    for text in called:
        pairs = bigrams(text)
        named_words += words(text)
        named_pairs += pairs
        named_pairs.append(START + (pairs[0] if pairs else starting(text)))
    for text in former:
        named_words += words(text)
        named_pairs += bigrams(text)
    fields["keys"] = [name_key(text) for text in called]
    fields["words"] = " ".join(named_words)
    fields["bigrams"] = " ".join(named_pairs)
    if former:
        fields["former"] = [name_key(text) for text in former]


def fingerprint(*fields: object) -> str:
    """A digest of what an index is built from: an engine's `fields` and the analysis of text."""
    return hashlib.sha256(repr((*fields, analysis())).encode()).hexdigest()[:16]


def name_key(text: str) -> str:
    """A normalised name as it is compared as a whole."""
    return bare(text)[:LONGEST_KEY]


def starting(text: str) -> str:
    """The first pair of a normalised text (or its one unit), which `START` marks."""
    return "".join(units(text[: 2 * LONGEST])[:2])


@lru_cache(maxsize=4096)
def _short_words(text: str) -> str:
    """Words of an issuer or region, of which there are few."""
    return " ".join(words(normalise(text)))

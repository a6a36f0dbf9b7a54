"""What the engines know: a document (检索文档) is one public thing that can be found, already through disclosure and masked."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Required, TypedDict

import orjson

from indexer.search.document_numbers import held
from indexer.search.phrases import paragraphs, seeming
from indexer.text.cut import LONGEST, analysis, paired, units, words
from indexer.text.names import company_form, parts
from indexer.text.normalise import bare, code_key, normalise
from indexer.text.places import divisions
from indexer.text.sounds import readings, syllables

LONGEST_KEY = 200
"""Characters of a name or number that are compared as a whole; no two real ones differ only beyond."""

LONGEST_SPELT = 22
"""Latin letters of a name that are looked up, about seven syllables: of what is longer the names that begin so are compared by `ranking`."""

PLACE_DIGITS = 14

BRAND = 3  # characters

START = "^"
"""Marks the first pair of characters of a name among its pairs, so that \"begins with\" is a token like any other."""


ISSUED = "@"
"""Marks the words of an issuer among the words of a document, so that `机关:` asks who issued it and not whom it speaks of."""


@dataclass(frozen=True, slots=True)
class Document:
    """One findable thing: a subject or a record.

    `id` is the record's id in the register, hexadecimal digits of a digest; `version` is the batch that recorded it. `subject` stands for the subject it is about and
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
    def digest(self) -> int:
        """What tells whether an index holds this very document: 40 bits of all that it says. The version is compared beside it."""
        return int.from_bytes(hashlib.blake2b(orjson.dumps(_said(self)), digest_size=5).digest())

    @property
    def place(self) -> int:
        """Where it stands among equal answers, lowest first: 56 bits of its id, which is a digest, so they favour nobody.

        An order by `place` is one by id, but for ids that begin alike.
        """
        digits = self.id[:PLACE_DIGITS]
        if not _IS_HEXADECIMAL(digits):
            digits = _NO_DIGIT.sub("f", digits)
        return int(digits, 16) << 4 * (PLACE_DIGITS - len(digits))

    @property
    def routing(self) -> str:
        """Documents of one routing stand together."""
        return self.subject or self.id


_NO_DIGIT = re.compile("[^0-9a-f]")
_IS_HEXADECIMAL = re.compile("[0-9a-f]+").fullmatch
_said = attrgetter(*Document.__slots__)


class Tokens(TypedDict, total=False):
    """A document as an engine stores it; what is empty is left out.

    Tokens parted by spaces stand in `bigrams` and `sounds` (pairs of characters and of syllables of the names), in `text` (words, of the
    names too; the issuer's once more with `ISSUED` before each; the parts of document numbers) and, in their order, in `phrases` (units of the issuer and the long text),
    whole values elsewhere. `keys` are the name and the title to compare as a whole, `former` the earlier names alike;
    `spelt` and `initials` are the names in Latin letters, with and without the places that they begin with. `label` is what a suggestion
    shows where it is not the last key, `role` is "subject" for a document about a subject itself and not about something it holds, `dated` a day's proleptic ordinal
    (0: none, sorts last).
    """

    id: Required[str]
    version: Required[int]
    digest: Required[int]
    kind: Required[str]
    role: str
    keys: list[str]
    former: list[str]
    codes: list[str]
    bigrams: str
    sounds: str
    spelt: list[str]
    initials: list[str]
    text: str
    phrases: str
    label: str
    issuer: str
    region: str
    status: str
    year: int
    dated: Required[int]
    place: Required[int]


def tokens(document: Document) -> Tokens:
    """What the engines index of a document."""
    called = [normalise(text) for text in dict.fromkeys((document.name, document.title)) if text]
    former = [normalise(name) for name in document.former_names]
    fields: Tokens = {
        "id": document.id,
        "version": document.version,
        "digest": document.digest,
        "kind": document.kind,
        "dated": document.dated.toordinal() if document.dated else 0,
        "place": document.place,
    }
    label = document.title or document.name
    if called:
        _add_names(fields, called, former)
        if label != fields["keys"][-1]:
            fields["label"] = label
        if document.name:
            _add_sounds(fields, [called[0], *former])
    if len(called) == 1 and document.name:
        fields["role"] = "subject"
    codes = [
        code for code in dict.fromkeys([code_key(code)[:LONGEST_KEY] for code in document.codes]) if code
    ]
    if codes:
        fields["codes"] = codes
    about = [word for text in (*called, *former) for word in words(text)]
    about += [_short_words(text) for text in (document.issuer, document.region) if text]
    if document.text:
        about += words(normalise(document.text))
    if document.issuer:
        about.append(_issued(document.issuer))
        fields["issuer"] = document.issuer
    about += [part for code in document.codes for part in held(normalise(code))]
    if about:
        fields["text"] = " ".join(about)
    if running := paragraphs(text for text in (document.issuer, document.text) if text):
        fields["phrases"] = running
    if document.region:
        fields["region"] = document.region
    if document.status:
        fields["status"] = document.status
    if document.year is not None:
        fields["year"] = document.year
    return fields


def _add_names(fields: Tokens, called: list[str], former: list[str]) -> None:
    pairs: list[str] = []
    names = [units(text) for text in (*called, *former)]
    for at, name in enumerate(names):
        pairs += paired(name)
        if at < len(called):
            pairs.append(START + "".join(name[:2]))
    for text in (called[0], *former):
        pairs += brand(text)
    pairs += seeming(names)
    fields["keys"] = [name_key(text) for text in called]
    fields["bigrams"] = " ".join(pairs)
    if former:
        fields["former"] = [name_key(text) for text in former]


def _add_sounds(fields: Tokens, names: list[str]) -> None:
    """Names as they are read and spelt. The form that most names end in is left out: everybody's sounds tell nobody apart."""
    pairs: list[str] = []
    spelt: list[str] = []
    initials: list[str] = []
    for name in names:
        read = syllables(name)
        pairs += sound_pairs(read[: len(read) - len(company_form(name))])
        firsts = [syllable[0] for syllable in read]
        for begin in (0, *accumulate(map(len, parts(name).places))):
            spelt.append("".join(read[begin : begin + LONGEST_SPELT])[:LONGEST_SPELT])
            initials.append("".join(firsts[begin : begin + LONGEST_SPELT]))
    fields["sounds"] = " ".join(pairs)
    fields["spelt"] = list(dict.fromkeys(spelt))
    fields["initials"] = list(dict.fromkeys(initials))


def brand(text: str) -> list[str]:
    """The first characters of a normalised name's core (字号 in most): they tell near names apart, as what follows is a trade."""
    return units(parts(text).core[: 2 * LONGEST])[:BRAND]


def sound_pairs(read: list[str]) -> list[str]:
    """The pairs of neighbouring syllables, as tokens."""
    return [f"{one}'{other}" for one, other in pairwise(read)]


def fingerprint(*fields: object) -> str:
    """A digest of what an index is built from: an engine's `fields`, the analysis of text, the tokens that a document comes to."""
    return hashlib.sha256(
        repr((*fields, analysis(), divisions(), readings(), tokens(SAMPLE))).encode()
    ).hexdigest()[:16]


SAMPLE = Document(
    "1",
    1,
    "enterprise",
    codes=("91329900MA00000000", "示例发〔2026〕1号"),
    name="江苏省苏州市示例长安（重庆）乐器3M有限公司",
    former_names=("示例银行厂",),
    title="示例",
    issuer="示例局",
    region="江苏",
    text="示例质量管理体系认证\n\nISO9001",
)


def name_key(text: str) -> str:
    """A normalised name as it is compared as a whole."""
    return bare(text)[:LONGEST_KEY]


def starting(text: str) -> str:
    """The first pair of a normalised text (or its one unit), which `START` marks."""
    return "".join(units(text[: 2 * LONGEST])[:2])


@lru_cache(maxsize=4096)
def _issued(issuer: str) -> str:
    """The words of an issuer, known as such."""
    return " ".join(ISSUED + word for word in words(normalise(issuer)))


@lru_cache(maxsize=4096)
def _short_words(text: str) -> str:
    """Words of an issuer or region, of which there are few."""
    return " ".join(words(normalise(text)))

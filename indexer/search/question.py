"""Reading a question (读懂问题): what of a typed text is to be looked for, and what its other words ask for.

People type a name and behind it what they want to know: 「示例公司 是不是黑名单」, 「示例公司ISO9001证书 真伪」. The words of `intents.txt`
and numbers of standards are taken off the text, and the filters they ask for are offered; setting one stays with the person. A name is
never damaged: nothing is taken out of a word that goes on as a name does (「示例认证有限公司」), and two characters of it remain at least.

Operators: "…" “…” 「…」 『…』 a phrase; ` -词`, ` -"…"` leave out what holds the word or the phrase; `文号:` and `机关:` (also `发证机构:`) with a value.

All positions are those of the typed text: each character is compared in its one writing where that is one character too, so what is left
is left as it was typed. The time is linear in the text but for the few bounded looks back of the patterns.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from indexer.search import document_numbers
from indexer.search.intents import OfferField, intents
from indexer.search.regions import region_of
from indexer.text.normalise import bare, normalise

SHORTEST_NAME = 2
"""Letters, digits or characters of a name that taking words off must leave."""

SHORTEST_LISTED = 4
"""Characters from which an item of an enumeration (、) may be a name: shorter ones are words of a sentence."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A filter that `words` of the text, as typed, ask for. Kinds by their name, years in digits, a province by its short name, a place in
    one by its full name (`regions.writings` says how records may hold it); `wider`: the value is only the province of the place. A "phrase" is
    to be put in quotes behind the text: a standard's number, which records hold in their texts.
    """

    field: OfferField
    value: str
    words: str
    wider: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A text read.

    `text`: what is to be looked for, as typed, with single blanks; the whole when nothing else would be left. `standards`:
    "ISO 9001", "GB/T 19001-2016". `document_numbers`: 文号 found by their shape, with 〔〕. `document_number`, `authority`: what the
    operators said; `excluded` words and `excluded_phrases` must not be there. `names`: two or more names or codes that were pasted at once, else (). `limits_only`: there is nothing but
    operators, and `text` is what they said.
    """

    text: str
    offers: tuple[Offer, ...] = ()
    standards: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    excluded_phrases: tuple[str, ...] = ()
    document_numbers: tuple[str, ...] = ()
    document_number: str | None = None
    authority: str | None = None
    names: tuple[str, ...] = ()
    limits_only: bool = False


_QUOTES = "“”「」『』"
_ALL_QUOTES = '"' + _QUOTES
_MARKS = " ?!。,.;:、~…"
_VALUE = r"(?:\"[^\"]+\"|“[^“”]+”|「[^「」]+」|『[^『』]+』|\S+)"
_OPERATOR = re.compile(
    rf"文号 ?: ?(?P<number>{_VALUE})"
    rf"|(?:发证|处罚|列入|认定|决定)?(?:机关|机构) ?: ?(?P<authority>{_VALUE})"
    rf"|(?<= )(?<![0-9a-z] (?=-[0-9]))-+(?P<excluded>(?![\- ]){_VALUE})"
    r"|\"(?P<straight>[^\"]+)\"|“(?P<curved>[^“”]+)”|「(?P<corner>[^「」]+)」|『(?P<double>[^『』]+)』"
)
_PHRASES = ("straight", "curved", "corner", "double")

_STANDARD = re.compile(
    r"(?<![a-z0-9])"
    r"(?P<body>iso(?:/(?:iec|ts|tr|pas))?|iec|iatf|ohsas|gb(?:/?[tz])?|db[0-9]{2}(?:/?t)?|jjg|jjf|[a-z]{2}/t)"
    r" ?-? ?(?P<number>[0-9]{2,6}(?:\.[0-9]{1,3})?(?:-[0-9]{1,2}(?![0-9]))?)"
    r"(?: ?[-—–:] ?(?P<year>(?:19|20)[0-9]{2}))?(?![0-9a-z])"
)
_MARKER = "\ue000"
"""Stands for each character of a standard's number while the words around it are read; nobody can type it (`_folded`)."""

_YEAR = re.compile(r"((?:19|20)[0-9]{2})年度?$")

_LINES = re.compile(r"[\r\n\t\v\f\u2028\u2029;]+")
_COMMAS = re.compile(r"[\r\n\t\v\f\u2028\u2029;、]+")
_NUMBERING = re.compile(r"^ ?\(?[0-9]{1,3}[.)、] ?(?=[^0-9])")
_ORGANISATION = re.compile(r"(?:公司|集团|厂|店|社|所|院|中心|站|经营部|门市部|商行|银行|局|协会|学校)$")
_CODE = re.compile(r"(?=[0-9a-z\-/]*[0-9])[0-9a-z][0-9a-z\-/]{7,29}")
_WHOLE_NAME = re.compile(r".{2,}(?:有限公司|有限责任公司|\((?:有限|普通|特殊普通)合伙\))")
_WHOLE_CODE = re.compile(r"[0-9a-z]{18}|[0-9a-z]{8}-[0-9a-z]|[0-9]{15}")


@lru_cache(maxsize=256)  # a search reads its text where it plans, ranks and shows
def read(text: str) -> Question:
    """Read what was typed. Any text will do; the empty one gives the empty question."""
    visible = "".join(character for character in text if character.isspace() or _folded(character))
    pasted = _pasted(visible)
    if pasted:
        read_ones = [_read(" ".join(piece.split())) for piece in pasted]
        names = tuple(dict.fromkeys(one.text for one in read_ones))
        if len(names) > 1 and not any(_has_operator(one) for one in read_ones):
            return Question(
                " ".join(visible.split()),
                offers=_distinct(offer for one in read_ones for offer in one.offers),
                standards=tuple(dict.fromkeys(s for one in read_ones for s in one.standards)),
                document_numbers=tuple(dict.fromkeys(n for one in read_ones for n in one.document_numbers)),
                names=names,
            )
    return _read(" ".join(visible.split()))


def _has_operator(question: Question) -> bool:
    excluded = question.excluded or question.excluded_phrases
    return bool(question.phrases or excluded or question.document_number or question.authority)


@lru_cache(maxsize=30_000)
def _folded(character: str) -> str:
    """A character in its one writing where that is a single one, else itself; "" for what nobody sees."""
    if "\U00030000" <= character < "\U000e0000" or character >= "\U000f0000":
        return character  # the upper planes have no other writings
    if character.isspace():
        return " "
    if character in _QUOTES:
        return character
    if character == _MARKER:
        return "\ufffd"
    one = normalise(character)
    return one if len(one) <= 1 else character


def _fold(typed: str) -> str:
    """`typed` in the one writing, of the same length."""
    return "".join(map(_folded, typed))


@dataclass(slots=True)
class _Part:
    """A piece of the text without blanks: as typed and folded, numbers of standards marked. A `literal` one stood in quotes, a
    `joined` one follows the piece before it without a blank.
    """

    typed: str
    folded: str
    literal: bool = False
    joined: bool = False


@dataclass(slots=True)
class _Gathered:
    """What the operators of a text said, and what stands between them."""

    parts: list[_Part] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    excluded_phrases: list[str] = field(default_factory=list)
    document_number: str | None = None
    authority: str | None = None
    standards: list[tuple[str, str]] = field(default_factory=list)  # in one writing, as typed


def _read(typed: str) -> Question:
    folded = _fold(typed)
    gathered = _gather(typed, folded)
    kept, offers = _take_off(gathered.parts)
    quoted = {bare(normalise(phrase)) for phrase in gathered.phrases}
    for standard, words in gathered.standards:
        offers.append(Offer("kind", "certificate", words))
        if bare(normalise(standard)) not in quoted:
            offers.append(Offer("phrase", standard, words))
    said = [value for value in (gathered.document_number, gathered.authority) if value]
    number = gathered.document_number
    texts = (kept, _joined((part, part.typed) for part in gathered.parts), " ".join(said))
    text = next((text for text in texts if bare(normalise(text))), typed)
    return Question(
        text=text,
        limits_only=bool(said) and text == texts[-1] and not gathered.parts,
        offers=_distinct(sorted(offers, key=lambda offer: typed.find(offer.words))),
        standards=tuple(dict.fromkeys(standard for standard, _words in gathered.standards)),
        phrases=tuple(dict.fromkeys(gathered.phrases)),
        excluded=tuple(dict.fromkeys(gathered.excluded)),
        excluded_phrases=tuple(dict.fromkeys(gathered.excluded_phrases)),
        document_numbers=tuple(dict.fromkeys(document_numbers.whole(folded))),
        document_number=next(document_numbers.whole(_fold(number)), number) if number else None,
        authority=gathered.authority,
        names=_side_by_side(gathered),
    )


def _gather(typed: str, folded: str) -> _Gathered:
    gathered = _Gathered()
    at = 0
    for found in _OPERATOR.finditer(folded):
        name = found.lastgroup or ""
        value = typed[found.start(name) : found.end(name)].strip(" " + _ALL_QUOTES)
        if not bare(value):
            continue
        _add_parts(gathered, typed[at : found.start()], folded[at : found.start()])
        at = found.end()
        if name in _PHRASES:
            gathered.phrases.append(value)
            joined = folded[max(found.start() - 1, 0)] not in ' "'
            gathered.parts.append(_Part(value, _fold(value), literal=True, joined=joined))
        elif name == "excluded":
            quoted = folded[found.start(name)] in _ALL_QUOTES
            (gathered.excluded_phrases if quoted else gathered.excluded).append(value)
        elif name == "number":
            gathered.document_number = gathered.document_number or value
        else:
            gathered.authority = gathered.authority or value
    _add_parts(gathered, typed[at:], folded[at:])
    return gathered


def _add_parts(gathered: _Gathered, typed: str, folded: str) -> None:
    """The parts of a stretch without operators; a standard's number is never cut at its blanks."""
    for found in _STANDARD.finditer(folded):
        gathered.standards.append((_standard(found), typed[found.start() : found.end()]))
        folded = folded[: found.start()] + _MARKER * len(found[0]) + folded[found.end() :]
    after_quotes = bool(gathered.parts) and gathered.parts[-1].literal
    gathered.parts += [
        _Part(typed[found.start() : found.end()], found[0], joined=after_quotes and found.start() == 0)
        for found in re.finditer(r"[^ ]+", folded)
    ]


def _standard(found: re.Match[str]) -> str:
    body = found["body"].upper()
    if body[-1] in "TZ" and "/" not in body and not body.startswith("IATF"):
        body = f"{body[:-1]}/{body[-1]}"
    international = body.startswith(("ISO", "IEC", "IATF", "OHSAS"))
    year = f"{':' if international else '-'}{found['year']}" if found["year"] else ""
    return f"{body} {found['number']}{year}"


def _take_off(parts: list[_Part]) -> tuple[str, list[Offer]]:
    """The text without its intent words, "" when it has to stay whole, and what all of them ask for."""
    kept: list[tuple[_Part, str]] = []
    offers: list[Offer] = []
    for part in reversed(parts):
        if part.literal:
            kept.append((part, part.typed))
            continue
        rest, found = _tail(part, apart=True)
        if rest:
            rest, found = _tail(part, apart=False)
            kept.append((part, part.typed if kept else part.typed[: len(rest)]))
        offers += [*_offers_of(part), *found]
    kept.reverse()
    text = _joined(kept)
    asks_about = intents().matter.search(_fold(text)) is not None
    general = all(_fold(word) in intents().general for _part, word in kept)
    if asks_about or general or len(bare(normalise(text))) < SHORTEST_NAME:
        return "", offers
    return text, offers


def _joined(words: Iterable[tuple[_Part, str]]) -> str:
    """Words with a blank between those that were typed apart."""
    return "".join(("" if part.joined else " ") + word for part, word in words).strip()


def _offers_of(part: _Part) -> list[Offer]:
    """What a part offers without being taken off: a place where it is the whole or stands before 的, a kind of document."""
    if found := region_of(part.folded):
        region, length = found
        return [Offer("region", region, part.typed[:length])]
    asked = intents().offering.get(part.folded)
    return [Offer(*asked, part.typed)] if asked else []


def _tail(part: _Part, *, apart: bool) -> tuple[str, list[Offer]]:
    """What is left of a part's folded text before the intent words at its end, and their offers; `apart`: with the words that names
    end with too.
    """
    table = intents()
    left, offers, taken = part.folded, list[Offer](), False
    while trimmed := left.rstrip(_MARKS):
        if trimmed[-1] == _MARKER:
            left, taken = trimmed.rstrip(_MARKER), True
        elif year := _YEAR.search(trimmed[-6:]):
            left, taken = trimmed[: -len(year[0])], True
            offers.append(Offer("year", year[1], part.typed[len(left) : len(trimmed)]))
        elif word := _word(trimmed, apart):
            left, taken = trimmed[: -len(word)], True
            if asked := table.end.get(word) or table.apart.get(word):
                offers.append(Offer(*asked, part.typed[len(left) : len(trimmed)]))
        elif (bared := trimmed.rstrip(table.particle)) != trimmed and _word(bared, apart):
            left = bared
        elif taken and trimmed[-1] in table.joint and not trimmed.endswith(table.held):
            left = trimmed[:-1]
        else:
            return (trimmed if taken else part.folded), offers
    return ("" if taken else part.folded), offers


def _word(text: str, apart: bool) -> str | None:
    """The longest intent word that `text` ends with, if it may be taken off: one of `apart` where a standard's number stands before it."""
    table = intents()
    for size in range(min(table.longest, len(text)), 0, -1):
        word = text[-size:]
        if word in table.end:
            return word
        if word in table.apart:
            return word if apart or text[-size - 1 : -size] == _MARKER else None
    return None


def _distinct(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """Each filter once, with the first words that ask for it."""
    first: dict[tuple[str, str], Offer] = {}
    for offer in offers:
        first.setdefault((offer.field, offer.value), offer)
    return tuple(first.values())


def _pasted(text: str) -> list[str]:
    """The items of a list that was pasted, lines, cells or items of an enumeration; [] when it is none."""
    text = _separable(text)
    if not _COMMAS.search(text):
        return []
    for separators in (_COMMAS, _LINES):
        pieces = [_NUMBERING.sub("", piece).strip() for piece in separators.split(text)]
        names = [piece for piece in pieces if len(bare(_fold(piece))) >= SHORTEST_NAME]
        numbering = sum(piece.isdecimal() for piece in pieces)
        names = [name for name in names if not (name.isdecimal() and len(name) <= 3)]
        if len(names) < 2 or len(names) + numbering < sum(bool(bare(piece)) for piece in pieces):
            continue
        if separators is _LINES or "、" not in text or _enumerated(names):
            return names
    return []


def _separable(text: str) -> str:
    """`text` with every writing of ; and 、 as these, and lines as they are."""
    return text.replace("；", ";").replace("﹔", ";").replace("､", "、").replace("﹑", "、")


def _enumerated(names: list[str]) -> bool:
    """Whether items between 、 are names or codes, not words of a sentence."""
    folded = [_fold(_read(name).text) for name in names]
    return all(
        len(bare(name)) >= SHORTEST_LISTED and (_ORGANISATION.search(name) or _CODE.fullmatch(name))
        for name in folded
    )


def _side_by_side(gathered: _Gathered) -> tuple[str, ...]:
    """Whole names, or codes, with only blanks between: what a search box makes of pasted lines."""
    parts = gathered.parts
    for shape in (_WHOLE_NAME, _WHOLE_CODE):
        if len(parts) > 1 and all(not part.literal and shape.fullmatch(part.folded) for part in parts):
            names = tuple(dict.fromkeys(part.typed for part in parts))
            return names if len(names) > 1 else ()
    return ()

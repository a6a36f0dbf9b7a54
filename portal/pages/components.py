"""What the macros of `templates/_components.html` are handed: ready values and ready links, so that templates only loop and show.

`tone` is `good`, `neutral`, `warn` or `bad` and chooses colour and icon; the word beside it is `text`, already in the reader's language.
A day is an ISO text ("2026-11-23"); None means "not registered". An `href` is a finished address.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Segments = Sequence[tuple[str, bool]]
"""Text cut into pieces, each with whether it is what was searched for."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something to press."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link of a row of links, one of which is where the reader is."""

    text: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in a word."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A message in the page; `links` follow the text."""

    text: str
    tone: str = "neutral"
    title: str | None = None
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant for machines (`iso`) and for people, with its zone: "2026-11-23 08:30（北京时间）"."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: of `badge`, `day` and `text` the first that is given is shown, and `mark` after it. `code`: a number, in letters of one
    width.
    """

    text: str | None = None
    href: str | None = None
    day: str | None = None
    badge: Badge | None = None
    code: bool = False
    mark: Badge | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A value with its name."""

    label: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with as many cells as there are columns; the first cell names its row."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What makes an answer provable: the register's version, when that was made, when the question was answered, and where (`url`)."""

    register_version: int
    recorded_at: Instant | None
    checked_at: Instant
    url: str


@dataclass(frozen=True, slots=True)
class Pager:
    """Ways to the next page and, from a later one, back to the first."""

    next_href: str | None
    first_href: str | None = None


@dataclass(frozen=True, slots=True)
class SearchForm:
    """A box to search with: where it sends, what it holds, and the filters that go along."""

    action: str
    q: str = ""
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """A value that can be chosen; the address of a chosen one takes it off again."""

    label: str
    href: str
    selected: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """A property that results can be narrowed by."""

    label: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a long text that answers the question, under the heading that stands before it."""

    heading: str
    pieces: Segments


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result. `why` says what in it answers the question, `places` are what its text says of it; `caution` is what to know
    before relying on it; `under`: it is of the subject above.
    """

    kind: str
    title: Segments
    href: str
    badge: Badge | None
    facts: Sequence[Field]
    why: Sequence[str]
    places: Sequence[Place] = ()
    caution: str = ""
    under: bool = False


@dataclass(frozen=True, slots=True)
class ListCard:
    """One of the lists, with a sentence on who stands there."""

    badge: Badge
    text: str
    href: str

"""What a reconciliation query asks and what it gets (对照查询与候选): plain values, of no version of the protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from indexer.register.reading import CreditFile
from portal.restrictions.evaluate import DomainStatus

ORGANISATION = "organisation"
"""The type of every subject; also of one of which only records of others are known, so that nobody knows what it is."""

MOST_CANDIDATES = 5
"""Candidates of one query, whatever limit it asks for; those of a bidder check (portal/checks/identify.py)."""


@dataclass(frozen=True, slots=True)
class Type:
    """A category of subjects; all but `organisation` are kinds of it."""

    id: str
    zh: str
    en: str


TYPES = (
    Type("enterprise", "企业", "Enterprise"),
    Type("institution", "机构", "Institution"),
    Type(ORGANISATION, "主体（企业、机构等）", "Organisation of any kind"),
)


@dataclass(frozen=True, slots=True)
class Query:
    """One row to be matched: a text (name or code, "" for none), the types asked for (none: any), candidates wanted, for each property
    given its values as text, and those properties in which a candidate has to agree to be one.
    """

    text: str
    types: frozenset[str] = frozenset()
    limit: int = MOST_CANDIDATES
    given: Mapping[str, tuple[str, ...]] | None = None
    required: frozenset[str] = frozenset()

    def values(self, *properties: str) -> tuple[str, ...]:
        """The values given for some properties."""
        return tuple(value for each in properties for value in (self.given or {}).get(each, ()))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who may be meant. `score` is from 0 to 100; `match` only where nobody else can be meant and nothing that was given contradicts."""

    file: CreditFile
    score: float
    features: Mapping[str, bool | float]
    match: bool


@dataclass(frozen=True, slots=True)
class Entity:
    """A value that is itself a subject."""

    id: str
    name: str


Value = str | int | date | Entity


@dataclass(frozen=True, slots=True)
class Told:
    """What the values of one subject's properties are read from: its file, its parent's, where it is restricted, all as of a day."""

    file: CreditFile
    parent: CreditFile | None
    domains: tuple[DomainStatus, ...]
    day: date

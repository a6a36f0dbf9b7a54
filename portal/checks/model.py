"""What a check (核查) is asked and what it answers. Plain values: they become JSON word for word, and its hash is the receipt's."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Certainty = Literal["exact", "certain", "uncertain", "none"]
"""`exact`: by code; `certain`: by a name that one subject alone has or had; `uncertain`: candidates only, nothing is taken; `none`."""

Met = Literal["met", "not_met", "unknown"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about an input row or a match: a stable code and a sentence in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Bidder:
    """One row of the input as it was given: its number (1 for the first bidder), code and name, "" where there is none."""

    row: int
    id: str = ""
    name: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """A certificate that a bidder must hold: any of a kind (质量管理体系认证), for a standard (ISO 9001) or a product scope, on a day.

    At least one of the first three is given. `valid_on` None: the check's own day.
    """

    certificate_kind: str = ""
    standard: str = ""
    scope: str = ""
    valid_on: date | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A whole check. `domains` () asks for all; `known_at` None for what is known now; `project` is the tender's own number."""

    as_of: date
    bidders: tuple[Bidder, ...]
    known_at: datetime | None = None
    domains: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    project: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who may be meant by a name: `score` from 0 to 1 and why, in words."""

    code: str
    name: str
    score: float
    why_zh: str
    why_en: str


@dataclass(frozen=True, slots=True)
class Match:
    """Who a bidder is. `code` and `name` are those of the subject that was taken, None unless `exact` or `certain`.

    `path` tells how it was found where that was not by its present code and name: an earlier name, an old code.
    """

    certainty: Certainty
    code: str | None = None
    name: str | None = None
    path: tuple[Note, ...] = ()
    candidates: tuple[Candidate, ...] = ()

"""What a check (核查) is asked and what it answers. Plain values: they become JSON word for word, and its hash is the receipt's."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from portal.restrictions.evaluate import DomainStatus

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
    bidders: Collection[Bidder]
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

    `path` tells how it was found where that was not by its present code and name: an earlier name, an old code. `notes` say what to know
    of it: that the given name is another's, that it is deregistered, why nobody was taken.
    """

    certainty: Certainty
    code: str | None = None
    name: str | None = None
    path: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """Whether a bidder holds one required certificate, with the certificate's number and record where one is spoken of.

    `reason` is a stable code: `met`, `expired`, `suspended`, `revoked`, … (the state), `other_holder`, `other_scope`, `scope_unsure`,
    `other_standard`, `standard_unsure`, `none_on_file`, `not_identified`.
    """

    met: Met
    reason: str
    zh: str
    en: str
    number: str | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Honour:
    """A fact that a tender may score: a grade, an entry on a red list, an award that holds on the day."""

    kind: str
    record: str
    title: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Parent:
    """The enterprise whose branch (分公司) a bidder is, with its own status; a branch is no person in law (公司法 13).

    `stated`: the branch's own record says so; else its name begins with that of one enterprise alone.
    """

    code: str
    name: str
    stated: bool
    domains: tuple[DomainStatus, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """What bidders have in common by publicly filed facts: something to look at, no verdict. `rows` are those of the bidders.

    `code`: `same_subject`, `same_address`, `same_former_name`, `same_representative`, `parent_and_branch`. `value`: the address, the name.
    """

    code: str
    value: str
    rows: tuple[int, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class BidderResult:
    """All that is told of one bidder. `domains` is () where nobody was taken; `cells` are in the order of the requirements."""

    bidder: Bidder
    match: Match
    domains: tuple[DomainStatus, ...] = ()
    cells: tuple[Cell, ...] = ()
    honours: tuple[Honour, ...] = ()
    parent: Parent | None = None

    @property
    def restricted(self) -> bool | None:
        """Whether it is restricted or banned in a domain that was asked for; None where nobody was taken."""
        if self.match.code is None:
            return None
        return any(domain.status != "clear" for domain in self.domains)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a check rests on. `request` is what was asked, without its bidders. `checked_at` is when it was made, `known_at` up to when
    facts were known, `register_version` the state of the register that it reads.
    """

    request: Request
    checked_at: datetime
    known_at: datetime
    register_version: int
    recorded_at: datetime | None
    rules_version: str
    rules_edition: int


@dataclass(frozen=True, slots=True)
class Closing:
    """What only all bidders together tell. `degraded`: full search did not answer for some rows, which are `uncertain` for that reason."""

    summary: Mapping[str, int]
    degraded: bool
    ties: tuple[Tie, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A whole check."""

    basis: Basis
    bidders: tuple[BidderResult, ...]
    closing: Closing

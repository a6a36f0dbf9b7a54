"""What a bidder check answers, as Pydantic models. The answer itself is sent as it was filed; tests hold it against these."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from portal.api.schemas import Answer, RestrictingAnswer, RestrictionsEvidence


class Both(Answer):
    """A sentence in both languages, so that what is filed reads the same for everybody."""

    zh: str
    en: str


class CheckNote(Both):
    """Something to know, with a stable code."""

    code: str


class CandidateAnswer(Answer):
    """Who may be meant by a name."""

    code: str
    name: str
    score: float = Field(description="From 0 to 1.")
    why: Both


class MatchAnswer(Answer):
    """Who a bidder is; `code` and `name` are null where nobody was taken."""

    certainty: Literal["exact", "certain", "uncertain", "none"]
    code: str | None
    name: str | None
    path: list[CheckNote] = Field(description="How it was found, where not by its present code and name.")
    notes: list[CheckNote]
    candidates: list[CandidateAnswer]


class CheckCause(RestrictingAnswer):
    """What restricts and the rule by which it does, as in the answer about one subject but in both languages."""

    verified: bool
    explanation: Both


class CheckDomain(Answer):
    """The status in one domain. `until` null with `banned` is for life."""

    code: str
    label: Both
    status: Literal["clear", "restricted", "banned"]
    until: date | None
    next_change: date | None = Field(description="The next day on which something in it changes.")
    because: list[CheckCause]


class CellAnswer(Answer):
    """Whether a required certificate is held."""

    met: Literal["met", "not_met", "unknown"]
    reason: str
    number: str | None
    record: str | None
    explanation: Both


class HonourAnswer(Answer):
    """A fact that a tender may score."""

    kind: str
    record: str
    title: str
    explanation: Both


class ParentAnswer(Answer):
    """The enterprise whose branch a bidder is."""

    code: str
    name: str
    stated: bool = Field(
        False, description="By the branch's own record; else only by its name, which restricts nobody."
    )
    domains: list[CheckDomain]


class BidderAnswer(Answer):
    """All that is told of one bidder; `restricted` is null where nobody was taken."""

    row: int
    id: str
    name: str
    notes: list[CheckNote]
    match: MatchAnswer
    restricted: bool | None
    domains: list[CheckDomain]
    requirements: list[CellAnswer] = Field(description="In the order of the requirements.")
    honours: list[HonourAnswer]
    parent: ParentAnswer | None


class RequirementAnswer(Answer):
    """A certificate that was asked for."""

    certificate_kind: str
    standard: str
    scope: str
    valid_on: date | None


class TieAnswer(Answer):
    """What bidders have in common by publicly filed facts; no verdict."""

    code: str
    value: str
    rows: list[int]
    explanation: Both


class CheckSummary(Answer):
    """How many bidders there are of each sort."""

    bidders: int
    exact: int
    certain: int
    uncertain: int
    none: int
    restricted: int = Field(description="Restricted or banned in some domain.")
    banned: int
    meeting_all: int


class ReceiptGiven(Answer):
    """What the holder gets: `key` opens the check, so keep it to yourself; `number` may be shown to anybody."""

    key: str
    number: str
    hash: str | None = Field(
        description="SHA-256 of the answer without `receipt` in canonical JSON (RFC 8785); null until it is finished."
    )
    verify: str = Field(description="Where anybody can confirm the number.")
    keep_until: date


class CheckAnswer(Answer):
    """A whole check."""

    receipt: ReceiptGiven
    as_of: date
    known_at: datetime
    checked_at: datetime
    project: str
    domains: list[str]
    requirements: list[RequirementAnswer]
    evidence: RestrictionsEvidence
    degraded: bool = Field(
        description="Full search did not answer for some rows; these are `uncertain` for that reason."
    )
    notice: Both
    summary: CheckSummary
    bidders: list[BidderAnswer]
    ties: list[TieAnswer]


class Progress(Answer):
    """How many bidders are done."""

    done: int
    of: int


class CheckPending(Answer):
    """A check that is being worked off."""

    state: Literal["waiting", "running"]
    progress: Progress
    receipt: ReceiptGiven


class ChangeAnswer(Answer):
    """One difference: of which row, in what; `which` names the domain or the requirement."""

    row: int
    name: str
    what: Literal["match", "domain", "requirement", "honours"]
    which: str
    label: Both
    before: Both
    after: Both


class ChangesAnswer(Answer):
    """What changed since a check was filed; nothing is filed by asking."""

    number: str
    as_of: date
    filed_at: datetime
    checked_at: datetime
    register_version: int
    rules_version: str
    changes: list[ChangeAnswer]


class ReceiptAnswer(Answer):
    """What anybody may know of a receipt."""

    number: str
    state: Literal["waiting", "running", "done", "failed"]
    created_at: datetime
    as_of: date
    hash: str | None
    register_version: int | None
    rules_version: str | None
    keep_until: date

"""What the API takes and answers, as Pydantic models. Written by generate.py from the OpenAPI document: change that, not this."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Base of all. A field that a later portal adds is passed over; a value that is not understood is refused, never guessed."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class SubjectAnswer(Model):
    """Whom records are about."""

    id: str
    """The code it is addressed by: its unified code, else the strongest it has."""
    uscc: str | None
    """统一社会信用代码"""
    organisation_code: str | None
    """组织机构代码"""
    registration_number: str | None
    """工商注册号"""
    name: str
    type: str
    region: str | None


class RecordAnswer(Model):
    """One published record. `fields` are the kind's own columns, `extra` columns of the file that the kind
    does not know.
    """

    id: str
    kind: str
    kind_label: str
    uscc: str | None
    name: str | None
    """The subject's name as the record states it."""
    title: str
    number: str | None
    issuer: str | None
    category: str | None
    status: str | None
    """Effective state on the day asked for."""
    status_label: str | None
    region: str | None
    dated: date | None
    valid_from: date | None
    valid_until: date | None
    public_until: date | None
    """Last day of its publicity period."""
    disputed_since: date | None
    """异议处理中: the day since which an objection to it is being looked at; null when there is none."""
    fields: dict[str, Any]
    extra: dict[str, str]
    source: str | None
    version: int
    """Register version that recorded it."""
    recorded_at: datetime
    url: str


class RecordsOfKind(Model):
    """A kind's records on the credit file: how many, and the newest of them."""

    kind: str
    label: str
    count: int
    records: list[RecordAnswer]


class RestrictionShort(Model):
    """The status in one domain."""

    code: str
    label: str
    status: Literal["clear", "restricted", "banned"]
    until: date | None


class Evidence(Model):
    """What an answer rests on, so that it can be asked again: the register's version and when that was
    recorded.
    """

    register_version: int
    recorded_at: datetime | None


class CreditFileAnswer(Model):
    """The credit file of one subject."""

    subject: SubjectAnswer
    former_names: list[str]
    records: dict[str, RecordsOfKind]
    restrictions: list[RestrictionShort]
    evidence: Evidence


class Wrong(Model):
    """A bad argument."""

    where: str
    message: str


class Problem(Model):
    """An error (RFC 9457). `errors` names bad arguments, `suggestions` near things that exist, `request_id`
    stands in our log too.
    """

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] | None = None
    suggestions: list[str] | None = None
    request_id: str | None = None


class BatchEntry(Model):
    """One code of those that were sent: its file, or the problem that /subjects/ID would have answered."""

    id: str
    """As it was sent."""
    status: int
    """As /subjects/ID answers it: 200, 400 or 404."""
    file: CreditFileAnswer | None
    problem: Problem | None


class BatchAnswer(Model):
    """The files in the order of the codes, all of one version of the register."""

    results: list[BatchEntry]
    evidence: Evidence


class BatchBody(Model):
    """Whose files are asked for."""

    ids: list[str]
    """Codes as at /subjects/ID, in any form."""


class CheckNote(Model):
    """Something to know, with a stable code."""

    zh: str
    en: str
    code: str


class Both(Model):
    """A sentence in both languages, so that what is filed reads the same for everybody."""

    zh: str
    en: str


class CandidateAnswer(Model):
    """Who may be meant by a name."""

    code: str
    name: str
    score: float
    """From 0 to 1."""
    why: Both


class MatchAnswer(Model):
    """Who a bidder is; `code` and `name` are null where nobody was taken."""

    certainty: Literal["exact", "certain", "uncertain", "none"]
    code: str | None
    name: str | None
    path: list[CheckNote]
    """How it was found, where not by its present code and name."""
    notes: list[CheckNote]
    candidates: list[CandidateAnswer]


class FactAnswer(Model):
    """One of the facts that restrict together."""

    record: str
    title: str
    document_number: str | None
    authority: str | None


class ParentOfBranch(Model):
    """The enterprise that a restricting fact is about, where it restricts a branch of it."""

    code: str
    name: str


class CheckCause(Model):
    """What restricts and the rule by which it does, as in the answer about one subject but in both
    languages.
    """

    record: str
    title: str
    document_number: str | None
    authority: str | None
    from_: date | None = Field(alias="from")
    until: date | None
    rule: str
    basis: str
    regions: list[str]
    """Where the rule restricts: codes of GB/T 2260; empty is everywhere."""
    trades: list[str]
    """For which trades; empty is for all."""
    facts: list[FactAnswer]
    """All facts that make it so, by day; mostly one."""
    parent: ParentOfBranch | None = None
    """Whom the facts are about, where that is not the subject itself but whose branch it is."""
    predecessor: ParentOfBranch | None = None
    """Whom the facts are about, where that is a subject that it was merged or divided from."""
    verified: bool
    explanation: Both


class CheckDomain(Model):
    """The status in one domain. `until` null with `banned` is for life."""

    code: str
    label: Both
    status: Literal["clear", "restricted", "banned"]
    until: date | None
    next_change: date | None
    """The next day on which something in it changes."""
    because: list[CheckCause]


class CellAnswer(Model):
    """Whether a required certificate is held."""

    met: Literal["met", "not_met", "unknown"]
    reason: str
    number: str | None
    record: str | None
    explanation: Both


class HonourAnswer(Model):
    """A fact that a tender may score."""

    kind: str
    record: str
    title: str
    explanation: Both


class ParentAnswer(Model):
    """The enterprise whose branch a bidder is."""

    code: str
    name: str
    stated: bool = False
    """By the branch's own record; else only by its name, which restricts nobody."""
    domains: list[CheckDomain]


class BidderAnswer(Model):
    """All that is told of one bidder; `restricted` is null where nobody was taken."""

    row: int
    id: str
    name: str
    notes: list[CheckNote]
    match: MatchAnswer
    restricted: bool | None
    domains: list[CheckDomain]
    requirements: list[CellAnswer]
    """In the order of the requirements."""
    honours: list[HonourAnswer]
    parent: ParentAnswer | None


class BidderGiven(Model):
    """A bidder: its code, its name or both."""

    id: str = ""
    """统一社会信用代码, 组织机构代码 or 工商注册号."""
    name: str = ""


class CauseAnswer(Model):
    """The same, and the sentence that says so."""

    record: str
    title: str
    document_number: str | None
    authority: str | None
    from_: date | None = Field(alias="from")
    until: date | None
    rule: str
    basis: str
    regions: list[str]
    """Where the rule restricts: codes of GB/T 2260; empty is everywhere."""
    trades: list[str]
    """For which trades; empty is for all."""
    facts: list[FactAnswer]
    """All facts that make it so, by day; mostly one."""
    parent: ParentOfBranch | None = None
    """Whom the facts are about, where that is not the subject itself but whose branch it is."""
    predecessor: ParentOfBranch | None = None
    """Whom the facts are about, where that is a subject that it was merged or divided from."""
    explanation: str


class CertificateAnswer(Model):
    """A verified certificate number."""

    number: str
    result: str
    result_label: str
    as_of: date
    holder_matches: bool | None
    matches: list[RecordAnswer]
    checked_at: datetime
    evidence: Evidence


class ChangeAnswer(Model):
    """One difference: of which row, in what; `which` names the domain or the requirement."""

    row: int
    name: str
    what: Literal["match", "domain", "requirement", "honours"]
    which: str
    label: Both
    before: Both
    after: Both


class ChangeFeedEntry(Model):
    """One change. A removed record tells nothing but its id."""

    position: str
    """Opaque; as `since`, asks for what comes after this change."""
    number: int
    """Rises by one from change to change; what was thinned out is skipped."""
    at: datetime
    """When it was told."""
    what: Literal["added", "changed", "removed"]
    """An addition, a change, or the end of publicity: taken back, repaired, or its period is over."""
    id: str
    kind: str | None
    subject: str | None
    """The code that its subject is addressed by."""
    record: RecordAnswer | None
    """The record as it is public now, as `/records/ID` has it."""


class ChangeFeedAnswer(Model):
    """Changes in order, and the position to ask from the next time, at once where `more` wait."""

    results: list[ChangeFeedEntry]
    next: str
    more: bool


class ChangesAnswer(Model):
    """What changed since a check was filed; nothing is filed by asking."""

    number: str
    as_of: date
    filed_at: datetime
    checked_at: datetime
    register_version: int
    rules_version: str
    changes: list[ChangeAnswer]


class ReceiptGiven(Model):
    """What the holder gets: `key` opens the check, so keep it to yourself; `number` may be shown to anybody."""

    key: str
    number: str
    hash: str | None
    """SHA-256 of the answer without `receipt` in canonical JSON (RFC 8785); null until it is finished."""
    verify: str
    """Where anybody can confirm the number."""
    keep_until: date


class RequirementAnswer(Model):
    """A certificate that was asked for."""

    certificate_kind: str
    standard: str
    scope: str
    valid_on: date | None


class RestrictionsEvidence(Model):
    """What a restriction status rests on: the register's version, the version of the rules and the number of
    their edition.
    """

    register_version: int
    recorded_at: datetime | None
    rules_version: str
    rules_edition: int | None = None
    """The number of the edition of the rules; receipts of before the rule book have none."""


class CheckSummary(Model):
    """How many bidders there are of each sort."""

    bidders: int
    exact: int
    certain: int
    uncertain: int
    none: int
    restricted: int
    """Restricted or banned in some domain."""
    banned: int
    meeting_all: int


class TieAnswer(Model):
    """What bidders have in common by publicly filed facts; no verdict."""

    code: str
    value: str
    rows: list[int]
    explanation: Both


class CheckAnswer(Model):
    """A whole check."""

    receipt: ReceiptGiven
    as_of: date
    known_at: datetime
    checked_at: datetime
    project: str
    domains: list[str]
    requirements: list[RequirementAnswer]
    evidence: RestrictionsEvidence
    degraded: bool
    """Full search did not answer for some rows; these are `uncertain` for that reason."""
    notice: Both
    summary: CheckSummary
    bidders: list[BidderAnswer]
    ties: list[TieAnswer]


class RequirementGiven(Model):
    """A certificate that every bidder has to hold; at least one of the first three is given."""

    certificate_kind: str = ""
    """Like 质量管理体系认证."""
    standard: str = ""
    """Like GB/T 19001."""
    scope: str = ""
    """Words of the scope."""
    valid_on: date | None = None
    """The day it must be valid on; default as_of."""


class CheckBody(Model):
    """A whole check."""

    as_of: date | None = None
    """The day to judge, like that of bid opening; default today."""
    known_at: datetime | None = None
    """Only what the register had recorded by this instant."""
    project: str = ""
    """The tender's own number."""
    domains: list[
        Literal[
            "licensing",
            "bidding",
            "government_procurement",
            "construction",
            "public_resources",
            "honours",
            "service_purchase",
            "practice",
        ]
    ] = []
    """Only these domains; default all."""
    requirements: list[RequirementGiven] = []
    bidders: list[BidderGiven]


class Progress(Model):
    """How many bidders are done."""

    done: int
    of: int


class CheckPending(Model):
    """A check that is being worked off."""

    state: Literal["waiting", "running"]
    progress: Progress
    receipt: ReceiptGiven


class DomainAnswer(Model):
    """The status in one domain and what makes it so. `until` null with `banned` is for life."""

    code: str
    label: str
    status: Literal["clear", "restricted", "banned"]
    until: date | None
    next_change: date | None
    """The next day on which a cause begins, or the first day on which one is over."""
    because: list[CauseAnswer]


class Facet(Model):
    """One value that results can be narrowed to."""

    value: str
    label: str
    count: int


class Group(Model):
    """One group and how many records it has. `key` has a value for each dimension of `by`, null where
    records say nothing.
    """

    key: list[str | int | None]
    label: list[str]
    count: int


class VersionAnswer(Model):
    """One version of a record: when it was published, what changed, when it was replaced. `record` is null
    where it is not shown.
    """

    number: int
    recorded_at: datetime
    superseded_at: datetime | None
    change: Literal["published", "changed", "withdrawn", "restored"]
    reason: str | None
    record: RecordAnswer | None


class ObjectionAnswer(Model):
    """An objection to the record (异议): since when, until when, how it ended and why; null while it is open."""

    since: date
    ended_at: datetime | None
    outcome: Literal["upheld", "rejected", "withdrawn"] | None
    reason: str | None


class HistoryAnswer(Model):
    """A record's versions and the objections to it, oldest first."""

    id: str
    versions: list[VersionAnswer]
    objections: list[ObjectionAnswer]


class ListAnswer(Model):
    """Entries of a list, newest first."""

    list_: str = Field(alias="list")
    label: str
    results: list[RecordAnswer]
    next: str | None


class Offer(Model):
    """A filter that words of the query ask for. It has not been applied: ask again with `field` set to
    `value` to apply it, or, where `field` is "phrase", with `value` in quotes behind `q`.
    """

    field: Literal["kind", "status", "region", "year", "phrase"]
    value: str
    label: str
    """The value in words."""
    words: str
    """What of the query asks for it, as typed."""
    wider: bool
    """The value is the province of the place that was named: the records found are told apart by provinces
    only.
    """


class Segment(Model):
    """A piece of text, and whether it is what was searched for."""

    text: str
    match: bool


class PassageAnswer(Model):
    """A place of the record's text that answers the query: `pieces` in order, "…" where a sentence was cut."""

    heading: str
    """The article or heading that stands before it, else the name of its field."""
    pieces: list[Segment]


class ReceiptAnswer(Model):
    """What anybody may know of a receipt."""

    number: str
    state: Literal["waiting", "running", "done", "failed"]
    created_at: datetime
    as_of: date
    hash: str | None
    register_version: int | None
    rules_version: str | None
    keep_until: date


class Total(Model):
    """How many there are: exactly (`eq`) or at least (`gte`)."""

    value: int
    relation: Literal["eq", "gte"]


class RecordsAnswer(Model):
    """Published records, newest first."""

    subject: SubjectAnswer
    results: list[RecordAnswer]
    total: Total
    next: str | None


class RestrictionsAnswer(Model):
    """Where a subject is restricted on a day."""

    subject: SubjectAnswer
    as_of: date
    known_at: datetime
    place: str | None
    """The place asked for, as asked; null is any."""
    trade: str | None
    """The trade asked for; null is any."""
    restricted: bool
    next_change: date | None
    """The next day on which something changes in these domains."""
    domains: list[DomainAnswer]
    notice: str
    evidence: RestrictionsEvidence


class Why(Model):
    """Why a hit was found."""

    code: str
    zh: str


class SearchHit(Model):
    """One search result."""

    kind: str
    id: str
    uscc: str | None
    name: str | None
    title: str
    highlight: list[Segment]
    status: str | None
    status_label: str | None
    region: str | None
    score: float
    why: list[Why]
    passages: list[PassageAnswer]
    """Where its text answers, best first; empty for a hit that was not found by its text."""
    under: str | None
    """The `id` of its subject's own hit above it on this page, to show it below; null for a hit that stands
    by itself.
    """
    url: str


class SearchAnswer(Model):
    """A page of search results."""

    query: str
    total: Total
    took_ms: float
    results: list[SearchHit]
    facets: dict[str, list[Facet]]
    offers: list[Offer]
    """Filters that words of the query ask for and that are not set."""
    names: list[str]
    """Names or codes of which the query holds several, to be asked for one by one; else empty."""
    next: str | None
    certain: bool
    """The first result has all that was asked for. If not, results are only near: other subjects, maybe.
    Compare codes.
    """
    degraded: bool
    """The search engine does not answer: only whole names, codes and numbers are found."""
    notice: str | None
    """What that means, for people; null when search is complete."""


class StatisticsAnswer(Model):
    """Counts of public records, the largest group first. `total` counts all; `left_off` are groups beyond
    `limit`, with their records.
    """

    by: list[str]
    kind: str | None
    region: str | None
    as_of: date
    """The day of which states and publicity are; years are those of the day that orders records."""
    results: list[Group]
    total: int
    groups: int
    left_off: int
    """Records of groups that are not listed."""
    evidence: Evidence


class SuggestionItem(Model):
    """One line under a search box."""

    text: str
    kind: str
    id: str


class SuggestAnswer(Model):
    """What might be meant by what has been typed so far."""

    suggestions: list[SuggestionItem]

"""What the API answers, as Pydantic models: the OpenAPI document is made from these, answers are checked against them in tests."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field


class Answer(BaseModel):
    """Base of all answers. `passing` names the fields that only tell of the moment of asking: the ETag leaves them out."""

    passing: ClassVar[frozenset[str]] = frozenset()

    @property
    def makeshift(self) -> bool:
        """Whether a better answer may come the next moment, so that nobody should keep this one."""
        return False


class Evidence(Answer):
    """What an answer rests on, so that it can be asked again: the register's version and when that was recorded."""

    register_version: int
    recorded_at: datetime | None


class SubjectAnswer(Answer):
    """Whom records are about."""

    id: str = Field(description="The code it is addressed by: its unified code, else the strongest it has.")
    uscc: str | None = Field(description="统一社会信用代码")
    organisation_code: str | None = Field(description="组织机构代码")
    registration_number: str | None = Field(description="工商注册号")
    name: str
    type: str
    region: str | None


class RecordAnswer(Answer):
    """One published record. `fields` are the kind's own columns, `extra` columns of the file that the kind does not know."""

    id: str
    kind: str
    kind_label: str
    uscc: str | None
    name: str | None = Field(description="The subject's name as the record states it.")
    title: str
    number: str | None
    issuer: str | None
    category: str | None
    status: str | None = Field(description="Effective state on the day asked for.")
    status_label: str | None
    region: str | None
    dated: date | None
    valid_from: date | None
    valid_until: date | None
    public_until: date | None = Field(description="Last day of its publicity period.")
    disputed_since: date | None = Field(
        description="异议处理中: the day since which an objection to it is being looked at; null when there is none."
    )
    fields: dict[str, Any]
    extra: dict[str, str]
    source: str | None
    version: int = Field(description="Register version that recorded it.")
    recorded_at: datetime
    url: str


class Segment(Answer):
    """A piece of text, and whether it is what was searched for."""

    text: str
    match: bool


class Why(Answer):
    """Why a hit was found."""

    code: str
    zh: str


class PassageAnswer(Answer):
    """A place of the record's text that answers the query: `pieces` in order, "…" where a sentence was cut."""

    heading: str = Field(
        description="The article or heading that stands before it, else the name of its field."
    )
    pieces: list[Segment]


class SearchHit(Answer):
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
    passages: list[PassageAnswer] = Field(
        description="Where its text answers, best first; empty for a hit that was not found by its text."
    )
    under: str | None = Field(
        description="The `id` of its subject's own hit above it on this page, to show it below; null for a hit that stands by itself."
    )
    url: str


class Total(Answer):
    """How many there are: exactly (`eq`) or at least (`gte`)."""

    value: int
    relation: Literal["eq", "gte"]


class Facet(Answer):
    """One value that results can be narrowed to."""

    value: str
    label: str
    count: int


class Offer(Answer):
    """A filter that words of the query ask for. It has not been applied: ask again with `field` set to `value` to apply it,
    or, where `field` is "phrase", with `value` in quotes behind `q`.
    """

    field: Literal["kind", "status", "region", "year", "phrase"]
    value: str
    label: str = Field(description="The value in words.")
    words: str = Field(description="What of the query asks for it, as typed.")
    wider: bool = Field(
        description="The value is the province of the place that was named: the records found are told apart by provinces only."
    )


class SearchAnswer(Answer):
    """A page of search results."""

    passing = frozenset({"took_ms"})

    query: str
    total: Total
    took_ms: float
    results: list[SearchHit]
    facets: dict[str, list[Facet]]
    offers: list[Offer] = Field(description="Filters that words of the query ask for and that are not set.")
    names: list[str] = Field(
        description="Names or codes of which the query holds several, to be asked for one by one; else empty."
    )
    next: str | None
    certain: bool = Field(
        description="The first result has all that was asked for. If not, results are only near: other subjects, maybe. Compare codes."
    )
    degraded: bool = Field(
        description="The search engine does not answer: only whole names, codes and numbers are found."
    )
    notice: str | None = Field(description="What that means, for people; null when search is complete.")

    @property
    def makeshift(self) -> bool:
        """Search recovers by itself."""
        return self.degraded


class SuggestionItem(Answer):
    """One line under a search box."""

    text: str
    kind: str
    id: str


class SuggestAnswer(Answer):
    """What might be meant by what has been typed so far."""

    suggestions: list[SuggestionItem]


class RestrictionShort(Answer):
    """The status in one domain."""

    code: str
    label: str
    status: Literal["clear", "restricted", "banned"]
    until: date | None


class RecordsOfKind(Answer):
    """A kind's records on the credit file: how many, and the newest of them."""

    kind: str
    label: str
    count: int
    records: list[RecordAnswer]


class CreditFileAnswer(Answer):
    """The credit file of one subject."""

    subject: SubjectAnswer
    former_names: list[str]
    records: dict[str, RecordsOfKind]
    restrictions: list[RestrictionShort]
    evidence: Evidence


class RecordsAnswer(Answer):
    """Published records, newest first."""

    subject: SubjectAnswer
    results: list[RecordAnswer]
    total: Total
    next: str | None


class CertificateAnswer(Answer):
    """A verified certificate number."""

    passing = frozenset({"checked_at"})

    number: str
    result: str
    result_label: str
    as_of: date
    holder_matches: bool | None
    matches: list[RecordAnswer]
    checked_at: datetime
    evidence: Evidence


class FactAnswer(Answer):
    """One of the facts that restrict together."""

    record: str
    title: str
    document_number: str | None
    authority: str | None


class ParentOfBranch(Answer):
    """The enterprise that a restricting fact is about, where it restricts a branch of it."""

    code: str
    name: str


class RestrictingAnswer(Answer):
    """What restricts and the rule by which it does: one fact, or several, of which the last stands in front."""

    record: str
    title: str
    document_number: str | None
    authority: str | None
    from_: date | None = Field(alias="from")
    until: date | None
    rule: str
    basis: str
    regions: list[str] = Field(
        description="Where the rule restricts: codes of GB/T 2260; empty is everywhere."
    )
    trades: list[str] = Field(description="For which trades; empty is for all.")
    facts: list[FactAnswer] = Field(description="All facts that make it so, by day; mostly one.")
    parent: ParentOfBranch | None = Field(
        None,
        description="Whom the facts are about, where that is not the subject itself but whose branch it is.",
    )
    predecessor: ParentOfBranch | None = Field(
        None,
        description="Whom the facts are about, where that is a subject that it was merged or divided from.",
    )


class CauseAnswer(RestrictingAnswer):
    """The same, and the sentence that says so."""

    explanation: str


class DomainAnswer(Answer):
    """The status in one domain and what makes it so. `until` null with `banned` is for life."""

    code: str
    label: str
    status: Literal["clear", "restricted", "banned"]
    until: date | None
    next_change: date | None = Field(
        description="The next day on which a cause begins, or the first day on which one is over."
    )
    because: list[CauseAnswer]


class RestrictionsEvidence(Evidence):
    """What a restriction status rests on: the register's version, the version of the rules and the number of their edition."""

    rules_version: str
    rules_edition: int | None = Field(
        default=None,
        description="The number of the edition of the rules; receipts of before the rule book have none.",
    )


class RestrictionsAnswer(Answer):
    """Where a subject is restricted on a day."""

    passing = frozenset({"known_at"})

    subject: SubjectAnswer
    as_of: date
    known_at: datetime
    place: str | None = Field(description="The place asked for, as asked; null is any.")
    trade: str | None = Field(description="The trade asked for; null is any.")
    restricted: bool
    next_change: date | None = Field(description="The next day on which something changes in these domains.")
    domains: list[DomainAnswer]
    notice: str
    evidence: RestrictionsEvidence


class ListAnswer(Answer):
    """Entries of a list, newest first."""

    list_: str = Field(alias="list")
    label: str
    results: list[RecordAnswer]
    next: str | None


class VersionAnswer(Answer):
    """One version of a record: when it was published, what changed, when it was replaced. `record` is null where it is not shown."""

    number: int
    recorded_at: datetime
    superseded_at: datetime | None
    change: Literal["published", "changed", "withdrawn", "restored"]
    reason: str | None
    record: RecordAnswer | None


class ObjectionAnswer(Answer):
    """An objection to the record (异议): since when, until when, how it ended and why; null while it is open."""

    since: date
    ended_at: datetime | None
    outcome: Literal["upheld", "rejected", "withdrawn"] | None
    reason: str | None


class HistoryAnswer(Answer):
    """A record's versions and the objections to it, oldest first."""

    id: str
    versions: list[VersionAnswer]
    objections: list[ObjectionAnswer]


class Wrong(Answer):
    """A bad argument."""

    where: str
    message: str


class Problem(Answer):
    """An error (RFC 9457). `errors` names bad arguments, `suggestions` near things that exist, `request_id` stands in our log too."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] | None = None
    suggestions: list[str] | None = None
    request_id: str | None = None

"""The operations of the API: parse, ask, answer."""

from datetime import datetime
from typing import Literal

from pydantic import Field
from pydantic.config import JsonDict

from indexer.kinds import kinds
from indexer.register.disclosure import PublicRecord
from indexer.register.disputes import disputes_of
from portal import credit, lists, searching, verification
from portal.api import answers, schemas
from portal.api.operations import operation
from portal.api.sparse import Sparse
from portal.api.tags import one_record as state_of_record
from portal.api.tags import whole_register
from portal.arguments import LONGEST_CURSOR, LONGEST_QUERY, Arguments, Day, Instant, invalid
from portal.context import portal
from portal.costs import charge_records
from portal.restrictions.branches import followed
from portal.restrictions.evaluate import next_change
from portal.restrictions.rules import DOMAINS
from portal.restrictions.status import covering, domains, known_domain

KIND_NAMES = tuple(kinds())
# What the document says of arguments that are read more kindly, and refused in better words, than their schema could.
KIND: JsonDict = {"enum": list(KIND_NAMES)}
CODE: JsonDict = {
    "pattern": r"^([0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}|[0-9A-Z]{8}-?[0-9X]|[0-9]{15})$"
}
CURSOR: JsonDict = {"pattern": r"^[A-Za-z0-9_-]+$", "maxLength": LONGEST_CURSOR, "format": "cursor"}


class SearchQuestion(Sparse):
    """What to look for, and what to narrow it to."""

    q: str = Field(
        description="名称、代码、编号或文字。Name, code, number or words; at most 1,000 characters.",
        json_schema_extra={"maxLength": LONGEST_QUERY},
    )
    kind: str | None = Field(None, description="Only records of this kind.", json_schema_extra=KIND)
    region: str | None = Field(None, description="Only of this region, as facets name it.")
    status: str | None = Field(None, description="Only in this state, like valid.")
    issuer: str | None = Field(None, description="Only of this issuer, as facets name it.")
    year: int | None = Field(None, ge=1900, le=2999, description="Only of this year.")
    sort: Literal["relevance", "newest"] = "relevance"
    limit: int = Field(20, ge=1, le=100, description="How many on a page.")
    cursor: str | None = Field(None, description="`next` of the page before.", json_schema_extra=CURSOR)


class SuggestQuestion(Arguments):
    """What has been typed so far."""

    q: str = Field(
        description="What has been typed; at most 1,000 characters.",
        json_schema_extra={"maxLength": LONGEST_QUERY},
    )


class SubjectQuestion(Sparse):
    """A subject by any of its codes."""

    id: str = Field(
        description="18-character unified code, 9-character organisation code or 15-digit registration number; in any case or width, "
        "with or without spaces.",
        json_schema_extra=CODE,
    )


class RecordsQuestion(SubjectQuestion):
    """A subject's records."""

    kind: str | None = Field(None, description="Only records of this kind.", json_schema_extra=KIND)
    limit: int = Field(50, ge=1, le=200, description="How many on a page.")
    cursor: str | None = Field(None, description="`next` of the page before.", json_schema_extra=CURSOR)


class CertificateQuestion(Sparse):
    """A certificate's number as printed, and what is to be checked against it."""

    number: str = Field(
        description="As printed: with slashes, brackets, spaces and Chinese.",
        json_schema_extra={
            "maxLength": verification.LONGEST_NUMBER,
            "pattern": r"^[0-9A-Za-z]+([/()-][0-9A-Za-z]+)*$",
        },
    )
    holder: str | None = Field(None, description="持证人名称, compared with the registered holder.")
    as_of: Day | None = Field(
        None, description="The day whose state is asked for; default today (Asia/Shanghai)."
    )


class RestrictionsQuestion(SubjectQuestion):
    """A subject and a day."""

    as_of: Day | None = Field(None, description="The day to judge; default today (Asia/Shanghai).")
    known_at: Instant | None = Field(None, description="Only what the register had recorded by this instant.")
    domain: str | None = Field(
        None, description="Only this domain.", json_schema_extra={"enum": [domain.code for domain in DOMAINS]}
    )
    place: str | None = Field(
        None,
        description="Only rules that restrict somewhere in this place: a full name, or six digits of GB/T 2260.",
        json_schema_extra={"format": "place"},
    )
    trade: str | None = Field(
        None,
        description="Only rules that restrict in this trade (食品): one that rules name.",
        json_schema_extra={"format": "trade"},
    )


class ListQuestion(Sparse):
    """A list."""

    name: Literal["red", "black", "watch", "abnormal"] = Field(description="Which list.")
    since: Day | None = Field(None, description="Only entries listed on or after this day.")
    region: str | None = Field(None, description="Only of this region.")
    limit: int = Field(50, ge=1, le=200, description="How many on a page.")
    cursor: str | None = Field(None, description="`next` of the page before.", json_schema_extra=CURSOR)


class RecordQuestion(Sparse):
    """A record's id."""

    id: str = Field(pattern=r"^[0-9a-f]{24}$", description="24 hexadecimal digits, as answers name it.")


@operation("/search", "检索", SearchQuestion, schemas.SearchAnswer, (400, 413, 503), "/search?q=示例&limit=1")
def search_records(question: SearchQuestion) -> schemas.SearchAnswer:
    """Find enterprises, institutions and records by name, code, number or words; with facets, highlighting and a reason per hit. While
    the search engine does not answer, `degraded` is true: only whole names, codes and numbers are found, on one page without facets. Each
    20 hits given out count as one request; the whole register is had faster from /data."""
    known_kind(question.kind)
    parts = portal()
    found = searching.search(
        parts.search, parts.register, searching.Asked(**question.model_dump(exclude={"fields"}))
    )
    charge_records(len(found.hits))
    return answers.search(question.q, found)


@operation(
    "/suggest", "输入提示", SuggestQuestion, schemas.SuggestAnswer, (400, 413, 503), "/suggest?q=示例市恒润"
)
def suggest(question: SuggestQuestion) -> schemas.SuggestAnswer:
    """What might be meant by what has been typed so far, for type-ahead."""
    parts = portal()
    found = searching.suggest(parts.search, parts.register, question.q)
    return schemas.SuggestAnswer(
        suggestions=[schemas.SuggestionItem(text=s.text, kind=s.kind, id=s.id) for s in found]
    )


@operation(
    "/subjects/<id>",
    "信用档案",
    SubjectQuestion,
    schemas.CreditFileAnswer,
    (400, 404, 503),
    "/subjects/{uscc}",
    state=whole_register,
)
def credit_file(question: SubjectQuestion) -> schemas.CreditFileAnswer:
    """The credit file: identity, earlier names, records by kind with counts, restrictions in short."""
    file = credit.open_file(portal().register, question.id)
    today = portal().clock.today()
    parts = portal()
    rules = parts.rules.book.now()
    parent = followed(parts.register, file.records, rules, today)
    return answers.credit_file(file, domains(file.records, rules, today, parent))


@operation(
    "/subjects/<id>/records",
    "主体的记录",
    RecordsQuestion,
    schemas.RecordsAnswer,
    (400, 404, 503),
    "/subjects/{uscc}/records",
    state=whole_register,
)
def subject_records(question: RecordsQuestion) -> schemas.RecordsAnswer:
    """A subject's published records, newest first. Each 20 given out count as one request."""
    known_kind(question.kind)
    file = credit.open_file(portal().register, question.id)
    records = list(file.records) if question.kind is None else file.of_kind(question.kind)
    page, following = lists.page(
        records, question.limit, question.cursor, of=(file.subject.id, question.kind)
    )
    charge_records(len(page))
    return schemas.RecordsAnswer(
        subject=answers.subject(file.subject),
        results=[answers.record(record) for record in page],
        total=schemas.Total(value=len(records), relation="eq"),
        next=following,
    )


@operation(
    "/certificates/<path:number>",
    "证书验证",
    CertificateQuestion,
    schemas.CertificateAnswer,
    (400, 404, 503),
    "/certificates/{number}",
    state=whole_register,
)
def verify_certificate(question: CertificateQuestion) -> schemas.CertificateAnswer:
    """Whether a certificate is genuine, in which state on a day, and this holder's. Where one number stands for several certificates,
    `result` is the gravest state among them (those of `holder`, when one is given and found)."""
    found = verification.verify(portal().register, question.number, question.holder, question.as_of)
    return schemas.CertificateAnswer(
        number=found.number,
        result=found.result,
        result_label=_result_label(found.matches, found.result),
        as_of=found.as_of,
        holder_matches=found.holder_matches,
        matches=[answers.record(record) for record in found.matches],
        checked_at=found.checked_at,
        evidence=answers.evidence(found.version),
    )


@operation(
    "/restrictions/<id>",
    "限制状态",
    RestrictionsQuestion,
    schemas.RestrictionsAnswer,
    (400, 404, 503),
    "/restrictions/{restricted}?domain=bidding",
    state=whole_register,
)
def restrictions(question: RestrictionsQuestion) -> schemas.RestrictionsAnswer:
    """Where a subject is restricted on a day, by which facts and rules, until when; with `known_at` by the rules that were in force then.
    Repaired and expired facts are left out, for past days too."""
    parts = portal()
    if question.domain is not None:
        known_domain(question.domain)
    day = question.as_of or parts.clock.today()
    known_at = _past(question.known_at)
    rules = covering(parts.rules.book.at(known_at), question.place, question.trade)
    file = credit.open_file(parts.register, question.id, day, known_at)
    parent = followed(parts.register, file.records, rules, day, known_at)
    found = [d for d in domains(file.records, rules, day, parent) if question.domain in (None, d.code)]
    return schemas.RestrictionsAnswer(
        subject=answers.subject(file.subject),
        as_of=day,
        known_at=known_at or parts.clock.now(),
        place=question.place,
        trade=question.trade,
        restricted=any(d.status != "clear" for d in found),
        next_change=next_change(found),
        domains=[answers.domain(d) for d in found],
        notice=answers.notice(),
        evidence=schemas.RestrictionsEvidence(
            register_version=file.version.number,
            recorded_at=file.version.recorded_at,
            rules_version=rules.version,
            rules_edition=rules.edition,
        ),
    )


@operation(
    "/lists/<name>",
    "名单",
    ListQuestion,
    schemas.ListAnswer,
    (400, 503),
    "/lists/black?limit=1",
    state=whole_register,
)
def list_entries(question: ListQuestion) -> schemas.ListAnswer:
    """Entries of a list with their days of entry and exit, newest first. Entries that have ended are no longer public, but on the red
    list. Each 20 given out count as one request."""
    found = lists.entries(
        portal().register, question.name, question.since, question.region, question.limit, question.cursor
    )
    charge_records(len(found.records))
    return schemas.ListAnswer(
        list=question.name,
        label=lists.label(question.name),
        results=[answers.record(record) for record in found.records],
        next=found.next,
    )


@operation(
    "/records/<id>",
    "一条记录",
    RecordQuestion,
    schemas.RecordAnswer,
    (400, 404, 503),
    "/records/{id}",
    state=state_of_record,
)
def one_record(question: RecordQuestion) -> schemas.RecordAnswer:
    """One record as it is public today."""
    return answers.record(portal().register.record(question.id))


@operation(
    "/records/<id>/history",
    "记录的历史",
    RecordQuestion,
    schemas.HistoryAnswer,
    (400, 404, 503),
    "/records/{id}/history",
    state=state_of_record,
)
def record_history(question: RecordQuestion) -> schemas.HistoryAnswer:
    """A record's versions: when published, changed, removed, and why."""
    register = portal().register
    entries = register.history(question.id)
    return answers.history(question.id, entries, disputes_of(register.engine, question.id))


def known_kind(kind: str | None) -> None:
    """Raises InvalidParameter for what is no kind."""
    if kind is not None and kind not in kinds():
        raise invalid(
            "kind",
            f"没有这个种类；可用：{'、'.join(KIND_NAMES)}。",
            f"must be one of {', '.join(KIND_NAMES)}",
        )


def _past(known_at: datetime | None) -> datetime | None:
    if known_at is not None and known_at > portal().clock.now():
        raise invalid("known_at", "不能是将来的时刻。", "must not lie in the future")
    return known_at


def _result_label(matches: tuple[PublicRecord, ...], result: str) -> str:
    from portal.labels import word

    return next(word(m.kind.statuses[result]) for m in matches if result in m.kind.statuses)

"""Restriction status (限制状态): domain by domain, with the facts and the legal basis behind it (domain.md 3.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.clock import SHANGHAI
from indexer.errors import InvalidParameter
from portal import credit
from portal.api.answers import notice
from portal.arguments import Arguments, Day, WrongArguments, arguments
from portal.context import portal
from portal.labels import domain_label, sentence
from portal.pages.cells import disputed_badge, state_badge
from portal.pages.components import Badge, Link
from portal.pages.forms import messages
from portal.pages.frame import blueprint, evidence, objection_href, private
from portal.pages.timeline import drawing
from portal.restrictions.branches import followed
from portal.restrictions.evaluate import Cause as Fact
from portal.restrictions.evaluate import DomainStatus, judge, next_change
from portal.restrictions.rules import RuleSet
from portal.restrictions.status import covering, held
from portal.restrictions.timeline import timeline

FIELDS = ("as_of", "known_at", "place", "trade")


class RestrictionsPageQuestion(Arguments):
    """A subject, the day to judge, the day by whose end things had to be known, and where and in which trade it matters."""

    id: str
    as_of: Day | None = None
    known_at: Day | None = None
    place: str | None = None
    trade: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The big clear answer on top."""

    tone: str
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Cause:
    """A fact that restricts, with the rule by which it does; `facts` are all, where several do only together."""

    title: str
    record_href: str
    sentence: str
    document_number: str | None
    authority: str | None
    since: str | None
    until: str | None
    for_life: bool
    rule: str
    basis: str
    verified: bool
    facts: list[Link]
    disputed: Badge | None


@dataclass(frozen=True, slots=True)
class Domain:
    """The status in one domain."""

    code: str
    label: str
    badge: Badge
    until: str | None
    for_life: bool
    because: list[Cause]


@blueprint.get("/restrictions")
def find_restrictions() -> str | Response:
    """Finding an enterprise to see where it is restricted."""
    from portal.pages.subject import find  # it links here

    lead = _("输入名称或代码，看它在招投标、政府采购等领域是否受限，依据是什么。")
    return find("pages.restrictions", "pages.find_restrictions", _("查限制状态"), lead)


@blueprint.get("/restrictions/<id>", endpoint="restrictions")
def restrictions_page(id: str) -> str | tuple[str, int]:  # noqa: A002  the address calls it so
    """The status in every domain on a day."""
    try:
        question = arguments(request, RestrictionsPageQuestion, id=id)
        if question.known_at is not None and question.known_at > portal().clock.today():
            future = ("known_at", "不能是将来的日期。", "must not lie in the future")
            raise WrongArguments([future])
        rules = covering(portal().rules.book.at(_end(question.known_at)), question.place, question.trade)
    except (WrongArguments, InvalidParameter) as error:
        errors = messages(error, FIELDS)
        return _page(RestrictionsPageQuestion(id=id), portal().rules.book.now(), errors), 400
    return _page(question, rules, {})


def _page(question: RestrictionsPageQuestion, rules: RuleSet, errors: dict[str, str]) -> str:
    parts = portal()
    day = question.as_of or parts.clock.today()
    known_at = _end(question.known_at)
    file = credit.open_file(parts.register, question.id, day, known_at)
    spans = held(file.records, rules, followed(parts.register, file.records, rules, day, known_at))
    found = judge(spans, day)
    changes = next_change(found)
    disputed = {record.id: mark for record in file.records if (mark := disputed_badge(record))}
    code = file.subject.code
    return render_template(
        "restrictions.html",
        name=file.subject.name,
        code=code,
        subject_href=url_for("pages.subject", id=code),
        answer=_answer(found),
        as_of=day.isoformat(),
        known_at=question.known_at.isoformat() if question.known_at else None,
        action=url_for("pages.restrictions", id=code),
        said={name: request.args.get(name, "") for name in FIELDS},
        trades="、".join(parts.rules.book.edition(rules.edition).trades),
        bounds=[text for text in (question.place, question.trade) if text],
        next_change=changes.isoformat() if changes else None,
        timeline=drawing(timeline(spans, day)),
        errors=errors,
        domains=[_domain(status, disputed) for status in found],
        notice=notice(),
        objection_href=objection_href(),
        rules_version=rules.version,
        rules_edition=rules.edition,
        evidence=evidence(file.version),
        crumbs=[
            Link(_("首页"), url_for("pages.home")),
            Link(_("查限制"), url_for("pages.find_restrictions")),
            Link(file.subject.name, url_for("pages.subject", id=code)),
        ],
        noindex=private(file.subject),
    )


def _end(day: date | None) -> datetime | None:
    """The last instant of a day in Shanghai."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time.min, SHANGHAI) - timedelta(microseconds=1)


def _answer(found: tuple[DomainStatus, ...]) -> Answer:
    restricted = sum(status.status != "clear" for status in found)
    if not restricted:
        return Answer("good", _("未见限制"), _("公示信息中没有会在这些领域形成限制的记录。"))
    if any(status.status == "banned" for status in found):
        return Answer(
            "bad", _("部分领域禁止"), _("在 %(n)s 个领域受限，其中有依法禁止参加的。", n=restricted)
        )
    return Answer(
        "warn", _("受限"), _("在 %(n)s 个领域受限，是否影响由各领域的主管机关依规定判断。", n=restricted)
    )


def _domain(status: DomainStatus, disputed: Mapping[str, Badge]) -> Domain:
    return Domain(
        code=status.code,
        label=domain_label(status),
        badge=state_badge(status),
        until=status.until.isoformat() if status.until else None,
        for_life=status.status == "banned" and status.until is None,
        because=[_cause(cause, disputed) for cause in status.because],
    )


def _cause(cause: Fact, disputed: Mapping[str, Badge]) -> Cause:
    """A cause, with the mark of those of its records that somebody objects to."""
    return Cause(
        title=cause.title,
        record_href=url_for("pages.record", id=cause.record),
        sentence=sentence(cause),
        document_number=cause.document_number,
        authority=cause.authority,
        since=cause.since.isoformat() if cause.since else None,
        until=cause.until.isoformat() if cause.until else None,
        for_life=cause.effect == "banned" and cause.until is None,
        rule=cause.rule,
        basis=cause.basis,
        verified=cause.verified,
        facts=[Link(fact.title, url_for("pages.record", id=fact.record)) for fact in cause.facts],
        disputed=next((disputed[fact.record] for fact in cause.facts if fact.record in disputed), None),
    )

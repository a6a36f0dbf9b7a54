"""The restriction status of one subject on one day (限制状态): all facts against all rules, put together by domain."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from portal.restrictions.facts import Fact
from portal.restrictions.rules import DOMAINS, Domain, Effect, Rule, RuleSet
from portal.restrictions.sentences import sentences
from portal.restrictions.spans import NEVER_ENDS, Span, spans, start

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cause:
    """One fact that restricts by one rule on the day asked for.

    `since` and `until` are the first and last day on which it does; `since` is None where the start is not known, `until` where there
    is no end or none is known. `effect` is `banned` only where the end is known or it is for life. `verified` is False while the rule's
    basis has not been held against the official text.
    """

    record: str
    title: str
    document_number: str | None
    authority: str | None
    since: date | None
    until: date | None
    rule: str
    basis: str
    sentence_zh: str
    sentence_en: str
    effect: Effect
    verified: bool


@dataclass(frozen=True, slots=True)
class DomainStatus:
    """The status in one domain. `until` is the last day before it becomes less, as far as the given facts say.

    It reaches over every cause that takes over without a day between, so it may be later than that of each cause in `because`. None
    where the status is `clear`; with `restricted`, no end is known; with `banned`, it is for life.
    """

    code: str
    label_zh: str
    label_en: str
    status: Literal["clear", "restricted", "banned"]
    until: date | None
    because: tuple[Cause, ...]


_ALL_CLEAR = tuple(DomainStatus(domain.code, domain.zh, domain.en, "clear", None, ()) for domain in DOMAINS)


@dataclass(frozen=True, slots=True)
class _Holding:
    fact: Fact
    rule: Rule
    span: Span

    @property
    def effect(self) -> Effect:
        """A ban whose end nobody published must not read as one for life, which `banned` without an end means."""
        return "restricted" if self.span.end == "open" else self.rule.effect


def evaluate(facts: Iterable[Fact], rules: RuleSet, as_of: date) -> tuple[DomainStatus, ...]:
    """The status of the subject of `facts` in every domain, in the order of `DOMAINS`, on the day `as_of`.

    `facts` are disclosed records of one subject with their state on `as_of`; those that begin later count for `until`.
    """
    ahead = [
        _Holding(fact, rule, span)
        for fact in facts
        for rule in rules.of_kind.get(fact.kind, ())
        for span in spans(fact, rule, as_of)
        if span.last >= as_of
    ]
    if not ahead:
        return _ALL_CLEAR
    return tuple(
        _status(domain, [h for h in ahead if domain.code in h.rule.domains], as_of) for domain in DOMAINS
    )


def _status(domain: Domain, ahead: list[_Holding], as_of: date) -> DomainStatus:
    active = [each for each in ahead if each.span.first <= as_of]
    if not active:
        return DomainStatus(domain.code, domain.zh, domain.en, "clear", None, ())
    bans = [each for each in ahead if each.effect == "banned"]
    banned = any(each.effect == "banned" for each in active)
    last = _last_day((each.span for each in (bans if banned else ahead)), as_of)
    active.sort(key=lambda each: (each.effect, each.span.first, each.fact.record, each.rule.id))
    return DomainStatus(
        domain.code,
        domain.zh,
        domain.en,
        "banned" if banned else "restricted",
        None if last == NEVER_ENDS else last,
        tuple(_cause(each, as_of) for each in active),
    )


def _last_day(ahead: Iterable[Span], as_of: date) -> date:
    """The last of the days from `as_of` on that some span covers, up to the first that none does."""
    reached = as_of
    for span in sorted(ahead, key=lambda span: span.first):
        if reached == NEVER_ENDS or span.first > reached + _DAY:
            break
        reached = max(reached, span.last)
    return reached


def _cause(holding: _Holding, as_of: date) -> Cause:
    fact, rule, span = holding.fact, holding.rule, holding.span
    zh, en = sentences(rule, fact, start(fact, rule, as_of), span.last, span.end)
    return Cause(
        record=fact.record,
        title=fact.title,
        document_number=fact.document_number,
        authority=fact.authority,
        since=None if span.first == date.min else span.first,
        until=None if span.last == NEVER_ENDS else span.last,
        rule=rule.id,
        basis=rule.basis,
        sentence_zh=zh,
        sentence_en=en,
        effect=holding.effect,
        verified=rule.verified,
    )

"""The restriction status of one subject on one day (限制状态): all facts against all rules, put together by domain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from indexer.register.disclosure import PublicSubject
from portal.restrictions.facts import Fact
from portal.restrictions.holdings import Holding, holdings
from portal.restrictions.rules import DOMAINS, Domain, Effect, RuleSet
from portal.restrictions.scope import Scope
from portal.restrictions.sentences import sentences
from portal.restrictions.spans import NEVER_ENDS, Span

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cause:
    """What restricts by one rule on the day asked for: one fact, or several that only together do.

    `record`, `title`, `document_number` and `authority` are those of the fact, of several of the last; `facts` are all of them by day.
    `since` and `until` are the first and last day on which it does; `since` is None where the start is not known, `until` where there
    is no end or none is known. `effect` is `banned` only where the end is known or it is for life. `verified` is False while the rule's
    basis has not been held against the official text. `scope` bounds where it restricts. `parent` is the enterprise that the facts are
    about where they restrict the subject as its branch, `predecessor` the one that the subject was merged or divided from.
    """

    record: str
    title: str
    document_number: str | None
    authority: str | None
    facts: tuple[Fact, ...]
    since: date | None
    until: date | None
    rule: str
    basis: str
    scope: Scope
    sentence_zh: str
    sentence_en: str
    effect: Effect
    verified: bool
    parent: PublicSubject | None = None
    predecessor: PublicSubject | None = None


@dataclass(frozen=True, slots=True)
class DomainStatus:
    """The status in one domain. `until` is the last day before it becomes less, as far as the given facts say.

    It reaches over every cause that takes over without a day between, so it may be later than that of each cause in `because`. None
    where the status is `clear`; with `restricted`, no end is known; with `banned`, it is for life. `next_change` is the next day on
    which some cause begins or is over for the first day, None where none will, as far as the given facts say.
    """

    code: str
    label_zh: str
    label_en: str
    status: Literal["clear", "restricted", "banned"]
    until: date | None
    next_change: date | None
    because: tuple[Cause, ...]


ALL_CLEAR = tuple(
    DomainStatus(domain.code, domain.zh, domain.en, "clear", None, None, ()) for domain in DOMAINS
)
"""The status of whoever nothing restricts, today or later; `judge` gives this very object."""


def evaluate(facts: Iterable[Fact], rules: RuleSet, as_of: date) -> tuple[DomainStatus, ...]:
    """The status of the subject of `facts` in every domain, in the order of `DOMAINS`, on the day `as_of`.

    `facts` are disclosed records of one subject; those that begin later count for `until` and `next_change`.
    """
    return judge(holdings(facts, rules), as_of)


def judge(held: Iterable[Holding], as_of: date) -> tuple[DomainStatus, ...]:
    """The status in every domain on a day, from all spans of one subject."""
    ahead = [each for each in held if each.span.last >= as_of]
    if not ahead:
        return ALL_CLEAR
    return tuple(
        _status(domain, [h for h in ahead if domain.code in h.rule.domains], as_of) for domain in DOMAINS
    )


def next_change(found: Iterable[DomainStatus]) -> date | None:
    """The next day on which something changes in any of some domains."""
    return min((status.next_change for status in found if status.next_change), default=None)


def _status(domain: Domain, ahead: list[Holding], as_of: date) -> DomainStatus:
    active = [each for each in ahead if each.span.first <= as_of]
    changes = _next_change(ahead, as_of)
    if not active:
        return DomainStatus(domain.code, domain.zh, domain.en, "clear", None, changes, ())
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
        changes,
        tuple(_cause(each) for each in active),
    )


def _last_day(ahead: Iterable[Span], as_of: date) -> date:
    """The last of the days from `as_of` on that some span covers, up to the first that none does."""
    reached = as_of
    for span in sorted(ahead, key=lambda span: span.first):
        if reached == NEVER_ENDS or span.first > reached + _DAY:
            break
        reached = max(reached, span.last)
    return reached


def _next_change(ahead: Sequence[Holding], as_of: date) -> date | None:
    begins = [each.span.first for each in ahead if each.span.first > as_of]
    over = [each.span.last + _DAY for each in ahead if each.span.last != NEVER_ENDS]
    return min([*begins, *over], default=None)


def _cause(holding: Holding) -> Cause:
    fact, rule, span = holding.fact, holding.rule, holding.span
    zh, en = sentences(rule, fact, span, holding.count)
    if (parent := holding.parent) is not None:
        zh, en = f"所隶属的企业“{parent.name}”：{zh}", f"Its parent {parent.name}: {en}"
    if (before := holding.predecessor) is not None:
        zh, en = f"合并、分立前的主体“{before.name}”：{zh}", f"Its predecessor {before.name}: {en}"
    return Cause(
        record=fact.record,
        title=fact.title,
        document_number=fact.document_number,
        authority=fact.authority,
        facts=holding.facts,
        since=None if span.first == date.min else span.first,
        until=None if span.last == NEVER_ENDS else span.last,
        rule=rule.id,
        basis=rule.basis,
        scope=rule.scope,
        sentence_zh=zh,
        sentence_en=en,
        effect=holding.effect,
        verified=rule.verified,
        parent=parent,
        predecessor=before,
    )

"""Every span in which some rule holds for facts of one subject (限制期间), past and future: what status, timeline and preview are made of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from indexer.register.disclosure import PublicSubject
from indexer.rules.workdays import add_months
from portal.restrictions.facts import Fact
from portal.restrictions.rules import Effect, Rule, RuleSet
from portal.restrictions.spans import NEVER_ENDS, Span, matches, spans, start, within, years_span

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holding:
    """Days without a gap on which a rule restricts. `facts` are all that make it so, by day; the last of them completes it.

    `parent` is the enterprise that they are about where it restricts a branch of it, `predecessor` the subject that they are about
    where it restricts a successor; None where they are about the subject itself.
    """

    rule: Rule
    facts: tuple[Fact, ...]
    span: Span
    count: int = 1
    parent: PublicSubject | None = None
    predecessor: PublicSubject | None = None

    @property
    def fact(self) -> Fact:
        """The fact that makes it so, of several the last."""
        return self.facts[-1]

    @property
    def effect(self) -> Effect:
        """A ban whose end nobody published must not read as one for life, which `banned` without an end means."""
        return "restricted" if self.span.end == "open" else self.rule.effect


def holdings(facts: Iterable[Fact], rules: RuleSet) -> tuple[Holding, ...]:
    """All spans of all rules for the disclosed facts of one subject, whatever the day."""
    of_kind: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        of_kind[fact.kind].append(fact)
    return tuple(
        holding
        for kind, found in of_kind.items()
        for rule in rules.of_kind.get(kind, ())
        for holding in _of_rule(rule, found)
    )


def _of_rule(rule: Rule, facts: Sequence[Fact]) -> Iterator[Holding]:
    if rule.trigger.repeated is not None:
        return _repeated(rule, facts)
    if rule.trigger.latest_by:
        return _latest(rule, facts)
    return (Holding(rule, (fact,), span) for fact in facts for span in spans(fact, rule))


def _latest(rule: Rule, facts: Sequence[Fact]) -> Iterator[Holding]:
    """As for single facts, each up to the day before the next of its like begins; those of one day stand beside each other."""
    begun: dict[tuple[str, ...], list[date]] = defaultdict(list)
    for fact in facts:
        if fact.since is not None:
            begun[_like(fact, rule)].append(fact.since)
    for fact in facts:
        later = [day for day in begun[_like(fact, rule)] if fact.since is not None and day > fact.since]
        until = min(later) - _DAY if later else date.max
        for span in within(spans(fact, rule), (date.min, until)):
            yield Holding(rule, (fact,), span)


def _like(fact: Fact, rule: Rule) -> tuple[str, ...]:
    return tuple(fact.text(column) for column in rule.trigger.latest_by)


def _repeated(rule: Rule, facts: Sequence[Fact]) -> Iterator[Holding]:
    """One for each day that completes the number: with all facts of the window that ends on it, counted by their different days."""
    asked = rule.trigger.repeated
    assert asked is not None
    dated = [
        (day, fact)
        for fact in facts
        if matches(fact, rule.trigger) and (day := start(fact, rule)) is not None
    ]
    dated.sort(key=lambda each: (each[0], each[1].record))
    for last in sorted({day for day, _ in dated}):
        window = [(day, fact) for day, fact in dated if day <= last <= _months_after(day, asked.months)]
        count = len({day for day, _ in window})
        if count >= asked.times:
            for span in within([years_span(last, rule)], rule.in_force):
                yield Holding(rule, tuple(fact for _, fact in window), span, count)


def _months_after(day: date, months: int) -> date:
    return add_months(day, months) if day.year + months // 12 + 1 < date.max.year else NEVER_ENDS

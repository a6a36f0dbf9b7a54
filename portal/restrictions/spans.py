"""On which days one rule holds for one fact. Every day named is included; nothing here knows of domains or of other facts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from indexer.rules.workdays import add_years
from portal.restrictions.conditions import Trigger
from portal.restrictions.facts import Fact, text
from portal.restrictions.rules import Rule
from portal.restrictions.scope import place_of_record

NEVER_ENDS = date.max
"""The last day of a span without end; 9999-12-31 in a file means the same (长期)."""

_DAY = timedelta(days=1)

End = Literal["known", "latest", "open", "life"]
"""How sure the last day is: stated; the longest the law allows; not known; for life."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days without a gap on which a rule holds for a fact, from `first` to `last`.

    `counted_from` is the day from which the rule counts, whether or not its basis was in force then; None where it is not known.
    """

    first: date
    last: date
    end: End
    counted_from: date | None


def spans(fact: Fact, rule: Rule) -> tuple[Span, ...]:
    """The spans in which `rule` holds for `fact`, in order, none touching the next; () where it does not apply.

    There is more than one where a state came back, or where an amount that counts was raised and lowered again.
    """
    if not matches(fact, rule.trigger):
        return ()
    counted = [(date.min, date.max)]
    if rule.trigger.fine_at_least:
        fine = _fine(fact)
        counted = _joined(
            (each.valid_from or date.min, each.valid_to or date.max)
            for each in rule.trigger.fine_at_least
            if fine >= each.yuan
        )
        if not counted:
            return ()
    return tuple(
        part
        for first, last in _state_days(fact, rule.trigger)
        if (whole := _whole(fact, rule, start(fact, rule, first))) is not None
        for period in counted
        for part in within([whole], (first, last), period, rule.in_force)
    )


def matches(fact: Fact, trigger: Trigger) -> bool:
    """Whether a rule is about this fact at all, whatever the day."""
    return (
        fact.kind == trigger.kind
        and says(fact.values, trigger)
        and (not trigger.regions or _lies_in(fact, trigger))
    )


def says(values: Mapping[str, object], trigger: Trigger) -> bool:
    """Whether the columns of a record have the words that a rule asks for.

    Plain loops: most rules ask one thing, and every record of a thousand bidders is held against every rule of its kind.
    """
    for column, words in trigger.one_of.items():
        if values.get(column, "") not in words:
            return False
    for column, words in trigger.includes.items():
        if set(words).isdisjoint(text(values, column).split("、")):
            return False
    for column, words in trigger.mentions.items():
        said = text(values, column)
        if not any(word in said for word in words):
            return False
    return True


def _lies_in(fact: Fact, trigger: Trigger) -> bool:
    own = place_of_record(fact.region)
    return own is not None and any(own.lies_in(region) for region in trigger.regions)


def _state_days(fact: Fact, trigger: Trigger) -> list[tuple[date, date]]:
    """The days on which the fact is in a state that the rule asks for, as few periods as they make, in order."""
    if not trigger.status and not trigger.status_not:
        return [(date.min, date.max)]
    return _joined(
        (period.first, period.last)
        for period in fact.states()
        if (not trigger.status or period.status in trigger.status) and period.status not in trigger.status_not
    )


def start(fact: Fact, rule: Rule, state_since: date = date.min) -> date | None:
    """The day from which the rule counts for the fact; None where it is not known.

    A rule that asks for a state counts from the state's first day (`state_since`). Where that is the fact's own first day or there is
    none, nobody said since when it is in that state, and the day in the rule's column counts. Other rules count from that column, or,
    where they name none, from the fact's own first day.
    """
    column = rule.duration.begin
    if rule.trigger.status:
        return fact.day(column or "") if state_since in (date.min, fact.since) else state_since
    return fact.since if column is None else fact.day(column)


def _whole(fact: Fact, rule: Rule, begin: date | None) -> Span | None:
    """The span before states and the basis' own period are looked at; None where the days that it is counted from are missing."""
    duration = rule.duration
    last: date | None = None
    end: End = "known"
    match duration.type:
        case "term":
            last = fact.until
            if last is None and duration.years_at_most is not None and begin is not None:
                last, end = _years_after(begin, duration.years_at_most), "latest"
        case "years":
            if begin is None:
                return None
            return lifted(fact, rule, years_span(begin, rule))
        case "until":
            last = fact.day(duration.column or "")
        case "life":
            end = "life"
    if last is None or last == NEVER_ENDS:
        last, end = NEVER_ENDS, end if end == "life" else "open"
    return lifted(fact, rule, Span(begin or date.min, last, end, begin))


def years_span(begin: date, rule: Rule) -> Span:
    """From a day on for the years of the rule, or for life where it says so."""
    if rule.duration.type == "life":
        return Span(begin, NEVER_ENDS, "life", begin)
    last = _years_after(begin, rule.duration.years or 0)
    return Span(begin, last, "open" if last == NEVER_ENDS else "known", begin)


def lifted(fact: Fact, rule: Rule, span: Span) -> Span | None:
    """The span up to the day before the first one that ends it (修复, 移出); None where that leaves nothing."""
    ending = [day for column in rule.duration.ended_by if (day := fact.day(column)) is not None]
    if not ending or min(ending) > span.last:
        return span
    if min(ending) <= span.first:
        return None
    return Span(span.first, min(ending) - _DAY, "known", span.counted_from)


def within(found: Iterable[Span], *periods: tuple[date, date]) -> Iterator[Span]:
    """The parts of spans inside every one of some periods. The end of one that a period cuts is known."""
    first = max(period[0] for period in periods)
    last = min(period[1] for period in periods)
    for span in found:
        end: End = span.end if last >= span.last else "known"
        part = Span(max(span.first, first), min(span.last, last), end, span.counted_from)
        if part.first <= part.last:
            yield part


def _years_after(day: date, years: int) -> date:
    return add_years(day, years) if day.year + years < date.max.year else NEVER_ENDS


def _fine(fact: Fact) -> Decimal:
    """The fine in 元; 0 where there is none or it is in another currency, which can not be compared."""
    fine = fact.values.get("fine")
    if not isinstance(fine, dict) or fine.get("currency") != "CNY":
        return Decimal(0)
    try:
        return Decimal(str(fine.get("value")))
    except InvalidOperation:
        return Decimal(0)


def _joined(periods: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Some periods as few periods as they make, in order."""
    joined: list[tuple[date, date]] = []
    for first, last in sorted(periods):
        if joined and (joined[-1][1] == date.max or first <= joined[-1][1] + _DAY):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined

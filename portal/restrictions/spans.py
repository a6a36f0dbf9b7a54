"""On which days one rule holds for one fact. Every day named is included; nothing here knows of domains or of other facts."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from indexer.rules.workdays import add_years
from portal.restrictions.facts import Fact
from portal.restrictions.rules import Rule, Threshold, Trigger

NEVER_ENDS = date.max
"""The last day of a span without end; 9999-12-31 in a file means the same (长期)."""

_DAY = timedelta(days=1)

End = Literal["known", "latest", "open", "life"]
"""How sure the last day is: stated; the longest the law allows; not known; for life."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days without a gap on which a rule holds for a fact, from `first` to `last`."""

    first: date
    last: date
    end: End


def spans(fact: Fact, rule: Rule, as_of: date) -> tuple[Span, ...]:
    """The spans in which `rule` holds for `fact`, in order, none touching the next; () where it does not apply.

    There is more than one only where an amount that counts was raised and lowered again. `as_of` matters where the rule asks for a
    state and the fact does not say since when: then it holds from the day for which the state is known.
    """
    if not _matches(fact, rule.trigger):
        return ()
    whole = _whole(fact, rule, as_of)
    if whole is None:
        return ()
    whole = _within(whole, rule.valid_from, rule.valid_to)
    if not rule.trigger.fine_at_least:
        return (whole,) if whole.first <= whole.last else ()
    reached = [each for each in rule.trigger.fine_at_least if _fine(fact) >= each.yuan]
    parts = [_within(whole, first, last) for first, last in _joined(reached)]
    return tuple(part for part in parts if part.first <= part.last)


def _matches(fact: Fact, trigger: Trigger) -> bool:
    return (
        fact.kind == trigger.kind
        and all(fact.text(column) in words for column, words in trigger.one_of.items())
        and all(
            not set(words).isdisjoint(fact.text(column).split("、"))
            for column, words in trigger.includes.items()
        )
        and all(
            any(word in fact.text(column) for word in words) for column, words in trigger.mentions.items()
        )
        and (not trigger.status or fact.status in trigger.status)
        and fact.status not in trigger.status_not
    )


def _whole(fact: Fact, rule: Rule, as_of: date) -> Span | None:
    """The span before the basis' own period is looked at; None where the days that it is counted from are missing."""
    duration = rule.duration
    begin = start(fact, rule, as_of)
    last: date | None = None
    end: End = "known"
    match duration.type:
        case "term":
            last = fact.until
            if last is None and duration.years_at_most is not None and begin is not None:
                last, end = _years_after(begin, duration.years_at_most), "latest"
        case "years":
            if begin is None or duration.years is None:
                return None
            last = _years_after(begin, duration.years)
        case "until":
            last = fact.day(duration.column or "")
        case "life":
            end = "life"
    if last is None or last == NEVER_ENDS:
        last, end = NEVER_ENDS, end if end == "life" else "open"
    begin = begin or date.min
    lifted = [day for column in duration.ended_by if (day := fact.day(column)) is not None]
    if lifted and min(lifted) <= last:
        if min(lifted) <= begin:
            return None
        last, end = min(lifted) - _DAY, "known"
    return Span(begin, last, end)


def start(fact: Fact, rule: Rule, as_of: date) -> date | None:
    """The day from which the rule counts for the fact, whether or not its basis was in force then; None where it is not known."""
    if rule.duration.begin is None:
        return fact.since
    stated = fact.day(rule.duration.begin)
    if stated is None and rule.trigger.status:
        return as_of
    return stated


def _years_after(day: date, years: int) -> date:
    return add_years(day, years) if day.year + years < date.max.year else NEVER_ENDS


def _within(span: Span, first: date | None, last: date | None) -> Span:
    """The part of a span inside a period; its end is known where the period's end cuts it. May come out empty (last before first)."""
    begin = span.first if first is None else max(span.first, first)
    if last is None or last >= span.last:
        return Span(begin, span.last, span.end)
    return Span(begin, last, "known")


def _fine(fact: Fact) -> Decimal:
    """The fine in 元; 0 where there is none or it is in another currency, which can not be compared."""
    fine = fact.values.get("fine")
    if not isinstance(fine, dict) or fine.get("currency") != "CNY":
        return Decimal(0)
    try:
        return Decimal(str(fine.get("value")))
    except InvalidOperation:
        return Decimal(0)


def _joined(thresholds: list[Threshold]) -> list[tuple[date, date]]:
    """The periods of some thresholds as few periods as they make, in order."""
    periods = sorted((each.valid_from or date.min, each.valid_to or date.max) for each in thresholds)
    joined: list[tuple[date, date]] = []
    for first, last in periods:
        if joined and (joined[-1][1] == date.max or first <= joined[-1][1] + _DAY):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined

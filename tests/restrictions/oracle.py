"""The plain slow answer to "where is it restricted?": every rule and fact becomes a set of days, and days are counted one by one.

Written apart from the real evaluator, from docs/restrictions.md. It sees the days of a window only: what still holds on the last of them
has no end. Test histories keep every stated end well inside. A set of days is a number with one bit for each day of the window.
"""

from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.restrictions.facts import Fact
from portal.restrictions.rules import Rule

FIRST = date(2019, 1, 1)
LENGTH = 5200
LAST = FIRST + timedelta(days=LENGTH - 1)
ALL = (1 << LENGTH) - 1

Days = int


@dataclass(frozen=True)
class Answer:
    """What the oracle says of one domain: causes are (record, rule, first day, last day)."""

    status: str
    until: date | None
    because: frozenset[tuple[str, str, date | None, date | None]]


def from_day(day: date) -> Days:
    before = max(0, (day - FIRST).days)
    return ALL >> before << before


def up_to(day: date) -> Days:
    return ALL & ~from_day(day + timedelta(days=1)) if day >= FIRST else 0


def has(days: Days, day: date) -> bool:
    return FIRST <= day <= LAST and bool(days >> (day - FIRST).days & 1)


def anniversary(day: date, years: int) -> date:
    year = day.year + years
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return date(year, day.month, day.day)


def is_meant(fact: Fact, rule: Rule) -> bool:
    """Whether the rule is about this fact at all, its fine apart."""
    trigger = rule.trigger
    if fact.kind != trigger.kind:
        return False
    for column, words in trigger.one_of.items():
        if fact.values.get(column) not in words:
            return False
    for column, words in trigger.includes.items():
        listed = str(fact.values.get(column, "")).split("、")
        if [word for word in words if word in listed] == []:
            return False
    for column, words in trigger.mentions.items():
        if not sum(str(fact.values.get(column, "")).count(word) for word in words):
            return False
    if trigger.status and fact.status not in trigger.status:
        return False
    return not (trigger.status_not and fact.status in trigger.status_not)


def stated(fact: Fact, column: str | None) -> date | None:
    value = fact.values.get(column or "")
    return date.fromisoformat(str(value)) if value else None


def restricted_days(fact: Fact, rule: Rule, as_of: date) -> tuple[Days, str]:
    """The days on which the rule restricts by the fact, and whether it is known when that ends (`known`, `open`, `life`)."""
    if not is_meant(fact, rule):
        return 0, "known"
    length = rule.duration
    begin = fact.since
    if length.begin:
        begin = stated(fact, length.begin)
        if begin is None and rule.trigger.status:
            begin = as_of
    days, end = (ALL if begin is None else from_day(begin)), "known"
    if length.type == "life":
        end = "life"
    elif length.type == "years":
        days = days & up_to(anniversary(begin, length.years or 0)) if begin else 0
    else:
        stop = fact.until if length.type == "term" else stated(fact, length.column)
        if stop is None and length.type == "term" and length.years_at_most and begin:
            stop = anniversary(begin, length.years_at_most)
        if stop is None:
            end = "open"
        else:
            days &= up_to(stop)
    for column in length.ended_by:
        if lifted := stated(fact, column):
            days &= ~from_day(lifted)
    if rule.valid_from:
        days &= from_day(rule.valid_from)
    if rule.valid_to:
        days &= up_to(rule.valid_to)
    if rule.trigger.fine_at_least:
        fine = fact.values.get("fine")
        yuan = float(fine["value"]) if isinstance(fine, dict) and fine["currency"] == "CNY" else 0.0
        counted = 0
        for threshold in rule.trigger.fine_at_least:
            if yuan >= threshold.yuan:
                counted |= from_day(threshold.valid_from or FIRST) & up_to(threshold.valid_to or LAST)
        days &= counted
    return days, end if has(days, LAST) else "known"


def run_around(days: Days, day: date) -> tuple[date | None, date | None]:
    """First and last day of the unbroken days around one of them; None where they reach the edge of the window."""
    place = (day - FIRST).days
    after = ~days >> place  # the lowest bit set is the first day after the run
    last = day + timedelta(days=(after & -after).bit_length() - 2)
    first = FIRST + timedelta(days=(~days & ((1 << place) - 1)).bit_length())
    return (None if first == FIRST else first), (None if last == LAST else last)


def answer(facts: Sequence[Fact], rules: Sequence[Rule], as_of: date, domain: str) -> Answer:
    """The status in one domain on a day."""
    restricted = banned = 0
    because = set()
    for fact in facts:
        for rule in rules:
            if domain not in rule.domains:
                continue
            days, end = restricted_days(fact, rule, as_of)
            if has(days, as_of):
                because.add((fact.record, rule.id, *run_around(days, as_of)))
            restricted |= days
            if rule.effect == "banned":
                banned |= without_open_run(days) if end == "open" else days
    for status, days in (("banned", banned), ("restricted", restricted)):
        if has(days, as_of):
            return Answer(status, run_around(days, as_of)[1], frozenset(because))
    return Answer("clear", None, frozenset())


def without_open_run(days: Days) -> Days:
    """The days without those at the end that go on with no known end; an earlier run that ends stays."""
    return days & ((1 << (~days & ALL).bit_length()) - 1)

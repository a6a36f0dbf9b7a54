"""The plain slow answer to "where is it restricted?": every rule and fact becomes a set of days, and days are counted one by one.

Written apart from the real evaluator, from docs/restrictions.md. It sees the days of a window only: what still holds on the last of them
has no end. Test histories keep every stated end well inside. A set of days is a number with one bit for each day of the window.
"""

from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.restrictions.facts import Fact
from portal.restrictions.rules import Rule

FIRST = date(2014, 1, 1)
LENGTH = 7000
LAST = FIRST + timedelta(days=LENGTH - 1)
ALL = (1 << LENGTH) - 1

Days = int
Made = tuple[tuple[str, ...], Days, str]
"""What a rule makes of some facts: their records, the days, and whether it is known when they end (`known`, `open`, `life`)."""


@dataclass(frozen=True)
class Answer:
    """What the oracle says of one domain: causes are (records, rule, first day, last day)."""

    status: str
    until: date | None
    next_change: date | None
    because: frozenset[tuple[tuple[str, ...], str, date | None, date | None]]


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


def later_month(day: date, months: int) -> date:
    """The same date so many months later, or the last there is of that month, found by trying."""
    year, month = day.year + (day.month + months - 1) // 12, (day.month + months - 1) % 12 + 1
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError(day)


def code_of(region: str | None) -> str:
    """The digits of the places that test histories use."""
    known = {"江苏省": "32", "320000": "32", "南通市": "3206", "320600": "3206", "浙江": "33", "浙江省": "33"}
    return known.get(region or "", "-")


def is_meant(fact: Fact, rule: Rule) -> bool:
    """Whether the rule is about this fact at all, its fine and its states apart."""
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
    within = [region for region in trigger.regions if code_of(fact.region).startswith(code_of(region.name))]
    return not trigger.regions or within != []


def stated(fact: Fact, column: str | None) -> date | None:
    value = fact.values.get(column or "")
    return date.fromisoformat(str(value)) if value else None


def first_day(fact: Fact, rule: Rule) -> date | None:
    return stated(fact, rule.duration.begin) if rule.duration.begin else fact.since


def state_days(fact: Fact, rule: Rule) -> Days:
    """The days on which the fact is in a state that the rule asks for."""
    days = 0
    for period in fact.states():
        asked = not rule.trigger.status or period.status in rule.trigger.status
        if asked and period.status not in rule.trigger.status_not:
            days |= from_day(period.first) & up_to(min(period.last, LAST))
    return days


def runs(days: Days) -> Iterator[Days]:
    """The unbroken days, one after another."""
    while days:
        lowest = days & -days
        run = days & ~(days + lowest)
        yield run
        days &= ~run


def restricted_days(fact: Fact, rule: Rule) -> Iterator[tuple[Days, str]]:
    """Days on which the rule restricts by the fact, and whether it is known when they end (`known`, `open`, `life`)."""
    if not is_meant(fact, rule):
        return
    begin = first_day(fact, rule)
    if not rule.trigger.status:
        yield counted(fact, rule, begin, state_days(fact, rule))
        return
    for run in runs(state_days(fact, rule)):
        since = FIRST + timedelta(days=(run & -run).bit_length() - 1)
        nobody_said = since in (FIRST, fact.since)
        yield counted(fact, rule, stated(fact, rule.duration.begin) if nobody_said else since, run)


def counted(fact: Fact, rule: Rule, begin: date | None, days: Days) -> tuple[Days, str]:
    """Of some days those on which the rule restricts, counted from `begin`."""
    length = rule.duration
    days, end = (days if begin is None else days & from_day(begin)), "known"
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
    if rule.trigger.fine_at_least:
        fine = fact.values.get("fine")
        yuan = float(fine["value"]) if isinstance(fine, dict) and fine["currency"] == "CNY" else 0.0
        reached = 0
        for threshold in rule.trigger.fine_at_least:
            if yuan >= threshold.yuan:
                reached |= from_day(threshold.valid_from or FIRST) & up_to(threshold.valid_to or LAST)
        days &= reached
    days &= basis_days(rule)
    return days, end if has(days, LAST) else "known"


def basis_days(rule: Rule) -> Days:
    return from_day(rule.valid_from or FIRST) & up_to(rule.valid_to or LAST)


def together(facts: Sequence[Fact], rule: Rule) -> Iterator[Made]:
    """For each day of a fact that the rule counts, all of them up to it: the days that they restrict when they are enough."""
    asked = rule.trigger.repeated
    assert asked is not None
    dated = [(first_day(fact, rule), fact) for fact in facts if is_meant(fact, rule)]
    for today in sorted({day for day, _ in dated if day}):
        counting = [
            (day, fact.record)
            for day, fact in dated
            if day and day <= today and today <= later_month(day, asked.months)
        ]
        if len({day for day, _ in counting}) < asked.times:
            continue
        days, end = from_day(today), "life"
        if rule.duration.type == "years":
            days, end = days & up_to(anniversary(today, rule.duration.years or 0)), "known"
        days &= basis_days(rule)
        yield tuple(record for _, record in sorted(counting)), days, end if has(days, LAST) else "known"


def before_the_next(facts: Sequence[Fact], fact: Fact, rule: Rule) -> Days:
    """The days on which no later fact with the same words has taken the place of this one."""
    days = ALL
    for other in facts:
        alike = all(fact.values.get(name) == other.values.get(name) for name in rule.trigger.latest_by)
        if rule.trigger.latest_by and alike and other.kind == fact.kind and fact.since and other.since:
            days &= ~from_day(other.since) if other.since > fact.since else ALL
    return days


def everything(facts: Sequence[Fact], rule: Rule) -> Iterator[Made]:
    """All that a rule makes of a history."""
    if rule.trigger.repeated is not None:
        yield from together(facts, rule)
        return
    for fact in facts:
        for days, end in restricted_days(fact, rule):
            left = days & before_the_next(facts, fact, rule)
            yield (fact.record,), left, end if has(left, LAST) else "known"


def run_around(days: Days, day: date) -> tuple[date | None, date | None]:
    """First and last day of the unbroken days around one of them; None where they reach the edge of the window."""
    place = (day - FIRST).days
    after = ~days >> place  # the lowest bit set is the first day after the run
    last = day + timedelta(days=(after & -after).bit_length() - 2)
    first = FIRST + timedelta(days=(~days & ((1 << place) - 1)).bit_length())
    return (None if first == FIRST else first), (None if last == LAST else last)


def restricts_in(rule: Rule, where: str | None, trade: str | None) -> bool:
    """Whether a rule counts for a question about a place and a trade."""
    asked, bounds = code_of(where), [code_of(region.name) for region in rule.scope.regions]
    near = [code for code in bounds if code.startswith(asked) or asked.startswith(code)]
    here = where is None or not bounds or near != []
    return here and (trade is None or not rule.scope.trades or trade in rule.scope.trades)


def answers(
    facts: Sequence[Fact],
    rules: Sequence[Rule],
    as_of: date,
    domains: Sequence[str],
    where: str | None = None,
    trade: str | None = None,
) -> dict[str, Answer]:
    """The status in some domains on a day, for a place and a trade or for any."""
    made = [(rule, list(everything(facts, rule))) for rule in rules if restricts_in(rule, where, trade)]
    return {domain: answer([each for each in made if domain in each[0].domains], as_of) for domain in domains}


def answer(made: Sequence[tuple[Rule, Sequence[Made]]], as_of: date) -> Answer:
    """The status in one domain on a day, from all that its rules make of a history."""
    restricted = banned = changes = 0
    because = set()
    for rule, found in made:
        for records, days, end in found:
            if has(days, as_of):
                because.add((records, rule.id, *run_around(days, as_of)))
            restricted |= days
            changes |= (days ^ days << 1) & ALL  # a bit where a day differs from the one before
            if rule.effect == "banned":
                banned |= without_open_run(days) if end == "open" else days
    later = changes & from_day(as_of + timedelta(days=1))
    coming = FIRST + timedelta(days=(later & -later).bit_length() - 1) if later else None
    for status, days in (("banned", banned), ("restricted", restricted)):
        if has(days, as_of):
            return Answer(status, run_around(days, as_of)[1], coming, frozenset(because))
    return Answer("clear", None, coming, frozenset())


def without_open_run(days: Days) -> Days:
    """The days without those at the end that go on with no known end; an earlier run that ends stays."""
    return days & ((1 << (~days & ALL).bit_length()) - 1)

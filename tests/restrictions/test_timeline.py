"""The timeline says of each day what the status says of it, and its bars stand where their days are."""

from datetime import date, timedelta
from random import Random

from portal.restrictions.evaluate import judge
from portal.restrictions.holdings import holdings
from portal.restrictions.timeline import MOST_TICKS, Timeline, timeline
from tests.restrictions.test_agrees_with_oracle import a_day, a_history, some_rules

AS_OF = date(2024, 3, 1)


def effect_on(line: Timeline, code: str, day: date) -> str:
    """What the periods of a domain say of a day."""
    row = next(row for row in line.rows if row.domain.code == code)
    found = [
        each.effect
        for each in row.periods
        if (each.since or date.min) <= day and day <= (each.until or date.max)
    ]
    assert len(found) <= 1, "periods overlap"
    return found[0] if found else "clear"


def test_each_period_says_what_the_status_of_each_of_its_days_is() -> None:
    seen = set()
    for seed in range(1500):
        random = Random(seed)
        rules = some_rules(random)
        held = holdings(a_history(random), rules)
        line = timeline(held, AS_OF)
        for day in (a_day(random), date.min, date.max):
            for status in judge(held, day):
                assert effect_on(line, status.code, day) == status.status, (seed, day)
                seen.add(status.status)
    assert seen == {"clear", "restricted", "banned"}


def test_neighbouring_periods_differ_or_have_a_gap_and_bars_stand_in_the_drawing() -> None:
    for seed in range(1500):
        random = Random(seed)
        rules = some_rules(random)
        line = timeline(holdings(a_history(random), rules), AS_OF)
        days = (line.last - line.first).days + 1
        assert line.first <= AS_OF <= line.last and 0 <= line.today < 100
        assert 1 <= len(line.ticks) <= MOST_TICKS
        for row in line.rows:
            for one, two in zip(row.periods, row.periods[1:], strict=False):
                assert one.until is not None and two.since is not None
                assert one.until < two.since
                assert one.effect != two.effect or two.since - one.until > timedelta(days=1)
            for bar in row.bars:
                assert bar.left >= 0 and bar.width > 0 and bar.left + bar.width <= 100.01
                since = max(bar.period.since or line.first, line.first)
                until = min(bar.period.until or line.last, line.last)
                assert abs(bar.width - 100 * ((until - since).days + 1) / days) < 0.02
                assert bar.goes_on == (bar.period.until is None or bar.period.until > line.last)


def test_nothing_held_is_an_empty_timeline_of_the_year_asked_for() -> None:
    line = timeline((), AS_OF)
    assert line.empty and (line.first, line.last) == (date(2024, 1, 1), date(2024, 12, 31))


def test_the_first_and_the_last_day_there_are_can_be_asked_for() -> None:
    assert timeline((), date.max).last == date.max
    assert timeline((), date.min).first == date.min

"""Work days (工作日) and calendar periods as Chinese law counts them.

The day of the event is not counted (民法典 art. 201); months and years end on the day of the same number,
at most the month's last (art. 202). Work days come from the State Council's yearly notices through
`chinese_calendar` (2004–2026). For other years Monday to Friday are counted and the answer says
`provisional`, until a file names that year's holidays; see `load_calendar`.
"""

import calendar
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar

_DAY = timedelta(days=1)
_FIRST_YEAR: int = min(chinese_calendar.holidays).year
_LAST_YEAR: int = max(chinese_calendar.holidays).year


@dataclass(frozen=True, slots=True)
class Due:
    """A day by which something is due; `provisional` when holidays on the way are not announced yet."""

    date: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Holidays beyond the announced years: `holidays` are off, `workdays` are worked weekends, `years` are
    complete.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()


NO_EXTRAS = Calendar()


def load_calendar(path: Path) -> Calendar:
    """The holidays in a TOML file, of which the next year's notice is typed in each November.

    `years = [2027]` (complete from here on), `holidays = [2027-01-01, …]`, `workdays = [2027-01-09, …]`. A
    file that is absent gives none. Raises ValueError when something else stands in it.
    """
    if not path.exists():
        return NO_EXTRAS
    with path.open("rb") as file:
        data = tomllib.load(file)
    years, off, on = data.pop("years", []), data.pop("holidays", []), data.pop("workdays", [])
    if (
        data
        or not all(type(day) is date for day in (*off, *on))
        or not all(type(year) is int for year in years)
    ):
        raise ValueError(
            f"{path.name}: only years, holidays and workdays, as numbers and dates, may stand here"
        )
    if both := sorted(set(off) & set(on)):
        raise ValueError(f"{path.name}: {both[0]} is both a holiday and a workday")
    return Calendar(frozenset(off), frozenset(on), frozenset(years))


def is_workday(day: date, extras: Calendar = NO_EXTRAS) -> bool:
    """Whether `day` is worked; by Monday to Friday in years not announced."""
    if day in extras.holidays:
        return False
    if day in extras.workdays:
        return True
    if not _announced(day):
        return day.weekday() < 5
    return bool(chinese_calendar.is_workday(day))


def _announced(day: date) -> bool:
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def add_workdays(start: date, days: int, extras: Calendar = NO_EXTRAS) -> Due:
    """The `days`-th work day after `start`, which itself is not counted; 0 gives `start`. ValueError when
    `days` is negative.
    """
    if days < 0:
        raise ValueError("days must not be negative")
    day, left = start, days
    while left:
        day += _DAY
        left -= 1 if is_workday(day, extras) else 0
    return Due(day, _provisional(start, day, extras))


def next_workday(day: date, extras: Calendar = NO_EXTRAS) -> Due:
    """`day`, or the first work day after it: where a period ends that would end on a holiday (民法典 art.
    203).
    """
    end = day
    while not is_workday(end, extras):
        end += _DAY
    return Due(end, _provisional(day, end, extras))


def _provisional(start: date, end: date, extras: Calendar) -> bool:
    return any(
        not _announced(date(year, 1, 1)) and year not in extras.years
        for year in range(start.year, end.year + 1)
    )


def add_months(day: date, months: int) -> date:
    """The day of the same number `months` later (earlier when negative), at most the month's last: 31
    January + 1 is 28 February.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes the 28th in a common year."""
    return add_months(day, 12 * years)

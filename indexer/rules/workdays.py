"""Work days (工作日) and calendar periods as Chinese law counts them.

The day of the event is not counted (民法典 art. 201); months and years end on the day of the same number,
at most the month's last (art. 202). Work days come from the State Council's yearly notices through
`chinese_calendar` (2004–2026). For other years Monday to Friday are counted and the answer says
`provisional`, until a file names that year's holidays; see `load_calendar`.
"""

import calendar
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar

from indexer.errors import ZhixinError

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


class HolidaysWrong(ZhixinError):
    """The file of holidays can not be used; the message names all that is wrong in it."""

    code = "holidays-wrong"

    def __init__(self, path: Path, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            f"节假日文件 {path.name} 有误：" + "；".join(zh for zh, _en in faults) + "。",
            f"The file of holidays {path.name} is wrong: " + "; ".join(en for _zh, en in faults) + ".",
        )
        self.faults = tuple(faults)


def load_calendar(path: Path) -> Calendar:
    """The holidays in a TOML file, of which the next year's notice (国务院办公厅关于部分节假日安排的通知) is typed in each November.

    `years = [2027]` (complete from here on), `holidays = [2027-01-01, …]` days off, `workdays = [2027-01-09, …]` weekends that are worked. A
    file that is absent gives none. Raises HolidaysWrong, which names every fault at once.
    """
    if not path.exists():
        return NO_EXTRAS
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HolidaysWrong(path, [("不是 TOML", f"not TOML: {error}")]) from None
    except OSError:
        raise HolidaysWrong(path, [("读不出来", "can not be read")]) from None
    if faults := list(_faults(data)):
        raise HolidaysWrong(path, faults)
    return Calendar(*(frozenset(data.get(name, ())) for name in ("holidays", "workdays", "years")))


def _faults(data: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name in sorted(data.keys() - {"years", "holidays", "workdays"}):
        yield f"没有 {name} 这一项", f"{name} is none of years, holidays, workdays"
    off, on, years = (_listed(data, name) for name in ("holidays", "workdays", "years"))
    for name, said in (("holidays", off), ("workdays", on), ("years", years)):
        if said is None:
            yield f"{name} 应为列表", f"{name} must be a list"
    for name, said in (("holidays", off), ("workdays", on)):
        for each in said or ():
            if type(each) is not date:
                yield f"{name} 里的 {each!r} 应为日期，如 2027-01-01", f"{each!r} in {name} must be a day"
    for year in years or ():
        if type(year) is not int or not 2000 <= year <= 2100:
            yield f"years 里的 {year!r} 应为年份，如 2027", f"{year!r} in years must be a year like 2027"
    worked = {day for day in on or () if type(day) is date}
    for day in sorted(worked & {each for each in off or () if type(each) is date}):
        yield f"{day} 既是假日又是工作日", f"{day} is both a holiday and a workday"
    for day in sorted(worked):
        if day.weekday() < 5:
            yield (
                f"{day} 本来就是工作日（周一至周五）",
                f"{day} is a Monday to Friday: no weekend that is worked",
            )


def _listed(data: Mapping[str, object], name: str) -> list[object] | None:
    """What a list of the file holds, None where it is no list."""
    said = data.get(name, [])
    return said if isinstance(said, list) else None


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

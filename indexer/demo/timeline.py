"""Days counted from the day of generation: nothing in the demonstration data has a date of its own."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


def months_after(day: date, months: int) -> date:
    """`day` moved by whole months (negative: back), clamped to the end of the month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(start: date, years: int) -> date:
    """The last valid day of something good for `years` years from `start`."""
    return months_after(start, 12 * years) - timedelta(days=1)


def first_day(end: date, years: int) -> date:
    """The first day of something good for `years` years whose last valid day is `end`."""
    return months_after(end + timedelta(days=1), -12 * years)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The calendar as seen from `today` (Asia/Shanghai)."""

    today: date

    def ago(self, days: int) -> date:
        """The day `days` before today; negative numbers lie ahead."""
        return self.today - timedelta(days=days)

    def office_day(self, days: int) -> date:
        """Like `ago`, but a weekend gives the Friday before: authorities decide on working days."""
        day = self.ago(days)
        return day - timedelta(days=max(0, day.weekday() - 4))

"""Work days and calendar periods (domain.md part 7)."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.rules.workdays import (
    Due,
    add_months,
    add_workdays,
    add_years,
    is_workday,
    load_calendar,
    next_workday,
)

START = date(2026, 9, 29)


@pytest.mark.parametrize(
    ("days", "due"),
    [(3, date(2026, 10, 9)), (7, date(2026, 10, 14)), (20, date(2026, 11, 2)), (0, START)],
)
def test_work_days_step_over_the_national_day_week(days: int, due: date) -> None:
    assert add_workdays(START, days) == Due(due, provisional=False)


def test_a_worked_saturday_counts() -> None:
    assert is_workday(date(2026, 10, 10))
    assert not is_workday(date(2026, 10, 1))


def test_beyond_the_announced_years_monday_to_friday_are_provisional() -> None:
    assert add_workdays(date(2026, 12, 30), 3) == Due(date(2027, 1, 4), provisional=True)
    assert add_workdays(date(2027, 3, 5), 1) == Due(date(2027, 3, 8), provisional=True)
    assert add_workdays(date(2003, 3, 7), 1).provisional


def test_a_file_with_the_next_years_holidays_makes_them_certain(tmp_path: Path) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text("years = [2027]\nholidays = [2027-01-01]\nworkdays = [2027-01-02]\n", encoding="utf-8")
    extras = load_calendar(path)
    assert add_workdays(date(2026, 12, 31), 1, extras) == Due(date(2027, 1, 2), provisional=False)


def test_an_absent_holiday_file_gives_no_extras(tmp_path: Path) -> None:
    assert not load_calendar(tmp_path / "none.toml").holidays


@pytest.mark.parametrize(
    "text",
    [
        'holidays = ["2027-01-01"]',
        "weekends = [2027-01-01]",
        "holidays = [2027-01-01]\nworkdays = [2027-01-01]",
    ],
)
def test_a_wrong_holiday_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"holidays\.toml"):
        load_calendar(path)


def test_a_period_that_ends_on_a_holiday_moves_on() -> None:
    assert next_workday(date(2026, 10, 3)).date == date(2026, 10, 8)
    assert next_workday(date(2026, 10, 9)).date == date(2026, 10, 9)


def test_negative_work_days_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_workdays(START, -1)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_end_at_most_on_the_months_last_day(day: date, months: int, end: date) -> None:
    assert add_months(day, months) == end


def test_a_leap_day_ends_on_the_28th_in_a_common_year() -> None:
    assert add_years(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)


@given(st.dates(date(2004, 1, 1), date(2026, 10, 1)), st.integers(1, 40))
def test_the_due_day_is_a_work_day_with_that_many_between(start: date, days: int) -> None:
    due = add_workdays(start, days)
    assert is_workday(due.date)
    between = range(start.toordinal() + 1, due.date.toordinal() + 1)
    assert sum(is_workday(date.fromordinal(each)) for each in between) == days

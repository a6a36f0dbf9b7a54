"""Work days and calendar periods (domain.md part 7)."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import SettingError
from indexer.rules.workdays import (
    Due,
    HolidaysWrong,
    add_months,
    add_workdays,
    add_years,
    is_workday,
    load_calendar,
    next_workday,
)
from indexer.settings import Settings
from portal.app import create_app
from portal.context import EXTENSION

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
    ("text", "said"),
    [
        ('holidays = ["2027-01-01"]', ["'2027-01-01'"]),
        ("weekends = [2027-01-02]", ["weekends"]),
        ("holidays = [2027-01-02]\nworkdays = [2027-01-02]", ["2027-01-02"]),
        ("workdays = [2027-01-04]", ["2027-01-04"]),
        ("holidays = 2027-01-01", ["holidays"]),
        ("years = [2027.5, 27]", ["2027.5", "27"]),
        ("holidays = [2027-01-01T00:00:00]", ["datetime"]),
        ("holidays = [2027-13-01]", ["TOML"]),
        (
            'years = ["2027"]\nholidays = [1, 2027-02-06]\nworkdays = [2027-02-06, 2027-01-04]\nmore = 1',
            ["more", "'2027'", "1 in holidays", "2027-02-06 is both", "2027-01-04 is a Monday"],
        ),
    ],
)
def test_a_wrong_holiday_file_is_refused_with_all_its_faults(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(HolidaysWrong) as refused:
        load_calendar(path)
    assert len(refused.value.faults) == len(said)
    assert all(each in refused.value.en for each in (*said, "holidays.toml")), refused.value.en
    assert str(tmp_path) not in refused.value.en + refused.value.zh


def test_the_portal_does_not_start_with_a_wrong_file_and_counts_by_a_right_one(tmp_path: Path) -> None:
    path = tmp_path / "next-year.toml"
    path.write_text("years = [2027]\nholidays = [2027-01-01]\nworkdays = [2027-01-04]", encoding="utf-8")
    settings = Settings(data=tmp_path / "var", holidays=str(path))
    with pytest.raises(HolidaysWrong):
        create_app(settings)
    path.write_text("years = [2027]\nholidays = [2027-01-01, 2027-01-04]", encoding="utf-8")
    calendar = create_app(settings).extensions[EXTENSION].calendar
    assert add_workdays(date(2026, 12, 31), 1, calendar) == Due(date(2027, 1, 5), False)
    assert add_workdays(date(2026, 12, 31), 1).provisional
    (tmp_path / "var").mkdir(exist_ok=True)
    (tmp_path / "var" / "holidays.toml").write_text("holidays = 1", encoding="utf-8")
    with pytest.raises(HolidaysWrong):
        create_app(Settings(data=tmp_path / "var"))
    with pytest.raises(SettingError, match="ZHIXIN_HOLIDAYS"):
        Settings.from_environ({"ZHIXIN_HOLIDAYS": str(tmp_path / "none.toml")})


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

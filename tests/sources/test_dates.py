"""Days as files write them."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.dates import iso_date, parse_date

DAYS = st.dates(date(1800, 1, 1), date(2098, 12, 31))
FULL_WIDTH = str.maketrans("0123456789-/.", "０１２３４５６７８９－／．")
FORMS = (
    "{0.year}-{0.month}-{0.day}",
    "{0.year}/{0.month}/{0.day}",
    "{0.year}.{0.month}.{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "{0:%Y}年{0.month:02}月{0.day:02}日",
    "{0.year:04}{0.month:02}{0.day:02}",
    "{0.year:04}-{0.month:02}-{0.day:02} 00:00:00",
    "{0.year:04}-{0.month:02}-{0.day:02}T08:30:00",
    " {0.year:04}-{0.month:02}-{0.day:02} ",
    "{0.year} 年 {0.month} 月 {0.day} 日",
)


@given(DAYS, st.sampled_from(FORMS))
def test_every_form_of_a_day_is_that_day(day: date, form: str) -> None:
    text = form.replace("{0:%Y}", "{0.year:04}").format(day)
    assert parse_date(text) == day
    assert parse_date(text.translate(FULL_WIDTH)) == day
    assert iso_date(text) == day.isoformat()


@given(st.integers(20_000, 80_000))
def test_excel_serial_counts_from_the_end_of_1899(serial: int) -> None:
    assert parse_date(str(serial)) == date(1899, 12, 30) + timedelta(days=serial)


@given(st.text(max_size=60))
def test_any_other_text_gives_a_reason_in_chinese(text: str) -> None:
    with suppress(ValueError):
        parse_date(text)
        return
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff]"):
        parse_date(text)


@pytest.mark.parametrize("text", ["长期", "长期有效", "9999-12-31", "2099-12-31", "9999年12月31日"])
def test_open_end_is_no_day(text: str) -> None:
    assert parse_date(text) is None
    assert iso_date(text) == ""


def test_instant_with_zone_is_the_day_in_shanghai() -> None:
    assert parse_date("2018-03-04T16:00:00Z") == date(2018, 3, 5)
    assert parse_date("2018-03-04T16:00:00.000+0000") == date(2018, 3, 5)
    assert parse_date("2018-03-05T00:00:00+08:00") == date(2018, 3, 5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2018-02-30", "没有“2018-02-30”这一天"),
        ("20180230", "没有“20180230”这一天"),
        ("2018年13月1日", "没有"),
        ("2018-03", "没有写到日"),
        ("2018年3月", "没有写到日"),
        ("18-3-5", "年份要写四位"),
        ("3/5/2018", "年份要写四位"),
        ("0218-03-05", "年份不合理"),
        ("12345", "不是日期"),
        ("明天", "不是日期"),
        ("1" * 500, "不是日期"),
    ],
)
def test_what_is_no_day_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_date(text)

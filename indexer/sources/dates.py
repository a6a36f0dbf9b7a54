"""Days as files write them (日期): Chinese, ISO, compact, Excel serials, in any width."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache

from indexer.clock import day_of

OPEN_END = frozenset({"长期", "长期有效", "永久", "永久有效", "无固定期限", "无期限", "至长期", "长期至今"})
"""Words that say there is no last day."""

_EXCEL_DAY_0 = date(1899, 12, 30)  # Excel counts a 29 February 1900 that never was; right from 1900-03-01 on
_EXCEL_SERIALS = range(20_000, 80_001)  # 1954-10-03 to 2119-01-11
_YEARS = range(1800, 2200)  # a year outside is a slip of the keyboard

_time = r"(?:[T ]?\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?秒?)?)?"
_separated = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_time}").fullmatch
_chinese = re.compile(rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})[日号]?{_time}").fullmatch
_compact = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?").fullmatch
_serial = re.compile(r"(\d{5})(?:\.\d+)?").fullmatch
_zoned = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})").fullmatch
_month_only = re.compile(r"\d{4}(?:[-/.]\d{1,2}|年\d{1,2}月?|年)?").fullmatch
_short_year = re.compile(r"\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}").fullmatch
_blanks = re.compile(r"\s*([-/.年月日])\s*")

_HOW = "请写成 2018-03-05 这样的年月日。"


@lru_cache(maxsize=1 << 16)
def parse_date(text: str) -> date | None:
    """The day that `text` (not empty) says, in Asia/Shanghai; None means an open end (长期).

    Taken: `2018-3-5`, `2018/3/5`, `2018.3.5`, `2018年3月5日`, `20180305`, each with a time of day or none; ISO instants with a zone
    (converted to Asia/Shanghai); Excel serials from 20000 to 80000; full-width digits. `长期`, 2099-12-31 and days from the year
    2999 on are open ends. Raises `ValueError` with a reason in Chinese for everything else, such as 2018-02-30.
    """
    text = text.strip()
    match = _separated(text)
    if match:
        return _day(int(match[1]), int(match[3]), int(match[4]), text)
    text = _blanks.sub(r"\1", unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace("—", "-"))
    if text in OPEN_END:
        return None
    if match := _separated(text):
        return _day(int(match[1]), int(match[3]), int(match[4]), text)
    if match := _chinese(text) or _compact(text):
        return _day(int(match[1]), int(match[2]), int(match[3]), text)
    if (match := _serial(text)) and int(match[1]) in _EXCEL_SERIALS:
        return _EXCEL_DAY_0 + timedelta(days=int(match[1]))
    if _zoned(text):
        try:
            return day_of(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            raise ValueError(f"没有“{_shown(text)}”这个时间，{_HOW}") from None
    if _month_only(text):
        raise ValueError(f"“{_shown(text)}”没有写到日，{_HOW}")
    if _short_year(text):
        raise ValueError(f"“{_shown(text)}”的年份要写四位并放在最前面，{_HOW}")
    raise ValueError(f"“{_shown(text)}”不是日期，{_HOW}")


@lru_cache(maxsize=1 << 16)
def iso_date(text: str) -> str:
    """`parse_date` as the register stores it: "2018-03-05", or "" for an open end."""
    day = parse_date(text)
    return "" if day is None else day.isoformat()


def _day(year: int, month: int, day: int, text: str) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueError(f"没有“{_shown(text)}”这一天，请核对后重新填写。") from None
    if year >= 2999 or (year, month, day) == (2099, 12, 31):
        return None
    if year not in _YEARS:
        raise ValueError(f"“{_shown(text)}”的年份不合理，请核对后重新填写。")
    return found


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"

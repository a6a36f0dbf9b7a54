"""Amounts of money as registers write them."""

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.amounts import parse_amount

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
AMOUNTS = st.decimals(0, 10**12, places=4)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1,913.2157(万元人民币)", "19132157.00", "CNY"),
        ("512.6万人民币", "5126000.00", "CNY"),
        ("158(万元人民币)", "1580000.00", "CNY"),
        ("100万美元", "1000000.00", "USD"),
        ("297.346828万美元", "2973468.28", "USD"),
        ("5000元", "5000.00", "CNY"),
        ("０．５万元", "5000.00", "CNY"),
        ("13万人民币元", "130000.00", "CNY"),
        ("1854元人民币", "1854.00", "CNY"),
        ("50(万元美元)", "500000.00", "USD"),
        ("12,500(万香港元)", "125000000.00", "HKD"),
        ("238.3858(万德国马克)", "2383858.00", "DEM"),
        ("3,350(万丹麦克郎)", "33500000.00", "DKK"),
        ("275,101.4780(万日元)", "2751014780.00", "JPY"),
        ("1.5万", "15000.00", "CNY"),
        ("2亿元", "200000000.00", "CNY"),
        ("人民币 3 万元整", "30000.00", "CNY"),
        ("USD 12.345", "12.345", "USD"),
        ("0", "0.00", "CNY"),
    ],
)
def test_amount_is_exact_and_in_whole_units(text: str, value: str, currency: str) -> None:
    assert parse_amount(text) == {"value": value, "currency": currency}


@given(AMOUNTS)
def test_amount_reads_back_exactly(amount: Decimal) -> None:
    assert Decimal(parse_amount(f"{amount:f}")["value"]) == amount
    assert Decimal(parse_amount(f"{amount:,f}万美元")["value"]) == amount * 10_000
    assert Decimal(parse_amount(f"{amount:f}", "万元")["value"]) == amount * 10_000


@given(AMOUNTS)
def test_written_amount_reads_as_itself(amount: Decimal) -> None:
    written = parse_amount(f"{amount:f}")["value"]
    assert parse_amount(written)["value"] == written


def test_cell_wins_over_the_heading() -> None:
    assert parse_amount("5000元", "万元")["value"] == "5000.00"
    assert parse_amount("5万美元", "元") == {"value": "50000.00", "currency": "USD"}
    assert parse_amount("5", "万美元") == {"value": "50000.00", "currency": "USD"}


@pytest.mark.parametrize(
    "text", ["-5", "一百万", "5元美元欧元", "1,00", "1.2.3", "9" * 30, "1e9", "=1+1", "5 apples", ""]
)
def test_what_is_no_amount_says_so_in_chinese(text: str) -> None:
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff]"):
        parse_amount(text)


def test_real_capitals_are_read() -> None:
    file = SHARED / "enterprises_jiangsu_tianjin.csv.gz"
    if not file.exists():
        pytest.skip("../shared is absent")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        texts = {row["capital"] for row in csv.DictReader(lines)} - {"N/A", ""}
    assert len(texts) > 10_000
    assert [text for text in texts if not _reads(text)] == []


def _reads(text: str) -> bool:
    try:
        return Decimal(parse_amount(text)["value"]) >= 0
    except ValueError:
        return False

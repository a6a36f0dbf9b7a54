"""The table of periods: dated, sourced, without contradiction."""

from datetime import date
from pathlib import Path

import pytest

from indexer.rules.periods import InvalidRules, find_period, load, period, table
from indexer.rules.workdays import Due

ENTRY = """
[[period]]
rule = "r"
value = 3
unit = "months"
source = "§"
verified = true
"""


def test_every_shipped_entry_has_a_source() -> None:
    entries = [each for periods in table().values() for each in periods]
    assert len(entries) > 50
    assert all(len(each.source) > 2 for each in entries)


def test_the_edition_is_picked_by_the_day() -> None:
    assert period("publicity.penalty.general", date(2026, 3, 31)).unit == "years"
    assert period("publicity.penalty.general", date(2026, 3, 31)).value == 3
    assert period("publicity.penalty.general", date(2026, 4, 1)).value == 1


def test_an_unknown_rule_or_day_is_an_error_by_name() -> None:
    with pytest.raises(LookupError, match=r"no\.such"):
        period("no.such", date(2026, 1, 1))
    assert find_period("application.system.blocked", date(2025, 12, 31)) is None


def test_a_due_day_moves_off_a_holiday_and_the_end_does_not() -> None:
    months = period("repair.penalty.general", date(2026, 7, 3))
    assert months.end(date(2026, 7, 3)) == date(2026, 10, 3)
    assert months.due(date(2026, 7, 3)) == Due(date(2026, 10, 8), provisional=False)
    assert period("repair.result", date(2026, 9, 29)).due(date(2026, 9, 29)).date == date(2026, 10, 19)


def test_an_amount_has_no_end() -> None:
    with pytest.raises(ValueError, match="amount"):
        period("penalty.small_fine", date(2026, 1, 1)).end(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            ENTRY + "valid_to = 2026-03-31\n" + ENTRY + "valid_from = 2026-03-31\n",
            "two entries hold on 2026-03-31",
        ),
        (ENTRY.replace('source = "§"', 'source = " "'), "source"),
        (ENTRY.replace('source = "§"\n', ""), "source is missing"),
        (ENTRY.replace("3", "-3"), "value"),
        (ENTRY.replace("months", "fortnights"), "unit"),
        (ENTRY + "colour = 1\n", "colour"),
        (ENTRY + 'valid_from = "2026"\n', "dates"),
        (ENTRY + "valid_from = 2026-01-02\nvalid_to = 2026-01-01\n", "before it begins"),
        (ENTRY.replace("true", '"yes"'), "verified"),
    ],
)
def test_a_wrong_table_is_refused_with_the_entry_named(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "periods.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRules, match=f"^r: .*{reason}"):
        load(path)

"""How long penalties and list entries are public (domain.md 3.2, 3.3, part 5)."""

from datetime import date
from decimal import Decimal

import pytest

from indexer.rules.publicity import (
    CLASSES,
    WITHHELD,
    PenaltyClass,
    Publicity,
    listing_publicity,
    penalty_class,
    penalty_publicity,
)

OLD, NEW = date(2026, 3, 31), date(2026, 4, 1)
FINE = Decimal(20000)


@pytest.mark.parametrize(
    ("kinds", "fine", "expected"),
    [
        (["警告"], None, "minor"),
        (["warning", "criticism"], None, "minor"),
        (["罚款"], Decimal(3000), "minor"),
        (["罚款"], Decimal("3000.01"), "general"),
        (["罚款"], None, "general"),
        (["罚款"], Decimal(2000000), "serious"),
        (["警告", "没收违法所得"], None, "general"),
        (["罚款、吊销营业执照"], FINE, "serious"),
        (["business_stop"], None, "serious"),
        (["没有见过的种类"], None, "general"),
        ([], None, "general"),
    ],
)
def test_a_decision_has_the_class_of_its_heaviest_kind(
    kinds: list[str], fine: Decimal | None, expected: str
) -> None:
    assert penalty_class(kinds, fine, NEW) == expected


def test_simple_procedure_is_minor_unless_something_serious_was_done() -> None:
    assert penalty_class(["罚款"], FINE, NEW, simple_procedure=True) == "minor"
    assert penalty_class(["吊销许可证件"], None, NEW, simple_procedure=True) == "serious"


@pytest.mark.parametrize(
    ("decided_on", "given_class", "until"),
    [
        (OLD, "general", date(2029, 3, 31)),
        (OLD, "minor", date(2026, 6, 30)),
        (NEW, "general", date(2027, 4, 1)),
        (NEW, "serious", date(2029, 4, 1)),
        (date(2028, 2, 29), "general", date(2029, 2, 28)),
    ],
)
def test_the_longest_time_follows_the_edition_of_the_decisions_day(
    decided_on: date, given_class: PenaltyClass, until: date
) -> None:
    assert penalty_publicity(decided_on, ["罚款"], FINE, given_class=given_class) == Publicity(
        public_until=until
    )


def test_a_class_given_by_the_authority_beats_the_derived_one() -> None:
    assert penalty_publicity(NEW, ["吊销许可证件"], None, given_class="minor").withheld == "minor"


def test_the_stated_day_can_only_shorten() -> None:
    early, late = date(2026, 8, 1), date(2030, 1, 1)
    assert penalty_publicity(NEW, ["罚款"], FINE, stated_until=early).public_until == early
    assert penalty_publicity(NEW, ["罚款"], FINE, stated_until=late).public_until == date(2027, 4, 1)


@pytest.mark.parametrize("decided_on", [OLD, NEW])
def test_what_is_never_public_says_why(decided_on: date) -> None:
    reasons = [
        penalty_publicity(decided_on, ["罚款"], FINE, natural_person=True),
        penalty_publicity(decided_on, ["罚款"], FINE, withdrawn=True),
        penalty_publicity(decided_on, ["吊销许可证件"], None, repaired_on=date(2027, 1, 1)),
        penalty_publicity(decided_on, ["警告"], None),
    ]
    assert [each.withheld for each in reasons] == [
        "natural-person",
        "withdrawn-by-authority",
        "repaired",
        "warning-only",
    ]
    assert all(each.withheld in WITHHELD and each.public_until is None for each in reasons)


def test_a_warning_with_a_fine_is_not_a_warning_alone() -> None:
    assert penalty_publicity(OLD, ["警告"], Decimal(500)).withheld is None


def test_minor_decisions_are_hidden_since_the_new_edition_only() -> None:
    assert penalty_publicity(NEW, ["通报批评"], None).withheld == "minor"
    assert penalty_publicity(OLD, ["通报批评"], None).public_until == date(2026, 6, 30)


def test_every_class_has_a_period_in_both_editions() -> None:
    for severity in CLASSES:
        for day in (date(2019, 1, 1), OLD, NEW, date(2040, 1, 1)):
            penalty_publicity(day, [], None, given_class=severity)


LISTED = date(2026, 5, 10)


def test_an_entry_does_not_show_on_the_day_of_its_removal() -> None:
    shown = listing_publicity("black", LISTED, removed_on=date(2026, 9, 1), removal_reason="期满移出")
    assert shown == Publicity(public_until=date(2026, 8, 31))


def test_an_entry_ends_at_the_earliest_of_its_ends() -> None:
    assert listing_publicity("black", LISTED).public_until == date(2029, 5, 10)
    assert listing_publicity("black", LISTED, scheme="judgment_debtor").public_until == date(2028, 5, 10)
    assert listing_publicity("black", LISTED, until=date(2027, 1, 1)).public_until == date(2027, 1, 1)
    assert listing_publicity("black", LISTED, until=date(2040, 1, 1)).public_until == date(2029, 5, 10)


def test_watch_and_abnormal_entries_stay_until_corrected() -> None:
    assert listing_publicity("abnormal", LISTED, scheme="abnormal_operation") == Publicity()
    assert listing_publicity("watch", LISTED) == Publicity()


def test_a_repaired_entry_is_withheld() -> None:
    shown = listing_publicity("black", LISTED, removed_on=date(2027, 6, 1), removal_reason="信用修复")
    assert shown == Publicity(withheld="repaired")


def test_a_red_entry_stays_shown_after_its_exit() -> None:
    assert (
        listing_publicity("red", LISTED, until=date(2027, 1, 1), removed_on=date(2026, 12, 1)) == Publicity()
    )


def test_persons_on_lists_are_never_public() -> None:
    assert listing_publicity("red", LISTED, natural_person=True).withheld == "natural-person"

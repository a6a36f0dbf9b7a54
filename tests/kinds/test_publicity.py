"""What a kind tells the rules of publicity; the periods themselves are tested with the rules."""

from datetime import date

import pytest

from indexer.kinds import kinds
from indexer.kinds.base import Value
from indexer.kinds.listing import SCHEMES
from indexer.rules.publicity import WITHHELD, Publicity, listing_publicity, penalty_publicity

TODAY = date(2026, 11, 23)
DECIDED = date(2026, 9, 1)
FIRM = "91329900MA0000000X"
SMALL: Value = {"value": "1000.00", "currency": "CNY"}
LARGE: Value = {"value": "80000000.00", "currency": "CNY"}


def of(kind: str, /, **values: Value) -> Publicity:
    """The publicity of a firm's row, checked first and then stored without code and name."""
    row: dict[str, Value] = {"uscc": FIRM, "name": "示例电器有限公司", "document_number": "示例1号", **values}
    assert list(kinds()[kind].check(row, TODAY)) == []
    return kinds()[kind].publicity({k: v for k, v in row.items() if k not in ("uscc", "name")}, TODAY)


def penalty(**values: Value) -> Publicity:
    return of("penalty", decided_on=DECIDED.isoformat(), **values)


def listing(**values: Value) -> Publicity:
    return of("listing", listed_on=DECIDED.isoformat(), **values)


def test_only_a_warning_is_withheld_and_a_warning_with_confiscation_is_not() -> None:
    assert penalty(kinds="警告").withheld == "warning-only"
    assert penalty(kinds="警告；没收违法所得").withheld is None


def test_the_heaviest_kind_however_written_sets_the_period() -> None:
    longest = penalty_publicity(DECIDED, ["吊销许可证件"], None).public_until
    assert penalty(kinds="警告,吊销营业执照").public_until == longest
    assert penalty(kinds="没收违法所得").public_until != longest


def test_the_class_that_the_authority_set_wins_over_the_derived_one() -> None:
    assert penalty(kinds="没收违法所得", severity="minor").withheld == "minor"
    assert penalty(kinds="没收违法所得", severity="serious") == penalty(kinds="吊销许可证件")


def test_the_fine_and_the_procedure_count() -> None:
    assert penalty(kinds="罚款", fine=LARGE) == penalty(kinds="吊销许可证件")
    assert penalty(kinds="罚款", fine=SMALL, procedure="simple").withheld == "minor"


def test_the_stated_last_day_shortens_and_never_lengthens() -> None:
    assert penalty(kinds="没收违法所得", public_until="2026-10-01").public_until == date(2026, 10, 1)
    assert penalty(kinds="没收违法所得", public_until="2036-10-01") == penalty(kinds="没收违法所得")


def test_a_repaired_penalty_is_withheld() -> None:
    assert penalty(kinds="罚款", repaired_on="2026-11-20").withheld == "repaired"


def test_an_entry_shows_through_its_last_day_and_not_on_the_day_of_removal() -> None:
    assert listing(list="watch", until="2026-12-31").public_until == date(2026, 12, 31)
    assert listing(list="watch", removed_on="2026-11-01").public_until == date(2026, 10, 31)


def test_an_entry_that_was_repaired_is_withheld() -> None:
    assert listing(list="black", removed_on="2026-11-01", removal_reason="信用修复").withheld == "repaired"
    assert listing(list="black", repaired_on="2026-11-01").withheld == "repaired"


def test_honours_stay_on_the_red_list() -> None:
    assert listing(list="red") == Publicity()


@pytest.mark.parametrize("scheme", list(SCHEMES), ids=lambda scheme: scheme.code)
def test_the_rules_are_asked_for_the_list_by_its_name(scheme: object) -> None:
    term = next(each for each in SCHEMES if each is scheme)
    found = listing(scheme=term.aliases[0])
    code = {"abnormal_operation": "abnormal"}.get(term.code, "black")
    assert found == listing_publicity(code, DECIDED, scheme=term.code)


def test_every_reason_for_withholding_has_words() -> None:
    reasons = {
        penalty(kinds="警告").withheld,
        penalty(kinds="罚款", status="withdrawn").withheld,
        penalty(kinds="罚款", subject_kind="natural_person").withheld,
        listing(list="black", repaired_on="2026-11-01").withheld,
    }
    assert reasons <= set(WITHHELD)


@pytest.mark.parametrize(
    "name", ["certificate", "rating", "brand", "inspection", "declaration", "alert", "policy"]
)
def test_what_is_neither_adverse_nor_personal_is_public_always(name: str) -> None:
    assert kinds()[name].publicity({}, TODAY) == Publicity()

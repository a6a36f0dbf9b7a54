"""Records of natural persons are kept and never public (domain.md parts 5 and 6)."""

from datetime import date

import pytest

from indexer.kinds import kinds
from indexer.kinds.base import Show, Value
from indexer.sources.columns import match_header

TODAY = date(2026, 11, 23)
ROWS: dict[str, dict[str, Value]] = {
    "penalty": {
        "document_number": "示例〔2026〕1号",
        "decided_on": "2026-09-01",
        "kinds": "罚款",
        "procedure": "ordinary",
    },
    "listing": {
        "document_number": "示例〔2026〕1号",
        "listed_on": "2026-09-01",
        "list": "black",
        "scheme": "失信被执行人",
    },
    "licence": {"number": "示例1号", "issued_on": "2026-09-01"},
}
each_kind = pytest.mark.parametrize("kind", ROWS)


def withheld(kind: str, /, **values: Value) -> str | None:
    """Why the public does not see such a row; checked first, then stored without code and name as the register does."""
    row = {**ROWS[kind], **values}
    assert list(kinds()[kind].check(row, TODAY)) == []
    stored = {column: value for column, value in row.items() if column not in ("uscc", "name")}
    return kinds()[kind].publicity(stored, TODAY).withheld


@each_kind
def test_a_row_that_says_natural_person_is_withheld(kind: str) -> None:
    assert withheld(kind, name="示例人", subject_kind="natural_person") == "natural-person"
    assert (
        withheld(kind, name="示例", uscc="91329900MA0000000X", subject_kind="natural_person")
        == "natural-person"
    )


@each_kind
def test_a_row_with_an_identity_number_and_no_code_is_withheld(kind: str) -> None:
    assert (
        withheld(kind, name="示例电器有限公司", id_number="…", subject_kind="organisation")
        == "natural-person"
    )


@each_kind
@pytest.mark.parametrize("name", ["张三", "张小明", "欧阳示例", "张某某", "张**", "买买提·示例"])
def test_a_name_like_a_persons_without_code_is_withheld(kind: str, name: str) -> None:
    assert withheld(kind, name=name) == "natural-person"


@each_kind
@pytest.mark.parametrize("name", ["示例电器有限公司", "苏州市示例小吃店", "SHILI GmbH"])
def test_a_firm_without_code_is_no_person(kind: str, name: str) -> None:
    assert withheld(kind, name=name) is None


@each_kind
def test_a_firm_or_trade_with_a_code_is_no_person_however_short_its_name(kind: str) -> None:
    assert withheld(kind, name="示例", uscc="91329900MA0000000X") is None
    assert withheld(kind, name="示例", uscc="92329900MA0000000X", id_number="…") is None


@pytest.mark.parametrize("status", ["changed", "withdrawn"])
def test_a_penalty_that_its_authority_took_back_is_withheld(status: str) -> None:
    assert withheld("penalty", uscc="91329900MA0000000X", status=status) == "withdrawn-by-authority"


def test_a_practitioner_is_masked_and_describes_no_subject() -> None:
    kind = kinds()["practitioner"]
    person = next(column for column in kind.all_columns() if column.name == "person")
    assert person.show is Show.PERSON
    assert person.find is None
    assert kind.subject_type is None


def test_code_and_name_in_a_practitioners_row_are_the_employers() -> None:
    headings = ["uscc", "name", "姓名", "证号"]
    fields = match_header(headings, kinds()["practitioner"]).fields
    found = {field.heading: field.column.name for field in fields}
    assert found == {"uscc": "uscc", "name": "name", "姓名": "person", "证号": "number"}


def test_policies_are_always_public() -> None:
    publicity = kinds()["policy"].publicity({"title": "示例办法"}, TODAY)
    assert (publicity.public_from, publicity.public_until, publicity.withheld) == (None, None, None)

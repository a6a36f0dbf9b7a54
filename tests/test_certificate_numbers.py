"""Certificate and licence numbers (domain.md 2.1): real forms are told apart, and nothing is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.certificate_numbers import KINDS, body_code, food_check, near, normal, parse

SHARED = Path(__file__).parents[2] / "shared" / "data" / "cnca_certificates.json"

FORMS = [
    ("CNCA-R-2002-001", "body_approval", {"origin": "R", "year": "2002", "body": "001"}),
    ("CNCA-RF-2002-01", "body_approval", {"origin": "RF", "body": "01"}),
    (
        "03410Q10286R0S",
        "system",
        {"body": "034", "year": "10", "scheme": "Q", "serial": "10286", "cycle": "0", "size": "S"},
    ),
    ("033419Q0001R12", "system", {"body": "0334", "year": "19", "serial": "0001", "cycle": "12"}),
    ("00117ENMS20001R0M", "system", {"scheme": "ENMS", "size": "M"}),
    ("001HACCP1200123", "system_scheme", {"body": "001", "scheme": "HACCP", "year": "12", "serial": "00123"}),
    (
        "2013010702607959",
        "ccc",
        {"year": "2013", "body": "01", "class": "0702", "serial": "607959"},
    ),
    ("CQC12001234567", "voluntary", {"body": "CQC"}),
    ("1234OP2300017", "organic", {"body": "1234", "year": "23", "serial": "00017"}),
    ("F12OP1200017", "organic", {"body": "F12"}),
    ("00120123456789012", "organic_label", {"body": "001", "year": "20"}),
    ("LB-05-1806106580A", "green_food", {"class": "05", "grade": "A"}),
    ("LB-05-1806106580AA", "green_food", {"grade": "AA"}),
    ("GF320500180001", "green_food_firm", {"region": "320500", "year": "18", "serial": "0001"}),
    ("XK06-001-00001", "industrial", {"trade": "06", "product": "001", "serial": "00001"}),
    ("(苏)XK06-001-00001", "industrial", {"province": "苏"}),
    ("SC15308250014109", "food", {"type": "1", "class": "53", "region": "082500"}),
    ("QS320512010001", "food_qs", {"office": "3205", "product": "1201"}),
    ("TS2210123-2027", "special_equipment", {"type": "22", "region": "10", "expires": "2027"}),
    ("231020340123", "cma", {"year": "23", "issuer": "10", "field": "20", "sector": "34"}),
    ("CPA12-F123", "type_approval", {"year": "12", "class": "F", "serial": "123"}),
    ("苏制00000123号", "measuring_maker", {"province": "苏", "serial": "00000123"}),
    (
        "Q/320500SLDZ001.2-2020",
        "enterprise_standard",
        {"enterprise": "320500SLDZ", "serial": "001.2", "year": "2020"},
    ),
]


@pytest.mark.parametrize(("number", "kind", "parts"), FORMS)
def test_every_known_form_is_told_apart(number: str, kind: str, parts: dict[str, str]) -> None:
    parsed = parse(normal(number))
    assert parsed.kind == kind
    assert parts.items() <= parsed.parts.items()


def test_every_kind_has_an_example_here() -> None:
    assert {kind for _, kind, _ in FORMS} | {"opaque"} == set(KINDS)


@pytest.mark.parametrize(
    ("number", "parent"),
    [
        ("00114E22766R2L/3502", "00114E22766R2L"),
        ("03410Q10286R0S-1", "03410Q10286R0S"),
        ("1234OP2300017-2", "1234OP2300017"),
        ("03410Q10286R0S", None),
        ("XK06-001-00001", None),
    ],
)
def test_a_sub_certificate_names_its_parent(number: str, parent: str | None) -> None:
    assert parse(number).parent == parent


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (" 03410q10286r0s ", "03410Q10286R0S"),
        ("０３４１０Ｑ１０２８６Ｒ０Ｓ", "03410Q10286R0S"),
        ("（苏）XK06－001－00001", "(苏)XK06-001-00001"),
        ("CPA 12—F123", "CPA12-F123"),
        ("苏市监罚字〔2024〕12 号", "苏市监罚字(2024)12号"),
        ("苏市监罚字[2024]12号", "苏市监罚字(2024)12号"),
        ("00114E22766R2L／3502", "00114E22766R2L/3502"),
        ("LB\u200b-05-\u00a01806106580A", "LB-05-1806106580A"),
    ],
)
def test_ways_of_writing_a_number_compare_equal(written: str, stored: str) -> None:
    assert normal(written) == stored


@given(st.text(max_size=80))
def test_no_number_is_refused_and_normal_form_is_stable(text: str) -> None:
    number = normal(text)
    assert normal(number) == number
    assert parse(number).kind in KINDS
    assert number not in near(number)


def test_wrong_check_digit_of_a_food_licence_is_flagged_not_refused() -> None:
    assert food_check("1530825001410") == "9"
    number = "SC110320500" + "0001"
    right = number + food_check(number[2:])
    assert parse(right).flags == ()
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    assert parse(wrong).kind == "food"
    assert parse(wrong).flags == ("check",)


def test_unknown_letters_and_issuers_are_flagged() -> None:
    assert parse("03410WX10286R0S").flags == ("unknown-scheme",)
    assert parse("239920340123").flags == ("unknown-issuer",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("O3410Q10286R0S", "03410Q10286R0S"),
        ("03410Q10286ROS", "03410Q10286R0S"),
        ("03410Q10268R0S", "03410Q10286R0S"),
        ("03410Q1028GR0S", "03410Q10286R0S"),
        ("00114E22766R2L/3502", "00114E22766R2L"),
    ],
)
def test_near_numbers_hold_what_was_meant_early(written: str, meant: str) -> None:
    assert meant in near(written)[:40]


def test_near_numbers_are_few_and_none_for_a_novel() -> None:
    assert len(near("0" * 64)) < 300
    assert near("0" * 65) == ()


def test_body_code_is_the_last_part_of_the_approval_number() -> None:
    assert body_code("cnca-r-2002-001") == "001"
    assert body_code("03410Q10286R0S") is None


@pytest.mark.skipif(not SHARED.exists(), reason="the shared folder of real data is absent")
def test_numbers_of_the_national_platform_are_read() -> None:
    for row in json.loads(SHARED.read_text(encoding="utf-8"))["data"]:
        parsed = parse(normal(row["certNumber"]))
        assert parsed.kind in ("system", "ccc")
        assert parsed.flags == ()
        if parsed.kind == "system":
            assert parsed.parts["body"] == body_code(row["rzjgId"])

"""Codes of subjects (domain.md part 1): standards' vectors, every way of writing them, and all real codes
there are.
"""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric

from indexer.identifiers import (
    BODIES,
    USCC_ALPHABET,
    Codes,
    InvalidCode,
    body_of,
    clean,
    likely_intended,
    organisation_check,
    parse_codes,
    region_of,
    uscc_check,
    valid_organisation_code,
    valid_registration,
    valid_resident_number,
    valid_uscc,
)

SHARED = Path(__file__).parents[2] / "shared" / "data"
VALID = "91320105780688132K"


@st.composite
def usccs(draw: st.DrawFn) -> str:
    """Codes with both checks right, of bodies and regions that exist."""
    organisation = draw(st.text(USCC_ALPHABET, min_size=8, max_size=8))
    region = draw(st.sampled_from(["320100", "329900", "110108", "100000"]))
    first = draw(st.sampled_from(sorted(BODIES))) + region + organisation + organisation_check(organisation)
    return first + uscc_check(first)


@pytest.mark.parametrize("code", [VALID, "91110000600037341L"])
def test_vectors_of_the_unified_code_hold(code: str) -> None:
    assert valid_uscc(code)
    assert parse_codes(code).flags == ()


def test_the_check_of_the_standards_own_example_is_3() -> None:
    assert uscc_check("91350100M000100Y4") == "3"
    assert not valid_uscc("91350100M000100Y4Z")


def test_the_organisation_code_counts_letters_by_its_own_table() -> None:
    assert organisation_check("MA1B3N1N") == "2"
    assert organisation_check("D2143569") == "X"


@given(usccs())
def test_departments_with_letters_are_accepted(code: str) -> None:
    assert parse_codes(code) == Codes(code, code[8:17], None, None, ())


@pytest.mark.parametrize(
    "written",
    [
        "91320105780688132k",
        "  91320105 7806 88132K\n",
        "９１３２０１０５７８０６８８１３２Ｋ",
        "91320105-780688132-K",
        "91320105—780688132–K",
        "\ufeff91320105\u200b780688132K\u00ad",
        "91320105\u3000780688132K",
    ],
)
def test_case_width_blanks_and_hyphens_do_not_matter(written: str) -> None:
    assert parse_codes(written).uscc == VALID


@given(st.text(max_size=40))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused_in_two_languages(text: str) -> None:
    try:
        codes = parse_codes(text)
    except InvalidCode as refused:
        said = [refused.zh, refused.en]
    else:
        said = [codes.uscc or codes.organisation_code or codes.registration_number or codes.opaque or ""]
    assert all(said)


def test_wrong_checks_are_flagged_and_kept() -> None:
    assert parse_codes("91320105780688132H").flags == ("uscc-check",)
    assert parse_codes("91320105780688132H").uscc == "91320105780688132H"
    assert parse_codes("914512817717388902").flags == ("organisation-check",)
    assert parse_codes("MA1B3N1N-3").flags == ("organisation-check",)
    assert parse_codes("320404000005887").flags == ("registration-check",)


def test_an_unknown_body_is_a_flag() -> None:
    first = "C1329900MA1B3N1N2"
    assert parse_codes(first + uscc_check(first)).flags == ("unknown-body",)


def test_private_organisation_codes_are_flagged() -> None:
    assert "organisation-private" in parse_codes("PDY00001" + organisation_check("PDY00001")).flags


def test_fifteen_digits_are_read_both_ways() -> None:
    assert parse_codes("320404000005886") == Codes(None, None, "320404000005886", None, ())
    both = parse_codes("320404000009558")
    assert both.registration_number == "320404000009558"
    assert both.organisation_code == "000009558"


def test_a_tax_number_with_letters_gives_the_organisation_code() -> None:
    assert parse_codes("320105MA1B3N1N2") == Codes(None, "MA1B3N1N2", None, None, ())


@pytest.mark.parametrize("code", ["3209231100626", "1234567890", "320585NA000123X", "企合苏总字第000063号"])
def test_old_registration_numbers_are_opaque(code: str) -> None:
    assert parse_codes(code).opaque == code.removesuffix("号")


@pytest.mark.parametrize(
    "text", ["", "   ", "N/A", "无", "12345678", "9" * 19, "x" * 10_000, "企合苏锡总字第0001"]
)
def test_what_can_not_be_a_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidCode) as refused:
        parse_codes(text)
    assert not refused.value.personal


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "11010519491231002x",
        "110105 19491231 0020",
        "320507560712124",
        "11010519491231002X01",
    ],
)
def test_a_persons_number_is_refused_and_never_repeated(number: str) -> None:
    with pytest.raises(InvalidCode) as refused:
        parse_codes(number)
    assert refused.value.personal
    assert refused.value.suggestions == ()
    assert clean(number)[6:14] not in refused.value.zh + refused.value.en


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["110105", "320507", "513436"]),
    st.integers(0, 999),
)
def test_every_valid_identity_number_is_refused(born: date, region: str, serial: int) -> None:
    first = f"{region}{born:%Y%m%d}{serial:03}"
    number = first + ric.calc_check_digit(first + "0")
    assert valid_resident_number(number)
    with pytest.raises(InvalidCode) as refused:
        parse_codes(number)
    assert refused.value.personal


@pytest.mark.parametrize(
    "written",
    [
        "9132O105780688132K",
        "9I320105780688132K",
        "913Z0105780688132K",
        "9132010S780688132K",
        "9132O1O578O688I32K",
        "91320105780688312K",
        "91320105780688123K",
        "91320105780688132H",
        "9I32O1O578O688I3ZK",
    ],
)
def test_the_likely_intended_code_is_offered_first(written: str) -> None:
    assert likely_intended(written)[0] == VALID


def test_letters_that_never_occur_are_refused_with_suggestions_not_replaced() -> None:
    with pytest.raises(InvalidCode) as refused:
        parse_codes("9132O105780688132K")
    assert refused.value.suggestions == (VALID,)


@given(usccs(), st.integers(0, 16))
def test_swapped_neighbours_are_found(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assume(swapped != code)
    assert code in likely_intended(swapped)


@given(st.text(USCC_ALPHABET + "IOSVZ", min_size=9, max_size=18))
def test_what_is_offered_has_a_right_check_and_is_short(code: str) -> None:
    offered = likely_intended(code)
    assert len(offered) <= 10
    assert code not in offered
    for each in offered:
        assert valid_uscc(each) or valid_registration(each) or valid_organisation_code(each)


def test_region_and_body_are_read_from_the_code() -> None:
    assert region_of(VALID) == "320105"
    assert body_of(VALID) == ("市场监管", "企业")
    assert body_of("N2" + VALID[2:]) == ("农业", "村级集体经济组织")
    assert body_of("C1" + VALID[2:]) is None


def _real_codes(file_name: str) -> Iterator[str]:
    path = SHARED / file_name
    if not path.exists():
        pytest.skip(f"shared real data is absent: {file_name}")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from (row["uscc"] for row in csv.DictReader(file))


def test_all_real_codes_are_read_and_the_few_bad_ones_flagged() -> None:
    found: Counter[str] = Counter()
    for code in _real_codes("enterprises_national.csv.gz"):
        try:
            codes = parse_codes(code)
        except InvalidCode as refused:
            found["personal" if refused.personal else "refused"] += 1
            continue
        found.update(codes.flags)
        found["uscc"] += codes.uscc is not None
        found["registration"] += codes.registration_number is not None
    assert found["uscc"] == 1_103_422
    assert found["uscc-check"] == 58  # real codes that fail their own check: kept, flagged
    assert found["organisation-check"] == 84
    assert found["unknown-body"] == 0
    assert found["registration"] == 3_385
    assert found["registration-check"] == 0
    assert found["refused"] == 19
    assert found["personal"] == 0


def test_organisation_codes_of_jiangsu_are_nearly_one_to_one() -> None:
    codes = {code for code in _real_codes("enterprises_jiangsu_tianjin.csv.gz") if valid_uscc(code)}
    assert len(codes) - len({code[8:17] for code in codes}) <= 2

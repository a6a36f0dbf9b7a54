"""A subject is found by any code it has, however that is written; a wrong code meets help."""

from typing import Any
from urllib.parse import quote

import pytest

from indexer.demo.stories import CLEAN_AAA, OLD_NUMBER, ONLY_WARNED, REPAIRED
from indexer.identifiers import uscc_check
from tests.portal.conftest import House, Program
from tests.register.conftest import row, uscc

CODE = CLEAN_AAA.code
ORGANISATION = CODE[8:17]


def wide(text: str) -> str:
    """`text` in full-width characters."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@pytest.mark.parametrize(
    "written",
    [
        CODE,
        CODE.lower(),
        wide(CODE),
        wide(CODE.lower()),
        f" {CODE} ",
        f"{CODE[:6]} {CODE[6:12]} {CODE[12:]}",
        f"{CODE[:8]}-{CODE[8:17]}-{CODE[17]}",
        f"{CODE[:8]}\u3000{CODE[8:]}",
        f"\u200b{CODE}\ufeff",
        ORGANISATION,
        ORGANISATION.lower(),
        f"{ORGANISATION[:8]}-{ORGANISATION[8]}",
        wide(f"{ORGANISATION[:8]}-{ORGANISATION[8]}"),
        f"{ORGANISATION[:8]} - {ORGANISATION[8]}",
    ],
)
@pytest.mark.parametrize("path", ["/subjects/{}", "/subjects/{}/records", "/restrictions/{}"])
def test_a_code_in_any_case_width_spacing_and_hyphenation_finds_its_subject(
    program: Program, path: str, written: str
) -> None:
    reply = program.get(path.format(quote(written, safe="")))
    assert reply.status == 200, reply.text
    assert reply.json["subject"]["uscc"] == CODE


@pytest.mark.parametrize(
    "written", [OLD_NUMBER.code, wide(OLD_NUMBER.code), "329900 000000016", "3299-0000-0000-016"]
)
def test_an_old_registration_number_finds_its_subject(program: Program, written: str) -> None:
    reply = program.of("/subjects", written)
    assert reply.json["subject"]["name"] == OLD_NUMBER.name
    assert reply.json["subject"]["id"] == OLD_NUMBER.code
    assert reply.json["subject"]["uscc"] is None


@pytest.mark.parametrize(
    "slip",
    [
        CODE[:17] + ("7" if CODE[17] != "7" else "8"),  # the check character
        CODE.replace("0", "O", 1),  # 0 read as O
        CODE[:13] + CODE[14] + CODE[13] + CODE[15:] if CODE[13] != CODE[14] else CODE[:12] + "O" + CODE[13:],
    ],
)
def test_a_slip_in_a_code_is_answered_with_the_code_that_was_meant(program: Program, slip: str) -> None:
    reply = program.of("/subjects", slip)
    assert reply.status in (400, 404)
    assert CODE in reply.json.get("suggestions", ()) or CODE in reply.json["detail"]


def test_a_wrong_check_character_says_so(program: Program) -> None:
    wrong = CODE[:17] + ("7" if CODE[17] != "7" else "8")
    reply = program.of("/subjects", wrong)
    assert reply.status == 404
    assert "校验位" in reply.json["detail"]
    assert reply.json["suggestions"][0] == CODE  # the one that is registered comes first


def test_a_sound_but_unknown_code_is_404(program: Program) -> None:
    reply = program.of("/subjects", uscc(999_999))
    assert reply.status == 404
    assert "校验位" not in reply.json["detail"]


@pytest.mark.parametrize(
    "written",
    [
        "示例市恒润电气有限公司",
        "123",
        "9132990",
        CODE + "1",
        "-",
        "' OR 1=1 --",
        "<script>",
        "９" * 17,
        "🙂" * 9,
    ],
)
@pytest.mark.parametrize("path", ["/subjects/{}", "/subjects/{}/records", "/restrictions/{}"])
def test_what_is_no_code_is_400_naming_id(program: Program, path: str, written: str) -> None:
    reply = program.get(path.format(quote(written, safe="")))
    assert reply.status == 400
    assert reply.wrong == ["id"]
    assert reply.json["errors"][0]["message"]


def test_a_resident_identity_number_is_refused_and_not_repeated(program: Program) -> None:
    number = "11010519491231002X"
    reply = program.of("/subjects", number)
    assert reply.status == 400 and reply.wrong == ["id"]
    assert number not in reply.text


def test_nothing_is_said_of_what_is_no_longer_public(program: Program) -> None:
    for story in (REPAIRED, ONLY_WARNED):
        kinds = program.of("/subjects", story.code).json["records"]
        assert "enterprise" in kinds
        assert not {"penalty", "listing"} & kinds.keys()


def test_an_organisation_code_given_out_twice_is_not_guessed(house: House) -> None:
    one = uscc(5)
    body = f"92329900{one[8:17]}"
    other = body + uscc_check(body)
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", one), row(3, "示例乙经营部", other)])
    answer = house.client.get(f"/api/v1/subjects/{one[8:17]}")
    assert answer.status_code == 404
    assert set(answer.get_json()["suggestions"]) == {one, other}
    assert house.get(f"/subjects/{other}")["subject"]["name"] == "示例乙经营部"


def test_a_page_of_records_is_not_continued_by_another_questions_cursor(house: House) -> None:
    rows = [_certificate(line, of) for line, of in enumerate((1, 1, 1, 2, 2, 2), 2)]
    house.desk.publish("certificate", rows)
    path = f"/api/v1/subjects/{uscc(1)}/records"
    cursor = house.client.get(path, query_string={"limit": 1}).get_json()["next"]
    assert house.client.get(path, query_string={"limit": 1, "cursor": cursor}).status_code == 200
    for other, asked in ((path, {"kind": "certificate"}), (path.replace(uscc(1), uscc(2)), {})):
        answer = house.client.get(other, query_string={"limit": 1, "cursor": cursor, **asked})
        assert answer.status_code == 400
        assert answer.get_json()["errors"][0]["where"] == "cursor"


def _certificate(line: int, of: int) -> Any:
    values: Any = {
        "number": f"99926Q{line:05d}R0S",
        "issuer": "示例认证中心有限公司",
        "issued_on": "2026-01-10",
    }
    return row(line, f"示例{of}有限公司", uscc(of), **values)

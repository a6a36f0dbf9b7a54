"""Verification by number: the six results, whose certificate it is, on which day, and what may have been meant."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from indexer.clock import Clock, day_of
from indexer.demo.stories import CLEAN_AAA, EXPIRED_YESTERDAY, NOT_YET_VALID, REVOKED, SUSPENDED, Story
from indexer.demo.story_facts import certificates_of
from tests.portal.conftest import House, Program
from tests.register.conftest import row, uscc

HOLDER = "示例市恒润电气有限公司"


def verify(house: House, number: str, **asked: object) -> Any:
    answer = house.client.get(f"/api/v1/certificates/{quote(number, safe='')}", query_string=asked)
    return answer.get_json()


def publish(
    house: House, number: str, line: int = 2, holder: str = HOLDER, of: int = 1, **values: Any
) -> None:
    given: Any = {
        "issuer": "示例认证中心有限公司",
        "valid_from": "2026-01-10",
        "valid_until": "2026-06-30",
        "status": "valid",
    }
    given |= {"issued_on": "2026-01-10", "category": "质量管理体系认证"} | values
    assert house.desk.publish("certificate", [row(line, holder, uscc(of), number=number, **given)]) == []


@pytest.mark.parametrize(
    ("story", "result"),
    [
        (CLEAN_AAA, "valid"),
        (SUSPENDED, "suspended"),
        (REVOKED, "revoked"),
        (EXPIRED_YESTERDAY, "expired"),
        (NOT_YET_VALID, "not_yet_valid"),
    ],
)
def test_the_stories_certificates_are_what_their_stories_say(
    program: Program, story: Story, result: str
) -> None:
    for certificate in certificates_of(story, Clock().today()):
        assert program.of("/certificates", certificate.number).json["result"] == result


@pytest.mark.parametrize(
    ("values", "result", "label"),
    [
        ({}, "valid", "有效"),
        ({"status": "suspended", "status_changed_on": "2026-02-01"}, "suspended", "暂停"),
        ({"status": "revoked", "status_changed_on": "2026-02-01"}, "revoked", "撤销"),
        ({"status": "cancelled", "status_changed_on": "2026-02-01"}, "cancelled", "注销"),
        ({"valid_until": "2026-03-01"}, "expired", "过期失效"),
        ({"valid_from": "2026-03-03"}, "not_yet_valid", "未生效"),
    ],
)
def test_there_are_six_results_each_with_its_word(house: House, values: Any, result: str, label: str) -> None:
    publish(house, "99926Q10001R0S", **values)
    answer = verify(house, "99926Q10001R0S")
    assert (answer["result"], answer["result_label"]) == (result, label)
    assert answer["matches"][0]["status"] == result


@pytest.mark.parametrize(
    ("day", "result"),
    [
        ("2026-01-09", "not_yet_valid"),
        ("2026-01-10", "valid"),
        ("2026-06-30", "valid"),
        ("2026-07-01", "expired"),
    ],
)
def test_the_first_and_the_last_day_of_validity_are_valid(house: House, day: str, result: str) -> None:
    publish(house, "99926Q10001R0S")
    answer = verify(house, "99926Q10001R0S", as_of=day)
    assert (answer["as_of"], answer["result"]) == (day, result)


def test_a_suspension_counts_from_its_day_and_not_before(house: House) -> None:
    publish(house, "99926Q10001R0S")
    publish(house, "99926Q10001R0S", 3, status="suspended", status_changed_on="2026-02-01")
    assert verify(house, "99926Q10001R0S", as_of="2026-01-31")["result"] == "valid"
    assert verify(house, "99926Q10001R0S", as_of="2026-02-01")["result"] == "suspended"


def test_a_revoked_certificate_stays_revoked_after_its_last_day(house: House) -> None:
    publish(house, "99926Q10001R0S", status="revoked", status_changed_on="2026-02-01")
    assert verify(house, "99926Q10001R0S", as_of="2027-01-01")["result"] == "revoked"


def test_without_a_day_the_answer_is_of_today_in_shanghai(house: House) -> None:
    publish(house, "99926Q10001R0S", valid_until="2026-03-02")
    while day_of(house.desk.clock.instant) == date(2026, 3, 2):
        assert verify(house, "99926Q10001R0S")["result"] == "valid"
        house.desk.clock.instant += timedelta(hours=3)
    assert house.desk.clock.instant.date() == date(2026, 3, 2)  # still the day before in Greenwich
    assert verify(house, "99926Q10001R0S")["result"] == "expired"


@pytest.mark.parametrize(
    "holder",
    [HOLDER, "示例市恆潤電氣有限公司", " 示例市恒润电气 有限公司 ", "示例市恒润电气有限公司。"],
)
def test_the_holder_matches_in_traditional_characters_and_with_blanks(house: House, holder: str) -> None:
    publish(house, "99926Q10001R0S")
    assert verify(house, "99926Q10001R0S", holder=holder)["holder_matches"] is True


@pytest.mark.parametrize(
    ("registered", "written"),
    [
        ("示例市ABC电气（江苏）有限公司", "示例市ＡＢＣ电气(江苏)有限公司"),
        ("示例市abc电气(江苏)有限公司", "示例市ABC电气（江苏）有限公司"),
    ],
)
def test_the_holder_matches_in_full_width_and_any_case(house: House, registered: str, written: str) -> None:
    publish(house, "99926Q10001R0S", holder=registered)
    assert verify(house, "99926Q10001R0S", holder=written)["holder_matches"] is True


@pytest.mark.parametrize("holder", ["示例市恒润电器有限公司", "恒润电气", "示例市恒润电气有限公司分公司"])
def test_another_holder_does_not_match_and_the_certificate_is_shown_all_the_same(
    house: House, holder: str
) -> None:
    publish(house, "99926Q10001R0S")
    answer = verify(house, "99926Q10001R0S", holder=holder)
    assert answer["holder_matches"] is False
    assert answer["result"] == "valid"
    assert answer["matches"][0]["name"] == HOLDER


def test_without_a_holder_nothing_is_said_about_it(house: House) -> None:
    publish(house, "99926Q10001R0S")
    assert verify(house, "99926Q10001R0S")["holder_matches"] is None


@pytest.mark.parametrize(
    ("registered", "written"),
    [
        ("00114E22766R2L/3502", "00114E22766R2L/3502"),
        ("00114E22766R2L/3502", "00114e22766r2l/3502"),
        ("00114E22766R2L/3502", " 00114 E 22766 R2L / 3502 "),
        ("00114E22766R2L/3502", "００１１４Ｅ２２７６６Ｒ２Ｌ／３５０２"),
        ("(苏)XK16-204-00012", "（苏）XK16-204-00012"),
        ("(苏)XK16-204-00012", "【苏】ＸＫ16－204－00012"),
        ("(苏)XK16-204-00012", "(苏)xk16–204–00012"),
        ("苏制00000123号", "苏制 00000123 号"),
        ("Q/320000 示例 001-2025", "q/320000示例001-2025"),
        ("CNCA..%2F?#&+", "cnca..%2f?#&+"),
    ],
)
def test_a_number_is_found_however_it_is_written(house: House, registered: str, written: str) -> None:
    publish(house, registered)
    assert verify(house, written)["result"] == "valid"


def test_a_slash_in_a_number_may_be_encoded_or_not(program: Program) -> None:
    number = certificates_of(CLEAN_AAA, Clock().today())[0].number + "/2"
    one, other = program.get(f"/certificates/{number}"), program.of("/certificates", number)
    assert one.status == other.status == 404
    assert one.json["suggestions"] == other.json["suggestions"]


@pytest.mark.parametrize("tail", ["-1", "/3502"])
def test_a_sub_certificate_shares_its_parents_fate(house: House, tail: str) -> None:
    publish(house, "99926Q10001R0S", status="suspended", status_changed_on="2026-02-01")
    publish(house, f"99926Q10001R0S{tail}", 3)
    answer = verify(house, f"99926Q10001R0S{tail}")
    assert answer["result"] == "suspended"
    assert [each["number"] for each in answer["matches"]] == [f"99926Q10001R0S{tail}"]
    assert verify(house, f"99926Q10001R0S{tail}", as_of="2026-01-31")["result"] == "valid"


def test_a_sub_certificates_own_revocation_outweighs_its_parents_suspension(house: House) -> None:
    publish(house, "99926Q10001R0S", status="suspended", status_changed_on="2026-02-01")
    publish(house, "99926Q10001R0S-1", 3, status="revoked", status_changed_on="2026-02-01")
    assert verify(house, "99926Q10001R0S-1")["result"] == "revoked"


def test_an_unknown_sub_certificate_is_unknown_and_its_parent_is_suggested(house: House) -> None:
    publish(house, "99926Q10001R0S")
    answer = verify(house, "99926Q10001R0S-7")
    assert answer["status"] == 404
    assert answer["suggestions"][0] == "99926Q10001R0S"


@pytest.mark.parametrize(
    "written",
    ["99926QI0001R0S", "99926Q1O001R0S", "99926Q01001R0S", "99926Q10002R0S", "99926Q1001R0S"],
)
def test_a_near_number_is_suggested_for_an_unknown_one(house: House, written: str) -> None:
    publish(house, "99926Q10001R0S")
    answer = verify(house, written)
    assert answer["status"] == 404
    assert "99926Q10001R0S" in answer["suggestions"]


def test_an_unknown_number_is_said_to_be_no_proof_of_forgery(house: House) -> None:
    answer = verify(house, "77726Q99999R0S")
    assert answer["status"] == 404
    assert "suggestions" not in answer
    assert "不等于证书是假的" in answer["detail"] and "cx.cnca.cn" in answer["detail"]


@pytest.mark.parametrize("number", ["-", "（）", "   ", "９" * 101])
def test_what_is_no_number_is_refused_by_name(house: House, number: str) -> None:
    answer = verify(house, number)
    assert answer["status"] == 400
    assert [each["where"] for each in answer["errors"]] == ["number"]


def test_one_number_with_two_holders_tells_the_gravest_state_or_that_of_the_holder_asked_for(
    house: House,
) -> None:
    publish(house, "示例001")
    other = "示例港市另一家有限公司"
    publish(house, "示例001", 3, holder=other, of=2, status="revoked", status_changed_on="2026-02-01")
    assert verify(house, "示例001")["result"] == "revoked"
    assert len(verify(house, "示例001")["matches"]) == 2
    assert verify(house, "示例001", holder=HOLDER)["result"] == "valid"
    assert verify(house, "示例001", holder=other)["result"] == "revoked"


def test_a_penalty_decisions_number_is_no_certificate(house: House) -> None:
    values: Any = {
        "document_number": "示例罚〔2026〕1号",
        "kinds": "罚款",
        "decided_on": "2026-01-15",
        "cause": "示例",
    }
    house.desk.publish("penalty", [row(2, HOLDER, uscc(1), **values)])
    assert verify(house, "示例罚〔2026〕1号")["status"] == 404

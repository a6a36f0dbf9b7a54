"""Where a subject is restricted: the stories, other days, what was known when, and what may no longer be shown."""

from datetime import UTC, date, timedelta
from typing import Any

import pytest

from indexer.clock import Clock
from indexer.demo.stories import (
    BANNED_FOR_LIFE,
    BLACKLISTED,
    CLEAN_AAA,
    HEAVY_FINE,
    ONLY_WARNED,
    REPAIRED,
    Story,
)
from indexer.register.withdrawing import withdraw
from portal.restrictions.rules import DOMAINS
from tests.portal.conftest import House, Program
from tests.register.conftest import row, uscc

FIRM = uscc(1)
NAME = "示例甲有限公司"


def status(answer: Any) -> dict[str, str]:
    """Each domain's status."""
    return {domain["code"]: domain["status"] for domain in answer["domains"]}


def ask(house: House, **asked: object) -> Any:
    return house.get(f"/restrictions/{FIRM}", **asked)


def publish_listing(house: House, line: int = 2, **values: Any) -> None:
    given: Any = {"list": "black", "scheme": "严重违法失信名单", "document_number": "示例列〔2026〕1号"}
    given |= {"listed_on": "2026-01-15", "status": "listed", "subject_kind": "organisation"} | values
    assert house.desk.publish("listing", [row(line, NAME, FIRM, **given)]) == []


@pytest.fixture
def firm(house: House) -> House:
    """A house with one enterprise."""
    house.desk.publish("enterprise", [row(2, NAME, FIRM)])
    return house


@pytest.mark.parametrize("story", [CLEAN_AAA, REPAIRED, ONLY_WARNED])
def test_a_clean_a_repaired_and_a_warned_enterprise_are_clear_everywhere(
    program: Program, story: Story
) -> None:
    answer = program.of("/restrictions", story.code).json
    assert answer["restricted"] is False
    assert set(status(answer).values()) == {"clear"}
    assert all(not domain["because"] and domain["until"] is None for domain in answer["domains"])


def test_a_blacklisted_enterprise_is_held_back_in_many_domains_each_with_its_basis(program: Program) -> None:
    answer = program.of("/restrictions", BLACKLISTED.code).json
    assert answer["restricted"] is True
    held = [domain for domain in answer["domains"] if domain["status"] != "clear"]
    assert len(held) >= 4
    for domain in held:
        assert date.fromisoformat(domain["until"]) >= date.fromisoformat(answer["as_of"])
        assert all(cause["basis"] and cause["title"] and cause["authority"] for cause in domain["because"])


def test_a_heavy_fine_bans_from_government_procurement_for_three_years(program: Program) -> None:
    answer = program.of("/restrictions", HEAVY_FINE.code, domain="government_procurement").json
    [domain] = answer["domains"]
    assert domain["status"] == "banned"
    [cause] = [each for each in domain["because"] if each["rule"] == "procurement-major-fine"]
    begun, until = date.fromisoformat(cause["from"]), date.fromisoformat(domain["until"])
    assert until.year - begun.year == 3


def test_a_ban_for_life_has_no_end(program: Program) -> None:
    answer = program.of("/restrictions", BANNED_FOR_LIFE.code).json
    for_life = [each for each in answer["domains"] if each["status"] == "banned" and each["until"] is None]
    assert for_life
    far = program.of("/restrictions", BANNED_FOR_LIFE.code, as_of="9999-12-31").json
    assert far["restricted"] is True


def test_the_credit_file_says_in_short_what_the_status_says_in_full(program: Program) -> None:
    for story in (BLACKLISTED, HEAVY_FINE, BANNED_FOR_LIFE, CLEAN_AAA):
        full = program.of("/restrictions", story.code).json["domains"]
        short = program.of("/subjects", story.code).json["restrictions"]
        assert short == [{key: each[key] for key in ("code", "label", "status", "until")} for each in full]


def test_one_domain_is_asked_for_by_its_code(program: Program) -> None:
    for domain in DOMAINS:
        answer = program.of("/restrictions", BLACKLISTED.code, domain=domain.code).json
        assert [each["code"] for each in answer["domains"]] == [domain.code]


def test_an_unknown_domain_is_400_and_those_there_are_are_named(program: Program) -> None:
    reply = program.of("/restrictions", BLACKLISTED.code, domain="politics")
    assert reply.status == 400 and reply.wrong == ["domain"]
    assert all(domain.code in reply.json["detail"] for domain in DOMAINS)


def test_before_the_day_of_listing_it_was_clear_and_after_its_term_it_is_again(firm: House) -> None:
    publish_listing(firm, until="2026-12-31")
    assert ask(firm, as_of="2026-01-14")["restricted"] is False
    assert ask(firm, as_of="2026-01-15")["restricted"] is True
    assert ask(firm, as_of="2026-12-31")["restricted"] is True
    assert ask(firm, as_of="2027-01-01")["restricted"] is False


def test_before_it_was_published_nobody_knew(firm: House) -> None:
    before = firm.desk.clock.instant
    publish_listing(firm)
    published = firm.desk.clock.instant
    answer = ask(firm, known_at=before.isoformat())
    assert answer["restricted"] is False
    assert answer["known_at"] == before.isoformat().replace("+00:00", "Z")
    assert answer["evidence"]["register_version"] == 1
    after = ask(firm, known_at=published.isoformat())
    assert after["restricted"] is True
    assert after["evidence"]["register_version"] == 2


def test_an_instant_may_be_written_in_any_time_zone(firm: House) -> None:
    publish_listing(firm)
    at = firm.desk.clock.instant.astimezone(UTC)
    for written in (
        at.isoformat(),
        at.isoformat().replace("+00:00", "Z"),
        (at + timedelta(hours=8)).isoformat()[:-6] + "+08:00",
    ):
        assert ask(firm, known_at=written)["evidence"]["register_version"] == 2


def test_before_the_register_began_the_subject_was_unknown(firm: House) -> None:
    reply = firm.client.get(f"/api/v1/restrictions/{FIRM}", query_string={"known_at": "2001-01-01T00:00:00Z"})
    assert reply.status_code == 404


def test_an_instant_that_lies_in_the_future_is_refused(firm: House) -> None:
    ahead = (firm.desk.clock.instant + timedelta(seconds=1)).isoformat()
    reply = firm.client.get(f"/api/v1/restrictions/{FIRM}", query_string={"known_at": ahead})
    assert reply.status_code == 400 and reply.get_json()["errors"][0]["where"] == "known_at"


def test_a_fact_repaired_since_is_hidden_for_the_past_too(firm: House) -> None:
    publish_listing(firm)
    known = firm.desk.clock.instant.isoformat()
    assert ask(firm, as_of="2026-02-01", known_at=known)["restricted"] is True
    publish_listing(firm, 3, status="removed", removed_on="2026-02-20", removal_reason="信用修复")
    assert ask(firm)["restricted"] is False
    assert ask(firm, as_of="2026-02-01")["restricted"] is False
    assert ask(firm, as_of="2026-02-01", known_at=known)["restricted"] is False


def test_a_fact_withdrawn_since_is_hidden_for_the_past_too(firm: House) -> None:
    publish_listing(firm)
    known = firm.desk.clock.instant.isoformat()
    firm.desk.clock.instant += timedelta(hours=1)
    withdraw(firm.desk.engine, firm.desk.clock, 2, "数据有误")
    assert ask(firm)["restricted"] is False
    assert ask(firm, known_at=known)["restricted"] is False


def test_a_fact_whose_publicity_ends_tomorrow_is_gone_the_day_after(firm: House) -> None:
    values: Any = {"document_number": "示例罚〔2026〕1号", "kinds": "罚款、没收违法所得", "cause": "示例案由"}
    values |= {
        "decided_on": "2026-01-15",
        "public_until": "2026-03-03",
        "fine": {"value": "3000000.00", "currency": "CNY"},
    }
    firm.desk.publish("penalty", [row(2, NAME, FIRM, **values)])
    assert ask(firm, domain="government_procurement")["restricted"] is True
    firm.desk.clock.instant += timedelta(days=1)
    assert ask(firm, domain="government_procurement")["restricted"] is True
    firm.desk.clock.instant += timedelta(days=1)
    assert ask(firm, domain="government_procurement")["restricted"] is False
    assert ask(firm, domain="government_procurement", as_of="2026-02-01")["restricted"] is False


def test_without_a_day_it_is_today_in_shanghai(program: Program) -> None:
    before = Clock().today()
    assert (
        before
        <= date.fromisoformat(program.of("/restrictions", CLEAN_AAA.code).json["as_of"])
        <= Clock().today()
    )


def publish_suspended(house: House, **more: Any) -> None:
    """A compulsory certificate that is suspended from 1 February 2026 on, which a rule of Jiangsu alone asks for."""
    values: Any = {
        "number": "2020010101000001",
        "category": "强制性产品认证",
        "issuer": "示例认证中心有限公司",
    }
    values |= {"issued_on": "2025-01-01", "valid_from": "2025-01-01", "valid_until": "2026-12-31"}
    values |= {"status": "suspended", "status_changed_on": "2026-02-01"} | more
    assert house.desk.publish("certificate", [row(2, NAME, FIRM, **values)]) == []


@pytest.mark.parametrize(
    ("place", "restricted"), [("江苏", True), ("南通市", True), ("320600", True), ("浙江省", False)]
)
def test_a_rule_of_one_province_counts_there_and_where_no_place_is_asked_for(
    firm: House, place: str, restricted: bool
) -> None:
    publish_suspended(firm)
    assert ask(firm, place=place)["restricted"] is restricted
    answer = ask(firm)
    assert answer["restricted"] is True and answer["place"] is None
    [cause] = next(d["because"] for d in answer["domains"] if d["code"] == "construction")
    assert (cause["regions"], cause["trades"]) == (["320000"], [])
    assert cause["from"] == "2026-02-01" and "仅在江苏省适用" in cause["explanation"]
    assert [fact["record"] for fact in cause["facts"]] == [cause["record"]]


@pytest.mark.parametrize("asked", [{"place": "示例省"}, {"place": "鼓楼区"}, {"trade": "钢铁"}])
def test_a_place_or_trade_that_is_not_known_is_400_not_clear(firm: House, asked: dict[str, str]) -> None:
    publish_suspended(firm)
    reply = firm.client.get(f"/api/v1/restrictions/{FIRM}", query_string=asked)
    assert reply.status_code == 400
    assert [each["where"] for each in reply.get_json()["errors"]] == list(asked)


def test_the_next_change_is_the_day_a_cause_begins_or_is_over(firm: House) -> None:
    publish_suspended(firm)
    publish_listing(firm, line=3, until="2026-06-30")
    for day, following in (
        ("2026-01-01", "2026-01-15"),
        ("2026-01-15", "2026-02-01"),
        ("2026-02-01", "2026-07-01"),
        ("2026-07-01", "2027-01-01"),
        ("2027-01-01", None),
    ):
        assert ask(firm, as_of=day)["next_change"] == following
    construction = ask(firm, as_of="2026-01-15", domain="construction")
    assert construction["next_change"] == construction["domains"][0]["next_change"] == "2026-02-01"
    assert ask(firm, as_of="2026-01-15", domain="licensing")["next_change"] == "2026-07-01"

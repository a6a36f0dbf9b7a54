"""Search while its engine does not answer: whole names, codes and numbers from the register, said on the page and in the JSON."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.portal.conftest import API, House
from tests.register.conftest import row, uscc

FIRM = "示例甲（苏州）仪表有限公司"
NUMBER = "99926Q00001R0S"
CERTIFICATE: dict[str, Any] = {
    "category": "质量管理体系认证",
    "issuer": "示例认证中心有限公司",
    "issued_on": "2026-01-10",
    "valid_from": "2026-01-10",
    "valid_until": "2029-01-09",
    "status": "valid",
    "region": "江苏",
}


@pytest.fixture
def severed(house: House) -> House:
    """A house with a firm and three certificates of it, whose index is gone."""
    house.desk.publish("enterprise", [row(2, FIRM, uscc(1), province="江苏")])
    house.desk.publish(
        "certificate",
        [
            row(2, FIRM, uscc(1), number=NUMBER, **CERTIFICATE),
            row(3, FIRM, uscc(1), number="99926Q00002R0S", **CERTIFICATE | {"issued_on": "2025-01-10"}),
            row(4, FIRM, uscc(1), number="99926Q00003R0S", **CERTIFICATE | {"status": "revoked"}),
        ],
    )
    house.sync()
    house.cut_off()
    return house


@pytest.mark.parametrize(
    ("asked", "reason", "found"),
    [(FIRM, "name_exact", 4), (uscc(1).lower(), "code_exact", 4), (NUMBER.lower(), "code_exact", 1)],
)
def test_whole_names_codes_and_numbers_are_found_and_the_answer_says_that_it_is_degraded(
    severed: House, asked: str, reason: str, found: int
) -> None:
    answer = severed.get("/search", q=asked)
    assert answer["degraded"] is True
    assert "完整检索暂时不可用" in answer["notice"]
    assert answer["total"] == {"value": found, "relation": "eq"}
    assert len(answer["results"]) == found
    assert [why["code"] for hit in answer["results"] for why in hit["why"]] == [reason] * found
    assert answer["next"] is None
    assert not any(answer["facets"].values())
    if found > 1:
        assert answer["results"][0]["url"] == f"/subjects/{uscc(1)}"


def test_parts_of_names_are_not_found_and_the_answer_does_not_say_that_there_is_nothing(
    severed: House,
) -> None:
    answer = severed.get("/search", q="示例甲")
    assert answer["results"] == []
    assert "没有查到不等于没有" in answer["notice"]
    english = severed.client.get(f"{API}/search?q=x", headers={"Accept-Language": "en"}).get_json()
    assert "does not mean" in english["notice"]


@pytest.mark.parametrize(
    ("narrowed", "numbers"),
    [
        ({"kind": "enterprise"}, [None]),
        ({"kind": "certificate", "status": "revoked"}, ["99926Q00003R0S"]),
        ({"issuer": "示例认证中心有限公司", "year": 2025}, ["99926Q00002R0S"]),
        ({"issuer": "别处"}, []),
        ({"region": "江苏", "kind": "certificate", "status": "valid", "year": 2026}, [NUMBER]),
    ],
)
def test_filters_narrow_a_degraded_search_as_any_other(
    severed: House, narrowed: dict[str, Any], numbers: list[str | None]
) -> None:
    def found() -> list[str | None]:
        ids = [hit["id"] for hit in severed.get("/search", q=FIRM, **narrowed)["results"]]
        return [severed.get(f"/records/{identity}")["number"] for identity in ids]

    degraded = found()
    assert degraded == numbers
    severed.reindex()
    assert found() == degraded


def test_the_newest_come_first_where_that_is_asked_for(severed: House) -> None:
    hits = severed.get("/search", q=FIRM, sort="newest")["results"]
    dated = [severed.get(f"/records/{hit['id']}")["dated"] or "" for hit in hits]
    assert dated == sorted(dated, reverse=True)


def test_a_limit_holds_and_there_is_no_further_page(severed: House) -> None:
    answer = severed.get("/search", q=FIRM, limit=2)
    assert (len(answer["results"]), answer["total"]["value"], answer["next"]) == (2, 4, None)


def test_a_cursor_of_a_full_search_is_refused_with_the_reason_and_a_bad_one_as_ever(severed: House) -> None:
    severed.reindex()
    cursor = severed.get("/search", q=FIRM, limit=2)["next"]
    severed.cut_off()
    refused = severed.client.get(f"{API}/search", query_string={"q": FIRM, "limit": 2, "cursor": cursor})
    assert refused.status_code == 503
    assert "翻页" in refused.get_json()["detail"]
    assert severed.client.get(f"{API}/search?q=a&cursor=nonsense").status_code == 400


def test_a_degraded_answer_is_kept_by_nobody_and_a_complete_one_has_its_tag_again(severed: House) -> None:
    for path in (f"{API}/search?q={quote(FIRM)}", f"/search?q={quote(FIRM)}"):
        degraded = severed.client.get(path)
        assert degraded.status_code == 200
        assert "no-store" in degraded.headers["Cache-Control"]
        assert "ETag" not in degraded.headers
    severed.reindex()
    complete = severed.client.get(f"{API}/search?q={quote(FIRM)}")
    assert complete.get_json()["degraded"] is False
    assert complete.get_json()["notice"] is None
    assert complete.headers["Cache-Control"] == "public, no-cache"
    assert complete.headers["ETag"]
    assert "no-store" not in severed.client.get(f"/search?q={quote(FIRM)}").headers["Cache-Control"]


def test_type_ahead_suggests_nothing_and_breaks_nothing(severed: House) -> None:
    assert severed.get("/suggest", q="示例甲") == {"suggestions": []}


def test_what_does_not_need_the_index_answers_as_before(severed: House) -> None:
    assert severed.get(f"/certificates/{NUMBER}")["result"] == "valid"
    assert severed.get(f"/subjects/{uscc(1)}")["subject"]["name"] == FIRM
    assert severed.get(f"/restrictions/{uscc(1)}")["restricted"] is False


def test_the_page_says_so_on_top_and_leads_to_what_works(severed: House) -> None:
    def page(q: str, language: str = "zh") -> str:
        answer = severed.client.get("/search", query_string={"q": q}, headers={"Accept-Language": language})
        assert answer.status_code == 200
        return answer.text

    found = page(FIRM)
    assert found.index("完整检索暂时不可用") < found.index('class="hits"')
    assert 'href="/verify"' in found and 'href="/restrictions"' in found
    assert 'class="facets"' not in found
    assert "名称完全一致" in found
    nothing = page("示例甲")
    assert "完整检索暂时不可用" in nothing
    assert "只有一部分名称也能查到" not in nothing
    assert "Full search is not available now" in page(FIRM, "en")
    assert not re.search("完整检索", page("", "zh"))
    severed.reindex()
    assert "完整检索暂时不可用" not in page(FIRM)

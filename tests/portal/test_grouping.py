"""On a page of results, what a subject holds stands directly below the subject."""

import pytest

from portal.context import EXTENSION
from portal.searching import Asked, search
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

FIRMS = ("示例市明远仪表有限公司", "示例市明远铸造有限公司")


@pytest.fixture
def stocked(house: House) -> House:
    """Two enterprises of one brand with three certificates each, issued in turn."""
    firms = [row(at, name, uscc(at), status="active") for at, name in enumerate(FIRMS, 1)]
    assert house.desk.publish("enterprise", firms) == []
    certificates = [
        row(
            at % 2 + 1,
            FIRMS[at % 2],
            uscc(at % 2 + 1),
            number=f"79926Q0000{at}R0S",
            category="质量管理体系认证",
            issuer="示例认证中心有限公司",
            issued_on=f"2026-01-1{at}",
            valid_until="2029-01-09",
            status="valid",
        )
        for at in range(6)
    ]
    assert house.desk.publish("certificate", certificates) == []
    house.sync()
    return house


def test_what_a_subject_holds_is_told_to_be_below_it(stocked: House) -> None:
    answer = stocked.get("/search", q="示例市明远")
    hits = answer["results"]
    heads = {hit["uscc"]: hit["id"] for hit in hits if hit["kind"] == "enterprise"}
    assert len(hits) == answer["total"]["value"] == 8
    assert [hit["under"] or hit["id"] for hit in hits] == [heads[hit["uscc"]] for hit in hits]
    assert sum(hit["under"] is None for hit in hits) == 2


def test_the_page_shows_what_a_subject_holds_directly_below_it(stocked: House) -> None:
    parts = stocked.app.extensions[EXTENSION]
    found = search(parts.search, parts.register, Asked("示例市明远"))
    grouped = [record.subject.code for _hit, record in found.grouped if record.subject]
    assert grouped == [code for code in dict.fromkeys(grouped) for _ in range(4)]
    assert [record.kind.name for _hit, record in found.grouped].count("enterprise") == 2
    assert found.grouped[0][1].kind.name == found.grouped[4][1].kind.name == "enterprise"
    assert {hit.id for hit, _ in found.grouped} == {hit.id for hit, _ in found.hits}


def test_nothing_is_below_a_subject_that_is_not_on_the_page(stocked: House) -> None:
    narrowed = stocked.get("/search", q="示例市明远", kind="certificate")
    assert len(narrowed["results"]) == 6
    assert {hit["under"] for hit in narrowed["results"]} == {None}


def test_pages_are_grouped_each_by_itself_and_hold_what_they_held(stocked: House) -> None:
    shown, asked = [], {"q": "示例市明远", "limit": 3}
    while True:
        answer = stocked.get("/search", **asked)
        on_page = [hit["id"] for hit in answer["results"]]
        assert {hit["under"] for hit in answer["results"]} <= {None, *on_page}
        shown += on_page
        if answer["next"] is None:
            break
        asked["cursor"] = answer["next"]
    assert len(shown) == len(set(shown)) == 8


def test_a_list_by_date_stays_one_by_date(stocked: House) -> None:
    hits = stocked.get("/search", q="示例市明远", sort="newest")["results"]
    numbers = [hit["title"] for hit in hits if hit["kind"] == "certificate"]
    assert len(numbers) == 6
    assert {hit["under"] for hit in hits} == {None}


def test_the_page_shows_which_records_are_of_the_subject_above(stocked: House) -> None:
    def page(**asked: str) -> str:
        return str(
            stocked.client.get("/search", query_string=asked, headers={"Accept-Language": "zh-CN"}).text
        )

    assert page(q="示例市明远").count('class="card hit under"') == 6
    assert page(q="示例市明远").count("属于上面的主体") == 6
    assert "hit under" not in page(q="示例市明远", kind="certificate")

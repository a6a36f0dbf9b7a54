"""The change feed over HTTP: what a mirror's program meets."""

from datetime import timedelta
from typing import Any

import pytest

from indexer.feed.recording import record
from indexer.register.withdrawing import withdraw
from portal.context import EXTENSION
from tests.portal.conftest import API, House
from tests.register.conftest import row, uscc
from tests.register.statements import statements

FIRM = "示例甲有限公司"


def publish(house: House, *numbers: str, **values: Any) -> None:
    """Publish certificates, and tell of them."""
    house.desk.publish(
        "certificate", [row(at, FIRM, uscc(1), number=each, **values) for at, each in enumerate(numbers, 2)]
    )
    record(house.desk.register)


def test_a_record_is_told_word_for_word_as_the_api_shows_it_and_gone_it_is_an_id(house: House) -> None:
    publish(house, "示例-1", "示例-2")
    told = house.get("/changes")
    assert [each["what"] for each in told["results"]] == ["added", "added"] and told["more"] is False
    for each in told["results"]:
        assert each["record"] == house.get(f"/records/{each['id']}")
        assert (each["kind"], each["subject"]) == ("certificate", uscc(1))
    withdraw(house.desk.engine, house.desk.clock, 1, "示例原因")
    record(house.desk.register)
    answer = house.client.get(f"{API}/changes", query_string={"since": told["next"]})
    gone = answer.get_json()["results"]
    assert [each["id"] for each in gone] == [each["id"] for each in told["results"]]
    for each in gone:
        assert each["what"] == "removed"
        assert (each["kind"], each["subject"], each["record"]) == (None, None, None)
    assert "示例" not in answer.text


def test_pages_follow_one_another_and_the_end_can_be_asked_again(house: House) -> None:
    assert house.get("/changes") == {"results": [], "next": "A" * 27, "more": False}
    publish(house, *(f"示例-{at}" for at in range(7)))
    numbers, since = [], "A" * 27
    for _ in range(3):
        page = house.get("/changes", since=since, limit=3)
        numbers.append([each["number"] for each in page["results"]])
        assert page["results"][-1]["position"] == page["next"]
        since = page["next"]
    assert numbers == [[1, 2, 3], [4, 5, 6], [7]] and not page["more"]
    first = house.client.get(f"{API}/changes", query_string={"since": since})
    again = house.client.get(
        f"{API}/changes", query_string={"since": since}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (first.status_code, again.status_code) == (200, 304)
    assert first.get_json() == {"results": [], "next": since, "more": False}
    publish(house, "示例-8")
    assert [each["number"] for each in house.get("/changes", since=since)["results"]] == [8]
    assert house.get("/changes", since="now")["results"] == []


def test_a_position_that_is_too_old_is_gone_and_says_what_to_do(house: House) -> None:
    publish(house, "示例-1")
    since = house.get("/changes")["next"]
    withdraw(house.desk.engine, house.desk.clock, 1, "有误")
    record(house.desk.register)
    house.desk.clock.instant += timedelta(days=300)
    record(house.desk.register)
    answer = house.client.get(f"{API}/changes", query_string={"since": since})
    assert answer.status_code == 410 and answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem["type"].endswith("#position-gone") and "since" in problem["detail"]
    assert house.get("/changes")["results"] == []


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"since": "x"}, "since"),
        ({"since": "é" * 27}, "since"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"kind": "nothing"}, "kind"),
        ({"kind": "practitioner"}, "kind"),
        ({"until": "now"}, "until"),
    ],
)
def test_bad_arguments_are_named(house: House, asked: dict[str, str], wrong: str) -> None:
    publish(house, "示例-1")
    answer = house.client.get(f"{API}/changes", query_string=asked)
    assert answer.status_code == 400
    assert [each["where"] for each in answer.get_json()["errors"]] == [wrong]


def test_one_kind_alone_can_be_mirrored(house: House) -> None:
    publish(house, "示例-1", "示例-2")
    house.desk.publish("brand", [row(2, FIRM, uscc(1), title="示例精品", level="省级")])
    record(house.desk.register)
    assert [each["kind"] for each in house.get("/changes", kind="brand")["results"]] == ["brand"]


@pytest.mark.parametrize("kind", [None, "certificate"])
def test_statements_do_not_grow_with_the_changes(house: House, kind: str | None) -> None:
    asked = f"{API}/changes?limit=1000" + (f"&kind={kind}" if kind else "")
    engine = house.app.extensions[EXTENSION].register.engine
    costs = []
    for many in (2, 60):
        publish(house, *(f"示例-{many}-{at}" for at in range(many)))
        with statements(engine) as seen:
            assert house.client.get(asked).status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 5


def test_the_recorder_s_day_holds_where_a_portal_s_clock_is_behind(house: House) -> None:
    publish(house, "示例-1", valid_until="2026-03-05")
    start = house.desk.clock.instant
    house.desk.clock.instant += timedelta(days=10)
    record(house.desk.register)
    house.desk.clock.instant = start  # the portal's machine has not got so far
    last = house.get("/changes")["results"][-1]
    assert (last["what"], last["record"]["status"]) == ("changed", "expired")

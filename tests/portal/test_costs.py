"""What pages of records cost: by the records, so that no page is long enough to make scraping faster than downloading."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from indexer.keys.plans import Window, load_plans
from indexer.settings import Settings
from portal.costs import RECORDS, cost_of
from tests.portal.conftest import House
from tests.register.conftest import row, uscc
from tests.servers import CHECKOUT

PLENTY = 10_000
LEFT = re.compile(r'"hour";r=(\d+);')
NATIONAL, PROVINCE = 1_100_000, 100_000_000
BITS, SIZE = (
    20_000_000,
    128,
)  # a second of an ordinary line; bytes of a record in both formats, as measured (docs/data.md)


@pytest.fixture
def counting(open_house: Callable[..., House]) -> House:
    """A house that counts, with 45 records that one search finds, on one list, of one subject."""
    house = open_house(rate_limits=(f"{PLENTY}/hour",))
    day = "2026-02-01"
    house.desk.publish(
        "listing",
        [
            row(
                n,
                "示例甲有限公司",
                uscc(1),
                list="black",
                scheme=f"名单{n}",
                listed_on=day,
                authority="示例机关",
            )
            for n in range(45)
        ],
    )
    house.sync()
    return house


def cost(house: House, path: str, status: int = 200) -> int:
    """By how much one request lowers what is left."""
    before = LEFT.match(house.client.get("/lists").headers["RateLimit"])
    answer = house.client.get(path)
    after = LEFT.match(answer.headers["RateLimit"])
    assert answer.status_code == status and before and after
    return int(before[1]) - int(after[1])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/search?q=示例甲", 1),
        ("/api/v1/search?q=示例甲&limit=21", 2),
        ("/api/v1/search?q=示例甲&limit=100", 3),
        ("/api/v1/search?q=没有的&limit=100", 1),
        (f"/api/v1/subjects/{uscc(1)}/records?limit=200", 3),
        (f"/api/v1/subjects/{uscc(1)}/records?limit=200&kind=certificate", 1),
        ("/api/v1/lists/black?limit=40", 2),
        ("/api/v1/lists/black?limit=200", 3),
        ("/api/v1/lists/red?limit=200", 1),
        ("/api/v1/changes?limit=1000", 1),
        ("/search?q=示例甲", 1),
        ("/lists/black", 3),
        ("/lists/black.atom", 3),
        ("/search.atom?q=示例甲", 3),
    ],
)
def test_twenty_records_count_as_one_request_wherever_they_are_read(
    counting: House, path: str, expected: int
) -> None:
    assert cost(counting, path) == expected


def test_an_answer_that_is_known_costs_one_however_long_it_would_be(counting: House) -> None:
    path = "/api/v1/lists/black?limit=200"
    tag = counting.client.get(path).headers["ETag"]
    before = LEFT.match(counting.client.get("/lists").headers["RateLimit"])
    answer = counting.client.get(path, headers={"If-None-Match": tag})
    after = LEFT.match(answer.headers["RateLimit"])
    assert answer.status_code == 304 and before and after and int(before[1]) - int(after[1]) == 1


def test_a_batch_costs_its_codes_and_nothing_for_records(counting: House) -> None:
    before = LEFT.match(counting.client.get("/lists").headers["RateLimit"])
    answer = counting.client.post("/api/v1/subjects/batch", json={"ids": [uscc(1)] * 7})
    after = LEFT.match(answer.headers["RateLimit"])
    assert answer.status_code == 200 and before and after and int(before[1]) - int(after[1]) == 7


def test_all_entries_cost_the_same_in_pages_of_any_length(counting: House) -> None:
    spent = {}
    for limit in (20, 40, 100):
        path, total = f"/api/v1/search?q=示例甲&limit={limit}", 0
        following: str | None = path
        while following is not None:
            total += cost(counting, following)
            cursor = counting.client.get(following).get_json()["next"]
            following = f"{path}&cursor={cursor}" if cursor else None
        spent[limit] = total
    assert spent == {20: 3, 40: 3, 100: 3}


def least(cost: int, windows: tuple[Window, ...]) -> timedelta:
    """The least time in which requests of so much cost are let in, each window being used up the moment it opens."""
    seconds = 0
    for each in sorted(windows, key=lambda window: -window.seconds):
        waited = (cost - 1) // each.amount
        seconds, cost = seconds + waited * each.seconds, cost - waited * each.amount
    return timedelta(seconds=seconds)


def told(time: timedelta) -> str:
    days, rest = divmod(int(time.total_seconds()), 86400)
    hours, rest = divmod(rest, 3600)
    minutes = rest // 60
    if time < timedelta(minutes=1):
        return f"{rest} s"
    return " ".join([f"{days} d"] * bool(days) + [f"{hours} h"] * bool(days or hours) + [f"{minutes} min"])


@pytest.mark.parametrize("records", [NATIONAL, PROVINCE])
def test_by_every_shipped_plan_downloading_is_faster_than_scraping_and_the_page_says_by_how_much(
    records: int, tmp_path: Path
) -> None:
    plans = load_plans(Settings(data=tmp_path))
    windows = [plans.anonymous.windows, *(each.windows for each in plans.named.values())]
    assert len(windows) == 3
    times = [least(cost_of(records), each) for each in windows]
    download = timedelta(seconds=records * SIZE * 8 / BITS)
    assert all(download < time for time in times)
    lines = (CHECKOUT / "docs" / "keys.md").read_text("utf-8").splitlines()
    [said] = [line for line in lines if line.startswith(f"| {records:,}")]
    cells = [cell.strip() for cell in said.strip("|").split("|")]
    assert cells[1:5] == [f"{cost_of(records):,}", *map(told, times)]
    assert cells[5].startswith(told(download))


@pytest.mark.parametrize(("records", "requests"), [(0, 1), (1, 1), (RECORDS, 1), (RECORDS + 1, 2), (100, 5)])
def test_the_cost_of_records(records: int, requests: int) -> None:
    assert cost_of(records) == requests


@pytest.mark.parametrize("path", ["/search?q=示例甲", "/lists/black"])
def test_far_pages_say_where_the_whole_is(counting: House, path: str) -> None:
    counting.desk.publish(
        "listing",
        [
            row(
                n,
                "示例甲有限公司",
                uscc(1),
                list="black",
                scheme=f"名单{n}",
                listed_on="2026-02-02",
                authority="示例",
            )
            for n in range(100, 120)
        ],
    )
    counting.sync()
    first = counting.client.get(path).text
    following = re.search(r'href="([^"]*cursor=[^"]*)"', first)
    assert following is not None and "要全部数据" not in first
    second = counting.client.get(following[1].replace("&amp;", "&")).text
    assert "要全部数据" in second and 'href="/data"' in second

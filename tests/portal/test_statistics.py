"""Statistics as they are asked for: the figures of a slow count, as JSON and on the page, and every wrong question refused by name."""

import html
import re
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from portal.context import EXTENSION
from tests.portal.conftest import API, House, Program
from tests.register.conftest import row, uscc
from tests.register.statements import statements


@pytest.fixture
def counted(house: House) -> House:
    """A house with records of three kinds, some of which end."""
    house.desk.publish(
        "enterprise",
        [
            row(n, f"示例{n}有限公司", uscc(n), region="江苏省" if n % 2 else "浙江省", status="active")
            for n in range(6)
        ],
    )
    values: dict[str, Any] = {"valid_from": "2026-01-10", "category": "质量管理体系认证"}
    house.desk.publish(
        "certificate",
        [
            row(
                n,
                "示例1有限公司",
                uscc(1),
                number=f"示例{n}",
                issued_on=f"202{n}-01-10",
                valid_until="2026-03-03",
                **values,
            )
            for n in range(3)
        ],
    )
    house.desk.publish("brand", [row(2, "示例2有限公司", uscc(2), title="示例名牌")])
    return house


def slowly(house: House, *by: str, **only: str) -> Counter[tuple[Any, ...]]:
    """The same counts from every record, one by one."""
    register = house.desk.register
    found: Counter[tuple[Any, ...]] = Counter()
    for each in register.records_between(0, register.last_version()):
        said = {"kind": each.kind.name, "region": each.region, "status": each.status}
        said["year"] = each.dated.year if each.dated else None  # type: ignore[assignment]
        if all(said[name] == value for name, value in only.items()):
            found[tuple(said[name] for name in by)] += 1
    return found


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "kind"},
        {"by": "kind,year"},
        {"by": "status,region"},
        {"by": "status", "kind": "certificate"},
        {"by": "kind", "region": "江苏省"},
        {"by": "year", "region": "没有的地方"},
        {},
    ],
)
def test_the_figures_are_those_of_counting_record_by_record_today_and_tomorrow(
    counted: House, asked: dict[str, str]
) -> None:
    only = {name: value for name, value in asked.items() if name != "by"}
    for _ in range(3):
        answer = counted.get("/statistics", **asked)
        expected = slowly(counted, *asked.get("by", "kind").split(","), **only)
        assert {tuple(group["key"]): group["count"] for group in answer["results"]} == expected
        assert (answer["total"], answer["groups"], answer["left_off"]) == (expected.total(), len(expected), 0)
        assert answer["as_of"] == counted.desk.clock.today().isoformat()
        assert [group["count"] for group in answer["results"]] == sorted(expected.values(), reverse=True)
        counted.desk.clock.instant += timedelta(days=1)


def test_a_count_costs_a_few_statements_and_the_same_count_again_one(counted: House) -> None:
    engine = counted.app.extensions[EXTENSION].register.engine
    with statements(engine) as first:
        counted.get("/statistics", by="kind,status")
    with statements(engine) as second:
        counted.get("/statistics", by="region,year")
    counted.desk.publish("brand", [row(3, "示例2有限公司", uscc(2), title="另一示例名牌")])
    with statements(engine) as third:
        assert counted.get("/statistics")["total"] == 11
    assert (len(first) <= 3, len(second), len(third) <= 10) == (True, 1, True)


def test_groups_beyond_the_limit_are_told_of(counted: House) -> None:
    answer = counted.get("/statistics", by="kind,year", limit=1)
    [shown] = answer["results"]
    assert answer["left_off"] == answer["total"] - shown["count"] > 0
    assert answer["groups"] > 1


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"by": "city"}, "by"),
        ({"by": "kind,kind"}, "by"),
        ({"by": "kind,year,status"}, "by"),
        ({"by": "kind,"}, "by"),
        ({"kind": "nothing"}, "kind"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"year": "2026"}, "year"),
    ],
)
def test_a_wrong_question_is_refused_by_name(house: House, asked: dict[str, str], where: str) -> None:
    answer: Any = house.client.get(f"{API}/statistics", query_string=asked)
    assert answer.status_code == 400
    assert [each["where"] for each in answer.get_json()["errors"]] == [where]


def test_the_page_says_the_same_figures_with_a_way_further(counted: House) -> None:
    page = counted.client.get("/statistics", headers={"Accept-Language": "zh-CN"}).text
    assert "正在公示的记录共 10 条" in page
    assert 'href="/statistics?kind=certificate"' in page
    assert page.count("<rect") == sum(
        len(counted.get("/statistics", by=by)["results"]) for by in ("kind", "year", "region")
    )
    narrowed = counted.client.get(
        "/statistics?kind=certificate&region=江苏省", headers={"Accept-Language": "en"}
    ).text
    assert "Not yet valid" not in narrowed and "Valid" in narrowed
    assert counted.client.get("/statistics?kind=nothing").status_code == 400
    assert (
        "没有符合这些条件"
        in counted.client.get("/statistics?region=没有", headers={"Accept-Language": "zh"}).text
    )


@pytest.mark.parametrize("asked", ["", "?kind=certificate", "?kind=enterprise&region=江苏省"])
def test_every_figure_leads_to_a_search_in_its_records_and_none_to_a_list_of_them(
    counted: House, asked: str
) -> None:
    counted.sync()
    page = counted.client.get(f"/statistics{asked}").text
    found = re.findall(r'<a href="(/search\?[^"]+)"[^>]*aria-label="([0-9,]+) 条', page)
    assert len(found) == len(re.findall("<svg viewBox", page)) - page.count(">未注明</th>")
    for href, number in found:
        target = html.unescape(href)
        told = counted.client.get(target).text
        assert "在已选条件内查什么" in told and 'href="/data"' in told and 'class="hits"' not in told
        within = dict(parse_qsl(urlsplit(target).query))
        assert all(f'type="hidden" name="{name}" value="{value}"' in told for name, value in within.items())
        assert counted.get("/search", q="示例", limit=100, **within)["total"]["value"] == int(number)


def test_the_demonstration_is_counted_whole(program: Program) -> None:
    answer = program.get("/statistics", by="kind").json
    assert sum(group["count"] for group in answer["results"]) == answer["total"] > 10_000
    assert program.get("/statistics", by="kind").headers["ETag"]

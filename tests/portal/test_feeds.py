"""Feeds are Atom as RFC 4287 asks for it, their ids last, and they say what is public now."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from werkzeug.test import TestResponse

from indexer.register.withdrawing import withdraw
from portal.feeds import MOST
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

ATOM = "{http://www.w3.org/2005/Atom}"
ONE, TWO = uscc(1), uscc(2)
SOLE = "92" + ONE[2:]
FEEDS = (f"/subjects/{ONE}.atom", "/lists/red.atom", "/search.atom?q=示例")


def listed(line: int, code: str, day: str, **values: Any) -> Any:
    return row(line, "示例", code, list="red", scheme="示例红榜", listed_on=day, **values)


@pytest.fixture
def full(house: House) -> House:
    house.desk.publish("enterprise", [row(2, "示例<甲>&有限公司", ONE), row(3, "示例乙有限公司", TWO)])
    house.desk.publish("certificate", [row(2, "示例", ONE, number="示例-1", valid_until="2026-03-04")])
    house.desk.publish("listing", [listed(2, ONE, "2026-02-01")])
    house.sync()
    return house


def read(answer: TestResponse) -> ElementTree.Element:
    """A feed that has all that RFC 4287 requires: sections 4.1.1 and 4.1.2."""
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)  # noqa: S314  our own
    assert feed.tag == f"{ATOM}feed"
    assert len(feed.findall(f"{ATOM}author")) == 1
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")] == ["self", "alternate"]
    seen = []
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            [only] = element.findall(f"{ATOM}{name}")
            assert only.text
        assert said(element, "id").startswith("tag:")
        moment = datetime.fromisoformat(said(element, "updated"))
        assert moment.tzinfo is not None
        for link in element.findall(f"{ATOM}link"):
            assert urljoin(link.get("href", ""), "/") == "http://localhost/"
        seen.append(said(element, "id"))
    assert len(set(seen)) == len(seen)
    latest = max((said(entry, "updated") for entry in feed.findall(f"{ATOM}entry")), default=None)
    assert latest is None or said(feed, "updated") == latest
    return feed


def said(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def entries(house: House, path: str) -> list[ElementTree.Element]:
    return read(house.client.get(path)).findall(f"{ATOM}entry")


@pytest.mark.parametrize("path", FEEDS)
def test_each_feed_is_what_the_rfc_asks_for(full: House, path: str) -> None:
    assert entries(full, path)


@pytest.mark.parametrize("path", FEEDS)
def test_a_reader_that_has_it_already_gets_304_until_it_changes(full: House, path: str) -> None:
    first = full.client.get(path)
    same = {"If-None-Match": first.headers["ETag"]}
    assert full.client.get(path, headers=same).status_code == 304
    full.desk.publish("listing", [listed(2, ONE, "2026-02-02")])
    full.sync()
    assert full.client.get(path, headers=same).status_code == 200


def test_pages_name_their_feeds(full: House) -> None:
    for page, feed in (
        (f"/subjects/{ONE}", f"/subjects/{ONE}.atom"),
        ("/lists/red?region=江苏省", "/lists/red.atom?region=江苏省"),
        ("/search?q=示例甲", "/search.atom?q=示例甲"),
    ):
        text = full.client.get(page).text
        [link] = [line for line in text.splitlines() if 'rel="alternate"' in line]
        assert (
            feed.replace("江苏省", "%E6%B1%9F%E8%8B%8F%E7%9C%81").replace(
                "示例甲", "%E7%A4%BA%E4%BE%8B%E7%94%B2"
            )
            in link
            or feed in link
        )
        assert "/follow?" in text


def test_the_id_of_a_record_stays_and_its_instant_moves_when_it_changes(full: House) -> None:
    [before] = entries(full, "/lists/red.atom")
    full.desk.publish("listing", [listed(2, ONE, "2026-02-01", reason="示例事由")])
    [after] = entries(full, "/lists/red.atom")
    assert said(after, "id") == said(before, "id")
    assert said(after, "updated") > said(before, "updated")


def test_an_entry_moves_at_the_midnight_that_ends_it(full: House) -> None:
    def certificate() -> tuple[str, str]:
        [found] = [
            entry for entry in entries(full, f"/subjects/{ONE}.atom") if "示例-1" in said(entry, "title")
        ]
        return said(found, "updated"), said(found, "summary")

    recorded, summary = certificate()
    assert "有效" in summary
    full.desk.clock.instant += timedelta(days=2)
    assert certificate()[0] == recorded  # 4 March: the last day
    full.desk.clock.instant += timedelta(days=1)
    updated, summary = certificate()
    assert updated == "2026-03-04T16:00:00Z"  # 5 March in Shanghai
    assert "过期失效" in summary


def test_what_is_withdrawn_is_gone_from_the_next_answer(full: House) -> None:
    withdraw(full.desk.engine, full.desk.clock, full.desk.register.version().number, "示例")
    full.sync()
    assert entries(full, "/lists/red.atom") == []
    assert "示例红榜" not in full.client.get(f"/subjects/{ONE}.atom").text
    assert "示例红榜" not in full.client.get("/search.atom?q=示例").text


def test_a_list_tells_first_what_was_recorded_last_whatever_day_it_bears_and_no_more_than_its_bound(
    full: House,
) -> None:
    days = [date(2020, 1, 1) + timedelta(days=at) for at in range(MOST + 10)]
    full.desk.publish("listing", [listed(at + 2, ONE, day.isoformat()) for at, day in enumerate(days)])
    full.desk.publish("listing", [listed(2, TWO, "2019-05-05", document_number="示例早〔2019〕1号")])
    found = entries(full, "/lists/red.atom")
    assert len(found) == MOST
    assert "示例早" in said(found[0], "title") + said(found[0], "summary")


def test_a_list_can_be_narrowed_as_its_page_can(full: House) -> None:
    full.desk.publish("listing", [listed(2, TWO, "2026-01-05", region="江苏省")])
    assert len(entries(full, "/lists/red.atom?region=江苏省")) == 1
    assert len(entries(full, "/lists/red.atom?since=2026-01-20")) == 1


def test_a_trader_s_feed_is_kept_from_search_engines(house: House) -> None:
    house.desk.publish("enterprise", [row(2, "示例小店", SOLE)])
    assert house.client.get(f"/subjects/{SOLE}.atom").headers["X-Robots-Tag"] == "noindex"


def test_near_names_are_no_entries(full: House) -> None:
    assert entries(full, "/search.atom?q=示例丁有限公司") == []


def test_while_search_is_degraded_its_feed_is_not_given_out(full: House) -> None:
    full.cut_off()
    assert full.client.get("/search.atom?q=示例").status_code == 503


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/lists/grey.atom", 400),
        ("/lists/red.atom?cursor=x", 400),
        ("/lists/red.atom?page=2", 400),
        ("/subjects/x.atom", 400),
        (f"/subjects/{uscc(9)}.atom", 404),
        ("/search.atom", 400),
        ("/search.atom?q=%3F", 400),
        ("/search.atom?q=a&kind=x", 400),
        (f"/search.atom?q={'a' * 1001}", 413),
    ],
)
def test_a_wrong_question_is_refused(full: House, path: str, status: int) -> None:
    assert full.client.get(path).status_code == status


def test_a_feed_by_another_of_its_codes_is_the_same_feed(full: House) -> None:
    assert full.client.get(f"/subjects/{ONE[8:17]}.atom").data == full.client.get(FEEDS[0]).data

"""On the day itself every place agrees (生命周期): pages, API, feeds, lists, search, suggestions, verification and restriction status.

`EVENTS` says what ends or begins on which record; `look` asks every place what it tells of it. `ABSENT` is a record that is told of nowhere.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from indexer.clock import SHANGHAI
from indexer.comparing import drifts
from indexer.kinds import kinds
from indexer.register.models import Outbox, Version
from indexer.register.queue import Queue
from portal.context import EXTENSION
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

ABSENT = "absent"
LAST_DAYS = (date(2026, 3, 4), date(2026, 12, 31), date(2028, 2, 29), date(2027, 2, 28))


@dataclass(frozen=True)
class Event:
    """A record whose state is `before` on the last day and `after` on the next; `ends` and `begins` are columns that hold these days."""

    kind: str
    before: str
    after: str
    ends: str = ""
    begins: str = ""
    values: dict[str, str] = field(default_factory=dict)


EVENTS = (
    Event("certificate", "valid", "expired", "valid_until", values={"number": "99926Q00001R0S"}),
    Event("certificate", "not_yet_valid", "valid", begins="valid_from", values={"number": "99926Q00002R0S"}),
    Event("licence", "valid", "expired", "valid_until", values={"number": "示例证0003", "category": "工业产品生产许可证"}),
    Event("rating", "valid", "expired", "valid_until", values={"grade": "AA", "rated_on": "2025-01-05"}),
    Event("brand", "valid", "expired", "valid_until", values={"title": "示例名牌", "awarded_on": "2025-01-05"}),
    Event("listing", "listed", "expired", "until", values={"list": "red", "scheme": "示例红榜", "listed_on": "2025-01-05"}),
    Event("listing", "listed", ABSENT, "until", values={"list": "black", "scheme": "严重违法失信名单", "listed_on": "2026-02-05"}),
    Event("listing", "listed", ABSENT, "until", values={"list": "watch", "scheme": "示例关注", "listed_on": "2026-02-05"}),
    Event("penalty", "in_force", ABSENT, "public_until",
          values={"document_number": "示例罚〔2026〕9号", "cause": "示例案由", "kinds": "没收违法所得",
                  "decided_on": "2026-02-05", "authority": "示例局"}),
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """A house in which everything turns at the end of one day."""

    house: House
    codes: dict[int, str]
    ids: dict[int, str]
    last: date

    def stand(self, day: date, *, first: bool) -> None:
        """Set the clock to the first or the last second of a day in Shanghai."""
        moment = datetime.combine(day, time.min if first else time(23, 59, 59), SHANGHAI)
        self.house.desk.clock.instant = moment.astimezone(UTC)


@pytest.fixture(params=LAST_DAYS, ids=str)
def stage(request: pytest.FixtureRequest, house: House) -> Stage:
    last: date = request.param
    codes, ids = {}, {}
    for at, event in enumerate(EVENTS):
        code, desk = uscc(at + 1), house.desk
        values = dict(event.values)
        if event.ends:
            values[event.ends] = last.isoformat()
        if event.begins:
            values[event.begins] = (last + timedelta(days=1)).isoformat()
        desk.publish("enterprise", [row(2, f"示例甲{at}号有限公司", code)])
        assert desk.publish(event.kind, [row(2, f"示例甲{at}号有限公司", code, **values)]) == []
        with desk.engine.connect() as connection:
            newest = select(Version.record_id).order_by(Version.id.desc()).limit(1)
            codes[at], ids[at] = code, connection.execute(newest).scalar_one()
    return Stage(house, codes, ids, last)


def look(stage: Stage, at: int) -> dict[str, str]:
    """What each place tells of a record."""
    event, code, own, client = EVENTS[at], stage.codes[at], stage.ids[at], stage.house.client
    told: dict[str, str] = {}

    def among(place: str, records: list[dict[str, Any]]) -> None:
        told[place] = next((str(each.get("status")) for each in records if each["id"] == own), ABSENT)

    def there(place: str, path: str, name: str) -> None:
        """A place that names the record, with its state where it says one."""
        text = client.get(path).text
        rows = [part for part in re.split("<tr|<entry", text) if name in part]
        words = {term.zh for term in kinds()[event.kind].statuses}
        said = {
            word for part in rows for word in re.findall(r"(?:</svg>| · )([^<·]+?)(?=<| ·)", part)
        } & words
        right = ABSENT if told["record"] == ABSENT else kinds()[event.kind].statuses[told["record"]].zh
        told[place] = told["record"] if (bool(rows), said <= {right}) == (right != ABSENT, True) else "?"

    found = client.get(f"/api/v1/records/{own}")
    told["record"] = found.get_json()["status"] if found.status_code == 200 else ABSENT
    page = client.get(f"/records/{own}")
    told["record page"] = told["record"] if page.status_code == found.status_code else str(page.status_code)
    among("records", stage.house.get(f"/subjects/{code}/records")["results"])
    file = stage.house.get(f"/subjects/{code}")["records"].get(event.kind, {"records": []})
    among("credit file", file["records"])
    there("subject page", f"/subjects/{code}?kind={event.kind}", f"/records/{own}")
    there("feed", f"/subjects/{code}.atom", f"record/{own}")
    hits = stage.house.get("/search", q=f"示例甲{at}号有限公司", kind=event.kind)["results"]
    among("search", hits)
    lines = {
        line["id"]
        for line in stage.house.get("/suggest", q=event.values.get("number", "示例甲"))["suggestions"]
    }
    told["suggestions"] = "shown" if own in lines and told["record"] == ABSENT else told["record"]
    if event.kind == "listing":
        name = event.values["list"]
        among("list", stage.house.get(f"/lists/{name}")["results"])
        there("list page", f"/lists/{name}", f"/records/{own}")
        there("list feed", f"/lists/{name}.atom", f"record/{own}")
    if event.kind == "certificate":
        verified = stage.house.get(f"/certificates/{quote(event.values['number'], safe='')}")
        told["verification"] = verified["result"]
    return told


def restricted(stage: Stage, at: int) -> bool:
    """Whether the subject is restricted, by page and API alike."""
    answer: bool = stage.house.get(f"/restrictions/{stage.codes[at]}")["restricted"]
    return answer


def disagreeing(stage: Stage, expected: str) -> dict[tuple[int, str], dict[str, str]]:
    """The records of which a place tells something else."""
    wrong = {}
    for at, event in enumerate(EVENTS):
        told, right = look(stage, at), getattr(event, expected)
        if others := {place: said for place, said in told.items() if said != right}:
            wrong[at, f"{event.kind} should be {right}"] = others
    return wrong


def test_every_place_turns_at_midnight_with_the_index_or_without(stage: Stage) -> None:
    black = next(at for at, event in enumerate(EVENTS) if event.values.get("list") == "black")
    stage.house.sync()
    stage.stand(stage.last, first=False)
    stage.house.sync()
    assert disagreeing(stage, "before") == {}
    assert restricted(stage, black)
    stage.stand(stage.last + timedelta(days=1), first=True)
    assert disagreeing(stage, "after") == {}  # at once: before the index has followed
    assert not restricted(stage, black)
    stage.house.sync()
    assert disagreeing(stage, "after") == {}


def test_filters_of_search_turn_with_the_day(stage: Stage) -> None:
    def found(status: str) -> bool:
        asked = {"q": "示例甲0号有限公司", "kind": "certificate", "status": status}
        return stage.ids[0] in {hit["id"] for hit in stage.house.get("/search", **asked)["results"]}

    stage.stand(stage.last, first=False)
    stage.house.sync()
    assert (found("valid"), found("expired")) == (True, False)
    stage.stand(stage.last + timedelta(days=1), first=True)
    stage.house.sync()
    assert (found("valid"), found("expired")) == (False, True)


def test_an_index_whose_follower_was_down_for_a_week_catches_up_in_one_go(stage: Stage) -> None:
    stage.stand(stage.last - timedelta(days=3), first=True)
    stage.house.sync()
    stage.stand(stage.last + timedelta(days=4), first=False)
    stage.house.sync()
    assert disagreeing(stage, "after") == {}
    assert list(drifts(stage.house.desk.register, stage.house.app.extensions[EXTENSION].search)) == []


@pytest.mark.parametrize("start", [date(2026, 12, 27), date(2028, 2, 25)], ids=str)
@pytest.mark.parametrize("steps", [(9,), (1,) * 9, (4, 5), (2, 0, 7)], ids=str)
def test_the_calendar_gives_the_same_however_many_days_were_missed(
    house: House, start: date, steps: tuple[int, ...]
) -> None:
    desk = house.desk
    days = [start + timedelta(days=at) for at in range(-3, 13)]
    drafts = [
        row(at + 2, "示例有限公司", uscc(1), number=f"示例-{at}", valid_until=day.isoformat())
        for at, day in enumerate(days)
    ]
    desk.publish("certificate", drafts)
    queue, today = Queue(desk.engine), start
    queue.follow_calendar(today)
    queue.drop(queue.last())
    for step in steps:
        today += timedelta(days=step)
        queue.follow_calendar(today)
        queue.follow_calendar(today)
    with desk.engine.connect() as connection:
        turned = (
            select(Version.valid_until, func.count())
            .join(Outbox, Outbox.record_id == Version.record_id)
            .group_by(Version.valid_until)
        )
        found = {row[0]: row[1] for row in connection.execute(turned)}
    assert found == {day: 1 for day in days if start <= day < start + timedelta(days=9)}

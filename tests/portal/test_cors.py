"""Scripts of other sites may ask what only reads, see the headers they need, and never act or bring cookies."""

from typing import Any

import pytest

from portal.api.operations import OPERATIONS
from tests.portal.conftest import API, House
from tests.portal.test_hostile_input import ADDRESSES

ELSEWHERE = {"Origin": "https://elsewhere.example"}
PREFLIGHT = ELSEWHERE | {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "authorization,if-none-match",
}


def granted(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}


@pytest.mark.parametrize("path", [*ADDRESSES, "/openapi.json", "/lists/green"])
def test_a_script_elsewhere_reads_answers_and_problems_with_their_headers(house: House, path: str) -> None:
    answer = house.client.get(f"{API}{path}", headers=ELSEWHERE)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id", "Location"} <= set(
        exposed
    )
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/search", "/lists/red", "/subjects/batch"])
def test_a_preflight_is_told_what_may_be_sent(house: House, path: str) -> None:
    answer = house.client.options(f"{API}{path}", headers=PREFLIGHT)
    assert answer.status_code == 200
    told = granted(answer)
    methods = told["Access-Control-Allow-Methods"]
    assert methods == ("POST" if path == "/subjects/batch" else "GET, HEAD")
    allowed = told["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "if-none-match", "content-type", "x-request-id"} <= set(allowed)
    assert int(told["Access-Control-Max-Age"]) > 0 and told["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_what_acts_is_for_no_script_elsewhere(house: House, method: str) -> None:
    answer = house.client.open(f"{API}/checks", method=method, headers=PREFLIGHT, json={})
    assert granted(answer) == {}


def test_pages_are_for_no_script_elsewhere(house: House) -> None:
    for path in ("/", "/login", "/healthz", "/nothing", f"{API}/nothing"):
        for method in ("GET", "OPTIONS"):
            assert granted(house.client.open(path, method=method, headers=PREFLIGHT)) == {}


def test_nothing_that_changes_something_is_counted_as_reading() -> None:
    assert {each.name for each in OPERATIONS if each.method == "POST" and each.only_reads} == {"credit_files"}

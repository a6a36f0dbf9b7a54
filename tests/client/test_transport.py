"""How the client asks: patience with an end, keys that go nowhere else, answers that did not change, and nothing guessed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.client.conftest import Scripted
from tests.conftest import StartPortal
from zhixin_client import (
    Client,
    NoAnswer,
    NotAllowed,
    Patience,
    TooManyRequests,
    Unavailable,
    UnexpectedAnswer,
)
from zhixin_client.models import BidderGiven, CheckBody

Start = Callable[..., Scripted]
JSON = {"Content-Type": "application/json"}
GOOD = (200, JSON, b'{"suggestions": []}')
CHECK = CheckBody(bidders=[BidderGiven(name="示例")])


def problem(status: int, **headers: str) -> tuple[int, dict[str, str], bytes]:
    said = {"type": "/docs/problems#some-code", "title": "t", "status": status, "detail": "d"}
    return status, {"Content-Type": "application/problem+json"} | headers, json.dumps(said).encode()


def patient(script: Scripted, waited: list[float], **settings: object) -> Client:
    """A client whose waits are noted instead of waited for."""
    client = Client(script.url, patience=Patience(retries=2, longest_wait=20, first_wait=0.5), **settings)  # type: ignore[arg-type]
    client._transport._sleep = waited.append
    return client


def test_it_waits_as_long_as_the_portal_says_and_asks_again(scripted: Start) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=10), usegmt=True)
    script = scripted(problem(429, **{"Retry-After": "7"}), problem(503, **{"Retry-After": soon}), GOOD)
    waited: list[float] = []
    assert patient(script, waited).suggest("x").suggestions == []
    assert waited[0] == 7 and 8 < waited[1] <= 10 and len(script.asked) == 3


def test_it_does_not_wait_longer_than_it_was_told_to(scripted: Start) -> None:
    script = scripted(problem(429, **{"Retry-After": "21"}))
    waited: list[float] = []
    with pytest.raises(TooManyRequests) as refused:
        patient(script, waited).suggest("x")
    assert (refused.value.retry_after, refused.value.code, waited) == (21, "some-code", [])


def test_it_gives_up(scripted: Start) -> None:
    script = scripted(problem(503), problem(503), problem(503))
    waited: list[float] = []
    with pytest.raises(Unavailable):
        patient(script, waited).suggest("x")
    assert waited == [0.5, 1.0] and len(script.asked) == 3


def test_a_broken_connection_is_tried_again_for_reading_and_never_for_filing(scripted: Start) -> None:
    script = scripted(None, GOOD)
    waited: list[float] = []
    assert patient(script, waited).suggest("x").suggestions == []
    script = scripted(None)
    with pytest.raises(NoAnswer):
        patient(script, waited).ask_check(CHECK)
    assert len(script.asked) == 1


def test_a_check_is_asked_for_again_where_nothing_was_filed(scripted: Start) -> None:
    script = scripted(problem(503, **{"Retry-After": "1"}), problem(400))
    waited: list[float] = []
    with pytest.raises(Exception, match="400"):
        patient(script, waited).ask_check(CHECK)
    assert waited == [1] and [method for method, *_ in script.asked] == ["POST", "POST"]


def test_a_kept_answer_is_asked_for_by_its_tag(scripted: Start) -> None:
    tagged = (200, JSON | {"ETag": '"a"'}, b'{"suggestions": [{"text": "t", "kind": "k", "id": "i"}]}')
    script = scripted(tagged, (304, {"ETag": '"a"'}, b""), GOOD)
    client = patient(script, [])
    assert client.suggest("x") == client.suggest("x")
    assert script.asked[1][2]["If-None-Match"] == '"a"'
    assert client.suggest("other").suggestions == [] and "If-None-Match" not in script.asked[2][2]


def test_no_more_answers_are_kept_than_wanted(scripted: Start) -> None:
    tagged = (200, JSON | {"ETag": '"a"'}, b'{"suggestions": []}')
    script = scripted(*[tagged] * 4)
    client = patient(script, [], keep=1)
    for asked in ("x", "y", "x", "x"):
        client.suggest(asked)
    assert ["If-None-Match" in headers for *_, headers in script.asked] == [False, False, False, True]


def test_an_answer_that_may_not_be_kept_is_not(scripted: Start) -> None:
    secret = (200, JSON | {"ETag": '"a"', "Cache-Control": "no-store"}, b'{"suggestions": []}')
    script = scripted(secret, secret)
    client = patient(script, [])
    client.suggest("x")
    client.suggest("x")
    assert "If-None-Match" not in script.asked[1][2]


def test_the_key_and_who_asks_are_sent(scripted: Start) -> None:
    script = scripted(GOOD)
    patient(script, [], key="secret", application="tender/1.0 (ops@example.cn)", language="en").suggest("x")
    headers = script.asked[0][2]
    assert headers["Authorization"] == "Bearer secret" and headers["Accept-Language"] == "en"
    assert headers["User-Agent"].startswith("zhixin-client/") and "tender/1.0" in headers["User-Agent"]


def test_a_key_goes_nowhere_else(scripted: Start) -> None:
    elsewhere = scripted(GOOD)
    script = scripted((302, {"Location": elsewhere.url}, b""))
    with pytest.raises(UnexpectedAnswer):
        patient(script, [], key="secret").suggest("x")
    assert elsewhere.asked == []
    with pytest.raises(ValueError, match="https"):
        Client("http://credit.example.cn", "secret")
    with pytest.raises(ValueError, match="key"):
        Client("https://credit.example.cn", "line\r\nbreak")


@pytest.mark.parametrize(
    "url", ["", "credit.example.cn", "ftp://x", "http://", "https://a:b@x", "https://x?y=1"]
)
def test_what_is_no_address_of_a_portal_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Client(url)


@pytest.mark.parametrize(
    "reply",
    [
        (200, {"Content-Type": "text/html"}, b"<html>log in"),
        (200, JSON, b'{"suggestions": [{"text": 5}]}'),
        (200, JSON, b"{"),
        (404, {"Content-Type": "text/html"}, b"nothing"),
        (400, {"Content-Type": "application/problem+json"}, b"[]"),
    ],
)
def test_what_is_not_understood_is_an_error_and_never_guessed(
    scripted: Start, reply: tuple[int, dict[str, str], bytes]
) -> None:
    with pytest.raises(UnexpectedAnswer):
        patient(scripted(reply), []).suggest("x")


def test_a_later_portals_new_fields_are_passed_over(scripted: Start) -> None:
    newer = (200, JSON, b'{"suggestions": [{"text": "t", "kind": "k", "id": "i", "new": 1}], "more": {}}')
    assert patient(scripted(newer), []).suggest("x").suggestions[0].text == "t"


def test_a_proxy_that_answers_for_the_portal_is_asked_again(scripted: Start) -> None:
    page = (502, {"Content-Type": "text/html"}, b"<html>")
    assert patient(scripted(page, GOOD), []).suggest("x").suggestions == []


def test_a_wrong_key_is_told(scripted: Start) -> None:
    with pytest.raises(NotAllowed):
        patient(scripted(problem(401)), []).suggest("x")


def test_a_real_limit_is_waited_out(gunicorn: StartPortal) -> None:
    portal = gunicorn({"ZHIXIN_RATE_LIMITS": "3/second"})
    with Client(portal.url, patience=Patience(retries=4, longest_wait=5)) as client:
        found = [client._transport.ask("GET", "/openapi.json", None).status for _ in range(7)]
    assert found == [200] * 7
    with Client(portal.url, patience=Patience(retries=0)) as client:
        asking = (client._transport.ask("GET", "/openapi.json", None) for _ in range(10))
        with pytest.raises(TooManyRequests) as refused:
            list(asking)
        assert refused.value.retry_after is not None and refused.value.retry_after >= 1

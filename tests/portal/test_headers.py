"""Headers: what a cache may keep, and what a browser may do."""

import pytest

from indexer.clock import Clock
from indexer.demo.stories import BLACKLISTED, CLEAN_AAA
from indexer.demo.story_facts import certificates_of
from tests.portal.conftest import API, House, Program
from tests.register.conftest import row, uscc

NUMBER = certificates_of(CLEAN_AAA, Clock().today())[0].number
ASKED_AGAIN = [
    "/search?q=%E7%A4%BA%E4%BE%8B",
    "/suggest?q=%E7%A4%BA%E4%BE%8B",
    f"/subjects/{CLEAN_AAA.code}",
    f"/subjects/{CLEAN_AAA.code}/records",
    f"/restrictions/{BLACKLISTED.code}",
    f"/certificates/{NUMBER}",
    "/lists/black",
    "/openapi.json",
]


@pytest.mark.parametrize("path", ASKED_AGAIN)
def test_an_answer_asked_for_again_is_304_when_nothing_changed(program: Program, path: str) -> None:
    target = API + path
    first = program.fetch(target)
    assert first.status == 200
    tag = first.headers["ETag"]
    again = program.fetch(target, {"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == tag
    assert program.fetch(target, {"If-None-Match": '"other"'}).status == 200


def test_a_changed_file_has_another_tag(house: House) -> None:
    path = f"{API}/subjects/{uscc(1)}"
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", uscc(1))])
    tag = house.client.get(path).headers["ETag"]
    assert house.client.get(path, headers={"If-None-Match": tag}).status_code == 304
    house.desk.publish("enterprise", [row(3, "示例乙有限公司", uscc(1))])
    assert house.client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_an_answer_must_be_asked_again_and_depends_on_the_language(program: Program) -> None:
    reply = program.of("/subjects", CLEAN_AAA.code)
    assert "no-cache" in reply.headers["Cache-Control"]
    assert "Accept-Language" in reply.headers["Vary"]


@pytest.mark.parametrize(
    "target",
    [f"{API}/subjects/{CLEAN_AAA.code}", f"{API}/nothing", f"{API}/openapi.json", "/healthz", "/readyz"],
)
def test_security_headers_are_on_every_answer_and_no_cookie(program: Program, target: str) -> None:
    headers = program.fetch(target).headers
    policy = headers["Content-Security-Policy"]
    assert (
        "default-src 'self'" in policy
        and "frame-ancestors 'none'" in policy
        and "object-src 'none'" in policy
    )
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers
    assert "X-Powered-By" not in headers

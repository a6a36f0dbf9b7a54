"""Answers are compressed for whoever takes it, and never one that holds something of one reader's own."""

import gzip

import pytest

from indexer.accounts.roles import Role
from indexer.demo.stories import CLEAN_AAA
from portal.context import EXTENSION
from tests.accounts.cast import inside, somebody
from tests.portal.conftest import API, House, Program
from tests.register.conftest import row, uscc

GZIP = {"Accept-Encoding": "br, gzip"}
FILE = f"{API}/subjects/{CLEAN_AAA.code}"


@pytest.mark.parametrize("target", [FILE, f"{API}/openapi.json", "/", "/docs/api", "/static/css/base.css"])
def test_a_long_answer_is_the_same_compressed(program: Program, target: str) -> None:
    plain, packed = program.fetch(target), program.fetch(target, GZIP)
    if target.startswith("/static"):
        assert plain.status in (200, 404)
        if plain.status == 404:
            return
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 2
    if not target.startswith("/search"):
        assert gzip.decompress(packed.body) == plain.body
    assert int(packed.headers["Content-Length"]) == len(packed.body)
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]


def test_other_bytes_have_a_weak_tag_and_it_is_as_good(program: Program) -> None:
    plain, packed = program.fetch(FILE).headers["ETag"], program.fetch(FILE, GZIP).headers["ETag"]
    assert packed == f"W/{plain}"
    for tag in (plain, packed):
        assert program.fetch(FILE, GZIP | {"If-None-Match": tag}).status == 304


@pytest.mark.parametrize("taken", ["", "identity", "gzip;q=0", "br", "deflate"])
def test_nothing_is_compressed_for_those_who_do_not_take_it(program: Program, taken: str) -> None:
    assert "Content-Encoding" not in program.fetch(FILE, {"Accept-Encoding": taken}).headers


def test_head_is_told_the_same_as_get(program: Program) -> None:
    get, head = program.fetch(FILE, GZIP), program.fetch(FILE, GZIP, "HEAD")
    for name in ("Content-Encoding", "Content-Length", "ETag", "Vary"):
        assert get.headers[name] == head.headers[name]


def test_a_short_answer_and_an_error_stay_as_they_are(program: Program) -> None:
    for target in ("/healthz", f"{API}/lists/green", f"{API}/nothing"):
        assert "Content-Encoding" not in program.fetch(target, GZIP).headers


def test_a_page_with_a_token_or_for_somebody_is_not_compressed(house: House) -> None:
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", uscc(1))])
    accounts = house.app.extensions[EXTENSION].accounts
    owner = inside(accounts, somebody(accounts, "a@example.cn", Role.ENTERPRISE, uscc(1)), house.client)
    login = house.client.get("/login", headers=GZIP)
    assert "csrf_token" in login.text and "Content-Encoding" not in login.headers
    for path in ("/account", f"/subjects/{uscc(1)}", "/"):
        page = owner.get(path, headers=GZIP)
        assert page.status_code == 200 and "Content-Encoding" not in page.headers


def test_what_opens_something_is_not_compressed(program: Program) -> None:
    body = b'{"bidders": [' + b",".join([b'{"id": "%s"}' % CLEAN_AAA.code.encode()] * 5) + b"]}"
    reply = program.post(f"{API}/checks", body, "application/json", GZIP)
    assert reply.status == 200 and len(reply.body) > 4000 and "Content-Encoding" not in reply.headers

"""Bodies, headers and cursors that nobody should send: a 4xx that names what is wrong, and nothing done that was not asked for."""

import base64
import gzip
import json
import time
import zlib
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.demo.stories import CLEAN_AAA
from portal.bodies import DEEPEST, parsed
from portal.uploads import CheckBody
from tests.portal.conftest import API, Program, Reply
from tests.portal.test_hostile_input import ADDRESSES, is_problem

BATCH, CHECKS = f"{API}/subjects/batch", f"{API}/checks"
BODIES = [BATCH, CHECKS]
JSON = "application/json"
SOUND = {BATCH: {"ids": [CLEAN_AAA.code]}, CHECKS: {"bidders": [{"id": CLEAN_AAA.code}]}}
BOMB = b'{"ids": ["' + b"0" * 50_000_000 + b'"]}'


def refused(reply: Reply, status: int, *where: str) -> None:
    is_problem(reply, status)
    assert set(reply.wrong) == set(where), reply.text


def deep(levels: int) -> list[bytes]:
    return [
        b"[" * levels + b"]" * levels,
        b'{"ids":' * levels + b"1" + b"}" * levels,
        b'[{"a":' * (levels // 2),
    ]


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("levels", [DEEPEST + 1, 1000, 30_000])
def test_json_that_is_nested_deep_is_refused(program: Program, path: str, levels: int) -> None:
    for body in deep(levels)[: 2 if levels < 1000 else 3]:
        if len(body) < 60_000:
            refused(program.post(path, body, JSON), 400, "body")


def test_brackets_in_a_string_are_not_deep() -> None:
    with pytest.raises(Exception, match="nome") as raised:
        parsed(b'{"bidders": [{"id": "x", "nome": "' + b"[{" * 500 + b'\\"[["}]}', CheckBody, "body")
    assert "nested" not in str(raised.value)


@pytest.mark.parametrize("piece", [b'"', b'\\"', b'"\\', b"[", b'["', b"\\"])
def test_depth_is_told_in_a_time_that_grows_with_the_length_only(piece: bytes) -> None:
    began = time.perf_counter()
    with pytest.raises(Exception, match=r".") as raised:
        parsed(b'"' + piece * 2_000_000, CheckBody, "body")
    assert type(raised.value).__name__ == "WrongArguments"
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    "number",
    ["1" * 5000, "-" + "9" * 400, "1e999", "-1e999", "NaN", "Infinity", "1" * 4000 + ".5", "0x10", "1_0"],
)
def test_huge_and_strange_numbers_are_refused(program: Program, path: str, number: str) -> None:
    name = "ids" if path == BATCH else "bidders"
    for body in (f'{{"{name}": [{number}]}}', f'{{"{name}": {number}}}', number):
        reply = program.post(path, body.encode(), JSON)
        is_problem(reply, 400)
        assert reply.wrong and reply.wrong[0].partition(".")[0] in ("body", name)


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    "media",
    [
        "",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/json-patch+json",
        "x",
        "*/*",
        "image/png",
    ],
)
def test_other_media_types_are_415(program: Program, path: str, media: str) -> None:
    refused(program.post(path, json.dumps(SOUND[path]).encode(), media), 415, "Content-Type")


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    "coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP", "x-gzip", "identity, gzip"]
)
def test_packed_bodies_are_refused_without_unpacking_them(program: Program, path: str, coding: str) -> None:
    packed = zlib.compress(BOMB) if coding == "deflate" else gzip.compress(BOMB)
    began = time.monotonic()
    refused(program.post(path, packed, JSON, {"Content-Encoding": coding}), 415, "Content-Encoding")
    assert time.monotonic() - began < 2


def test_forms_and_pages_take_no_packed_bodies_either(program: Program) -> None:
    for path in ("/login", "/check", "/complaints"):
        reply = program.post(
            path, gzip.compress(b"a=b"), "application/x-www-form-urlencoded", {"Content-Encoding": "gzip"}
        )
        assert reply.status == 415


@pytest.mark.parametrize("path", BODIES)
def test_an_unpacked_body_may_say_so(program: Program, path: str) -> None:
    reply = program.post(path, json.dumps(SOUND[path]).encode(), JSON, {"Content-Encoding": "identity"})
    assert reply.status == 200


def test_a_body_that_is_too_large_is_413_and_names_the_body(program: Program) -> None:
    refused(program.post(BATCH, b" " * 70_000, JSON), 413, "body")


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"null",
        b"[]",
        b"1",
        b'"a"',
        b"{}",
        b'{"ids": null}',
        b'{"bidders": {}}',
        b"\xef\xbb\xbf{}",
        b"{}{}",
        b"\x00",
    ],
)
def test_what_is_no_question_is_refused_by_name(program: Program, path: str, body: bytes) -> None:
    reply = program.post(path, body, JSON)
    is_problem(reply, 400)
    assert reply.wrong


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_body_where_none_belongs_changes_nothing(program: Program, path: str) -> None:
    target = f"{API}{path}" + ("?q=a" if path in ("/search", "/suggest") else "")
    plain = program.fetch(target)
    assert program.fetch(target, {"Content-Length": "0", "Content-Type": "text/plain"}).status == plain.status


OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]


@pytest.mark.parametrize("header", OVERRIDES)
def test_a_method_is_overridden_by_nothing(program: Program, header: str) -> None:
    reading = f"{API}/subjects/{CLEAN_AAA.code}"
    for method in ("DELETE", "POST", "PUT"):
        assert program.fetch(reading, {header: method}).status == 200
    is_problem(program.post(reading, b"", "text/plain", {header: "GET"}), 405)
    refused(program.fetch(f"{reading}?_method=DELETE"), 400, "_method")


@pytest.mark.parametrize(
    "injected",
    ["a%0d%0aSet-Cookie:%20x=1", "%0aX-Injected:%201", "%e5%98%8a%e5%98%8dX-Injected:1", "%0d%0a%0d%0a<b>"],
)
def test_nothing_that_was_sent_becomes_a_header(program: Program, injected: str) -> None:
    targets = [f"{API}/search?q={injected}", f"{API}/subjects/{injected}", f"/subjects/{injected}"]
    targets += [f"/search?q={injected}", f"/{injected}", f"/login?next=/{injected}", f"//{injected}"]
    for target in targets:
        reply = program.fetch(target)
        assert "X-Injected" not in reply.headers and "x=1" not in reply.headers.get("Set-Cookie", "")
        assert reply.status < 500


@pytest.mark.parametrize(
    "name",
    [
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "Forwarded",
        "X-Original-URL",
        "X-Rewrite-URL",
        "Range",
        "If-Match",
    ],
)
def test_headers_that_proxies_write_mean_nothing_from_a_stranger(program: Program, name: str) -> None:
    target = f"{API}/subjects/{CLEAN_AAA.code}"
    reply = program.fetch(target, {name: "/admin, evil.example"})
    assert reply.status == 200 and "evil.example" not in reply.text + str(reply.headers)


def cursors(program: Program) -> dict[str, str]:
    asked: dict[str, dict[str, Any]] = {
        "/search": {"q": "示例", "limit": 1},
        "/lists/black": {"limit": 1},
        f"/subjects/{CLEAN_AAA.code}/records": {"limit": 1},
    }
    return {path: program.get(path, **each).json["next"] for path, each in asked.items()}


@pytest.fixture(scope="module")
def given_out(program: Program) -> dict[str, str]:
    return cursors(program)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_cursor_that_was_tampered_with_is_refused_or_still_one_of_ours(
    program: Program, given_out: dict[str, str], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(sorted(given_out)))
    cursor = given_out[path]
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    tampered = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    asked = {"q": "示例"} if path == "/search" else {}
    reply = program.get(path, limit=1, cursor=tampered, **asked)
    if reply.status != 200:
        refused(reply, 400, "cursor")


@settings(max_examples=60, deadline=None)
@given(
    values=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda below: (
            st.lists(below, max_size=4)
            | st.dictionaries(
                st.text(max_size=8) | st.sampled_from(["ids", "bidders", "id"]), below, max_size=4
            )
        ),
        max_leaves=12,
    ),
    path=st.sampled_from(BODIES),
)
def test_no_json_whatever_is_answered_with_an_error_of_ours(program: Program, values: Any, path: str) -> None:
    reply = program.post(path, json.dumps(values).encode(), JSON)
    assert reply.status in (200, 400), reply.text
    assert quote("示") not in reply.headers.get("Location", "")

"""What nobody should send and somebody will: a clear answer that names the argument, in one shape, with nothing of the inside."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.demo.stories import CLEAN_AAA
from indexer.settings import Settings
from portal.api.operations import OPERATIONS
from portal.api.schemas import Problem
from portal.app import create_app
from tests.portal.conftest import API, Program, Reply

CODE = CLEAN_AAA.code
KNOWN = {
    "<id>": CODE,
    "<key>": "k" * 32,
    "<number>": "ZX-20261123-222222",
    "<path:number>": "99926Q10001R0S",
    "<name>": "black",
}
INSIDE = re.compile(
    r"traceback|sqlite|sqlalchemy|psycopg|postgres|tantivy|pydantic|werkzeug|flask|jinja|redis|valkey|gunicorn|"
    r"\.py\b|site-packages|select .* from|/tmp/|/home/|exception|errno|no such table|\bNone\b|0x[0-9a-f]{6}",
    re.IGNORECASE,
)
"""Words that only the inside knows."""


def addresses() -> list[str]:
    """An address of each operation, with something known in it."""
    paths = []
    for operation in OPERATIONS:
        if operation.method != "GET":
            continue
        path = operation.path.replace("<id>", "0" * 24) if "/records/<" in operation.path else operation.path
        for part, value in KNOWN.items():
            path = path.replace(part, value)
        paths.append(path)
    return paths


ADDRESSES = addresses()


def is_problem(reply: Reply, status: int) -> Any:
    """The problem that was answered, in the one shape of all problems."""
    assert reply.status == status, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["Cache-Control"] == "no-store"
    problem = Problem.model_validate_json(reply.body)
    allowed = {"type", "title", "status", "detail", "errors", "suggestions", "request_id"}
    assert {"type", "title", "status", "detail"} <= reply.json.keys() <= allowed
    assert problem.status == status
    assert re.fullmatch(r"/docs/problems#[a-z-]+", problem.type)
    assert problem.title and problem.detail
    for each in reply.json.get("errors", ()):
        assert set(each) == {"where", "message"} and each["where"] and each["message"]
    assert not INSIDE.search(reply.text), reply.text
    return reply.json


@pytest.fixture(scope="module")
def asked(demonstration: Path) -> FlaskClient:
    """The portal over the demonstration register, without a server between."""
    return create_app(Settings(data=demonstration, rate_limits=())).test_client()


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_unknown_parameter_is_named(program: Program, path: str) -> None:
    reply = (
        program.get(path, q="a", colour="red")
        if path in ("/search", "/suggest")
        else program.get(path, colour="red")
    )
    is_problem(reply, 400)
    assert reply.wrong == ["colour"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_doubled_parameter_is_named(program: Program, path: str) -> None:
    reply = program.fetch(f"{API}{path}?q=1&q=2&limit=1&limit=2")
    is_problem(reply, 400)
    assert reply.wrong == ["q", "limit"]


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("value", ["%00", "a%0d%0ab", "%1b[31m", "%7f", "%c2%85", "a%09b"])
def test_control_characters_are_refused_by_name(program: Program, path: str, value: str) -> None:
    reply = program.fetch(f"{API}{path}?cursor={value}")
    is_problem(reply, 400)
    assert reply.wrong == ["cursor"]


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("value", [b"%ff", b"%c3%28", b"%ed%a0%80", b"%B0%A1"])
def test_bytes_that_are_no_utf8_are_refused_by_name(program: Program, path: str, value: bytes) -> None:
    reply = program.raw(f"{API}{path}?q=".encode() + value)
    is_problem(reply, 400)
    assert reply.wrong == ["q"]


@pytest.mark.parametrize("raw", [b"q=\xff", b"q=\xb0\xa1", b"q=a\xc3"])
def test_raw_bytes_that_are_no_utf8_are_refused_by_name(asked: FlaskClient, raw: bytes) -> None:
    answer = asked.get(f"{API}/search", environ_overrides={"QUERY_STRING": raw.decode("latin-1")})
    problem = is_problem(Reply(answer.status_code, dict(answer.headers), answer.data), 400)
    assert [each["where"] for each in problem["errors"]] == ["q"]


def test_utf8_that_nobody_encoded_is_read_all_the_same(asked: FlaskClient) -> None:
    raw = "q=示例".encode().decode("latin-1")
    answer = asked.get(f"{API}/search", environ_overrides={"QUERY_STRING": raw})
    assert answer.get_json()["query"] == "示例"


@pytest.mark.parametrize("target", [b"/search?q=\xff", b"/subjects/\xff", b"/search?q=a b", b"/\x00"])
def test_what_is_no_http_is_refused_before_the_portal(program: Program, target: bytes) -> None:
    assert program.raw(API.encode() + target).status == 400


@pytest.mark.parametrize("path", ["/subjects/", "/restrictions/"])
@pytest.mark.parametrize("part", [b"%ff", b"9132%c3%28"])
def test_a_path_that_is_no_utf8_is_refused_by_name(program: Program, path: str, part: bytes) -> None:
    reply = program.raw(f"{API}{path}".encode() + part)
    is_problem(reply, 400)
    assert reply.wrong == ["id"]


@pytest.mark.parametrize("part", [b"A%ffB1234", b"ABC%00", b"ABC%1b1"])
def test_a_number_with_broken_bytes_or_control_characters_is_refused(program: Program, part: bytes) -> None:
    reply = program.raw(f"{API}/certificates/".encode() + part)
    is_problem(reply, 400)
    assert reply.wrong == ["number"]


@pytest.mark.parametrize("path", ["/search", "/suggest"])
@pytest.mark.parametrize("q", ["a" * 1001, "示" * 1001, "a" * 10_000, "示" * 10_000])
def test_a_query_of_over_a_thousand_characters_is_413(program: Program, path: str, q: str) -> None:
    problem = is_problem(program.get(path, q=q), 413)
    assert "1000" in problem["detail"]


@pytest.mark.parametrize("q", ["a" * 1000, "示" * 1000, "示例 " * 333])
def test_a_query_of_a_thousand_characters_is_answered(program: Program, q: str) -> None:
    assert program.get("/search", q=q).status == 200
    assert program.get("/suggest", q=q).status == 200


@pytest.mark.parametrize(
    "q",
    [
        "",
        " ",
        "，。！？",
        "()（）[]",
        '"',
        "\\",
        "AND OR NOT",
        "* ~ ^ : +-",
        "🙂🙂",
        "\u200b",
        "' OR 1=1;--",
        "%",
        "_",
    ],
)
def test_a_query_of_only_punctuation_is_answered(program: Program, q: str) -> None:
    reply = program.get("/search", q=q)
    assert reply.status == 200, reply.text
    assert reply.json["query"] == q
    assert program.get("/suggest", q=q).status == 200


@pytest.mark.parametrize("q", ["", "，。！？", "()（）[]", '"', "* ~ ^ : +-"])
def test_a_query_without_a_word_finds_nothing(program: Program, q: str) -> None:
    answer = program.get("/search", q=q).json
    assert (
        answer["results"] == []
        and answer["total"] == {"value": 0, "relation": "eq"}
        and answer["next"] is None
    )


@pytest.mark.parametrize(
    "value", ["0", "-1", "abc", "1e3", "1.0", "10 ", "+5", "1_0", "0x10", "１０", "٣", "NaN", "9" * 18]
)
@pytest.mark.parametrize("path", ["/search", f"/subjects/{CODE}/records", "/lists/black"])
def test_a_limit_that_is_no_number_in_range_is_refused_by_name(
    program: Program, path: str, value: str
) -> None:
    asked = {"q": "示例"} if path == "/search" else {}
    reply = program.get(path, limit=value, **asked)
    is_problem(reply, 400)
    assert reply.wrong == ["limit"]


@pytest.mark.parametrize(
    ("path", "most"), [("/search", 100), (f"/subjects/{CODE}/records", 200), ("/lists/black", 200)]
)
def test_the_largest_limit_is_taken_and_one_more_is_not_clamped(
    program: Program, path: str, most: int
) -> None:
    asked = {"q": "示例"} if path == "/search" else {}
    assert program.get(path, limit=most, **asked).status == 200
    reply = program.get(path, limit=most + 1, **asked)
    is_problem(reply, 400)
    assert str(most) in reply.json["errors"][0]["message"]


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-30",
        "2026-13-01",
        "2026-1-1",
        "20260101",
        "2026-W10-1",
        "2026-060",
        "today",
        "0000-01-01",
        "２０２６-01-01",
        "2026-01-01T00:00:00Z",
    ],
)
@pytest.mark.parametrize(
    ("path", "name"),
    [("/certificates/1234567", "as_of"), (f"/restrictions/{CODE}", "as_of"), ("/lists/black", "since")],
)
def test_what_is_no_day_is_refused_by_name(program: Program, path: str, name: str, value: str) -> None:
    reply = program.get(path, **{name: value})
    is_problem(reply, 400)
    assert reply.wrong == [name]
    assert "YYYY-MM-DD" in reply.json["detail"]


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01",
        "2026-03-01T09:00:00",
        "2026-03-01T09:00:00 08:00",
        "2026-02-30T00:00:00Z",
        "1767225600",
        "now",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-03-01T25:00:00Z",
        "2026-03-01T09:00:00+99:00",
    ],
)
def test_what_is_no_instant_is_refused_by_name(program: Program, value: str) -> None:
    reply = program.get(f"/restrictions/{CODE}", known_at=value)
    is_problem(reply, 400)
    assert reply.wrong == ["known_at"]


@pytest.mark.parametrize("value", ["-1", "1899", "3000", "99999999999999999999", "abc"])
def test_a_year_out_of_range_is_refused_by_name(program: Program, value: str) -> None:
    reply = program.get("/search", q="示例", year=value)
    is_problem(reply, 400)
    assert reply.wrong == ["year"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/search?q=a", "kind"), ("/search?q=a", "sort"), (f"/subjects/{CODE}/records?limit=1", "kind")],
)
def test_a_word_that_is_none_of_the_known_is_refused_and_those_are_named(
    program: Program, path: str, name: str
) -> None:
    reply = program.fetch(f"{API}{path}&{name}=colour")
    is_problem(reply, 400)
    assert reply.wrong == [name]
    assert re.search("certificate|newest", reply.json["detail"])


def test_an_unknown_list_is_refused_and_the_lists_are_named(program: Program) -> None:
    reply = program.get("/lists/green")
    is_problem(reply, 400)
    assert reply.wrong == ["name"] and "abnormal" in reply.json["detail"]


@pytest.mark.parametrize("path", ["/search", f"/subjects/{CODE}/records", "/lists/black", "/lists/red"])
@pytest.mark.parametrize(
    "garbage", ["x", "=", "AAAA", "W10", "WyJhIiwiYiIsImMiXQ", "null", "bnVsbA", "示例", "../..", "W" * 200]
)
def test_a_cursor_that_was_never_given_out_is_refused(program: Program, path: str, garbage: str) -> None:
    asked = {"q": "示例"} if path == "/search" else {}
    reply = program.get(path, cursor=garbage, **asked)
    is_problem(reply, 400)
    assert reply.wrong == ["cursor"]


def test_a_cursor_of_another_search_is_refused(program: Program) -> None:
    cursor = program.get("/search", q="示例", limit=1).json["next"]
    for other in ({"q": "有限"}, {"q": "示例", "kind": "enterprise"}, {"q": "示例", "sort": "newest"}):
        reply = program.get("/search", cursor=cursor, limit=1, **other)
        is_problem(reply, 400)
        assert reply.wrong == ["cursor"]


def test_a_cursor_of_another_list_is_refused(program: Program) -> None:
    cursor = program.get("/lists/black", limit=1).json["next"]
    for path, asked in (
        ("/lists/red", {}),
        ("/lists/black", {"since": "2000-01-01"}),
        ("/lists/black", {"region": "江苏省"}),
    ):
        reply = program.get(path, limit=1, cursor=cursor, **asked)
        is_problem(reply, 400)
        assert reply.wrong == ["cursor"]


@pytest.mark.parametrize("identity", ["zzz", "0" * 23, "0" * 25, "G" * 24, "０" * 24, "0" * 24 + "%0a"])
@pytest.mark.parametrize("tail", ["", "/history"])
def test_what_is_no_record_id_is_refused_by_name(program: Program, identity: str, tail: str) -> None:
    reply = program.fetch(f"{API}/records/{quote(identity, safe='%')}{tail}")
    is_problem(reply, 400)
    assert reply.wrong == ["id"]


@pytest.mark.parametrize("tail", ["", "/history"])
def test_an_unknown_record_is_404(program: Program, tail: str) -> None:
    is_problem(program.get(f"/records/{'0' * 24}{tail}"), 404)


def test_too_many_parameters_are_one_clear_error(program: Program) -> None:
    reply = program.fetch(f"{API}/search?" + "&".join(f"a{n}=1" for n in range(100)))
    is_problem(reply, 400)


@pytest.mark.parametrize(
    "path",
    [
        "/certificates/..%2f..%2f..%2fetc%2fpasswd",
        "/certificates/%2e%2e/%2e%2e",
        "/subjects/..%2f..%2fetc",
        "/lists/..%2fblack",
        "/records/%2e%2e%2f",
        "/nothing",
        "/subjects",
        "/subjects/",
        f"/subjects/{CODE}/",
        f"/subjects/{CODE}/nothing",
        "/search/",
        "//search",
        "/certificates/",
        "/certificates/ABC%0a1",
        "/certificates//",
        "/../v2/search",
        "/subjects/" + "9" * 5000,
        "/certificates/" + "9" * 5000,
        "/certificates/" + "%e7%a4%ba" * 5000,
        "/" + "a/" * 4000,
    ],
)
def test_strange_paths_are_problems_and_never_files(program: Program, path: str) -> None:
    reply = program.fetch(f"{API}{path}")
    if reply.status in (301, 308):  # slashes merged
        assert reply.headers["Location"].startswith(("/", f"http://{program.host}/"))
        return
    is_problem(reply, reply.status)
    assert reply.status in (400, 404)
    assert "root:" not in reply.text


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_405_and_the_allowed_are_named(program: Program, path: str, method: str) -> None:
    reply = program.fetch(f"{API}{path}", method=method)
    is_problem(reply, 405)
    assert "GET" in reply.headers["Allow"]


@pytest.mark.parametrize(
    "path", [f"/subjects/{CODE}", "/lists/black", "/search?q=a", "/openapi.json", "/nothing"]
)
def test_head_has_the_status_and_headers_of_get_and_no_body(program: Program, path: str) -> None:
    get, head = program.fetch(f"{API}{path}"), program.fetch(f"{API}{path}", method="HEAD")
    assert head.status == get.status
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert head.headers.get("ETag") == get.headers.get("ETag")
    assert head.body == b""


@pytest.mark.parametrize(
    ("language", "chinese"),
    [("en", False), ("en-GB,en;q=0.9", False), ("zh-CN", True), ("fr", True), ("x" * 3000, True)],
)
def test_errors_speak_english_to_those_who_ask_for_it(program: Program, language: str, chinese: bool) -> None:
    for path in (
        "/search?limit=0&q=a",
        "/subjects/123",
        f"/records/{'0' * 24}",
        "/nothing",
        "/certificates/NOSUCHNUMBER",
    ):
        reply = program.fetch(f"{API}{path}", {"Accept-Language": language})
        is_problem(reply, reply.status)
        said = (
            reply.json["title"]
            + reply.json["detail"]
            + "".join(e["message"] for e in reply.json.get("errors", ()))
        )
        assert bool(re.search("[\u4e00-\u9fff]", said)) is chinese, said


anything = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [
        CODE,
        "black",
        "0" * 24,
        "示例",
        "99926Q10001R0S",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "1",
        "certificate",
        "\x00",
        "\ufffd",
    ]
)
paths = st.one_of(
    st.sampled_from(ADDRESSES),
    st.builds(
        lambda operation, part: re.sub("<[^>]+>", quote(part, safe=""), operation.path),
        st.sampled_from([operation for operation in OPERATIONS if operation.method == "GET"]),
        anything,
    ),
    st.builds(lambda part: f"/{quote(part, safe='/')}", anything),
)
names = (
    st.sampled_from(sorted({name for each in OPERATIONS for name in each.question.model_fields})) | anything
)
broken = st.binary(max_size=30).map(lambda raw: quote(raw, safe="=&;%+"))
queries = st.one_of(
    st.lists(st.tuples(names, anything), max_size=5).map(
        lambda pairs: "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    ),
    broken,
)


@settings(max_examples=300, deadline=None)
@given(path=paths, query=queries, language=st.sampled_from(["zh", "en"]))
def test_no_question_whatever_is_answered_with_an_error_of_ours(
    asked: FlaskClient, path: str, query: str, language: str
) -> None:
    answer = asked.get(f"{API}{path}?{query}", headers={"Accept-Language": language})
    assert answer.status_code in (200, 308, 400, 404, 413), answer.text
    if answer.status_code >= 400:
        is_problem(Reply(answer.status_code, dict(answer.headers), answer.data), answer.status_code)

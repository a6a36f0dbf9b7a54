"""Batch reads: each file as it is read alone, a wrong code spoils no other, and the statements do not grow."""

import json
from typing import Any

import pytest

from indexer.demo.stories import BANNED_FOR_LIFE, BLACKLISTED, CLEAN_AAA
from portal.api.batch_views import MOST
from portal.context import EXTENSION
from tests.portal.conftest import API, House, Program, Reply
from tests.register.conftest import row, uscc
from tests.register.statements import statements

PATH = f"{API}/subjects/batch"
CODES = [
    CLEAN_AAA.code,
    BLACKLISTED.code.lower(),
    BANNED_FOR_LIFE.code,
    CLEAN_AAA.code,
    CLEAN_AAA.code[:17] + "7",
    "91329900MA00000001",
    "not a code",
    "",
]


def ask(program: Program, body: object, query: str = "", media: str = "application/json") -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return program.post(PATH + query, data, media)


def without_passing(answer: Any) -> Any:
    return {name: each for name, each in answer.items() if name != "request_id"}


def test_each_entry_is_what_its_own_address_answers(program: Program) -> None:
    reply = ask(program, {"ids": CODES})
    assert reply.status == 200, reply.text
    entries = reply.json["results"]
    assert [each["id"] for each in entries] == CODES
    statuses = []
    for code, entry in zip(CODES, entries, strict=True):
        if not code:
            assert entry["status"] == 400
            continue
        alone = program.of("/subjects", code)
        statuses.append(alone.status)
        assert entry["status"] == alone.status
        if alone.status == 200:
            assert entry["file"] == alone.json and entry["problem"] is None
        else:
            told = {name: each for name, each in entry["problem"].items() if each is not None}
            assert without_passing(told) == without_passing(alone.json) and entry["file"] is None
    assert set(statuses) == {200, 400, 404}
    assert reply.headers["Cache-Control"] == "no-store" and "ETag" not in reply.headers


def test_the_statements_do_not_grow_with_the_codes(house: House) -> None:
    house.desk.publish("enterprise", [row(n, f"示例{n}有限公司", uscc(n)) for n in range(1, MOST + 1)])
    house.client.post(PATH, json={"ids": [uscc(1)]})  # from now on the rules in force are known
    counts = []
    for many in (2, MOST):
        ids = [uscc(n) for n in range(1, many)] + [uscc(5000)]
        with statements(house.app.extensions[EXTENSION].register.engine) as seen:
            answer = house.client.post(PATH, json={"ids": ids})
        assert [each["status"] for each in answer.get_json()["results"]] == [200] * (many - 1) + [404]
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"ids": []}, ["ids"]),
        ({"ids": ["a"] * (MOST + 1)}, ["ids"]),
        ({"ids": [123]}, ["ids.0"]),
        ({"ids": ["x" * 201]}, ["ids.0"]),
        ({"ids": "abc"}, ["ids"]),
        ({"ids": ["a"], "colour": "red"}, ["colour"]),
        ({}, ["ids"]),
        ([], ["body"]),
        (b"", ["body"]),
        (b'{"ids": ["a"], "ids": ["b"]}', ["ids"]),
        (b"\xff", ["body"]),
    ],
)
def test_a_body_that_is_wrong_is_refused_by_name(program: Program, body: object, wrong: list[str]) -> None:
    reply = ask(program, body)
    assert reply.status == 400 and reply.wrong == wrong, reply.text


def test_another_media_type_is_415(program: Program) -> None:
    reply = ask(program, {"ids": ["a"]}, media="text/plain")
    assert reply.status == 415 and reply.wrong == ["Content-Type"]


def test_only_parts_are_answered_where_only_parts_are_asked_for(program: Program) -> None:
    reply = ask(program, {"ids": [CLEAN_AAA.code]}, "?fields=results.file.subject.name")
    assert reply.json == {"results": [{"file": {"subject": {"name": CLEAN_AAA.name}}}]}

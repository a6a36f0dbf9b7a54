"""The comparison of OpenAPI documents finds what breaks programs, and nothing else; the code keeps what was released."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

import portal.app  # noqa: F401  declares every operation
from docs.breaking import RELEASED, breaking
from portal.api.openapi import document_of
from portal.api.operations import OPERATIONS

Change = Callable[[dict[str, Any]], object]


def document() -> dict[str, Any]:
    """A small API: a search that answers things, and a way to file one."""
    reference = {"$ref": "#/components/schemas/Thing"}
    return {
        "paths": {
            "/things": {
                "get": {
                    "parameters": [
                        {
                            "name": "q",
                            "in": "query",
                            "required": True,
                            "schema": {"type": "string", "maxLength": 9},
                        },
                        {"name": "sort", "in": "query", "schema": {"enum": ["a", "b"], "type": "string"}},
                        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    ],
                    "responses": {
                        "200": {
                            "headers": {"ETag": {}},
                            "content": {
                                "application/json": {"schema": {"type": "array", "items": reference}}
                            },
                        }
                    },
                },
                "post": {
                    "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
                    "responses": {"200": {"content": {"application/json": {"schema": reference}}}},
                },
            },
        },
        "components": {
            "schemas": {
                "Thing": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "state": {"type": "string", "enum": ["on", "off"]},
                        "until": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
                        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                    },
                    "required": ["id", "until"],
                    "additionalProperties": False,
                }
            }
        },
    }


def get(d: dict[str, Any]) -> Any:
    return d["paths"]["/things"]["get"]


def thing(d: dict[str, Any]) -> Any:
    return d["components"]["schemas"]["Thing"]


BROKEN: list[tuple[str, Change]] = [
    ("gone before its Sunset", lambda d: d["paths"]["/things"].pop("get")),
    ("parameter sort is gone", lambda d: get(d)["parameters"].pop(1)),
    ("limit is required now", lambda d: get(d)["parameters"][2].update(required=True)),
    (
        "new and required",
        lambda d: get(d)["parameters"].append({"name": "x", "in": "query", "required": True, "schema": {}}),
    ),
    ("b is taken no more", lambda d: get(d)["parameters"][1]["schema"].update(enum=["a"])),
    ("maximum 100 does not fit 50", lambda d: get(d)["parameters"][2]["schema"].update(maximum=50)),
    ("maxLength 9 does not fit 8", lambda d: get(d)["parameters"][0]["schema"].update(maxLength=8)),
    ("pattern is another", lambda d: get(d)["parameters"][0]["schema"].update(pattern="^a$")),
    ("integer does not fit string", lambda d: get(d)["parameters"][2]["schema"].update(type="string")),
    ("no header ETag", lambda d: get(d)["responses"]["200"]["headers"].clear()),
    ("application/json is gone", lambda d: get(d)["responses"]["200"]["content"].clear()),
    ("200 is answered no more", lambda d: get(d)["responses"].clear()),
    ("state is required now", lambda d: thing(d)["required"].append("state")),
    ("id may be missing now", lambda d: thing(d)["required"].remove("id")),
    ("state is gone", lambda d: thing(d)["properties"].pop("state")),
    ("state is taken no more", lambda d: thing(d)["properties"].pop("state")),
    ("integer does not fit string", lambda d: thing(d)["properties"]["id"].update(type="integer")),
    ("does not fit", lambda d: thing(d)["properties"]["until"]["anyOf"].append({"type": "integer"})),
    ("does not fit", lambda d: thing(d)["properties"]["until"]["anyOf"].pop()),
]
HARMLESS: list[Change] = [
    lambda d: None,
    lambda d: d["paths"].update({"/more": {}}),
    lambda d: get(d)["parameters"].append({"name": "x", "in": "query", "schema": {"type": "string"}}),
    lambda d: get(d)["parameters"][0].update(required=False),
    lambda d: get(d)["parameters"][1]["schema"]["enum"].append("c"),
    lambda d: get(d)["parameters"][2]["schema"].update(maximum=200),
    lambda d: get(d)["parameters"][2]["schema"].update(type="number"),
    lambda d: get(d)["responses"].update({"418": {}}),
    lambda d: thing(d)["properties"].update(colour={"type": "string"}),
    lambda d: thing(d)["properties"]["state"]["enum"].append("broken"),
    lambda d: thing(d)["properties"]["id"].update(description="The id."),
]


@pytest.mark.parametrize(("said", "change"), BROKEN)
def test_what_breaks_programs_is_found(said: str, change: Change) -> None:
    old, new = document(), document()
    change(new)
    assert any(said in each for each in breaking(old, new)), breaking(old, new)


@pytest.mark.parametrize("change", HARMLESS)
def test_what_breaks_no_program_is_let_pass(change: Change) -> None:
    old, new = document(), document()
    change(new)
    assert breaking(old, new) == []


def test_an_operation_may_go_once_its_sunset_has_come() -> None:
    old, new = document(), document()
    get(old)["x-sunset"] = "2027-05-01"
    del new["paths"]["/things"]["get"]
    assert breaking(old, new, date(2027, 4, 30))
    assert breaking(old, new, date(2027, 5, 1)) == []


def test_the_code_keeps_what_was_released() -> None:
    released = json.loads(RELEASED.read_text(encoding="utf-8"))
    assert breaking(released, document_of(OPERATIONS)) == []


def test_the_released_document_holds_every_operation_of_its_time_in_full() -> None:
    released = json.loads(RELEASED.read_text(encoding="utf-8"))
    assert released["openapi"].startswith("3.1") and len(released["paths"]) > 10
    broken = deepcopy(released)
    for methods in broken["paths"].values():
        for operation in methods.values():
            operation["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "string"}
    assert len(breaking(released, broken)) >= len(released["paths"])

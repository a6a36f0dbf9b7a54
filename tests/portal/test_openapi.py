"""The OpenAPI document tells of every operation an example, each of its errors, the headers, the key, and where answers lead."""

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import portal.app  # noqa: F401  declares every operation
from portal.api.deprecation import Deprecation
from portal.api.openapi import document_of, examples
from portal.api.openapi_parts import LINKS
from portal.api.operations import OPERATIONS, Operation
from portal.api.schemas import Problem
from tests.portal.conftest import API, House
from tests.portal.test_contract import strict

DOCUMENT = document_of(OPERATIONS)
NAMES = [operation.name for operation in OPERATIONS]


def operation_of(name: str) -> Operation[Any]:
    return next(each for each in OPERATIONS if each.name == name)


def described(name: str) -> Any:
    return next(
        operation
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        if operation["operationId"] == name
    )


def resolved(part: Any) -> Any:
    while "$ref" in part:
        *_, section, name = part["$ref"].split("/")
        part = DOCUMENT["components"][section][name]
    return part


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_has_an_example_that_is_an_answer_of_it(name: str) -> None:
    content = described(name)["responses"]["200"]["content"]["application/json"]
    answer = content["example"]
    assert answer == examples()[name]["answer"]
    if "fields=" not in examples()[name]["target"]:
        strict(operation_of(name).answer).model_validate_json(json.dumps(answer))
    given = {each["name"]: each.get("example") for each in described(name)["parameters"]}
    assert all(given[each["name"]] for each in described(name)["parameters"] if each["required"])


@pytest.mark.parametrize("name", NAMES)
def test_every_error_of_an_operation_has_an_example_that_says_it(name: str) -> None:
    operation = operation_of(name)
    responses = described(name)["responses"]
    errors = {status for status in responses if status.startswith(("4", "5"))}
    assert errors == {str(status) for status in operation.errors} and {"400", "429"} <= errors
    for status in errors:
        content = responses[status]["content"]["application/problem+json"]
        problem = strict(Problem).model_validate(content["example"])
        assert isinstance(problem, Problem) and problem.status == int(status)
        assert problem.detail and re.fullmatch("/docs/problems#[a-z-]+", problem.type)
        assert problem.errors if status in ("400", "415") else True


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_tells_its_headers(name: str) -> None:
    operation, responses = operation_of(name), described(name)["responses"]
    for status, response in responses.items():
        headers = set(response.get("headers", {}))
        for header in response.get("headers", {}).values():
            assert resolved(header)["description"] and resolved(header)["schema"]
        if status == "200":
            assert {"RateLimit", "RateLimit-Policy", "X-Request-Id"} <= headers
            assert ("ETag" in headers) is (operation.method == "GET")
        if status in ("202", "429"):
            assert "Retry-After" in headers


def test_the_key_is_told_and_nobody_needs_one_to_read() -> None:
    scheme = DOCUMENT["components"]["securitySchemes"]["key"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert DOCUMENT["security"] == [{}, {"key": []}]


def test_every_link_leads_from_what_is_answered_to_a_parameter_that_there_is() -> None:
    assert LINKS.keys() <= set(NAMES)
    for name in LINKS:
        answer = examples()[name]["answer"]
        links = described(name)["responses"]["200"]["links"]
        for link in links.values():
            parameters = {each["name"] for each in described(link["operationId"])["parameters"]}
            for parameter, expression in link["parameters"].items():
                assert parameter in parameters
                value = answer
                for part in expression.removeprefix("$response.body#/").split("/"):
                    if value is None or (part not in value if isinstance(value, dict) else not value):
                        break
                    value = value[int(part)] if isinstance(value, list) else value[part]
                else:
                    assert value is None or isinstance(value, str)


def test_an_operation_that_will_go_says_so_in_the_document_and_on_every_answer(house: House) -> None:
    at = NAMES.index("list_entries")
    kept = OPERATIONS[at]
    going = replace(kept, deprecated=Deprecation(date(2027, 1, 1), date(2028, 6, 1), "search_records"))
    OPERATIONS[at] = going
    try:
        document = document_of(OPERATIONS)
        for path in ("red", "green"):
            headers = house.client.get(f"{API}/lists/{path}").headers
            assert headers["Deprecation"] == "@1798761600"
            assert headers["Sunset"] == "Thu, 01 Jun 2028 00:00:00 GMT"
        assert "Deprecation" not in house.client.get(f"{API}/search?q=a").headers
    finally:
        OPERATIONS[at] = kept
    operation = document["paths"]["/lists/{name}"]["get"]
    assert operation["deprecated"] is True and operation["x-sunset"] == "2028-06-01"
    assert {"Deprecation", "Sunset"} <= operation["responses"]["200"]["headers"].keys()


def test_answers_in_part_have_a_schema_that_asks_for_nothing() -> None:
    whole, part = described("credit_file")["responses"]["200"]["content"]["application/json"]["schema"][
        "anyOf"
    ]
    assert whole["$ref"].endswith("/CreditFileAnswer") and part["$ref"].endswith("/CreditFileAnswerPart")
    schemas = DOCUMENT["components"]["schemas"]
    assert "required" in resolved(whole) and "required" not in resolved(part)
    assert not any("required" in schema for name, schema in schemas.items() if name.endswith("AnswerPart"))

"""The client has every operation, parameter and field of the OpenAPI document, and nothing else; but it reads whole answers (no `fields`)."""

import inspect
import json
import re
import subprocess
import sys
from typing import Any

import pytest

import portal.app  # noqa: F401  declares the operations
from portal.api.openapi import document_json
from tests.servers import CHECKOUT
from zhixin_client import Client, models
from zhixin_client.operations import Operations

DOCUMENT: dict[str, Any] = json.loads(document_json())
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation for path in DOCUMENT["paths"].values() for operation in path.values()
}
SCHEMAS: dict[str, Any] = {
    name: schema
    for name, schema in DOCUMENT["components"]["schemas"].items()
    if not name.endswith("Part")  # answers in part: the client reads whole ones
}
RUN = "run clients/python/generate.py"


def test_the_client_has_the_operations_of_the_document() -> None:
    ours = {
        name for name, _ in inspect.getmembers(Operations, inspect.isfunction) if not name.startswith("_")
    }
    assert {"missing": sorted(OPERATIONS.keys() - ours), "too many": sorted(ours - OPERATIONS.keys())} == {
        "missing": [],
        "too many": [],
    }, RUN


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_the_parameters_of_the_document(name: str) -> None:
    operation = OPERATIONS[name]
    asked = operation["parameters"]
    theirs = {each["name"]: each.get("required", False) for each in asked if each["name"] != "fields"}
    if "requestBody" in operation:
        theirs["body"] = True
    parameters = list(inspect.signature(getattr(Client, name)).parameters.values())[1:]
    ours = {each.name: each.default is inspect.Parameter.empty for each in parameters}
    assert ours == theirs, RUN


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_model_has_the_fields_of_the_document(name: str) -> None:
    fields = getattr(models, name).model_fields
    ours = {field.alias or own: field.is_required() for own, field in fields.items()}
    required = SCHEMAS[name].get("required", ())
    assert ours == {each: each in required for each in SCHEMAS[name].get("properties", {})}, RUN


def test_the_models_are_those_of_the_document() -> None:
    ours = {each.__name__ for each in models.Model.__subclasses__()}
    assert ours == set(SCHEMAS), RUN


def test_what_is_generated_is_up_to_date() -> None:
    made = subprocess.run(
        [sys.executable, "clients/python/generate.py", "--check"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


def test_the_client_runs_without_the_portal_and_on_the_oldest_python_it_names() -> None:
    for path in (CHECKOUT / "clients" / "python" / "zhixin_client").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"^(?:from|import) (?:portal|indexer)\b", source, re.MULTILINE), path
        assert "datetime import UTC" not in source and "Self" not in source, path

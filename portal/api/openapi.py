"""The OpenAPI 3.1 document, made from the declared operations."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request
from openapi_pydantic import OpenAPI
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class

from portal.api.openapi_parts import COMPONENTS, ERRORS, LINKS, headers_of
from portal.api.openapi_sparse import with_parts
from portal.api.operations import OPERATIONS, Operation
from portal.api.schemas import Answer, Problem
from portal.api.sparse import Sparse
from portal.arguments import LONGEST
from portal.uploads import FILES, CheckBody

blueprint = Blueprint("openapi", __name__)

DESCRIPTION = (
    "质信的 JSON 接口：查信用档案、验证书、看限制、查名单。日期为 YYYY-MM-DD（上海时区），时刻为 RFC 3339，出错为 "
    "application/problem+json（RFC 9457）。\n\n"
    "Credit files, certificate verification, restriction status and lists. Days are YYYY-MM-DD in Asia/Shanghai, instants RFC 3339, "
    "errors application/problem+json."
)

PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\ufffd]*$"
"""Text without control characters, and without the character that stands for bytes that were no UTF-8."""

DAYS = ("date", "date-time")
EXAMPLES = Path(__file__).parent / "examples.json"


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    """The document itself."""
    response = Response(document_json(), mimetype="application/json")
    response.add_etag()
    response.cache_control.public = response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@cache
def document_json() -> str:
    """The OpenAPI document as JSON text."""
    return json.dumps(document_of(OPERATIONS), ensure_ascii=False, indent=1)


@cache
def examples() -> dict[str, Any]:
    """For each operation a question, its answer, and how each of its errors reads: asked of the demonstration by `python -m docs.generate`."""
    found: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8")) if EXAMPLES.exists() else {}
    return found


def document_of(operations: list[Operation[Any]]) -> dict[str, Any]:
    """The OpenAPI document of some operations."""
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(_address(operation), {})[operation.method.lower()] = _described(operation)
    draft = OpenAPI.model_validate(
        {
            "openapi": "3.1.1",
            "info": {
                "title": "质信 zhixin",
                "version": "1",
                "description": DESCRIPTION,
                "license": {"name": "Apache-2.0"},
            },
            "servers": [{"url": "/api/v1"}],
            "paths": paths,
            "components": COMPONENTS,
            "security": [{}, {"key": []}],
        }
    )
    whole = construct_open_api_with_schema_class(draft).model_dump(
        mode="json", by_alias=True, exclude_unset=True
    )
    for operation in operations:
        if operation.deprecated is not None:
            described = whole["paths"][_address(operation)][operation.method.lower()]
            described["x-sunset"] = str(operation.deprecated.sunset)
    return with_parts(whole, {each.name for each in operations if issubclass(each.question, Sparse)})


def _address(operation: Operation[Any]) -> str:
    return re.sub(r"<(?:path:)?(\w+)>", r"{\1}", operation.path)


def _described(operation: Operation[Any]) -> dict[str, Any]:
    example = examples().get(operation.name, {})
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        **({"deprecated": True} if operation.deprecated else {}),
        "parameters": parameters(operation),
        **({"requestBody": _body(operation)} if operation.body else {}),
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": headers_of(operation),
                "content": {"application/json": _content(operation.answer, example.get("answer"))},
                **({"links": links} if (links := LINKS.get(operation.name)) else {}),
            },
            **({"202": _accepted(operation.later)} if operation.later else {}),
            **({"304": NOT_CHANGED} if operation.method == "GET" else {}),
            **{str(status): _error(status, example) for status in sorted(set(operation.errors))},
        },
    }


NOT_CHANGED = {
    "description": "Nothing changed since the ETag given in If-None-Match.",
    "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
}


def _content(model: type[Answer], example: object) -> dict[str, Any]:
    return {
        "schema": PydanticSchema(schema_class=model),
        **({"example": example} if example is not None else {}),
    }


def _error(status: int, example: dict[str, Any]) -> dict[str, Any]:
    shown = example.get("errors", {}).get(str(status), {}).get("answer")
    return {
        "description": ERRORS[status],
        "headers": headers_of(None, status),
        "content": {"application/problem+json": _content(Problem, shown)},
    }


def _body(operation: Operation[Any]) -> dict[str, Any]:
    """What a POST takes: JSON; a check also the same JSON but for the list with the list as a file, or the file alone."""
    assert operation.body is not None
    schema: Any = PydanticSchema(schema_class=operation.body)
    asked = {"example": dict(operation.asked)} if operation.asked else {}
    content: dict[str, Any] = {"application/json": {"schema": schema, **asked}}
    if issubclass(operation.body, CheckBody):
        file = {"type": "string", "format": "binary"}
        form = {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": file,
                "question": {"type": "string", "contentMediaType": "application/json"},
            },
        }
        content |= {"multipart/form-data": {"schema": form}, **{media: {"schema": file} for media in FILES}}
    return {"required": True, "content": content}


def _accepted(model: type[Answer]) -> dict[str, Any]:
    return {
        "description": "It takes longer: ask again at `Location` after the seconds in `Retry-After`.",
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"}
            for name in ("Location", "Retry-After", "X-Request-Id")
        },
        "content": {"application/json": {"schema": PydanticSchema(schema_class=model)}},
    }


def parameters(operation: Operation[Any]) -> list[dict[str, Any]]:
    """The operation's parameters as OpenAPI describes them."""
    schema = operation.question.model_json_schema()
    in_path = set(re.findall(r"<(?:path:)?(\w+)>", operation.path))
    given = examples().get(operation.name, {}).get("given", {})
    return [
        {
            "name": name,
            "in": "path" if name in in_path else "query",
            "required": name in in_path or name in schema.get("required", ()),
            "description": described.get("description", ""),
            "schema": _schema(name, described),
            **({"example": given[name]} if name in given else {}),
        }
        for name, described in schema["properties"].items()
    ]


def _schema(name: str, described: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema: what may be left out is left out and never sent as `null`; every text has an end and no control characters."""
    left = {k: v for k, v in described.items() if k not in ("description", "title", "default", "anyOf")}
    choices = [each for each in described.get("anyOf", ()) if each.get("type") != "null"]
    schema: dict[str, Any] = {**(choices[0] if len(choices) == 1 else {}), **left}
    if described.get("default") is not None:
        schema["default"] = described["default"]
    if schema.get("type") == "string" and "enum" not in schema and schema.get("format") not in DAYS:
        least = {} if name == "q" else {"minLength": 1}
        schema = {"maxLength": LONGEST, "pattern": PRINTABLE, **least, **schema}
    return schema

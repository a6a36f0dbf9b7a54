"""The OpenAPI 3.1 document, made from the declared operations."""

import re
from functools import cache
from typing import Any

from flask import Blueprint, Response, request
from openapi_pydantic import OpenAPI
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from pydantic import BaseModel

from portal.api.operations import OPERATIONS, Operation
from portal.api.schemas import Answer, Problem
from portal.uploads import FILES

blueprint = Blueprint("openapi", __name__)

DESCRIPTION = (
    "质信的 JSON 接口：查信用档案、验证书、看限制、查名单。日期为 YYYY-MM-DD（上海时区），时刻为 RFC 3339，出错为 "
    "application/problem+json（RFC 9457）。\n\n"
    "Credit files, certificate verification, restriction status and lists. Days are YYYY-MM-DD in Asia/Shanghai, instants RFC 3339, "
    "errors application/problem+json."
)

ERRORS = {
    400: "An argument is unknown, doubled, malformed or out of range; `errors` names it.",
    404: "Nothing public stands there; `suggestions` are near ones.",
    410: "What comes after this position is not all kept any more: begin again without it.",
    413: "The query has more than 1,000 characters, or the body more bytes than one may send.",
    429: "Too many requests; `Retry-After` says when to ask again.",
    503: "A service that the answer needs does not answer now.",
}


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    """The document itself."""
    response = Response(document_json(), mimetype="application/json")
    response.add_etag()
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@cache
def document_json() -> str:
    """The OpenAPI document as JSON text."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(_address(operation), {})[operation.method.lower()] = _described(operation)
    draft = OpenAPI.model_validate(
        {
            "info": {
                "title": "质信 zhixin",
                "version": "1",
                "description": DESCRIPTION,
                "license": {"name": "Apache-2.0"},
            },
            "servers": [{"url": "/api/v1"}],
            "paths": paths,
        }
    )
    return construct_open_api_with_schema_class(draft).model_dump_json(
        by_alias=True, exclude_none=True, indent=1
    )


def _address(operation: Operation[Any]) -> str:
    return re.sub(r"<(?:path:)?(\w+)>", r"{\1}", operation.path)


def _described(operation: Operation[Any]) -> dict[str, Any]:
    problem: dict[str, Any] = {"application/problem+json": {"schema": PydanticSchema(schema_class=Problem)}}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "parameters": parameters(operation),
        **({"requestBody": _body(operation.body)} if operation.body else {}),
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": {"ETag": {"schema": {"type": "string"}, "description": "For If-None-Match."}},
                "content": {"application/json": {"schema": PydanticSchema(schema_class=operation.answer)}},
            },
            **({"202": _accepted(operation.later)} if operation.later else {}),
            **({"304": NOT_CHANGED} if operation.method == "GET" else {}),
            **{
                str(status): {"description": ERRORS[status], "content": problem}
                for status in operation.errors
            },
        },
    }


NOT_CHANGED = {"description": "Nothing changed since the ETag given in If-None-Match."}


def _body(model: type[BaseModel]) -> dict[str, Any]:
    """What a POST takes: JSON, the same JSON but for the list with the list as a file, or the file alone."""
    schema: Any = PydanticSchema(schema_class=model)
    file = {"type": "string", "format": "binary"}
    form = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": file, "question": {"type": "string"}},
    }
    return {
        "required": True,
        "content": {
            "application/json": {"schema": schema},
            "multipart/form-data": {"schema": form},
            **{media: {"schema": file} for media in FILES},
        },
    }


def _accepted(model: type[Answer]) -> dict[str, Any]:
    return {
        "description": "It takes longer: ask again at `Location` after the seconds in `Retry-After`.",
        "headers": {name: {"schema": {"type": "string"}} for name in ("Location", "Retry-After")},
        "content": {"application/json": {"schema": PydanticSchema(schema_class=model)}},
    }


def parameters(operation: Operation[Any]) -> list[dict[str, Any]]:
    """The operation's parameters as OpenAPI describes them."""
    schema = operation.question.model_json_schema()
    in_path = set(re.findall(r"<(?:path:)?(\w+)>", operation.path))
    return [
        {
            "name": name,
            "in": "path" if name in in_path else "query",
            "required": name in in_path or name in schema.get("required", ()),
            "description": described.get("description", ""),
            "schema": {k: v for k, v in described.items() if k not in ("description", "title")},
        }
        for name, described in schema["properties"].items()
    ]

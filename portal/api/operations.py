"""An operation of the API: its address, question, answer and words, declared once and used for routing and the OpenAPI document."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import Blueprint, Response, request

from portal.api.schemas import Answer
from portal.arguments import Arguments, arguments

A = TypeVar("A", bound=Arguments)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class Operation(Generic[A]):
    """One operation. `path` is Flask's; its parameters are arguments like those of the query."""

    path: str
    name: str
    summary: str
    description: str
    question: type[A]
    answer: type[Answer]
    errors: tuple[int, ...]
    example: str


OPERATIONS: list[Operation[Any]] = []


def operation(
    path: str,
    summary: str,
    question: type[A],
    answer: type[Answer],
    errors: tuple[int, ...] = (400,),
    example: str = "",
) -> Callable[[Callable[[A], Answer]], Callable[[A], Answer]]:
    """Declare a function from a question to an answer as a GET operation of the API; its docstring is the description."""

    def declare(function: Callable[[A], Answer]) -> Callable[[A], Answer]:
        name = function.__name__
        description = " ".join((function.__doc__ or "").split())
        OPERATIONS.append(
            Operation(path, name, summary, description, question, answer, (*errors, 429), example)
        )

        def view(**parts: str) -> Response:
            return _respond(function(arguments(request, question, **parts)))

        blueprint.add_url_rule(path, name, view)
        return function

    return declare


def _respond(answer: Answer) -> Response:
    """The answer as JSON with an ETag; 304 when the asker has it already. A makeshift one is kept by nobody."""
    body = answer.model_dump_json(by_alias=True).encode()
    if answer.makeshift:
        keep_out = [("Cache-Control", "no-store"), ("Vary", "Accept-Language")]
        return Response(body, headers=keep_out, content_type="application/json")
    lasting = answer.model_dump_json(exclude=set(answer.passing)).encode() if answer.passing else body
    tag = f'"{hashlib.blake2b(lasting, digest_size=12).hexdigest()}"'
    headers = [
        ("ETag", f"W/{tag}" if answer.passing else tag),
        ("Cache-Control", "no-cache"),
        ("Vary", "Accept-Language"),
    ]
    response = Response(body, headers=headers, content_type="application/json")
    if "If-None-Match" in request.headers:
        response.make_conditional(request)
    return response

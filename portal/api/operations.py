"""An operation of the API: its address, question, answer and words, declared once and used for routing and the OpenAPI document."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from flask import Blueprint, Response, request
from pydantic import BaseModel

from portal.api.schemas import Answer
from portal.arguments import Arguments, arguments

A = TypeVar("A", bound=Arguments)
Said = TypeVar("Said", bound=Answer | Response)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class Operation(Generic[A]):
    """One operation. `path` is Flask's; its parameters are arguments like those of the query.

    `body` is the JSON that a POST takes, `later` what 202 answers where the answer takes longer.
    """

    path: str
    name: str
    summary: str
    description: str
    question: type[A]
    answer: type[Answer]
    errors: tuple[int, ...]
    example: str
    method: Literal["GET", "POST"] = "GET"
    body: type[BaseModel] | None = None
    later: type[Answer] | None = None


OPERATIONS: list[Operation[Any]] = []


def operation(
    path: str,
    summary: str,
    question: type[A],
    answer: type[Answer],
    errors: tuple[int, ...] = (400,),
    example: str = "",
    method: Literal["GET", "POST"] = "GET",
    body: type[BaseModel] | None = None,
    later: type[Answer] | None = None,
) -> Callable[[Callable[[A], Said]], Callable[[A], Said]]:
    """Declare a function from a question to an answer as an operation of the API; its docstring is the description.

    A function that gives back a whole response has it sent as it is.
    """

    def declare(function: Callable[[A], Said]) -> Callable[[A], Said]:
        name = function.__name__
        description = " ".join((function.__doc__ or "").split())
        OPERATIONS.append(
            Operation(
                *(path, name, summary, description, question, answer, (*errors, 429), example),
                *(method, body, later),
            )
        )

        def view(**parts: str) -> Response:
            said = function(arguments(request, question, **parts))
            return said if isinstance(said, Response) else _respond(said)

        blueprint.add_url_rule(path, name, view, methods=[method])
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

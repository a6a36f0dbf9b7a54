"""An operation of the API: its address, question, answer and words, declared once and used for routing and the OpenAPI document."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import orjson
from flask import Blueprint, Response, request
from pydantic import BaseModel
from werkzeug.exceptions import MethodNotAllowed

from indexer.register.database import one_state
from portal.api.deprecation import Deprecation
from portal.api.schemas import Answer
from portal.api.sparse import Sparse, pruned, tree_of
from portal.api.tags import State, is_held, tag_of
from portal.arguments import Arguments, arguments
from portal.context import portal

A = TypeVar("A", bound=Arguments)
Said = TypeVar("Said", bound=Answer | Response)

JSON = "application/json"
VARY = "Accept-Language, Accept-Encoding"
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class Operation(Generic[A]):
    """One operation. `path` is Flask's; its parameters are arguments like those of the query.

    `body` is the JSON that a POST takes, `later` what 202 answers where the answer takes longer. `state` gives the mark of what the answer
    is made from, where that is known before it is made; else the answer's tag is of its text. `reads` says of a POST that it only asks.
    `asked` is the body of the example.
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
    state: State | None = None
    reads: bool = False
    asked: Mapping[str, Any] | None = None
    deprecated: Deprecation | None = None

    @property
    def only_reads(self) -> bool:
        """Whether it changes nothing, so that scripts of other sites may ask it too."""
        return self.method == "GET" or self.reads


OPERATIONS: list[Operation[Any]] = []
_places: dict[str, int] = {}  # where each stands there, by its endpoint


@blueprint.after_request
def _tell_of_deprecation(response: Response) -> Response:
    asked = asked_now()
    if asked is not None and asked.deprecated is not None:
        asked.deprecated.tell(response.headers)
    return response


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
    *,
    state: State | None = None,
    reads: bool = False,
    asked: Mapping[str, Any] | None = None,
    deprecated: Deprecation | None = None,
    alone: bool = False,
) -> Callable[[Callable[[A], Said]], Callable[[A], Said]]:
    """Declare a function from a question to an answer as an operation of the API; its docstring is the description.

    A function that gives back a whole response has it sent as it is. `alone` says that no other method stands at the address, though the
    pattern of another operation fits it too (/subjects/batch is no /subjects/ID). The rest is as `Operation` says.
    """

    def declare(function: Callable[[A], Said]) -> Callable[[A], Said]:
        name = function.__name__
        declared = Operation(
            path=path,
            name=name,
            summary=summary,
            description=" ".join((function.__doc__ or "").split()),
            question=question,
            answer=answer,
            errors=(*errors, 429),
            example=example,
            method=method,
            body=body,
            later=later,
            state=state,
            reads=reads,
            asked=asked,
            deprecated=deprecated,
        )
        _places[f"{blueprint.name}.{name}"] = len(OPERATIONS)
        OPERATIONS.append(declared)

        def view(**parts: str) -> Response:
            if request.method == "OPTIONS":
                return Response(headers={"Allow": f"{method}, OPTIONS"})
            if alone and request.method != method:
                raise MethodNotAllowed([method, "OPTIONS"])
            return _answer(declared, function, arguments(request, question, typed=False, **parts))

        methods = sorted(METHODS) if alone else [method]
        blueprint.add_url_rule(
            path, name, view, methods=methods, provide_automatic_options=False if alone else None
        )
        return function

    return declare


def asked_now() -> Operation[Any] | None:
    """The operation that the present request asks for, None for all else."""
    place = _places.get(request.endpoint or "")
    return None if place is None else OPERATIONS[place]


def _answer(declared: Operation[A], function: Callable[[A], Said], question: A) -> Response:
    """What an operation answers; 304 before anything is read or rendered where the asker has it already."""
    if declared.state is None:
        return _respond(function(question), question, None, declared)
    with one_state(portal().register.engine):
        tag = tag_of(declared.name, question, declared.state, weak=bool(declared.answer.passing))
        if is_held(tag):
            return Response(status=304, headers=_headers(tag))
        said = function(question)
    return _respond(said, question, tag, declared)


def _respond(
    answer: Answer | Response, question: Arguments, tag: str | None, declared: Operation[Any]
) -> Response:
    """The answer as JSON with an ETag; 304 when the asker has it already. A makeshift one is kept by nobody."""
    if isinstance(answer, Response):
        return answer
    body = _text(answer, question)
    if answer.makeshift:
        keep_out = [("Cache-Control", "no-store"), ("Vary", "Accept-Language")]
        return Response(body, headers=keep_out, content_type=JSON)
    if declared.method != "GET":
        return Response(body, content_type=JSON, headers=[("Cache-Control", "no-store")])
    response = Response(body, headers=_headers(tag or _tag_of_text(answer, body)), content_type=JSON)
    if "HTTP_IF_NONE_MATCH" in request.environ:
        response.make_conditional(request)
    return response


def _text(answer: Answer, question: Arguments) -> bytes:
    if isinstance(question, Sparse) and question.fields is not None:
        tree = tree_of(question.fields, type(answer))
        return orjson.dumps(pruned(answer.model_dump(mode="json", by_alias=True), tree))
    return answer.model_dump_json(by_alias=True).encode()


def _tag_of_text(answer: Answer, body: bytes) -> str:
    """For answers whose state has no number, like that of an index: all that is sent but what only tells of the moment of asking."""
    lasting = answer.model_dump_json(exclude=set(answer.passing)).encode() if answer.passing else body
    tag = f'"{hashlib.blake2b(lasting + request.query_string, digest_size=12).hexdigest()}"'
    return f"W/{tag}" if answer.passing else tag


def _headers(tag: str) -> list[tuple[str, str]]:
    """What a cache is told: keep it, and ask each time whether it still stands. With a key it is that program's own."""
    whose = "private" if "HTTP_AUTHORIZATION" in request.environ else "public"
    return [("ETag", tag), ("Cache-Control", f"{whose}, no-cache"), ("Vary", VARY)]

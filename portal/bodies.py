"""Bodies of requests, read strictly (请求体): what is packed, cut off, nested deeper than any question, or no JSON is refused by name."""

import json
import math
import re
from typing import Any, TypeVar

from flask import Flask, Request, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from portal.arguments import WrongArguments, told

ERRORS_TOLD = 20
DEEPEST = 20  # brackets in one another; a check has four

M = TypeVar("M", bound=BaseModel)
# A string (one that never ends too, or each of its quotes would be tried as a beginning), or a bracket.
_tokens = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


class UnsupportedMedia(WrongArguments):
    """The body is of a type, or packed in a way, that is not read here."""

    code = "unsupported-media-type"
    status = 415


def init_bodies(app: Flask) -> None:
    """Refuse what no route of `app` reads: packed bodies."""
    app.before_request(_refuse_packed)


def read_json(asked: Request, model: type[M]) -> M:
    """The JSON body of a request as a `model`. Raises UnsupportedMedia, and WrongArguments naming all that is wrong."""
    if asked.mimetype != "application/json":
        raise unsupported("application/json")
    return parsed(whole_body(asked), model, "body")


def whole_body(asked: Request) -> bytes:
    """The body of a request. Raises RequestEntityTooLarge."""
    body = asked.get_data()
    limit = asked.max_content_length
    if asked.content_length is None and limit is not None and len(body) >= limit:
        raise RequestEntityTooLarge  # sent in chunks; Werkzeug stops at the limit and says nothing
    return body


def parsed(text: bytes, model: type[M], where: str) -> M:
    """JSON in UTF-8 as a `model`; `where` is what the text as a whole is called. Raises WrongArguments naming all that is wrong."""
    if _too_deep(text):
        raise wrong(where, f"嵌套超过 {DEEPEST} 层。", f"is nested more than {DEEPEST} deep")
    try:
        value = json.loads(
            text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite
        )
    except (ValueError, RecursionError):
        raise wrong(where, "不是有效的 UTF-8 JSON。", "is not valid JSON in UTF-8") from None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False)[:ERRORS_TOLD]
        raise WrongArguments(
            told(each) if each["loc"] else (where, *told(each)[1:]) for each in found
        ) from None


def wrong(where: str, zh: str, en: str) -> WrongArguments:
    """One thing that is wrong with a body."""
    return WrongArguments([(where, zh, en)])


def unsupported(*allowed: str) -> UnsupportedMedia:
    """The refusal of a media type, naming those that are taken."""
    names = ", ".join(allowed)
    return UnsupportedMedia([("Content-Type", f"应为以下之一：{names}。", f"must be one of {names}")])


def _refuse_packed() -> None:
    """A few kilobytes may unpack to gigabytes, and nobody has to pack a question."""
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        raise UnsupportedMedia(
            [("Content-Encoding", "请求体请不要压缩。", "bodies are taken unpacked: leave it out")]
        )


def _too_deep(text: bytes) -> bool:
    """Whether brackets outside of strings stand deeper than `DEEPEST`; found without a parser that recurses."""
    depth = 0
    for found in _tokens.finditer(text):
        if found[0] in (b"[", b"{"):
            depth += 1
            if depth > DEEPEST:
                return True
        elif found[0] in (b"]", b"}"):
            depth -= 1
    return False


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names stand in it once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        where = "".join(c for c in doubled if c.isprintable() and not "\ud800" <= c <= "\udfff")[:50]
        raise wrong(where or "body", "重复出现，只能给一个值。", "is given more than once")
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text[:20])
    return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)

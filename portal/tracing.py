"""One request: its id (请求编号), its line in the log, and its place in the figures.

The id comes from whoever asks, so that its log and ours can be laid side by side, or is made here. It is in the answer's `X-Request-Id`, in
every problem, and in every line that is logged meanwhile. A request's own line tells the route and never what was asked, nor by whom: that
may name a person.
"""

import re
import secrets
import time
from contextvars import ContextVar

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict

from portal import measures

ID = "X-Request-Id"
HEADER = "HTTP_X_REQUEST_ID"  # the same as WSGI calls it
KNOWN = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
QUIET = frozenset({"static", "health.alive", "health.ready"})  # asked every few seconds, or a dozen a page

_well_formed = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/=+-]{7,99}").fullmatch
_current: ContextVar[str] = ContextVar("request_id", default="")
log = structlog.get_logger()


def init_tracing(app: Flask) -> None:
    """Give every request of `app` an id, and log and count it when it is answered. To be called first: what comes later, limits too, is
    measured with it."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """The id of the present request."""
    return str(g.request_id)


def add_request_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A processor of structlog: the id of the request that something is logged for."""
    if current := _current.get():
        event["request_id"] = current
    return event


def _begin() -> None:
    g.started = time.perf_counter()
    given = request.environ.get(HEADER)
    g.request_id = given if given is not None and _well_formed(given) else secrets.token_hex(16)
    _current.set(g.request_id)


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    response.headers.add(ID, g.request_id)
    rule, method = request.url_rule, request.environ["REQUEST_METHOD"]
    method = method if method in KNOWN else "other"
    measures.count(rule.rule if rule is not None else "none", method, response.status_code, seconds)
    (log.debug if rule is not None and rule.endpoint in QUIET else log.info)(
        "request",
        method=method,
        route=rule.rule if rule is not None else None,
        status=response.status_code,
        bytes=response.content_length,
        ms=round(seconds * 1000, 1),
    )
    return response

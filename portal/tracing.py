"""One request: its id (请求编号), and its line in the log.

The id comes from whoever asks, so that its log and ours can be laid side by side, or is made here. It is in the answer's `X-Request-Id`, in
every problem, and in every line that is logged meanwhile. A request's own line tells the route and never what was asked, nor by whom: that
may name a person.
"""

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request

ID = "X-Request-Id"
KNOWN = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
QUIET = frozenset({"static", "health.alive", "health.ready"})  # asked every few seconds, or a dozen a page

_well_formed = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/=+-]{7,99}").fullmatch
log = structlog.get_logger()


def init_tracing(app: Flask) -> None:
    """Give every request of `app` an id, and log it when it is answered. To be called first: what comes later is measured with it."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """The id of the present request."""
    return str(g.request_id)


def _begin() -> None:
    g.started = time.perf_counter()
    given = request.headers.get(ID, "")
    g.request_id = given if _well_formed(given) else secrets.token_hex(16)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers[ID] = g.request_id
    (log.debug if request.endpoint in QUIET else log.info)(
        "request",
        method=request.method if request.method in KNOWN else "other",
        route=request.url_rule.rule if request.url_rule is not None else None,
        status=response.status_code,
        bytes=response.content_length,
        ms=round((time.perf_counter() - g.started) * 1000, 1),
    )
    return response

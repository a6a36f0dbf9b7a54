"""Scripts of other sites (CORS): they may ask what the API only reads, never what acts, and never with cookies.

The API knows no cookies, so any origin may read what everybody may read; `Access-Control-Allow-Credentials` is never sent.
"""

from flask import Flask, Response, request

from portal.api.operations import asked_now

DOCUMENT = "openapi.document"
EXPOSED = ", ".join(
    (
        *("Deprecation", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"),
        *("Sunset", "X-Request-Id"),
    )
)
TAKEN = "Accept-Language, Authorization, Content-Type, If-None-Match, X-Request-Id"
REMEMBERED = "7200"  # seconds that a browser may remember a preflight; Chromium remembers none for longer


def init_cors(app: Flask) -> None:
    """Say on every answer of a reading operation that any site's script may have it, and answer preflights."""
    app.after_request(_allow)


def _allow(response: Response) -> Response:
    methods = _methods()
    if methods is None:
        return response
    response.headers.add("Access-Control-Allow-Origin", "*")
    response.headers.add("Access-Control-Expose-Headers", EXPOSED)
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = TAKEN
        response.headers["Access-Control-Max-Age"] = REMEMBERED
    return response


def _methods() -> str | None:
    """The methods by which a script elsewhere may ask the present address, None for none."""
    if request.endpoint == DOCUMENT:
        return "GET, HEAD"
    asked = asked_now()
    if asked is None or not asked.only_reads:
        return None
    return "GET, HEAD" if asked.method == "GET" else asked.method

"""Compression of answers with gzip, for whoever takes it.

The length of a compressed answer tells of what is in it: where a page holds a secret beside something that a stranger chose (BREACH), the
secret can be guessed letter by letter. So nothing is compressed that belongs to one reader: no answer to a request with cookies, none that
sets one (the token of a form does), none that nobody may keep.
"""

import gzip

from flask import Flask, Response, request, session

VARY = "Accept-Encoding"
LEAST = 1024  # bytes; a shorter answer fits a packet or two as it is
MOST = 8 * 2**20  # bytes; what is longer is sent in pieces or is a file
LEVEL = 5  # half the time of 9 for four percent more bytes, on credit files
TEXTS = frozenset(
    (
        *("application/json", "application/problem+json", "application/atom+xml", "image/svg+xml"),
        *("text/css", "text/html", "text/javascript", "text/plain"),
    )
)


def init_compression(app: Flask) -> None:
    """Compress the answers of `app` that are worth it and hold nothing of one reader's own."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    vary, taken = response.headers.get("Vary", ""), _taken()
    if (VARY in vary and not taken) or response.mimetype not in TEXTS or _personal(response):
        return response
    if VARY not in vary:
        response.headers["Vary"] = f"{vary}, {VARY}" if vary else VARY
    if response.status_code != 200 or not taken or not _worth_it(response):
        return response
    response.direct_passthrough = False
    response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, weak = response.get_etag()
    if tag is not None and not weak:
        response.set_etag(tag, weak=True)  # other bytes than those that the strong tag stands for
    return response


def _personal(response: Response) -> bool:
    return bool(
        "HTTP_COOKIE" in request.environ
        or "no-store" in response.headers.get("Cache-Control", "")
        or "Set-Cookie" in response.headers
        or session.modified  # its cookie is set after this
        or "Content-Encoding" in response.headers
    )


def _worth_it(response: Response) -> bool:
    length = response.content_length or response.calculate_content_length()
    return length is not None and LEAST <= length <= MOST


def _taken() -> bool:
    said = request.environ.get("HTTP_ACCEPT_ENCODING", "")
    return ("gzip" in said or "*" in said) and request.accept_encodings["gzip"] > 0

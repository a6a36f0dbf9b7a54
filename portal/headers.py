"""Headers that every answer carries, for browsers: nothing from elsewhere, no frames, no guessing of types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from indexer.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = "Content-Security-Policy"
HEADERS = {
    POLICY: "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "Permissions-Policy": "browsing-topics=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}  # one year, in seconds


def keep_secret(response: Response) -> Response:
    """For an answer whose address opens something: nobody keeps it, and no other page is told where a reader came from."""
    response.cache_control.no_store = True
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def keep_to_browser(response: Response) -> Response:
    """For what one person may see: no cache keeps it."""
    response.cache_control.no_store = True
    return response


def init_headers(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer of `app`; where people come by HTTPS, browsers and cookies are held to it."""
    # Flask's own signed cookie: tokens of forms, messages for the next page. Who is logged in stands in portal/accounts/person.py.
    app.config["SESSION_COOKIE_NAME"] = "__Host-zhixin-form" if settings.https else "zhixin-form"
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = settings.https
    # Around Flask, where it also holds for what Flask answers by itself; `wsgi_app` is there to be wrapped.
    app.wsgi_app = _Headed(app.wsgi_app, HEADERS | (HTTPS_ONLY if settings.https else {}))  # type: ignore[method-assign]


class _Headed:
    """Adds headers to what an application answers, but those that it says itself: a page whose address is a secret is stricter."""

    def __init__(self, app: WSGIApplication, headers: Mapping[str, str]) -> None:
        self._app, self._headers = app, list(headers.items())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, said: list[tuple[str, str]], *error: Any) -> Any:
            names = {name for name, _ in said}
            if POLICY in names and any(name == POLICY and "frame-ancestors" in value for name, value in said):
                names.add("X-Frame-Options")  # it says who may frame it, which needs no second word
            return start_response(
                status, said + [each for each in self._headers if each[0] not in names], *error
            )

        return self._app(environ, start)

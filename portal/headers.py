"""Headers that every answer carries, for browsers: nothing from elsewhere, no frames, no guessing of types."""

from flask import Flask, Response

from indexer.settings import Settings

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
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
    headers = list((HEADERS | (HTTPS_ONLY if settings.https else {})).items())

    def add(response: Response) -> Response:
        # A page whose own policy says who may frame it needs no second word on that.
        said = "frame-ancestors" in response.headers.get("Content-Security-Policy", "")
        for name, value in headers:
            if said and name == "X-Frame-Options":
                continue
            if name not in response.headers:  # a page whose address is a secret is stricter
                response.headers.add(name, value)
        return response

    app.after_request(add)

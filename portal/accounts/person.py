"""Who is at the other end of the current request, by the cookie of a session. Programs (`/api/`) are nobody: they carry no cookie."""

import re
from contextlib import suppress
from uuid import uuid4

from flask import Flask, Response, g, request

from indexer.accounts.audit import Caller
from indexer.accounts.login import Admitted
from indexer.accounts.sessions import Person
from indexer.register.database import DatabaseBusy
from portal.context import portal
from portal.limits import visitor

API = "/api/"
BROWSER_DAYS = 365
_systems = (
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_programs = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)


def init_person(app: Flask) -> None:
    """Send the cookies that views ask for; what somebody who is logged in sees is kept by no cache."""
    app.after_request(_send)


def person() -> Person | None:
    """Who is logged in; None where nobody is."""
    if "person" not in g:
        token = "" if request.path.startswith(API) else request.cookies.get(session_cookie(), "")
        g.person = portal().accounts.sessions.person(token) if token else None
    found: Person | None = g.person
    return found


def somebody() -> Person:
    """Who is logged in, in a view whose guard lets nobody else in."""
    found = person()
    assert found is not None
    return found


def caller() -> Caller:
    """What the audit says of this request."""
    if "request_id" not in g:
        g.request_id = uuid4().hex
    someone = person()
    return Caller(someone.account if someone is not None else None, visitor(), g.request_id)


def token() -> str:
    """The token of the session cookie, empty where there is none."""
    return request.cookies.get(session_cookie(), "")


def known_browser() -> str:
    """The token of a browser that somebody logged in with before."""
    return request.cookies.get(browser_cookie(), "")


def browser_words() -> str:
    """Browser and system in two words, as people tell their devices apart."""
    said = request.headers.get("User-Agent", "")
    words = [
        next((word for pattern, word in names if re.search(pattern, said)), "")
        for names in (_programs, _systems)
    ]
    return " · ".join(filter(None, words)) or "?"


def enter(admitted: Admitted) -> None:
    """Give this browser the token of a log-in, in place of the one it came with."""
    g.session_token = admitted.token
    g.browser_token = admitted.browser
    g.pop("person", None)


def change_token(new: str) -> None:
    """Give this browser the new token of its session."""
    g.session_token = new


def leave() -> None:
    """Take the session cookie away."""
    g.session_token = ""


def keep_token(someone: Person) -> None:
    """Renew the token of a session whose person's rights have changed."""
    if someone.renew:
        with suppress(DatabaseBusy):  # the next request does it
            g.session_token = portal().accounts.sessions.renew(someone.session, caller())


def session_cookie() -> str:
    """The name of the cookie that holds the token of a session."""
    return _named("zhixin")


def browser_cookie() -> str:
    """The name of the cookie that makes a browser known."""
    return _named("zhixin-browser")


def _named(name: str) -> str:
    """By HTTPS the prefix makes browsers hold the cookie to this host, whole and encrypted."""
    return f"__Host-{name}" if portal().settings.https else name


def _send(response: Response) -> Response:
    new, known = g.get("session_token"), g.get("browser_token")
    if new is not None or known:
        secure = portal().settings.https
        if new:
            response.set_cookie(session_cookie(), new, httponly=True, secure=secure, samesite="Lax")
        elif new is not None:
            response.delete_cookie(session_cookie(), httponly=True, secure=secure, samesite="Lax")
        if known:
            lasts = BROWSER_DAYS * 86400
            response.set_cookie(
                browser_cookie(), known, max_age=lasts, httponly=True, secure=secure, samesite="Lax"
            )
    if new is not None or g.get("person") is not None:
        response.cache_control.no_store = True
    return response

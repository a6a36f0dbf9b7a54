"""Whose key a request carries (密钥): `Authorization: Bearer KEY`, in this header and nowhere else, since addresses are logged and passed on.

A key decides by which plan a request is counted and what it may do; it opens nothing that is not public. It is read before the request is counted, so that
guesses count for the address they come from, and asked for its scope after, by the guard of all routes (`portal/accounts/access.py`).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, g, request

from indexer.errors import ZhixinError
from indexer.keys.plans import Scope
from indexer.keys.using import Holder
from portal.context import portal
from portal.limits import EXEMPT, count_as

API = "/api/"
SCHEME = "bearer "
OTHER_BEARERS = frozenset({"exchange", "metrics"})  # where partners and Prometheus show tokens of their own
CHALLENGE = 'Bearer realm="zhixin", error="invalid_token"'
Function = TypeVar("Function", bound=Callable[..., Any])
_needed: dict[str, Scope] = {}


class KeyNotValid(ZhixinError):
    """The key of a request is nobody's, was revoked or has ended."""

    code = "key-not-valid"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            "密钥不对、已吊销或已过期。请检查 Authorization: Bearer 后面的密钥，或到 /keys 重新申请；不带密钥也可以查询。",
            "The key is unknown, was revoked or has ended: look at what follows Authorization: Bearer, or get another at /keys. "
            "One may also ask without a key.",
        )


class ScopeMissing(ZhixinError):
    """What is asked needs a scope that the key does not have."""

    code = "scope-missing"
    status = 403

    def __init__(self, scope: Scope) -> None:
        super().__init__(
            f"这个操作需要带有 {scope} 权限的密钥。",
            f"This needs a key with the scope {scope}.",
        )


def needs(scope: Scope) -> Callable[[Function], Function]:
    """Say of an operation of the API which scope a key needs for it; `read` where nothing is said. Stands below `operation`.

    Whoever has no key may do what is open to all, and nothing of `exchange`.
    """

    def say(function: Function) -> Function:
        _needed[f"api.{function.__name__}"] = scope
        return function

    return say


def init_keys(app: Flask) -> None:
    """Read the key of every request of `app`, and count what is done with it. Before limits are set up, which count by it."""
    app.before_request(_read)
    app.after_request(_count)


def check_key() -> None:
    """Raise KeyNotValid where the current request carries a wrong key, and ScopeMissing where a right one is not good for it."""
    if "key_wrong" in g:
        raise KeyNotValid
    if request.path.startswith(API):
        scope, held = _needed.get(request.endpoint or "", Scope.READ), holder()
        if held is None and scope is Scope.EXCHANGE:
            raise ScopeMissing(scope)
        if held is not None and scope not in held.scopes:
            raise ScopeMissing(scope)


def holder() -> Holder | None:
    """Whose key the current request carries; None where it carries none."""
    found: Holder | None = g.get("key_holder")
    return found


def _read() -> None:
    said = request.environ.get("HTTP_AUTHORIZATION")
    if said is None or request.endpoint in EXEMPT or request.blueprint in OTHER_BEARERS:
        return
    if said[: len(SCHEME)].lower() != SCHEME:
        if request.path.startswith(API):  # a page may stand behind a password of a proxy
            g.key_wrong = True
        return
    held = portal().key_use.holder(said[len(SCHEME) :].strip())
    if held is None:
        g.key_wrong = True
        return
    g.key_holder = held
    count_as(f"key:{held.key}", portal().plans.of(held.plan))


def _count(response: Response) -> Response:
    held = holder()
    if held is not None:
        portal().key_use.count(held.key, g.get("cost", 1), response.status_code == 429)
    if response.status_code == 401:
        response.headers.setdefault("WWW-Authenticate", CHALLENGE)
    return response

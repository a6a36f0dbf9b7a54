"""Who may use a route (访问控制): every route says it, one guard asks it, and one that says nothing keeps the portal from starting.

A view says it with a decorator below that of its route, or its whole blueprint says `open_to_all`:

    @blueprint.get("/desk/claims")
    @may(Permission.CASES_HANDLE)
    def claims() -> str: ...

    @blueprint.get("/enterprise/<code>/people")
    @may(Permission.OWN_PEOPLE, of="code")
    def people(code: str) -> str: ...

The guard also holds forms to their token (CSRF) and bodies to their size. What belongs to a single thing (this claim, that file) is asked by
the view.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import Blueprint, Flask, current_app, redirect, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.accounts.sessions import Person
from indexer.errors import ZhixinError
from portal.accounts.keys import check_key
from portal.accounts.person import keep_token, person

TABLE = "zhixin-access"
FORMS = "zhixin-forms"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route.

    `permission` is what a role has to allow, `of` the part of the address that says within which enterprise or agency. `scoped` says that
    the view keeps to the agency or region of a role that has one; without it such a role does not count. `unfinished` lets those in who still have to set their second step. `forged` is for forms that do nothing in anybody's name, so that nothing can be
    forged. `largest` is the longest body in bytes, where it is not the portal's own limit.
    """

    who: Literal["all", "person", "permission"]
    permission: Permission | None = None
    of: str | None = None
    scoped: bool = False
    unfinished: bool = False
    forged: bool = False
    largest: int | None = None


class Forbidden(ZhixinError):
    """Whoever is logged in has no role for this."""

    code = "forbidden"
    status = 403

    def __init__(self) -> None:
        super().__init__("您的账户没有这项权限。", "Your account may not do this.")


class FormStale(ZhixinError):
    """The token of a form is missing or belongs to another log-in."""

    code = "form-stale"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            "页面放得太久，请返回刷新后重新提交。",
            "The page is out of date: go back, reload and send it again.",
        )


ALL = Access("all", forged=True)
_said: dict[Callable[..., Any], Access] = {}
_blueprints: dict[str, Access] = {}


def open_to_all(blueprint: Blueprint) -> Blueprint:
    """Say of a blueprint that all may use its routes and that they act in nobody's name."""
    _blueprints[blueprint.name] = ALL
    return blueprint


def anybody(largest: int | None = None) -> Callable[[View], View]:
    """Say of a view that all may use it; its forms carry a token."""
    return _saying(Access("all", unfinished=True, largest=largest))


def program(largest: int | None = None) -> Callable[[View], View]:
    """Say of a view that programs use it, which prove themselves to it with every request; nothing can be forged in a browser's name."""
    return _saying(Access("all", forged=True, largest=largest))


def logged_in(*, unfinished: bool = False, largest: int | None = None) -> Callable[[View], View]:
    """Say of a view that everybody who is logged in may use it."""
    return _saying(Access("person", unfinished=unfinished, largest=largest))


def may(
    permission: Permission, of: str | None = None, largest: int | None = None, *, scoped: bool = False
) -> Callable[[View], View]:
    """Say of a view that a permission is needed, within the enterprise or agency that the part `of` of the address names.

    `scoped`: the view itself asks `Person.reach`, so those may in who have an agency or region of their own.
    """
    return _saying(Access("permission", permission, of, scoped, largest=largest))


def init_access(app: Flask) -> None:
    """Guard every route of `app`; all have to be there already. Raises RuntimeError naming those that say nothing."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # the guard asks, after the size of the body is known
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session
    app.config["WTF_CSRF_SSL_STRICT"] = False  # proxies change names; the cookie is __Host- and SameSite
    app.extensions[FORMS] = CSRFProtect(app)
    app.extensions[TABLE] = table(app)
    app.before_request(_guard)


def table(app: Flask) -> dict[str, Access]:
    """Endpoint → who may use it. Raises RuntimeError naming the routes that do not say."""
    found: dict[str, Access] = {"static": ALL}
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        access = _said.get(app.view_functions[rule.endpoint]) or _blueprints.get(
            rule.endpoint.rpartition(".")[0]
        )
        if access is None:
            raise RuntimeError(f"{rule.rule} ({rule.endpoint}) does not say who may use it")
        if access.of is not None and access.of not in rule.arguments:
            raise RuntimeError(f"{rule.rule} has no part {access.of}")
        found[rule.endpoint] = access
    return found


def local(path: str) -> str:
    """A path of this portal to go on to, from an address that could say anything; empty where it leads elsewhere."""
    if not path.startswith("/") or path[1:2] in ("/", "\\") or "\\" in path or not path.isprintable():
        return ""
    return path


def _saying(access: Access) -> Callable[[View], View]:
    def say(view: View) -> View:
        _said[view] = access
        return view

    return say


def _guard() -> Response | None:
    if request.endpoint is None:
        return None
    access: Access = current_app.extensions[TABLE][request.endpoint]
    check_key()
    if access.largest is not None:
        request.max_content_length = access.largest
    if access.who != "all":
        someone = person()
        if someone is None:
            return _to_login()
        if someone.must_set_two_steps and not access.unfinished:
            return redirect(url_for("account.two_steps"), 303)
        if not _allowed(access, someone):
            raise Forbidden
        keep_token(someone)
    if request.method not in SAFE and not access.forged:
        _protect()
    return None


def _allowed(access: Access, someone: Person) -> bool:
    if access.permission is None:
        return True
    if access.of is not None:
        return someone.may(access.permission, str((request.view_args or {})[access.of]))
    if access.scoped:
        return someone.may(access.permission)
    return someone.may_everywhere(access.permission)


def _protect() -> None:
    try:
        current_app.extensions[FORMS].protect()
    except CSRFError:
        raise FormStale from None


def _to_login() -> Response:
    """To the log-in and back; what was sent with a form is lost, so then not back."""
    back = request.full_path.rstrip("?") if request.method in SAFE else None
    return redirect(url_for("account.login", next=back), 303)

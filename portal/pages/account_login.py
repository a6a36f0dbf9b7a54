"""Logging in and out (登录、退出): password, second step, identity platform."""

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from indexer.accounts.audit import Act
from indexer.accounts.login import WrongPassword
from indexer.accounts.people import normal_mail
from indexer.accounts.second_step import WrongCode
from indexer.accounts.throttle import TooManyFailures
from indexer.errors import InvalidParameter, NotFound
from portal.accounts import identity
from portal.accounts.access import anybody, local, logged_in
from portal.accounts.person import browser_words, caller, enter, known_browser, leave, person, somebody, token
from portal.context import portal
from portal.i18n import english
from portal.pages.account_frame import blueprint, done
from portal.pages.account_identity import keep_vouched

LINKING = "linking"  # in Flask's signed cookie: the account that an identity is to be linked to
NEXT = "next"  # in Flask's signed cookie: where to go after the log-in


@blueprint.get("/login")
@anybody()
def login() -> str | Response:
    """The form; who is logged in goes on."""
    back = local(request.args.get("next", ""))
    if person() is not None:
        return redirect(back or url_for("account.home"), 303)
    return _form("", "", back)


@blueprint.post("/login")
@anybody()
def login_asked() -> str | Response | tuple[str, int]:
    """Looks at address and password."""
    typed, back = request.form.get("mail", ""), local(request.form.get("next", ""))
    try:
        admitted = portal().accounts.login.with_password(
            caller(), _mail(typed), request.form.get("password", ""), known_browser(), browser_words()
        )
    except (WrongPassword, TooManyFailures) as error:
        return _form(typed, error.en if english() else error.zh, back), error.status
    session.clear()
    enter(admitted)
    session[NEXT] = back
    return _onward() if admitted.browser is not None else redirect(url_for("account.login_code"), 303)


@blueprint.get("/login/code")
@anybody()
def login_code() -> str | Response:
    """Asks for the code of the second step."""
    if portal().accounts.sessions.half(token()) is None:
        return redirect(url_for("account.login"), 303)
    return render_template("login_code.html", error="")


@blueprint.post("/login/code")
@anybody()
def login_code_asked() -> str | Response | tuple[str, int]:
    """Looks at the code."""
    back = session.get(NEXT, "")
    try:
        admitted = portal().accounts.login.with_code(
            caller(), token(), request.form.get("code", ""), known_browser()
        )
    except (WrongCode, TooManyFailures) as error:
        return render_template("login_code.html", error=error.en if english() else error.zh), error.status
    if admitted is None:
        return redirect(url_for("account.login"), 303)
    session.clear()
    enter(admitted)
    session[NEXT] = back
    return _onward()


@blueprint.post("/logout")
@logged_in(unfinished=True)
def logout() -> Response:
    """Ends this session."""
    someone = somebody()
    portal().accounts.sessions.end(caller(), someone.session, someone.account, Act.LOGGED_OUT)
    session.clear()
    leave()
    done(_("您已退出登录。"))
    return redirect(url_for("account.login"), 303)


@blueprint.get("/login/identity")
@anybody()
def login_identity() -> Response:
    """To the identity platform. Who is logged in and comes from the account's page, by the token of its link, links the account with it:
    without the token, others could have their own identity linked to it.
    """
    _offered()
    session.pop(LINKING, None)
    if (someone := person()) is not None and _own(request.args.get("csrf_token", "")):
        session[LINKING] = someone.account
    session[NEXT] = local(request.args.get("next", ""))
    return identity.begin(portal().settings.base_url + url_for("account.login_identity_back"))


@blueprint.get("/login/identity/back")
@anybody()
def login_identity_back() -> Response:
    """Back from there."""
    _offered()
    said = identity.finish(portal().settings)
    accounts = portal().accounts
    someone = person()
    if someone is not None and session.pop(LINKING, None) == someone.account:
        accounts.outside.link(caller(), said)
        done(_("已绑定统一身份认证。"))
        return redirect(url_for("account.home"), 303)
    back = session.get(NEXT, "")
    if not said.mail and not accounts.outside.knows(said):
        session.clear()
        session[NEXT] = back
        keep_vouched(said)
        return redirect(url_for("account.identity_mail"), 303)
    admitted = accounts.outside.admit(caller(), said, known_browser(), browser_words())
    session.clear()
    enter(admitted)
    session[NEXT] = back
    return _onward() if admitted.browser is not None else redirect(url_for("account.login_code"), 303)


def _onward() -> Response:
    return redirect(local(session.pop(NEXT, "")) or url_for("account.home"), 303)


def _own(token: str) -> bool:
    """Whether a link was made for this browser."""
    try:
        validate_csrf(token)
    except ValidationError:
        return False
    return True


def _offered() -> None:
    if not identity.offered():
        raise NotFound("本站没有接入统一身份认证。", "There is no identity platform to log in with.")


def _mail(typed: str) -> str:
    """The address as accounts have it; what is none is looked for all the same, so that the time tells nothing."""
    try:
        return normal_mail(typed)
    except InvalidParameter:
        return typed.strip().lower()[:254]


def _form(typed: str, error: str, back: str) -> str:
    return render_template("login.html", typed=typed, error=error, back=back, platform=identity.offered())

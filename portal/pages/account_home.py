"""My account (我的账户): roles, password, second step, where I am logged in."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.login import WrongPassword
from indexer.accounts.passwords import LEAST, PasswordRefused
from indexer.accounts.throttle import TooManyFailures
from indexer.errors import InvalidParameter, NotFound
from portal.accounts import identity
from portal.accounts.access import logged_in
from portal.accounts.person import caller, change_token, leave, somebody
from portal.context import portal
from portal.i18n import english
from portal.pages.account_frame import blueprint, crumbs, done, held, tasks
from portal.pages.components import Instant
from portal.pages.frame import instant


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere this account is logged in."""

    id: int
    browser: str
    network: str
    seen: Instant
    here: bool


@blueprint.get("/account")
@logged_in(unfinished=True)
def home() -> str:
    """The page."""
    return _page({})


@blueprint.post("/account/password")
@logged_in(unfinished=True)
def change_password() -> Response | tuple[str, int]:
    """Sets another password; all other sessions end."""
    someone, form = somebody(), request.form
    try:
        token = portal().accounts.login.change_password(
            caller(), someone.account, someone.session, form.get("now", ""), form.get("password", "")
        )
    except WrongPassword:
        return _page({"now": _("现在的密码不对。")}), 400
    except (PasswordRefused, TooManyFailures) as error:
        return _page({"password": error.en if english() else error.zh}), error.status
    change_token(token)
    done(_("密码已更换，其他地方的登录都已退出。"))
    return redirect(url_for("account.home"), 303)


@blueprint.post("/account/mail")
@logged_in(unfinished=True)
def change_mail() -> Response | tuple[str, int]:
    """Sends a letter to the old and to the new address; both have to be confirmed."""
    form = request.form
    try:
        portal().accounts.addresses.ask(caller(), form.get("mail", ""), form.get("now_mail", ""))
    except WrongPassword:
        return _page({"now_mail": _("现在的密码不对。")}), 400
    except (InvalidParameter, TooManyFailures) as error:
        return _page({"mail": error.en if english() else error.zh}), error.status
    done(_("已给原邮箱和新邮箱各发一封信，两封都确认以后更换。"))
    return redirect(url_for("account.home"), 303)


@blueprint.post("/account/sessions")
@logged_in(unfinished=True)
def end_sessions() -> Response:
    """Ends one session, or all others."""
    someone, asked = somebody(), request.form.get("session", "")
    sessions = portal().accounts.sessions
    if asked == "others":
        sessions.end_others(caller(), someone.session, someone.account)
    elif not asked.isdecimal() or not sessions.end(caller(), int(asked[:18]), someone.account):
        raise NotFound("没有这个登录。", "There is no such session.")
    if asked == str(someone.session):
        leave()
    done(_("已退出。"))
    return redirect(url_for("account.home"), 303)


def _page(errors: dict[str, str]) -> str:
    someone, accounts = somebody(), portal().accounts
    return render_template(
        "account.html",
        someone=someone,
        roles=held(someone.holdings),
        claims=accounts.claims.of(someone.account),
        places=[
            Place(each.id, each.browser, each.network, instant(each.seen_at), each.id == someone.session)
            for each in accounts.sessions.of(someone.account)
        ],
        codes_left=accounts.second_step.codes_left(someone.account) if someone.two_steps else 0,
        platform=identity.offered(),
        errors=errors,
        least=LEAST,
        tasks=tasks(),
        crumbs=crumbs()[:1],
    )

"""Pages behind letters: ask for an account or a new password, open the link, choose a password, accept an invitation."""

from flask import Response, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from indexer.accounts.addresses import OTHER
from indexer.accounts.links import IDENTITY, INVITATION, LOST_MAIL, RESET, STOP_MAIL, Link
from indexer.accounts.login import Admitted
from indexer.accounts.passwords import LEAST
from indexer.accounts.people import normal_mail
from indexer.errors import InvalidParameter
from portal.accounts.access import anybody
from portal.accounts.person import browser_words, caller, enter, known_browser, person
from portal.context import portal
from portal.headers import keep_to_browser
from portal.i18n import english
from portal.pages.account_frame import blueprint, done, role_words
from portal.pages.account_identity import admitted_by
from portal.pages.forms import messages


@blueprint.get("/register")
@anybody()
def register() -> str:
    """The form for a new account."""
    return _ask("register", "", {})


@blueprint.post("/register")
@anybody()
def register_asked() -> str | tuple[str, int]:
    """Sends a letter; says the same whether there is an account."""
    try:
        mail = normal_mail(request.form.get("mail", ""))
    except InvalidParameter as error:
        return _ask("register", request.form.get("mail", ""), messages(error, ("mail",))), 400
    portal().accounts.links.ask_registration(caller(), mail)
    return render_template("link_sent.html", mail=mail)


@blueprint.get("/forgot")
@anybody()
def forgot() -> str:
    """The form for a new password."""
    return _ask("forgot", "", {})


@blueprint.post("/forgot")
@anybody()
def forgot_asked() -> str | tuple[str, int]:
    """Sends a letter where there is such an account; says the same where there is none."""
    try:
        mail = normal_mail(request.form.get("mail", ""))
    except InvalidParameter as error:
        return _ask("forgot", request.form.get("mail", ""), messages(error, ("mail",))), 400
    portal().accounts.links.ask_reset(caller(), mail)
    return render_template("link_sent.html", mail=mail)


@blueprint.get("/link/<token>")
@anybody()
def link(token: str) -> Response:
    """What the link of a letter opens. Opening uses nothing up: mail programs look at links, too."""
    found = portal().accounts.links.read(token)
    if found.purpose == LOST_MAIL:
        return keep_to_browser(
            current_app.make_response(redirect(url_for("account.lost_mail_form", token=token)))
        )
    return keep_to_browser(Response(_page(found, {}, "")))


@blueprint.post("/link/<token>")
@anybody()
def link_used(token: str) -> AnyResponse:
    """Uses the link up: a new password, a new account, or an invitation accepted."""
    links = portal().accounts.links
    found = links.read(token)
    if found.purpose == INVITATION and found.account is not None:
        someone = person()
        if someone is None or someone.account != found.account:
            return redirect(url_for("account.login", next=request.path), 303)
        links.accept(caller(), token, someone.account)
        done(_("已接受邀请。"))
        return redirect(url_for("account.home"), 303)
    if found.purpose in OTHER:
        return _mail_confirmed(token)
    if found.purpose == STOP_MAIL:
        portal().accounts.lost_mail.stop(caller(), token)
        done(_("已终止，邮箱不变。"))
        return redirect(url_for("account.login"), 303)
    if found.purpose == IDENTITY:
        return _entered(admitted_by(found, token), _("邮箱已确认，您已登录。"))
    name, password = request.form.get("name", ""), request.form.get("password", "")
    come = (known_browser(), browser_words())
    try:
        if found.purpose == RESET:
            admitted = links.new_password(caller(), token, password, *come)
        else:
            admitted = links.new_account(caller(), token, name, password, *come)
    except InvalidParameter as error:
        page = _page(found, messages(error, ("name", "password")), name)
        return keep_to_browser(Response(page, 400))
    return _entered(admitted, _("密码已设好，您已登录。"))


def _entered(admitted: Admitted, said: str) -> AnyResponse:
    session.clear()
    enter(admitted)
    if admitted.browser is None:
        return redirect(url_for("account.login_code"), 303)
    done(said)
    return redirect(url_for("account.home"), 303)


def _mail_confirmed(token: str) -> AnyResponse:
    """One of the two letters of a change of address was confirmed."""
    changed = portal().accounts.addresses.confirm(caller(), token)
    done(_("邮箱已更换，请用新邮箱登录。") if changed else _("已确认。另一个邮箱也确认以后就更换。"))
    return redirect(url_for("account.login"), 303)


def _ask(purpose: str, typed: str, errors: dict[str, str]) -> str:
    return render_template("ask_link.html", purpose=purpose, typed=typed, errors=errors)


def _page(found: Link, errors: dict[str, str], name: str) -> str:
    someone = person()
    return render_template(
        "link.html",
        link=found,
        role=role_words(found.role) if found.role else "",
        other=someone.mail if someone is not None and someone.mail != found.mail else "",
        here=someone is not None and someone.mail == found.mail,
        errors=errors,
        name=name,
        least=LEAST,
        english=english(),
    )

"""The address of somebody whose identity platform tells none (统一身份认证没有邮箱): asked for, and confirmed by a letter in the same browser.

Whom the platform vouched for stands in Flask's signed cookie meanwhile, for an hour: the link of a letter alone gives nobody an account that is
linked to another's identity.
"""

from dataclasses import asdict
from datetime import datetime, timedelta

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from indexer.accounts.links import IDENTITY as PURPOSE
from indexer.accounts.links import LASTS, Link
from indexer.accounts.login import Admitted
from indexer.accounts.outside import Vouched
from indexer.accounts.people import Conflict, normal_mail
from indexer.errors import InvalidParameter
from portal.accounts.access import anybody
from portal.accounts.person import browser_words, caller, known_browser
from portal.context import portal
from portal.pages.account_frame import blueprint
from portal.pages.forms import messages

VOUCHED = "vouched"  # in Flask's signed cookie: whom the platform vouched for
UNTIL = "vouched-until"
LASTS_FOR: timedelta = LASTS[PURPOSE]


def keep_vouched(said: Vouched) -> None:
    """Remember in this browser whom the platform vouched for."""
    session[VOUCHED] = asdict(said)
    session[UNTIL] = (portal().clock.now() + LASTS_FOR).isoformat()


def vouched() -> Vouched | None:
    """Whom the platform vouched for in this browser; None where it did not, or too long ago."""
    said, until = session.get(VOUCHED), session.get(UNTIL, "")
    if said is None or portal().clock.now() > datetime.fromisoformat(until):
        return None
    return Vouched(**said)


@blueprint.get("/login/identity/mail")
@anybody()
def identity_mail() -> Response | str:
    """The form."""
    if vouched() is None:
        return redirect(url_for("account.login"), 303)
    return render_template("identity_mail.html", typed="", errors={})


@blueprint.post("/login/identity/mail")
@anybody()
def identity_mail_asked() -> Response | str | tuple[str, int]:
    """Sends the letter; says the same whether there is an account."""
    if vouched() is None:
        return redirect(url_for("account.login"), 303)
    typed = request.form.get("mail", "")
    try:
        mail = normal_mail(typed)
    except InvalidParameter as error:
        return render_template("identity_mail.html", typed=typed, errors=messages(error, ("mail",))), 400
    portal().accounts.links.ask_identity(caller(), mail)
    return render_template("link_sent.html", mail=mail)


def admitted_by(link: Link, token: str) -> Admitted:
    """Let whoever opens the link in, where it is the browser that the platform vouched in. Raises Conflict where it is another."""
    said = vouched()
    if said is None:
        raise Conflict(
            "请在刚才登录的同一个浏览器里打开这个网址，或重新用统一身份认证登录。",
            "Open this in the browser that you logged in with, or log in by the platform again.",
        )
    assert link.purpose == PURPOSE
    return portal().accounts.outside.admit_with_mail(caller(), said, token, known_browser(), browser_words())

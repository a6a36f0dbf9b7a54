"""The second step (两步验证): set it up with a QR code, see new recovery codes once."""

import segno
from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from indexer.accounts.second_step import WrongCode
from portal.accounts.access import logged_in
from portal.accounts.person import caller, change_token, somebody
from portal.context import portal
from portal.headers import keep_to_browser
from portal.i18n import english
from portal.pages.account_frame import blueprint, crumbs


@blueprint.get("/account/two-steps")
@logged_in(unfinished=True)
def two_steps() -> AnyResponse:
    """The secret as QR code and text, and the box for the first code."""
    if somebody().two_steps:
        return redirect(url_for("account.home"), 303)
    return keep_to_browser(Response(_form("")))


@blueprint.post("/account/two-steps")
@logged_in(unfinished=True)
def two_steps_set() -> AnyResponse:
    """Sets it up by the first right code."""
    someone = somebody()
    try:
        token, codes = portal().accounts.second_step.confirm(
            caller(), someone.account, someone.session, request.form.get("code", "")
        )
    except WrongCode as error:
        if someone.two_steps:
            return redirect(url_for("account.home"), 303)
        return keep_to_browser(Response(_form(error.en if english() else error.zh), 400))
    change_token(token)
    return keep_to_browser(Response(_codes(codes)))


@blueprint.post("/account/recovery-codes")
@logged_in()
def new_recovery_codes() -> AnyResponse:
    """Makes new recovery codes; those before end."""
    someone = somebody()
    if not someone.two_steps:
        return redirect(url_for("account.two_steps"), 303)
    return keep_to_browser(
        Response(_codes(portal().accounts.second_step.new_codes(caller(), someone.account)))
    )


def _form(error: str) -> str:
    someone = somebody()
    secret, address = portal().accounts.second_step.begin(caller(), someone.account)
    code = segno.make(address, error="m", micro=False)
    return render_template(
        "two_steps.html",
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=str(code.svg_inline(border=3, light="#fff", svgclass="qr", lineclass=None, omitsize=True)),
        required=someone.must_set_two_steps,
        error=error,
        crumbs=crumbs(),
    )


def _codes(codes: tuple[str, ...]) -> str:
    return render_template("recovery_codes.html", codes=codes, crumbs=crumbs(), title=_("备用码"))

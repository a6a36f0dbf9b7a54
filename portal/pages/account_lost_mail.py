"""An address whose letter box is lost (登录邮箱收不到信): prove another one, show who one is, and wait for somebody of the desk."""

from flask import Response, render_template, request

from indexer.accounts.files import LARGEST, look
from indexer.errors import FileRefused, InvalidParameter
from portal.accounts.access import anybody
from portal.accounts.person import caller
from portal.context import portal
from portal.headers import keep_to_browser
from portal.i18n import english
from portal.pages.account_claims import ROOM
from portal.pages.account_frame import blueprint
from portal.pages.forms import messages


@blueprint.get("/mail-lost")
@anybody()
def lost_mail() -> str:
    """What has to be done, and the form for the new address."""
    return _ask("", {})


@blueprint.post("/mail-lost")
@anybody()
def lost_mail_asked() -> str | tuple[str, int]:
    """Sends a letter to the new address; says the same whether there is an account with it."""
    typed = request.form.get("mail", "")
    try:
        portal().accounts.lost_mail.ask(caller(), typed)
    except InvalidParameter as error:
        return _ask(typed, messages(error, ("mail",))), 400
    return render_template("link_sent.html", mail=typed.strip().lower())


@blueprint.get("/mail-lost/<token>")
@anybody()
def lost_mail_form(token: str) -> Response:
    """The form for the old address and the proof; opening it uses nothing up."""
    return keep_to_browser(Response(_form(token, {})))


@blueprint.post("/mail-lost/<token>")
@anybody(largest=LARGEST + ROOM)
def lost_mail_filed(token: str) -> Response:
    """Files the change; says the same whether there is an account with the old address."""
    form, sent, lost = request.form, request.files.get("file"), portal().accounts.lost_mail
    new = lost.new_address(token)  # before the file is looked at
    try:
        proof = look(sent.stream.read(LARGEST + 1) if sent is not None else b"")
        lost.file(caller(), token, form.get("old", ""), form.get("said", ""), proof)
    except FileRefused as error:
        return keep_to_browser(Response(_form(token, {"file": error.en if english() else error.zh}), 400))
    except InvalidParameter as error:
        return keep_to_browser(Response(_form(token, messages(error, ("old", "said"))), 400))
    return keep_to_browser(Response(render_template("lost_mail_filed.html", mail=new)))


def _ask(typed: str, errors: dict[str, str]) -> str:
    return render_template("lost_mail.html", typed=typed, errors=errors)


def _form(token: str, errors: dict[str, str]) -> str:
    new = portal().accounts.lost_mail.new_address(token)
    return render_template(
        "lost_mail_form.html",
        new=new,
        old=request.form.get("old", ""),
        said=request.form.get("said", ""),
        errors=errors,
        largest=LARGEST // 2**20,
    )

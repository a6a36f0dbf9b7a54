"""Claiming an enterprise (企业认领) with an authorisation, and the files that people sent."""

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.claims import PURPOSE
from indexer.accounts.files import LARGEST, look
from indexer.accounts.roles import Permission
from indexer.errors import FileRefused, InvalidParameter, NotFound
from portal.accounts.access import logged_in
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.i18n import english
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.attachment import kept_file
from portal.pages.forms import messages

ROOM = 64 * 1024  # bytes of a form besides its file


@blueprint.get("/account/claim")
@logged_in()
def claim() -> str:
    """The form; a link may bring the enterprise's code along."""
    return _form(request.args.get("code", ""), {})


@blueprint.post("/account/claim")
@logged_in(largest=LARGEST + ROOM)
def claim_filed() -> AnyResponse | tuple[str, int]:
    """Files the claim for an operator to look at."""
    code, sent = request.form.get("code", ""), request.files.get("file")
    try:
        proof = look(sent.stream.read(LARGEST + 1) if sent is not None else b"")
        portal().accounts.claims.file(caller(), code, proof)
    except FileRefused as error:
        return _form(code, {"file": error.en if english() else error.zh}), 400
    except InvalidParameter as error:
        return _form(code, messages(error, ("code",))), 400
    done(_("认领已提交，审核结果会发到您的邮箱。"))
    return redirect(url_for("account.home"), 303)


@blueprint.get("/files/<int:identity>")
@logged_in()
def file(identity: int) -> Response:
    """A file, to whoever sent it and to those who handle cases; others are told that there is none."""
    someone, kept = somebody(), portal().accounts.files.one(identity)
    own = kept.account == someone.account
    if not own and not (kept.purpose == PURPOSE and someone.may_everywhere(Permission.CASES_HANDLE)):
        raise NotFound("没有这个文件。", "There is no such file.")
    if not own:
        with acting(portal().accounts.engine, portal().clock, caller()) as act:
            act.note(Act.FILE_VIEWED, f"file:{identity}", after=kept.purpose)
    return kept_file(kept)


def _form(code: str, errors: dict[str, str]) -> str:
    return render_template("claim.html", code=code, errors=errors, largest=LARGEST // 2**20, crumbs=crumbs())

"""People of an enterprise (企业成员): who they are, inviting others, dismissing."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission, Role
from indexer.errors import InvalidParameter
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.pages.account_frame import blueprint, done, enterprise_crumbs
from portal.pages.forms import messages


@blueprint.get("/enterprise/<code>/people")
@may(Permission.OWN_PEOPLE, of="code")
def enterprise_people(code: str) -> str:
    """The list and the form."""
    return _page(code, "", {})


@blueprint.post("/enterprise/<code>/people")
@may(Permission.OWN_PEOPLE, of="code")
def enterprise_invite(code: str) -> Response | tuple[str, int]:
    """Sends an invitation."""
    mail = request.form.get("mail", "")
    try:
        portal().accounts.links.invite(caller(), somebody().name, mail, Role.ENTERPRISE, code)
    except InvalidParameter as error:
        return _page(code, mail, messages(error, ("mail",))), 400
    done(_("邀请已发出，七天内有效。"))
    return redirect(url_for("account.enterprise_people", code=code), 303)


@blueprint.post("/enterprise/<code>/people/<int:membership>/end")
@may(Permission.OWN_PEOPLE, of="code")
def enterprise_dismiss(code: str, membership: int) -> Response:
    """Ends somebody's role in this enterprise."""
    account = portal().accounts.people.dismiss(caller(), membership, code)
    done(_("已移出。"))
    own = account == somebody().account
    return redirect(url_for("account.home") if own else url_for("account.enterprise_people", code=code), 303)


def _page(code: str, mail: str, errors: dict[str, str]) -> str:
    return render_template(
        "enterprise_people.html",
        code=code,
        people=portal().accounts.people.of(Role.ENTERPRISE, code),
        own=somebody().account,
        mail=mail,
        errors=errors,
        crumbs=enterprise_crumbs(code),
    )

"""One record as staff read it (留存记录), public or not, with what its repair needs; a repair that should not have been given is taken back."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.enterprise_home import own_holding, own_record, told
from portal.pages.forms import messages


@blueprint.get("/desk/holdings/<code>/<identity>")
@may(Permission.HELD_VIEW)
def desk_holding(code: str, identity: str) -> str:
    """The record; the look is written down."""
    return _page(code, identity, {})


@blueprint.post("/desk/holdings/<code>/<identity>/unrepair")
@may(Permission.CASES_DECIDE)
def desk_unrepair(code: str, identity: str) -> Response | tuple[str, int]:
    """Takes its repair back, with a reason that the record's history shows; it is public again as long as its rules say."""
    own_record(own_holding(code, f"record:{identity}"), identity)
    try:
        portal().repairs.take_back(caller(), code, identity, request.form.get("reason", ""))
    except InvalidParameter as error:
        return _page(code, identity, messages(error, ("reason",))), 400
    done(_("修复已撤销，记录按规定重新公示。"))
    return redirect(url_for("account.desk_holding", code=code, identity=identity), 303)


def _page(code: str, identity: str, errors: dict[str, str]) -> str:
    holding = own_holding(code, f"record:{identity}")
    record = own_record(holding, identity)
    return render_template(
        "desk_holding.html",
        **told(holding, record),
        code=code,
        name=holding.subject.name,
        may_take_back=record.standing == "repaired" and somebody().may(Permission.CASES_DECIDE),
        errors=errors,
        crumbs=crumbs(),
    )

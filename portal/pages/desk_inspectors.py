"""Inspectors (执法检查人员名录) and the enterprises they are excluded from."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import blueprint, done
from portal.pages.forms import messages
from portal.pages.supervision_frame import desk, way


@blueprint.get("/desk/supervision/inspectors")
@may(Permission.SUPERVISION_VIEW)
def inspectors() -> str:
    """The list and the form."""
    return _page({}, 0)


@blueprint.post("/desk/supervision/inspectors")
@may(Permission.SUPERVISION_PREPARE)
def inspector_added() -> Response | tuple[str, int]:
    """Puts somebody on the list."""
    number, name, agency = (request.form.get(field, "") for field in ("number", "name", "agency"))
    try:
        portal().supervision.inspectors.add(caller(), number, name, agency)
    except InvalidParameter as error:
        return _page(messages(error, ("number", "name", "agency")), 0), 400
    done(_("已加入名录。"))
    return redirect(url_for("account.inspectors"), 303)


@blueprint.post("/desk/supervision/inspectors/<int:inspector>")
@may(Permission.SUPERVISION_PREPARE)
def inspector_changed(inspector: int) -> Response | tuple[str, int]:
    """Takes somebody off the list, or excludes them from an enterprise."""
    form, listed = request.form, portal().supervision.inspectors
    try:
        if form.get("action") == "end":
            listed.end(caller(), inspector)
        else:
            listed.exclude(caller(), inspector, form.get("code", ""), form.get("reason", ""))
    except InvalidParameter as error:
        return _page(messages(error, ("code", "reason")), inspector), 400
    done(_("已登记。"))
    return redirect(url_for("account.inspectors"), 303)


@blueprint.post("/desk/supervision/exclusions/<int:exclusion>")
@may(Permission.SUPERVISION_PREPARE)
def exclusion_ended(exclusion: int) -> Response:
    """Takes an exclusion back."""
    portal().supervision.inspectors.admit(caller(), exclusion)
    done(_("已取消回避。"))
    return redirect(url_for("account.inspectors"), 303)


def _page(errors: dict[str, str], wrong: int) -> str:
    return render_template(
        "desk_inspectors.html",
        **desk(),
        listed=portal().supervision.inspectors.all(),
        said=request.form,
        errors=errors,
        wrong=wrong,
        crumbs=way(),
    )

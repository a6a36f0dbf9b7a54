"""Key lists (重点监管名单): who stands on them, what waits for a second person, and proposing entries and ends."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.supervision.grading import Criteria
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Link, Pager
from portal.pages.forms import messages
from portal.pages.supervision_frame import after, choices, criteria, desk, optional_day, way

PAGE = 50
FIELDS = ("list", "codes", "until", "reason", "grades", "classes")


@blueprint.get("/desk/supervision/lists")
@may(Permission.SUPERVISION_VIEW)
def key_lists() -> str:
    """The lists, what waits, and the forms."""
    return _page({})


@blueprint.post("/desk/supervision/lists")
@may(Permission.SUPERVISION_PREPARE)
def key_list_proposed() -> Response | tuple[str, int]:
    """Proposes entries, by hand or by rule."""
    form, lists = request.form, portal().supervision.key_lists
    name, reason = form.get("list", ""), form.get("reason", "")
    try:
        until = optional_day("until")
        if form.get("way") == "rule":
            lists.propose_by_rule(caller(), name, criteria(form), until, reason)
        else:
            lists.propose_by_hand(caller(), name, form.get("codes", ""), until, reason)
    except InvalidParameter as error:
        return _page(messages(error, FIELDS)), 400
    done(_("已提交，等待另一人复核。"))
    return redirect(url_for("account.key_lists"), 303)


@blueprint.post("/desk/supervision/lists/<int:proposal>")
@may(Permission.SUPERVISION_DECIDE)
def key_list_decided(proposal: int) -> Response | tuple[str, int]:
    """Approves or refuses a proposal."""
    approved = request.form.get("decision") == "approve"
    try:
        portal().supervision.key_lists.decide(caller(), proposal, approved, request.form.get("reason", ""))
    except InvalidParameter as error:
        return _page(messages(error, ("reason",)), proposal), 400
    done(_("已批准。") if approved else _("已退回。"))
    return redirect(url_for("account.key_lists"), 303)


@blueprint.get("/desk/supervision/lists/entries")
@may(Permission.SUPERVISION_VIEW)
def key_list_entries() -> str:
    """Who stands on a list."""
    return _entries(request.args.get("list", ""), {})


@blueprint.post("/desk/supervision/lists/entries")
@may(Permission.SUPERVISION_PREPARE)
def key_list_end_proposed() -> Response | tuple[str, int]:
    """Proposes to take some off."""
    chosen = [int(each) for each in request.form.getlist("entry") if each.isdecimal() and len(each) < 18]
    try:
        portal().supervision.key_lists.propose_end(caller(), chosen, request.form.get("reason", ""))
    except InvalidParameter as error:
        return _entries(request.form.get("list", ""), messages(error, ("reason",))), 400
    done(_("已提交，等待另一人复核。"))
    return redirect(url_for("account.key_lists"), 303)


def _page(errors: dict[str, str], wrong: int = 0) -> str:
    lists = portal().supervision.key_lists
    return render_template(
        "desk_key_lists.html",
        **desk(),
        **choices(criteria(request.form) if request.form else Criteria()),
        names=lists.names(),
        waiting=lists.waiting(),
        said=request.form,
        errors=errors,
        wrong=wrong,
        crumbs=way(),
    )


def _entries(name: str, errors: dict[str, str]) -> str:
    found = portal().supervision.key_lists.on(name, after(), PAGE + 1)
    more = (
        url_for("account.key_list_entries", list=name, after=found[PAGE - 1].id)
        if len(found) > PAGE
        else None
    )
    return render_template(
        "desk_key_list_entries.html",
        **desk(),
        name=name,
        entries=found[:PAGE],
        errors=errors,
        pager=Pager(more, url_for("account.key_list_entries", list=name) if after() else None),
        crumbs=way(Link(_("重点名单"), url_for("account.key_lists"))),
    )

"""Keys of the API, for admins (密钥管理): find, approve, change the plan, revoke."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.keys.keeping import states
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.components import Link, Option, Pager
from portal.pages.forms import messages
from portal.pages.frame import instant
from portal.pages.keys import plan_title, plans_shown, scope_words, shown, state_badge

PAGE = 50


@blueprint.get("/admin/keys")
@may(Permission.KEYS_MANAGE)
def all_keys() -> str:
    """The list, by address and state; those that wait first asked for by a link."""
    with acting(portal().accounts.engine, portal().clock, caller()) as act:
        act.note(Act.KEYS_VIEWED)
    mail, below = request.args.get("q", "").strip().lower()[:254], request.args.get("below", "")
    state = request.args.get("state", "")
    if state and state not in states():
        raise InvalidParameter("state", "没有这种状态。", "must be one of the states")
    found = portal().keys.listed(
        int(below[:18]) if below.isascii() and below.isdecimal() else None, PAGE + 1, mail, state
    )
    asked: dict[str, Any] = {"q": mail or None, "state": state or None}
    more = url_for("account.all_keys", **asked, below=found[PAGE - 1].id) if len(found) > PAGE else None
    return render_template(
        "admin_keys.html",
        found=[shown(key) for key in found[:PAGE]],
        q=mail,
        states=[Option(_("全部"), "", not state)]
        + [Option(state_badge(each).text, each, each == state) for each in states()],
        pager=Pager(more, url_for("account.all_keys", **asked) if below else None),
        crumbs=crumbs(),
    )


@blueprint.get("/admin/keys/<int:key>")
@may(Permission.KEYS_MANAGE)
def one_key(key: int) -> str:
    """One key."""
    return _page(key, {})


@blueprint.post("/admin/keys/<int:key>")
@may(Permission.KEYS_MANAGE)
def key_changed(key: int) -> Response | tuple[str, int]:
    """Approves, refuses, revokes, or changes the plan."""
    form, kept = request.form, portal().keys
    kept.one(key)
    action, reason = form.get("action", ""), form.get("reason", "")
    try:
        if action in ("approve", "refuse"):
            kept.decide(caller(), key, action == "approve", reason)
        elif action == "revoke":
            kept.revoke(caller(), key, reason)
        elif action == "plan":
            kept.change_plan(caller(), key, form.get("plan", ""))
        else:
            raise InvalidParameter("action", "不知道要做什么。", "is none that there is")
    except InvalidParameter as error:
        return _page(key, messages(error, ("reason",))), 400
    done(_("已更改。"))
    return redirect(url_for("account.one_key", key=key), 303)


def _page(key: int, errors: dict[str, str]) -> str:
    found = portal().keys.one(key)
    return render_template(
        "admin_key.html",
        it=shown(found),
        secrets=[(each.hint, instant(each.made_at)) for each in found.secrets],
        plans=[Option(each.title, each.name, each.name == found.plan) for each in plans_shown()],
        title=plan_title(found.plan),
        words=scope_words(),
        errors=errors,
        crumbs=crumbs(Link(_("密钥管理"), url_for("account.all_keys"))),
    )

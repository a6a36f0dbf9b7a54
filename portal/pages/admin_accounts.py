"""Accounts, for admins (账户管理): find, invite, give and take roles, disable."""

from itertools import islice

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.roles import Permission, Role
from indexer.errors import InvalidParameter
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.pages.account_frame import blueprint, crumbs, done, held, role_words
from portal.pages.components import Link, Pager
from portal.pages.forms import messages
from portal.pages.frame import instant

PAGE = 50


@blueprint.get("/admin/accounts")
@may(Permission.ACCOUNTS_MANAGE)
def all_accounts() -> str:
    """The list, found by address, and the form to invite."""
    with acting(portal().accounts.engine, portal().clock, caller()) as act:
        act.note(Act.ACCOUNTS_VIEWED)
    return _list({}, {})


@blueprint.post("/admin/accounts")
@may(Permission.ACCOUNTS_MANAGE)
def account_invited() -> Response | tuple[str, int]:
    """Invites somebody to a role."""
    form = request.form
    try:
        role = _role(form.get("role", ""))
        portal().accounts.links.invite(
            caller(), somebody().name, form.get("mail", ""), role, form.get("scope", "")
        )
    except InvalidParameter as error:
        return _list(form.to_dict(), messages(error, ("mail", "role", "scope"))), 400
    done(_("邀请已发出，七天内有效。"))
    return redirect(url_for("account.all_accounts"), 303)


@blueprint.get("/admin/accounts/<int:account>")
@may(Permission.ACCOUNTS_MANAGE)
def one_account(account: int) -> str:
    """One account."""
    found = portal().accounts.people.one(account)
    roles = list(zip((each.id for each in found.holdings), held(found.holdings), strict=True))
    return render_template(
        "admin_account.html",
        account=found,
        created=instant(found.created_at),
        roles=roles,
        own=somebody().account == account,
        crumbs=crumbs(Link(_("账户管理"), url_for("account.all_accounts"))),
    )


@blueprint.post("/admin/accounts/<int:account>")
@may(Permission.ACCOUNTS_MANAGE)
def account_changed(account: int) -> Response:
    """Disables, enables, ends a role, or takes a lost second step away."""
    accounts, form = portal().accounts, request.form
    accounts.people.one(account)
    action, membership = form.get("action", ""), form.get("membership", "")
    if action in ("disable", "enable"):
        accounts.people.switch(caller(), account, "disabled" if action == "disable" else "active")
    elif action == "remove-two-steps":
        accounts.second_step.remove(caller(), account)
    elif action == "dismiss" and membership.isdecimal():
        accounts.people.dismiss(caller(), int(membership[:18]))
    else:
        raise InvalidParameter("action", "不知道要做什么。", "is none that there is")
    done(_("已更改。"))
    return redirect(url_for("account.one_account", account=account), 303)


def _role(text: str) -> Role:
    if text not in list(Role):
        raise InvalidParameter("role", "请选择角色。", "must be one of the roles")
    return Role(text)


def _list(said: dict[str, str], errors: dict[str, str]) -> str:
    asked, after = request.args.get("q", "").strip()[:254], request.args.get("after", "")
    found = portal().accounts.people.listed(int(after[:18]) if after.isdecimal() else 0, PAGE + 1, asked)
    more = len(found) > PAGE
    next_href = url_for("account.all_accounts", q=asked or None, after=found[PAGE - 1].id) if more else None
    roles = iter(held(role for each in found[:PAGE] for role in each.holdings))
    return render_template(
        "admin_accounts.html",
        found=[(each, list(islice(roles, len(each.holdings)))) for each in found[:PAGE]],
        q=asked,
        pager=Pager(next_href, url_for("account.all_accounts", q=asked or None) if after else None),
        all_roles=[(role.value, role_words(role)) for role in Role],
        typed=said,
        errors=errors,
        crumbs=crumbs(),
    )

"""Changes of an address whose letter box is lost (更换邮箱的申请), to be decided: by operators, for accounts of the desk by admins."""

from dataclasses import dataclass
from itertools import islice

from flask import Response as Download
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.lost_mail import MailChange
from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import Held, blueprint, crumbs, done, held
from portal.pages.attachment import kept_file
from portal.pages.components import Instant
from portal.pages.forms import messages
from portal.pages.frame import instant


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits. `ready`: whether it can be approved by now."""

    change: MailChange
    filed: Instant
    ready_at: Instant
    ready: bool
    roles: list[Held]


@blueprint.get("/desk/mail-changes")
@may(Permission.CASES_HANDLE)
def mail_changes() -> str:
    """Those of enterprises and of people without a role, the oldest first."""
    return _page(0, {}, staff=False)


@blueprint.get("/desk/mail-changes/<int:change>/file")
@may(Permission.CASES_HANDLE)
def mail_change_file(change: int) -> Download:
    """The proof that came with one."""
    return kept_file(portal().accounts.lost_mail.proof(caller(), change, staff=False))


@blueprint.post("/desk/mail-changes/<int:change>")
@may(Permission.CASES_HANDLE)
def mail_change_decided(change: int) -> Response | tuple[str, int]:
    """Approves or refuses one."""
    return _decided(change, staff=False)


@blueprint.get("/admin/mail-changes")
@may(Permission.ACCOUNTS_MANAGE)
def staff_mail_changes() -> str:
    """Those of accounts that hold a role of the desk."""
    return _page(0, {}, staff=True)


@blueprint.get("/admin/mail-changes/<int:change>/file")
@may(Permission.ACCOUNTS_MANAGE)
def staff_mail_change_file(change: int) -> Download:
    """The proof that came with one."""
    return kept_file(portal().accounts.lost_mail.proof(caller(), change, staff=True))


@blueprint.post("/admin/mail-changes/<int:change>")
@may(Permission.ACCOUNTS_MANAGE)
def staff_mail_change_decided(change: int) -> Response | tuple[str, int]:
    """Approves or refuses one."""
    return _decided(change, staff=True)


def _decided(change: int, *, staff: bool) -> Response | tuple[str, int]:
    approved, reason = request.form.get("decision") == "approve", request.form.get("reason", "")
    try:
        portal().accounts.lost_mail.decide(caller(), change, approved, reason, staff=staff)
    except InvalidParameter as error:
        return _page(change, messages(error, ("reason",)), staff=staff), 400
    done(_("已更换，该账户在各处的登录都已退出。") if approved else _("已退回，理由已发给申请人。"))
    return redirect(url_for("account.staff_mail_changes" if staff else "account.mail_changes"), 303)


def _page(wrong: int, errors: dict[str, str], *, staff: bool) -> str:
    now, changes = portal().clock.now(), portal().accounts.lost_mail.waiting(staff=staff)
    roles = iter(held(holding for each in changes for holding in each.holdings))
    found = [
        Waiting(
            each,
            instant(each.filed_at),
            instant(each.ready_at),
            each.ready_at <= now,
            list(islice(roles, len(each.holdings))),
        )
        for each in changes
    ]
    return render_template(
        "desk_mail_changes.html",
        waiting=found,
        wrong=wrong,
        errors=errors,
        prefix="account.staff_mail_change" if staff else "account.mail_change",
        crumbs=crumbs(),
    )

"""Claims that wait for an operator (待审核的企业认领)."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.claims import Claim
from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.identifiers import parse_codes
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.components import Instant
from portal.pages.forms import messages
from portal.pages.frame import instant


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim, and what the enterprise is called in the register; empty where it is not known there."""

    claim: Claim
    filed: Instant
    name: str


@blueprint.get("/desk/claims")
@may(Permission.CASES_HANDLE)
def claims_waiting() -> str:
    """The list, the oldest first."""
    return _page(0, {})


@blueprint.post("/desk/claims/<int:claim>")
@may(Permission.CASES_HANDLE)
def claim_decided(claim: int) -> Response | tuple[str, int]:
    """Approves or refuses one."""
    approved, reason = request.form.get("decision") == "approve", request.form.get("reason", "")
    try:
        portal().accounts.claims.decide(caller(), claim, approved, reason)
    except InvalidParameter as error:
        return _page(claim, messages(error, ("reason",))), 400
    done(_("已通过。") if approved else _("已退回，理由已发给申请人。"))
    return redirect(url_for("account.claims_waiting"), 303)


def _page(wrong: int, errors: dict[str, str]) -> str:
    found = [
        Waiting(each, instant(each.filed_at), _name(each.code)) for each in portal().accounts.claims.waiting()
    ]
    return render_template("desk_claims.html", waiting=found, wrong=wrong, errors=errors, crumbs=crumbs())


def _name(code: str) -> str:
    subjects = portal().register.subjects(parse_codes(code))
    return subjects[0].name if subjects else ""

"""The audit, for admins (审计记录): by person, thing, act and day, the newest first."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Entry, Question, search
from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import blueprint, crumbs
from portal.pages.audit_words import act_words
from portal.pages.components import Instant, Pager
from portal.pages.frame import instant

PAGE = 50
FIELDS = ("mail", "about", "act", "day")


@dataclass(frozen=True, slots=True)
class Line:
    """An act in a table."""

    entry: Entry
    at: Instant
    act: str


@blueprint.get("/admin/audit")
@may(Permission.AUDIT_VIEW)
def audit() -> str:
    """The page; looking is written down, too."""
    asked = {name: request.args.get(name, "").strip() for name in FIELDS}
    question = Question(
        asked["mail"].lower(),
        asked["about"],
        asked["act"],
        _day(asked["day"]),
        _below(request.args.get("below", "")),
    )
    accounts = portal().accounts
    found = search(accounts.engine, question, PAGE + 1)
    with acting(accounts.engine, portal().clock, caller()) as act:
        act.note(
            Act.AUDIT_VIEWED, after=" ".join(f"{name}={value}" for name, value in asked.items() if value)
        )
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value}
    more = url_for("account.audit", **kept, below=found[PAGE - 1].id) if len(found) > PAGE else None
    return render_template(
        "admin_audit.html",
        lines=[Line(each, instant(each.at), act_words(each.act)) for each in found[:PAGE]],
        asked=asked,
        acts=[(each.value, act_words(each)) for each in Act],
        pager=Pager(more, url_for("account.audit", **kept) if question.below is not None else None),
        crumbs=crumbs(),
        title=_("审计记录"),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidParameter("day", "应为日期，如 2026-03-01。", "must be a day like 2026-03-01") from None


def _below(text: str) -> int | None:
    return int(text[:18]) if text.isdecimal() else None

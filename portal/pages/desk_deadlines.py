"""Publication in time (公示时限), and inspections with what followed them (抽查后处理)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.accounts.reach import Reach
from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter, NotFound
from indexer.kinds import kinds
from indexer.register.followups import FailedInspection, failed_inspections, open_follow_ups
from indexer.register.timeliness import RULES, LateRecord, Punctuality, late_records, punctuality
from indexer.rules.periods import period
from portal.accounts.access import may
from portal.accounts.person import somebody
from portal.context import portal
from portal.labels import kind_label
from portal.pages.account_frame import blueprint
from portal.pages.components import NavItem, Pager
from portal.pages.desk_frame import below_desk, number_in, tabs
from portal.pages.forms import day_from

PAGE = 50
LONGEST = 366  # days of a period
USUAL = 30  # days


@dataclass(frozen=True, slots=True)
class Shown:
    """How an agency did, in words; `href` leads to what came late."""

    it: Punctuality
    kind: str
    rate: str
    href: str


@blueprint.get("/desk/deadlines")
@may(Permission.DESK_VIEW, scoped=True)
def desk_deadlines() -> str:
    """Per agency how many came late in a period, and those of one agency; of those within the reader's reach."""
    since, until = _span()
    kind, agency, below = request.args.get("kind", ""), request.args.get("agency", ""), number_in("below")
    engine, reach = portal().desk.engine, somebody().reach(Permission.DESK_VIEW)
    span: dict[str, Any] = {"since": since.isoformat(), "until": until.isoformat()}
    late: list[LateRecord] = []
    if kind:
        if kind not in RULES:
            raise InvalidParameter("kind", "请选择列表中的种类。", "must be one of the list")
        if not reach.covers_agency(agency):
            raise NotFound("没有这个机关的数据。", "There is nothing of this agency here.")
        late = late_records(engine, since, until, kind, agency, below, PAGE + 1, portal().calendar)
    own = url_for("account.desk_deadlines", **span, kind=kind, agency=agency)
    more = f"{own}&below={late[PAGE - 1].version}" if len(late) > PAGE else None
    return render_template(
        "desk_deadlines.html",
        agencies=[_shown(each, span) for each in _punctuality(since, until, reach)] if not kind else [],
        late=late[:PAGE],
        of=(kind_label(kinds()[kind]), agency or _("未写明机关")) if kind else None,
        all_href=url_for("account.desk_deadlines", **span),
        span=span,
        rules=[
            (kind_label(kinds()[name]), period(rule, until).value, period(rule, until).source)
            for name, rule in RULES.items()
        ],
        pager=Pager(more, own if below is not None else None),
        tabs=tabs(),
        crumbs=below_desk(),
    )


@blueprint.get("/desk/inspections")
@may(Permission.DESK_VIEW)
def desk_inspections() -> str:
    """Failed inspections, paired with their after-treatment; those without it first to see."""
    everything, below = request.args.get("show") == "all", number_in("below")
    engine, today = portal().desk.engine, portal().clock.today()
    found = failed_inspections(
        engine, today, open_only=not everything, below=below, limit=PAGE + 1, calendar=portal().calendar
    )
    waiting, overdue = open_follow_ups(engine, today, portal().calendar)
    own = url_for("account.desk_inspections", show="all" if everything else "open")
    more = f"{own}&below={found[PAGE - 1].version}" if len(found) > PAGE else None
    shown: list[FailedInspection] = found[:PAGE]
    return render_template(
        "desk_inspections.html",
        found=shown,
        waiting=waiting,
        overdue=overdue,
        rule=period("inspection.correction", today),
        views=[
            NavItem(_("还没有后处理"), url_for("account.desk_inspections"), not everything),
            NavItem(_("全部不合格"), url_for("account.desk_inspections", show="all"), everything),
        ],
        pager=Pager(more, own if below is not None else None),
        tabs=tabs(),
        crumbs=below_desk(),
    )


def _punctuality(since: date, until: date, reach: Reach) -> list[Punctuality]:
    found = punctuality(portal().desk.engine, since, until, portal().calendar)
    return [each for each in found if reach.covers_agency(each.agency)]


def _span() -> tuple[date, date]:
    """The period that is asked about, the last month where none is. Raises InvalidParameter."""
    today = portal().clock.today()
    until = day_from(request.args, "until", today) or today
    since = day_from(request.args, "since") or until - timedelta(days=USUAL)
    if not since <= until <= since + timedelta(days=LONGEST):
        raise InvalidParameter(
            "since", "起止日期不对，最长一年。", "must be a day before the end, at most a year"
        )
    return since, until


def _shown(it: Punctuality, span: dict[str, Any]) -> Shown:
    rate = f"{100 * (it.published - it.late) / it.published:.1f} %"
    href = url_for("account.desk_deadlines", **span, kind=it.kind, agency=it.agency)
    return Shown(it, kind_label(kinds()[it.kind]), rate, href)

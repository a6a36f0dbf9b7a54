"""Inspection plans at the desk (抽查计划): approving, entering results by form or file, publishing, and what treatment is due.

Officers see the plans of their own agency, and enter how its inspections went.
"""

import csv
import io
from datetime import date

from flask import Response as Download
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.roles import Permission, Role
from indexer.errors import FileRefused, InvalidParameter
from indexer.supervision.plans import Plan, no_plan
from indexer.supervision.results import FORM, LARGEST, NO, YES, Entered, Inspected, RowsRefused
from portal.accounts.access import may
from portal.accounts.person import caller, somebody
from portal.context import portal
from portal.i18n import english
from portal.pages.account_frame import blueprint, crumbs, done
from portal.pages.components import Badge, Cell, Field, Link, Pager, Table
from portal.pages.desk_releases import REFRESH, releases_of, releases_table, why_failed
from portal.pages.forms import messages
from portal.pages.supervision_frame import after, day, desk, state_badge, way

PAGE = 50
RESULT_FIELDS = ("result", "failed", "failed_items", "inspected_on", "follow_up")


@blueprint.get("/desk/plans")
@may(Permission.INSPECTIONS_VIEW)
def plans() -> str:
    """The plans, and the failures whose treatment is due."""
    own = _agencies()
    rows = [
        [
            Cell(each.title, url_for("account.plan", plan=each.id)),
            Cell(badge=state_badge(each.state)),
            Cell(each.agency),
            Cell(day=each.starts.isoformat()),
            Cell(day=each.ends.isoformat()),
            Cell(f"{each.tasks.get('published', 0):,} / {sum(each.tasks.values()):,}"),
        ]
        for each in portal().supervision.plans.some(own)
    ]
    columns = [_("抽查计划"), _("状态"), _("检查机关"), _("开始"), _("结束"), _("已公布 / 全部")]
    due = portal().supervision.results.due(own)
    return render_template(
        "desk_plans.html",
        **_desk(),
        table=Table(_("各抽查计划"), columns, rows) if rows else None,
        due=_due(due) if due else None,
        crumbs=_way()[:-1] if _desk()["tabs"] else crumbs(),
    )


@blueprint.get("/desk/plans/<int:plan>")
@may(Permission.INSPECTIONS_VIEW)
def plan(plan: int) -> str:
    """One plan with its enterprises."""
    return _one(_plan(plan), {})


@blueprint.post("/desk/plans/<int:plan>")
@may(Permission.SUPERVISION_DECIDE)
def plan_decided(plan: int) -> Response | tuple[str, int]:
    """Approves or refuses a plan."""
    approved = request.form.get("decision") == "approve"
    try:
        portal().supervision.plans.decide(caller(), plan, approved, request.form.get("reason", ""))
    except InvalidParameter as error:
        return _one(_plan(plan), messages(error, ("reason",))), 400
    done(_("已批准。") if approved else _("已退回。"))
    return redirect(url_for("account.plan", plan=plan), 303)


@blueprint.get("/desk/plans/<int:plan>/results.csv")
@may(Permission.INSPECTIONS_VIEW)
def results_form(plan: int) -> Download:
    """The file that results are entered by, with what is known already."""
    _plan(plan)
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(FORM)
    for each in portal().supervision.results.of(plan, limit=100_000):
        writer.writerow(_plain(cell) for cell in _cells(each))
    answer = Download(target.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"plan-{plan}-results.csv")
    return answer


@blueprint.post("/desk/plans/<int:plan>/file")
@may(Permission.INSPECTIONS_ENTER, largest=LARGEST)
def results_entered(plan: int) -> Response | tuple[str, int]:
    """Enters the results of a file."""
    one, file = _plan(plan), request.files.get("file")
    content = file.stream.read() if file is not None else b""
    try:
        if not content:
            raise FileRefused("请选择文件。", "Choose a file.")
        count = portal().supervision.results.enter_file(
            caller(), plan, content, (file and file.filename) or ""
        )
    except RowsRefused as refused:
        return _one(one, {}, [f"{line}: {why}" for line, why in refused.rows[:50]]), 400
    except FileRefused as error:
        return _one(one, {"file": error.en if english() else error.zh}), 400
    done(_("已登记 %(count)s 项，等待另一人公布。", count=count))
    return redirect(url_for("account.plan", plan=plan), 303)


@blueprint.get("/desk/inspections/<int:task>")
@may(Permission.INSPECTIONS_ENTER)
def inspection(task: int) -> str:
    """One inspection, to enter how it went."""
    return _task(task, {})


@blueprint.post("/desk/inspections/<int:task>")
@may(Permission.INSPECTIONS_ENTER)
def inspection_entered(task: int) -> Response | tuple[str, int]:
    """Enters how it went."""
    one, form = portal().supervision.results.one(task), request.form
    _plan(one.plan)
    try:
        entered = Entered(
            form.get("result", ""),
            form.get("failed") == "yes",
            form.get("failed_items", ""),
            day("inspected_on"),
            form.get("follow_up", ""),
        )
        portal().supervision.results.enter(caller(), task, entered, form.get("seen", ""))
    except InvalidParameter as error:
        return _task(task, messages(error, RESULT_FIELDS)), 400
    done(_("已登记，等待另一人公布。"))
    return redirect(url_for("account.plan", plan=one.plan), 303)


def _desk() -> dict[str, object]:
    """Officers have no other page of the desk."""
    shared = desk()
    return shared if somebody().may_everywhere(Permission.SUPERVISION_VIEW) else shared | {"tabs": []}


def _way(*links: Link) -> list[Link]:
    if somebody().may_everywhere(Permission.SUPERVISION_VIEW):
        return way(Link(_("抽查计划"), url_for("account.plans")), *links)
    return crumbs(Link(_("抽查计划"), url_for("account.plans")), *links)


def _agencies() -> tuple[str, ...] | None:
    """The agencies whose plans somebody sees; None: all."""
    someone = somebody()
    return None if someone.may_everywhere(Permission.SUPERVISION_VIEW) else someone.scopes(Role.OFFICER)


def _plan(number: int) -> Plan:
    """A plan, as unknown as none to officers of another agency."""
    found = portal().supervision.plans.one(number)
    own = _agencies()
    if own is not None and (found.agency not in own or found.state != "approved"):
        raise no_plan()
    return found


def _one(one: Plan, errors: dict[str, str], problems: list[str] | None = None) -> str:
    found = portal().supervision.results.of(one.id, after(), PAGE + 1)
    more = url_for("account.plan", plan=one.id, after=found[PAGE - 1].place) if len(found) > PAGE else None
    someone, releases = somebody(), releases_of(one.id)
    busy = releases[0] if releases and releases[0].waits else None
    return render_template(
        "desk_plan.html",
        **_desk(),
        plan=one,
        state=state_badge(one.state),
        fields=_fields(one),
        table=_tasks(found[:PAGE]) if found else None,
        pager=Pager(more, url_for("account.plan", plan=one.id) if after() else None),
        may_enter=someone.may(Permission.INSPECTIONS_ENTER),
        may_publish=someone.may(Permission.RECORDS_PUBLISH) and one.tasks.get("entered", 0) and not busy,
        busy=busy,
        refresh=REFRESH,
        failed=why_failed(releases),
        releases=releases_table(releases),
        errors=errors,
        problems=problems or [],
        columns="、".join(FORM),
        crumbs=_way(),
    )


def _fields(one: Plan) -> list[Field]:
    number: Cell = Cell(one.draw_number, code=True)
    if somebody().may_everywhere(Permission.SUPERVISION_VIEW):
        number = Cell(one.draw_number, url_for("account.draw", draw=one.draw), code=True)
    return [
        Field(_("随机抽取"), number),
        Field(_("检查机关"), Cell(one.agency)),
        Field(_("检查事项"), Cell(one.item)),
        Field(_("检查期间"), Cell(f"{one.starts} – {one.ends}")),
        Field(_("抽中企业公布日"), Cell(day=one.public_from.isoformat())),
        Field(_("理由"), Cell(one.reason)),
        Field(_("提出人"), Cell(one.proposer)),
    ]


def _tasks(found: list[Inspected]) -> Table:
    may_enter = somebody().may(Permission.INSPECTIONS_ENTER)
    columns = [_("企业"), _("序号"), _("状态"), _("检查日期"), _("检查结果"), _("后处理结果"), _("检查人员")]
    rows = [
        [
            Cell(each.name, url_for("account.inspection", task=each.id) if may_enter else None),
            Cell(str(each.place)),
            Cell(badge=state_badge(each.state)),
            Cell(day=each.inspected_on.isoformat() if each.inspected_on else None),
            Cell(each.result),
            Cell(each.follow_up) if each.follow_up_due is None else _awaited(each.follow_up_due),
            Cell("、".join(each.inspectors), code=True),
        ]
        for each in found
    ]
    return Table(_("计划中的企业"), columns, rows)


def _due(found: list[Inspected]) -> Table:
    columns = [_("企业"), _("抽查计划"), _("检查日期"), _("检查结果"), _("后处理期限")]
    rows = [
        [
            Cell(each.name, url_for("account.plan", plan=each.plan, after=each.place - 1)),
            Cell(each.plan_title),
            Cell(day=each.inspected_on.isoformat() if each.inspected_on else None),
            Cell(each.result),
            _awaited(each.follow_up_due) if each.follow_up_due else Cell(None),
        ]
        for each in found
    ]
    return Table(_("等待后处理结果的企业（“两公开”）"), columns, rows)


def _awaited(due: date) -> Cell:
    late = due < portal().clock.today()
    text = _("%(day)s 已逾期", day=due) if late else _("%(day)s 前", day=due)
    return Cell(badge=Badge(text, "bad" if late else "warn"))


def _task(number: int, errors: dict[str, str]) -> str:
    one = portal().supervision.results.one(number)
    found = _plan(one.plan)
    kept = {
        "result": one.result or "",
        "failed_items": one.failed_items or "",
        "inspected_on": one.inspected_on.isoformat()
        if one.inspected_on
        else portal().clock.today().isoformat(),
        "follow_up": one.follow_up or "",
        "failed": "yes" if one.failed else "",
        "seen": one.seen,
    }
    return render_template(
        "desk_inspection.html",
        **_desk(),
        task=one,
        plan=found,
        state=state_badge(one.state),
        said=request.form if request.form else kept,
        errors=errors,
        crumbs=_way(Link(found.title, url_for("account.plan", plan=found.id))),
    )


def _cells(each: Inspected) -> tuple[str, ...]:
    said = "" if each.failed is None else YES if each.failed else NO
    day_ = each.inspected_on.isoformat() if each.inspected_on else ""
    return (
        each.code,
        each.name,
        each.result or "",
        said,
        each.failed_items or "",
        day_,
        each.follow_up or "",
    )


def _plain(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell

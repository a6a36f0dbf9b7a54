"""Random draws at the desk (双随机抽取): proposed, committed, given a seed, declared void; and the plan over one."""

from flask import Response as Download
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.roles import Permission
from indexer.errors import InvalidParameter
from indexer.supervision import plans
from indexer.supervision.draw_files import complete_file
from indexer.supervision.draw_work import frozen, waits
from indexer.supervision.draws import SERVER, SOURCE, Wanted
from indexer.supervision.grading import Criteria
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Cell, Link, Table
from portal.pages.draws import class_names, draw_fields, drawn_table, more_drawn
from portal.pages.forms import messages
from portal.pages.supervision_frame import (
    choices,
    criteria,
    day,
    desk,
    optional_instant,
    state_badge,
    way,
    whole,
)

FIELDS = (
    "title",
    "agency",
    "count",
    "each",
    "weights",
    "seed_source",
    "seed_from",
    "reason",
    "classes",
    "grades",
)
PLAN_FIELDS = ("title", "item", "starts", "ends", "public_from", "reason")


REFRESH = 2  # seconds


@blueprint.get("/desk/supervision/draws")
@may(Permission.SUPERVISION_VIEW)
def draws() -> str:
    """All draws, and the form for another."""
    return _page({})


@blueprint.post("/desk/supervision/draws")
@may(Permission.SUPERVISION_PREPARE)
def draw_proposed() -> Response | tuple[str, int]:
    """Proposes a draw."""
    form = request.form
    try:
        weights = {grade: whole(f"weight_{grade}", 1) for grade in choices(Criteria())["grades"]}
        wanted = Wanted(
            form.get("title", ""),
            form.get("agency", ""),
            criteria(form),
            whole("count", 0),
            whole("each", 2),
            weights,
            SOURCE if form.get("seed_way") == SOURCE else SERVER,
            form.get("seed_source", ""),
            optional_instant("seed_from"),
        )
        number = portal().supervision.draws.propose(caller(), wanted, form.get("reason", ""))
    except InvalidParameter as error:
        wrong = (
            InvalidParameter("weights", error.zh, error.en) if error.where.startswith("weight_") else error
        )
        return _page(messages(wrong, FIELDS)), 400
    done(_("已提交，等待另一人复核。"))
    return redirect(url_for("account.draw", draw=number), 303)


@blueprint.get("/desk/supervision/draws/<int:draw>")
@may(Permission.SUPERVISION_VIEW)
def draw(draw: int) -> str:
    """One draw, whole."""
    return _one(draw, {})


@blueprint.post("/desk/supervision/draws/<int:draw>")
@may(Permission.SUPERVISION_DECIDE)
def draw_decided(draw: int) -> Response | tuple[str, int]:
    """Commits a draw, refuses it, or declares it void."""
    all_draws, action, reason = (
        portal().supervision.draws,
        request.form.get("decision"),
        request.form.get("reason", ""),
    )
    try:
        if action == "approve":
            all_draws.approve(caller(), draw)
            portal().drawing.begin()
        elif action == "void":
            all_draws.declare_void(caller(), draw, reason)
        else:
            all_draws.refuse(caller(), draw, reason)
    except InvalidParameter as error:
        return _one(draw, messages(error, ("reason",))), 400
    done(_("已登记。"))
    return redirect(url_for("account.draw", draw=draw), 303)


@blueprint.post("/desk/supervision/draws/<int:draw>/seed")
@may(Permission.SUPERVISION_PREPARE)
def draw_seeded(draw: int) -> Response | tuple[str, int]:
    """Gives a draw its seed; it is drawn in the background, and what was interrupted goes on by itself."""
    try:
        portal().supervision.draws.seed(caller(), draw, request.form.get("seed", ""))
        portal().drawing.begin()
    except InvalidParameter as error:
        return _one(draw, {"seed": messages(error, ("seed", "reason")).popitem()[1]}), 400
    done(_("种子已登记。"))
    return redirect(url_for("account.draw", draw=draw), 303)


@blueprint.post("/desk/supervision/draws/<int:draw>/plan")
@may(Permission.SUPERVISION_PREPARE)
def plan_proposed(draw: int) -> Response | tuple[str, int]:
    """Proposes the plan over a draw."""
    form = request.form
    try:
        wanted = plans.Wanted(
            form.get("title", ""), form.get("item", ""), day("starts"), day("ends"), day("public_from")
        )
        number = portal().supervision.plans.propose(caller(), draw, wanted, form.get("reason", ""))
    except InvalidParameter as error:
        return _one(draw, messages(error, PLAN_FIELDS)), 400
    done(_("已提交，等待另一人复核。"))
    return redirect(url_for("account.plan", plan=number), 303)


@blueprint.get("/desk/supervision/draws/<int:draw>/complete.json")
@may(Permission.SUPERVISION_VIEW)
def draw_complete_file(draw: int) -> Download:
    """The complete file, for whoever supervises the draw."""
    all_draws = portal().supervision.draws
    one = all_draws.one(draw)
    with acting(portal().accounts.engine, portal().clock, caller()) as act:
        act.note(Act.EXPORTED, f"draw:{draw}")
    parts = complete_file(one, class_names(one), all_draws.drawn(draw), all_draws.pieces(one))
    answer = Download(parts, mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"draw-{one.number}-complete.json")
    return answer


def _page(errors: dict[str, str]) -> str:
    rows = [
        [
            Cell(each.title, url_for("account.draw", draw=each.id)),
            Cell(each.number if each.state not in ("proposed", "refused") else None, code=True),
            Cell(badge=state_badge(each.state)),
            Cell(each.agency),
            Cell(f"{each.count:,}"),
        ]
        for each in portal().supervision.draws.some(public=False)
    ]
    columns = [_("抽取名称"), _("编号"), _("状态"), _("检查机关"), _("抽取家数")]
    return render_template(
        "desk_draws.html",
        **desk(),
        **choices(criteria(request.form) if request.form else Criteria()),
        table=Table(_("各次抽取"), columns, rows) if rows else None,
        said=request.form,
        errors=errors,
        agencies=sorted({each.agency for each in portal().supervision.inspectors.all()}),
        crumbs=way(),
    )


def _one(number: int, errors: dict[str, str]) -> str:
    supervision = portal().supervision
    one = supervision.draws.one(number)
    drawn, busy = supervision.draws.drawn(number), waits(one)
    if busy:
        portal().drawing.begin(patience=0.0)
    return render_template(
        "desk_draw.html",
        **desk(),
        draw=one,
        state=state_badge(one.state),
        busy=busy,
        refresh=REFRESH,
        frozen=frozen(supervision.draws.engine, one) if busy else 0,
        fields=draw_fields(one, internal=True),
        table=drawn_table(drawn, internal=True) if drawn else None,
        more=more_drawn(one) if drawn else "",
        plan=supervision.plans.over(number),
        said=request.form,
        errors=errors,
        today=portal().clock.today().isoformat(),
        crumbs=way(Link(_("随机抽取"), url_for("account.draws"))),
    )

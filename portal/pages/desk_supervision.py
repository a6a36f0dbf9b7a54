"""Supervision grades (监管等级): how many enterprises have which, who, and what one of them rests on. Internal: looking is written down."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act
from indexer.accounts.roles import Permission
from indexer.errors import NotFound
from indexer.supervision.grading import Graded
from indexer.supervision.rule import NONE, Rule
from portal.accounts.access import may
from portal.accounts.person import caller
from portal.context import portal
from portal.pages.account_frame import blueprint, done
from portal.pages.components import Cell, Field, Pager, Table
from portal.pages.frame import instant
from portal.pages.supervision_frame import after, choices, criteria, desk, grade_badge, way

PAGE = 50
MOST_AT_ONCE = 100_000
"""Enterprises that are brought up with the register while somebody waits; more are the business of the command."""


@blueprint.get("/desk/supervision")
@may(Permission.SUPERVISION_VIEW)
def supervision() -> str:
    """Sums, filters and a page of enterprises."""
    grading, found = portal().supervision.grading, portal().supervision.rulebook.current()
    rule = found[1] if found else None
    chosen = criteria(request.args)
    rows = grading.some(rule, chosen, after(), PAGE + 1)
    _note(f"list {chosen.region} {' '.join((*chosen.classes, *chosen.grades))} {chosen.listed}".strip())
    kept: dict[str, Any] = {
        name: request.args.getlist(name) for name in ("region", "classes", "grades", "listed")
    }
    more = url_for("account.supervision", **kept, after=rows[PAGE - 1].subject) if len(rows) > PAGE else None
    fresh = grading.freshness()
    return render_template(
        "desk_supervision.html",
        **desk(),
        **choices(chosen),
        counts=[(grade_badge(rule, grade), count) for grade, count in grading.counts(rule).items()]
        if rule
        else [],
        fresh=fresh,
        fresh_at=instant(fresh.at) if fresh else None,
        table=_table(rule, rows[:PAGE]) if rows else None,
        pager=Pager(more, url_for("account.supervision", **kept) if after() else None),
        crumbs=way()[:-1],
    )


@blueprint.post("/desk/supervision/refresh")
@may(Permission.SUPERVISION_PREPARE)
def supervision_refreshed() -> Response:
    """Brings the enterprises up with the register, where that takes seconds."""
    if portal().register.counts()["enterprise"] > MOST_AT_ONCE:
        done(_("企业较多，请在服务器上运行 zhixin supervision refresh。"))
    else:
        for _done in portal().supervision.grading.refresh():
            pass
        done(_("分级数据已更新。"))
    return redirect(url_for("account.supervision"), 303)


@blueprint.get("/desk/supervision/enterprises/<code>")
@may(Permission.SUPERVISION_VIEW)
def supervised_enterprise(code: str) -> str:
    """One enterprise: its grade, and what that rests on."""
    found = portal().supervision.rulebook.current()
    rule = found[1] if found else None
    enterprise = portal().supervision.grading.one(rule, code.strip().upper()[:18])
    if enterprise is None:
        raise NotFound("监管对象中没有这家企业。", "There is no such enterprise among those supervised.")
    _note(enterprise.code)
    return render_template(
        "desk_supervised.html",
        **desk(),
        enterprise=enterprise,
        fields=_fields(rule, found[0] if found else 0, enterprise),
        products=(enterprise.products or "").splitlines(),
        crumbs=way(),
    )


def _fields(rule: Rule | None, version: int, enterprise: Graded) -> list[Field]:
    rated = Cell(
        enterprise.rating, url_for("pages.record", id=enterprise.rating_record) if enterprise.rating else None
    )
    listed = portal().supervision.key_lists.of(enterprise.code)
    fields = [
        Field(
            _("统一社会信用代码"),
            Cell(enterprise.code, url_for("pages.subject", id=enterprise.code), code=True),
        ),
        Field(_("地区"), Cell(enterprise.region)),
        Field(_("质量信用等级"), rated),
        Field(_("重点名单"), Cell("、".join(listed) or _("不在名单上"))),
    ]
    if rule is None:
        return fields
    judged = rule.judge(enterprise.products, enterprise.rating)
    rating = _("无等级") if judged.rating == NONE else judged.rating
    own = "、".join(each.name for each in rule.classes_of(enterprise.products))
    why = f"{judged.product_class.name} × {rating} × {judged.product_class.risk} → {judged.grade}"
    return [
        Field(_("监管等级"), grade_badge(rule, judged.grade)),
        Field(_("产品类别"), Cell(own)),
        Field(_("判定"), Cell(why)),
        Field(_("类别依据"), Cell(judged.product_class.basis)),
        Field(_("等级依据"), Cell(judged.basis)),
        Field(
            _("规则版本"),
            Cell(str(version), url_for("account.supervision_rule_version", version=version), code=True),
        ),
        *fields,
    ]


def _table(rule: Rule | None, rows: list[Graded]) -> Table:
    columns = [_("企业"), _("统一社会信用代码"), _("地区"), _("监管等级"), _("质量信用等级"), _("产品类别")]
    return Table(_("企业及其监管等级"), columns, [_row(rule, each) for each in rows])


def _row(rule: Rule | None, each: Graded) -> list[Cell]:
    classes = "、".join(one.name for one in rule.classes_of(each.products)) if rule else None
    return [
        Cell(each.name, url_for("account.supervised_enterprise", code=each.code)),
        Cell(each.code, code=True),
        Cell(each.region),
        grade_badge(rule, each.grade),
        Cell(each.rating or _("无等级")),
        Cell(classes),
    ]


def _note(about: str) -> None:
    with acting(portal().accounts.engine, portal().clock, caller()) as act:
        act.note(Act.GRADES_VIEWED, after=about)

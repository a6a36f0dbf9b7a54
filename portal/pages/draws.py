"""Random draws in public (双随机抽取公示): number, hashes, seed and algorithm of each, so that anybody can run it again; whom it took, with its plan.

Nothing internal stands here: no supervision grade, weight or key list, and no population that would tell one.
"""

from flask import Response, render_template, url_for
from flask_babel import gettext as _

from indexer.supervision.draw_files import public_file
from indexer.supervision.drawing import ALGORITHM
from indexer.supervision.draws import Draw, Drawn
from portal.context import portal
from portal.pages.components import Cell, Field, Link, Table
from portal.pages.frame import blueprint, instant
from portal.pages.supervision_frame import state_badge

SHOWN = 500
"""Enterprises that a page lists; the file has all."""


@blueprint.get("/draws")
def public_draws() -> str:
    """The draws there are, the newest first."""
    rows = [
        [
            Cell(each.title, url_for("pages.public_draw", number=each.number)),
            Cell(each.number, code=True),
            Cell(badge=state_badge(each.state)),
            Cell(each.agency),
            Cell(f"{each.count:,}"),
        ]
        for each in portal().supervision.draws.some(public=True, limit=100)
    ]
    columns = [_("抽取名称"), _("编号"), _("状态"), _("检查机关"), _("抽取家数")]
    return render_template(
        "draws.html", table=Table(_("各次抽取"), columns, rows) if rows else None, crumbs=_crumbs()
    )


@blueprint.get("/draws/<number>")
def public_draw(number: str) -> str:
    """One draw."""
    draw = portal().supervision.draws.public(number)
    shown = portal().supervision.plans.shows(draw.id)
    return render_template(
        "draw.html",
        draw=draw,
        state=state_badge(draw.state),
        fields=draw_fields(draw, internal=False),
        table=drawn_table(portal().supervision.draws.drawn(draw.id), internal=False) if shown else None,
        more=more_drawn(draw) if shown else "",
        algorithm=ALGORITHM,
        crumbs=[*_crumbs(), Link(_("双随机抽取"), url_for("pages.public_draws"))],
    )


@blueprint.get("/draws/<number>/file.json")
def public_draw_file(number: str) -> Response:
    """The file that the draw is run again from."""
    draws = portal().supervision.draws
    draw = draws.public(number)
    drawn = draws.drawn(draw.id) if portal().supervision.plans.shows(draw.id) else None
    answer = Response(
        public_file(draw, class_names(draw), drawn, draws.pieces(draw)), mimetype="application/json"
    )
    answer.headers.set("Content-Disposition", "attachment", filename=f"draw-{draw.number}.json")
    return answer


def class_names(draw: Draw) -> list[str]:
    """The classes of products that a draw is of, by name: those of the rule it was committed under, else of today's."""
    if not draw.criteria.classes:
        return []
    book = portal().supervision.rulebook
    rule = book.rule_of(draw.rule) if draw.rule is not None else book.rule()
    names = {each.code: each.name for each in rule.classes} if rule else {}
    return [names.get(code, code) for code in draw.criteria.classes]


def draw_fields(draw: Draw, *, internal: bool) -> list[Field]:
    """A draw in its fields, the internal ones only for the desk."""
    fields = [
        Field(_("编号"), Cell(draw.number, code=True)),
        Field(_("检查机关"), Cell(draw.agency)),
        Field(_("地区"), Cell(draw.criteria.region or _("不限"))),
        Field(_("产品类别"), Cell("、".join(class_names(draw)) or _("不限"))),
    ]
    if internal:
        weights = "、".join(f"{grade} × {each}" for grade, each in sorted(draw.weights.items()))
        fields += [
            Field(_("监管等级"), Cell("、".join(draw.criteria.grades) or _("不限"))),
            Field(_("重点名单"), Cell(draw.criteria.listed or _("不限"))),
            Field(_("权重"), Cell(weights or _("各家相同"))),
            Field(_("理由"), Cell(draw.reason)),
        ]
    fields += [
        Field(_("抽取家数"), Cell(f"{draw.count:,}")),
        Field(_("每家检查人员"), Cell(str(draw.each))),
        Field(_("种子来源"), Cell(draw.seed_source or _("名录封存后由服务器生成"))),
    ]
    if draw.seed_from is not None:
        fields.append(Field(_("种子公布时刻"), Cell(instant(draw.seed_from).text)))
    if draw.population_hash is not None:
        fields += _committed(draw)
    if draw.seed is not None and draw.seeded_at is not None:
        fields += [
            Field(_("种子"), Cell(draw.seed, code=True)),
            Field(_("种子登记时刻"), Cell(instant(draw.seeded_at).text)),
        ]
    if draw.void_reason is not None:
        fields.append(Field(_("作废理由"), Cell(draw.void_reason)))
    return fields


def _committed(draw: Draw) -> list[Field]:
    assert draw.decided_at is not None and draw.population is not None
    return [
        Field(_("名录封存时刻"), Cell(instant(draw.decided_at).text)),
        Field(_("名录家数"), Cell(f"{draw.population:,}")),
        Field(_("企业名录哈希（SHA-256）"), Cell(draw.population_hash, code=True)),
        Field(_("检查人员名录哈希（SHA-256）"), Cell(draw.inspectors_hash, code=True)),
        Field(_("登记簿版本"), Cell(str(draw.register_version or ""), code=True)),
        Field(_("算法"), Cell(ALGORITHM, code=True)),
    ]


def drawn_table(drawn: list[Drawn], *, internal: bool) -> Table:
    """Whom a draw took, in order; with their inspectors' numbers only for the desk."""
    columns = [_("抽中的企业"), _("序号"), _("统一社会信用代码"), *([_("检查人员")] if internal else [])]
    rows = [
        [
            Cell(each.name, url_for("pages.subject", id=each.code)),
            Cell(str(each.place)),
            Cell(each.code, code=True),
            *([Cell("、".join(each.inspectors), code=True)] if internal else []),
        ]
        for each in drawn[:SHOWN]
    ]
    return Table(_("抽中的企业，按抽出的先后"), columns, rows)


def more_drawn(draw: Draw) -> str:
    """Where the rest stands of a draw that took more than a page lists; empty where it took fewer."""
    return _("这里列出前 %(shown)s 家，全部见抽取文件。", shown=SHOWN) if draw.count > SHOWN else ""


def _crumbs() -> list[Link]:
    return [Link(_("首页"), url_for("pages.home"))]

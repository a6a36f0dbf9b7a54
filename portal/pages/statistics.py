"""Statistics (统计): how many public records there are by kind, year, state and region, as tables with bars drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from indexer.kinds import kinds
from indexer.opendata.statistics import Dimension
from indexer.opendata.statistics import Table as Counts
from portal.arguments import Arguments, arguments, invalid
from portal.context import portal
from portal.labels import group_label, kind_label
from portal.pages.components import Link, Option
from portal.pages.frame import blueprint, evidence

SHOWN = 12
"""Groups that one table lists; the API has all."""

FULL = 200
"""Length of the longest bar, in units of the drawing."""


class StatisticsQuestion(Arguments):
    """What to count."""

    kind: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One group: what it is called, where it is counted further, where one can search in it (each "" where that is nowhere), its number, its
    share of the total and the length of its bar.
    """

    label: str
    href: str
    search_href: str
    number: int
    share: str
    length: float


@dataclass(frozen=True, slots=True)
class Chart:
    """One table with its bars; `rest` is how many records the groups have that are not listed."""

    id: str
    title: str
    column: str
    bars: Sequence[Bar]
    rest: int
    json_href: str


@blueprint.get("/statistics", endpoint="statistics")
def statistics_page() -> str:
    """The counts of now."""
    question = arguments(request, StatisticsQuestion)
    if question.kind is not None and question.kind not in kinds():
        raise invalid("kind", "没有这个种类。", "there is no such kind")
    by_year = _counts("year", question)
    # The same word is another state in another kind, so states are told of one kind only.
    first: Dimension = "kind" if question.kind is None else "status"
    charts = [_chart(first, _counts(first, question), question), _chart("year", by_year, question)]
    if question.region is None:
        charts.append(_chart("region", _counts("region", question), question))
    return render_template(
        "statistics.html",
        total=by_year.total,
        data_href=url_for("pages.data"),
        day=by_year.day.isoformat(),
        charts=[chart for chart in charts if chart.bars],
        kinds=[Option(kind_label(kind), name, name == question.kind) for name, kind in kinds().items()],
        region=question.region or "",
        full=FULL,
        clear_href=url_for("pages.statistics") if question.kind or question.region else "",
        evidence=evidence(by_year.version),
        crumbs=[Link(_("首页"), url_for("pages.home"))],
    )


def _counts(dimension: Dimension, question: StatisticsQuestion) -> Counts:
    limit = None if dimension == "year" else SHOWN
    return portal().statistics.table([dimension], question.kind, question.region, limit)


def _chart(dimension: Dimension, counts: Counts, question: StatisticsQuestion) -> Chart:
    rows = [(key[0], number) for key, number in counts.rows]
    if dimension == "year":  # newest first, what says none last
        rows = sorted(rows, key=lambda row: -int(row[0] or 0))[:SHOWN]
    most = max((number for _, number in rows), default=0)
    asked: dict[str, Any] = {
        name: value for name, value in question.model_dump().items() if value is not None
    }
    title, column = _titles()[dimension]
    return Chart(
        id=dimension,
        title=title,
        column=column,
        bars=[
            Bar(
                group_label(dimension, value, question.kind),
                _narrowed(asked, dimension, value),
                url_for("pages.search", **(asked | {dimension: value})) if value is not None else "",
                number,
                f"{number / counts.total:.1%}",
                round(number / most * FULL, 1),
            )
            for value, number in rows
        ],
        rest=counts.total - sum(number for _, number in rows),
        json_href=url_for("api.statistics", by=dimension, **asked),
    )


def _narrowed(asked: dict[str, Any], dimension: Dimension, value: str | int | None) -> str:
    """The statistics of one group; "" where they are not narrowed by it."""
    if value is None or dimension not in StatisticsQuestion.model_fields:
        return ""
    return str(url_for("pages.statistics", **(asked | {dimension: value})))


def _titles() -> dict[Dimension, tuple[str, str]]:
    return {
        "kind": (_("按种类"), _("种类")),
        "year": (_("按年份"), _("年份")),
        "status": (_("按状态"), _("状态")),
        "region": (_("按地区"), _("地区")),
    }

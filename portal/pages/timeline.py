"""The timeline of restrictions on a page (时间线): a drawing made on the server, and a table that says the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from portal.i18n import english
from portal.pages.components import Badge, Cell, Table
from portal.restrictions.timeline import Bar, Period, Row, Tick, Timeline

HEAD = 22
ROW = 46
FOOT = 24
"""Heights in CSS pixels: the line above the rows, one row (name and track), the years below."""


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar with its words; `effect` chooses its filling."""

    effect: str
    left: float
    width: float
    goes_on: bool
    text: str


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One domain, from `top` in CSS pixels."""

    label: str
    top: int
    bars: Sequence[DrawnBar]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the macro draws, with the table beside it. Places across are hundredths of the width, down they are CSS pixels."""

    title: str
    description: str
    height: int
    foot: int
    today: float
    ticks: Sequence[Tick]
    rows: Sequence[DrawnRow]
    table: Table


def drawing(line: Timeline) -> Drawing | None:
    """The drawing of a timeline; None where there is nothing on it."""
    if line.empty:
        return None
    restricted = [row for row in line.rows if row.periods]
    foot = HEAD + ROW * len(line.rows)
    return Drawing(
        title=_("各领域的限制时间线"),
        description=_(
            "%(first)s 年到 %(last)s 年，%(all)s 个领域中有 %(n)s 个有限制。每一段的起止日期见图下的表格。",
            first=line.first.year,
            last=line.last.year,
            all=len(line.rows),
            n=len(restricted),
        ),
        height=foot + FOOT,
        foot=foot,
        today=line.today,
        ticks=line.ticks,
        rows=[
            DrawnRow(_label(row), HEAD + ROW * place, [_bar(row, bar) for bar in row.bars])
            for place, row in enumerate(line.rows)
        ],
        table=_table(restricted),
    )


def _label(row: Row) -> str:
    return row.domain.en if english() else row.domain.zh


def _bar(row: Row, bar: Bar) -> DrawnBar:
    text = _(
        "%(domain)s：%(status)s，%(since)s 至 %(until)s",
        domain=_label(row),
        status=_badge(bar.period).text,
        since=_since(bar.period),
        until=_until(bar.period),
    )
    return DrawnBar(bar.period.effect, bar.left, bar.width, bar.goes_on, text)


def _table(rows: Sequence[Row]) -> Table:
    return Table(
        caption=_("各领域的限制期间"),
        columns=[_("领域"), _("状态"), _("从"), _("到（含当日）")],
        rows=[
            [
                Cell(text=_label(row)),
                Cell(badge=_badge(period)),
                _cell(period.since, _since(period)),
                _cell(period.until, _until(period)),
            ]
            for row in rows
            for period in row.periods
        ],
    )


def _cell(day: date | None, text: str) -> Cell:
    return Cell(day=text) if day else Cell(text=text)


def _badge(period: Period) -> Badge:
    return Badge(_("禁止"), "bad") if period.effect == "banned" else Badge(_("受限"), "warn")


def _since(period: Period) -> str:
    return period.since.isoformat() if period.since else str(_("起始日未登记"))


def _until(period: Period) -> str:
    if period.until:
        return period.until.isoformat()
    return str(_("终身") if period.effect == "banned" else _("截止日未公布"))

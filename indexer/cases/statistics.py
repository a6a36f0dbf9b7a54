"""Published figures of complaints and questions (办件统计): received, closed, on time, by kind and span of months.

A span has at least `FEWEST` cases, so that nobody can be told from a figure; months with fewer are put together with the next. The month that
runs is left out: from one day to the next it would tell of single cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Engine, case, func, select

from indexer.cases.kinds import KINDS
from indexer.cases.models import Case as Row
from indexer.clock import SHANGHAI
from indexer.register.database import reading
from indexer.rules.workdays import add_months

FEWEST = 5
MONTHS = 24
PUBLIC = ("complaint", "question")


@dataclass(frozen=True, slots=True)
class Span:
    """Cases of one kind that were received from month `first` to month `last` ("2026-03"): how many, closed by now, in time."""

    kind: str
    first: str
    last: str
    received: int
    closed: int
    on_time: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Spans, newest first, and the kinds of which there were too few cases to say anything."""

    spans: tuple[Span, ...]
    too_few: tuple[str, ...]


def figures(engine: Engine, today: date) -> Figures:
    """The figures of the last `MONTHS` whole months."""
    end = today.replace(day=1)
    begin = add_months(end, -MONTHS)
    month = func.substr(
        Row.number, 4, 6
    )  # the number begins with the day in China; an instant would ask for its zone
    ended = Row.ended_at.is_not(None)
    asked = (
        select(Row.kind, month, func.count(), _number(ended), _number(ended & ~Row.late))
        .where(Row.kind.in_(PUBLIC), Row.filed_at >= _instant(begin), Row.filed_at < _instant(end))
        .group_by(Row.kind, month)
    )
    months: dict[str, dict[str, tuple[int, int, int]]] = {kind: {} for kind in PUBLIC}
    with reading(engine) as connection:
        for kind, of, *counted in connection.execute(asked):
            months[kind][f"{of[:4]}-{of[4:]}"] = (counted[0], counted[1], counted[2])
    spans = [span for kind in PUBLIC for span in folded(kind, months[kind])]
    told = {span.kind for span in spans}
    return Figures(tuple(spans), tuple(kind for kind in PUBLIC if months[kind] and kind not in told))


def folded(kind: str, months: Mapping[str, tuple[int, int, int]]) -> list[Span]:
    """Months put together into spans of at least `FEWEST` cases, newest first; none where there are fewer in all."""
    assert kind in KINDS
    spans: list[Span] = []
    open_: dict[str, Any] = {}
    for month in sorted(months):
        received, closed, on_time = months[month]
        if not open_:
            open_ = {"first": month, "received": 0, "closed": 0, "on_time": 0}
        open_ |= {
            "last": month,
            "received": open_["received"] + received,
            "closed": open_["closed"] + closed,
            "on_time": open_["on_time"] + on_time,
        }
        if open_["received"] >= FEWEST:
            spans.append(Span(kind=kind, **open_))
            open_ = {}
    if open_ and spans:  # the last few go with those before them
        spans.append(_joined(spans.pop(), Span(kind=kind, **open_)))
    return spans[::-1]


def _joined(one: Span, two: Span) -> Span:
    return Span(
        one.kind,
        one.first,
        two.last,
        one.received + two.received,
        one.closed + two.closed,
        one.on_time + two.on_time,
    )


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _instant(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)

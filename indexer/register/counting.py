"""Counting what is public (统计): by kind, region, year and effective state, with the door as a condition in SQL and a few statements.

A count of everything goes along the whole register. After that it is brought up with what was recorded and what the calendar turned since:
what those records counted as before is taken off, what they count as now is added.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, extract, func, or_, select
from sqlalchemy.orm import aliased

from indexer.kinds import kinds
from indexer.kinds.base import State
from indexer.register.database import reading
from indexer.register.disclosure import public_on
from indexer.register.models import Batch, Version
from indexer.register.queue import turned
from indexer.register.reading import Register
from indexer.register.versions import RegisterVersion, version_at

ANEW = 4
"""Where more than one in so many versions is new, counting everything takes no longer than the difference."""


class Cell(NamedTuple):
    """What records are counted by; `year` is that of the day by which they are ordered, `status` the effective state of the day."""

    kind: str
    region: str | None
    year: int | None
    status: str | None


@dataclass(frozen=True, slots=True)
class Cube:
    """How many public records there are of each cell, in one state of the register, on one day."""

    version: RegisterVersion
    day: date
    cells: Mapping[Cell, int]


def counted(register: Register, before: Cube | None = None) -> Cube:
    """The counts of now; from those of `before` where they are of this register and not too much has happened since."""
    today = register.clock.today()
    with reading(register.engine) as connection:
        version = version_at(connection, None)
        if before is not None and (before.version, before.day) == (version, today):
            return before
        if before is None or before.day > today or not _near(connection, before.version, version):
            cells = _cells(connection, Version.superseded_in.is_(None) & public_on(today), today)
        else:
            cells = _brought_up(connection, before, today)
    return Cube(version, today, {cell: number for cell, number in cells.items() if number})


def _near(connection: Connection, before: RegisterVersion, now: RegisterVersion) -> bool:
    """Whether a version is one of this very register, and most of it was there then."""
    if before.number > now.number or before.number == 0:
        return False
    recorded = connection.scalar(select(Batch.recorded_at).where(Batch.id == before.number))
    last = connection.scalar(select(func.max(Version.id))) or 0
    return recorded == before.recorded_at and (last - _first(connection, before) + 1) * ANEW <= last


def _first(connection: Connection, after: RegisterVersion) -> int:
    """The first id that a version recorded after a state of the register has, or would have."""
    found = connection.scalar(select(func.min(Batch.first_version)).where(Batch.id > after.number))
    return found if found is not None else (connection.scalar(select(func.max(Version.id))) or 0) + 1


def _brought_up(connection: Connection, before: Cube, today: date) -> Counter[Cell]:
    first, was = _first(connection, before.version), before.day
    current = Version.superseded_in.is_(None)
    new = aliased(Version)
    touched = select(new.record_id).where(new.id >= first, new.superseded_in.is_(None))
    stood = (
        (Version.id < first)
        & or_(Version.superseded_in.is_(None), Version.superseded_in > before.version.number)
        & Version.record_id.in_(touched)
    )
    cells = Counter(before.cells)
    cells.subtract(_cells(connection, stood & public_on(was), was))
    cells.update(_cells(connection, current & (Version.id >= first) & public_on(today), today))
    if today > was:
        by_calendar = current & (Version.id < first) & turned(was, today)
        cells.subtract(_cells(connection, by_calendar & public_on(was), was))
        cells.update(_cells(connection, by_calendar & public_on(today), today))
    return cells


def _cells(connection: Connection, which: ColumnElement[bool], day: date) -> Counter[Cell]:
    """The counts of some current versions on a day. States depend on their days by before and after alone, so a few groups have all."""
    columns = (
        Version.kind,
        Version.region,
        extract("year", Version.dated).label("year"),
        Version.status,
        _side(Version.status_since, day).label("since"),
        _side(Version.valid_from, day).label("begin"),
        _side(Version.valid_until, day).label("end"),
    )
    asked = select(*columns, func.count().label("number")).where(which).group_by(*columns)
    cells: Counter[Cell] = Counter()
    for row in connection.execute(asked):
        year = int(row.year) if row.year is not None else None
        cells[Cell(row.kind, row.region, year, _status(row, day))] += row.number
    return cells


def _side(column: Any, day: date) -> ColumnElement[int | None]:
    """On which side of a day a column's day is: -1 before, 0 on it, 1 after, None where there is none."""
    return case((column.is_(None), None), (column < day, -1), (column == day, 0), else_=1)


def _status(row: Any, day: date) -> str | None:
    since, begin, end = (
        None if side is None else day + timedelta(days=side) for side in (row.since, row.begin, row.end)
    )
    states = (State(since, row.status),) if row.status is not None else ()
    return kinds()[row.kind].status_on(states, begin, end, day)

"""Publication in time (公示及时率): how many decisions came online later than the rule allows, by agency, and which.

Penalties and licences are due 7 work days after the decision (双公示: 发改办财金〔2018〕424号, 国办发〔2018〕118号), other results of enforcement 20
(国办发〔2018〕118号; domain.md parts 4 and 7). Counted is the first version of a record, on the day its batch was recorded. The numbers of
days stand in `indexer/rules/periods.toml`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from indexer.clock import SHANGHAI, day_of
from indexer.kinds import kinds
from indexer.kinds.base import Find
from indexer.register.database import reading
from indexer.register.models import Batch, Subject, Version
from indexer.rules.periods import period
from indexer.rules.workdays import NO_EXTRAS, Calendar, Due

RULES = {
    "penalty": "publish.licence_or_penalty",
    "licence": "publish.licence_or_penalty",
    "inspection": "publish.other",
}
"""Kind → the period that it is due within."""


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How an agency did in a period: how many decisions came, how many of them late, and the most calendar days that one was late."""

    kind: str
    agency: str
    published: int
    late: int
    latest_by: int


@dataclass(frozen=True, slots=True)
class LateRecord:
    """A decision that came late: `due` is the last day that was in time."""

    version: int
    record: str
    kind: str
    subject: str | None
    name: str | None
    number: str | None
    decided_on: date
    due: Due
    published_on: date


@cache
def due_day(kind: str, decided_on: date, calendar: Calendar = NO_EXTRAS) -> Due:
    """The last day on which a decision of a kind is published in time."""
    return period(RULES[kind], decided_on).due(decided_on, calendar)


def punctuality(
    engine: Engine, since: date, until: date, calendar: Calendar = NO_EXTRAS
) -> list[Punctuality]:
    """Per kind and agency, what was published on the days from `since` to `until`; who has most late ones first."""
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    with reading(engine) as connection:
        for row in _grouped(connection, since, until):
            tally, published_on = counted[(row.kind, row.agency or "")], day_of(row.recorded_at)
            tally[0] += row.count
            due = due_day(row.kind, row.dated, calendar).date
            if published_on > due:
                tally[1] += row.count
                tally[2] = max(tally[2], (published_on - due).days)
    found = [Punctuality(kind, agency, *tally) for (kind, agency), tally in counted.items()]
    return sorted(found, key=lambda each: (-each.late, each.kind, each.agency))


def late_records(
    engine: Engine,
    since: date,
    until: date,
    kind: str,
    agency: str,
    below: int | None = None,
    limit: int = 50,
    calendar: Calendar = NO_EXTRAS,
) -> list[LateRecord]:
    """What an agency published late in a period, the latest recorded first, from the version before `below` on."""
    found: list[LateRecord] = []
    with reading(engine) as connection:
        groups = [
            row
            for row in _grouped(connection, since, until)
            if (row.kind, row.agency or "") == (kind, agency)
        ]
        for batch, recorded_at, decided_by in _late_batches(groups, calendar):
            asked = _first_versions(batch, kind, agency, decided_by).order_by(Version.id.desc()).limit(limit)
            if below is not None:
                asked = asked.where(Version.id < below)
            for row in connection.execute(asked):
                due = due_day(kind, row.dated, calendar)
                found.append(
                    LateRecord(
                        *(row.id, row.record_id, kind, row.subject, row.name, row.number),
                        *(row.dated, due, day_of(recorded_at)),
                    )
                )
            if len(found) >= limit:
                break
    return found[:limit]


def _grouped(connection: Connection, since: date, until: date) -> Iterable[Any]:
    """First versions of a period, counted by kind, agency, day of decision and batch."""
    start = datetime.combine(since, time.min, SHANGHAI)
    end = datetime.combine(until + timedelta(days=1), time.min, SHANGHAI)
    recorded = Batch.recorded_at.between(start, end - timedelta(microseconds=1))
    first = select(func.min(Batch.first_version)).where(recorded).scalar_subquery()
    after = select(func.min(Batch.first_version)).where(Batch.recorded_at >= end).scalar_subquery()
    agency = _agency()
    asked = (
        select(
            *(Version.kind, agency.label("agency"), Version.dated, Version.recorded_in, Batch.recorded_at),
            func.count().label("count"),
        )
        .join(Batch, Batch.id == Version.recorded_in)
        .where(
            Version.id >= first,
            Version.id < func.coalesce(after, 2**62),
            recorded,
            Version.kind.in_(RULES),
            Version.change == "published",
            Version.dated.is_not(None),
            Batch.withdrawn_in.is_(None),
        )
        .group_by(Version.kind, agency, Version.dated, Version.recorded_in, Batch.recorded_at)
    )
    return connection.execute(asked).all()


def _agency() -> ColumnElement[str]:
    """Who decided, in the column that the kind has for it."""
    columns = {
        column.name: None for kind in RULES for column in kinds()[kind].columns if column.find is Find.ISSUER
    }
    return func.coalesce(*(Version.payload[name].as_string() for name in columns), None)


def _late_batches(groups: Iterable[Any], calendar: Calendar) -> list[tuple[int, datetime, date]]:
    """The batches with late decisions, the newest first: number, instant, and the latest day of decision that was late in it."""
    latest: dict[tuple[int, datetime], date] = {}
    for row in groups:
        if day_of(row.recorded_at) > due_day(row.kind, row.dated, calendar).date:
            batch = (row.recorded_in, row.recorded_at)
            latest[batch] = max(latest.get(batch, row.dated), row.dated)
    return [(batch, at, latest[(batch, at)]) for batch, at in sorted(latest, reverse=True)]


def _first_versions(batch: int, kind: str, agency: str, decided_by: date) -> Any:
    first = select(Batch.first_version).where(Batch.id == batch).scalar_subquery()
    return (
        select(
            *(Version.id, Version.record_id, Version.name, Version.number, Version.dated),
            func.coalesce(Subject.uscc, Subject.code).label("subject"),
        )
        .outerjoin(Subject, Subject.id == Version.subject_id)
        .where(
            Version.id >= first,
            Version.recorded_in == batch,
            Version.kind == kind,
            Version.change == "published",
            Version.dated <= decided_by,
            func.coalesce(_agency(), "") == agency,
        )
    )

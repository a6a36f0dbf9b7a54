"""Inspections and what followed them (两公开): the result of an inspection that failed, and its after-treatment, are both shown.

相市管〔2018〕45号 §10; correction within 60 days by 产品质量监督抽查管理暂行办法 (总局令18; domain.md 3.5, number in `indexer/rules/periods.toml`).
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Engine, func, or_, select

from indexer.kinds.base import Values
from indexer.register.database import reading
from indexer.register.models import Subject, Version
from indexer.rules.periods import period
from indexer.rules.workdays import NO_EXTRAS, Calendar, Due

FAILED_WORDS = ("不合格", "不符合", "未通过", "不达标", "发现问题")
"""What results say of what failed; a list of failed items says it as well."""

PASSED_WORDS = tuple(
    none + word
    for none in ("未发现", "没有发现", "未见", "无")
    for word in ("问题", *FAILED_WORDS)
    if word != "发现问题"
)
"""What results say of what passed, though a word of failure is part of it: 未发现问题 is the commonest result there is."""


@dataclass(frozen=True, slots=True)
class FailedInspection:
    """An inspection that was failed, with what followed; `due` is the day by which that had to be, None without a day of inspection."""

    version: int
    record: str
    subject: str | None
    name: str | None
    item: str
    agency: str
    result: str
    inspected_on: date | None
    follow_up: str | None
    due: Due | None
    overdue: bool


def failed_inspections(
    engine: Engine,
    today: date,
    *,
    open_only: bool,
    below: int | None = None,
    limit: int = 50,
    calendar: Calendar = NO_EXTRAS,
) -> list[FailedInspection]:
    """Current failed inspections, the latest recorded first, from the version before `below` on; with `open_only`, those without follow-up."""
    wanted = (Version.kind == "inspection") & Version.superseded_in.is_(None) & _failed()
    if open_only:
        wanted &= _said("follow_up") == ""
    if below is not None:
        wanted &= Version.id < below
    asked = (
        select(
            *(Version.id, Version.record_id, Version.name, Version.dated, Version.payload),
            func.coalesce(Subject.uscc, Subject.code).label("subject"),
        )
        .outerjoin(Subject, Subject.id == Version.subject_id)
        .where(wanted)
        .order_by(Version.id.desc())
        .limit(limit)
    )
    with reading(engine) as connection:
        return [
            _inspection(row.id, row.record_id, row.subject, row.name, row.dated, row.payload, today, calendar)
            for row in connection.execute(asked)
        ]


def open_follow_ups(engine: Engine, today: date, calendar: Calendar = NO_EXTRAS) -> tuple[int, int]:
    """How many failed inspections have no follow-up, and how many of them are overdue."""
    wanted = (Version.kind == "inspection") & Version.superseded_in.is_(None) & _failed()
    asked = (
        select(Version.dated, func.count()).where(wanted, _said("follow_up") == "").group_by(Version.dated)
    )
    with reading(engine) as connection:
        found = [(row[0], row[1]) for row in connection.execute(asked)]
    late = sum(count for day, count in found if day is not None and due_day(day, calendar).date < today)
    return sum(count for _day, count in found), late


def due_day(inspected_on: date, calendar: Calendar) -> Due:
    """The day by which a failure has to be corrected."""
    return period("inspection.correction", inspected_on).due(inspected_on, calendar)


def _said(column: str) -> ColumnElement[str]:
    return func.coalesce(Version.payload[column].as_string(), "")


def _failed() -> ColumnElement[bool]:
    result = _said("result")
    for passed in PASSED_WORDS:
        result = func.replace(result, passed, "")
    return or_(_said("failed_items") != "", *(result.contains(word) for word in FAILED_WORDS))


def _inspection(
    version: int,
    record: str,
    subject: str | None,
    name: str | None,
    day: date | None,
    said: Values,
    today: date,
    calendar: Calendar,
) -> FailedInspection:
    due, follow_up = due_day(day, calendar) if day is not None else None, said.get("follow_up")
    return FailedInspection(
        version=version,
        record=record,
        subject=subject,
        name=name,
        item=str(said.get("item") or said.get("plan") or ""),
        agency=str(said.get("authority") or ""),
        result=str(said.get("result") or ""),
        inspected_on=day,
        follow_up=str(follow_up) if follow_up else None,
        due=due,
        overdue=follow_up is None and due is not None and due.date < today,
    )

"""Facts that a tender may score (加分事项): grades AAA to A, entries on the red list, awards, each in force on the day.

Who stands on a black list on the day shows none of them as current (domain.md 3.1, 3.2).
"""

from collections.abc import Iterator
from datetime import date

from indexer.kinds.base import text_in
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import CreditFile
from portal.checks.model import Honour

SCORED_GRADES = ("AAA", "AA", "A")


def honours(file: CreditFile, as_of: date) -> tuple[Honour, ...]:
    """What speaks for a subject on `as_of`, newest first."""
    if any(_listed(record, "black", as_of) for record in file.records):
        return ()
    return tuple(each for record in file.records for each in _honour(record, as_of))


def _honour(record: PublicRecord, day: date) -> Iterator[Honour]:
    kind, status = record.kind.name, record.status_on(day)
    if kind == "rating" and status == "valid" and (grade := text_in(record.values, "grade")) in SCORED_GRADES:
        scheme = text_in(record.values, "scheme") or record.kind.label
        yield _said(record, f"{scheme} {grade}", "质量信用等级", "quality credit grade")
    elif kind == "brand" and status == "valid":
        yield _said(record, record.title, "品牌与荣誉", "award")
    elif _listed(record, "red", day):
        yield _said(record, record.title, "红名单", "red list")


def _listed(record: PublicRecord, category: str, day: date) -> bool:
    return record.kind.name == "listing" and record.category == category and record.status_on(day) == "listed"


def _said(record: PublicRecord, title: str, zh: str, en: str) -> Honour:
    since = record.valid_from or record.dated
    until = record.valid_until
    told_zh = "".join((f"，{since} 起" if since else "", f"，至 {until}" if until else ""))
    told_en = "".join((f", from {since}" if since else "", f", until {until}" if until else ""))
    return Honour(
        record.kind.name,
        record.id,
        title,
        f"{zh}：{title}{told_zh}。",
        f"{en.capitalize()}: {title}{told_en}.",
    )

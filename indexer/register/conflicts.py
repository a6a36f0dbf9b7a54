"""Contradictions between sources (来源冲突): the current version of a record and the one it replaced state different things, from two sources.

Read from the versions' history. A source is what the row names (数据来源), else what its batch was said to come from; a version of which
neither says anything contradicts nobody. A correction, which gives a reason, is an answer to a contradiction and none itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, func, select
from sqlalchemy.orm import aliased

from indexer.kinds import kinds
from indexer.kinds.base import Kind, Value
from indexer.register.database import reading
from indexer.register.models import Batch, Subject, Version

LOOKED_AT = 20_000  # versions for one page, so that a page is never long in coming
NOT_FACTS = frozenset({"source", "source_id", "source_code", "source_updated_at"})


@dataclass(frozen=True, slots=True)
class Side:
    """What one source states: its name, the batch and the instant it was recorded, and its values."""

    source: str
    batch: int
    recorded_at: datetime
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A record of which the source `earlier` and the source `later`, which stands now, state different things in `columns`."""

    version: int
    record: str
    kind: Kind
    subject: str | None
    name: str | None
    earlier: Side
    later: Side
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Some contradictions, the newest first; `next_below` where to go on, None at the end."""

    contradictions: list[Contradiction]
    next_below: int | None


def contradictions(
    engine: Engine,
    since: datetime,
    apart: timedelta,
    settled: Collection[tuple[str, int]],
    below: int | None = None,
    limit: int = 20,
) -> Found:
    """Contradictions recorded since an instant between versions at most `apart` from each other, but those that are settled."""
    found: list[Contradiction] = []
    looked_at, last = 0, None
    with reading(engine) as connection, _pairs(connection, since, below) as pairs:
        for row in islice(pairs, LOOKED_AT):
            looked_at, last = looked_at + 1, row.id
            each = _contradiction(row, apart)
            if each is not None and (each.record, each.later.batch) not in settled:
                found.append(each)
                if len(found) == limit:
                    break
    more = len(found) == limit or looked_at == LOOKED_AT
    return Found(found, last if more else None)


def _pairs(connection: Connection, since: datetime, below: int | None) -> CursorResult[Any]:
    """Current versions that replaced another, each with that one; the newest first, fetched as they are asked for."""
    earlier, now, then = aliased(Version), aliased(Batch), aliased(Batch)
    first = select(func.min(Batch.first_version)).where(Batch.recorded_at >= since).scalar_subquery()
    asked = (
        select(
            *(Version.id, Version.record_id, Version.kind, Version.name, Version.payload),
            *(now.id.label("batch"), now.recorded_at, now.source),
            earlier.payload.label("earlier_payload"),
            *(then.id.label("earlier_batch"), then.recorded_at.label("earlier_at")),
            then.source.label("earlier_source"),
            func.coalesce(Subject.uscc, Subject.code).label("subject"),
        )
        .join(now, now.id == Version.recorded_in)
        .join(
            earlier,
            (earlier.record_id == Version.record_id) & (earlier.superseded_in == Version.recorded_in),
        )
        .join(then, then.id == earlier.recorded_in)
        .outerjoin(Subject, Subject.id == Version.subject_id)
        .where(
            Version.id >= first,
            Version.change == "changed",
            Version.superseded_in.is_(None),
            now.reason.is_(None),
            then.reason.is_(None),
            now.recorded_at >= since,
        )
        .order_by(Version.id.desc())
    )
    if below is not None:
        asked = asked.where(Version.id < below)
    return connection.execution_options(yield_per=500).execute(asked)


def _contradiction(row: Any, apart: timedelta) -> Contradiction | None:
    if row.payload is None or row.earlier_payload is None or row.recorded_at - row.earlier_at > apart:
        return None
    later = _side(row.payload, row.source, row.batch, row.recorded_at)
    earlier = _side(row.earlier_payload, row.earlier_source, row.earlier_batch, row.earlier_at)
    kind = kinds()[row.kind]
    columns = tuple(
        column.name
        for column in kind.all_columns()
        if column.name not in NOT_FACTS
        and column.name in earlier.values
        and column.name in later.values
        and earlier.values[column.name] != later.values[column.name]
    )
    if not (later.source and earlier.source) or later.source == earlier.source or not columns:
        return None
    return Contradiction(row.id, row.record_id, kind, row.subject, row.name, earlier, later, columns)


def _side(payload: dict[str, Value], source: str | None, batch: int, at: datetime) -> Side:
    return Side(str(payload.get("source") or source or ""), batch, at, payload)

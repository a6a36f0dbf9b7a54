"""The public records as a whole (成批读取): by ranges of ids, and what has changed of them since a day. Through the door, in flat memory.

What is asked within one `looking` is of one state of the register.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, func, or_, select
from sqlalchemy.orm import aliased

from indexer.batches import batched
from indexer.clock import SHANGHAI
from indexer.register.bulk import among
from indexer.register.database import reading
from indexer.register.disclosure import PublicRecord, is_public, public_on
from indexer.register.models import Batch, Dispute, Subject, Version
from indexer.register.queue import turned
from indexer.register.reading import Register
from indexer.register.versions import CURRENT, RegisterVersion, joined_versions, rows_of, version_at

DIGITS = "0123456789abcdef"
CHUNK = 2000
"""Records that are looked at together."""

Change = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Point:
    """What one state of the register is called: its version, the day by whose calendar it is told, and the instant."""

    version: RegisterVersion
    day: date
    instant: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """A record whose public form differs between two points; of one that is `removed` nothing but id and kind is told, `was` apart."""

    change: Change
    id: str
    kind: str
    was: PublicRecord | None
    now: PublicRecord | None


class Wholesale:
    """One state of the register, to be read as a whole; made by `looking`."""

    def __init__(self, register: Register, connection: Connection) -> None:
        self._register, self._connection = register, connection
        now = register.clock.now()
        self.at = Point(version_at(connection, None), now.astimezone(SHANGHAI).date(), now)

    def count(self) -> int:
        """About how many records there are, public or not; no more than a few ids are read."""
        return self._connection.scalar(select(func.max(Version.id))) or 0

    def knows(self, point: Point) -> bool:
        """Whether a point was one of this very register: another one may have been put in its place."""
        version = point.version
        if version.number == 0:
            return True
        return self._connection.scalar(
            select(Batch.recorded_at).where(Batch.id == version.number)
        ) == version.recorded_at and (point.day <= self.at.day)

    def next_after(self, point: Point) -> datetime | None:
        """When the register was first changed after a point; None where it was not."""
        later = select(Batch.recorded_at).where(Batch.id > point.version.number).order_by(Batch.id).limit(1)
        return self._connection.scalar(later)

    def records(self, prefix: str, kinds: Collection[str]) -> Iterator[PublicRecord]:
        """The public records of some kinds whose ids begin with `prefix`, in the order of the ids."""
        query = CURRENT.where(beginning(prefix), Version.kind.in_(kinds), public_on(self.at.day))
        for row in rows_of(self._connection, query.order_by(Version.record_id)):
            yield self._register.told_by([row], self.at.day)

    def touched(self, since: Point, digits: int) -> set[str]:
        """The beginnings, of so many digits, of the ids of all records that may be told otherwise than at the point `since`."""
        start = func.substr(Version.record_id, 1, digits)
        asked = [
            select(start).where(condition, Version.superseded_in.is_(None)).distinct()
            for condition in self._touching(since)
        ]
        return {prefix for query in asked for prefix in self._connection.scalars(query)}

    def gone(self, since: Point) -> set[str]:
        """The kinds of which a record was public at the point `since` and is not any more."""
        then = aliased(Version)
        stood = (
            (then.record_id == Version.record_id)
            & (then.recorded_in <= since.version.number)
            & or_(then.superseded_in.is_(None), then.superseded_in > since.version.number)
            & public_on(since.day, then)
        )
        current = select(Version.kind).where(Version.superseded_in.is_(None), ~public_on(self.at.day))
        recorded = current.where(self._recorded(since), select(then.id).where(stood).exists())
        ended = current.where(
            Version.public_until >= since.day, Version.public_until < self.at.day, public_on(since.day)
        )
        return {kind for query in (recorded, ended) for kind in self._connection.scalars(query.distinct())}

    def changes(self, day: date, kinds: Collection[str]) -> Iterator[Changed]:
        """What is public now and was not at the end of the day before `day`, what is told otherwise, and what is public no more."""
        begun = datetime.combine(day, time.min, SHANGHAI)
        known = version_at(self._connection, begun)
        since = Point(known, day - timedelta(days=1), begun)
        seen_before: ColumnElement[bool] | None = None
        for condition in self._touching(since):
            asked = CURRENT.where(condition, Version.kind.in_(kinds)).order_by(Version.id)
            if seen_before is not None:
                asked = asked.where(~seen_before)
            seen_before = condition if seen_before is None else or_(seen_before, condition)
            found = self._connection.execute(asked.execution_options(yield_per=CHUNK))
            for rows in batched(found, CHUNK):
                yield from self._compared(rows, since)

    def _recorded(self, since: Point, version: Any = Version) -> ColumnElement[bool]:
        """The versions that were recorded after a point: ids are given out in the order of the batches."""
        first = select(func.min(Batch.first_version)).where(Batch.id > since.version.number)
        found = self._connection.scalar(first)
        condition: ColumnElement[bool] = version.id >= (found if found is not None else self.count() + 1)
        return condition

    def _of_completed(self, since: Point) -> ColumnElement[bool]:
        """Versions of subjects that have records from after a point and a unified code which they were not first known by: it may be new."""
        new = aliased(Version)
        learnt = (
            select(Subject.id)
            .join(new, new.subject_id == Subject.id)
            .where(self._recorded(since, new), Subject.uscc.is_not(None), Subject.code != Subject.uscc)
        )
        return Version.subject_id.in_(learnt)

    def _touching(self, since: Point) -> list[ColumnElement[bool]]:
        """What tells of all current versions that may be told otherwise: recorded since, objected to, with a code of their subject that was
        learnt since, turned by the calendar.
        """
        disputes = select(Dispute.record_id).where(
            or_(Dispute.opened_at >= since.instant, Dispute.ended_at >= since.instant)
        )
        conditions = [self._recorded(since), Version.record_id.in_(disputes), self._of_completed(since)]
        if self.at.day > since.day:
            conditions.append(turned(since.day, self.at.day))
        return conditions

    def _compared(self, rows: Sequence[Any], since: Point) -> Iterator[Changed]:
        ids = [row.record_id for row in rows]
        before = self._as_of(ids, since)
        for row in rows:
            then = before.get(row.record_id)
            was = self._register.told_by([then], since.day) if then is not None else None
            now = self._register.told_by([row], self.at.day) if is_public(row, self.at.day) else None
            if was is None and now is not None:
                yield Changed("added", row.record_id, row.kind, None, now)
            elif was is not None and now is None:
                yield Changed("removed", row.record_id, row.kind, was, None)
            elif was is not None and now is not None and not _same(was, now):
                yield Changed("changed", row.record_id, row.kind, was, now)

    def _as_of(self, ids: Sequence[str], since: Point) -> dict[str, Any]:
        """The versions of some records that stood at a point and that the public could see on its day, with the objection open then."""
        stood = (Version.recorded_in <= since.version.number) & or_(
            Version.superseded_in.is_(None), Version.superseded_in > since.version.number
        )
        asked = joined_versions().where(
            among(self._connection, Version.record_id, ids), stood, public_on(since.day)
        )
        found = {row.record_id: row for row in rows_of(self._connection, asked)}
        open_then = (
            among(self._connection, Dispute.record_id, ids)
            & (Dispute.opened_at < since.instant)
            & or_(Dispute.ended_at.is_(None), Dispute.ended_at >= since.instant)
        )
        disputed: dict[str, date] = {}
        for identity, opened in self._connection.execute(
            select(Dispute.record_id, Dispute.opened_on).where(open_then)
        ):
            disputed[identity] = opened
        return {identity: row._replace(disputed=disputed.get(identity)) for identity, row in found.items()}


@contextmanager
def looking(register: Register) -> Iterator[Wholesale]:
    """Read the register as a whole, in one state."""
    with reading(register.engine) as connection:
        yield Wholesale(register, connection)


def beginning(prefix: str) -> ColumnElement[bool]:
    """The versions of records whose ids begin with some hexadecimal digits."""
    last = prefix.rstrip("f")
    if not last:
        return Version.record_id >= prefix
    beyond = last[:-1] + (DIGITS + "g")[DIGITS.index(last[-1]) + 1]
    return (Version.record_id >= prefix) & (Version.record_id < beyond)


def prefixes(digits: int) -> list[str]:
    """All beginnings of so many digits, in order."""
    return [f"{number:0{digits}x}" for number in range(16**digits)] if digits else [""]


def _same(was: PublicRecord, now: PublicRecord) -> bool:
    """Whether two forms of a record say the same, whenever they were recorded and whatever its subject is called by now."""
    kept = replace(was, batch=now.batch, recorded_at=now.recorded_at, subject=now.subject)
    kept = replace(kept, states=now.states, notes=now.notes)
    return kept == now

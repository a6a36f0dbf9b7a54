"""The outbox as sync sees it: what waits, in the order of its recording, and what the calendar adds to it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import QueryableAttribute

from indexer.batches import batched
from indexer.register.bulk import among
from indexer.register.database import reading, working, writing
from indexer.register.models import Mark, Outbox, Unindexed, Version

CALENDAR = "index follows the calendar up to"
BEGINNINGS = (Version.valid_from, Version.public_from, Version.status_since)
ENDS = (Version.valid_until, Version.public_until)  # last days: what ends turns on the day after
CHUNK = 4000  # records of one statement


@dataclass(slots=True)
class Claim:
    """Records that one worker brings to the index: nobody else does, and they leave the queue when it is done.

    `at` is the place in the queue up to which the register had been recorded by the time of the claim. `refused` is filled in by the
    worker: what the index would not take, with the reason.
    """

    ids: list[str]
    at: int
    refused: Mapping[str, str] = field(default_factory=dict)


class Queue:
    """The outbox of one register."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def claim(self, limit: int, after: int = 0) -> Iterator[Claim]:
        """The oldest `limit` entries behind the place `after` that no other worker has; they stay in the queue when the block is left by an exception.

        Ids grow in the order of the commits, since batches are serial. On SQLite two workers may get the same entries: the index bears
        that.
        """
        oldest = select(Outbox.id, Outbox.record_id).where(Outbox.id > after).order_by(Outbox.id).limit(limit)
        if self.engine.dialect.name == "sqlite":
            with reading(self.engine) as connection:
                claim, entries = _claimed(connection.execute(oldest).all())
            yield claim
            if entries:
                with writing(self.engine) as connection:
                    connection.execute(delete(Outbox).where(Outbox.id > after, Outbox.id <= claim.at))
                    _set_aside(connection, claim)
        else:
            with working(self.engine) as connection:
                locked = oldest.with_for_update(skip_locked=True)
                claim, entries = _claimed(connection.execute(locked).all())
                yield claim
                if entries:
                    connection.execute(delete(Outbox).where(Outbox.id.in_(entries)))
                    _set_aside(connection, claim)

    def put(self, ids: Iterable[str]) -> int:
        """Have some records brought to the index (again); gives the place in the queue behind them."""
        with writing(self.engine) as connection:
            for some in batched(ids, CHUNK):
                connection.execute(insert(Outbox), [{"record_id": identity} for identity in some])
            return connection.scalar(select(func.max(Outbox.id))) or 0

    def waiting(self, limit: int) -> int:
        """How many entries wait, counted up to `limit`."""
        query = select(func.count()).select_from(select(Outbox.id).limit(limit).subquery())
        with reading(self.engine) as connection:
            return connection.scalar(query) or 0

    def waiting_among(self, ids: Sequence[str]) -> set[str]:
        """Those of some records that wait."""
        with reading(self.engine) as connection:
            found: set[str] = set()
            for some in batched(ids, CHUNK):
                found.update(
                    connection.scalars(
                        select(Outbox.record_id).where(among(connection, Outbox.record_id, some))
                    )
                )
            return found

    def last(self) -> int:
        """The id of the newest entry, 0 when none waits."""
        with reading(self.engine) as connection:
            return connection.scalar(select(func.max(Outbox.id))) or 0

    def waits_before(self, place: int) -> bool:
        """Whether an entry up to a place in the queue waits or is being worked on."""
        with reading(self.engine) as connection:
            return connection.scalar(select(literal(1)).where(Outbox.id <= place).limit(1)) is not None

    def drop(self, up_to: int) -> None:
        """Take out the entries up to an id, after the index has them durably."""
        with writing(self.engine) as connection:
            connection.execute(delete(Outbox).where(Outbox.id <= up_to))

    def routings(self, ids: Sequence[str]) -> dict[str, str]:
        """What stands for the subject of each record in the index, also of one that is no longer public; its own id without one."""
        found: dict[str, str] = {identity: identity for identity in ids}
        with reading(self.engine) as connection:
            for some in batched(ids, CHUNK):
                query = select(Version.record_id, Version.subject_id).where(
                    among(connection, Version.record_id, some), Version.subject_id.is_not(None)
                )
                found |= {identity: str(subject) for identity, subject in connection.execute(query)}
        return found

    def unindexed(self, limit: int) -> dict[str, str]:
        """Records that the index refused, with the reason; at most `limit`."""
        query = select(Unindexed.record_id, Unindexed.reason).order_by(Unindexed.record_id).limit(limit)
        with reading(self.engine) as connection:
            return {row.record_id: row.reason for row in connection.execute(query)}

    def follow_calendar(self, today: date) -> None:
        """Once a day: queue the records whose state or publicity has turned since the last time, by the calendar alone."""
        with reading(self.engine) as connection:
            done = _mark(connection)
        if done == today.isoformat():
            return
        with writing(self.engine) as connection:
            done = _mark(connection)  # another worker may have been first
            if done == today.isoformat():
                return
            if done is None:
                connection.execute(insert(Mark).values(name=CALENDAR, value=today.isoformat()))
                return
            since = date.fromisoformat(done)
            current = select(Version.record_id).where(turned(since, today), Version.superseded_in.is_(None))
            connection.execute(insert(Outbox).from_select(["record_id"], current))
            connection.execute(update(Mark).where(Mark.name == CALENDAR).values(value=today.isoformat()))


def turned(
    since: date, today: date, ends: Iterable[QueryableAttribute[date | None]] = ENDS
) -> ColumnElement[bool]:
    """The versions whose state or publicity turned by the calendar alone after the day `since`, up to and on `today`.

    Days that follow one another make what the whole stretch makes: a job that missed some skips and repeats nothing.
    """
    begins = [(day > since) & (day <= today) for day in BEGINNINGS]
    return or_(*begins, *((day >= since) & (day < today) for day in ends))


def _claimed(rows: Sequence[tuple[int, str]]) -> tuple[Claim, list[int]]:
    entries = [number for number, _ in rows]
    ids = list(dict.fromkeys(identity for _, identity in rows))
    return Claim(ids, entries[-1] if entries else 0), entries


def _set_aside(connection: Connection, claim: Claim) -> None:
    """Keep what the index refused, forget what it had refused before and has taken now."""
    if connection.scalar(select(literal(1)).select_from(Unindexed).limit(1)) or claim.refused:
        connection.execute(delete(Unindexed).where(among(connection, Unindexed.record_id, claim.ids)))
    if claim.refused:
        rows = [{"record_id": identity, "reason": reason} for identity, reason in claim.refused.items()]
        connection.execute(insert(Unindexed), rows)


def _mark(connection: Connection) -> str | None:
    return connection.scalar(select(Mark.value).where(Mark.name == CALENDAR))

"""Recording (记录变更): the one writer of the feed, which tells a change exactly when a record's public form is not what was told last.

Candidates come from new versions, from `Touched` (objections, completed codes of subjects) and once a day from the calendar. A turn looks at
some thousand of them in one snapshot of the register; its changes, the place it came to and what it took from `Touched` are stored in one
transaction, which moves the single row of `FeedState` or does nothing. So a recorder may be killed at any point and two may run: no number is
left out or given twice, and nothing is told that did not change.
"""

import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from indexer.clock import SHANGHAI
from indexer.feed.forms import PERSONS, digest_of
from indexer.feed.models import CHANGES, STATE, Change, FeedState
from indexer.register.bulk import among, insert_rows
from indexer.register.database import BUSY_SECONDS, alone, filing, reading
from indexer.register.models import Dispute, Touched, Version
from indexer.register.queue import turned
from indexer.register.reading import Register
from indexer.rules.periods import period
from indexer.rules.workdays import add_months

AT_ONCE = 2000  # versions, and touched records, that one turn looks at
TURNS = 25  # of one run of the job, so that who wants to stop it need not wait for a whole catch-up
KEPT = "feed.kept"  # how long every change stays, also those that newer ones have overtaken


@dataclass(frozen=True, slots=True)
class Turn:
    """What one look found: the changes with their digests, the place it came to, and what it took from `Touched`."""

    changes: Sequence[tuple[str, int | None, bool]]  # record, digest, added
    version: int
    touched: Sequence[int]
    overtaken: Sequence[
        int
    ]  # numbers behind the thinned place that are not the last of their record any more


def record(register: Register, turns: int = sys.maxsize) -> int:
    """Tell what has changed since the last time, in at most so many turns; gives the number of changes.

    The first time, everything that is public is an addition. Raises ServiceUnavailable where another process is at it.
    """
    engine, told = register.engine, 0
    with alone(engine, "changes"):
        state = _follow_calendar(engine, _begun(engine, register.clock.today()), register.clock.today())
        for _ in range(turns):
            if state is None or (turn := _look(register, state)) is None:
                break
            state = _store(engine, state, turn, register.clock.now())
            told += len(turn.changes) if state is not None else 0
        if state is not None:
            _thin(engine, state, register.clock.today())
    return told


def state_of(connection: Connection) -> Any | None:
    """How far the recorder is; None before it ever ran."""
    return connection.execute(select(STATE)).first()


def recheck(engine: Engine) -> None:
    """Have the recorder compare every record with what it told last, as after a release that shows records in another form."""
    with filing(engine, BUSY_SECONDS) as connection:
        connection.execute(update(FeedState).values(version=0))


def restart(engine: Engine, today: date) -> None:
    """Begin the feed anew, as after a backup was brought back: positions given out before are answered with 410."""
    with filing(engine, BUSY_SECONDS) as connection:
        connection.execute(delete(FeedState))  # first, so that a recorder at work stores nothing any more
        connection.execute(delete(Change))
        connection.execute(insert(FeedState).values(**_beginning(today)))


def _beginning(today: date) -> dict[str, Any]:
    zeros = dict.fromkeys(("last", "version", "thinned", "forgotten"), 0)
    return {"id": 1, "epoch": secrets.randbits(32) | 1, "day": today, **zeros}


def _begun(engine: Engine, today: date) -> Any:
    with reading(engine) as connection:
        state = state_of(connection)
    if state is not None:
        return state
    with filing(engine, BUSY_SECONDS) as connection:
        connection.execute(insert(FeedState).values(**_beginning(today)))
        return state_of(connection)


def _moved(connection: Connection, state: Any, **values: object) -> bool:
    """Move the single row from where it stood; where another process was first, all of the transaction is undone."""
    stood = [STATE.c[name] == value for name, value in state._asdict().items()]
    if connection.execute(update(FeedState).where(*stood).values(**values)).rowcount:
        return True
    connection.rollback()
    return False


def _follow_calendar(engine: Engine, state: Any, today: date) -> Any | None:
    """Once a day: have the records looked at whose state or publicity the calendar has turned, as one statement of the database."""
    if today <= state.day:
        return state
    with filing(engine, BUSY_SECONDS) as connection:
        if not _moved(connection, state, day=today):
            return None
        current = select(Version.record_id).where(
            turned(state.day, today), Version.superseded_in.is_(None), Version.kind.not_in(PERSONS)
        )
        connection.execute(insert(Touched).from_select(["record_id"], current))
        return state_of(connection)


def _look(register: Register, state: Any) -> Turn | None:
    """The next turn, in one snapshot of the register; None when nothing waits."""
    newer = (
        select(Version.id, Version.record_id, Version.kind)
        .where(Version.id > state.version)
        .order_by(Version.id)
        .limit(AT_ONCE)
    )
    with reading(register.engine) as connection:
        waiting = select(Touched.id, Touched.record_id).order_by(Touched.id).limit(AT_ONCE)
        touched = connection.execute(waiting).all()
        versions = connection.execute(newer).all()
        if not touched and not versions:
            return None
        asked = [row.record_id for row in touched]
        asked += [row.record_id for row in versions if row.kind not in PERSONS]
        ids = list(dict.fromkeys(asked))
        forms = _forms(register, connection, ids, state.day)
        told = _told(connection, ids)
    changes, overtaken = [], []
    for identity in ids:
        before, now = told.get(identity), forms.get(identity)
        if now != (before.digest if before is not None else None):
            changes.append((identity, now, before is None or before.digest is None))
            if before is not None and before.number <= state.thinned:
                overtaken.append(before.number)
    place = versions[-1].id if versions else state.version
    return Turn(changes, place, [row.id for row in touched], overtaken)


def _forms(register: Register, connection: Connection, ids: Sequence[str], day: date) -> Mapping[str, int]:
    """The digests of those of some records that are public on a day; persons have none."""
    shown = register.records_within(connection, ids, day)
    last = (
        select(Dispute.record_id, func.max(Dispute.id).label("last"))
        .where(among(connection, Dispute.record_id, list(shown)))
        .group_by(Dispute.record_id)
    )
    disputes = {row.record_id: row.last for row in connection.execute(last)}
    return {
        identity: digest_of(each, disputes.get(identity, 0))
        for identity, each in shown.items()
        if each.kind.name not in PERSONS
    }


def _told(connection: Connection, ids: Iterable[str]) -> dict[str, Any]:
    """What was told last of each of some records."""
    rows = (
        select(Change.number, Change.record, Change.digest)
        .where(Change.record.in_(ids))
        .order_by(Change.number)
    )
    return {row.record: row for row in connection.execute(rows)}


def _store(engine: Engine, state: Any, turn: Turn, now: datetime) -> Any | None:
    """Store a turn; gives the new state, None where another recorder was first."""
    last = state.last + len(turn.changes)
    rows = [
        (number, digest, now, identity, added)
        for number, (identity, digest, added) in enumerate(turn.changes, state.last + 1)
    ]
    with filing(engine, BUSY_SECONDS) as connection:
        if not _moved(connection, state, last=last, version=turn.version):
            return None
        if rows:
            insert_rows(connection, CHANGES, rows)
        if turn.touched:
            connection.execute(delete(Touched).where(Touched.id.in_(turn.touched)))
        if turn.overtaken:
            connection.execute(delete(Change).where(Change.number.in_(turn.overtaken)))
        return state_of(connection)


def _thin(engine: Engine, state: Any, today: date) -> None:
    """Take out, of some old changes, those that newer ones have overtaken, and removals; what is public now stays, however old."""
    kept = datetime.combine(add_months(today, -period(KEPT, today).value), time.min, SHANGHAI)
    oldest = (
        select(Change.number, Change.record, Change.digest, Change.at)
        .where(Change.number > state.thinned)
        .order_by(Change.number)
    )
    with reading(engine) as connection:
        first = connection.execute(oldest.limit(1)).first()
        if first is None or first.at >= kept:
            return
        found = connection.execute(oldest.limit(AT_ONCE)).all()
        rows = list(takewhile(lambda row: row.at < kept, found))
        last = {identity: row.number for identity, row in _told(connection, {r.record for r in rows}).items()}
    overtaken = [row.number for row in rows if last[row.record] != row.number]
    removed = [row.number for row in rows if last[row.record] == row.number and row.digest is None]
    with filing(engine, BUSY_SECONDS) as connection:
        forgotten = max([state.forgotten, *removed])
        if _moved(connection, state, thinned=rows[-1].number, forgotten=forgotten):
            connection.execute(delete(Change).where(Change.number.in_(overtaken + removed)))

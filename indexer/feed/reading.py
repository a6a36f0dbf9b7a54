"""Reading the feed (读取变更): what follows a position, with each record as the door shows it now.

History is never told from history: what has been hidden since is told as removed, whatever it was told as. So a change that newer ones have
overtaken carries the record as it is now, or its removal, and the last change of a record leaves a mirror with what is public.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from indexer.errors import InvalidParameter
from indexer.feed.forms import PERSONS
from indexer.feed.models import Change
from indexer.feed.positions import Position, PositionGone
from indexer.feed.recording import state_of
from indexer.register.bulk import among
from indexer.register.database import reading
from indexer.register.disclosure import PublicRecord
from indexer.register.models import Touched, Version
from indexer.register.reading import Register

NOW = "now"
LOOKED_AT = 5000  # changes that one answer goes through for those that fit


What = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: `what` is added, changed or removed. A removed one has no record and says nothing but its id."""

    position: Position
    number: int
    at: datetime
    what: What
    id: str
    record: PublicRecord | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes in order, the position behind them, and whether more wait there now."""

    entries: tuple[Entry, ...]
    next: Position
    more: bool


Fits = Callable[[Connection, Collection[str]], Collection[str]]
"""Which of some records fit a filter; asked within the transaction of the reading."""


def of_kinds(kinds: Collection[str]) -> Fits:
    """Records of some kinds, also those that are no longer public."""

    def fits(connection: Connection, ids: Collection[str]) -> Collection[str]:
        current = select(Version.record_id).where(
            among(connection, Version.record_id, ids), Version.superseded_in.is_(None)
        )
        return set(connection.scalars(current.where(Version.kind.in_(kinds))))

    return fits


def whole_position(connection: Connection, day: date) -> Position | None:
    """The position from which a mirror goes on that begins with all that is public on a day in the state of the register that `connection` sees.

    None where the feed has not told all of that yet: of a record that was never told and is removed before it would be, the feed says
    nothing, so a mirror that had it from elsewhere would keep it.
    """
    state = state_of(connection)
    if state is None or state.day != day:
        return None
    untold = select(Version.id).where(Version.id > state.version), select(Touched.id)
    if any(connection.execute(asked.limit(1)).first() is not None for asked in untold):
        return None
    return Position(state.epoch, state.last, state.last)


class Changes:
    """The feed of a register, for mirrors."""

    def __init__(self, register: Register) -> None:
        self.register = register

    def since(self, since: str | None, limit: int, kind: str | None = None) -> Page:
        """At most `limit` changes after a position that was given out, from the beginning where `since` is None, none where it is `now`.

        Raises InvalidParameter, and PositionGone where what follows is not all kept.
        """
        if kind in PERSONS:
            raise InvalidParameter(
                "kind",
                "从业人员涉及个人，不成批提供，变更流中没有。",
                "concerns persons, who are not handed out in bulk and are not in the feed",
            )
        begin = Position.read(since) if since not in (None, NOW) else None
        with reading(self.register.engine) as connection:
            state = state_of(connection)
            if state is None:
                if begin is not None:
                    raise PositionGone
                return Page((), Position(0, 0, 0), False)
            if begin is None:
                begin = Position(state.epoch, state.last if since == NOW else 0, state.last)
            elif begin == Position(0, 0, 0):  # given out before the feed began
                begin = Position(state.epoch, 0, state.last)
            return self._page(connection, state, begin, limit, of_kinds([kind]) if kind else None)

    def newest(self) -> Position:
        """The position behind the newest change."""
        return self.since(NOW, 1).next

    def after(self, position: Position, limit: int, fits: Fits) -> Page:
        """At most `limit` changes after a position that fit a filter. Raises PositionGone where what follows is not all kept."""
        with reading(self.register.engine) as connection:
            state = state_of(connection)
            if state is None:
                raise PositionGone
            return self._page(connection, state, position, limit, fits)

    def _page(
        self, connection: Connection, state: Any, begin: Position, limit: int, fits: Fits | None
    ) -> Page:
        if (
            begin.epoch != state.epoch
            or max(begin.number, begin.floor) > state.last
            or max(begin.number, begin.floor) < state.forgotten
        ):
            raise PositionGone
        window = limit if fits is None else LOOKED_AT
        asked = (
            select(Change.number, Change.at, Change.record, Change.digest, Change.added)
            .where(Change.number > begin.number)
            .order_by(Change.number)
            .limit(window)
        )
        rows: Sequence[Any] = connection.execute(asked).all()
        end = rows[-1].number if len(rows) == window else state.last
        if fits is not None:
            fitting = fits(connection, {row.record for row in rows})
            rows = [row for row in rows if row.record in fitting]
            if len(rows) >= limit:
                rows = rows[:limit]
                end = rows[-1].number
        day = max(state.day, self.register.clock.today())
        shown = self.register.records_within(connection, [row.record for row in rows], day)
        entries = tuple(self._entry(row, begin, shown.get(row.record)) for row in rows)
        return Page(entries, Position(begin.epoch, end, begin.floor), end < state.last)

    def _entry(self, row: Any, begin: Position, record: PublicRecord | None) -> Entry:
        what: What = "added" if row.added else "changed"
        if row.digest is None or record is None:
            what, record = "removed", None
        position = Position(begin.epoch, row.number, begin.floor)
        return Entry(position, row.number, row.at, what, row.record, record)

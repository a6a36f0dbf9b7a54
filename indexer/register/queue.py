"""The outbox as sync sees it: what waits, in the order of its recording, and what the calendar adds to it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, delete, func, insert, or_, select, update

from indexer.register.database import reading, writing
from indexer.register.models import Mark, Outbox, Version

CALENDAR = "index follows the calendar up to"
BEGINNINGS = (Version.valid_from, Version.public_from, Version.status_since)
ENDS = (Version.valid_until, Version.public_until)  # last days: what ends turns on the day after


@dataclass(frozen=True, slots=True)
class Entry:
    """One record that waits to be brought to the index."""

    id: int
    record_id: str


class Queue:
    """The outbox of one register."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def head(self, limit: int, after: int = 0) -> list[Entry]:
        """The oldest entries after the one with id `after`."""
        query = select(Outbox.id, Outbox.record_id).where(Outbox.id > after).order_by(Outbox.id).limit(limit)
        with reading(self.engine) as connection:
            return [Entry(*row) for row in connection.execute(query)]

    def waiting(self, limit: int) -> int:
        """How many entries wait, counted up to `limit`."""
        query = select(func.count()).select_from(select(Outbox.id).limit(limit).subquery())
        with reading(self.engine) as connection:
            return connection.scalar(query) or 0

    def last(self) -> int:
        """The id of the newest entry, 0 when none waits."""
        with reading(self.engine) as connection:
            return connection.scalar(select(func.max(Outbox.id))) or 0

    def drop(self, up_to: int) -> None:
        """Take out the entries up to an id, after the index has them durably."""
        with writing(self.engine) as connection:
            connection.execute(delete(Outbox).where(Outbox.id <= up_to))

    def follow_calendar(self, today: date) -> None:
        """Once a day: queue the records whose state or publicity has turned since the last time, by the calendar alone."""
        with reading(self.engine) as connection:
            done = connection.scalar(select(Mark.value).where(Mark.name == CALENDAR))
        if done == today.isoformat():
            return
        with writing(self.engine) as connection:
            if done is None:
                connection.execute(insert(Mark).values(name=CALENDAR, value=today.isoformat()))
                return
            since = date.fromisoformat(done)
            begins = [(day > since) & (day <= today) for day in BEGINNINGS]
            ends = [(day >= since) & (day < today) for day in ENDS]
            turned = select(Version.record_id).where(or_(*begins, *ends), Version.superseded_in.is_(None))
            connection.execute(insert(Outbox).from_select(["record_id"], turned))
            connection.execute(update(Mark).where(Mark.name == CALENDAR).values(value=today.isoformat()))

"""A transaction in which somebody acts: what changes, what is written down about it and which letters it causes stand or fall together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from indexer.accounts.audit import Act, Caller, Note, append
from indexer.clock import Clock
from indexer.register.database import filing

PATIENCE = 10  # seconds that somebody at a browser waits for an ingest to let something be written


@dataclass(slots=True)
class Acting:
    """The transaction of an act. `notes` are written into the audit as its last statement."""

    connection: Connection
    now: datetime
    caller: Caller
    notes: list[Note] = field(default_factory=list)

    def note(self, act: Act, about: str = "", before: str | None = None, after: str | None = None) -> None:
        """Write an act down with the transaction."""
        self.notes.append(Note(act, about, before, after))


@contextmanager
def acting(engine: Engine, clock: Clock, caller: Caller) -> Iterator[Acting]:
    """A short transaction of `caller`. Raises DatabaseBusy where its turn has not come after `PATIENCE` seconds."""
    with filing(engine, PATIENCE) as connection:
        act = Acting(connection, clock.now(), caller)
        yield act
        append(connection, act.now, act.caller, act.notes)

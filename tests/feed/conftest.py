"""A register with its change feed, and a mirror that holds what the feed tells."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from indexer.feed.forms import PERSONS
from indexer.feed.reading import Changes, Entry
from indexer.feed.recording import record
from indexer.register.database import connect
from indexer.register.disclosure import PublicRecord
from tests.register.conftest import Desk
from tests.servers import Databases


@dataclass
class Mirror:
    """What somebody holds who applies every change in order."""

    feed: Changes
    kind: str | None = None
    held: dict[str, PublicRecord] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    position: str | None = None

    def read(self, limit: int = 100) -> list[Entry]:
        """Apply all that is new; gives it."""
        new: list[Entry] = []
        while True:
            page = self.feed.since(self.position, limit, self.kind)
            for entry in page.entries:
                new.append(entry)
                self.numbers.append(entry.number)
                if entry.record is not None:
                    self.held[entry.id] = entry.record
                else:
                    self.held.pop(entry.id, None)
            self.position = str(page.next)
            if not page.more:
                return new


@dataclass
class Room(Desk):
    """A desk with a recorder and a mirror."""

    def __post_init__(self) -> None:
        self.feed = Changes(self.register)
        self.mirror = Mirror(self.feed)

    def told(self) -> list[tuple[str, str | None]]:
        """Record, and read what is new: what happened, and the title of the record where it is shown."""
        record(self.register)
        return [(each.what, each.record.title if each.record else None) for each in self.mirror.read()]

    def public(self) -> dict[str, PublicRecord]:
        """All that is public, read without the feed."""
        found = self.register.records_from("0", "g")
        return {each.id: each for each in found if each.kind.name not in PERSONS}


@pytest.fixture
def room(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Room]:
    """A room over SQLite, or over the database that a test names."""
    with databases.fresh(getattr(request, "param", "sqlite")) as url:
        engine = connect(url)
        yield Room(engine)
        engine.dispose()

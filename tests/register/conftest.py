"""A register on each database, with a clock that the test sets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import pytest
from sqlalchemy import Engine

from indexer.clock import FixedClock
from indexer.identifiers import Codes, organisation_check, parse_codes, uscc_check
from indexer.kinds import kinds
from indexer.kinds.base import Problem, Value
from indexer.register.database import connect
from indexer.register.draft import Draft
from indexer.register.publishing import publication
from indexer.register.reading import Register

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def uscc(number: int) -> str:
    """The unified code of an invented enterprise."""
    body = f"MA{number:06d}"
    first17 = f"91329900{body}{organisation_check(body)}"
    return first17 + uscc_check(first17)


def row(
    line: int, name: str, code: str | None = None, *, digest: str | None = None, **values: Value
) -> Draft:
    """A checked row."""
    codes: Codes | None = parse_codes(code) if code else None
    return Draft(
        line,
        digest or blake2b(repr((line, name, code, values)).encode(), digest_size=12).hexdigest(),
        codes,
        name,
        dict(values),
    )


@dataclass
class Desk:
    """Publishes rows and reads the register, an hour later with each batch."""

    engine: Engine
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))

    @property
    def register(self) -> Register:
        return Register(self.engine, self.clock)

    def publish(
        self, kind: str, drafts: Sequence[Draft], dry_run: bool = False
    ) -> list[tuple[Draft, Problem]]:
        """One batch of one kind; gives back what was rejected."""
        self.clock.instant += timedelta(hours=1)
        with publication(self.engine, self.clock, "test.csv", dry_run=dry_run) as batch:
            return batch.of(kinds()[kind]).publish(drafts)


@pytest.fixture
def desk(migrated_database: str) -> Iterator[Desk]:
    engine = connect(migrated_database)
    yield Desk(engine)
    engine.dispose()

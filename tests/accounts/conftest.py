"""People over each database, with a clock that the test sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.clock import FixedClock
from indexer.register.database import connect
from indexer.settings import Settings

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOME = Caller(network="192.0.2.1", request="r1")
ELSEWHERE = Caller(network="198.51.100.7", request="r2")


@dataclass
class Office:
    """The accounts of a portal, and its clock."""

    accounts: Accounts
    clock: FixedClock

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.clock.instant += timedelta(**time)


@pytest.fixture
def office(migrated_database: str, tmp_path: Path) -> Iterator[Office]:
    settings = Settings(
        data=tmp_path / "var",
        database_url=migrated_database,
        base_url="https://credit.example.cn",
        mail_from="质信 <noreply@credit.example.cn>",
        secret_key="a key for this test",
    )
    clock = FixedClock(START)
    engine = connect(settings.database_url)
    yield Office(Accounts(engine, clock, settings), clock)
    engine.dispose()

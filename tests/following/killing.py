"""A worker that is killed at a chosen write: run in a process of its own."""

import os
import signal
from pathlib import Path

from sqlalchemy import Connection, event

from indexer.accounts.opening import Accounts
from indexer.clock import FixedClock
from indexer.following.followings import Followings
from indexer.following.matching import match
from indexer.following.telling import tell
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.settings import Settings
from tests.register.conftest import START


def settings_over(database: Path) -> Settings:
    """The settings of a worker over a database."""
    return Settings(
        data=database.parent,
        database_url=f"sqlite:///{database}",
        base_url="https://credit.example.cn",
        secret_key="a key for this test",
    )


def opened(database: Path) -> tuple[Register, Followings]:
    """A register and its followings."""
    settings = settings_over(database)
    engine, clock = connect(settings.database_url), FixedClock(START)
    return Register(engine, clock), Followings(Accounts(engine, clock, settings))


def work_until(database: Path, write: int) -> None:
    """Match and tell, and be killed before the given write or commit."""
    register, followings = opened(database)
    left = write

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(register.engine, "before_cursor_execute")
    def _statement(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN")):
            count()

    @event.listens_for(register.engine, "commit")
    def _commit(_connection: Connection) -> None:
        count()

    match(register, followings)
    tell(register, followings)

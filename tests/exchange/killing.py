"""A run of the exchange that is killed at a chosen write to the database or the disk: in a process of its own."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from indexer.accounts.opening import Accounts
from indexer.clock import FixedClock
from indexer.exchange.running import Exchange
from indexer.register.database import connect
from indexer.settings import Settings
from tests.exchange.conftest import START

WRITES = ("INSERT", "UPDATE", "DELETE", "BEGIN")
ON_DISK = ("os.rename", "os.mkdir", "shutil.rmtree")


def settings_of(folder: Path) -> Settings:
    """The settings of an office over a folder."""
    return Settings(
        data=folder / "var",
        database_url=f"sqlite:///{folder / 'register.sqlite3'}",
        base_url="https://city.example.cn",
        secret_key="a key for this test",
    )


def opened(folder: Path, hours: int = 2) -> Exchange:
    """The exchange of an office whose data lie in a folder, some hours after it began."""
    settings = settings_of(folder)
    clock = FixedClock(START.replace(hour=START.hour + hours))
    return Exchange(Accounts(connect(settings.database_url), clock, settings))


def run_until(folder: Path, write: int) -> None:
    """Do a minute's work, and be killed before the given write, commit, rename or removal."""
    exchange = opened(folder)
    left = write

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(exchange.engine, "before_cursor_execute")
    def _statement(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(WRITES):
            count()

    @event.listens_for(exchange.engine, "commit")
    def _commit(_connection: Connection) -> None:
        count()

    def watch(what: str, _arguments: tuple[Any, ...]) -> None:
        if what in ON_DISK:
            count()

    sys.addaudithook(watch)
    exchange.run()

"""The command line over a folder of its own, on SQLite or on both databases; and the demonstration, made once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.clock import Clock
from indexer.demo.load import load
from indexer.ingest import FileReport, Job
from indexer.register.database import connect, migrate
from tests.cli.command import Zhixin


@pytest.fixture
def zhixin(tmp_path: Path) -> Iterator[Zhixin]:
    """The command on the embedded default, nothing made yet."""
    zhixin = Zhixin(tmp_path)
    yield zhixin
    zhixin.close()


@pytest.fixture
def zhixin_on_each(tmp_path: Path, database_url: str) -> Iterator[Zhixin]:
    """The command on each database, empty and not migrated."""
    zhixin = Zhixin(tmp_path, database_url)
    yield zhixin
    zhixin.close()


@dataclass(frozen=True)
class Demonstration:
    """The demonstration register as `zhixin demo` makes it, without its server."""

    zhixin: Zhixin
    reports: list[FileReport]


@pytest.fixture(scope="session")
def demo_register(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """`ZHIXIN_DATA` with the demonstration loaded and indexed. Only to be read: the whole run shares it."""
    zhixin = Zhixin(tmp_path_factory.mktemp("demonstration"))
    url = zhixin.settings.database_url
    migrate(url)
    engine = connect(url)
    reports = load(zhixin.folder / "files", Job(engine, Clock()))
    engine.dispose()
    assert zhixin("sync").code == 0
    return Demonstration(zhixin, reports)

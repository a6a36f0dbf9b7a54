"""The command line over a folder of its own, on SQLite or on both databases; and the demonstration, made once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.ingest import FileReport
from tests.cli.command import Zhixin
from tests.demonstration import reports


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
def demo_register(demonstration: Path) -> Iterator[Demonstration]:
    """`ZHIXIN_DATA` with the demonstration loaded and indexed. Only to be read: the whole run shares it."""
    zhixin = Zhixin(demonstration.parent)
    yield Demonstration(zhixin, reports(zhixin.folder))
    zhixin.close()

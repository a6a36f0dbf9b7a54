"""The demonstration register, loaded and indexed once for all processes of a run."""

import fcntl
import pickle
from pathlib import Path

from indexer.clock import Clock
from indexer.demo.load import load
from indexer.ingest import FileReport, Job
from indexer.register.database import connect, migrate
from indexer.register.reading import Register
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.settings import Settings
from indexer.sync import sync

REPORTS = "reports.pickle"


def made_once(folder: Path) -> Path:
    """The folder of the demonstration below `folder`: its data in `var`, its files in `files`. Of all who ask, the first makes it."""
    whole = folder / "demonstration"
    with (folder / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            unfinished = folder / "demonstration-unfinished"
            _make(unfinished)
            unfinished.rename(whole)
    return whole


def reports(folder: Path) -> list[FileReport]:
    """What was said of each of its files when it was taken in."""
    found: list[FileReport] = pickle.loads((folder / REPORTS).read_bytes())  # noqa: S301  written below
    return found


def _make(folder: Path) -> None:
    folder.mkdir()
    settings, clock = Settings(data=folder / "var"), Clock()
    settings.data.mkdir()
    migrate(settings.database_url)
    engine = connect(settings.database_url)
    taken = load(folder / "files", Job(engine, clock))
    sync(Register(engine, clock), EmbeddedEngine(settings.search_folder))
    engine.dispose()
    (folder / REPORTS).write_bytes(pickle.dumps(taken))

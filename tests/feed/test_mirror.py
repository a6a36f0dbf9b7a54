"""A second process mirrors the register by the feed, while others write and the recorder and the mirror are killed again and again.

Run it for longer by hand: `FEED_KILLS=500 pytest tests/feed/test_mirror.py`.
"""

import json
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, select

from indexer.errors import ServiceUnavailable
from indexer.feed import recording
from indexer.feed.models import FeedState
from indexer.register.database import connect
from indexer.register.models import Version
from indexer.register.reading import Register
from tests.feed import playing
from tests.portal.conftest import Program
from tests.register.conftest import START

KILLS = int(os.environ.get("FEED_KILLS", "6"))
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.feed.playing", "psycopg"])


@contextmanager
def running(target: Any, *arguments: object) -> Iterator[BaseProcess]:
    process = FORKS.Process(target=target, args=arguments, daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


@dataclass
class Killing:
    """Jobs that run side by side, one of which is killed now and then at a random point. `progress` says how far each is."""

    jobs: dict[str, tuple[Any, ...]]
    progress: dict[str, Callable[[], int]]
    chance: Random
    processes: dict[str, BaseProcess] = field(default_factory=dict)
    begun_at: dict[str, int] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start a job, as the first or after its death."""
        self.begun_at[name] = self.progress[name]()
        self.processes[name] = FORKS.Process(target=self.jobs[name][0], args=self.jobs[name][1:], daemon=True)
        self.processes[name].start()

    def kill(self, name: str) -> None:
        """Kill a job with SIGKILL and start it again: mostly some time after it has come further, else wherever it is."""
        deadline = time.monotonic() + 60
        while self.chance.random() < 0.99 and self.progress[name]() == self.begun_at[name]:
            assert time.monotonic() < deadline, f"{name} comes no further"
            time.sleep(0.01)
        time.sleep(self.chance.uniform(0, 0.2))
        process = self.processes[name]
        assert process.is_alive(), f"{name} ended by itself with {process.exitcode}"
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        self.start(name)

    def run(self, kills: int) -> dict[str, int]:
        """Kill so many times; gives how often each job was."""
        names = list(self.jobs)
        for name in names:
            self.start(name)
        deaths = [self.chance.choice(names) if at >= len(names) else names[at] for at in range(kills)]
        for name in deaths:
            self.kill(name)
        for process in self.processes.values():
            process.kill()
            process.join()
        return dict(Counter(deaths))


def public_form(site: str, identity: str) -> str | None:
    """What the API says of a record, as the mirror writes it; None where it is not public."""
    answer = Program(site).get(f"/records/{identity}")
    assert answer.status in (200, 404)
    return json.dumps(answer.json, ensure_ascii=False, sort_keys=True) if answer.status == 200 else None


def last_number(engine: Engine) -> int:
    """The number of the newest change."""
    with engine.connect() as connection:
        return connection.scalar(select(FeedState.last)) or 0


def taken_in(folder: Path) -> int:
    """How many changes the mirror has taken in."""
    with closing(sqlite3.connect(folder / "mirror.sqlite3", timeout=60)) as mirror:
        there = mirror.execute("SELECT 1 FROM sqlite_master WHERE name = 'seen'").fetchone()
        return int(mirror.execute("SELECT count(*) FROM seen").fetchone()[0]) if there else 0


@pytest.mark.parametrize("room", ["sqlite", "postgresql"], indirect=True)
def test_the_mirror_equals_the_register_whatever_was_killed_when(room: Any, tmp_path: Path) -> None:
    url = room.engine.url.render_as_string(hide_password=False)
    seed = int(os.environ.get("FEED_SEED", "1"))
    clock, engine = playing.FileClock(tmp_path / "clock"), connect(url)
    clock.set(START)
    somebody = playing.Writer(url, tmp_path, seed + 1)
    somebody.publish()
    with running(playing.serve, url, tmp_path):
        while not (tmp_path / "port").exists():
            time.sleep(0.02)
        site = f"http://127.0.0.1:{(tmp_path / 'port').read_text()}"
        with running(playing.write_on, url, tmp_path, seed) as writer:
            jobs = {
                "recorder": (playing.record_on, url, tmp_path),
                "mirror": (playing.mirror_on, tmp_path),
            }
            progress = {"recorder": lambda: last_number(engine), "mirror": lambda: taken_in(tmp_path)}
            deaths = Killing(jobs, progress, Random(seed)).run(KILLS)
            assert writer.is_alive()
            (tmp_path / "enough").touch()
            writer.join()
            assert writer.exitcode == 0
        clock.set(clock.now() + timedelta(days=3))
        register = Register(engine, clock)
        _record_in_the_end(register)
        for scope in ("一", "二"):  # chance may have left out that something changes or is removed
            somebody.publish_one(scope)
            _record_in_the_end(register)
        somebody.remove()
        _record_in_the_end(register)
        program, mirror = playing.opened_mirror(tmp_path)
        while program.step(site, mirror):
            pass
        with engine.connect() as connection:
            ids = set(connection.scalars(select(Version.record_id)))
        last = last_number(engine)
        engine.dispose()
        somebody.engine.dispose()
        register_says = {each: said for each in ids if (said := public_form(site, each)) is not None}
    held = dict(mirror.execute("SELECT id, said FROM record"))
    assert held == register_says
    seen = dict(mirror.execute("SELECT number, what FROM seen ORDER BY number"))
    mirror.close()
    assert list(seen) == list(range(1, last + 1))  # no gap; a repeat would have ended the mirror
    assert set(seen.values()) == {"added", "changed", "removed"} and len(held) > 10
    assert min(deaths.values()) > 0 and sum(deaths.values()) == KILLS
    print(f"{room.engine.dialect.name}: killed {deaths}, {len(seen)} changes, {len(held)} records")


def _record_in_the_end(register: Register) -> None:
    """Record all that is left; on PostgreSQL the lock of a recorder that was killed ends a moment after it."""
    deadline = time.monotonic() + 30
    while True:
        try:
            recording.record(register)
            return
        except ServiceUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)

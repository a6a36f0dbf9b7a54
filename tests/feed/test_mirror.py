"""A second process mirrors the register by the feed, while others write and the recorder and the mirror are killed again and again.

Run it for longer by hand: `FEED_KILLS=500 pytest tests/feed/test_mirror.py`.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import select

from indexer.errors import ServiceUnavailable
from indexer.feed import recording
from indexer.feed.models import FeedState
from indexer.register.database import connect
from indexer.register.models import Version
from indexer.register.reading import Register
from tests.feed import playing
from tests.register.conftest import START

KILLS = int(os.environ.get("FEED_KILLS", "10"))
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.feed.playing"])


@contextmanager
def running(target: Any, *arguments: object) -> Iterator[BaseProcess]:
    process = FORKS.Process(target=target, args=arguments, daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def killed_and_restarted(jobs: dict[str, tuple[Any, ...]], kills: int, chance: Random) -> dict[str, int]:
    """Run jobs side by side, and kill one of them after the other with SIGKILL, so many times; gives how often each was."""
    processes: dict[str, BaseProcess] = {}
    deaths = dict.fromkeys(jobs, 0)

    def start(name: str) -> None:
        processes[name] = FORKS.Process(target=jobs[name][0], args=jobs[name][1:], daemon=True)
        processes[name].start()

    for name in jobs:
        start(name)
    for _ in range(kills):
        time.sleep(chance.uniform(0.05, 0.5))
        name = chance.choice(list(jobs))
        assert processes[name].is_alive(), f"{name} ended by itself with {processes[name].exitcode}"
        processes[name].kill()
        processes[name].join()
        assert processes[name].exitcode == -signal.SIGKILL
        deaths[name] += 1
        start(name)
    time.sleep(0.5)
    for process in processes.values():
        process.kill()
        process.join()
    return deaths


def public_form(site: str, identity: str) -> str | None:
    """What the API says of a record, as the mirror writes it; None where it is not public."""
    try:
        with urlopen(f"{site}/api/v1/records/{identity}", timeout=60) as answer:
            return json.dumps(json.load(answer), ensure_ascii=False, sort_keys=True)
    except HTTPError as error:
        assert error.code == 404
        return None


@pytest.mark.parametrize("room", ["sqlite", "postgresql"], indirect=True)
def test_the_mirror_equals_the_register_whatever_was_killed_when(room: Any, tmp_path: Path) -> None:
    url = room.engine.url.render_as_string(hide_password=False)
    seed = int(os.environ.get("FEED_SEED", "1"))
    clock = playing.FileClock(tmp_path / "clock")
    clock.set(START)
    playing.Writer(url, tmp_path, seed + 1).publish()
    with running(playing.serve, url, tmp_path):
        while not (tmp_path / "port").exists():
            time.sleep(0.02)
        site = f"http://127.0.0.1:{(tmp_path / 'port').read_text()}"
        with running(playing.write_on, url, tmp_path, seed) as writer:
            jobs = {
                "recorder": (playing.record_on, url, tmp_path),
                "mirror": (playing.mirror_on, tmp_path),
            }
            deaths = killed_and_restarted(jobs, KILLS, Random(seed))
            assert writer.is_alive()
            (tmp_path / "enough").touch()
            writer.join()
            assert writer.exitcode == 0
        clock.set(clock.now() + timedelta(days=3))
        engine = connect(url)
        register = Register(engine, clock)
        _record_in_the_end(register)
        program, mirror = playing.opened_mirror(tmp_path)
        while program.step(site, mirror):
            pass
        with engine.connect() as connection:
            ids = set(connection.scalars(select(Version.record_id)))
            last = connection.scalar(select(FeedState.last))
        engine.dispose()
        register_says = {each: said for each in ids if (said := public_form(site, each)) is not None}
    held = dict(mirror.execute("SELECT id, said FROM record"))
    assert held == register_says
    seen = dict(mirror.execute("SELECT number, what FROM seen ORDER BY number"))
    mirror.close()
    assert list(seen) == list(range(1, (last or 0) + 1))  # no gap; a repeat would have ended the mirror
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

"""`zhixin work publish`: what is due is published without a portal, once, or again and again until stopped."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer.desk.submissions import State
from indexer.register.database import migrate
from tests.desk.conftest import Bureau, certificate, csv, open_bureau
from tests.servers import CHECKOUT


@pytest.fixture
def yesterday(tmp_path: Path) -> Iterator[Bureau]:
    """A desk whose clock is an hour behind that of the command."""
    url = f"sqlite:///{tmp_path}/register.sqlite3"
    migrate(url)
    with open_bureau(url, tmp_path) as bureau:
        bureau.clock.instant = datetime.now(UTC) - timedelta(hours=1)
        yield bureau


def command(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZHIXIN_")}
    environ |= {
        "ZHIXIN_DATA": str(folder / "var"),
        "ZHIXIN_DATABASE_URL": f"sqlite:///{folder}/register.sqlite3",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "portal", "work", "publish", *arguments],
        cwd=CHECKOUT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_the_command_publishes_what_is_due_and_leaves_what_is_not(yesterday: Bureau, tmp_path: Path) -> None:
    due, later = (yesterday.submitted(csv(certificate(n)), f"{n}.csv") for n in (1, 2))
    yesterday.approve(due, yesterday.clock.now() + timedelta(minutes=30))
    yesterday.approve(later, yesterday.clock.now() + timedelta(days=1))
    running = command(tmp_path, "--once")
    told, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    assert told == "publish\t1\n"
    states = [yesterday.desk.submissions.one(each.id).state for each in (due, later)]
    assert states == [State.PUBLISHED, State.APPROVED]


def test_a_following_command_publishes_when_the_time_comes_and_ends_when_told(
    yesterday: Bureau, tmp_path: Path
) -> None:
    running = command(tmp_path)
    made = yesterday.submitted(csv(certificate(1)), "1.csv")
    yesterday.approve(made, yesterday.clock.now() + timedelta(minutes=1))
    until = time.monotonic() + 60
    while yesterday.desk.submissions.one(made.id).state != State.PUBLISHED and time.monotonic() < until:
        time.sleep(0.1)
    running.terminate()
    _out, said = running.communicate(timeout=60)
    assert yesterday.desk.submissions.one(made.id).batch == 1, said
    assert running.returncode == 0, said

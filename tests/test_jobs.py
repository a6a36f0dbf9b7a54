"""Background jobs: each alone, all together, and what hinders one holds up no other."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.accounts.opening import Accounts
from indexer.clock import FixedClock
from indexer.errors import NotFound, ServiceUnavailable
from indexer.jobs import JOBS, Job, Parts, keep_running, named, once
from indexer.register.database import connect, migrate
from indexer.register.reading import Register
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.settings import Settings
from portal.cli import main
from tests.register.conftest import START, Desk, row, uscc


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    settings = Settings(data=tmp_path / "var")
    migrate(settings.database_url)
    engine, clock = connect(settings.database_url), FixedClock(START)
    yield Parts(
        settings,
        Register(engine, clock),
        EmbeddedEngine(settings.search_folder),
        Accounts(engine, clock, settings),
    )
    engine.dispose()


def test_every_job_does_its_work_alone_and_nothing_the_second_time(parts: Parts) -> None:
    Desk(parts.register.engine).publish("enterprise", [row(2, "示例有限公司", uscc(1))])
    assert {job.name: once(parts, job) for job in JOBS} == {
        "sync": 1,
        "letters": 0,
        "followings": 0,
        "publish": 0,
        "draws": 0,
        "grades": 1,
        "downloads": 1,
        "statistics": 1,
        "exchange": 0,
        "retention": 0,
        "changes": 1,
        "webhooks": 0,
        "results": 0,
    }
    assert {once(parts, job) for job in JOBS} == {0}


def test_jobs_are_chosen_by_name() -> None:
    assert [job.name for job in named(["retention", "sync", "sync"])] == ["retention", "sync"]
    assert named([]) == list(JOBS)
    with pytest.raises(NotFound, match="没有名为 tidy 的任务"):
        named(["tidy"])


def test_a_job_that_is_hindered_tries_again_and_holds_up_no_other(
    parts: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[str] = []
    stopped = threading.Event()

    def hindered(_parts: Parts) -> int:
        ran.append("hindered")
        if ran.count("hindered") % 2:
            raise ServiceUnavailable("示例", "example")
        raise RuntimeError("示例")

    def well(_parts: Parts) -> int:
        ran.append("well")
        return 1

    like = replace(JOBS[0], every=0.01)
    jobs: list[Job] = [replace(like, name="hindered", run=hindered), replace(like, name="well", run=well)]
    running = threading.Thread(target=keep_running, args=(parts, jobs, stopped))
    running.start()
    until = time.monotonic() + 10
    while (ran.count("hindered") < 3 or ran.count("well") < 3) and time.monotonic() < until:
        time.sleep(0.01)
    stopped.set()
    running.join(10)
    assert not running.is_alive()
    assert ran.count("hindered") >= 3
    assert ran.count("well") >= 3
    assert "hindered waits: example" in caplog.text


def test_the_command_runs_them_once_and_tells_how_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIXIN_DATA", str(tmp_path / "var"))
    migrate(Settings(data=tmp_path / "var").database_url)
    ran = CliRunner().invoke(main, ["work", "--once", "followings", "sync"], standalone_mode=False)
    assert ran.output.splitlines() == ["followings\t0", "sync\t0"]
    told = CliRunner().invoke(main, ["retention", "--dry-run"], standalone_mode=False).output
    assert "retention.audit\t0\t" in told
    assert "政府采购法第四十二条" in told

"""What the register has, the index can find: after any operations, any kill, any midnight."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from indexer.clock import FixedClock
from indexer.errors import ServiceUnavailable
from indexer.ingest import Job, ingest
from indexer.register.database import connect
from indexer.register.queue import Queue
from indexer.register.reading import Register
from indexer.register.withdrawing import AlreadyWithdrawn, withdraw
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.search.protocol import Results
from indexer.search.query import Query
from indexer.sync import reindex, sync
from tests.cli.command import Zhixin, certificate, uscc, write

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PENALTY = ("文号", "统一社会信用代码", "主体名称", "案由", "处罚种类", "处罚机关", "处罚日期", "公示截止")
ENTERPRISE = ("统一社会信用代码", "企业名称", "企业类型", "注册资本")
POLL = 0.02


def penalty(number: int, until: str) -> dict[str, str]:
    return {
        "文号": f"示市监罚〔2025〕{number}号",
        "统一社会信用代码": uscc(number),
        "主体名称": f"示例{number}号制造有限公司",
        "案由": "示例案由",
        "处罚种类": "罚款",
        "处罚机关": "示例市场监督管理局",
        "处罚日期": "2025-12-01",
        "公示截止": until,
    }


def enterprise(number: int, name: str) -> dict[str, str]:
    cells = (uscc(number), name, "有限责任公司", "100万元")
    return dict(zip(ENTERPRISE, cells, strict=True))


@dataclass
class Desk:
    """A register and its index in this process, with a clock that the test sets."""

    register: Register
    search: EmbeddedEngine
    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))

    def take(self, rows: list[dict[str, str]], header: tuple[str, ...]) -> None:
        """Ingest rows as a file."""
        file = write(self.folder / "in.csv", rows, header)
        for report in ingest([file], Job(self.register.engine, self.clock)):
            assert report.refused is None, report.refused

    def states(self) -> dict[str, int]:
        """How many documents the index has in each state."""
        return dict(self.search.search(Query("示例")).facets["status"])


@pytest.fixture
def desk(migrated_database: str, tmp_path: Path) -> Iterator[Desk]:
    clock = FixedClock(START)
    register = Register(connect(migrated_database), clock)
    yield Desk(register, EmbeddedEngine(tmp_path / "search"), tmp_path, clock)
    register.engine.dispose()


def facts(results: Results) -> tuple[int, object]:
    """All that the index counts; which hits come first among equals is chance."""
    return results.total, results.facets


def assert_as_if_built_anew(register: Register, search: EmbeddedEngine, folder: Path) -> None:
    """The index has the documents, states, regions and names that one built from the register now has."""
    anew = EmbeddedEngine(folder)
    reindex(register, anew)
    assert list(search.held()) == list(anew.held())
    everything = Query("示例")
    assert facts(search.search(everything)) == facts(anew.search(everything))
    for number in range(1, 9):
        one = Query(f"示例{number}号")
        assert facts(search.search(one)) == facts(anew.search(one))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_index_equals_the_register_after_any_operations(desk: Desk, seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    for _ in range(30):
        number = chance.randrange(1, 9)
        state = chance.choice(["有效", "有效", "暂停"])
        match chance.choice(["certificate", "penalty", "enterprise", "withdraw", "days", "sync"]):
            case "certificate":
                until = (desk.clock.today() + timedelta(chance.randrange(-20, 60))).isoformat()
                rows = [certificate(number, 有效期至=until, 证书状态=state), certificate(number + 20)]
                desk.take(rows, tuple(rows[0]))
            case "penalty":
                until = (desk.clock.today() + timedelta(chance.randrange(-5, 30))).isoformat()
                desk.take([penalty(number, until)], PENALTY)
            case "enterprise":
                desk.take([enterprise(number, f"示例{number}号{chance.choice('甲乙丙')}公司")], ENTERPRISE)
            case "withdraw":
                if latest := desk.register.version().number:
                    with suppress(AlreadyWithdrawn):
                        withdraw(desk.register.engine, desk.clock, chance.randint(1, latest), "试")
            case "days":
                desk.clock.instant += timedelta(days=chance.randrange(1, 10))
            case "sync":
                sync(desk.register, desk.search)
        desk.clock.instant += timedelta(minutes=1)
    sync(desk.register, desk.search)
    assert Queue(desk.register.engine).waiting(1) == 0
    assert_as_if_built_anew(desk.register, desk.search, tmp_path / "anew")


def test_the_index_follows_the_calendar_overnight(desk: Desk) -> None:
    today = desk.clock.today().isoformat()
    tomorrow = (desk.clock.today() + timedelta(1)).isoformat()
    rows = [
        certificate(1, 有效期至=today) | {"状态变更日期": ""},
        certificate(2, 颁证日期=tomorrow) | {"状态变更日期": ""},
        certificate(3, 证书状态="暂停") | {"状态变更日期": tomorrow},
    ]
    desk.take(rows, tuple(rows[0]))
    desk.take([penalty(4, today)], PENALTY)
    sync(desk.register, desk.search)
    assert desk.states()["valid"] == 2
    assert desk.states()["not_yet_valid"] == 1
    assert desk.search.search(Query("示市监罚〔2025〕4号")).hits

    assert sync(desk.register, desk.search) == 0
    desk.clock.instant += timedelta(days=1)
    assert sync(desk.register, desk.search) == 4
    assert {
        name: count for name, count in desk.states().items() if name in ("valid", "expired", "suspended")
    } == {
        "valid": 1,
        "expired": 1,
        "suspended": 1,
    }
    assert not desk.search.search(Query("示市监罚〔2025〕4号")).hits
    assert desk.search.count() == 3


def size(folder: Path) -> int:
    """Bytes of the files in `folder` that are there long enough to be measured."""
    total = 0
    for parent, _, names in os.walk(folder):  # which bears folders that go while it walks
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(parent) / name).stat().st_size
    return total


def test_a_sync_killed_at_any_moment_is_simply_run_again(zhixin: Zhixin) -> None:
    file = write(zhixin.folder / "c.csv", (certificate(n) for n in range(6_000)))
    assert zhixin.ingest(file).code == 0
    folder = zhixin.settings.search_folder
    killed = []
    for grown in (1, 300_000, 1_000_000):
        process = zhixin.start("sync")
        while process.poll() is None and size(folder) < grown:
            time.sleep(POLL)
        killed.append((process.poll() is None, size(folder)))
        process.kill()
        process.communicate()
    print(f"killed (running, bytes): {killed}")
    assert zhixin("sync").code == 0
    assert zhixin.search().count() == 6_000
    assert_as_if_built_anew(zhixin.register(), zhixin.search(), zhixin.folder / "anew")


def wait_until_found(zhixin: Zhixin, number: str, seconds: float) -> float:
    """Seconds until a search finds `number`."""
    started = time.monotonic()
    search = zhixin.search()
    while time.monotonic() - started < seconds:
        if search.count() and any(
            "code" in why.code for hit in search.search(Query(number)).hits for why in hit.why
        ):
            return time.monotonic() - started
        time.sleep(POLL)
    raise TimeoutError(number)


@contextmanager
def another_writer(zhixin: Zhixin) -> Iterator[None]:
    """Hold the index as soon as the follower lets go of it: what it wrote is found a moment before."""
    with ExitStack() as held:
        for _ in range(500):
            with suppress(ServiceUnavailable):
                held.enter_context(zhixin.search().writer())
                break
            time.sleep(POLL)
        else:
            pytest.fail("the follower does not let go of the index")
        yield


def test_a_follower_makes_a_commit_findable_and_outlives_another_writer(zhixin_on_each: Zhixin) -> None:
    zhixin = zhixin_on_each
    assert zhixin.ingest(write(zhixin.folder / "a.csv", [certificate(1)])).code == 0
    follower = zhixin.start("sync", "--follow")
    try:
        wait_until_found(zhixin, "SL0000001Q", 60)
        assert zhixin.ingest(write(zhixin.folder / "b.csv", [certificate(2)])).code == 0
        seconds = wait_until_found(zhixin, "SL0000002Q", 10)
        print(f"findable {seconds:.2f} s after the command that stored it had ended")

        clock = FixedClock(datetime.now(UTC))
        job = Job(zhixin.register().engine, clock)
        with another_writer(zhixin):  # as a rebuild of a large register holds it
            ingest([write(zhixin.folder / "c.csv", [certificate(3)])], job)
            time.sleep(1.2)  # two looks of the follower
            assert follower.poll() is None
        seconds = wait_until_found(zhixin, "SL0000003Q", 10)
        print(f"findable {seconds:.2f} s after another writer let go of the index")
    finally:
        follower.terminate()
        _, said = follower.communicate(timeout=60)
    assert follower.returncode == 0
    assert "Another process is writing" in said
    assert "Traceback" not in said

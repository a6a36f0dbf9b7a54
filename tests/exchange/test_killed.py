"""A run that is killed at any write neither loses nor doubles a delivery: the next run ends as one that was never killed."""

import shutil
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.clock import FixedClock
from indexer.exchange.models import DeliveryRow, LedgerRow
from indexer.exchange.partners import Partner
from indexer.register.database import migrate
from indexer.register.repairing import set_repaired
from tests.exchange import killing
from tests.exchange.conftest import PROVINCE, START, Office, as_toml, penalty
from tests.exchange.mirror import Key, Mirror
from tests.register.conftest import uscc

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.exchange.killing"])
STEP = 3  # of the writes of a run every third one: a statement and its commit differ in nothing


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """An office that has delivered once, with a new record, a changed one and a repaired one since."""
    folder = tmp_path / "prepared"
    (folder / "drop").mkdir(parents=True)
    migrate(f"sqlite:///{folder / 'register.sqlite3'}")
    exchange = killing.opened(folder, hours=1)
    accounts = Accounts(exchange.engine, FixedClock(START), killing.settings_of(folder))
    office = Office(folder, exchange.engine, FixedClock(START), accounts, exchange, Caller(), Caller())
    office.enter("province", moved(folder))
    office.take_in(penalty(1), penalty(2, firm=2))
    exchange.run()
    Mirror(folder / "drop").read()
    office.take_in(penalty(2, firm=2, fine="3"), penalty(3, firm=3))
    with acting(exchange.engine, office.clock, Caller()) as act:
        first = next(record for record, said in office.public().items() if said[2] == uscc(1))
        set_repaired(act.connection, office.clock, first, "示例修复")
    exchange.engine.dispose()
    return folder


def moved(folder: Path) -> Partner:
    """The partner whose drop folder lies in the office's own."""
    return PROVINCE.model_copy(update={"address": str(folder / "drop"), "every_minutes": 1})


def copied(prepared: Path, to: Path) -> Path:
    shutil.copytree(prepared, to)
    exchange = killing.opened(to)
    exchange.partners.apply(Caller(), as_toml("province", moved(to)))
    exchange.engine.dispose()
    return to


def ended(folder: Path) -> tuple[dict[Key, dict[str, str]], list[str], list[tuple[Any, ...]], list[str]]:
    """Run until nothing moves; gives what the partner holds and has seen, the deliveries, and what was made."""
    exchange, mirror = killing.opened(folder), Mirror(folder / "drop")
    for _ in range(2):
        exchange.run()
        mirror.read()
    with exchange.engine.connect() as connection:
        asked = select(
            DeliveryRow.series,
            DeliveryRow.sequence,
            DeliveryRow.state,
            DeliveryRow.rows,
            DeliveryRow.removals,
        )
        deliveries = [tuple(row) for row in connection.execute(asked.order_by(DeliveryRow.id))]
        made = connection.scalars(select(LedgerRow.sequence).where(LedgerRow.event == "made")).all()
    exchange.engine.dispose()
    left = [path.name for path in (folder / "var" / "exchange" / "outbox" / "province").iterdir()]
    return mirror.held, mirror.seen + left, deliveries, [str(each) for each in made]


def test_killed_at_any_write_the_next_run_ends_as_if_nothing_had_been(prepared: Path, tmp_path: Path) -> None:
    expected = ended(copied(prepared, tmp_path / "undisturbed"))
    held, seen, deliveries, _ = expected
    assert len(held) == 2 and seen == ["1-000001", "1-000002"]
    assert deliveries == [(1, 1, "settled", 2, 0), (1, 2, "settled", 2, 1)]
    killed = 0
    for write in range(1, 200, STEP):
        folder = copied(prepared, tmp_path / str(write))
        worker = FORKS.Process(target=killing.run_until, args=(folder, write))
        worker.start()
        worker.join()
        if worker.exitcode == 0:
            break
        assert worker.exitcode == -9, worker.exitcode
        killed += 1
        assert ended(folder) == expected, write
        shutil.rmtree(folder)
    assert killed > 6

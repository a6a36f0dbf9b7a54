"""A worker that is killed at any step leaves nothing half done: the next one tells everybody everything, once."""

import shutil
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from indexer.accounts.models import Letter
from indexer.accounts.roles import Role
from indexer.following.matching import match
from indexer.following.targets import Target
from indexer.following.telling import tell
from indexer.register.database import migrate
from tests.accounts.cast import somebody
from tests.following import killing
from tests.following.conftest import NETWORK, ONE, SITE, TWO
from tests.register.conftest import Desk, row

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.following.killing"])


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A register with three followers, and changes that nobody has been told of."""
    kept = tmp_path / "register.sqlite3"
    migrate(f"sqlite:///{kept}")
    register, followings = killing.opened(kept)
    desk = Desk(register.engine)
    desk.publish("enterprise", [row(2, "示例甲有限公司", ONE), row(3, "示例乙有限公司", TWO)])
    match(register, followings)
    for mail, what, key in (("a@firm.example", "subject", ONE), ("b@firm.example", "list", "red")):
        followings.ask(NETWORK, mail, Target(what, key))  # type: ignore[arg-type]
        [link] = [
            text.partition(f"{SITE}/follow/confirm/")[2].split()[0]
            for to, text in letters(kept, "follow")
            if to == mail
        ]
        followings.confirm(NETWORK, link)
    somebody(followings.accounts, "c@firm.example", Role.ENTERPRISE, ONE)
    match(register, followings)
    for at in range(2):
        desk.publish("certificate", [row(2, "示例甲有限公司", ONE, number=f"示例-{at}")])
    listed = {"list": "red", "scheme": "示例红榜", "listed_on": "2026-02-01"}
    desk.publish("listing", [row(2, "示例乙有限公司", TWO, **listed)])
    register.engine.dispose()
    return kept


def letters(database: Path, kind: str) -> list[tuple[str, str]]:
    """The letters of a kind that were queued: to whom, and what they say."""
    register, followings = killing.opened(database)
    with register.engine.connect() as connection:
        found = connection.execute(select(Letter).where(Letter.kind == kind)).all()
    register.engine.dispose()
    seal = followings.mailbox.seal
    return sorted((each.mail, orjson.loads(seal.open(each.content) or "")["text"]) for each in found)


def run(database: Path) -> None:
    register, followings = killing.opened(database)
    match(register, followings)
    tell(register, followings)
    register.engine.dispose()


def test_killed_before_any_write_the_next_worker_tells_everybody_once(database: Path, tmp_path: Path) -> None:
    undisturbed = Path(shutil.copy(database, tmp_path / "undisturbed.sqlite3"))
    run(undisturbed)
    expected = letters(undisturbed, "news")
    assert Counter(to for to, _ in expected) == {f"{name}@firm.example": 1 for name in "abc"}
    ends = []
    for write in range(1, 100):
        copy = Path(shutil.copy(database, tmp_path / f"{write}.sqlite3"))
        worker = FORKS.Process(target=killing.work_until, args=(copy, write))
        worker.start()
        worker.join()
        ends.append(worker.exitcode)
        run(copy)
        assert letters(copy, "news") == expected, write
        if worker.exitcode == 0:
            break
    assert len(ends) > 15  # so many places to be killed at
    assert set(ends[:-1]) == {-9} and ends[-1] == 0

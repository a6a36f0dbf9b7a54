"""The processes of the mirror test: a portal, a recorder, somebody who writes, and the mirror of docs/changes.md; all by one clock in a file."""

import importlib.util
import os
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, select
from werkzeug.serving import WSGIRequestHandler, make_server

from indexer.clock import Clock
from indexer.errors import ZhixinError
from indexer.feed import recording
from indexer.kinds import kinds
from indexer.register.database import connect, writing
from indexer.register.disputes import end_dispute, open_dispute
from indexer.register.models import Batch, Dispute, Version
from indexer.register.publishing import publication
from indexer.register.reading import Register
from indexer.register.removing import remove_within
from indexer.register.repairing import set_repaired, take_back_repair
from indexer.register.withdrawing import withdraw
from indexer.settings import Settings
from portal.app import create_app
from tests.register.conftest import START, row, uscc
from tests.servers import CHECKOUT

FIRMS = 6
LEAST = 25  # acts
PENALTY: Any = {
    "kinds": "罚款",
    "cause": "示例",
    "content": "罚款",
    "fine": "500000",
    "subject_kind": "法人及非法人组织",
}


class FileClock(Clock):
    """A clock that stands where a file says, for several processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self.path.read_text())

    def set(self, instant: datetime) -> None:
        """Move it, for all."""
        new = self.path.with_suffix(f".{os.getpid()}")
        new.write_text(instant.isoformat())
        new.rename(self.path)


def programs() -> list[str]:
    """The programs of docs/changes.md."""
    page = (CHECKOUT / "docs" / "changes.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


def loaded(path: Path) -> ModuleType:
    """A program as a module."""
    found = importlib.util.spec_from_file_location(path.stem, path)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_request(self, *_: object) -> None:
        pass


def serve(url: str, folder: Path) -> None:
    """The portal; writes where it answers into the file `port`."""
    app = create_app(Settings(data=folder, database_url=url, rate_limits=()), FileClock(folder / "clock"))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    (folder / "port.new").write_text(str(server.port))
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()


def record_on(url: str, folder: Path) -> None:
    """A recorder in small turns, until it is killed."""
    recording.AT_ONCE = 5
    register = Register(connect(url), FileClock(folder / "clock"))
    while True:
        with suppress(ZhixinError):  # the lock of the one that was killed may last a moment longer
            recording.record(register)
        time.sleep(0.005)


def mirror_on(folder: Path) -> None:
    """The mirror, until it is killed. Each number that it takes in is noted with what it holds: a second time is an error."""
    program, mirror = opened_mirror(folder)
    site = f"http://127.0.0.1:{(folder / 'port').read_text()}"
    while True:
        if not program.step(site, mirror):
            time.sleep(0.005)


def opened_mirror(folder: Path) -> tuple[ModuleType, sqlite3.Connection]:
    """The program of the documents over its database, with an eye on its numbers, in pages of seven."""
    source = programs()[0].replace('"limit": 500', '"limit": 7')
    assert '"limit": 7' in source
    (program_file := folder / f"mirror-{os.getpid()}.py").write_text(source, encoding="utf-8")
    program = loaded(program_file)
    mirror = sqlite3.connect(folder / "mirror.sqlite3", timeout=60)
    mirror.executescript(program.TABLES)
    mirror.execute("CREATE TABLE IF NOT EXISTS seen (number INTEGER PRIMARY KEY, what TEXT)")
    plain = program.apply

    def apply(connection: sqlite3.Connection, page: Any) -> None:
        plain(connection, page)
        told = [(each["number"], each["what"]) for each in page["results"]]
        connection.executemany("INSERT INTO seen VALUES (?, ?)", told)

    program.apply = apply  # type: ignore[attr-defined]
    return program, mirror


class Writer:
    """Somebody who publishes, corrects, takes back, repairs and objects by chance, while days go by."""

    def __init__(self, url: str, folder: Path, seed: int) -> None:
        self.engine: Engine = connect(url)
        self.clock = FileClock(folder / "clock")
        self.chance = Random(seed)
        self.number = seed * 100_000

    def act(self) -> None:
        """One act, an hour or some days after the one before; all within the half year in which the feed keeps every change."""
        slowly = self.chance.random() < 0.8 or self.clock.now() > START + timedelta(days=90)
        ahead = timedelta(hours=1) if slowly else timedelta(days=self.chance.randint(1, 40))
        self.clock.set(self.clock.now() + ahead)
        acts: list[Callable[[], None]] = [self.publish] * 4 + [
            *(self._penalise, self._withdraw, self.remove, self._repair, self._object, self._complete)
        ]
        with suppress(ZhixinError):  # what can not be taken back twice, and the like
            self.chance.choice(acts)()

    def publish(self) -> None:
        """A file of certificates, some of them new."""
        day = self.clock.today()
        with publication(self.engine, self.clock, "test.csv") as batch:
            drafts = []
            for line, number in enumerate(self.chance.sample(range(60), self.chance.randint(1, 25)), 2):
                scope = self.chance.choice("一二三四")
                until = (day + timedelta(days=self.chance.randint(-5, 90))).isoformat()
                firm = number % FIRMS
                values = {"number": f"示例-{number}", "scope": scope, "valid_until": until}
                drafts.append(row(line, f"示例{firm}号有限公司", uscc(firm), **values))
            batch.of(kinds()["certificate"]).publish(drafts)

    def publish_one(self, scope: str) -> None:
        """A certificate that chance does not touch."""
        until = (self.clock.today() + timedelta(days=90)).isoformat()
        values = {"number": "示例-末", "scope": scope, "valid_until": until}
        with publication(self.engine, self.clock, "test.csv") as batch:
            batch.of(kinds()["certificate"]).publish([row(2, "示例1号有限公司", uscc(1), **values)])

    def _penalise(self) -> None:
        self.number += 1
        values = PENALTY | {
            "document_number": f"示例〔2026〕{self.number}号",
            "decided_on": self.clock.today().isoformat(),
        }
        with publication(self.engine, self.clock, "test.csv") as batch:
            batch.of(kinds()["penalty"]).publish([row(2, "示例1号有限公司", uscc(1), **values)])

    def _withdraw(self) -> None:
        asked = select(Batch.id).where(Batch.action == "ingest", Batch.withdrawn_in.is_(None))
        with self.engine.connect() as connection:
            batches = list(connection.scalars(asked.order_by(Batch.id.desc()).limit(5)))
        if batches:
            withdraw(self.engine, self.clock, self.chance.choice(batches), "有误")

    def remove(self) -> None:
        """Take a certificate down."""
        if found := self._some(Version.kind == "certificate"):
            with writing(self.engine) as connection:
                remove_within(connection, self.clock, found, "有误")

    def _repair(self) -> None:
        found = self._some(Version.kind == "penalty")
        if found is None:
            return
        act = set_repaired if self.chance.random() < 0.6 else take_back_repair
        with writing(self.engine) as connection:
            act(connection, self.clock, found, "示例")

    def _object(self) -> None:
        with self.engine.connect() as connection:
            disputed = connection.scalars(select(Dispute.record_id).where(Dispute.ended_at.is_(None))).first()
        found = self._some(Version.kind == "penalty")
        with writing(self.engine) as connection:
            if disputed is not None and self.chance.random() < 0.6:
                end_dispute(connection, disputed, self.clock.now(), "rejected", None)
            elif found is not None:
                open_dispute(connection, found, self.clock.now())

    def _complete(self) -> None:
        """A record by an organisation code alone, and later one that says the whole code."""
        self.number += 1
        code = uscc(self.number % 1_000_000)
        for kind, known, values in (
            ("certificate", code[8:17], {"number": f"示例-代码-{self.number}"}),
            ("brand", code, {"title": "示例精品", "level": "省级"}),
        ):
            with publication(self.engine, self.clock, "test.csv") as batch:
                batch.of(kinds()[kind]).publish([row(2, f"示例{self.number}有限公司", known, **values)])

    def _some(self, of: Any) -> str | None:
        asked = select(Version.record_id).where(
            of, Version.superseded_in.is_(None), Version.change != "withdrawn"
        )
        with self.engine.connect() as connection:
            found = list(connection.scalars(asked.order_by(Version.id.desc()).limit(20)))
        return self.chance.choice(found) if found else None


def write_on(url: str, folder: Path, seed: int) -> None:
    """Somebody who writes, until the file `enough` is there and `LEAST` acts are done."""
    writer, acts = Writer(url, folder, seed), 0
    while acts < LEAST or not (folder / "enough").exists():
        writer.act()
        acts += 1
        time.sleep(writer.chance.uniform(0, 0.02))

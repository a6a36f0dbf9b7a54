"""A register that is published to, withdrawn from and lived with, day by day."""

import gzip
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from indexer.errors import NotFound
from indexer.opendata.downloads import Downloads
from indexer.opendata.persons import of_a_person
from indexer.opendata.rows import as_json
from indexer.register.database import connect, migrate, writing
from indexer.register.disclosure import PublicRecord
from indexer.register.disputes import end_dispute, open_dispute
from indexer.register.draft import Draft
from indexer.register.withdrawing import AlreadyWithdrawn, withdraw
from tests.register.conftest import Desk, row, uscc

FIRMS = (uscc(1), uscc(2), "92" + uscc(3)[2:])
"""The last one is a sole trader's code, whatever its check character."""

days = st.integers(-3, 4)
certificates = st.tuples(
    st.integers(0, 5), st.integers(0, 2), st.sampled_from(("valid", "suspended", "revoked")), days, days
)
penalties = st.tuples(st.integers(0, 3), days, st.booleans())
action = st.one_of(
    st.tuples(st.just("certificates"), st.lists(certificates, min_size=1, max_size=4)),
    st.tuples(st.just("penalties"), st.lists(penalties, min_size=1, max_size=3)),
    st.tuples(st.just("days"), st.integers(1, 3)),
    st.tuples(st.just("withdraw"), st.integers(1, 6)),
)
objection = st.tuples(st.just("objection"), st.integers(0, 5))
actions = st.lists(action, min_size=2, max_size=9)
actions_and_objections = st.lists(st.one_of(action, objection), min_size=2, max_size=9)


@dataclass
class Life:
    """What happens to a register."""

    desk: Desk

    def act(self, action: str, what: Any) -> None:
        """Let one thing happen."""
        if action == "certificates":
            self.desk.publish("certificate", [self._certificate(n + 2, *each) for n, each in enumerate(what)])
        elif action == "penalties":
            self.desk.publish("penalty", [self._penalty(n + 2, *each) for n, each in enumerate(what)])
        elif action == "days":
            self.desk.clock.instant += timedelta(days=what)
        elif action == "objection":
            self._object(what)
        else:
            self.desk.clock.instant += timedelta(minutes=5)
            with suppress(AlreadyWithdrawn, NotFound):
                withdraw(self.desk.engine, self.desk.clock, what, "测试")

    def _object(self, number: int) -> None:
        """Object to one of the records that are public, or end the objection that there is."""
        register, now = self.desk.register, self.desk.clock.now()
        public = sorted(register.records_between(0, register.last_version()), key=lambda each: each.id)
        if not public:
            return
        record = public[number % len(public)]
        with writing(self.desk.engine) as connection:
            if record.disputed is None:
                open_dispute(connection, record.id, now)
            else:
                end_dispute(connection, record.id, now, "rejected", None)

    def day(self, offset: int) -> str:
        return (self.desk.clock.today() + timedelta(days=offset)).isoformat()

    def _certificate(self, line: int, number: int, firm: int, status: str, until: int, since: int) -> Draft:
        values = {"number": f"99926Q{number:05d}R0S", "status": status, "issued_on": "2026-01-10"}
        values |= {"valid_from": "2026-01-10", "valid_until": self.day(until), "category": "质量管理体系认证"}
        if status != "valid":
            values["status_changed_on"] = self.day(since)
        if number % 2:
            values["region"] = "江苏省示例市"
        return row(line, f"示例{firm}号有限公司", FIRMS[firm], **values)

    def _penalty(self, line: int, number: int, until: int, repaired: bool) -> Draft:
        values = {"document_number": f"示例〔2026〕{number}号", "cause": "=1+1", "decided_on": "2026-02-20"}
        values |= {"kinds": "没收违法所得", "public_until": self.day(until), "subject_kind": "organisation"}
        if repaired:
            values["repaired_on"] = self.day(0)
        return row(line, "示例1号有限公司", FIRMS[1], **values)

    def said(self, *, persons: bool = False) -> dict[str, dict[str, Any]]:
        """Every record that leaves in bulk as it is public now, read one by one; with `persons` those that do not, too."""
        register = self.desk.register
        found = register.records_between(0, register.last_version())
        return {each.id: form(each) for each in found if persons or not of_a_person(each)}


def form(record: PublicRecord) -> dict[str, Any]:
    """What a record says, whenever it was recorded."""
    return {name: value for name, value in as_json(record).items() if name not in ("version", "recorded_at")}


def downloaded(downloads: Downloads, kind: str, form: str) -> str:
    """A whole download, unpacked as one file."""
    _, _, pieces = downloads.ready(kind, form)
    packed = b"".join(downloads.shelf.path(piece).read_bytes() for piece in pieces)
    with gzip.open(io.BytesIO(packed)) as file:
        return file.read().decode("utf-8-sig")


@pytest.fixture
def desk(migrated_database: str) -> Iterator[Desk]:
    """A register on each database."""
    engine = connect(migrated_database)
    yield Desk(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty register to copy."""
    path = tmp_path_factory.mktemp("opendata") / "template.sqlite3"
    migrate(f"sqlite:///{path}")
    return path

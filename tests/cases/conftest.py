"""Cases over each database, with a clock that the test sets and people of the desk."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.people import create, grant
from indexer.accounts.roles import Role
from indexer.cases.case import Case, Contact, Doing, Filing
from indexer.cases.opening import CaseRoom
from indexer.cases.paths import By, Move
from indexer.clock import SHANGHAI, FixedClock
from indexer.register.database import connect
from indexer.settings import Settings
from tests.register.conftest import uscc

FIRM = uscc(1)
RECORD = "0123456789abcdef01234567"
_tokens = count()


def shanghai(*moment: int) -> datetime:
    """An instant in Shanghai."""
    return datetime(*moment, tzinfo=SHANGHAI).astimezone(UTC)  # type: ignore[arg-type,misc]


@dataclass
class Room:
    """The cases of a portal, its clock, and three people: of the firm, two of the desk, one who decides."""

    accounts: Accounts
    room: CaseRoom
    clock: FixedClock
    firm: Caller
    operator: Caller
    colleague: Caller
    reviewer: Caller

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.clock.instant += timedelta(**time)

    def file(self, kind: str = "objection", once: str = "", record: str = RECORD, **given: object) -> Case:
        """A new case."""
        own = kind in ("objection", "repair", "declaration")
        filing = Filing(
            kind=kind,
            title="示例事由",
            content={"text": "示例内容"},
            once=once or f"once-{next(_tokens)}",
            subject_code=FIRM if own else None,
            record_id=record if kind == "objection" else None,
            **given,  # type: ignore[arg-type]
        )
        return self.room.docket.one(self.room.cases.file(self.firm, filing).number)

    def do(self, case: Case, move: Move, by: By, caller: Caller, **given: object) -> Case:
        """Something done with a case as it stands now."""
        now = self.room.docket.one(case.number)
        given = {"once": f"once-{next(_tokens)}", "version": now.version, "text": "示例理由"} | given
        return self.room.cases.do(caller, by, now, Doing(move, **given))  # type: ignore[arg-type]

    def taken(self, case: Case) -> Case:
        """The case in the hands of the operator."""
        return self.do(case, Move.TAKE, By.DESK, self.operator)


@pytest.fixture
def room(migrated_database: str, tmp_path: Path) -> Iterator[Room]:
    settings = Settings(
        data=tmp_path / "var",
        database_url=migrated_database,
        base_url="https://credit.example.cn",
        secret_key="a key for this test",
    )
    clock = FixedClock(shanghai(2026, 9, 29, 10))
    engine = connect(settings.database_url)
    accounts = Accounts(engine, clock, settings)

    def caller(name: str, role: Role, scope: str = "") -> Caller:
        with acting(engine, clock, Caller()) as act:
            account = create(act, f"{name}@firm.example", f"示例{name}", None)
            grant(act, account, role, scope, "command")
        return Caller(account, "192.0.2.1", "r1")

    yield Room(
        accounts,
        CaseRoom(accounts),
        clock,
        caller("own", Role.ENTERPRISE, FIRM),
        caller("operator", Role.OPERATOR),
        caller("colleague", Role.OPERATOR),
        caller("reviewer", Role.REVIEWER),
    )
    engine.dispose()


REACHABLE = Contact("示例举报人", "13800001234", "reporter@home.example")

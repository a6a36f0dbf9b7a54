"""An office that decides repairs, over each database: a firm with a fine of a year ago, and three people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.people import create
from indexer.cases.case import Case, Doing, Filing
from indexer.cases.opening import CaseRoom
from indexer.cases.paths import By, Move
from indexer.clock import FixedClock
from indexer.enterprise.declaring import Declaring, Reviewed
from indexer.enterprise.repairs import Repairs
from indexer.kinds.base import Value
from indexer.register.database import connect
from indexer.settings import Settings
from tests.register.conftest import START, Desk, row, uscc

FIRM, CODE = "示例甲有限公司", uscc(1)
FINE: dict[str, Value] = {
    "document_number": "示例〔2025〕1号",
    "cause": "虚假宣传",
    "kinds": "罚款",
    "severity": "general",
    "decided_on": "2025-03-01",
    "subject_kind": "organisation",
}
PROMISE: dict[str, Value] = {"kind": "质量承诺", "title": "信用承诺书", "declared_on": "2026-02-01"}
_tokens = count()


@dataclass
class Office:
    """Everything that decides a repair; `record` is the fine."""

    desk: Desk
    accounts: Accounts
    repairs: Repairs
    room: CaseRoom
    record: str
    firm: Caller
    operator: Caller
    reviewer: Caller

    def publish(self, of: str, /, **values: Value) -> None:
        """One row of a file of a kind."""
        assert self.desk.publish(of, [row(2, FIRM, CODE, digest=None, **values)]) == []

    def apply(self, once: str = "") -> Case:
        """An application for the fine, by the form with the token `once`."""
        content = {"corrected_on": "2025-04-01", "text": "已缴清"}
        form = once or f"once-{next(_tokens)}"
        filing = Filing("repair", "虚假宣传", content, form, subject_code=CODE, record_id=self.record)
        return self.room.docket.one(self.room.cases.file(self.firm, filing).number)

    def do(self, case: Case, move: Move, by: By, caller: Caller, outcome: str = "") -> Case:
        """Something done with a case as it stands now."""
        now = self.room.docket.one(case.number)
        doing = Doing(move, now.version, f"once-{next(_tokens)}", "理由", outcome)
        return self.room.cases.do(caller, by, now, doing)

    def proposed(self, outcome: str = "approved") -> Case:
        """An application on which the second person has to decide."""
        case = self.apply()
        self.do(case, Move.TAKE, By.DESK, self.operator)
        return self.do(case, Move.PROPOSE, By.HANDLER, self.operator, outcome)

    def public(self) -> bool:
        """Whether anybody may see the fine."""
        return bool(self.desk.register.records([self.record]))


@pytest.fixture
def office(migrated_database: str, tmp_path: Path) -> Iterator[Office]:
    settings = Settings(
        data=tmp_path / "var", database_url=migrated_database, secret_key="a key for this test"
    )
    engine = connect(settings.database_url)
    desk = Desk(engine, FixedClock(START))
    accounts = Accounts(engine, desk.clock, settings)
    repairs, declaring = Repairs(desk.register, accounts), Declaring(desk.register, accounts.files)
    callers = []
    for name in ("firm", "operator", "reviewer"):
        with acting(engine, desk.clock, Caller()) as act:
            callers.append(Caller(create(act, f"{name}@firm.example", f"示例{name}", None)))
    room = CaseRoom(accounts, {"repair": repairs, "declaration": Reviewed(declaring)})
    made = Office(desk, accounts, repairs, room, "", *callers)
    made.publish("penalty", **FINE)
    made.record = desk.register.records_between(0, 99)[0].id
    made.publish("declaration", **PROMISE)
    desk.clock.instant += timedelta(hours=1)
    yield made
    engine.dispose()

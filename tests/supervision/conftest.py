"""Supervision over each database: a register of some enterprises, people of each role, a clock that the test sets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.register.database import connect
from indexer.settings import Settings
from indexer.supervision.draws import Wanted
from indexer.supervision.grading import Criteria
from indexer.supervision.opening import Supervision
from indexer.supervision.plans import Wanted as WantedPlan
from indexer.supervision.rule import EXAMPLE
from tests.accounts.cast import somebody
from tests.register.conftest import Desk, row, uscc

AGENCY = "示例市市场监督管理局"
ALL = Criteria()
RULE = EXAMPLE.read_text(encoding="utf-8")


@dataclass
class Bureau:
    """Those who supervise, and what they supervise. `operator` proposes, `reviewer` decides."""

    desk: Desk
    accounts: Accounts
    supervision: Supervision
    operator: Caller
    reviewer: Caller
    people: dict[str, Caller] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.desk.clock.today()

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.desk.clock.instant += timedelta(**time)

    def firms(self, *numbers: int, region: str = "示例市") -> None:
        """Enterprises of the register."""
        rows = [row(n, f"示例{n}有限公司", uscc(n), region=region) for n in numbers]
        assert self.desk.publish("enterprise", rows) == []

    def rate(self, number: int, grade: str, **values: Any) -> None:
        """A quality grade of an enterprise."""
        kept = {"rated_on": "2026-01-05", "scheme": "示例评价", "issuer": "示例协会"} | values
        assert (
            self.desk.publish("rating", [row(2, f"示例{number}有限公司", uscc(number), grade=grade, **kept)])
            == []
        )

    def license(self, number: int, product: str, **values: Any) -> None:
        """A licence to make something."""
        kept = {
            "number": f"示例XK{number}-{product}",
            "category": "工业产品生产许可证",
            "issuer": AGENCY,
        } | values
        assert (
            self.desk.publish(
                "licence", [row(2, f"示例{number}有限公司", uscc(number), product=product, **kept)]
            )
            == []
        )

    def refresh(self) -> None:
        """Bring the enterprises up with the register."""
        list(self.supervision.grading.refresh())

    def rule(self, content: str = RULE) -> int:
        """A rule in force."""
        book = self.supervision.rulebook
        number = book.propose(self.operator, content, self.today, "试行")
        book.decide(self.reviewer, number, True, "")
        return number

    def inspectors(self, *numbers: str) -> None:
        """Inspectors of the agency."""
        for number in numbers:
            self.supervision.inspectors.add(self.operator, number, f"示例员{number}", AGENCY)

    def committed(self, count: int = 2, each: int = 2, criteria: Criteria = ALL, **wanted: Any) -> int:
        """A draw whose population is frozen."""
        asked = Wanted("示例双随机抽查", AGENCY, criteria, count, each, **wanted)
        number = self.supervision.draws.propose(self.operator, asked, "年度计划")
        self.supervision.draws.commit(self.reviewer, number)
        return number

    def drawn(self, count: int = 2, each: int = 2, criteria: Criteria = ALL, **wanted: Any) -> int:
        """A draw that is done."""
        number = self.committed(count, each, criteria, **wanted)
        self.supervision.draws.give_seed(self.operator, number)
        return number

    def plan(self, draw: int, public_from: date | None = None) -> int:
        """An approved plan over a draw."""
        today = self.today
        wanted = WantedPlan(
            "示例抽查计划", "产品质量", today, today + timedelta(days=30), public_from or today
        )
        number = self.supervision.plans.propose(self.operator, draw, wanted, "年度计划")
        self.supervision.plans.decide(self.reviewer, number, True, "")
        return number


def bureau_over(desk: Desk, folder: Path, url: str) -> Bureau:
    """A bureau over a register."""
    settings = Settings(data=folder, database_url=url, secret_key="a key for this test")
    accounts = Accounts(desk.engine, desk.clock, settings)
    people = {
        role.value: Caller(
            somebody(accounts, f"{role}@bureau.example", role, scope).account, "192.0.2.9", "r"
        )
        for role, scope in ((Role.OPERATOR, ""), (Role.REVIEWER, ""), (Role.OFFICER, AGENCY))
    }
    return Bureau(
        desk, accounts, Supervision(desk.engine, desk.clock), people["operator"], people["reviewer"], people
    )


@pytest.fixture
def bureau(migrated_database: str, tmp_path: Path) -> Iterator[Bureau]:
    """A bureau on each database, over an empty register."""
    engine = connect(migrated_database)
    yield bureau_over(Desk(engine), tmp_path / "var", migrated_database)
    engine.dispose()

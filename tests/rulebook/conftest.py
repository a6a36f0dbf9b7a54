"""A rule book over each database: a register of some enterprises, those who prepare and those who decide, a clock that the test sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.register.database import connect
from indexer.settings import Settings
from portal.restrictions.rules import read_rules, rules_file
from portal.restrictions.writing import Plain, plain_rules, with_rule
from portal.rules_desk import RulesDesk
from tests.accounts.cast import somebody
from tests.register.conftest import Desk, row, uscc

SHIPPED = rules_file()
HONOURS = "honours-serious-violation"


def edited(text: str, rule: str, **values: Any) -> str:
    """A table with other values in one rule."""
    found: Plain = next(each for each in plain_rules(text) if each["id"] == rule)
    return with_rule(text, rule, found | {"version": found["version"] + 1} | values)


WITHOUT = with_rule(SHIPPED, HONOURS, None)
"""The shipped table without its rule of honours."""


@dataclass
class Library:
    """Those who keep the rules of a register."""

    desk: Desk
    rules: RulesDesk
    operator: Caller
    other: Caller
    reviewer: Caller
    second: Caller

    @property
    def today(self) -> date:
        return self.desk.clock.today()

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.desk.clock.instant += timedelta(**time)

    def list_firms(self, *numbers: int) -> None:
        """Enterprises on the list of serious violations."""
        firms = [row(n, f"示例{n}有限公司", uscc(n)) for n in numbers]
        assert self.desk.publish("enterprise", firms) == []
        given: Any = {
            "list": "black",
            "scheme": "严重违法失信名单",
            "listed_on": "2026-01-15",
            "status": "listed",
        }
        given["subject_kind"] = "organisation"
        rows = [
            row(n, f"示例{n}有限公司", uscc(n), document_number=f"示例〔2026〕{n}号", **given)
            for n in numbers
        ]
        assert self.desk.publish("listing", rows) == []

    def previewed(self, text: str, day: date | None = None, by: Caller | None = None) -> int:
        """A draft with its preview."""
        drafts, caller = self.rules.drafts, by or self.operator
        number = drafts.begin(caller, text, read_rules(text).version, 1)
        drafts.ask_preview(caller, number, day or self.today, "示例理由")
        self.rules.work()
        return number

    def proposed(self, text: str, day: date | None = None, by: Caller | None = None) -> int:
        """A draft that waits for a second person."""
        number = self.previewed(text, day, by)
        self.rules.drafts.propose(by or self.operator, number, self.effect(number))
        return number

    def approved(self, text: str, day: date | None = None) -> int:
        """The number of a new edition."""
        return self.approve(self.proposed(text, day))

    def approve(self, draft: int, by: Caller | None = None) -> int:
        """Approve what the preview of now says."""
        return self.rules.drafts.approve(by or self.reviewer, draft, self.effect(draft))

    def effect(self, draft: int) -> str:
        return self.rules.drafts.one(draft).effect or ""

    def in_force(self) -> int:
        """The edition of this instant."""
        return self.rules.book.now().edition


def library_over(desk: Desk, folder: Path, url: str) -> Library:
    """A library over a register."""
    accounts = Accounts(
        desk.engine, desk.clock, Settings(data=folder, database_url=url, secret_key="a key for this test")
    )
    people = [
        Caller(somebody(accounts, f"{name}@rules.example", role).account, "192.0.2.9", "r")
        for name, role in (
            ("operator", Role.OPERATOR),
            ("other", Role.OPERATOR),
            ("reviewer", Role.REVIEWER),
            ("second", Role.REVIEWER),
        )
    ]
    return Library(desk, RulesDesk(desk.register), *people)


@pytest.fixture
def library(migrated_database: str, tmp_path: Path) -> Iterator[Library]:
    """A library on each database."""
    engine = connect(migrated_database)
    yield library_over(Desk(engine), tmp_path / "var", migrated_database)
    engine.dispose()

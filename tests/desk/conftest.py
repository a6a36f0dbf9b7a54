"""The publishing desk over each database, with an operator, two reviewers and a clock that the test sets."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.people import create
from indexer.clock import FixedClock
from indexer.desk.opening import PublishingDesk
from indexer.desk.submissions import State, Submission
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.settings import Settings
from tests.register.conftest import uscc

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HEAD = "统一社会信用代码,企业名称,证书编号,认证项目,发证机构,发证日期,有效期至,证书状态,数据来源"


def certificate(
    number: int, *, name: str = "", until: str = "2028-01-31", status: str = "有效", source: str = ""
) -> str:
    """A row of a file of certificates: the certificate `number` of the enterprise `number`."""
    firm = name or f"示例第{number}有限公司"
    return f"{uscc(number)},{firm},0341{number:04d}Q10286R0S,质量管理体系认证,示例认证中心,2025-02-01,{until},{status},{source}"


def csv(*rows: str) -> bytes:
    """A file of certificates."""
    return "\n".join((HEAD, *rows, "")).encode()


@dataclass
class Bureau:
    """A desk with its people."""

    desk: PublishingDesk
    register: Register
    clock: FixedClock
    operator: Caller
    reviewer: Caller
    second: Caller

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.clock.instant += timedelta(**time)

    def bring(
        self, content: bytes, name: str = "证书.csv", *, source: str = "", kind: str = ""
    ) -> Submission:
        """The operator brings a file, and its preview is made."""
        return self.previewed(self.desk.bring(self.operator, io.BytesIO(content), name, kind, source))

    def previewed(self, number: int) -> Submission:
        """A submission after the desk has worked."""
        self.desk.worker.work()
        return self.desk.submissions.one(number)

    def submitted(self, content: bytes, name: str = "证书.csv", **about: str) -> Submission:
        """The same, and handed in."""
        made = self.bring(content, name, **about)
        return self.hand_in(made)

    def hand_in(self, made: Submission) -> Submission:
        """The operator hands a previewed submission in."""
        assert made.state == State.DRAFT, (made.state, made.failure_zh)
        self.desk.submissions.submit(self.operator, made.id, made.effect or "", "")
        return self.desk.submissions.one(made.id)

    def approve(self, made: Submission, at: datetime | None = None) -> None:
        """The reviewer approves what the preview showed."""
        self.desk.submissions.approve(self.reviewer, made.id, made.effect or "", at)

    def published(self, content: bytes, name: str = "证书.csv", **about: str) -> Submission:
        """A file all the way."""
        done = self.finish(self.submitted(content, name, **about))
        assert done.state == State.PUBLISHED, (done.state, done.failure_zh)
        return done

    def finish(self, made: Submission) -> Submission:
        """A submission that was handed in, approved and published."""
        self.approve(made)
        self.wait(hours=1)
        return self.previewed(made.id)


@contextmanager
def open_bureau(url: str, folder: Path) -> Iterator[Bureau]:
    """A desk over a database and a folder."""
    settings = Settings(
        data=folder / "var",
        database_url=url,
        base_url="https://credit.example.cn",
        secret_key="a key for this test",
    )
    clock, engine = FixedClock(START), connect(settings.database_url)
    accounts = Accounts(engine, clock, settings)
    with acting(engine, clock, Caller()) as act:
        people = [
            Caller(create(act, f"{name}@desk.example", f"示例{name}", None), "192.0.2.1", name)
            for name in ("operator", "reviewer", "second")
        ]
    yield Bureau(PublishingDesk(accounts), Register(engine, clock), clock, *people)
    engine.dispose()


@pytest.fixture
def bureau(migrated_database: str, tmp_path: Path) -> Iterator[Bureau]:
    with open_bureau(migrated_database, tmp_path) as opened:
        yield opened

"""A register that somebody follows, over each database, by one clock that the test sets."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.post import Post
from indexer.clock import FixedClock
from indexer.following.followings import Followings
from indexer.following.matching import match
from indexer.following.targets import Target
from indexer.following.telling import tell
from indexer.register.database import connect
from indexer.settings import Settings
from tests.accounts.test_post import Box, open_box
from tests.register.conftest import START, Desk, row, uscc

SITE = "https://credit.example.cn"
MAIL = "reader@firm.example"
NETWORK = Caller(network="192.0.2.1", request="r1")
ONE, TWO = uscc(1), uscc(2)


@dataclass
class Scene:
    """A register, its followers, and the server for mail that their letters go to."""

    desk: Desk
    accounts: Accounts
    followings: Followings
    box: Box
    read: int = field(default=0)

    def work(self) -> int:
        """What the worker does once: match and tell; gives the letters queued."""
        match(self.desk.register, self.followings)
        return tell(self.desk.register, self.followings)

    def letters(self) -> list[EmailMessage]:
        """Send what waits; the letters that arrived since the last time."""
        settings = replace(self.accounts.settings, smtp_url=f"smtp+plain://127.0.0.1:{self.box.port}")
        Post(self.accounts.engine, self.desk.clock, settings, self.accounts.mailbox.seal).send()
        new, self.read = self.box.letters[self.read :], len(self.box.letters)
        return new

    def news(self) -> list[str]:
        """Work once, and what the letters that came of it say."""
        self.work()
        return [letter.get_content() for letter in self.letters()]

    def follow(self, what: str, key: str, mail: str = MAIL) -> str:
        """Follow something and confirm it by the letter; gives the token to manage with."""
        self.followings.ask(NETWORK, mail, Target(what, key))  # type: ignore[arg-type]
        [letter] = self.letters()
        return self.followings.confirm(NETWORK, link_in(letter, "confirm/"))

    def enterprises(self, *codes: str) -> None:
        """Publish enterprises."""
        rows = [row(at + 2, f"示例{at}号有限公司", code) for at, code in enumerate(codes)]
        assert self.desk.publish("enterprise", rows) == []

    def certificates(self, numbers: Sequence[str], code: str = ONE, **values: str) -> None:
        """Publish certificates of an enterprise in one batch."""
        rows = [
            row(at + 2, "示例0号有限公司", code, number=each, **values) for at, each in enumerate(numbers)
        ]
        assert self.desk.publish("certificate", rows) == []


def link_in(letter: EmailMessage, kind: str = "") -> str:
    """The token of the link in a letter."""
    found = re.search(rf"{SITE}/follow/{kind}([\w-]+)", letter.get_content())
    assert found, letter.get_content()
    return found[1]


@pytest.fixture
def scene(migrated_database: str, tmp_path: Path) -> Iterator[Scene]:
    settings = Settings(
        data=tmp_path / "var",
        database_url=migrated_database,
        base_url=SITE,
        mail_from="质信 <noreply@credit.example.cn>",
        secret_key="a key for this test",
    )
    engine, clock = connect(settings.database_url), FixedClock(START)
    accounts = Accounts(engine, clock, settings)
    with open_box() as box:
        made = Scene(Desk(engine, clock), accounts, Followings(accounts), box)
        made.work()  # what stands by now is no news
        yield made
    engine.dispose()

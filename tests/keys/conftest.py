"""Keys over each database, by one clock that the test sets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, select

from indexer.accounts.audit import Caller
from indexer.accounts.models import AuditEntry, Letter
from indexer.accounts.opening import Accounts
from indexer.clock import FixedClock
from indexer.keys.keeping import Key, Keys
from indexer.keys.plans import load_plans
from indexer.keys.using import Use
from indexer.register.database import connect
from indexer.settings import Settings
from tests.register.conftest import START

SITE = "https://credit.example.cn"
MAIL = "developer@firm.example"
NETWORK = Caller(network="192.0.2.1", request="r1")


@dataclass
class Ring:
    """All keys of a portal, and the letters about them."""

    engine: Engine
    clock: FixedClock
    accounts: Accounts
    keys: Keys
    use: Use

    def pass_time(self, **time: float) -> None:
        """Some time later."""
        self.clock.instant += timedelta(**time)

    def letters(self, kind: str) -> list[str]:
        """What the letters of a kind say that were queued, the first first."""
        asked = select(Letter.content).where(Letter.kind == kind).order_by(Letter.id)
        with self.engine.connect() as connection:
            found = connection.scalars(asked).all()
        return [orjson.loads(self.accounts.mailbox.seal.open(each or "") or "")["text"] for each in found]

    def link(self, kind: str) -> str:
        """The token in the last letter of a kind."""
        found = re.search(rf"{SITE}/keys/(?:open|own)/([\w-]+)", self.letters(kind)[-1])
        assert found
        return found[1]

    def ask(self, plan: str = "basic", scopes: tuple[str, ...] = ("read",), mail: str = MAIL) -> str:
        """Ask for a key; the token of the letter that asks to confirm."""
        self.pass_time(hours=13)  # the brake on letters has opened again
        wanted = self.keys.wanted(mail, "采购系统", "核对投标人的资质", plan, list(scopes))
        self.keys.ask(NETWORK, wanted)
        return self.link("key-confirm")

    def give(self, plan: str = "basic", scopes: tuple[str, ...] = ("read",)) -> tuple[int, str]:
        """A key that is live: its number and the key itself."""
        given = self.keys.confirm(NETWORK, self.ask(plan, scopes))
        assert given.secret
        return given.key, given.secret

    def own(self) -> str:
        """The token of a link to the keys of the address."""
        self.pass_time(hours=13)
        self.keys.ask_own(NETWORK, MAIL)
        return self.link("keys")

    def one(self, key: int) -> Key:
        """A key as its owner sees it."""
        return self.keys.one(key)

    def acts(self, key: int) -> list[str]:
        """What the audit says of a key."""
        asked = select(AuditEntry.act).where(AuditEntry.about == f"key:{key}").order_by(AuditEntry.id)
        with self.engine.connect() as connection:
            return list(connection.scalars(asked))


@pytest.fixture
def ring(migrated_database: str, tmp_path: Path) -> Iterator[Ring]:
    settings = Settings(
        data=tmp_path / "var",
        database_url=migrated_database,
        base_url=SITE,
        secret_key="a key for this test",
    )
    engine, clock = connect(settings.database_url), FixedClock(START)
    accounts = Accounts(engine, clock, settings)
    yield Ring(engine, clock, accounts, Keys(accounts, load_plans(settings)), Use(engine, clock))
    engine.dispose()

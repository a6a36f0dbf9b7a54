"""A register of invented bidders on each database, a search engine over it, and checks by the same clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from indexer.errors import ServiceUnavailable
from indexer.register.database import connect
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.search.protocol import SearchEngine
from indexer.sync import reindex
from portal.checks.checking import check
from portal.checks.model import Bidder, BidderResult, CheckResult, Request, Requirement
from portal.restrictions.rules import load_rules
from tests import servers
from tests.register.conftest import Desk
from tests.search.conftest import NewEngine, new_engine

__all__ = ["new_engine"]

RULES = load_rules()


@dataclass
class Office:
    """Where bids are opened: a register, its index, and checks of both."""

    desk: Desk
    search: SearchEngine

    def index(self) -> None:
        """Let search find what the register holds."""
        reindex(self.desk.register, self.search)

    def check(
        self,
        bidders: Sequence[Bidder],
        as_of: date | None = None,
        known_at: datetime | None = None,
        domains: tuple[str, ...] = (),
        requirements: tuple[Requirement, ...] = (),
    ) -> CheckResult:
        day = as_of or self.desk.clock.today()
        request = Request(day, tuple(bidders), known_at, domains, requirements)
        return check(self.desk.register, self.search, RULES, request)

    def one(self, code: str = "", name: str = "", as_of: date | None = None, **asked: object) -> BidderResult:
        """The result for a single bidder."""
        [result] = self.check([Bidder(1, code, name)], as_of, **asked).bidders  # type: ignore[arg-type]
        return result


@pytest.fixture
def office(migrated_database: str, tmp_path: Path) -> Iterator[Office]:
    """An office over an empty register, on each database, with the embedded engine."""
    engine = connect(migrated_database)
    yield Office(Desk(engine), EmbeddedEngine(tmp_path / "index"))
    engine.dispose()


@pytest.fixture
def searching_office(databases: servers.Databases, new_engine: NewEngine) -> Iterator[Office]:
    """The same on SQLite with each search engine."""
    with databases.fresh("sqlite") as url:
        engine = connect(url)
        yield Office(Desk(engine), new_engine())
        engine.dispose()


class Unreachable:
    """A search engine that does not answer, as one does whose machine is gone."""

    def search(self, query: object) -> object:
        raise ServiceUnavailable("检索服务没有应答。", "The search engine does not answer.")

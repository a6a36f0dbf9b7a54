"""Offices that exchange: each a register with its people and its exchange, over one clock; and what records look like that meet the templates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.people import create
from indexer.clock import FixedClock
from indexer.exchange.ledger import Entry, Question, search
from indexer.exchange.models import DeliveryRow, ReceiptRow, RemovalRow
from indexer.exchange.partners import Partner, Standing
from indexer.exchange.running import Exchange
from indexer.ingest import Job, ingest
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.settings import Settings
from tests import servers
from tests.register.conftest import uscc

START = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
PENALTY_HEAD = (
    "CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,CF_NR_FK,CF_JDRQ,CF_GSJZQ,CF_CFJG,CF_CFJGDM,"
    "CF_SJLY,CF_SJLYDM,行政区划"
)
AUTHORITY = "示例市市场监督管理局"
AUTHORITY_CODE = uscc(900)


def penalty(
    number: int, *, firm: int = 1, decided: str = "2026-05-20", until: str = "2027-05-20", **cells: str
) -> str:
    """A row of the national template that meets it."""
    said = {
        "name": f"示例第{firm}有限公司",
        "kind": "法人及非法人组织",
        "code": uscc(firm),
        "number": f"示市监罚〔2026〕{number}号",
        "cause": "生产不合格产品",
        "fact": "抽查发现产品不符合标准。",
        "basis": "《产品质量法》第四十九条",
        "kinds": "罚款",
        "content": "罚款人民币二万元",
        "fine": "2",
        "decided": decided,
        "until": until,
        "authority": AUTHORITY,
        "authority_code": AUTHORITY_CODE,
        "source": AUTHORITY,
        "source_code": AUTHORITY_CODE,
        "region": "320583",
    } | cells
    return ",".join(said.values())


@dataclass
class Office:
    """A register with its exchange."""

    folder: Path
    engine: Engine
    clock: FixedClock
    accounts: Accounts
    exchange: Exchange
    operator: Caller
    reviewer: Caller

    @property
    def register(self) -> Register:
        return Register(self.engine, self.clock)

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.clock.instant += timedelta(**time)

    def take_in(self, *rows: str, head: str = PENALTY_HEAD, name: str = "处罚.csv") -> None:
        """Ingest a file, a minute later."""
        self.wait(minutes=1)
        path = self.folder / name
        path.write_text("\n".join((head, *rows, "")), encoding="utf-8")
        [report] = ingest([path], Job(self.engine, self.clock, rejects=self.folder))
        assert report.refused is None and not report.rejected, (report, report.refused)

    def enter(self, name: str, partner: Partner) -> None:
        """Enter or change a partner."""
        self.exchange.partners.apply(self.operator, as_toml(name, partner))

    def partner(self, name: str) -> Standing:
        return self.exchange.partners.one(name)

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table, oldest first."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(table.__table__).order_by(table.id)))

    def deliveries(self) -> list[Any]:
        return self.rows(DeliveryRow)

    def removals(self) -> list[Any]:
        return self.rows(RemovalRow)

    def receipts(self) -> list[Any]:
        return self.rows(ReceiptRow)

    def ledger(self, name: str) -> list[Entry]:
        """The ledger of a partner, oldest first."""
        return search(self.engine, self.partner(name).id, Question(), 1000)[::-1]

    def events(self, name: str) -> list[str]:
        return [f"{'>' if each.outgoing else '<'}{each.event}" for each in self.ledger(name)]

    def public(self) -> dict[str, tuple[Any, ...]]:
        """What is public here, by record: what the templates carry."""
        records = self.register.records_between(0, self.register.last_version())
        return {
            each.id: (
                *(each.kind.name, each.name, each.subject and each.subject.uscc, each.public_until),
                {
                    name: value
                    for name, value in each.values.items()
                    if name not in ("region", "public_until")
                },
            )
            for each in records
        }

    def approve_all(self) -> None:
        """The reviewer approves whatever the desk has, and it is published."""
        from indexer.desk.submissions import State

        desk = self.exchange.settler.giver.desk
        desk.worker.work()
        for each in desk.submissions.in_states((State.SUBMITTED,)):
            desk.submissions.approve(self.reviewer, each.id, each.effect or "")
        self.wait(minutes=1)
        desk.worker.work()


def as_toml(name: str, partner: Partner) -> bytes:
    """The file of one partner, as an operator would write it."""
    listed = partner.model_dump(mode="json", exclude_none=True)
    lines = "\n".join(f"{key} = {_toml(value)}" for key, value in listed.items())
    return f"[{name}]\n{lines}\n".encode()


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


PROVINCE = Partner(
    title="示例省公共信用平台",
    level="province",
    region="32",
    way="folder",
    address="/nowhere",
    agency="示例市市场监督管理局",
    gets=("penalty", "licence", "listing", "rating"),
    every_minutes=60,
    acknowledge_hours=24,
)
"""A partner that gets everything of its province."""


@pytest.fixture
def open_office(databases: servers.Databases, tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Makes offices, each over a database of its own."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def build(name: str, backend: str = "sqlite", clock: FixedClock | None = None) -> Office:
            url = stack.enter_context(databases.fresh(backend))
            folder = tmp_path / name
            folder.mkdir()
            settings = Settings(
                data=folder / "var",
                database_url=url,
                base_url=f"https://{name}.example.cn",
                secret_key="a key for this test",
            )
            clock, engine = clock or FixedClock(START), connect(url)
            stack.callback(engine.dispose)
            accounts = Accounts(engine, clock, settings)
            with acting(engine, clock, Caller()) as act:
                people = [
                    Caller(create(act, f"{who}@desk.example", f"示例{who}", None), "192.0.2.1", who)
                    for who in ("operator", "reviewer")
                ]
            return Office(folder, engine, clock, accounts, Exchange(accounts), *people)

        yield build


@pytest.fixture
def office(open_office: Callable[..., Office], backend: str) -> Office:
    """An office, on each database."""
    return open_office("city", backend)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A folder that both ends reach."""
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def province(drop: Path) -> Partner:
    """A partner that is reached by the folder."""
    return PROVINCE.model_copy(update={"address": str(drop)})


@dataclass
class Pair:
    """Two offices that exchange by one folder; what one puts out is what the other finds."""

    city: Office
    province: Office

    def minute(self) -> None:
        """Both do their minute's work: the city, the province, and the city once more for the answers."""
        for office in (self.city, self.province, self.city):
            office.exchange.run()
        self.city.wait(minutes=1)


@pytest.fixture
def pair(open_office: Callable[..., Office], tmp_path: Path, backend: str) -> Pair:
    """A city that sends and a province that trusts it."""
    clock = FixedClock(START)
    city, province = open_office("city", backend, clock), open_office("province", backend, clock)
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here / "from-zhixin", here / "to-zhixin", there):
        folder.mkdir(parents=True)
    (there / "to-zhixin").symlink_to(here / "from-zhixin")
    (there / "from-zhixin").symlink_to(here / "to-zhixin")
    city.enter("province", PROVINCE.model_copy(update={"address": str(here), "every_minutes": 1}))
    sender = Partner(
        title="示例市",
        level="city",
        region="32",
        way="folder",
        address=str(there),
        sends=("penalty", "licence", "listing", "rating"),
        trusted=True,
    )
    province.enter("city", sender)
    return Pair(city, province)

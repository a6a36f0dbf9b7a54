"""Invented documents, and an index over them in each engine."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import product
from uuid import uuid4

import pytest

from indexer.search.documents import Document
from indexer.search.elastic.connection import Address
from indexer.search.elastic.engine import ElasticEngine
from indexer.search.elastic.index import Layout
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.search.protocol import SearchEngine, Writer

PLACES = ("苏州", "南京", "无锡", "常州")
TRADES = ("检测", "认证", "电梯", "食品", "纺织", "仪器", "化工", "物流")
FORMS = ("有限公司", "厂", "股份有限公司")
STATUSES = ("valid", "expired", "revoked")


def invented() -> Iterator[Document]:
    """192 invented enterprises and two certificates for every fourth, a few special ones."""
    for number, (place, mark, trade, form) in enumerate(product(PLACES, ("甲", "乙"), TRADES, FORMS)):
        code = f"91329900MA{number:07d}X"
        name = f"{place}示例{mark}{trade}{form}"
        dated = date(2010 + number % 12, 1 + number % 12, 1 + number % 28) if number % 10 else None
        yield Document(
            id=f"{number:04x}e",
            version=number % 7,
            kind="enterprise",
            subject=code,
            codes=(code, code[8:17]),
            name=name,
            former_names=(f"{place}示例旧{mark}{trade}{form}",) if number % 5 == 0 else (),
            region=place,
            status="registered",
            year=dated.year if dated else None,
            dated=dated,
            text=f"从事{trade}设备的研发，兼营第{number}号产品。" if number % 3 else "",
        )
        for copy in range(2 if number % 4 == 0 else 0):
            yield Document(
                id=f"{number:04x}c{copy}",
                version=1,
                kind="certificate",
                subject=code,
                codes=(f"0{number:04d}Q1{copy}286R0S/{copy + 1}", code),
                name=name,
                title="质量管理体系认证证书",
                issuer="示例质信认证有限公司" if copy else "示例标准认证中心",
                region=place,
                status=STATUSES[number % 3],
                year=2020 + copy,
                dated=date(2020 + copy, 1, 1),
            )


@pytest.fixture(scope="session")
def documents() -> list[Document]:
    return list(invented())


NewEngine = Callable[[], SearchEngine]


@pytest.fixture(scope="session", params=["embedded", "elasticsearch"])
def new_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewEngine:
    """Makes engines without an index, of each sort in turn."""

    def embedded() -> SearchEngine:
        return EmbeddedEngine(tmp_path_factory.mktemp("index"))

    def elasticsearch() -> SearchEngine:
        url = request.getfixturevalue("elasticsearch_url")
        return ElasticEngine(Address((url,), timeout=30), Layout(f"test-{uuid4().hex}"))

    return embedded if request.param == "embedded" else elasticsearch


@pytest.fixture(scope="session")
def engine(documents: list[Document], new_engine: NewEngine) -> SearchEngine:
    """An engine that nobody writes to."""
    engine = new_engine()
    with engine.rebuild() as writer:
        assert writer.put(writer.prepare(documents, 1)) == len(documents)
    return engine


def put(writer: Writer, documents: Iterable[Document], at: int = 1) -> None:
    """Write documents as of a place in the queue."""
    writer.put(writer.prepare(documents, at))

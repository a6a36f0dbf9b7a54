"""A check of many answers for each bidder what the questions by themselves answer: the credit file and its restriction status."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import InvalidParameter, NotFound
from indexer.register.database import connect
from indexer.register.withdrawing import withdraw
from indexer.search.embedded.engine import EmbeddedEngine
from portal.checks.model import Bidder, BidderResult
from portal.credit import open_file
from portal.restrictions.evaluate import DomainStatus
from portal.restrictions.status import domains
from tests import servers
from tests.checks.conftest import RULES, Office
from tests.register.conftest import START, Desk, row, uscc

FIRMS = 30
SCHEMES = ["失信被执行人", "重大税收违法失信主体", "政府采购严重违法失信行为记录名单", "严重违法失信名单"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def busy(
    request: pytest.FixtureRequest, databases: servers.Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """An office whose register was written in a dozen batches: entries, fines, renamings, corrections, a withdrawal."""
    with databases.fresh(request.param) as url:
        engine = connect(url)
        office = Office(Desk(engine), EmbeddedEngine(Path(tmp_path_factory.mktemp("busy"))))
        _fill(office.desk, Random(6))
        yield office
        engine.dispose()


def _fill(desk: Desk, random: Random) -> None:
    names = [f"示例{number}号有限公司" for number in range(FIRMS)]
    desk.publish("enterprise", [row(n, name, _code(n)) for n, name in enumerate(names)])
    for batch in range(8):
        chosen = random.sample(range(FIRMS), 12)
        listed = [_listing(random, n, names[n], batch % 3) for n in chosen]
        assert desk.publish("listing", listed) == []
        desk.publish("penalty", [_penalty(random, n, names[n], batch) for n in chosen[:6]])
        renamed = chosen[0]
        names[renamed] = f"示例{renamed}号第{batch}名有限公司"
        desk.publish("enterprise", [row(renamed, names[renamed], _code(renamed))])
        if batch == 5:
            withdraw(desk.engine, desk.clock, desk.register.version().number - 2, "示例错误")


def _code(number: int) -> str:
    """Every fifth has an old registration number only."""
    return f"32050000000{number:02d}" if number % 5 == 4 else uscc(number)


def _listing(random: Random, number: int, name: str, document: int) -> Any:
    listed = date(2023, 3, 1) + timedelta(days=random.randrange(1000))
    values: Any = {
        "list": "black",
        "scheme": random.choice(SCHEMES),
        "document_number": f"示例〔2026〕{number}-{document}号",
        "listed_on": listed.isoformat(),
        "status": "listed",
        "subject_kind": "organisation",
        "authority": "示例机关",
    }
    if random.random() < 0.3:
        values |= {"status": "removed", "removed_on": (listed + timedelta(days=90)).isoformat()}
    return row(number, name, _code(number), **values)


def _penalty(random: Random, number: int, name: str, batch: int) -> Any:
    fine: Any = {"value": f"{random.choice([5, 150, 250])}0000.00", "currency": "CNY"}
    return row(
        number,
        name,
        _code(number),
        document_number=f"示例罚〔2026〕{number}-{batch}号",
        authority="示例机关",
        decided_on=(date(2023, 6, 1) + timedelta(days=random.randrange(900))).isoformat(),
        cause="示例案由",
        kinds=random.choice(["罚款", "罚款、责令停产停业"]),
        fine=fine,
        subject_kind="organisation",
    )


def plain(statuses: Iterable[DomainStatus]) -> list[Any]:
    """Statuses as they can be compared: facts answer questions too, which are equal to nothing."""
    return [
        (
            each.code,
            each.status,
            each.until,
            each.next_change,
            [replace(cause, facts=()) for cause in each.because],
        )
        for each in statuses
    ]


def alone(office: Office, code: str, as_of: date, known_at: datetime | None) -> Any:
    """What a single question answers: code, name and status, or that nobody is taken."""
    try:
        file = open_file(office.desk.register, code, as_of, known_at)
    except (NotFound, InvalidParameter):
        return None
    return file.subject.code, file.subject.name, plain(domains(file.records, RULES, as_of))


def told(result: BidderResult) -> Any:
    if result.match.code is None:
        return None
    assert result.match.certainty == "exact"
    return result.match.code, result.match.name, plain(result.domains)


written = st.one_of(
    st.integers(0, FIRMS + 3).map(_code),
    st.integers(0, FIRMS + 3).map(lambda n: uscc(n)[8:16] + "-" + uscc(n)[16]),
    st.integers(0, FIRMS + 3).map(lambda n: f" {_code(n).lower()} "),
    st.sampled_from(["见附件", "91329900", uscc(1)[:17] + "Z"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    codes=st.lists(written, min_size=1, max_size=40),
    days_back=st.integers(0, 1100),
    hours=st.one_of(st.none(), st.integers(0, 40)),
)
def test_a_check_of_many_is_each_asked_alone(
    busy: Office, codes: list[str], days_back: int, hours: int | None
) -> None:
    as_of = busy.desk.clock.today() - timedelta(days=days_back)
    known_at = None if hours is None else min(START + timedelta(hours=hours), busy.desk.clock.now())
    result = busy.check([Bidder(row, code) for row, code in enumerate(codes, 1)], as_of, known_at)
    assert [told(each) for each in result.bidders] == [alone(busy, code, as_of, known_at) for code in codes]
    version = busy.desk.register.version(known_at)
    assert (result.basis.register_version, result.basis.recorded_at) == (version.number, version.recorded_at)


def test_the_generated_register_restricts_some_and_not_others(busy: Office) -> None:
    """Else the property above would compare nothing with nothing."""
    found = busy.check([Bidder(n, _code(n)) for n in range(FIRMS)]).bidders
    assert {each.restricted for each in found} == {True, False}
    assert len({domain.until for each in found for domain in each.domains}) > 5

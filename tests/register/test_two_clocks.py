"""Property: after any sequence of publishes, corrections and withdrawals, an as-of answer equals what was answered then,
for records that may still be seen; and today's answer equals a slow, separate account of what should stand."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.identifiers import parse_codes
from indexer.register.database import connect, migrate
from indexer.register.draft import Draft
from indexer.register.reading import Register
from indexer.register.withdrawing import AlreadyWithdrawn, withdraw
from tests.register.conftest import Desk, row, uscc

FIRM = uscc(7)
NUMBERS = ("99926Q10001R0S", "99926Q10002R0S")
DAYS = ("2026-01-10", "2026-02-10", "2026-02-28")

certificates = st.tuples(
    st.sampled_from(NUMBERS),
    st.sampled_from(("valid", "suspended", "revoked")),
    st.sampled_from((None, *DAYS)),
    st.sampled_from(("甲", "乙")),
)
penalties = st.tuples(st.sampled_from((None, "2026-02-20")), st.sampled_from(("甲", "乙")))
actions = st.lists(
    st.one_of(
        st.tuples(st.just("certificates"), st.lists(certificates, min_size=1, max_size=3)),
        st.tuples(st.just("penalty"), penalties),
        st.tuples(st.just("name"), st.sampled_from(("示例一有限公司", "示例二有限公司"))),
        st.tuples(st.just("withdraw"), st.integers(1, 8)),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clocks") / "template.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clock-runs")


def act(desk: Desk, action: str, what: Any) -> None:
    if action == "certificates":
        desk.publish("certificate", [_certificate(n + 2, *each) for n, each in enumerate(what)])
    elif action == "penalty":
        repaired, text = what
        values: Any = {"document_number": "示例罚〔2026〕1号", "kinds": "罚款、没收违法所得", "content": text}
        values |= {"decided_on": "2026-01-15", "cause": "示例案由"}
        desk.publish(
            "penalty",
            [row(2, "示例一有限公司", FIRM, **values, **({"repaired_on": repaired} if repaired else {}))],
        )
    elif action == "name":
        desk.publish("enterprise", [row(2, what, FIRM)])
    else:
        desk.clock.instant += timedelta(hours=1)
        batch = desk.register.version().number
        if 1 <= what <= batch:
            with suppress(AlreadyWithdrawn):
                withdraw(desk.engine, desk.clock, what, "示例撤回")


def _certificate(line: int, number: str, status: str, since: str | None, scope: str) -> Draft:
    values: Any = {"number": number, "issuer": "示例认证中心有限公司", "status": status, "scope": scope}
    return row(line, "示例一有限公司", FIRM, **values, **_since(since))


def _since(day: str | None) -> dict[str, Any]:
    return {"status_changed_on": day} if day else {}


def answer(register: Register, known_at: Any = None) -> dict[str, tuple[Any, ...]]:
    """All that the register says of the firm, by record."""
    return {
        record.id: (record.values, record.name, record.states, record.batch, file.subject.name)
        for file in register.credit_file(parse_codes(FIRM), known_at=known_at)
        for record in file.records
    }


def seen(register: Register) -> set[str]:
    return set(answer(register))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions)
def test_an_answer_as_known_then_is_the_answer_given_then(
    template: Path, folder: Path, steps: list[Any]
) -> None:
    path = folder / f"{uuid4().hex}.sqlite3"
    shutil.copy(template, path)
    desk = Desk(connect(f"sqlite:///{path}"))
    given_then = []
    for action, what in steps:
        act(desk, action, what)
        given_then.append((desk.clock.now(), desk.register.version().number, answer(desk.register)))
    may_see = seen(desk.register)
    for instant, version, then in given_then:
        asked_again = answer(desk.register, known_at=instant)
        assert desk.register.version(instant).number == version
        assert asked_again == {identity: said for identity, said in then.items() if identity in may_see}
    desk.engine.dispose()
    path.unlink()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions)
def test_today_stands_what_a_slow_account_of_all_batches_says(
    template: Path, folder: Path, steps: list[Any]
) -> None:
    """The oracle replays the batches that were not withdrawn, knowing nothing of versions."""
    path = folder / f"{uuid4().hex}.sqlite3"
    shutil.copy(template, path)
    desk = Desk(connect(f"sqlite:///{path}"))
    for action, what in steps:
        act(desk, action, what)
    scopes = {r.number: r.values["scope"] for r in _records(desk.register) if r.kind.name == "certificate"}
    stored = list(_stored(desk))
    expected: dict[str, str] = {}
    for number, scope, withdrawn in stored:
        if not withdrawn:
            expected[number] = scope
    assert scopes == expected
    desk.engine.dispose()
    path.unlink()


def _records(register: Register) -> list[Any]:
    return [record for file in register.credit_file(parse_codes(FIRM)) for record in file.records]


def _stored(desk: Desk) -> Iterator[tuple[str, str, bool]]:
    """Every row that an ingest stored, in order, and whether its batch was withdrawn since: plain SQL, no versions logic."""
    with desk.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT v.number, json_extract(v.payload, '$.scope'), b.withdrawn_in IS NOT NULL FROM version v "
            "JOIN batch b ON b.id = v.recorded_in WHERE v.kind = 'certificate' AND b.action = 'ingest' ORDER BY v.id"
        )
        yield from ((number, scope, bool(withdrawn)) for number, scope, withdrawn in rows)

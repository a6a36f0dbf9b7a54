"""What the register finds by itself, without any search engine: whole codes, numbers and names, public ones only, by its indexes."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from indexer.register.exact import writings
from indexer.register.withdrawing import withdraw
from tests.register.conftest import Desk, row, uscc

FIRM, OTHER = "示例甲（苏州）仪表有限公司", "示例乙仪表有限公司"
NUMBER = "99926Q00001R0S/3502"
PENALTY: dict[str, Any] = {
    "authority": "示例市市场监督管理局",
    "decided_on": "2026-01-20",
    "cause": "示例案由",
    "kinds": "罚款",
    "fine": {"value": "80000.00", "currency": "CNY"},
    "subject_kind": "organisation",
}


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A firm with two certificates, another with one."""
    certificate = {
        "category": "质量管理体系认证",
        "issuer": "示例认证中心有限公司",
        "issued_on": "2026-01-10",
    }
    desk.publish("enterprise", [row(2, FIRM, uscc(1)), row(3, OTHER, uscc(2))])
    desk.publish(
        "certificate",
        [
            row(2, FIRM, uscc(1), number=NUMBER, **certificate),
            row(3, FIRM, uscc(1), number="99926Q00002R0S", **certificate | {"issued_on": "2026-02-10"}),
            row(4, OTHER, uscc(2), number="99926Q00003R0S", **certificate),
        ],
    )
    return desk


def found(desk: Desk, asked: str, limit: int = 50) -> list[tuple[str, str | None, str | None]]:
    return [(r.kind.name, r.name, r.number) for r in desk.register.exactly(asked, limit)]


OF_FIRM = [
    ("enterprise", FIRM, None),
    ("certificate", FIRM, "99926Q00002R0S"),
    ("certificate", FIRM, NUMBER),
]


@pytest.mark.parametrize(
    "asked",
    [
        uscc(1),
        uscc(1).lower(),
        f" {uscc(1)[:8]} {uscc(1)[8:]} ",
        uscc(1)[8:17],
        f"{uscc(1)[8:16]}-{uscc(1)[16]}",
        FIRM,
        f"  {FIRM} ",
        FIRM.replace("（", "(").replace("）", ")"),
        "示例甲 （苏州） 仪表有限公司",
    ],
)
def test_a_subject_is_found_by_code_and_whole_name_itself_first_then_newest(filled: Desk, asked: str) -> None:
    assert found(filled, asked) == OF_FIRM


@pytest.mark.parametrize(
    "asked", [NUMBER, NUMBER.lower(), "９９９２６Ｑ００００１Ｒ０Ｓ／３５０２", "99926Q 00001R0S / 3502"]
)
def test_a_record_is_found_by_its_number_in_any_writing(filled: Desk, asked: str) -> None:
    assert found(filled, asked) == [("certificate", FIRM, NUMBER)]


def test_a_document_number_is_found_with_any_brackets(filled: Desk) -> None:
    filled.publish("penalty", [row(2, FIRM, uscc(1), document_number="示例市监处〔2026〕1号", **PENALTY)])
    for asked in ("示例市监处〔2026〕1号", "示例市监处[2026]1号", "示例市监处（2026）1号"):
        assert [kind for kind, _, _ in found(filled, asked)] == ["penalty"], asked


@pytest.mark.parametrize(
    "asked",
    ["示例甲", "仪表", "99926Q", uscc(3), "", " ", "（）", "%", "_", "'", "11010519491231002X", "名" * 1000],
)
def test_nothing_is_found_by_a_part_of_a_name_or_number(filled: Desk, asked: str) -> None:
    assert found(filled, asked) == []


def test_no_more_than_the_limit_is_read(filled: Desk) -> None:
    assert found(filled, FIRM, 2) == OF_FIRM[:2]


def test_two_subjects_of_one_name_are_both_found(filled: Desk) -> None:
    filled.publish("enterprise", [row(5, OTHER, uscc(7))])
    kinds = [kind for kind, _, _ in found(filled, OTHER)]
    assert kinds == ["enterprise", "enterprise", "certificate"]


def test_a_renamed_subject_is_found_by_its_name_of_now(filled: Desk) -> None:
    filled.publish("enterprise", [row(9, "示例丙仪表有限公司", uscc(2))])
    assert found(filled, OTHER) == []
    assert [kind for kind, _, _ in found(filled, "示例丙仪表有限公司")] == ["enterprise", "certificate"]


def test_what_is_not_public_is_not_found(filled: Desk) -> None:
    hidden = PENALTY | {"kinds": "警告"} | {"fine": None}
    filled.publish(
        "penalty",
        [
            row(2, FIRM, uscc(1), document_number="示例〔2026〕2号", **hidden),
            row(
                3,
                OTHER,
                uscc(2),
                document_number="示例〔2026〕3号",
                **PENALTY | {"public_until": "2026-03-10"},
            ),
        ],
    )
    assert found(filled, "示例〔2026〕2号") == []
    assert found(filled, FIRM) == OF_FIRM
    assert [kind for kind, _, _ in found(filled, "示例〔2026〕3号")] == ["penalty"]
    filled.clock.instant += timedelta(days=10)
    assert found(filled, "示例〔2026〕3号") == []
    withdraw(filled.engine, filled.clock, 1, "示例")
    assert [kind for kind, _, _ in found(filled, FIRM)] == ["certificate", "certificate"]
    withdraw(filled.engine, filled.clock, 2, "示例")
    assert found(filled, FIRM) == found(filled, uscc(1)) == found(filled, NUMBER) == []


@pytest.mark.parametrize("asked", [FIRM, NUMBER, uscc(1), uscc(1)[8:17], "示例市监处〔2026〕1号"])
def test_every_statement_goes_by_an_index(filled: Desk, backend: str, asked: str) -> None:
    plans = []
    with filled.engine.connect() as connection:
        if backend == "postgresql":
            connection.execute(
                text("SET enable_seqscan = off")
            )  # of a handful of rows it would rather read all
        run: list[tuple[str, Any]] = []

        def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            run.append((statement, parameters))

        event.listen(filled.engine, "before_cursor_execute", note)
        filled.register.exactly(asked, 50)
        event.remove(filled.engine, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if backend == "sqlite" else "EXPLAIN "
        for statement, parameters in run:
            if statement.startswith("SELECT"):
                told = connection.exec_driver_sql(explain + statement, parameters)
                plans.append("\n".join(str(line) for line in told))
    assert 2 <= len(plans) <= 6
    for plan in plans:
        assert "Seq Scan on" not in plan, plan
        for table in ("subject", "version", "batch"):
            assert f"SCAN {table}" not in plan, plan


@given(st.text(max_size=40))
def test_the_writings_of_a_name_are_few_and_hold_it_as_typed(name: str) -> None:
    made = writings(name)
    assert len(made) == len(set(made)) <= 9
    assert not name.strip() or name.strip() in made

"""What comes when: certificates that end, months of the calendar."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from indexer.clock import FixedClock
from indexer.enterprise.days import WITHIN, endings, months, outlooks
from indexer.identifiers import parse_codes
from indexer.kinds.base import Value
from indexer.register.database import connect
from indexer.register.holding import Holding, held_about
from tests import servers
from tests.register.conftest import Desk, row, uscc

CODE = uscc(1)
TODAY = date(2026, 8, 1)
Publish = Callable[..., Holding]
CERTIFICATE: dict[str, Value] = {"category": "质量管理体系认证", "issued_on": "2024-01-10"}


@pytest.fixture
def holding(databases: servers.Databases) -> Iterator[Publish]:
    """Publishes rows of a kind for one firm and gives what is held about it."""
    with databases.fresh("sqlite") as url:
        desk = Desk(connect(url), FixedClock(datetime(2026, 8, 1, 1, 0, tzinfo=UTC)))

        def publish(kind: str, *rows: dict[str, Value]) -> Holding:
            drafts = [
                row(at, "示例甲有限公司", CODE, digest=None, **values) for at, values in enumerate(rows, 2)
            ]
            assert desk.publish(kind, drafts) == []
            found = held_about(desk.register, parse_codes(CODE))
            assert found is not None
            return found

        yield publish
        desk.engine.dispose()


def test_only_what_is_in_force_and_ends_within_ninety_days_is_told(holding: Publish) -> None:
    ends = {days: (TODAY + timedelta(days=days)).isoformat() for days in (-1, 0, 30, 31, 60, 61, 90, 91)}
    rows = [CERTIFICATE | {"number": f"N{days}", "valid_until": end} for days, end in ends.items()]
    revoked = CERTIFICATE | {"number": "R", "valid_until": ends[30], "status": "revoked"}
    found = endings(holding("certificate", *rows, revoked), TODAY)
    assert [(each.days, each.within) for each in found] == [
        *((0, 30), (30, 30), (31, 60), (60, 60), (61, 90), (90, 90)),
    ]
    assert WITHIN == (30, 60, 90)


def test_a_month_holds_its_days_in_order_and_what_can_be_repaired_stands_on_today(holding: Publish) -> None:
    usual: dict[str, Value] = {"kinds": "罚款", "severity": "general", "subject_kind": "organisation"}
    held = holding(
        "penalty",
        usual | {"document_number": "一", "decided_on": "2026-04-10"},
        usual | {"document_number": "二", "decided_on": "2026-05-20"},
        usual | {"document_number": "三", "decided_on": "2026-05-01", "kinds": "警告"},
        usual | {"document_number": "四", "decided_on": "2026-01-31", "kinds": "吊销许可证件"},
        usual | {"document_number": "五", "decided_on": "2025-12-31", "public_until": "2026-08-31"},
    )
    found = outlooks(held, TODAY)
    numbers = {each.record.id: each.record.content.number for each in found if each.record.content}
    for month in months(found, TODAY):
        assert [entry.day for entry in month.entries] == sorted(entry.day for entry in month.entries)
    told = [
        (
            month.first,
            sorted(
                (entry.day.isoformat(), entry.mark, numbers[entry.outlook.record.id])
                for entry in month.entries
            ),
        )
        for month in months(found, TODAY)
    ]
    assert told == [
        (
            date(2026, 8, 1),
            [
                ("2026-08-01", "repair", "一"),
                ("2026-08-01", "repair", "五"),
                ("2026-08-21", "repair", "二"),
                ("2026-08-31", "end", "五"),
            ],
        ),
        (date(2027, 4, 1), [("2027-04-10", "end", "一")]),
        (date(2027, 5, 1), [("2027-05-20", "end", "二")]),
        (date(2029, 1, 1), [("2029-01-31", "end", "四")]),
    ]
    assert {numbers[each.record.id]: each.bar for each in found}["四"] == "unshortened"

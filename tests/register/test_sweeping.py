"""Going through all subjects gives what opening each credit file gives, in one query."""

from datetime import date, timedelta

import pytest

from indexer.identifiers import parse_codes
from indexer.register.sweeping import subject_records
from indexer.register.withdrawing import withdraw
from tests.register.conftest import Desk, row, uscc
from tests.register.statements import statements

KINDS = ("certificate", "listing", "penalty")
FIRMS = 7
DAYS = (date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 2))


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Seven firms: certificates with states that change later, a penalty that is repaired, a listing that is taken back."""
    desk.publish("enterprise", [row(n, f"示例{n}有限公司", uscc(n)) for n in range(1, FIRMS + 1)])

    def certificates(status: str, changed: str | None, of: range) -> None:
        values = {"category": "强制性产品认证", "valid_from": "2026-01-01", "valid_until": "2026-02-28"}
        values |= {"issued_on": "2026-01-01", "status": status} | (
            {"status_changed_on": changed} if changed else {}
        )
        desk.publish(
            "certificate", [row(n, f"示例{n}有限公司", uscc(n), number=f"SL{n}", **values) for n in of]
        )

    certificates("valid", None, range(1, 6))
    certificates("suspended", "2026-02-01", range(1, 3))
    usual = {"kinds": "吊销许可证件", "decided_on": "2026-01-15", "cause": "示例案由"}
    desk.publish(
        "penalty",
        [row(n, f"示例{n}有限公司", uscc(n), document_number=f"示例罚{n}号", **usual) for n in (2, 3)],
    )
    desk.publish(
        "penalty",
        [
            row(
                3,
                "示例3有限公司",
                uscc(3),
                document_number="示例罚3号",
                repaired_on="2026-02-20",
                status="in_force",
                **usual,
            )
        ],
    )
    listed = {"list": "black", "scheme": "严重违法失信名单", "listed_on": "2026-01-20", "status": "listed"}
    desk.publish("listing", [row(6, "示例6有限公司", uscc(6), document_number="示例列6号", **listed)])
    desk.clock.instant += timedelta(hours=1)
    withdraw(desk.engine, desk.clock, desk.register.version().number, "示例：报错了")
    return desk


@pytest.mark.parametrize("day", DAYS)
def test_each_subject_has_the_records_of_its_credit_file_in_the_state_of_the_day(
    filled: Desk, day: date
) -> None:
    expected = {}
    for number in range(1, FIRMS + 1):
        [file] = filled.register.credit_file(parse_codes(uscc(number)), day)
        if found := {record.id: record for record in file.records if record.kind.name in KINDS}:
            expected[file.subject.code] = found
    assert len(expected) == 5
    swept = {}
    for records in subject_records(filled.register, KINDS, day):
        assert records[0].subject is not None
        assert records[0].subject.code not in swept
        swept[records[0].subject.code] = {record.id: record for record in records}
    assert swept == expected


def test_it_takes_one_statement(filled: Desk) -> None:
    with statements(filled.engine) as seen:
        assert len(list(subject_records(filled.register, KINDS, DAYS[0]))) == 5
    assert len(seen) == 1


def test_no_kinds_are_no_subjects(filled: Desk) -> None:
    assert list(subject_records(filled.register, (), DAYS[0])) == []

"""Repair in the register: it ends publication, no file brings the record back, and only its own reversal does."""

from datetime import date

import pytest

from indexer.errors import NotFound
from indexer.identifiers import parse_codes
from indexer.kinds import kinds
from indexer.kinds.base import Value
from indexer.register.database import filing, writing
from indexer.register.publishing import publication
from indexer.register.removing import remove_within
from indexer.register.repairing import NotRepairable, set_repaired, take_back_repair
from indexer.register.withdrawing import AlreadyWithdrawn, withdraw
from tests.register.conftest import Desk, row, uscc

FIRM, CODE = "示例甲有限公司", uscc(1)
FINE: dict[str, Value] = {
    "document_number": "示例〔2026〕1号",
    "cause": "虚假宣传",
    "kinds": "罚款",
    "decided_on": "2026-02-02",
    "subject_kind": "organisation",
}


def publish(
    desk: Desk, stated: frozenset[str] | None = None, digest: str | None = None, **values: Value
) -> None:
    """A file of the source with the one penalty, which speaks of the columns `stated`."""
    with publication(desk.engine, desk.clock, "test.csv", "示例局") as batch:
        draft = row(2, FIRM, CODE, digest=digest, **(FINE | values))
        assert batch.of(kinds()["penalty"], stated).publish([draft]) == []


def public(desk: Desk) -> list[str]:
    return [record.id for file in desk.register.credit_file(parse_codes(CODE)) for record in file.records]


def repair(desk: Desk, record: str) -> int:
    with filing(desk.engine, 1) as connection:
        return set_repaired(connection, desk.clock, record, "准予修复")


@pytest.fixture
def record(desk: Desk) -> str:
    publish(desk)
    [found] = public(desk)
    return found


def test_a_repaired_record_is_public_nowhere_and_queued_for_the_index(desk: Desk, record: str) -> None:
    repair(desk, record)
    assert public(desk) == []
    assert desk.register.records([record]) == {}
    with pytest.raises(NotFound):
        desk.register.record(record)
    with pytest.raises(NotFound):
        desk.register.history(record)
    assert desk.register.counts()["penalty"] == 0


@pytest.mark.parametrize(
    ("stated", "values"),
    [
        (None, {}),
        (frozenset(FINE), {"content": "罚款八万元"}),  # a file without the column
        (frozenset({*FINE, "repaired_on", "content"}), {"content": "罚款八万元"}),  # with an empty one
        (None, {"content": "罚款八万元"}),
    ],
    ids=["the same row", "no column", "an empty column", "another row"],
)
def test_a_later_file_does_not_bring_it_back(
    desk: Desk, record: str, stated: frozenset[str] | None, values: dict[str, Value]
) -> None:
    repair(desk, record)
    publish(desk, stated, None, **values)
    assert public(desk) == []


def test_taking_back_a_later_file_does_not_bring_it_back(desk: Desk, record: str) -> None:
    repair(desk, record)
    publish(desk, content="罚款八万元")
    withdraw(desk.engine, desk.clock, desk.register.version().number, "传错了")
    assert public(desk) == []


def test_taking_back_the_file_it_came_from_does_not_bring_it_back(desk: Desk, record: str) -> None:
    first = desk.register.version().number
    repair(desk, record)
    withdraw(desk.engine, desk.clock, first, "传错了")
    assert public(desk) == []


def test_only_its_reversal_brings_it_back_and_says_why(desk: Desk, record: str) -> None:
    repair(desk, record)
    publish(desk, content="罚款八万元")
    with filing(desk.engine, 1) as connection:
        take_back_repair(connection, desk.clock, record, "材料不实，撤销修复")
    assert public(desk) == [record]
    assert desk.register.record(record).values["content"] == "罚款八万元"
    assert desk.register.record(record).source == "示例局"
    assert desk.register.history(record)[-1].reason == "材料不实，撤销修复"
    assert desk.register.record(record).public_until == date(2029, 2, 2)


def test_a_row_that_was_repaired_reads_as_unchanged_when_its_file_comes_again(desk: Desk) -> None:
    publish(desk, digest="0" * 24)
    [record] = public(desk)
    before = repair(desk, record)
    with publication(desk.engine, desk.clock, "test.csv") as batch:
        assert batch.of(kinds()["penalty"]).unchanged(["0" * 24]) == {"0" * 24}
    assert desk.register.version().number == before


def test_what_is_repaired_or_can_not_be_is_refused(desk: Desk, record: str) -> None:
    with filing(desk.engine, 1) as connection, pytest.raises(NotRepairable):
        take_back_repair(connection, desk.clock, record, "没有修复过")
    repair(desk, record)
    with pytest.raises(NotRepairable):
        repair(desk, record)
    with pytest.raises(NotFound):
        repair(desk, "0" * 24)
    desk.publish("enterprise", [row(2, FIRM, CODE)])
    with pytest.raises(NotRepairable):
        repair(desk, public(desk)[0])


def test_a_repair_that_fails_afterwards_leaves_nothing(desk: Desk, record: str) -> None:
    before = desk.register.version()
    with filing(desk.engine, 1) as connection:
        set_repaired(connection, desk.clock, record, "准予修复")
        connection.rollback()
    assert public(desk) == [record]
    assert desk.register.version() == before


def test_a_repair_is_not_withdrawn_as_files_are(desk: Desk, record: str) -> None:
    with pytest.raises(AlreadyWithdrawn, match="信用修复"):
        withdraw(desk.engine, desk.clock, repair(desk, record), "传错了")
    assert public(desk) == []


def test_a_repaired_record_that_was_removed_and_comes_again_is_still_repaired(
    desk: Desk, record: str
) -> None:
    repair(desk, record)
    with writing(desk.engine) as connection:
        remove_within(connection, desk.clock, record, "重复的记录")
    publish(desk, frozenset({*FINE, "repaired_on"}), content="罚款八万元")
    assert public(desk) == []


def test_a_day_of_repair_that_only_a_wrong_file_stated_goes_with_that_file(desk: Desk) -> None:
    publish(desk, repaired_on="2026-02-20")
    withdraw(desk.engine, desk.clock, desk.register.version().number, "传错了")
    publish(desk)
    assert len(public(desk)) == 1

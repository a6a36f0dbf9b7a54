"""Publishing: added, changed, unchanged, refused, withdrawn; whole or not at all."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from indexer.errors import NotFound
from indexer.identifiers import parse_codes, uscc_check
from indexer.kinds import kinds
from indexer.register.disclosure import PublicRecord
from indexer.register.draft import Draft
from indexer.register.models import Batch, Outbox, Subject, Version
from indexer.register.publishing import publication
from indexer.register.withdrawing import AlreadyWithdrawn, withdraw
from tests.register.conftest import Desk, row, uscc

FIRM = uscc(1)
NUMBER = "99926Q10001R0S"


def certificate(line: int = 2, status: str = "valid", number: str = NUMBER, **values: str) -> Draft:
    base: Any = {
        "number": number,
        "issuer": "示例认证中心有限公司",
        "issued_on": "2026-01-05",
        "valid_until": "2029-01-04",
    }
    return row(line, "示例钢铁有限公司", FIRM, **(base | {"status": status} | values))


def count(desk: Desk, table: type) -> int:
    with desk.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def only_record(desk: Desk) -> PublicRecord:
    (file,) = desk.register.credit_file(parse_codes(FIRM))
    (record,) = file.records
    return record


def test_a_row_becomes_a_subject_a_version_and_a_queued_record(desk: Desk) -> None:
    desk.publish("certificate", [certificate()])
    assert (count(desk, Subject), count(desk, Version), count(desk, Outbox), count(desk, Batch)) == (
        1,
        1,
        1,
        1,
    )
    record = only_record(desk)
    assert record.number == NUMBER and record.status == "valid" and record.batch == 1
    assert record.recorded_at == desk.clock.instant


def test_the_same_rows_again_leave_no_trace(desk: Desk) -> None:
    desk.publish("certificate", [certificate()])
    desk.publish("certificate", [certificate()])
    assert (count(desk, Version), count(desk, Batch)) == (1, 1)


def test_a_corrected_row_changes_exactly_that_record(desk: Desk) -> None:
    others = [certificate(line, number=f"99926Q1000{line}R0S") for line in range(3, 8)]
    desk.publish("certificate", [certificate(), *others])
    desk.publish("certificate", [certificate(scope="钢管的生产"), *others])
    assert count(desk, Version) == 7
    with desk.engine.connect() as connection:
        batch = connection.execute(
            select(Batch.added, Batch.changed, Batch.unchanged).where(Batch.id == 2)
        ).one()
    assert tuple(batch) == (0, 1, 5)


def test_rows_of_one_file_that_contradict_are_refused_with_the_line_of_the_first(desk: Desk) -> None:
    ((draft, problem),) = desk.publish("certificate", [certificate(2), certificate(9, scope="别的范围")])
    assert draft.line == 9 and "第 2 行" in problem.zh


def test_a_contradiction_is_found_across_chunks_of_the_same_file(desk: Desk) -> None:
    with publication(desk.engine, desk.clock, "x.csv") as batch:
        publisher = batch.of(kinds()["certificate"])
        assert publisher.publish([certificate(2)]) == []
        ((draft, problem),) = publisher.publish([certificate(5000, scope="别的范围")])
    assert draft.line == 5000 and "第 2 行" in problem.zh


def test_a_contradiction_is_none_the_less_one_when_the_file_comes_again(desk: Desk) -> None:
    contradicting = [certificate(2), certificate(9, scope="别的范围")]
    desk.publish("certificate", contradicting)
    ((draft, problem),) = desk.publish("certificate", contradicting)
    assert draft.line == 9 and "第 2 行" in problem.zh
    with publication(desk.engine, desk.clock, "x.csv") as batch:
        publisher = batch.of(kinds()["certificate"])
        assert publisher.publish([contradicting[0]]) == []
        ((draft, problem),) = publisher.publish([contradicting[1]])
    assert draft.line == 9 and "第 2 行" in problem.zh
    assert count(desk, Batch) == 1


def test_a_revoked_certificate_does_not_come_back_to_life(desk: Desk) -> None:
    desk.publish("certificate", [certificate(status="revoked", status_changed_on="2026-02-01")])
    ((_, problem),) = desk.publish("certificate", [certificate(status="valid")])
    assert "终结状态" in problem.zh
    assert only_record(desk).status == "revoked"


def test_a_dry_run_tells_the_differences_and_stores_nothing(desk: Desk) -> None:
    desk.publish("certificate", [certificate()])
    with publication(desk.engine, desk.clock, "x.csv", dry_run=True) as batch:
        publisher = batch.of(kinds()["certificate"])
        publisher.publish([certificate(scope="钢管的生产")])
    (difference,) = publisher.tally.differences
    assert difference.columns == {"scope": (None, "钢管的生产")}
    assert count(desk, Version) == 1


def test_an_error_in_the_middle_of_a_batch_stores_nothing(desk: Desk) -> None:
    def fail_half_way() -> None:
        with publication(desk.engine, desk.clock, "x.csv") as batch:
            batch.of(kinds()["certificate"]).publish([certificate()])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert (count(desk, Subject), count(desk, Version), count(desk, Batch)) == (0, 0, 0)


def test_a_withdrawn_batch_gives_way_to_what_stood_before(desk: Desk) -> None:
    desk.publish("certificate", [certificate()])
    new = certificate(3, number="99926Q10009R0S")
    desk.publish("certificate", [certificate(scope="写错的范围"), new])
    desk.clock.instant += timedelta(hours=1)
    tally = withdraw(desk.engine, desk.clock, 2, "文件发错")
    assert (tally.changed, tally.removed) == (1, 1)
    record = only_record(desk)
    assert "scope" not in record.values
    with pytest.raises(AlreadyWithdrawn):
        withdraw(desk.engine, desk.clock, 2, "再来一次")
    with pytest.raises(NotFound):
        withdraw(desk.engine, desk.clock, 99, "没有")
    history = desk.register.history(record.id)
    assert [entry.change for entry in history] == ["published", "changed", "restored"]
    assert history[-1].reason == "文件发错"


def test_what_a_withdrawn_batch_brought_can_be_brought_again(desk: Desk) -> None:
    desk.publish("certificate", [certificate()])
    withdraw(desk.engine, desk.clock, 1, "文件发错")
    assert desk.register.credit_file(parse_codes(FIRM)) == []
    desk.publish("certificate", [certificate()])
    assert only_record(desk).number == NUMBER


def test_the_history_of_a_withdrawn_record_tells_the_reason_and_not_what_it_said(desk: Desk) -> None:
    desk.publish("certificate", [certificate()])
    identity = only_record(desk).id
    withdraw(desk.engine, desk.clock, 1, "挂错了企业")
    history = desk.register.history(identity)
    assert [entry.change for entry in history] == ["published", "withdrawn"]
    assert history[-1].reason == "挂错了企业" and all(entry.record is None for entry in history)


def test_withdrawing_an_old_batch_leaves_what_a_later_one_says(desk: Desk) -> None:
    desk.publish("certificate", [certificate(scope="甲")])
    desk.publish("certificate", [certificate(scope="乙")])
    withdraw(desk.engine, desk.clock, 1, "旧文件有误")
    assert only_record(desk).values["scope"] == "乙"
    withdraw(desk.engine, desk.clock, 2, "新文件也有误")
    assert desk.register.credit_file(parse_codes(FIRM)) == []


def test_a_suspension_is_kept_as_an_interval(desk: Desk) -> None:
    desk.publish("certificate", [certificate()])
    desk.publish("certificate", [certificate(status="suspended", status_changed_on="2026-02-10")])
    desk.publish("certificate", [certificate(status="valid", status_changed_on="2026-03-01")])
    record = only_record(desk)
    days = [date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 28), date(2026, 3, 1)]
    assert [record.status_on(day) for day in days] == ["valid", "suspended", "suspended", "valid"]


def test_a_renamed_enterprise_is_found_by_its_code_and_keeps_its_earlier_name(desk: Desk) -> None:
    desk.publish("enterprise", [row(2, "示例旧名有限公司", FIRM)])
    desk.publish("certificate", [certificate()])
    desk.publish("enterprise", [row(2, "示例新名有限公司", FIRM, former_names="示例最早名厂")])
    (file,) = desk.register.credit_file(parse_codes(FIRM))
    assert file.subject.name == "示例新名有限公司"
    assert file.former_names == ("示例最早名厂", "示例旧名有限公司")
    with desk.engine.connect() as connection:
        queued = connection.scalars(select(Outbox.record_id)).all()
    assert len(queued) == 5  # enterprise, certificate, enterprise again, and both for the new name


def test_taking_back_a_rename_gives_the_name_back(desk: Desk) -> None:
    desk.publish("enterprise", [row(2, "示例旧名有限公司", FIRM)])
    desk.publish("enterprise", [row(2, "示例新名有限公司", FIRM)])
    withdraw(desk.engine, desk.clock, 2, "更名有误")
    (file,) = desk.register.credit_file(parse_codes(FIRM))
    assert file.subject.name == "示例旧名有限公司" and file.former_names == ()


def test_an_organisation_code_and_a_unified_code_meet_in_one_subject(desk: Desk) -> None:
    desk.publish("certificate", [row(2, "示例钢铁有限公司", FIRM[8:17], number=NUMBER, status="valid")])
    desk.publish("enterprise", [row(2, "示例钢铁有限公司", FIRM)])
    assert count(desk, Subject) == 1
    for code in (FIRM, FIRM[8:17], FIRM.lower(), f"{FIRM[8:16]}-{FIRM[16]}"):
        (file,) = desk.register.credit_file(parse_codes(code))
        assert len(file.records) == 2


def test_an_organisation_code_of_two_subjects_is_refused_not_guessed(desk: Desk) -> None:
    other = "92" + FIRM[2:17]

    other += uscc_check(other)
    desk.publish("enterprise", [row(2, "示例甲有限公司", FIRM), row(3, "示例乙经营部", other)])
    ((_, problem),) = desk.publish(
        "certificate", [row(2, "示例甲有限公司", FIRM[8:17], number=NUMBER, status="valid")]
    )
    assert FIRM in problem.zh and other in problem.zh
    assert len(desk.register.subjects(parse_codes(FIRM[8:17]))) == 2


def test_a_record_without_code_belongs_to_nobody_and_is_still_verified_by_number(desk: Desk) -> None:
    desk.publish("certificate", [row(2, "示例电器有限公司", None, number=NUMBER, status="valid")])
    assert count(desk, Subject) == 0
    records, _ = desk.register.by_number([NUMBER])
    assert records[0].name == "示例电器有限公司" and records[0].subject is None


def test_the_number_of_queries_does_not_grow_with_the_rows(desk: Desk) -> None:
    seen: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))

    def queries(rows: int, start: int) -> int:
        seen.clear()
        drafts = [row(n, f"示例{n}号有限公司", uscc(n)) for n in range(start, start + rows)]
        drafts += [row(n, f"示例旧{n}号厂", f"{n:013d}") for n in range(start, start + rows)]
        desk.publish("enterprise", drafts)
        return len(seen)

    queries(2, 10)
    assert queries(5, 100) == queries(500, 1000)


def test_a_file_that_does_not_speak_of_a_column_leaves_it_as_it_was(desk: Desk) -> None:
    desk.publish(
        "certificate", [certificate(status="suspended", status_changed_on="2026-02-01", scope="钢管的生产")]
    )
    short = row(2, "示例钢铁有限公司", FIRM, number=NUMBER, valid_until="2029-06-30")
    with publication(desk.engine, desk.clock, "short.csv") as batch:
        publisher = batch.of(kinds()["certificate"], frozenset({"uscc", "name", "number", "valid_until"}))
        publisher.publish([short])
    record = only_record(desk)
    assert (record.status, record.values["scope"], record.values["valid_until"]) == (
        "suspended",
        "钢管的生产",
        "2029-06-30",
    )


def test_a_file_that_leaves_a_cell_of_a_column_empty_empties_it(desk: Desk) -> None:
    desk.publish("certificate", [certificate(scope="钢管的生产")])
    desk.publish("certificate", [certificate()])
    assert "scope" not in only_record(desk).values

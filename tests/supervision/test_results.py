"""Results: entered by form or file with the checks of any row, published by another as one batch; failures wait for their treatment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from indexer.accounts.audit import Act, Question, search
from indexer.accounts.people import Conflict
from indexer.errors import InvalidParameter, NotFound
from indexer.identifiers import parse_codes
from indexer.register.disclosure import PublicRecord
from indexer.supervision.plans import ENTERED, PUBLISHED
from indexer.supervision.results import FORM, Entered, Inspected, RowsRefused
from tests.register.conftest import uscc
from tests.register.statements import statements
from tests.supervision.conftest import AGENCY, Bureau


@pytest.fixture
def town(bureau: Bureau) -> Bureau:
    """Six enterprises and two inspectors."""
    bureau.firms(*range(1, 7))
    bureau.refresh()
    bureau.inspectors("T1", "T2")
    return bureau


def tasks(bureau: Bureau, plan: int) -> dict[str, Inspected]:
    return {task.code: task for task in bureau.supervision.results.of(plan)}


def good(bureau: Bureau, **values: object) -> Entered:
    kept: dict[str, object] = {
        "result": "未发现问题",
        "failed": False,
        "failed_items": "",
        "inspected_on": bureau.today,
    }
    return Entered(**kept | values)  # type: ignore[arg-type]


def records(bureau: Bureau, number: int) -> list[PublicRecord]:
    [file] = bureau.desk.register.credit_file(parse_codes(uscc(number)))
    return [each for each in file.records if each.kind.name == "inspection"]


def test_a_result_is_public_once_another_has_published_it(town: Bureau) -> None:
    results, plan = town.supervision.results, town.plan(town.drawn(6))
    task = tasks(town, plan)[uscc(1)]
    results.enter(town.operator, task.id, good(town), task.seen)
    with pytest.raises(Conflict):
        town.supervision.releases.publish(town.operator, plan)
    assert records(town, 1) == [] and tasks(town, plan)[uscc(1)].state == ENTERED
    assert town.supervision.releases.publish(town.reviewer, plan) == 1
    [record] = records(town, 1)
    assert record.values["result"] == "未发现问题" and record.values["authority"] == AGENCY
    assert (record.values["kind"], record.values["plan"]) == ("双随机检查", "示例抽查计划")
    assert tasks(town, plan)[uscc(1)].batch == record.batch
    with pytest.raises(Conflict):
        town.supervision.releases.publish(town.reviewer, plan)
    [entry] = search(town.desk.engine, Question(act=Act.RESULTS_PUBLISHED), 5)
    assert entry.after == f"1 in batch {record.batch}"


def test_a_failure_waits_for_its_treatment_and_both_are_public(town: Bureau) -> None:
    results, plan = town.supervision.results, town.plan(town.drawn(6))
    task = tasks(town, plan)[uscc(2)]
    failed = good(town, result="不合格", failed=True, failed_items="绝缘电阻", inspected_on=date(2026, 3, 2))
    results.enter(town.operator, task.id, failed, task.seen)
    town.supervision.releases.publish(town.reviewer, plan)
    [due] = results.due()
    assert (due.code, due.follow_up_due) == (uscc(2), date(2026, 5, 6))  # sixty days end on 1 May, a holiday
    assert [each.code for each in results.due([AGENCY])] == [uscc(2)] and results.due(["示例别局"]) == []
    treated = Entered("不合格", True, "绝缘电阻", date(2026, 3, 2), "已责令改正，复查合格")
    results.enter(town.operator, task.id, treated, due.seen)
    assert results.due() == []
    town.supervision.releases.publish(town.reviewer, plan)
    [record] = records(town, 2)
    assert record.values["follow_up"] == "已责令改正，复查合格"
    assert len(town.desk.register.history(record.id)) == 2


def test_a_published_day_of_inspection_is_not_changed(town: Bureau) -> None:
    results, plan = town.supervision.results, town.plan(town.drawn(6))
    town.wait(days=3)
    task = tasks(town, plan)[uscc(1)]
    results.enter(town.operator, task.id, good(town), task.seen)
    town.supervision.releases.publish(town.reviewer, plan)
    now = tasks(town, plan)[uscc(1)]
    with pytest.raises(InvalidParameter) as refused:
        results.enter(
            town.operator, now.id, good(town, inspected_on=town.today - timedelta(days=1)), now.seen
        )
    assert refused.value.where == "inspected_on"


def test_a_result_is_checked_as_a_row_of_a_file(town: Bureau) -> None:
    results, plan = town.supervision.results, town.plan(town.drawn(6))
    task = tasks(town, plan)[uscc(1)]
    for wrong, where in (
        ({"result": " "}, "result"),
        ({"result": "x" * 3000}, "result"),
        ({"result": "a\x00b"}, "result"),
        ({"inspected_on": town.today + timedelta(days=1)}, "inspected_on"),
        ({"inspected_on": town.today - timedelta(days=1)}, "inspected_on"),
        ({"failed_items": "y" * 3000}, "failed_items"),
    ):
        with pytest.raises(InvalidParameter) as refused:
            results.enter(town.operator, task.id, good(town, **wrong), task.seen)
        assert refused.value.where == where, wrong
    with pytest.raises(NotFound):
        results.enter(town.operator, task.id + 999, good(town), "")


def test_nobody_writes_over_what_another_has_just_entered(town: Bureau) -> None:
    results, plan = town.supervision.results, town.plan(town.drawn(6))
    task = tasks(town, plan)[uscc(1)]

    def enter(number: int) -> str:
        try:
            results.enter(town.operator, task.id, good(town, result=f"示例结果{number}"), task.seen)
        except Conflict:
            return "late"
        return "entered"

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(enter, range(4))) == ["entered", "late", "late", "late"]


def test_of_two_who_publish_at_once_one_makes_a_batch(town: Bureau) -> None:
    results, plan = town.supervision.results, town.plan(town.drawn(6))
    for task in tasks(town, plan).values():
        results.enter(town.operator, task.id, good(town), task.seen)

    def publish(_: int) -> int:
        try:
            return town.supervision.releases.publish(town.reviewer, plan)
        except Conflict:
            return 0

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(publish, range(3))) == [0, 0, 6]
    assert len({tasks(town, plan)[uscc(n)].batch for n in range(1, 7)}) == 1
    assert all(len(records(town, n)) == 1 for n in range(1, 7))


def csv(*rows: tuple[str, ...]) -> bytes:
    return "\r\n".join(",".join(cells) for cells in (FORM, *rows)).encode("utf-8-sig")


def test_a_file_enters_all_rows_or_none_and_passes_over_what_is_not_done(town: Bureau) -> None:
    results, plan = town.supervision.results, town.plan(town.drawn(5))
    [first, second, third, *_] = results.of(plan)
    day = town.today.isoformat()
    fine = (first.code, first.name, "未发现问题", "否", "", day, "")
    bad = (second.code, second.name, "不合格", "是", "标识", day, "")
    not_yet = (third.code, third.name, "", "", "", "", "")
    outside = next(uscc(n) for n in range(1, 7) if uscc(n) not in tasks(town, plan))
    for wrong in (
        (outside, "示例外有限公司", "未发现问题", "否", "", day, ""),
        (second.code, second.name, "", "否", "", day, ""),
        (second.code, second.name, "不合格", "也许", "", day, ""),
        (second.code, second.name, "不合格", "是", "", "", ""),
        fine,
    ):
        with pytest.raises(RowsRefused) as refused:
            results.enter_file(town.operator, plan, csv(fine, wrong), "结果.csv")
        assert [line for line, _why in refused.value.rows] == [3], wrong
    assert {task.state for task in tasks(town, plan).values()} == {"open"}
    assert results.enter_file(town.operator, plan, csv(fine, bad, not_yet), "结果.csv") == 2
    assert results.enter_file(town.operator, plan, csv(fine, bad, not_yet), "结果.csv") == 0
    assert [each.code for each in results.due()] == [second.code]
    assert town.supervision.releases.publish(town.reviewer, plan) == 2
    assert tasks(town, plan)[second.code].state == PUBLISHED


def test_entering_by_file_costs_the_same_however_many_rows_there_are(town: Bureau) -> None:
    town.firms(*range(10, 70))
    town.refresh()
    results, plan = town.supervision.results, town.plan(town.drawn(60))
    day = town.today.isoformat()
    rows = [(task.code, task.name, "未发现问题", "否", "", day, "") for task in results.of(plan, limit=100)]
    with statements(town.desk.engine) as few:
        assert results.enter_file(town.operator, plan, csv(*rows[:2]), "a.csv") == 2
    with statements(town.desk.engine) as many:
        assert results.enter_file(town.operator, plan, csv(*rows), "a.csv") == 58
    assert len(many) == len(few)
    with statements(town.desk.engine) as published:
        assert town.supervision.releases.publish(town.reviewer, plan) == 60
    assert len(published) < 40

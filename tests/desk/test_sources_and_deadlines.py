"""What two sources say differently, what was published late, and failures that nothing followed."""

from datetime import date, timedelta

import pytest

from indexer.accounts.people import Conflict
from indexer.desk.corrections import stated
from indexer.errors import InvalidParameter
from indexer.register.conflicts import Contradiction, contradictions
from indexer.register.followups import failed_inspections, open_follow_ups
from indexer.register.handling import held, held_in
from indexer.register.timeliness import late_records, punctuality
from tests.desk.conftest import Bureau, certificate, csv
from tests.register.conftest import uscc


def conflicts(
    bureau: Bureau, days: int = 30, below: int | None = None, limit: int = 20
) -> list[Contradiction]:
    since = bureau.clock.now() - timedelta(days=days)
    settled = bureau.desk.settlements.since(since)
    return contradictions(
        bureau.register.engine, since, timedelta(days=days), settled, below, limit
    ).contradictions


def test_two_sources_that_differ_stand_side_by_side(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1), certificate(2)), "a.csv", source="示例甲局")
    bureau.published(csv(certificate(1, status="暂停"), certificate(2)), "b.csv", source="示例乙局")
    [one] = conflicts(bureau)
    assert (one.earlier.source, one.later.source) == ("示例甲局", "示例乙局")
    assert one.columns == ("status",)
    assert (one.earlier.values["status"], one.later.values["status"]) == ("valid", "suspended")
    assert (one.subject, one.earlier.batch, one.later.batch) == (uscc(1), 1, 2)


@pytest.mark.parametrize(
    ("first", "second"), [("示例甲局", "示例甲局"), ("", "示例乙局"), ("示例甲局", ""), ("", "")]
)
def test_one_source_that_changes_its_mind_and_one_without_a_name_contradict_nobody(
    bureau: Bureau, first: str, second: str
) -> None:
    bureau.published(csv(certificate(1)), "a.csv", source=first)
    bureau.published(csv(certificate(1, status="暂停")), "b.csv", source=second)
    assert conflicts(bureau) == []


def test_what_a_row_names_as_its_source_goes_before_what_is_said_of_the_file(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1, source="示例甲局")), "a.csv", source="示例省局")
    bureau.published(csv(certificate(1, source="示例乙局", status="暂停")), "b.csv", source="示例省局")
    assert [(each.earlier.source, each.later.source) for each in conflicts(bureau)] == [
        ("示例甲局", "示例乙局")
    ]


def test_an_old_statement_is_no_contradiction(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1)), "a.csv", source="示例甲局")
    bureau.wait(days=60)
    bureau.published(csv(certificate(1, status="暂停")), "b.csv", source="示例乙局")
    assert conflicts(bureau, days=30) == []
    assert len(conflicts(bureau, days=90)) == 1
    bureau.wait(days=120)
    assert conflicts(bureau, days=90) == []


def test_a_correction_says_which_source_stands_and_ends_the_contradiction(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1)), "a.csv", source="示例甲局")
    bureau.published(csv(certificate(1, status="暂停")), "b.csv", source="示例乙局")
    [one] = conflicts(bureau)
    now = held(bureau.register.engine, one.record, bureau.clock.today())
    then = held_in(bureau.register.engine, one.record, one.earlier.batch, bureau.clock.today())
    made = bureau.previewed(bureau.desk.correct(bureau.operator, now, stated(then), "经核实甲局正确"))
    bureau.finish(bureau.hand_in(made))
    assert bureau.register.record(one.record).status == "valid"
    assert bureau.register.history(one.record)[-1].reason == "经核实甲局正确"
    assert conflicts(bureau) == []


def test_what_is_left_as_it_stands_is_listed_no_more_and_only_once_settled(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1)), "a.csv", source="示例甲局")
    bureau.published(csv(certificate(1, status="暂停")), "b.csv", source="示例乙局")
    [one] = conflicts(bureau)
    with pytest.raises(InvalidParameter):
        bureau.desk.settlements.settle(bureau.operator, one.record, one.later.batch, " ")
    bureau.desk.settlements.settle(bureau.operator, one.record, one.later.batch, "乙局是发证机构")
    assert conflicts(bureau) == []
    with pytest.raises(Conflict):
        bureau.desk.settlements.settle(bureau.operator, one.record, one.later.batch, "又一次")
    bureau.published(csv(certificate(1)), "c.csv", source="示例甲局")  # it says so again
    assert len(conflicts(bureau)) == 1


def test_contradictions_come_page_by_page(bureau: Bureau) -> None:
    bureau.published(csv(*(certificate(n) for n in range(1, 6))), "a.csv", source="示例甲局")
    bureau.published(csv(*(certificate(n, status="暂停") for n in range(1, 6))), "b.csv", source="示例乙局")
    since, span = bureau.clock.now() - timedelta(days=30), timedelta(days=30)
    below, seen = None, []
    for _ in range(3):
        page = contradictions(bureau.register.engine, since, span, (), below, 2)
        seen += [each.record for each in page.contradictions]
        below = page.next_below
    assert len(seen) == len(set(seen)) == 5
    assert below is None


PENALTIES = "统一社会信用代码,企业名称,处罚决定书文号,案由,处罚种类,处罚机关,处罚日期"
LICENCES = "统一社会信用代码,企业名称,许可证编号,许可类别,许可机关,发证日期"


def table(head: str, *rows: str) -> bytes:
    return "\n".join((head, *rows, "")).encode()


def penalty(number: int, decided_on: str, agency: str = "示例市局") -> str:
    return f"{uscc(number)},示例第{number}有限公司,示市监罚〔2026〕{number}号,生产不合格产品,责令停产停业,{agency},{decided_on}"


def test_a_penalty_is_late_from_the_eighth_work_day_on(bureau: Bureau) -> None:
    # Published on Monday 2026-03-02. Spring Festival: 15 to 23 February are off, the Saturdays 14 and 28 are worked.
    bureau.published(
        table(PENALTIES, penalty(1, "2026-02-13"), penalty(2, "2026-02-12"), penalty(3, "2026-02-25")),
        "p.csv",
    )
    [told] = punctuality(bureau.register.engine, date(2026, 3, 1), date(2026, 3, 31))
    assert (told.kind, told.agency, told.published, told.late, told.latest_by) == (
        "penalty",
        "示例市局",
        3,
        1,
        2,
    )
    [late] = late_records(bureau.register.engine, date(2026, 3, 1), date(2026, 3, 31), "penalty", "示例市局")
    assert (late.name, late.due.date) == ("示例第2有限公司", date(2026, 2, 28))


def test_late_ones_are_counted_by_kind_and_agency_and_listed_with_their_days(bureau: Bureau) -> None:
    bureau.published(
        table(
            PENALTIES,
            penalty(1, "2026-01-05"),
            penalty(2, "2026-01-05", "示例县局"),
            penalty(3, "2026-02-27", "示例县局"),
        ),
        "p.csv",
    )
    bureau.published(
        table(LICENCES, f"{uscc(4)},示例第4有限公司,苏XK12-345-67890,生产许可,示例省局,2025-12-01"), "l.csv"
    )
    told = {
        (each.kind, each.agency): (each.published, each.late)
        for each in punctuality(bureau.register.engine, date(2026, 3, 2), date(2026, 3, 2))
    }
    assert told == {
        ("penalty", "示例市局"): (1, 1),
        ("penalty", "示例县局"): (2, 1),
        ("licence", "示例省局"): (1, 1),
    }
    [one] = late_records(bureau.register.engine, date(2026, 3, 2), date(2026, 3, 2), "penalty", "示例县局")
    assert (one.decided_on, one.due.date, one.published_on) == (
        date(2026, 1, 5),
        date(2026, 1, 14),
        date(2026, 3, 2),
    )
    assert punctuality(bureau.register.engine, date(2026, 1, 1), date(2026, 3, 1)) == []


def test_a_later_version_does_not_make_a_decision_late_and_an_undone_batch_counts_not(bureau: Bureau) -> None:
    bureau.published(table(PENALTIES, penalty(1, "2026-02-27")), "p.csv")
    bureau.wait(days=40)
    bureau.published(table(PENALTIES, penalty(1, "2026-02-27", "示例省局")), "q.csv")
    span = (date(2026, 3, 1), date(2026, 5, 31))
    assert [(each.published, each.late) for each in punctuality(bureau.register.engine, *span)] == [(1, 0)]
    for batch in (2, 1):
        made = bureau.previewed(bureau.desk.undo(bureau.operator, batch, "", "错"))
        bureau.finish(bureau.hand_in(made))
    assert punctuality(bureau.register.engine, *span) == []


def test_late_ones_come_page_by_page_over_several_batches(bureau: Bureau) -> None:
    for start in (1, 4):
        rows = [penalty(n, "2026-01-05") for n in range(start, start + 3)]
        bureau.published(table(PENALTIES, *rows), f"{start}.csv")
    below, seen = None, []
    for _ in range(3):
        page = late_records(
            *(bureau.register.engine, date(2026, 3, 1), date(2026, 3, 31), "penalty", "示例市局"),
            below=below,
            limit=2,
        )
        seen += [each.record for each in page]
        below = page[-1].version
    assert len(seen) == len(set(seen)) == 6


INSPECTIONS = (
    "统一社会信用代码,企业名称,抽查计划,检查类型,检查事项,检查结果,不合格项目,检查机关,检查日期,后处理结果"
)


def inspection(number: int, result: str, day: str, follow_up: str = "", failed: str = "") -> str:
    return f"{uscc(number)},示例第{number}有限公司,2026年计划,监督抽查,产品{number},{result},{failed},示例市局,{day},{follow_up}"


def test_failures_without_a_follow_up_are_listed_and_the_overdue_marked(bureau: Bureau) -> None:
    bureau.published(
        table(
            INSPECTIONS,
            inspection(1, "合格", "2025-11-03"),
            inspection(2, "不合格", "2025-11-03"),
            inspection(3, "不合格", "2026-02-02"),
            inspection(4, "不合格", "2025-11-03", "已整改，复查合格"),
            inspection(5, "见附件", "2026-02-02", failed="标志"),
        ),
        "i.csv",
    )
    today = bureau.clock.today()
    found = failed_inspections(bureau.register.engine, today, open_only=True)
    assert {(each.item, each.overdue) for each in found} == {
        ("产品2", True),
        ("产品3", False),
        ("产品5", False),
    }
    assert open_follow_ups(bureau.register.engine, today) == (3, 1)
    everything = failed_inspections(bureau.register.engine, today, open_only=False)
    assert {each.item: each.follow_up for each in everything}["产品4"] == "已整改，复查合格"
    assert len(everything) == 4
    # 60 days after 3 November is 2 January, a holiday in 2026: the next work day, 4 January, is the last
    assert {each.due.date for each in found if each.item == "产品2" and each.due} == {date(2026, 1, 4)}
    bureau.published(table(INSPECTIONS, inspection(2, "不合格", "2025-11-03", "已罚款并整改")), "j.csv")
    assert open_follow_ups(bureau.register.engine, bureau.clock.today()) == (2, 0)


@pytest.mark.parametrize(
    ("result", "failed"),
    [
        ("未发现问题", False),
        ("本次检查未发现问题。", False),
        ("未发现不符合项", False),
        ("经检验，未见不合格项目", False),
        ("无不合格项", False),
        ("合格", False),
        ("发现问题待后续处理", True),
        ("标识未发现问题，绝缘电阻不合格", True),
        ("不符合", True),
    ],
)
def test_a_result_that_says_that_nothing_was_found_is_no_failure(
    bureau: Bureau, result: str, failed: bool
) -> None:
    bureau.published(table(INSPECTIONS, inspection(1, result, "2025-11-03")), "i.csv")
    assert open_follow_ups(bureau.register.engine, bureau.clock.today()) == (int(failed), int(failed))

"""Single records corrected and taken down, batches undone: with a reason that the history shows, and by two people."""

from dataclasses import replace
from datetime import date

import pytest

from indexer.desk.corrections import correctable, stated
from indexer.desk.previews import entries
from indexer.desk.submissions import State, Submission, Waiting
from indexer.errors import InvalidParameter, NotFound
from indexer.register.handling import WholeRecord, find_held, held, versions_held
from indexer.register.withdrawing import withdraw
from indexer.rules.workdays import NO_EXTRAS
from tests.desk.conftest import Bureau, certificate, csv
from tests.register.conftest import uscc

PENALTY = "统一社会信用代码,企业名称,处罚决定书文号,案由,处罚种类,罚款金额,处罚机关,处罚日期,法定代表人证件号码,备注栏"


def penalty(number: int, fine: str = "50000", decided_on: str = "2026-02-20") -> str:
    return (
        f"{uscc(number)},示例第{number}有限公司,示市监罚〔2026〕{number}号,生产不合格产品,罚款,{fine},"
        f"示例市市场监督管理局,{decided_on},32990019800101001X,另记"
    )


def penalties(*rows: str) -> bytes:
    return "\n".join((PENALTY, *rows, "")).encode()


def found(bureau: Bureau, text: str) -> WholeRecord:
    [one] = [
        each
        for each in find_held(bureau.register.engine, text, bureau.clock.today(), 10)
        if each.kind.name != "enterprise"
    ]
    return one


def corrected(bureau: Bureau, record: WholeRecord, reason: str = "原文有误", **said: str) -> Submission:
    number = bureau.desk.correct(bureau.operator, record, stated(record) | said, reason)
    return bureau.previewed(number)


def test_a_form_left_as_it_is_changes_nothing(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1)), "a.csv")
    bureau.published(penalties(penalty(1)), "b.csv")
    for number in ("03410001Q10286R0S", "示市监罚〔2026〕1号"):
        made = corrected(bureau, found(bureau, number))
        assert (made.state, made.rows, made.unchanged) == (State.DRAFT, 1, 1), (number, made)


def test_a_correction_changes_what_it_says_and_the_history_says_why(bureau: Bureau) -> None:
    bureau.published(penalties(penalty(1)), "b.csv")
    record = found(bureau, "示市监罚〔2026〕1号")
    made = corrected(bureau, record, "罚款金额录入有误", fine="60000.5", cause="")
    [changed] = entries(bureau.desk.uploads.preview(made.stored), "changed", 1)
    assert {each.column for each in changed.differences} == {"fine", "cause"}
    done = bureau.finish(bureau.hand_in(made))
    assert (done.state, done.batch) == (State.PUBLISHED, 2)
    after = held(bureau.register.engine, record.id, bureau.clock.today())
    assert after.values["fine"] == {"value": "60000.50", "currency": "CNY"}
    assert "cause" not in after.values
    assert after.values["representative_id_number"] == record.values["representative_id_number"]  # in no form
    assert after.extra == {"备注栏": "另记"}
    assert after.id == record.id
    assert [each.reason for each in bureau.register.history(record.id)] == [None, "罚款金额录入有误"]


def test_no_form_offers_what_is_never_shown_nor_what_makes_the_record(bureau: Bureau) -> None:
    bureau.published(penalties(penalty(1)), "b.csv")
    offered = {column.name for column in correctable(found(bureau, "示市监罚〔2026〕1号"))}
    assert (
        offered & {"uscc", "document_number", "representative_id_number", "id_number", "telephone"} == set()
    )
    assert {"name", "fine", "status"} <= offered


def test_a_correction_is_checked_as_a_row_of_a_file_is(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1)), "a.csv")
    made = corrected(bureau, found(bureau, "03410001Q10286R0S"), valid_until="2019-01-01", status="nonsense")
    assert (made.rejected, made.does) == (1, 0)
    [rejects] = bureau.desk.uploads.reject_files(made.stored)
    assert "不认识" in rejects.read_text(encoding="utf-8-sig")


def test_a_correction_needs_a_reason(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1)), "a.csv")
    record = found(bureau, "03410001Q10286R0S")
    for reason in ("", "   ", "长" * 501, "a\x00b"):
        with pytest.raises(InvalidParameter):
            bureau.desk.correct(bureau.operator, record, stated(record), reason)
        with pytest.raises(InvalidParameter):
            bureau.desk.take_down(bureau.operator, record, reason)
    assert bureau.desk.uploads.folder.exists()
    assert len(list(bureau.desk.uploads.folder.iterdir())) == 1  # that of the first file


def test_no_correction_makes_another_record(bureau: Bureau) -> None:
    nobody = PENALTY + "\n,张三,示罚9号,无照经营,罚款,500,示例局,2026-02-20,,\n"
    bureau.published(nobody.encode(), "n.csv")
    bureau.published(csv(certificate(1)), "a.csv")
    person = found(bureau, "示罚9号")
    assert person.subject is None
    assert "name" not in {column.name for column in correctable(person)}
    assert corrected(bureau, person, name="李四", cause="无证经营").changed == 1
    other = replace(found(bureau, "03410001Q10286R0S"), subject=uscc(2))
    made = corrected(bureau, other)
    assert made.state == State.FAILED
    assert "另一条记录" in (made.failure_zh or "")


def test_a_record_that_is_taken_down_is_public_nowhere_and_its_history_says_why(bureau: Bureau) -> None:
    bureau.published(penalties(penalty(1), penalty(2)), "b.csv")
    record = found(bureau, "示市监罚〔2026〕1号")
    made = bureau.previewed(bureau.desk.take_down(bureau.operator, record, "原决定已撤销", date(2026, 9, 29)))
    assert (made.removed, made.does) == (1, 1)
    assert made.take_down_by(NO_EXTRAS) == date(
        2026, 10, 9
    )  # 3 work days, over the holidays of October: domain.md part 7
    assert bureau.register.record(record.id).id == record.id  # still there: nobody has approved it
    done = bureau.finish(bureau.hand_in(made))
    with pytest.raises(NotFound):
        bureau.register.record(record.id)
    assert [(each.change, each.reason) for each in bureau.register.history(record.id)] == [
        ("published", None),
        ("withdrawn", "原决定已撤销"),
    ]
    assert all(each.record is None for each in bureau.register.history(record.id))
    [second] = bureau.register.batches(1)
    assert (second.number, second.action) == (done.batch, "remove")
    again = bureau.previewed(bureau.desk.undo(bureau.operator, second.number, "", "误撤"))
    assert (again.changed, again.removed) == (0, 0)
    assert again.added == 1
    bureau.finish(bureau.hand_in(again))
    assert bureau.register.record(record.id).values["cause"] == "生产不合格产品"


def test_what_was_taken_down_and_comes_with_a_file_again_is_marked(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1)), "a.csv")
    record = found(bureau, "03410001Q10286R0S")
    bureau.finish(bureau.hand_in(bureau.previewed(bureau.desk.take_down(bureau.operator, record, "误发"))))
    made = bureau.bring(csv(certificate(1), certificate(2)), "b.csv")
    assert (made.added, made.reappearing) == (2, 1)
    back = [each.returns for each in entries(bureau.desk.uploads.preview(made.stored), "added", 1)]
    assert back == [True, False]


def test_an_undone_batch_leaves_what_stood_before(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1), certificate(2)), "a.csv")
    before = {each.id: each.values for n in (1, 2) for each in [found(bureau, f"0341000{n}Q10286R0S")]}
    second = bureau.published(csv(certificate(1, status="暂停"), certificate(3)), "b.csv")
    made = bureau.previewed(bureau.desk.undo(bureau.operator, second.batch or 0, "b.csv", "发错了文件"))
    assert (made.changed, made.removed, made.added) == (1, 1, 0)
    done = bureau.finish(bureau.hand_in(made))
    assert done.state == State.PUBLISHED
    assert {n: held(bureau.register.engine, n, bureau.clock.today()).values for n in before} == before
    assert [
        each.taken_down for each in find_held(bureau.register.engine, uscc(3), bureau.clock.today(), 10)
    ] == [True]
    assert bureau.register.batches(1)[0].withdraws == second.batch


def test_batches_that_are_undone_one_after_another_leave_nothing(bureau: Bureau) -> None:
    first = bureau.published(csv(certificate(1)), "a.csv")
    record = found(bureau, "03410001Q10286R0S")
    second = bureau.published(csv(certificate(1, status="撤销")), "b.csv")
    third = bureau.published(csv(certificate(1, status="撤销", until="2027-01-01")), "c.csv")
    told = []
    for each in (third, second, first):
        made = bureau.previewed(bureau.desk.undo(bureau.operator, each.batch or 0, each.name, "错"))
        assert made.does == 1
        bureau.finish(bureau.hand_in(made))
        held_now = held(bureau.register.engine, record.id, bureau.clock.today())
        told.append((held_now.values.get("status"), held_now.values.get("valid_until")))
        if not held_now.taken_down:
            assert bureau.register.record(record.id).status == held_now.values["status"]
    assert told == [("revoked", "2028-01-31"), ("valid", "2028-01-31"), (None, None)]


def test_what_an_undone_batch_restored_does_not_come_back_once_it_is_undone_itself(bureau: Bureau) -> None:
    first = bureau.published(csv(certificate(1)), "a.csv")
    record = found(bureau, "03410001Q10286R0S")
    second = bureau.published(csv(certificate(1, status="暂停")), "b.csv")
    undo(bureau, second)
    third = bureau.published(csv(certificate(1, until="2027-01-01")), "c.csv")
    assert bureau.previewed(bureau.desk.undo(bureau.operator, first.batch or 0, "a.csv", "错")).does == 0
    withdraw(bureau.register.engine, bureau.clock, first.batch or 0, "错")
    undo(bureau, third)
    assert held(bureau.register.engine, record.id, bureau.clock.today()).taken_down


def undo(bureau: Bureau, made: Submission) -> None:
    """Undo the batch of a submission, all the way."""
    bureau.finish(
        bureau.hand_in(bureau.previewed(bureau.desk.undo(bureau.operator, made.batch or 0, made.name, "错")))
    )


def test_a_batch_that_is_undone_meanwhile_can_not_be_undone_twice(bureau: Bureau) -> None:
    first = bureau.published(csv(certificate(1)), "a.csv")
    made = bureau.hand_in(
        bureau.previewed(bureau.desk.undo(bureau.operator, first.batch or 0, "a.csv", "错"))
    )
    withdraw(bureau.register.engine, bureau.clock, first.batch or 0, "by the command line")
    done = bureau.finish(made)
    assert (done.state, done.batch) == (State.FAILED, None)
    assert "已经撤回" in (done.failure_zh or "")


def test_a_removal_that_waits_is_not_asked_for_twice(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1)), "a.csv")
    record = found(bureau, "03410001Q10286R0S")
    first = bureau.desk.take_down(bureau.operator, record, "误发")
    with pytest.raises(Waiting) as error:
        bureau.desk.take_down(bureau.operator, record, "误发，再说一遍")
    assert error.value.submission == first
    waiting = bureau.desk.submissions.waiting_for(record.id)
    assert waiting is not None
    assert waiting.id == first


def test_a_removal_of_what_is_gone_fails(bureau: Bureau) -> None:
    first = bureau.published(csv(certificate(1)), "a.csv")
    record = found(bureau, "03410001Q10286R0S")
    undone = bureau.previewed(bureau.desk.undo(bureau.operator, first.batch or 0, "a.csv", "错"))
    bureau.finish(bureau.hand_in(undone))
    assert bureau.previewed(bureau.desk.take_down(bureau.operator, record, "误发")).state == State.FAILED
    assert [
        each.taken_down for each in versions_held(bureau.register.engine, record.id, bureau.clock.today())
    ] == [
        False,
        True,
    ]

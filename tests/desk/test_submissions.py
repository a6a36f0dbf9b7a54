"""From upload to publication: what is previewed is what is published, by two people, once."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from indexer.accounts.audit import Act, Caller, Question, search
from indexer.accounts.people import Conflict
from indexer.desk.opening import PublishingDesk
from indexer.desk.previews import entries, refused
from indexer.desk.submissions import State, Waiting
from indexer.errors import FileRefused, InvalidParameter, NotFound
from indexer.ingest import Job, ingest
from indexer.register.handling import find_held
from tests.desk.conftest import Bureau, certificate, csv
from tests.register.conftest import uscc


def batches(bureau: Bureau) -> list[int]:
    return [each.number for each in bureau.register.batches(100)]


def test_a_preview_says_what_would_happen_and_nothing_has_happened(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1), certificate(2)), "first.csv")
    before = bureau.register.version()
    made = bureau.bring(
        csv(certificate(1), certificate(2, status="暂停"), certificate(3), certificate(4, until="2024-01-01"))
    )
    assert made.state == State.DRAFT
    assert (made.added, made.changed, made.unchanged, made.rejected, made.removed) == (1, 1, 1, 1, 0)
    path = bureau.desk.uploads.preview(made.stored)
    [added], [changed] = entries(path, "added", 1), entries(path, "changed", 1)
    assert (added.line, added.subject) == (4, uscc(3))
    told = {each.column: (each.before, each.after) for each in changed.differences}
    assert changed.line == 3
    assert told == {"status": ("valid", "suspended")}
    [bad] = refused(path, 1)
    assert bad.line == 5
    assert bad.reasons
    [rejects] = bureau.desk.uploads.reject_files(made.stored)
    assert "2024-01-01" in rejects.read_text(encoding="utf-8-sig")
    assert bureau.register.version() == before
    assert find_held(bureau.register.engine, uscc(3), bureau.clock.today(), 10) == []


def test_what_is_approved_is_published_in_one_batch(bureau: Bureau) -> None:
    made = bureau.submitted(csv(certificate(1), certificate(2)), source="示例市市场监管局")
    assert made.state == State.SUBMITTED
    assert batches(bureau) == []
    done = bureau.finish(made)
    assert (done.state, done.batch) == (State.PUBLISHED, 1)
    [entry] = bureau.register.batches(10)
    assert (entry.added, entry.path, entry.source) == (2, "证书.csv", "示例市市场监管局")
    assert bureau.desk.submissions.of_batches([1])[1].id == made.id
    assert len(find_held(bureau.register.engine, uscc(1), bureau.clock.today(), 10)) == 1
    acts = [each.act for each in search(bureau.register.engine, Question(about=f"submission:{made.id}"), 10)]
    assert acts == [Act.SUBMISSION_DECIDED, Act.SUBMISSION_SUBMITTED, Act.SUBMISSION_MADE]
    [published] = search(bureau.register.engine, Question(about="batch:1"), 10)
    assert published.after == f"submission:{made.id}"


def test_the_desk_and_the_command_take_a_file_alike(bureau: Bureau) -> None:
    content = csv(certificate(1), certificate(2), certificate(3, until="2024-01-01"))
    made = bureau.bring(content)
    path = bureau.desk.uploads.folder / "same.csv"
    path.write_bytes(content)
    [report] = ingest([path], Job(bureau.register.engine, bureau.clock))
    assert (report.added, report.changed, report.rejected) == (made.added, made.changed, made.rejected)


def test_nobody_approves_what_is_his_own(bureau: Bureau) -> None:
    made = bureau.submitted(csv(certificate(1)))
    with pytest.raises(Conflict):
        bureau.desk.submissions.approve(bureau.operator, made.id, made.effect or "")
    with pytest.raises(Conflict):
        bureau.desk.submissions.send_back(bureau.operator, made.id, "no")
    assert bureau.desk.submissions.one(made.id).state == State.SUBMITTED


def test_a_draft_can_not_be_approved_and_a_published_one_not_again(bureau: Bureau) -> None:
    made = bureau.bring(csv(certificate(1)))
    with pytest.raises(Conflict):
        bureau.approve(made)
    done = bureau.finish(bureau.hand_in(made))
    with pytest.raises(Conflict):
        bureau.approve(done)
    with pytest.raises(Conflict):
        bureau.desk.submissions.send_back(bureau.second, done.id, "late")
    with pytest.raises(Conflict):
        bureau.desk.submissions.discard(bureau.operator, done.id)
    with pytest.raises(Conflict):
        bureau.desk.submissions.look_again(bureau.operator, done.id)
    with pytest.raises(NotFound):
        bureau.desk.submissions.send_back(bureau.second, 999, "none")


def test_what_is_sent_back_comes_with_a_reason_and_may_be_handed_in_again(bureau: Bureau) -> None:
    made = bureau.submitted(csv(certificate(1)))
    with pytest.raises(InvalidParameter):
        bureau.desk.submissions.send_back(bureau.reviewer, made.id, "  ")
    bureau.desk.submissions.send_back(bureau.reviewer, made.id, "来源没有写")
    back = bureau.desk.submissions.one(made.id)
    assert (back.state, back.reason, back.decider) == (State.RETURNED, "来源没有写", "示例reviewer")
    bureau.desk.submissions.submit(bureau.operator, made.id, made.effect or "", "来源是市局")
    again = bureau.desk.submissions.one(made.id)
    assert (again.state, again.note, again.reason) == (State.SUBMITTED, "来源是市局", None)


def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told(bureau: Bureau) -> None:
    made = bureau.submitted(csv(certificate(1)))

    def decide(who: Caller) -> str:
        try:
            bureau.desk.submissions.approve(who, made.id, made.effect or "")
        except Conflict:
            return "told"
        return "decided"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, (bureau.reviewer, bureau.second))) == ["decided", "told"]


def test_the_same_file_sent_twice_at_once_is_one_submission(bureau: Bureau) -> None:
    content = csv(certificate(1))

    def bring(_: int) -> int:
        try:
            return bureau.desk.bring(bureau.operator, io.BytesIO(content), "a.csv", "", "")
        except Waiting as waiting:
            return waiting.submission

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(bring, range(2)))) == 1
    assert len(list(bureau.desk.uploads.folder.iterdir())) == 1


def test_workers_at_once_publish_one_batch(bureau: Bureau) -> None:
    made = bureau.submitted(csv(certificate(1)))
    bureau.approve(made)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: bureau.desk.worker.work(), range(3)))
    assert bureau.previewed(made.id).state == State.PUBLISHED
    assert batches(bureau) == [1]


def test_a_register_that_changed_since_the_preview_is_asked_about_again(bureau: Bureau) -> None:
    first = bureau.submitted(csv(certificate(1, status="暂停")), "a.csv")
    second = bureau.submitted(csv(certificate(1), certificate(2)), "b.csv")
    bureau.finish(second)
    bureau.approve(first)  # its preview said: one new record; there is one now, so it would be changed
    again = bureau.previewed(first.id)
    assert (again.state, again.again, again.decider, again.batch) == (State.SUBMITTED, 1, None, None)
    assert (again.added, again.changed) == (0, 1)
    assert again.effect != first.effect
    assert batches(bureau) == [1]
    with pytest.raises(Conflict):  # what was seen then is not what stands there now
        bureau.desk.submissions.approve(bureau.second, first.id, first.effect or "")
    assert bureau.finish(again).state == State.PUBLISHED


def test_a_batch_that_touches_other_records_does_not_void_an_approval(bureau: Bureau) -> None:
    first = bureau.submitted(csv(certificate(1)), "a.csv")
    bureau.published(csv(certificate(2)), "b.csv")
    assert bureau.finish(first).state == State.PUBLISHED


def test_a_time_of_publication_is_kept_and_a_missed_one_caught_up(bureau: Bureau) -> None:
    at = bureau.clock.now() + timedelta(days=2)
    early, late = (
        bureau.submitted(csv(certificate(1)), "a.csv"),
        bureau.submitted(csv(certificate(2)), "b.csv"),
    )
    bureau.approve(late, at + timedelta(hours=1))
    bureau.approve(early, at)
    bureau.wait(days=1, hours=23)
    assert bureau.desk.worker.work() == 0
    assert bureau.desk.submissions.one(early.id).state == State.APPROVED
    bureau.wait(days=3)  # nobody was there at the time
    assert bureau.desk.worker.work() == 2
    assert [bureau.desk.submissions.one(each.id).batch for each in (early, late)] == [1, 2]


def test_what_is_approved_for_later_can_be_stopped(bureau: Bureau) -> None:
    made = bureau.submitted(csv(certificate(1)))
    bureau.approve(made, bureau.clock.now() + timedelta(days=1))
    bureau.desk.submissions.send_back(bureau.second, made.id, "等一等")
    bureau.wait(days=2)
    assert bureau.previewed(made.id).state == State.RETURNED
    assert batches(bureau) == []


@pytest.mark.parametrize("away", [timedelta(days=-1), timedelta(days=400)])
def test_a_time_that_is_over_or_far_away_is_refused(bureau: Bureau, away: timedelta) -> None:
    made = bureau.submitted(csv(certificate(1)))
    with pytest.raises(InvalidParameter):
        bureau.approve(made, bureau.clock.now() + away)


def test_a_kept_file_that_was_altered_is_not_published(bureau: Bureau) -> None:
    made = bureau.submitted(csv(certificate(1)))
    bureau.approve(made)
    bureau.desk.uploads.path(made.stored, made.name).write_bytes(csv(certificate(2)))
    after = bureau.previewed(made.id)
    assert after.state == State.FAILED
    assert "与提交时不同" in (after.failure_zh or "")
    assert batches(bureau) == []


def test_what_would_change_nothing_can_not_be_handed_in(bureau: Bureau) -> None:
    bureau.published(csv(certificate(1)), "a.csv")
    made = bureau.bring(csv(certificate(1)), "b.csv")
    assert (made.unchanged, made.does) == (1, 0)
    with pytest.raises(Conflict):
        bureau.hand_in(made)


def test_a_worker_that_dies_leaves_the_work_to_the_next(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = bureau.desk.bring(bureau.operator, io.BytesIO(csv(certificate(1))), "a.csv", "", "")
    dying = PublishingDesk.__new__(PublishingDesk)
    dying.__dict__ |= bureau.desk.__dict__

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(bureau.desk.uploads), "note_progress", die)
        with pytest.raises(KeyboardInterrupt):
            dying.worker.work()
    assert bureau.desk.submissions.one(number).state == State.READING
    assert bureau.previewed(number).state == State.DRAFT


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"%PDF-1.7 nothing", "a.csv", "PDF"),
        (b"<html><body>x</body></html>", "a.xlsx", "HTML"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "PNG"),
        ("甲,乙\n1,2\n".encode(), "a.csv", ""),
    ],
)
def test_what_is_no_file_of_records_fails_with_the_reason(
    bureau: Bureau, content: bytes, name: str, said: str
) -> None:
    made = bureau.bring(content, name)
    assert made.state == State.FAILED
    assert said in (made.failure_zh or "")
    assert made.failure_en


def test_an_empty_file_is_refused_and_leaves_nothing(bureau: Bureau) -> None:
    with pytest.raises(FileRefused):
        bureau.bring(b"")
    assert list(bureau.desk.uploads.folder.iterdir()) == []

"""What the approval of a repair does in the register: all of it or nothing, once, by another person, and only where the rules allow."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from indexer.accounts import audit
from indexer.accounts.audit import Act, Caller, Question, verify
from indexer.accounts.models import Letter
from indexer.accounts.people import Conflict
from indexer.accounts.roles import Role
from indexer.cases.case import Case
from indexer.cases.paths import By, Move, State
from indexer.desk.opening import PublishingDesk
from indexer.enterprise.repairs import NotReady, needs
from indexer.errors import InvalidParameter, ZhixinError
from indexer.identifiers import parse_codes
from indexer.register import database
from indexer.register.database import DatabaseBusy, writing
from indexer.register.handling import held
from indexer.register.holding import held_about
from indexer.rules.workdays import add_workdays
from tests.accounts.test_at_once import at_once
from tests.enterprise.conftest import CODE, Office


def test_the_approval_hides_the_record_with_one_batch_and_a_row_of_the_audit(office: Office) -> None:
    case, before = office.proposed(), office.desk.register.version().number
    assert office.public()
    after = office.do(case, Move.CONFIRM, By.SECOND, office.reviewer)
    assert (after.state, after.outcome) == (State.ENDED, "approved")
    assert not office.public()
    [batch] = office.desk.register.batches(1)
    assert (batch.number, batch.action, batch.changed) == (before + 1, "repair", 1)
    [noted] = audit.search(office.accounts.engine, Question(act=Act.REPAIRED), 9)
    assert (noted.about, noted.account) == (f"record:{office.record}", office.reviewer.account)
    assert verify(office.accounts.engine).wrong is None


def test_a_refusal_leaves_the_record_public(office: Office) -> None:
    office.do(office.proposed("rejected"), Move.CONFIRM, By.SECOND, office.reviewer)
    assert office.public()


def test_who_examined_does_not_approve(office: Office) -> None:
    case = office.proposed()
    with pytest.raises(Conflict):
        office.do(case, Move.CONFIRM, By.SECOND, office.operator)
    assert office.public()


def test_the_result_is_due_in_ten_work_days(office: Office) -> None:
    assert office.apply().due_on == add_workdays(office.desk.clock.today(), 10).date


def test_two_reviewers_at_once_repair_it_once(office: Office) -> None:
    case = office.proposed()

    def confirm(_: int) -> Case | ZhixinError:
        try:
            return office.do(case, Move.CONFIRM, By.SECOND, office.reviewer)
        except ZhixinError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(confirm, range(2)))
    assert sum(isinstance(each, Case) for each in found) == 1, found
    assert [batch.action for batch in office.desk.register.batches(2)] == ["repair", "ingest"]


def test_of_applications_for_one_record_at_the_same_instant_one_is_filed(office: Office) -> None:
    for _turn in range(4):
        found = at_once(lambda _n: office.apply(), 5)
        filed = [each for each in found if isinstance(each, Case)]
        assert len(filed) == 1 and found.count("conflict") == 4, found
        office.do(filed[0], Move.WITHDRAW, By.FILER, office.firm)


def test_what_has_come_in_between_stops_the_approval_and_nothing_of_it_is_stored(office: Office) -> None:
    case = office.proposed()
    office.publish(
        "declaration", kind="质量承诺", title="信用承诺书", declared_on="2026-02-01", status="withdrawn"
    )
    holding = held_about(office.desk.register, parse_codes(CODE))
    assert holding is not None and holding.promised_on is None
    with pytest.raises(NotReady) as refused:
        office.do(case, Move.CONFIRM, By.SECOND, office.reviewer)
    assert [each.need for each in refused.value.missing] == ["promise"]
    assert office.public()
    assert office.room.docket.one(case.number).state == State.PROPOSED


def test_an_application_that_lacks_something_is_not_filed(office: Office) -> None:
    office.publish("penalty", document_number="示例〔2026〕9号", kinds="罚款", decided_on="2026-02-01", cause="新",
                   subject_kind="organisation")  # fmt: skip
    holding = held_about(office.desk.register, parse_codes(CODE))
    assert holding is not None
    fresh = next(each for each in holding.records if each.content is not None and each.content.title == "新")
    with pytest.raises(NotReady) as refused:
        needs(holding, fresh, office.desk.clock.today(), office.desk.clock.today())
    assert [each.need for each in refused.value.missing] == ["period"]
    office.record = fresh.id
    with pytest.raises(NotReady):
        office.apply()
    assert office.room.docket.all_of_enterprise(CODE) == []


def test_one_application_for_a_record_is_open_at_a_time_and_one_sent_twice_is_one(office: Office) -> None:
    case = office.apply("once-of-a-form")
    assert office.apply("once-of-a-form") == case
    with pytest.raises(Conflict):
        office.apply()
    office.do(case, Move.WITHDRAW, By.FILER, office.firm)
    assert office.apply().number != case.number


def test_a_repair_is_taken_back_by_two_persons_and_the_enterprise_is_told(office: Office) -> None:
    office.do(office.proposed(), Move.CONFIRM, By.SECOND, office.reviewer)
    assert office.firm.account is not None
    office.accounts.people.grant(Caller(), office.firm.account, Role.ENTERPRISE, CODE, "command")
    desk = PublishingDesk(office.accounts)
    record = held(office.accounts.engine, office.record, office.desk.clock.today())
    for reason in ("", "x" * 501, "一\x00二"):
        with pytest.raises(InvalidParameter):
            desk.unrepair(office.operator, record, reason)
    number = desk.unrepair(office.operator, record, "材料不实")
    desk.worker.work()
    effect = desk.submissions.one(number).effect or ""
    desk.submissions.submit(office.operator, number, effect, "")
    with pytest.raises(Conflict):
        desk.submissions.approve(office.operator, number, effect)
    assert not office.public()
    desk.submissions.approve(office.reviewer, number, effect)
    office.desk.clock.instant += timedelta(hours=1)
    desk.worker.work()
    assert office.public()
    with office.accounts.engine.connect() as connection:
        told = (
            connection.execute(select(Letter.mail).where(Letter.kind == "repair-taken-back")).scalars().all()
        )
    assert told == ["firm@firm.example"]
    assert verify(office.accounts.engine).wrong is None


def test_while_a_long_file_is_taken_in_the_reviewer_is_asked_to_come_back_and_nothing_is_half_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = office.proposed()
    monkeypatch.setattr(database, "TURN_SECONDS", 1)
    monkeypatch.setattr("indexer.accounts.acting.PATIENCE", 1)
    with writing(office.accounts.engine), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(office.do, case, Move.CONFIRM, By.SECOND, office.reviewer)
        with pytest.raises(DatabaseBusy):
            waiting.result(30)
    assert office.public()
    office.desk.clock.instant += timedelta(minutes=1)
    office.do(case, Move.CONFIRM, By.SECOND, office.reviewer)
    assert not office.public()

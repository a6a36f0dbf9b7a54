"""Publishing results in the background: exactly what was asked for, once, whoever does it and however often it is begun."""

import pytest

from indexer.accounts.audit import Act, Question, search
from indexer.accounts.people import Conflict
from indexer.supervision.plans import ENTERED, PUBLISHED
from indexer.supervision.releases import Release, Releases
from indexer.supervision.results import Inspected
from tests.register.conftest import uscc
from tests.supervision.conftest import Bureau
from tests.supervision.test_results import good, records, tasks


@pytest.fixture
def entered(bureau: Bureau) -> tuple[Bureau, int]:
    """A plan of three, all entered by the operator."""
    bureau.firms(1, 2, 3)
    bureau.refresh()
    bureau.inspectors("T1", "T2")
    plan = bureau.plan(bureau.drawn(3))
    for task in tasks(bureau, plan).values():
        bureau.supervision.results.enter(bureau.operator, task.id, good(bureau), task.seen)
    return bureau, plan


def last(bureau: Bureau, plan: int) -> Release:
    return bureau.supervision.releases.of(plan)[0]


def states(bureau: Bureau, plan: int) -> list[str]:
    return [task.state for task in tasks(bureau, plan).values()]


def test_asking_publishes_nothing_and_any_process_goes_on_where_another_died(
    entered: tuple[Bureau, int],
) -> None:
    bureau, plan = entered
    releases = bureau.supervision.releases
    assert releases.ask(bureau.reviewer, plan) == 3
    assert last(bureau, plan).waits and states(bureau, plan) == [ENTERED] * 3 and records(bureau, 1) == []
    with pytest.raises(Conflict, match="正在公布"):
        releases.ask(bureau.reviewer, plan)
    assert Releases(bureau.desk.engine, bureau.desk.clock).work() == 1
    assert Releases(bureau.desk.engine, bureau.desk.clock).work() == 0
    done = last(bureau, plan)
    assert (done.state, done.results, done.asked_by) == ("published", 3, "示例reviewer")
    assert states(bureau, plan) == [PUBLISHED] * 3
    assert all(len(records(bureau, n)) == 1 and records(bureau, n)[0].batch == done.batch for n in (1, 2, 3))
    notes = search(bureau.desk.engine, Question(about=f"plan:{plan}"), 2)
    assert [note.act for note in notes] == [Act.RESULTS_PUBLISHED, Act.RESULTS_ASKED]
    assert {note.account for note in notes} == {bureau.reviewer.account}


def test_what_is_changed_after_it_was_asked_for_waits_for_the_next_time(entered: tuple[Bureau, int]) -> None:
    bureau, plan = entered
    releases = bureau.supervision.releases
    releases.ask(bureau.reviewer, plan)
    task: Inspected = tasks(bureau, plan)[uscc(2)]
    bureau.supervision.results.enter(
        bureau.operator, task.id, good(bureau, result="示例改过的结果"), task.seen
    )
    assert releases.work() == 1
    assert last(bureau, plan).results == 2
    assert sorted(states(bureau, plan)) == [ENTERED, PUBLISHED, PUBLISHED]
    assert records(bureau, 2) == []
    assert releases.publish(bureau.reviewer, plan) == 1
    [record] = records(bureau, 2)
    assert record.values["result"] == "示例改过的结果"


def test_a_publication_that_fails_says_why_and_gives_everything_back(entered: tuple[Bureau, int]) -> None:
    bureau, plan = entered
    bureau.wait(days=-2)  # the clock was wrong when the results were entered
    with pytest.raises(Conflict, match="没有接受"):
        bureau.supervision.releases.publish(bureau.reviewer, plan)
    failed = last(bureau, plan)
    assert failed.state == "failed" and "示例" in failed.failure_zh and failed.batch is None
    assert states(bureau, plan) == [ENTERED] * 3 and records(bureau, 1) == []
    bureau.wait(days=2)
    assert bureau.supervision.releases.publish(bureau.reviewer, plan) == 3


def test_results_that_the_register_has_already_make_no_batch(entered: tuple[Bureau, int]) -> None:
    bureau, plan = entered
    releases = bureau.supervision.releases
    releases.publish(bureau.reviewer, plan)
    before = last(bureau, plan).batch
    task = tasks(bureau, plan)[uscc(1)]
    bureau.supervision.results.enter(bureau.operator, task.id, good(bureau), task.seen)
    assert releases.publish(bureau.reviewer, plan) == 1
    again = last(bureau, plan)
    assert (again.state, again.results, again.batch) == ("published", 1, None)
    assert tasks(bureau, plan)[uscc(1)].state == PUBLISHED and records(bureau, 1)[0].batch == before

"""Cases are moved along their table, each act once, whatever comes at the same time or in whatever order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from indexer.accounts.audit import Act, Question, search, verify
from indexer.accounts.people import Conflict
from indexer.cases.case import Case, Doing, Filing
from indexer.cases.kinds import BY_MOVES, KINDS
from indexer.cases.paths import TABLE, By, Move, State
from indexer.errors import InvalidParameter, ZhixinError
from indexer.register.disputes import DisputedAlready, disputes_of
from tests.cases.conftest import REACHABLE, RECORD, Room

WHO = {
    By.FILER: "firm",
    By.DESK: "operator",
    By.HANDLER: "operator",
    By.SECOND: "reviewer",
    By.AGENCY: "colleague",
}
anything = st.tuples(
    st.sampled_from(Move), st.sampled_from(By), st.sampled_from(("firm", "operator", "colleague", "reviewer"))
)
something_possible = st.tuples(st.integers(0, 99), st.sampled_from(By))


@given(kind=st.sampled_from(sorted(KINDS)), acts=st.lists(anything | something_possible, max_size=12))
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_sequence_of_acts_leaves_the_table_and_no_case_is_lost(
    room: Room, kind: str, acts: list[tuple[Any, ...]]
) -> None:
    case = room.file(kind, record=uuid4().hex[:24])
    before, done = room.taken(case), 2
    for act in acts:
        move, by, who = act if len(act) == 3 else possible(before, *act)
        said = {
            "outcome": next(iter(case.kind.outcomes)),
            "agency": "示例局",
            "account": room.operator.account,
        }
        try:
            after = room.do(case, move, by, getattr(room, who), **said)
        except ZhixinError:
            assert room.room.docket.one(case.number) == before
            continue
        step = TABLE[before.state, move]
        assert move in case.kind.moves and (step.by, step.to) == (by, after.state)
        assert after.version == before.version + 1
        assert (after.ended_at is None) == (after.state != State.ENDED)
        before, done = after, done + 1
    events = room.room.docket.events(before)
    assert [event.place for event in events] == list(range(1, done + 1))
    assert events[-1].state == before.state
    if before.state == State.ENDED:
        assert before.outcome in before.kind.outcomes or before.outcome in BY_MOVES
        assert all(before.moves(by) == () for by in By)
    else:
        assert Move.WITHDRAW in before.moves(By.FILER)
    assert verify(room.accounts.engine).wrong is None


def possible(case: Case, chosen: int, by: By) -> tuple[Move, By, str]:
    """One of the moves that the case knows now."""
    moves = case.moves(by) or (Move.NOTE,)
    return moves[chosen % len(moves)], by, WHO[by]


def test_an_objection_from_filing_to_its_end(room: Room) -> None:
    case = room.file()
    assert (case.state, case.due_on.isoformat(), case.provisional) == (State.ACCEPTED, "2026-10-14", False)
    assert disputes_of(room.accounts.engine, RECORD)[0].ended_at is None
    taken = room.taken(case)
    assert taken.handler == room.operator.account and taken.handler_name
    ended = room.do(case, Move.DECIDE, By.HANDLER, room.operator, outcome="upheld", text="日期录入有误。")
    assert (ended.state, ended.outcome, ended.reason, ended.late) == (
        State.ENDED,
        "upheld",
        "日期录入有误。",
        False,
    )
    found = disputes_of(room.accounts.engine, RECORD)
    assert [(each.outcome, each.reason) for each in found] == [("upheld", "日期录入有误。")]
    acts = search(room.accounts.engine, Question(about=f"case:{case.number}"), 10)
    assert [entry.act for entry in acts] == [Act.CASE_MOVED, Act.CASE_MOVED, Act.CASE_FILED]


def test_a_record_is_objected_to_once_at_a_time(room: Room) -> None:
    case = room.file()
    with pytest.raises(DisputedAlready):
        room.file()
    room.do(case, Move.WITHDRAW, By.FILER, room.firm)
    assert room.file().number != case.number
    assert [each.outcome for each in disputes_of(room.accounts.engine, RECORD)] == ["withdrawn", None]


def test_what_is_missing_is_named(room: Room) -> None:
    case = room.taken(room.file())
    for said, where in (
        ({"text": ""}, "text"),
        ({"outcome": "approved"}, "outcome"),
        ({"outcome": ""}, "outcome"),
    ):
        with pytest.raises(InvalidParameter) as raised:
            room.do(case, Move.DECIDE, By.HANDLER, room.operator, **said)
        assert raised.value.where == where


def test_only_who_has_taken_a_case_on_decides_it(room: Room) -> None:
    case = room.taken(room.file())
    with pytest.raises(Conflict, match="认领"):
        room.do(case, Move.DECIDE, By.HANDLER, room.colleague, outcome="upheld")
    room.do(case, Move.TAKE, By.DESK, room.colleague)
    with pytest.raises(Conflict):
        room.do(case, Move.DECIDE, By.HANDLER, room.operator, outcome="upheld")
    assert room.do(case, Move.DECIDE, By.HANDLER, room.colleague, outcome="upheld").outcome == "upheld"


def test_nobody_handles_a_case_of_their_own(room: Room) -> None:
    case = room.file()
    with pytest.raises(Conflict, match="自己"):
        room.do(case, Move.TAKE, By.DESK, room.firm)


def test_of_two_who_decide_another_one_confirms(room: Room) -> None:
    case = room.taken(room.file("repair"))
    with pytest.raises(Conflict):
        room.do(case, Move.DECIDE, By.HANDLER, room.operator, outcome="approved")
    room.do(case, Move.PROPOSE, By.HANDLER, room.operator, outcome="approved")
    with pytest.raises(Conflict, match="另一个人"):
        room.do(case, Move.CONFIRM, By.SECOND, room.operator)
    back = room.do(case, Move.RETURN, By.SECOND, room.reviewer)
    assert (back.state, back.outcome) == (State.ACCEPTED, None)
    room.do(case, Move.PROPOSE, By.HANDLER, room.operator, outcome="rejected")
    assert room.do(case, Move.CONFIRM, By.SECOND, room.reviewer).outcome == "rejected"


def at_once(acts: list[Callable[[], Any]]) -> list[str]:
    """What came of acts at the same time: "done", or the code of an error."""

    def said(act: Callable[[], Any]) -> str:
        try:
            act()
        except ZhixinError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return sorted(threads.map(said, acts))


def test_of_two_reviewers_at_once_one_decides(room: Room) -> None:
    case = room.taken(room.file("repair"))
    case = room.do(case, Move.PROPOSE, By.HANDLER, room.operator, outcome="approved")
    cases = room.room.cases

    def confirm(once: str) -> Callable[[], Any]:
        return lambda: cases.do(room.reviewer, By.SECOND, case, Doing(Move.CONFIRM, case.version, once))

    def give_back(once: str) -> Callable[[], Any]:
        return lambda: cases.do(
            room.colleague, By.SECOND, case, Doing(Move.RETURN, case.version, once, "再看")
        )

    assert at_once([confirm("a"), give_back("b"), confirm("c"), give_back("d")]) == ["conflict"] * 3 + [
        "done"
    ]
    events = room.room.docket.events(case)
    assert [event.place for event in events] == [1, 2, 3, 4]


def test_a_form_sent_many_times_at_once_is_done_once(room: Room) -> None:
    case = room.taken(room.file())
    doing = Doing(Move.DECIDE, case.version, "one form", "示例理由", "upheld")
    cases = room.room.cases
    acts: list[Callable[[], Any]] = [lambda: cases.do(room.operator, By.HANDLER, case, doing)] * 6
    assert at_once(acts) == ["done"] * 6
    assert len(room.room.docket.events(case)) == 3


def test_a_complaint_sent_many_times_at_once_has_one_number_and_one_secret(room: Room) -> None:
    filed: set[tuple[str, str]] = set()

    def file() -> None:
        case = room.file("complaint", once="the same form")
        filed.add((case.number, room.room.cases.file(room.firm, again).secret or ""))

    again = Filing("complaint", "示例事由", {"text": "示例内容"}, "the same form")
    assert at_once([file] * 6) == ["done"] * 6
    assert len(filed) == 1
    number, secret = filed.pop()
    assert room.room.docket.with_secret(number.lower(), secret.replace("-", " ").lower()).number == number


def test_a_token_of_another_kind_or_case_does_nothing_twice(room: Room) -> None:
    case = room.taken(room.file())
    other = room.taken(room.file("question"))
    room.do(case, Move.ASK, By.HANDLER, room.operator, once="used")
    with pytest.raises(DBAPIError):
        room.do(other, Move.ASK, By.HANDLER, room.operator, once="used")
    assert room.room.docket.one(other.number) == other


def test_of_a_complaint_nothing_is_kept_that_tells_who_filed_it(room: Room, tmp_path: Path) -> None:
    case = room.file("complaint", contact=REACHABLE)
    room.do(case, Move.ADD, By.FILER, room.firm)
    assert case.filed_by is None
    for entry in search(room.accounts.engine, Question(about=f"case:{case.number}"), 10):
        assert (entry.account, entry.network, entry.request) == (None, "", "")
    assert {event.account for event in room.room.docket.events(case)} == {None}
    with room.accounts.engine.connect() as connection:
        sealed = connection.execute(text("SELECT sealed FROM case_reporter")).scalar_one()
        letters = connection.execute(text("SELECT content FROM letter")).scalars().all()
    for secret in ("举报人", "13800001234", "reporter@home"):
        assert secret not in sealed and all(secret not in (letter or "") for letter in letters)


def test_only_who_handles_a_complaint_sees_its_reporter_and_each_look_is_written_down(room: Room) -> None:
    case = room.file("complaint", contact=REACHABLE)
    for caller in (room.operator, room.colleague, room.reviewer, room.firm):
        with pytest.raises(Conflict):
            room.room.reporters.look(caller, case)
    taken = room.taken(case)
    assert room.room.reporters.look(room.operator, taken) == REACHABLE
    with pytest.raises(Conflict):
        room.room.reporters.look(room.colleague, taken)
    looks = search(room.accounts.engine, Question(act=Act.REPORTER_VIEWED), 10)
    assert [(look.account, look.about) for look in looks] == [(room.operator.account, f"case:{case.number}")]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE case_event SET text = 'x'", "DELETE FROM case_event", "DELETE FROM case_file"],
)
def test_the_database_lets_events_only_grow(room: Room, statement: str) -> None:
    room.file()
    with pytest.raises(DBAPIError), room.accounts.engine.begin() as connection:
        connection.execute(text(statement))

"""By when a case is due, over the holidays of 2025 and 2026 and past the announced years (domain.md parts 6 and 7)."""

from datetime import date
from pathlib import Path

import pytest

from indexer.cases.kinds import KINDS
from indexer.cases.opening import CaseRoom
from indexer.cases.paths import By, Move
from indexer.rules.workdays import NO_EXTRAS, Due
from tests.cases.conftest import Room, shanghai


@pytest.mark.parametrize(
    ("kind", "filed", "due", "provisional"),
    [
        ("objection", "2026-09-29", "2026-10-14", False),  # the vector of domain.md part 7
        (
            "objection",
            "2026-02-12",
            "2026-02-28",
            False,
        ),  # Spring Festival 2026; Saturdays 14 and 28 are worked
        (
            "objection",
            "2025-01-24",
            "2025-02-10",
            False,
        ),  # Spring Festival 2025; Sunday 26 and Saturday 8 are worked
        ("objection", "2025-09-29", "2025-10-15", False),  # National Day 2025; Saturday 11 is worked
        ("repair", "2026-09-29", "2026-10-19", False),
        ("complaint", "2026-09-29", "2026-10-14", False),  # to be accepted
        ("question", "2026-09-29", "2026-10-26", False),
        ("objection", "2026-12-25", "2027-01-05", True),
        ("objection", "2026-12-22", "2026-12-31", False),
    ],
)
def test_the_first_day_by_which_somebody_has_to_act(
    kind: str, filed: str, due: str, provisional: bool
) -> None:
    found = KINDS[kind].first_due(date.fromisoformat(filed), NO_EXTRAS)
    assert found == Due(date.fromisoformat(due), provisional)


def test_a_complaint_is_accepted_in_seven_and_decided_in_fifteen_work_days_from_its_filing(
    room: Room,
) -> None:
    case = room.taken(room.file("complaint"))
    assert case.due_on == date(2026, 10, 14)
    room.wait(days=10)
    accepted = room.do(case, Move.ACCEPT, By.HANDLER, room.operator)
    assert (accepted.due_on, accepted.late) == (date(2026, 10, 26), False)
    extended = room.do(case, Move.EXTEND, By.HANDLER, room.operator)
    assert (extended.due_on, extended.extended) == (date(2026, 11, 16), True)
    assert Move.EXTEND not in extended.moves(By.HANDLER)


def test_an_objection_is_extended_by_seven_work_days_once(room: Room) -> None:
    case = room.taken(room.file())
    extended = room.do(case, Move.EXTEND, By.HANDLER, room.operator)
    assert extended.due_on == date(2026, 10, 23)


@pytest.mark.parametrize(("day", "late"), [(14, False), (15, True)])
def test_the_day_itself_is_still_in_time_and_the_next_is_late(room: Room, day: int, late: bool) -> None:
    case = room.taken(room.file())
    room.clock.instant = shanghai(2026, 10, day, 23, 59)
    assert room.room.docket.one(case.number).overdue(room.clock.today()) is late
    ended = room.do(case, Move.DECIDE, By.HANDLER, room.operator, outcome="rejected")
    assert ended.late is late and not ended.overdue(room.clock.today())


def test_what_was_accepted_late_stays_late_however_soon_it_ends(room: Room) -> None:
    case = room.taken(room.file("complaint"))
    room.clock.instant = shanghai(2026, 10, 15, 9)
    room.do(case, Move.ACCEPT, By.HANDLER, room.operator)
    assert room.do(case, Move.DECIDE, By.HANDLER, room.operator, outcome="unclear").late


@pytest.mark.parametrize(("minute", "due"), [((2026, 9, 29, 23, 59), 14), ((2026, 9, 30, 0, 1), 15)])
def test_the_day_of_filing_is_that_of_china(room: Room, minute: tuple[int, ...], due: int) -> None:
    room.clock.instant = shanghai(*minute)
    assert room.file().due_on == date(2026, 10, due)


def test_a_question_that_is_asked_again_after_the_answer_is_due_anew(room: Room) -> None:
    case = room.taken(room.file("question"))
    room.do(case, Move.ANSWER, By.HANDLER, room.operator)
    room.clock.instant = shanghai(2026, 10, 26, 9)
    again = room.do(case, Move.ADD, By.FILER, room.firm)
    assert (again.state, again.due_on, again.late) == ("accepted", date(2026, 11, 16), False)


def test_holidays_in_the_data_folder_make_the_next_year_certain(room: Room, tmp_path: Path) -> None:
    room.clock.instant = shanghai(2026, 12, 25, 9)
    assert room.file().provisional
    (tmp_path / "var").mkdir(exist_ok=True)
    holidays = "years = [2027]\nholidays = [2027-01-01]\nworkdays = [2027-01-02]\n"
    (tmp_path / "var" / "holidays.toml").write_text(holidays, encoding="utf-8")
    room.room = CaseRoom(room.accounts)
    again = room.file(record="f" * 24)
    assert (again.due_on, again.provisional) == (date(2027, 1, 5), False)

"""Which edition is in force when: by the clock of Shanghai, in every process, for good."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from indexer.accounts.people import Conflict
from indexer.clock import day_of
from indexer.errors import InvalidParameter, NotFound
from indexer.register.database import reading
from indexer.rulebook import editions
from indexer.rulebook.editions import FRESH, LEAD, Begins, Editions, in_force
from portal.restrictions.rules import load_rules
from tests.register.conftest import START
from tests.rulebook.conftest import HONOURS, SHIPPED, WITHOUT, Library, edited

MIDNIGHT = datetime(2026, 3, 4, 16, tzinfo=UTC)  # of 5 March in Shanghai
FIFTH = day_of(MIDNIGHT)


def test_the_first_edition_is_the_table_that_the_release_ships(library: Library) -> None:
    rules = library.rules.book.now()
    assert (rules.edition, rules.version) == (1, load_rules().version)
    assert library.rules.editions.content(1) == SHIPPED
    assert library.rules.book.at(datetime(1999, 1, 1, tzinfo=UTC)) is rules


def test_an_edition_holds_from_midnight_in_shanghai_of_its_day(library: Library) -> None:
    assert library.approved(WITHOUT, FIFTH) == 2
    for at, number in ((-1, 1), (0, 2), (86_400, 2)):
        library.desk.clock.instant = MIDNIGHT + timedelta(seconds=at)
        assert library.in_force() == number
    assert HONOURS not in {rule.id for rule in library.rules.book.now().rules}


def test_what_was_known_then_is_judged_by_the_edition_of_then(library: Library) -> None:
    library.approved(WITHOUT, FIFTH)
    library.desk.clock.instant = MIDNIGHT + timedelta(days=30)
    book = library.rules.book
    assert [book.at(MIDNIGHT + timedelta(seconds=s)).edition for s in (-1, 0, 1)] == [1, 2, 2]
    assert book.at(library.desk.clock.now() + timedelta(days=9)).edition == 2


def test_an_edition_for_today_holds_a_moment_after_its_approval_and_never_before(library: Library) -> None:
    library.approved(WITHOUT)
    approved_at = library.desk.clock.now()
    assert library.in_force() == 1
    library.wait(seconds=LEAD.total_seconds() - 1)
    assert library.in_force() == 1
    library.wait(seconds=1)
    assert library.in_force() == 2
    assert library.rules.book.at(approved_at).edition == 1


def test_another_process_knows_an_edition_before_it_holds(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Editions(library.rules.engine, library.desk.clock)
    assert elsewhere.at(library.desk.clock.now()) == 1
    library.approved(WITHOUT)
    assert LEAD.total_seconds() > 2 * FRESH
    monkeypatch.setattr(editions, "FRESH", 0.0)  # as if so many seconds had passed
    library.wait(seconds=LEAD.total_seconds())
    assert elsewhere.at(library.desk.clock.now()) == library.in_force() == 2


def test_an_older_table_is_approved_again_to_go_back(library: Library) -> None:
    library.approved(WITHOUT)
    library.wait(minutes=1)
    assert library.approved(library.rules.editions.content(1)) == 3
    library.wait(minutes=1)
    now = library.rules.book.now()
    assert (now.edition, now.version) == (3, load_rules().version)


def test_of_two_for_one_day_the_last_approved_holds(library: Library) -> None:
    library.approved(WITHOUT, FIFTH)
    library.approved(edited(SHIPPED, HONOURS, basis="示例依据"), FIFTH)
    library.desk.clock.instant = MIDNIGHT
    assert library.in_force() == 3


def test_an_edition_is_withdrawn_before_its_time_and_then_never_was(library: Library) -> None:
    library.approved(WITHOUT, FIFTH)
    with pytest.raises(InvalidParameter):
        library.rules.editions.withdraw(library.reviewer, 2, " ")
    library.rules.editions.withdraw(library.reviewer, 2, "依据推迟施行")
    with pytest.raises(Conflict):
        library.rules.editions.withdraw(library.reviewer, 2, "再撤一次")
    library.desk.clock.instant = MIDNIGHT + timedelta(days=1)
    assert library.in_force() == 1
    assert library.rules.book.at(MIDNIGHT).edition == 1
    assert library.rules.editions.one(2).withdrawal == "依据推迟施行"


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 1.0])
def test_an_edition_that_holds_or_is_about_to_is_not_withdrawn(library: Library, seconds: float) -> None:
    library.approved(WITHOUT, FIFTH)
    library.desk.clock.instant = MIDNIGHT + timedelta(seconds=seconds)
    with pytest.raises(Conflict):
        library.rules.editions.withdraw(library.reviewer, 2, "太迟")
    with pytest.raises(Conflict):
        library.rules.editions.withdraw(library.reviewer, 1, "第一版")
    with pytest.raises(NotFound):
        library.rules.editions.withdraw(library.reviewer, 9, "没有")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rule_edition SET content = '' WHERE id = 2",
        "UPDATE rule_edition SET in_force_from = NULL",
        "DELETE FROM rule_edition WHERE id = 2",
        "DELETE FROM rule_withdrawal",
        "UPDATE rule_withdrawal SET reason = ''",
    ],
)
def test_the_database_refuses_to_change_what_was_approved(library: Library, statement: str) -> None:
    library.approved(WITHOUT, FIFTH)
    library.rules.editions.withdraw(library.reviewer, 2, "依据推迟施行")
    with pytest.raises(DBAPIError, match="written once"), library.rules.engine.begin() as connection:
        connection.execute(text(statement))
    with reading(library.rules.engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM rule_edition WHERE content <> ''")) == 2


days = st.integers(0, 6).map(lambda day: START + timedelta(days=day))


@given(st.lists(days, max_size=6), days)
def test_the_edition_in_force_is_the_last_to_begin(begun: list[datetime], instant: datetime) -> None:
    book = [Begins(1, None), *(Begins(at + 2, day) for at, day in enumerate(begun))]
    slow = 1
    for day in sorted({*begun}):  # day by day, as somebody would who turns the pages
        if day <= instant:
            slow = max(each.number for each in book if each.at == day)
    assert in_force(sorted(book, key=editions._order), instant) == slow

"""The audit only grows, and shows when it did not."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from indexer.accounts.acting import acting
from indexer.accounts.audit import START, Act, Caller, Question, search, verify
from tests.accounts.cast import somebody
from tests.accounts.conftest import ELSEWHERE, HOME, Office


def write(office: Office, caller: Caller, *acts: Act, about: str = "") -> None:
    with acting(office.accounts.engine, office.clock, caller) as act:
        for each in acts:
            act.note(each, about)


def tamper(office: Office, statement: str) -> None:
    """What an owner of the database can do who takes the triggers off first."""
    with office.accounts.engine.begin() as connection:
        _unlock(connection)
        connection.execute(text(statement))


def _unlock(connection: Connection) -> None:
    where = " ON audit" if connection.dialect.name == "postgresql" else ""
    for trigger in ("audit_unchanged", "audit_kept"):
        connection.execute(text(f"DROP TRIGGER {trigger}{where}"))


@pytest.mark.parametrize("statement", ["UPDATE audit SET about = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_or_delete_a_row(office: Office, statement: str) -> None:
    write(office, HOME, Act.EXPORTED)
    with pytest.raises(DBAPIError, match="only grows"), office.accounts.engine.begin() as connection:
        connection.execute(text(statement))
    assert verify(office.accounts.engine).rows == 1


def test_an_empty_audit_is_whole(office: Office) -> None:
    found = verify(office.accounts.engine)
    assert (found.rows, found.head, found.wrong) == (0, START, None)


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("UPDATE audit SET about = 'other' WHERE id = 2", 2),
        ("UPDATE audit SET account_id = NULL, at = '2020-01-01 00:00:00' WHERE id = 5", 5),
    ],
)
def test_a_row_that_was_changed_or_taken_out_shows(office: Office, statement: str, wrong: int) -> None:
    for _ in range(5):
        write(office, HOME, Act.EXPORTED, about="file:1")
    assert verify(office.accounts.engine).wrong is None
    tamper(office, statement)
    assert verify(office.accounts.engine).wrong == wrong


def test_rows_cut_off_at_the_end_show_to_who_noted_a_head(office: Office) -> None:
    write(office, HOME, Act.EXPORTED, Act.EXPORTED, Act.EXPORTED)
    head = verify(office.accounts.engine).head
    write(office, HOME, Act.EXPORTED)
    assert verify(office.accounts.engine, head).known
    tamper(office, "DELETE FROM audit WHERE id >= 3")
    found = verify(office.accounts.engine, head)
    assert found.wrong is None and not found.known


def test_many_at_once_make_one_chain(office: Office) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: write(office, HOME, Act.EXPORTED, Act.LOGGED_IN), range(12)))
    found = verify(office.accounts.engine)
    assert (found.rows, found.wrong) == (24, None)


def test_what_fails_leaves_no_row(office: Office) -> None:
    def failing() -> None:
        with acting(office.accounts.engine, office.clock, HOME) as act:
            act.note(Act.EXPORTED)
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert verify(office.accounts.engine).rows == 0


def test_an_admin_finds_by_person_thing_act_and_day(office: Office) -> None:
    one = somebody(office.accounts, "one@firm.example")
    by_one = Caller(one.account, HOME.network, "r9")
    write(office, by_one, Act.EXPORTED, about="file:1")
    office.wait(days=2)
    write(office, by_one, Act.EXPORTED, about="file:2")
    write(office, ELSEWHERE, Act.LOGIN_FAILED, about=f"account:{one.account}")
    engine, day = office.accounts.engine, office.clock.today()

    def found(question: Question) -> list[str]:
        return [entry.about for entry in search(engine, question, 10)]

    assert found(Question(mail=one.mail)) == ["file:2", "file:1"]
    assert found(Question(mail=one.mail, day=day)) == ["file:2"]
    assert found(Question(about="file:1")) == ["file:1"]
    assert found(Question(act=Act.LOGIN_FAILED)) == [f"account:{one.account}"]
    assert found(Question(mail="nobody@firm.example")) == []
    newest = search(engine, Question(), 1)[0]
    assert newest.network == ELSEWHERE.network
    assert newest.id not in {entry.id for entry in search(engine, Question(below=newest.id), 10)}

"""One state for an answer: on SQLite answers take turns on a connection that is kept, and nothing of one is left for the next."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from indexer.register.database import (
    NotMigrated,
    connect,
    migrate,
    one_state,
    prepared,
    reading,
    writing,
)
from indexer.register.marks import _OF_REGISTER


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    url = f"sqlite:///{tmp_path / 'register.sqlite3'}"
    migrate(url)
    return connect(url)


@pytest.fixture
def taken(engine: Engine) -> list[object]:
    """The connections that were taken from the pool."""
    found: list[object] = []
    event.listen(engine, "checkout", lambda connection, *_: found.append(connection))
    return found


def asked(engine: Engine) -> int:
    with one_state(engine), reading(engine) as connection:
        return int(connection.scalar(text("SELECT count(*) FROM batch")) or 0)


def mark(engine: Engine) -> object:
    return prepared(engine.dialect, _OF_REGISTER).first(engine, {})


def test_one_connection_does_for_all_answers(engine: Engine, taken: list[object]) -> None:
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: asked(engine), range(40))) == [0] * 40
    assert mark(engine) is not None
    assert len(taken) == 1


def test_an_answer_sees_one_state_and_the_next_one_the_newest(engine: Engine) -> None:
    other = connect(engine.url)
    with one_state(engine), reading(engine) as connection:
        before = connection.scalar(text("SELECT count(*) FROM removal"))
        with writing(other) as writer:
            writer.execute(
                text(
                    "INSERT INTO removal (at, rule, removed, digest) VALUES ('2026-01-01 00:00:00', 'x', 1, 'y')"
                )
            )
        assert connection.scalar(text("SELECT count(*) FROM removal")) == before == 0
    with one_state(engine), reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM removal")) == 1


def test_within_a_state_the_state_is_the_same(engine: Engine, taken: list[object]) -> None:
    with one_state(engine), one_state(engine):
        assert asked(engine) == 0
        assert mark(engine) is not None
    assert len(taken) == 1


def test_an_error_of_the_driver_takes_the_connection_with_it(engine: Engine, taken: list[object]) -> None:
    assert asked(engine) == 0
    with pytest.raises(NotMigrated), one_state(engine), reading(engine) as connection:
        connection.execute(text("SELECT 1 FROM nowhere"))
    assert asked(engine) == 0
    assert len(taken) == 2


def test_an_answer_that_fails_leaves_no_transaction(engine: Engine, taken: list[object]) -> None:
    def failing() -> None:
        with one_state(engine), reading(engine) as connection:
            connection.execute(text("SELECT 1"))
            raise LookupError

    with pytest.raises(LookupError):
        failing()
    assert asked(engine) == 0
    with writing(connect(engine.url)) as connection:
        connection.execute(text("DELETE FROM removal"))
    assert len(taken) == 1


def test_who_disposes_of_an_engine_has_no_connection_left(engine: Engine, taken: list[object]) -> None:
    assert asked(engine) == 0
    engine.dispose()
    assert asked(engine) == 0
    assert len(taken) == 2 and taken[0] is not taken[1]

"""Statements that the register is asked, whether through SQLAlchemy or of SQLite itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from indexer.register.database import _turns

ASIDE = ("BEGIN", "COMMIT", "PRAGMA", "ROLLBACK", "--")


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that are executed meanwhile. On PostgreSQL those only that go through SQLAlchemy: its driver does not tell."""
    seen: list[str] = []
    connections: list[Any] = []
    within: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        within.append(statement)
        if not statement.startswith(ASIDE):
            seen.append(statement)

    def noted(*_: Any) -> None:
        within.clear()

    def trace(statement: str) -> None:
        if not within and not statement.startswith(ASIDE):
            seen.append(statement)

    def listen(connection: Any, *_: Any) -> None:
        if hasattr(connection, "set_trace_callback"):
            connection.set_trace_callback(trace)
            connections.append(connection)

    if (turns := _turns(engine)) is not None:
        turns.drop()  # the connection that is kept, so that the next one is listened to from its beginning
    listeners = {
        "before_cursor_execute": note,
        "after_cursor_execute": noted,
        "handle_error": noted,
        "checkout": listen,
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield seen
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
        for connection in connections:
            connection.set_trace_callback(None)

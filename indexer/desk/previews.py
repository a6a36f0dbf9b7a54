"""Previews (预览): what a publication would do, row by row, in a file that is read page by page.

The dry run that finds it out is rolled back, so nothing of it can stand in the register's database; a preview is an SQLite file of its own
beside the file that it is of, with some dozen rows in each of its rows, packed.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from indexer.errors import NotFound
from indexer.kinds.base import Value
from indexer.register.changes import Content, RecordChange
from indexer.sources.check import Rejection
from indexer.sources.table import legible

PAGE = 50  # rows
LONGEST = 300  # characters of a text in a preview; the file itself has all of it
Outcome = Literal["added", "changed", "removed", "rejected"]
OUTCOMES: tuple[Outcome, ...] = ("added", "changed", "removed", "rejected")


@dataclass(frozen=True, slots=True)
class Difference:
    """A column of a record, before and after; `extra` says that it is one of the file's own."""

    column: str
    extra: bool
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What becomes of a row, or of a record that no row speaks of: `line` and `subject` are None where there is none."""

    outcome: Outcome
    line: int | None
    kind: str
    record: str
    subject: str | None
    name: str | None
    differences: tuple[Difference, ...]
    returns: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken: the table and line where it stands, what stands there, and why (column, reason in Chinese)."""

    table: str
    line: int
    text: str
    reasons: tuple[tuple[str, str], ...]


def outcome_of(change: RecordChange) -> Outcome:
    """What a change is to the record."""
    if change.after is None:
        return "removed"
    return "added" if change.before is None else "changed"


class PreviewWriter:
    """Writes a preview; made by `writing_preview`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._waiting: dict[Outcome, list[Any]] = {outcome: [] for outcome in OUTCOMES}
        self._pages = dict.fromkeys(OUTCOMES, 0)

    def change(self, change: RecordChange) -> None:
        """Add a record that is added, changed or taken down."""
        name = (change.after or change.before or Content(None, {}, {})).name
        differences = [
            (each.column, each.extra, _short(each.before), _short(each.after)) for each in differing(change)
        ]
        about = (change.line, change.kind, change.record, change.subject, name, differences, change.returns)
        self._add(outcome_of(change), about)

    def rejection(self, table: str, rejection: Rejection) -> None:
        """Add a row that is not taken."""
        text = " | ".join(filter(None, (speakable(legible(cell)).strip() for cell in rejection.cells)))
        reasons = [(each.column, speakable(each.zh)) for each in rejection.reasons]
        self._add("rejected", (speakable(table), rejection.line, text[:LONGEST], reasons))

    def finish(self) -> None:
        """Write what is left."""
        for outcome in OUTCOMES:
            self._write(outcome)
        self._connection.commit()

    def _add(self, outcome: Outcome, row: Any) -> None:
        self._waiting[outcome].append(row)
        if len(self._waiting[outcome]) == PAGE:
            self._write(outcome)

    def _write(self, outcome: Outcome) -> None:
        if rows := self._waiting[outcome]:
            self._pages[outcome] += 1
            content = zlib.compress(orjson.dumps(rows), 1)
            self._connection.execute(
                "INSERT INTO page VALUES (?, ?, ?)", (outcome, self._pages[outcome], content)
            )
            rows.clear()


@contextmanager
def writing_preview(path: Path) -> Iterator[PreviewWriter]:
    """Write a preview to `path`, where it stands when the block ends well, and not at all otherwise."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as connection:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
        connection.execute(
            "CREATE TABLE page (outcome TEXT, number INTEGER, content BLOB, PRIMARY KEY (outcome, number))"
        )
        writer = PreviewWriter(connection)
        yield writer
        writer.finish()
    part.replace(path)


def entries(path: Path, outcome: Literal["added", "changed", "removed"], page: int) -> list[Entry]:
    """A page of a preview, from 1. Raises NotFound where there is no such preview; a page that there is not is empty."""
    return [
        Entry(
            *(outcome, line, kind, record, subject, name),
            tuple(Difference(*difference) for difference in differences),
            returns,
        )
        for line, kind, record, subject, name, differences, returns in _rows(path, outcome, page)
    ]


def refused(path: Path, page: int) -> list[Refused]:
    """A page of the rows that are not taken, from 1. Raises NotFound as `entries` does."""
    return [
        Refused(table, line, text, tuple((column, zh) for column, zh in reasons))
        for table, line, text, reasons in _rows(path, "rejected", page)
    ]


def _rows(path: Path, outcome: Outcome, page: int) -> list[Any]:
    if not path.exists():
        raise NotFound("还没有预览，请稍后再来。", "There is no preview yet.")
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        asked = "SELECT content FROM page WHERE outcome = ? AND number = ?"
        row = connection.execute(asked, (outcome, page)).fetchone()
    return orjson.loads(zlib.decompress(row[0])) if row is not None else []


def differing(change: RecordChange) -> Iterator[Difference]:
    """What reads otherwise after a change, column by column: the subject's name, the kind's columns, the file's own."""
    before, after = (content or Content(None, {}, {}) for content in (change.before, change.after))
    if before.name != after.name:
        yield Difference("name", False, before.name, after.name)
    yield from _unlike(before.values, after.values, False)
    yield from _unlike(before.extra, after.extra, True)


def _unlike(
    before: Mapping[str, Value] | Mapping[str, str],
    after: Mapping[str, Value] | Mapping[str, str],
    extra: bool,
) -> Iterator[Difference]:
    for column in dict.fromkeys([*before, *after]):
        if before.get(column) != after.get(column):
            yield Difference(column, extra, before.get(column), after.get(column))


def speakable(text: str) -> str:
    """A text without halves of characters, which JSON can not hold."""
    return text.encode("utf-8", "replace").decode()


def _short(value: Value | None) -> Value | None:
    return f"{value[:LONGEST]}…" if isinstance(value, str) and len(value) > LONGEST else value

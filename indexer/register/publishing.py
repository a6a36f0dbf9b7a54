"""Publishing: how checked rows become versions of records, one batch at a time.

A batch is one transaction. It takes the next register version, writes new versions, marks the ones they replace, queues the
records for search and is stamped with its instant as the last act before the commit. Killed at any point it leaves nothing.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from indexer.certificate_numbers import normal
from indexer.clock import Clock
from indexer.kinds.base import Kind, Problem, Value
from indexer.register.bulk import among, insert_rows
from indexer.register.changes import Content, Observer, RecordChange, content_of
from indexer.register.database import writing
from indexer.register.draft import Draft
from indexer.register.models import VERSIONS, Batch, Outbox, Version
from indexer.register.subjects import SubjectRow, Subjects

version_row = itemgetter(*VERSIONS.c.keys())
COUNTS = ("added", "changed", "unchanged", "rejected")
CHANGES_SHOWN = 50  # differences kept for a dry run's report


@dataclass(slots=True)
class Difference:
    """What a changed row changes: the record's name and title, and per column what it was and what it becomes."""

    line: int
    record: str
    name: str | None
    columns: dict[str, tuple[Value | None, Value | None]]


@dataclass(slots=True)
class Tally:
    """How a batch went, in rows. `rows` is the sum of the other four."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    removed: int = 0  # by a withdrawal: records that nothing stands behind any more
    differences: list[Difference] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.added + self.changed + self.unchanged + self.rejected


def record_id(kind: str, subject: str, key: Iterable[str]) -> str:
    """The address of a record: 24 hexadecimal digits made from what makes it one and the same, equal in every register."""
    return hashlib.blake2b("\x1f".join((kind, subject, *key)).encode(), digest_size=12).hexdigest()


class Publication:
    """One batch being written; made by `publication`. A file with several tables publishes each through a `Publisher`.

    `observe` is told of every record that is added or changed; `last_act` is done right before the commit.
    """

    def __init__(self, connection: Connection, batch: int, today: date) -> None:
        self.connection = connection
        self.batch = batch
        self.today = today
        self.observe: Observer | None = None
        self.last_act: Callable[[], None] | None = None
        self.publishers: list[Publisher] = []
        self.last = connection.scalar(select(func.max(Version.id))) or 0
        self._said_here = bytearray(self.last // 8 + 1)  # a bit for each version from before this batch

    def say_here(self, version: int) -> None:
        """Remember that a row of this file says again what a version says."""
        if version >> 3 < len(self._said_here):
            self._said_here[version >> 3] |= 1 << (version & 7)

    def said_here(self, version: int) -> bool:
        """Whether a row of this file said again what a version from before it says."""
        return version >> 3 < len(self._said_here) and bool(
            self._said_here[version >> 3] & 1 << (version & 7)
        )

    def of(self, kind: Kind, stated: frozenset[str] | None = None) -> "Publisher":
        """Begin a table of records of one kind, which says something of the columns `stated` (None: of all)."""
        publisher = Publisher(self, kind, stated)
        self.publishers.append(publisher)
        return publisher


class Publisher:
    """Publishes rows of one kind; `publish` may be called many times, each with some thousand rows."""

    def __init__(self, work: Publication, kind: Kind, stated: frozenset[str] | None) -> None:
        self.connection = connection = work.connection
        self.batch = work.batch
        self.kind = kind
        self.today = work.today
        self.stated = stated
        self.tally = Tally()
        self._work = work
        self._subjects = Subjects(connection)
        self._first = connection.scalar(select(Version.id).where(Version.kind == kind.name).limit(1)) is None

    def unchanged(self, digests: Sequence[str]) -> set[str]:
        """Which of these raw rows are word for word what a current version was made from."""
        if self._first:
            return set()
        found = self.connection.execute(
            select(Version.id, Version.digest).where(
                among(self.connection, Version.digest, digests), Version.superseded_in.is_(None)
            )
        )
        known: set[str] = set()
        for version, digest in found.all():
            known.add(digest or "")
            self._work.say_here(version)
        return known

    def publish(self, drafts: Sequence[Draft]) -> list[tuple[Draft, Problem]]:
        """Store what is new or changed among `drafts`; gives back the rows that contradict, each with the reason."""
        rejected: list[tuple[Draft, Problem]] = []
        subjects = (
            self._subjects.resolve(self.kind, drafts, rejected, self.today)
            if self.kind.needs_subject
            else None
        )
        rows: dict[str, tuple[Draft, SubjectRow | None]] = {}
        for at, draft in enumerate(drafts):
            subject = subjects[at] if subjects is not None else None
            if subjects is not None and draft.codes is not None and subject is None:
                continue  # its code was ambiguous: among the rejected already
            identity = record_id(self.kind.name, self._identity(draft, subject), self._key(draft))
            first = rows.setdefault(identity, (draft, subject))[0]
            if first is draft:
                continue
            if _content(first) == _content(draft):
                self.tally.unchanged += 1
            else:
                rejected.append((draft, _contradiction(first.line)))
        self._store(rows, rejected)
        self.tally.rejected += len(rejected)
        return rejected

    def _identity(self, draft: Draft, subject: SubjectRow | None) -> str:
        return subject.code if subject is not None else draft.name or ""

    def _key(self, draft: Draft) -> Iterator[str]:
        for column in self.kind.key:
            value = draft.values.get(column, "")
            yield normal(str(value)) if column == self.kind.number else str(value)

    def _store(
        self, rows: dict[str, tuple[Draft, SubjectRow | None]], rejected: list[tuple[Draft, Problem]]
    ) -> None:
        current = self._current(rows)
        new: list[dict[str, Any]] = []
        superseded: list[int] = []
        described: list[tuple[Draft, SubjectRow]] = []
        named: list[SubjectRow] = []
        for identity, (draft, subject) in rows.items():
            before = current.get(identity)
            if before is not None:
                self._complete(draft, before)
            if before is not None and (before.payload, before.extra or {}, before.name) == _content(draft):
                self.tally.unchanged += 1
                self._work.say_here(before.id)
                continue
            if before is not None and (problem := self._refusal(before, draft)):
                rejected.append((draft, problem))
                continue
            if before is None:
                self.tally.added += 1
            else:
                superseded.append(before.id)
                if before.payload is None:
                    self.tally.added += 1
                else:
                    self.tally.changed += 1
                    self._show(identity, draft, before.payload)
            if self._work.observe is not None:
                self._work.observe(_change(self.kind, identity, draft, subject, before))
            version = self._version(identity, draft, subject, "published" if before is None else "changed")
            new.append(version)
            if subject is None:
                continue
            if self.kind.subject_type is not None:
                described.append((draft, subject))
            elif subject.name == subject.code and draft.name and version["withheld"] is None:
                subject.name = draft.name
                named.append(subject)
        if superseded:
            self.connection.execute(
                update(Version).where(Version.id.in_(superseded)).values(superseded_in=self.batch)
            )
        if new:
            insert_rows(self.connection, VERSIONS, [version_row(version) for version in new])
        self._subjects.describe(self.kind, described)
        self._subjects.name(named)

    def _current(self, identities: Iterable[str]) -> dict[str, Any]:
        columns = (
            Version.record_id,
            Version.id,
            Version.recorded_in,
            Version.line,
            Version.payload,
            Version.extra,
        )
        found = self.connection.execute(
            select(*columns, Version.name, Version.status).where(
                among(self.connection, Version.record_id, list(identities)), Version.superseded_in.is_(None)
            )
        )
        return {row.record_id: row for row in found}

    def _complete(self, draft: Draft, before: Any) -> None:
        """Take over what a file without those columns does not speak of: saying nothing of a suspension does not lift it.

        A column that lasts (修复日期) is not emptied by an empty cell either: the source may not know of the repair.
        """
        draft.name = draft.name or before.name
        if self.kind.lasting:
            last = before.payload if before.payload is not None else self._last_said(before.record_id)
            for name in self.kind.lasting:
                if name in last:
                    draft.values.setdefault(name, last[name])
        if self.stated is None:
            return
        kept = {name: value for name, value in (before.payload or {}).items() if name not in self.stated}
        draft.values = kept | draft.values
        draft.extra = (before.extra or {}) | draft.extra

    def _last_said(self, record: str) -> dict[str, Value]:
        """What a record that was taken down said last, in a batch that counts."""
        asked = (
            select(Version.payload)
            .join(Batch, Batch.id == Version.recorded_in)
            .where(Version.record_id == record, Version.payload.is_not(None), Batch.withdrawn_in.is_(None))
            .order_by(Version.recorded_in.desc())
            .limit(1)
        )
        return self.connection.scalar(asked) or {}

    def _refusal(self, before: Any, draft: Draft) -> Problem | None:
        """Why a row may not replace the current version: it contradicts an earlier row of its own file, or revives what ended."""
        if before.recorded_in == self.batch or self._work.said_here(before.id):
            return _contradiction(before.line)
        after = self.kind.first_status(draft.values)
        if before.status is None or after == before.status or before.payload is None:
            return None
        term = self.kind.statuses[before.status]
        if term.final:
            return Problem(
                "状态",
                f"原登记状态为“{term.zh}”，属终结状态，不能再变更。如系新证，请用新编号；如原登记有误，请先撤回该批次。",
            )
        return None

    def _show(self, identity: str, draft: Draft, before: dict[str, Value]) -> None:
        if len(self.tally.differences) < CHANGES_SHOWN:
            columns = sorted(before.keys() | draft.values.keys())
            changed = {
                c: (before.get(c), draft.values.get(c))
                for c in columns
                if before.get(c) != draft.values.get(c)
            }
            self.tally.differences.append(Difference(draft.line, identity, draft.name, changed))

    def _version(
        self, identity: str, draft: Draft, subject: SubjectRow | None, change: str
    ) -> dict[str, Any]:
        self._work.last += 1
        kind, values = self.kind, draft.values
        publicity = kind.publicity(values, self.today)
        number = values.get(kind.number) if kind.number else None
        category = values.get(kind.category) if kind.category else None
        region = values.get("region")
        return {
            "id": self._work.last,
            "record_id": identity,
            "kind": kind.name,
            "subject_id": subject.id if subject is not None else None,
            "recorded_in": self.batch,
            "superseded_in": None,
            "line": draft.line,
            "change": change,
            "name": draft.name,
            "number": normal(str(number)) if number else None,
            "category": category,
            "status": kind.first_status(values),
            "status_since": _day(values, kind.status_since),
            "region": region or (subject.region if subject is not None else None),
            "dated": _day(values, kind.dated),
            "valid_from": _day(values, kind.valid_from),
            "valid_until": _day(values, kind.valid_until),
            "public_from": publicity.public_from,
            "public_until": publicity.public_until,
            "withheld": publicity.withheld,
            "digest": draft.digest,
            "payload": values,
            "extra": draft.extra or None,
            "notes": list(draft.warnings) or None,
        }


@contextmanager
def publication(
    engine: Engine,
    clock: Clock,
    path: str,
    source: str | None = None,
    dry_run: bool = False,
    reason: str | None = None,
) -> Iterator[Publication]:
    """One batch for one file. Stored whole when the block ends well, not at all otherwise or when `dry_run`.

    A batch that changed nothing leaves no trace. `reason` is shown in the history of the records.
    """
    with writing(engine) as connection:
        batch = open_batch(connection, action="ingest", path=path, source=source, reason=reason)
        work = Publication(connection, batch, clock.today())
        yield work
        tally = _sum(publisher.tally for publisher in work.publishers)
        if dry_run or not (tally.added or tally.changed):
            connection.rollback()
            return
        kinds = ",".join(dict.fromkeys(publisher.kind.name for publisher in work.publishers))
        connection.execute(update(Batch).where(Batch.id == batch).values(kind=kinds))
        close_batch(connection, clock, batch, tally)
        if work.last_act is not None:
            work.last_act()


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        for name in COUNTS:
            setattr(total, name, getattr(total, name) + getattr(tally, name))
    return total


def open_batch(connection: Connection, **columns: Any) -> int:
    """Begin a batch in a transaction that holds the writers' lock; gives its number. `close_batch` ends it."""
    batch = (connection.scalar(select(func.max(Batch.id))) or 0) + 1
    first = (connection.scalar(select(func.max(Version.id))) or 0) + 1
    counts = dict.fromkeys(("rows", *COUNTS), 0)
    connection.execute(insert(Batch).values(id=batch, first_version=first, **counts, **columns))
    return batch


def close_batch(connection: Connection, clock: Clock, batch: int, tally: Tally) -> None:
    """Queue what changed for search and stamp the batch; instants rise with the batches even if the machine's clock falls back."""
    first = select(Batch.first_version).where(Batch.id == batch).scalar_subquery()
    connection.execute(
        insert(Outbox).from_select(["record_id"], select(Version.record_id).where(Version.id >= first))
    )
    latest = connection.scalar(select(func.max(Batch.recorded_at)))
    now = clock.now()
    if latest is not None and now <= latest:
        now = latest + timedelta(microseconds=1)
    counts = {name: getattr(tally, name) for name in ("rows", *COUNTS)}
    connection.execute(update(Batch).where(Batch.id == batch).values(recorded_at=now, **counts))


def _change(kind: Kind, identity: str, draft: Draft, subject: SubjectRow | None, before: Any) -> RecordChange:
    code = (subject.uscc or subject.code) if subject is not None else None
    earlier = content_of(before.name, before.payload, before.extra) if before is not None else None
    after = Content(draft.name, draft.values, draft.extra)
    returns = before is not None and earlier is None
    return RecordChange(kind.name, identity, code, draft.line, earlier, after, returns)


def _content(draft: Draft) -> tuple[dict[str, Value], dict[str, str], str | None]:
    return draft.values, draft.extra, draft.name


def _contradiction(line: int | None) -> Problem:
    return Problem("整行", f"与同一文件第 {line} 行是同一条记录但内容不同，请核对后只保留正确的一行。")


def _day(values: dict[str, Value], column: str | None) -> date | None:
    value = values.get(column) if column else None
    return date.fromisoformat(value) if isinstance(value, str) else None

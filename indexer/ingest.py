"""Ingest (入库): files in, versions of records out. One file is one batch: it is taken whole or not at all, row by row checked."""

import errno
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from indexer.batches import batched
from indexer.clock import Clock
from indexer.errors import FileRefused, ZhixinError
from indexer.kinds import kinds
from indexer.kinds.base import Kind, Problem
from indexer.register.changes import RecordChange
from indexer.register.draft import Draft
from indexer.register.publishing import Difference, Publication, Publisher, publication
from indexer.sources.check import Checker, Rejection, row_digest
from indexer.sources.columns import detect_kind
from indexer.sources.files import open_tables
from indexer.sources.limits import Limits
from indexer.sources.rejects import RejectsFile
from indexer.sources.table import Row, Table

CHUNK = 4000  # rows; the queries of a chunk bind about this many values, databases take 32,766
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Progress = Callable[[str, int], None]
"""Called with a table's path and the number of rows read so far."""


class Witness(Protocol):
    """Sees what becomes of a file while it is taken, and has the last word before it is stored. What it raises undoes the whole."""

    def table(self, path: str, kind: Kind, header: Sequence[str]) -> None:
        """A table of the file begins."""

    def changed(self, change: RecordChange) -> None:
        """A row adds or changes a record."""

    def rejected(self, rejection: Rejection) -> None:
        """A row is not taken."""

    def whole(self, batch: Publication, reports: Sequence["FileReport"]) -> None:
        """All rows are through; nothing is stored yet."""


@dataclass(frozen=True, slots=True)
class Job:
    """How files are to be taken: everything but the files.

    With a `witness` the rejects files are written in a dry run, too. `reason` is shown in the history of the records.
    """

    engine: Engine
    clock: Clock
    limits: Limits = Limits()
    kind: Kind | None = None
    source: str | None = None
    dry_run: bool = False
    rejects: Path | None = None  # folder of the rejects files; beside each file when None
    witness: Witness | None = None
    reason: str | None = None


@dataclass(slots=True)
class FileReport:
    """How one table of a file went, in rows; `refused` says why nothing of the file was taken."""

    path: str
    kind: str | None = None
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejects_path: str | None = None
    seconds: float = 0.0
    batch: int | None = None
    warnings: int = 0
    differences: Sequence[Difference] = ()
    refused: ZhixinError | None = None


def kind_named(name: str) -> Kind:
    """The kind that an operator names, in English or Chinese. Raises FileRefused with the kinds there are."""
    for kind in kinds().values():
        if name in (kind.name, kind.label, *kind.aliases):
            return kind
    known = "、".join(f"{kind.name}（{kind.label}）" for kind in kinds().values())
    raise FileRefused(
        f"没有种类“{name}”。可用的种类：{known}。", f"There is no kind {name}: {', '.join(kinds())}."
    )


def ingest(paths: Iterable[Path], job: Job, progress: Progress = lambda path, rows: None) -> list[FileReport]:
    """Take files one after another; a refused one does not keep the others out. One report for each table.

    Raises DatabaseUnavailable and the like when the register itself fails.
    """
    return [report for path in paths for report in _file(path, job, progress)]


def _file(path: Path, job: Job, progress: Progress) -> list[FileReport]:
    reports: list[FileReport] = []
    try:
        with publication(job.engine, job.clock, path.name, job.source, job.dry_run, job.reason) as batch:
            batch.observe = job.witness.changed if job.witness is not None else None
            for table in open_tables(path, job.limits):
                report = FileReport(_named(path, table), batch=None if job.dry_run else batch.batch)
                reports.append(report)
                _table(table, path, job, batch, report, progress)
            if job.witness is not None:
                job.witness.whole(batch, reports)
    except (FileRefused, OSError) as error:
        refused = error if isinstance(error, FileRefused) else _unwritable(path, error)
        _drop_rejects(reports)
        return [FileReport(str(path), kind=job.kind.name if job.kind else None, refused=refused)]
    except BaseException:
        _drop_rejects(reports)
        raise
    if not any(report.added or report.changed for report in reports):
        for report in reports:
            report.batch = None  # a batch that changed nothing leaves no trace
    return reports


def _named(path: Path, table: Table) -> str:
    """The path as it was given, with the member or sheet that the table is (`in/a.zip/b.csv`)."""
    inner = table.path.removeprefix(path.name)
    return f"{path}{inner}" if inner.startswith("/") else str(path)


def _drop_rejects(reports: Iterable[FileReport]) -> None:
    """Take away the rejects files of a file that was not stored: it is to be taken again whole."""
    for report in reports:
        if report.rejects_path is not None:
            Path(report.rejects_path).unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> FileRefused:
    """The refusal of a file whose rejects could not be written, or that could not be read to its end."""
    if error.errno in FULL:
        return FileRefused(
            f"{path.name}：磁盘空间不足，无法写出退回文件，本次没有写入任何内容。请清理磁盘后重试，或用 --rejects 指定别处。",
            f"{path.name}: no room for the rejects file; nothing was stored. Free some space or name a folder with --rejects.",
        )
    return FileRefused(
        f"{path.name}：文件无法读完，或退回文件无法写入，本次没有写入任何内容。请检查权限，或用 --rejects 指定别的文件夹。",
        f"{path.name} can not be read to its end, or its rejects file not be written; nothing was stored. See --rejects.",
    )


def _table(
    table: Table, path: Path, job: Job, batch: Publication, report: FileReport, progress: Progress
) -> None:
    started = time.perf_counter()
    kind = job.kind or detect_kind(table.header)
    report.kind = kind.name
    digest = row_digest(kind.name, table.header)
    checker = Checker(kind, table.header, job.clock.today())
    publisher = batch.of(kind, checker.stated)
    folder = job.rejects or path.parent
    if job.witness is not None:
        job.witness.table(table.path, kind, table.header)
    keep = not job.dry_run or job.witness is not None
    with RejectsFile(folder, table.path, table.header, keep=keep) as rejects:
        read = 0
        for rows in batched(table, CHUNK):
            _chunk(rows, digest, checker, publisher, _told(rejects, job.witness), report)
            read += len(rows)
            progress(table.path, read)
        tally = publisher.tally
        report.added, report.changed, report.unchanged = tally.added, tally.changed, tally.unchanged
        report.rejected, report.rows, report.differences = tally.rejected, tally.rows, tally.differences
    report.rejects_path = str(rejects.path) if rejects.path else None
    report.seconds = time.perf_counter() - started


def _told(rejects: RejectsFile, witness: Witness | None) -> Callable[[Rejection], None]:
    if witness is None:
        return rejects.write

    def reject(rejection: Rejection) -> None:
        rejects.write(rejection)
        witness.rejected(rejection)

    return reject


def _chunk(
    rows: Sequence[Row],
    digest: Callable[[Sequence[str]], str],
    checker: Checker,
    publisher: Publisher,
    reject: Callable[[Rejection], None],
    report: FileReport,
) -> None:
    """Some thousand rows: those word for word as before are passed over, the rest are checked and published."""
    digests = [digest(row.cells) for row in rows]
    known = publisher.unchanged(digests)
    by_line: dict[int, Row] = {}
    drafts: list[Draft] = []
    for row, own in zip(rows, digests, strict=True):
        if own in known:
            publisher.tally.unchanged += 1
            continue
        checked = checker.check(row, own)
        if isinstance(checked, Rejection):
            publisher.tally.rejected += 1
            reject(checked)
        else:
            drafts.append(checked)
            by_line[row.line] = row
            report.warnings += bool(checked.warnings)
    if drafts:
        for draft, problem in publisher.publish(drafts):
            reject(_rejection(by_line[draft.line], problem))


def _rejection(row: Row, problem: Problem) -> Rejection:
    return Rejection(row.line, row.cells, (problem,))

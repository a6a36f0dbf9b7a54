"""The public data as files: `zhixin export` against writing the same rows with `csv`, and against selecting and writing them; the downloads made
whole and brought up, the counts.
"""

import csv
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from bench.generated import certificates, holders
from bench.ingest import scratch
from bench.table import Line
from indexer.clock import Clock
from indexer.ingest import Job, ingest
from indexer.opendata.downloads import Downloads
from indexer.opendata.export import export
from indexer.opendata.statistics import Statistics
from indexer.register.database import connect, migrate, writing
from indexer.register.reading import Register
from indexer.register.removing import remove_within

T = TypeVar("T")
REGISTER = "enterprises_jiangsu_tianjin.csv.gz"
KINDS = ("enterprise", "certificate")

SELECTED = """
SELECT version.*, batch.source, batch.recorded_at, subject.uscc, subject.name
FROM version JOIN batch ON batch.id = version.recorded_in LEFT JOIN subject ON subject.id = version.subject_id
WHERE version.superseded_in IS NULL AND version.kind IN (?, ?) ORDER BY version.record_id
"""
"""The rows of an export as the database has them: nothing is held back, taken apart, put into words or kept from being a formula."""


def lines(shared: Path) -> Iterator[Line]:
    """The figures of the data part; all are processor time, which neighbours on the machine disturb less."""
    file = shared / "data" / REGISTER
    with scratch() as folder:
        url = f"sqlite:///{folder / 'register.sqlite3'}"
        migrate(url)
        register = Register(connect(url), Clock())
        more = certificates(folder / "certificates.csv", holders(file))
        ingest([file, more], Job(register.engine, register.clock, rejects=folder))
        yield from _exported(register, folder)
        yield from _downloaded(register, folder)
        yield from _counted(register, folder)
        register.engine.dispose()


def _exported(register: Register, folder: Path) -> Iterator[Line]:
    ours, files = _spent(lambda: export(register, list(KINDS), "csv", folder / "out"))
    rows = []
    for each in files:
        with each.path.open(encoding="utf-8-sig", newline="") as read:
            rows += list(csv.reader(read))
    bare, _ = _spent(lambda: _bare(folder / "bare.csv", rows))
    yield Line(
        "export of CSV / the same rows with csv", f"{len(rows):,} rows in {ours:.1f} s", ours / bare, ""
    )
    database = register.engine.url.database
    assert database is not None
    selected, number = _spent(lambda: _selected(database, folder / "selected.csv"))
    yield Line(
        "export of CSV / SELECT and csv.writer, for each record",  # which also writes what an export leaves out of persons
        f"{number:,} in {selected:.1f} s",
        (ours / (len(rows) - len(KINDS))) / (selected / number),
        "",
    )


def _bare(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(rows)


def _selected(database: str, path: Path) -> int:
    with (
        closing(sqlite3.connect(database)) as connection,
        path.open("w", encoding="utf-8-sig", newline="") as out,
    ):
        writer, number = csv.writer(out), 0
        for row in connection.execute(SELECTED, KINDS):
            writer.writerow(row)
            number += 1
    return number


def _downloaded(register: Register, folder: Path) -> Iterator[Line]:
    downloads = Downloads(register, folder / "downloads")
    whole, records = _spent(downloads.refresh)
    yield Line("downloads made whole, records a second", f"{records:,} in {whole:.1f} s", records / whole, "")
    with writing(register.engine) as connection:
        remove_within(connection, register.clock, register.records_between(0, 9)[0].id, "bench")
    asked, _ = _spent(lambda: downloads.stale(downloads.current()))
    again, rewritten = _spent(downloads.refresh)
    yield Line("one record removed: seconds until it is gone", f"{rewritten:,} rewritten", again, "≤ 60")
    yield Line("whether a kind is stale, asked of a new version, ms", "", asked * 1000, "")


def _counted(register: Register, folder: Path) -> Iterator[Line]:
    statistics = Statistics(register, folder / "statistics.json")
    first, cube = _spent(statistics.cube)
    yield Line("counts from nothing, seconds", f"{sum(cube.cells.values()):,} records", first, "")
    again, _ = _spent(lambda: statistics.table(["kind", "year"]))
    yield Line("a table of them, ms", "", again * 1000, "≤ 100")


def _spent(work: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    done = work()
    return time.process_time() - began, done

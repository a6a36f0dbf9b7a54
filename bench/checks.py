"""Bidder checks of many: over HTTP with one worker, on the national register and three million generated records. `python -m bench checks`

`python -m bench.checks ours|bare FILE [DATABASE]` reads one XLSX in a process of its own and prints the rows and the seconds of the
processor; `bare` is openpyxl and one query for all their codes.
"""

import http.client
import json
import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from openpyxl import load_workbook

from bench.generated import Holder, certificates, holders, listings, penalties
from bench.ingest import scratch
from bench.lists import xlsx
from bench.process import Cost, python, tree_mb, tree_seconds
from bench.serving import gunicorn
from bench.table import Line
from portal.checks.entries import BIDDERS_MOST
from portal.checks.office import AT_ONCE
from portal.checks.sheets import read_file
from portal.uploads import XLSX

FEW = BIDDERS_MOST // 10
TURNS = 7
SMALL = 20  # of so many enterprises one, where only a small register is asked for


def lines(shared: Path, register: Path | None = None, small: bool = False) -> Iterator[Line]:
    """The figures of the checks part. `register`: a data folder made before, or where it is to be kept; `small`: a twentieth of all."""
    file = shared / "data" / "enterprises_national.csv.gz"
    held = holders(file)[:: SMALL if small else 1]
    with scratch() as folder:
        data = register or folder / "var"
        if not (data / "register.sqlite3").exists():
            _fill(data, folder, held)
        environ = {"ZHIXIN_DATA": str(data), "ZHIXIN_RATE_LIMITS": "off"}
        asked = random.Random(1).sample(held, min(BIDDERS_MOST, len(held)))
        with gunicorn("wsgi:app", environ, workers=1) as (host, port, pid):
            portal = _Portal(host, port, pid)
            yield from _at_once(portal, [code for code, _ in asked])
            yield from _many(portal, asked, data / "register.sqlite3", folder)


def _fill(data: Path, folder: Path, held: Sequence[Holder]) -> None:
    """The enterprises, two certificates of each, a penalty of every second and an entry on a list of every fourth."""
    enterprises = folder / "enterprises.csv"
    enterprises.write_text("uscc,name\n" + "".join(f'{code},"{name}"\n' for code, name in held))
    made = {
        "enterprise": [enterprises],
        "certificate": [certificates(folder / f"certificates-{turn}.csv", held, turn) for turn in (0, 1)],
        "penalty": [penalties(folder / "penalties.csv", held[::2])],
        "listing": [listings(folder / "listings.csv", held[::4])],
    }
    for kind, files in made.items():
        for each in files:
            python(
                *("indexer", "ingest", str(each), "--kind", kind, "--rejects", str(folder / "rejects")),
                environ={"ZHIXIN_DATA": str(data)},
            )


class _Portal:
    """The portal under one worker, asked over one connection."""

    def __init__(self, host: str, port: int, pid: int) -> None:
        self.pid = pid
        self._connection = http.client.HTTPConnection(host, port, timeout=600)

    def ask(
        self, method: str, path: str, body: bytes | None = None, media: str = "application/json"
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of an answer; raises for one that is no good."""
        self._connection.request(method, path, body, {"Content-Type": media} if body else {})
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 202):
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return answer.status, answer.headers, text

    def rest(self) -> None:
        """Hang up before a pause: the server does so after two seconds. The next question calls again."""
        self._connection.close()

    def check(self, codes: Sequence[str]) -> bytes:
        """A check of some codes, with its receipt."""
        body = json.dumps({"bidders": [{"id": code} for code in codes]}).encode()
        return self.ask("POST", "/api/v1/checks", body)[2]

    def cost(self, work: Callable[[], object]) -> tuple[float, float]:
        """Seconds on the clock, and processor seconds of the worker."""
        before, started = tree_seconds(self.pid), time.perf_counter()
        work()
        return time.perf_counter() - started, tree_seconds(self.pid) - before


def _at_once(portal: _Portal, codes: Sequence[str]) -> Iterator[Line]:
    """A thousand bidders in one call against a thousand calls; the first call reads from disk what the later ones find in memory."""
    some = codes[:AT_ONCE]
    cold, _ = portal.cost(lambda: portal.check(some))
    taken = [portal.cost(lambda: portal.check(some)) for _ in range(TURNS)]
    warm, cpu = median(each[0] for each in taken), median(each[1] for each in taken)
    alone, _ = portal.cost(lambda: [portal.check([code]) for code in some])
    status, _ = portal.cost(lambda: [portal.ask("GET", f"/api/v1/restrictions/{code}") for code in some])
    yield Line(
        f"{AT_ONCE:,} bidders by code over HTTP, seconds of the one worker",
        f"clock {warm:.2f} s, median of {TURNS}; the first time, files not in memory, {cold:.2f} s",
        cpu,
        "≤ 0.5",
    )
    yield Line(f"… seconds on the clock, median of {TURNS}", f"{warm:.2f} s", warm, "≤ 0.5")
    yield Line(
        f"… {AT_ONCE:,} checks of one bidder, one after another / one check of all, times",
        f"{alone:.1f} s",
        alone / warm,
        "≥ 10",
    )
    yield Line(
        f"… {AT_ONCE:,} GET /restrictions/CODE (no match, no receipt) / one check of all, times",
        f"{status:.1f} s",
        status / warm,
        "≥ 10",
    )


def _many(portal: _Portal, asked: Sequence[Holder], database: Path, folder: Path) -> Iterator[Line]:
    """The longest list from its XLSX to the last byte of the answer, and what the worker holds at its peak. The bare query comes
    before it too, for whoever comes first reads from disk what the others find in memory.
    """
    little = xlsx(folder / "few.xlsx", asked[: len(asked) // 10])
    whole = xlsx(folder / "many.xlsx", asked)
    _bare_seconds(whole, database)
    with _peak(portal.pid) as few_mb:
        _follow(portal, little)
    with _peak(portal.pid) as many_mb:
        seconds, cpu = portal.cost(lambda: _follow(portal, whole))
    bare = _bare_seconds(whole, database)
    reading = python("bench.checks", "ours", str(whole), environ={})
    yield Line(
        f"{len(asked):,} bidders from an XLSX over HTTP / openpyxl reads the file and one query finds their records",
        f"{cpu:.1f} s of processor ({seconds:.1f} on the clock), bare {bare:.1f} s",
        cpu / bare,
        "≤ 3",
    )
    yield Line(
        "… of this, reading the bidders", f"{_seconds(reading):.1f} s of processor", _seconds(reading), ""
    )
    yield Line(
        f"… peak memory of the portal against {len(asked) // 10:,} bidders",
        f"{many_mb[0]:.0f} and {few_mb[0]:.0f} MB",
        many_mb[0] / few_mb[0],
        "≤ 1.3",
    )


def _follow(portal: _Portal, file: Path) -> None:
    """Send a list and read the answer when it is there."""
    portal.rest()
    status, headers, _ = portal.ask("POST", "/api/v1/checks", file.read_bytes(), XLSX)
    while status == 202:
        time.sleep(0.2)
        status, headers, _ = portal.ask("GET", headers["Location"])


@contextmanager
def _peak(pid: int) -> Iterator[list[float]]:
    """The most memory of a process and those below it while the block runs, in MB."""
    peak, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            peak[0] = max(peak[0], tree_mb(pid))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _bare_seconds(file: Path, database: Path) -> float:
    return _seconds(python("bench.checks", "bare", str(file), str(database), environ={}))


def _seconds(cost: Cost) -> float:
    seconds: float = json.loads(cost.output)["seconds"]
    return seconds


_QUERY = (
    "SELECT * FROM json_each(?) AS asked JOIN subject ON subject.uscc = asked.value"
    " JOIN version ON version.subject_id = subject.id"
)


def _main(reader: str, path: Path, database: Path | None = None) -> None:
    started = time.process_time()
    if reader == "ours":
        rows = sum(1 for _ in read_file(path, path.name))
    else:
        book = load_workbook(path, read_only=True, data_only=True)
        codes = [row[2] for sheet in book.worksheets for row in sheet.iter_rows(min_row=3, values_only=True)]
        rows = sum(1 for _ in sqlite3.connect(str(database)).execute(_QUERY, [json.dumps(codes)]))
    print(json.dumps({"seconds": time.process_time() - started, "rows": rows}))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), *map(Path, sys.argv[3:]))

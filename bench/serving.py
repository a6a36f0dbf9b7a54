"""The JSON API under gunicorn on the national register, against a bare Flask route under the same gunicorn, turn by turn."""

import csv
import gzip
import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import IO

from bench.ingest import ours
from bench.process import python
from bench.table import Line
from indexer.identifiers import valid_uscc

CHECKOUT = Path(__file__).parent.parent
WORKERS = 2
CLIENTS = 4
SECONDS = 5.0
ROUNDS = 5
CERTIFICATES = 20_000


@contextmanager
def gunicorn(
    app: str, environ: Mapping[str, str], workers: int = WORKERS, log: Path | None = None
) -> Iterator[tuple[str, int, int]]:
    """`app` under gunicorn as `zhixin serve` runs it; gives host, port and the process's id. What it says goes into `log`."""
    command = [sys.executable, "-m", "gunicorn", app, "--bind", "127.0.0.1:0", "--workers", str(workers)]
    command += ["--log-level", "info"]
    with log.open("w+") if log else tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=os.environ | dict(environ), stderr=said, start_new_session=True
        )
        try:
            yield *_address(said, process, workers), process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _address(said: IO[str], process: "subprocess.Popen[bytes]", workers: int) -> tuple[str, int]:
    for _ in range(600):
        said.seek(0)
        text = said.read()
        if (found := re.search(r"Listening at: http://([\d.]+):(\d+)", text)) and text.count(
            "Booting worker"
        ) >= workers:
            time.sleep(2)  # the workers import the application after they are booted
            return found[1], int(found[2])
        if process.poll() is not None:
            raise RuntimeError(text)
        time.sleep(0.1)
    raise TimeoutError("gunicorn did not come up")


def rate(
    host: str, port: int, paths: Sequence[str], seconds: float, headers: Mapping[str, str] | None = None
) -> float:
    """Answers a second that `CLIENTS` connections get which ask one after another."""
    until = time.perf_counter() + seconds

    def ask(number: int) -> int:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        done, at = 0, number
        while time.perf_counter() < until:
            connection.request("GET", paths[at % len(paths)], headers=dict(headers or {}))
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{paths[at % len(paths)]}: {answer.status} {body[:200]!r}")
            done += 1
            at += CLIENTS
        connection.close()
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(ask, range(CLIENTS))) / seconds


def lines(shared: Path) -> Iterator[Line]:
    """The figures of the serving part."""
    file = shared / "data" / "enterprises_national.csv.gz"
    with ours(file) as (folder, _):
        environ = {"ZHIXIN_DATA": str(folder / "var"), "ZHIXIN_RATE_LIMITS": "off"}
        codes = _codes(file)
        numbers = _certificates(folder, codes, environ)
        asked = {
            "certificate": [f"/api/v1/certificates/{number}" for number in numbers],
            "subject": [f"/api/v1/subjects/{code}" for code in codes],
            "restrictions": [f"/api/v1/restrictions/{code}" for code in codes],
        }
        with (
            gunicorn("bench.bare_route:app", {}) as (host, port, _),
            gunicorn("wsgi:app", environ) as (our_host, our_port, _),
        ):
            for name, paths in asked.items():
                rate(our_host, our_port, paths, 1.0)
                rate(host, port, ["/"], 1.0)
                pairs = [
                    (rate(our_host, our_port, paths, SECONDS), rate(host, port, ["/"], SECONDS))
                    for _ in range(ROUNDS)
                ]
                ratios = sorted(ours_ / bare for ours_, bare in pairs)
                shown = f"{max(o for o, _ in pairs):.0f} of {max(b for _, b in pairs):.0f} answers/s"
                yield Line(
                    f"{name} JSON over gunicorn / bare Flask route, %",
                    shown,
                    ratios[len(ratios) // 2] * 100,
                    "≥ 40",
                )


def _codes(file: Path) -> list[str]:
    """Some thousand codes from all over the file, the same every time."""
    random = Random(1)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
        found = [
            row["uscc"] for row in csv.DictReader(rows) if random.random() < 0.03 and valid_uscc(row["uscc"])
        ]
    return found[:CERTIFICATES]


def _certificates(folder: Path, codes: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Generated certificates on the real codes, in this throw-away register only."""
    numbers = [f"99926Q{at:05d}R0M" for at in range(len(codes))]
    path = folder / "certificates.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["uscc", "number", "standard", "issuer", "issued_on", "valid_until", "status"])
        for code, number in zip(codes, numbers, strict=True):
            writer.writerow(
                [code, number, "GB/T 19001-2016", "示例认证中心有限公司", "2026-01-05", "2029-01-04", "有效"]
            )
    python("indexer", "ingest", str(path), environ=environ)
    return numbers

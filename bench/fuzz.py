"""schemathesis against the portal over the demonstration register: all checks, positive and negative, stateful, until enough was asked."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.serving import gunicorn
from bench.table import Line
from indexer.clock import Clock
from indexer.demo.load import load
from indexer.ingest import Job
from indexer.register.database import connect, migrate
from indexer.register.reading import Register
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.settings import Settings
from indexer.sync import sync

CHECKOUT = Path(__file__).parent.parent
CONFIGURATION = CHECKOUT / "bench" / "fuzz.toml"
ENOUGH = 50_000
EXAMPLES = 300  # of each operation, phase and turn


@dataclass
class Fuzzed:
    """What came of one or more turns: how many calls of each status there were, and what schemathesis said where something failed."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How many questions were asked."""
        return sum(self.statuses.values())

    @property
    def server_errors(self) -> int:
        """How many of the answers were 5xx."""
        return sum(count for status, count in self.statuses.items() if status >= 500)


def fuzz(url: str, seed: int, examples: int, *more: str) -> Fuzzed:
    """One turn against the portal at `url`, with at most `examples` questions of each operation in each phase."""
    found = Fuzzed()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "events.ndjson"
        command = [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(CONFIGURATION)]
        command += ["run", f"{url}/api/v1/openapi.json", "--checks", "all", "--seed", str(seed)]
        command += [
            "--wait-for-schema",
            "60",
            "--max-examples",
            str(examples),
            "--no-color",
            "--report",
            "ndjson",
        ]
        command += ["--report-ndjson-path", str(report), *more]
        environ = os.environ | {"PYTHONPATH": str(CHECKOUT), "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
        found.statuses.update(_statuses(report))
        if done.returncode:
            found.failures.append(done.stdout[-20_000:] + done.stderr[-5_000:])
    return found


def _statuses(report: Path) -> Iterator[int]:
    """The status of every answer that a report tells of."""
    with report.open(encoding="utf-8") as lines:
        for line in lines:
            yield from _within(json.loads(line))


def _within(event: object) -> Iterator[int]:
    if isinstance(event, dict):
        if isinstance(status := event.get("status_code"), int) and "headers" in event:
            yield status
        for value in event.values():
            yield from _within(value)
    elif isinstance(event, list):
        for value in event:
            yield from _within(value)


def demonstration(folder: Path) -> Path:
    """The demonstration register in `folder`, made where it is not there."""
    if not (folder / "register.sqlite3").exists():
        settings, clock = Settings(data=folder), Clock()
        folder.mkdir(parents=True, exist_ok=True)
        migrate(settings.database_url)
        engine = connect(settings.database_url)
        with tempfile.TemporaryDirectory() as files:
            load(Path(files), Job(engine, clock))
        sync(Register(engine, clock), EmbeddedEngine(settings.search_folder))
        engine.dispose()
    return folder


def lines(_shared: Path, calls: int = ENOUGH, more: Sequence[str] = ()) -> Iterator[Line]:
    """The figures: calls, failures and answers of 5xx. What failed goes to standard error."""
    whole, seed = Fuzzed(), 1
    with tempfile.TemporaryDirectory() as folder:
        data = demonstration(Path(folder) / "var")
        environ = {"ZHIXIN_DATA": str(data), "ZHIXIN_RATE_LIMITS": "off", "ZHIXIN_LOG_LEVEL": "WARNING"}
        with gunicorn("wsgi:app", environ) as (host, port, _):
            while whole.calls < calls and not whole.failures:
                turn = fuzz(f"http://{host}:{port}", seed, EXAMPLES, *more)
                whole.statuses += turn.statuses
                whole.failures += turn.failures
                seed += 1
                print(
                    f"{whole.calls:,} calls, {len(whole.failures)} turns failed", file=sys.stderr, flush=True
                )
    for failure in whole.failures:
        print(failure, file=sys.stderr)
    shown = ", ".join(f"{status}: {count:,}" for status, count in sorted(whole.statuses.items()))
    yield Line("schemathesis, all checks: calls", shown, whole.calls, f"≥ {calls}")
    yield Line("… turns with a failure", "", len(whole.failures), "≤ 0")
    yield Line("… answers of 5xx", "", whole.server_errors, "≤ 0")

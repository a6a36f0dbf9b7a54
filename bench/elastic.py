"""Elasticsearch against its bare client doing the same work, and against the embedded engine, on the national register.

The server is a real one, of the tests' recipe, on the same machine: what it takes from the processors our side does not have.
"""

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
from elasticsearch import helpers

from bench.finding import parity, queries, similarities
from bench.ingest import ours, tenth
from bench.process import python
from bench.serving import gunicorn
from bench.table import Line
from indexer.clock import Clock
from indexer.documents import documents
from indexer.ingest import Job, ingest
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.search.documents import tokens
from indexer.search.elastic.connection import Address, client
from indexer.search.elastic.engine import ElasticEngine
from indexer.search.elastic.index import Layout
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.search.protocol import SearchEngine
from indexer.search.query import Filters, Query
from tests import elastic_servers
from tests.cli.command import COLUMNS, certificate, write

READY_MADE = 200_000  # documents that the bare client sends; they are all in memory
WARM, TURN = 200, 50  # questions
BATCH, BATCHES, EVERY = 100, 60, 0.5  # rows, files, seconds: 200 rows a second


@contextmanager
def server() -> Iterator[str]:
    """The address of a node that runs its code as in production."""
    with (
        elastic_servers.open_folder() as folder,
        elastic_servers.single(folder, heap="1g", optimised=True) as node,
    ):
        yield node.url


def when_merged(url: str) -> None:
    """Wait until the merge is through that a reindex leaves to the cluster."""
    cluster = client(Address((url,), timeout=60))
    while cluster.tasks.list(actions="indices:admin/forcemerge*").body["nodes"]:
        time.sleep(0.5)


def lines(shared: Path) -> Iterator[Line]:
    """The figures of the Elasticsearch part."""
    file = shared / "data" / "enterprises_national.csv.gz"
    asked = queries(shared, file)
    with server() as url, ours(file) as (folder, _):
        environ = {"ZHIXIN_DATA": str(folder / "var"), "ZHIXIN_SEARCH_URL": url, "ZHIXIN_RATE_LIMITS": "off"}
        register = Register(connect(f"sqlite:///{folder / 'var' / 'register.sqlite3'}"), Clock())
        yield from _building(register, url, environ)
        elastic = ElasticEngine(Address((url,), timeout=30))
        yield from parity(register, EmbeddedEngine(folder / "var" / "search"), elastic, asked)
        yield from similarities(url, register, elastic, asked)
        yield from _answering(url, environ, asked)
        yield _growing(url, file, asked)
        yield _following(register, elastic, folder, environ)


def _building(register: Register, url: str, environ: dict[str, str]) -> Iterator[Line]:
    before = _bare_rate(register, url)
    took = python("indexer", "reindex", environ=environ, until="new index is live")
    when_merged(url)
    after = _bare_rate(register, url)
    count = ElasticEngine(Address((url,), timeout=30)).count()
    rate, bare = count / took.seconds, (before + after) / 2
    yield Line(
        "full reindex until it is live / helpers.parallel_bulk with ready-made documents, %",
        f"{rate:,.0f} of {before:,.0f} and {after:,.0f} documents/s ({took.seconds:.0f} s, {took.peak_mb:.0f} MB)",
        rate / bare * 100,
        "≥ 70",
    )
    compared = python("indexer", "doctor", environ=environ)
    yield Line("doctor compares all, minutes", f"{count:,} documents", compared.seconds / 60, "")


def _bare_rate(register: Register, url: str) -> float:
    """Documents a second that the client's own helper gets into an index of the same fields."""
    bare = client(Address((url,), timeout=60))
    made = [
        {"_index": "bare", "_id": each.id, "routing": each.routing, "_source": _ready(tokens(each))}
        for each in documents(register, register.records_between(0, READY_MADE))
    ]
    bare.options(ignore_status=404).indices.delete(index="bare")
    bare.indices.create(index="bare", **Layout().body())
    started = time.perf_counter()
    if not all(fine for fine, _ in helpers.parallel_bulk(bare, made)):
        raise RuntimeError("a document was refused")
    bare.indices.refresh(index="bare")
    seconds = time.perf_counter() - started
    bare.indices.delete(index="bare")
    return len(made) / seconds


def _ready(fields: Any) -> dict[str, Any]:
    dated = fields["dated"]
    rest = {name: value for name, value in fields.items() if name not in ("dated", "id")}
    return rest | ({"dated": date.fromordinal(dated).isoformat()} if dated else {})


class _Heard(ElasticEngine):
    """An engine that keeps what it asks the cluster."""

    def __init__(self, url: str) -> None:
        super().__init__(Address((url,), timeout=30))
        self.bodies: list[bytes] = []

    def _ask(self, **body: Any) -> Any:
        named = {"_source" if name == "source" else name: value for name, value in body.items()}
        self.bodies.append(orjson.dumps({name: value for name, value in named.items() if value is not None}))
        return super()._ask(**body)


def asked_of_cluster(url: str, texts: Sequence[str]) -> list[list[bytes]]:
    """For each text what the engine asks the cluster to answer it."""
    engine = _Heard(url)
    found = []
    for text in texts:
        engine.bodies.clear()
        engine.search(Query(text, Filters(kind=("enterprise",)), limit=10))
        found.append(list(engine.bodies))
    return found


def _timed(host: str, requests: Sequence[tuple[str, str, bytes | None]]) -> list[float]:
    """Milliseconds of each answer, one after another over one connection."""
    connection = http.client.HTTPConnection(host, timeout=60)
    took = []
    for method, path, body in requests:
        started = time.perf_counter()
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        said = answer.read()
        took.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {said[:200]!r}")
    connection.close()
    return took


def own_answers(url: str, asked: Sequence[Sequence[bytes]], index: str = "zhixin") -> list[float]:
    """Milliseconds that the cluster takes for each text, given what the engine asks it."""
    path = f"/{index}/_search"
    took = iter(_timed(urlsplit(url).netloc, [("POST", path, body) for bodies in asked for body in bodies]))
    return [sum(islice(took, len(bodies))) for bodies in asked]


def _answering(url: str, environ: dict[str, str], asked: Sequence[dict[str, str]]) -> Iterator[Line]:
    """The API, the cluster's own answers, and between them a bare route with the same two questions, turn by turn."""
    texts = [each["q"] for each in asked]
    paths = [f"/api/v1/search?{urlencode({'q': t, 'kind': 'enterprise', 'limit': 10})}" for t in texts]
    bodies = asked_of_cluster(url, texts)
    with tempfile.NamedTemporaryFile() as ready:
        ready.write(orjson.dumps([[orjson.loads(body) for body in some] for some in bodies]))
        ready.flush()
        with (
            gunicorn("wsgi:app", environ) as (host, port, _),
            gunicorn("bench.bare_search:app", environ | {"BARE_QUESTIONS": ready.name}) as (at, bare_port, _),
        ):
            ours_, bare, own = list[float](), list[float](), list[float]()
            for first in (*range(0, WARM, TURN), *range(0, len(texts), TURN)):
                some = range(first, min(first + TURN, len(texts)))
                ours_ += _timed(f"{host}:{port}", [("GET", paths[each], None) for each in some])
                bare += _timed(f"{at}:{bare_port}", [("GET", f"/?at={each}", None) for each in some])
                own += own_answers(url, bodies[first : first + TURN])
    mine, least, theirs = (statistics.quantiles(each[WARM:], n=100) for each in (ours_, bare, own))
    for part, limit in ((50, "≤ 1.5"), (99, "≤ 2")):
        yield Line(
            f"search over the API / the cluster's own answer, p{part}",
            f"{mine[part - 1]:.1f} of {theirs[part - 1]:.1f} ms",
            mine[part - 1] / theirs[part - 1],
            limit,
        )
        yield Line(
            f"… a bare route that asks the same / the cluster's own answer, p{part}",
            f"{least[part - 1]:.1f} of {theirs[part - 1]:.1f} ms",
            least[part - 1] / theirs[part - 1],
            "",
        )


def _growing(url: str, file: Path, asked: Sequence[dict[str, str]]) -> Line:
    texts = [each["q"] for each in asked]
    with tenth(file) as part, ours(part) as (folder, _):
        environ = {"ZHIXIN_SEARCH_URL": url, "ZHIXIN_SEARCH_INDEX": "tenth"}
        python("indexer", "reindex", environ=environ | {"ZHIXIN_DATA": str(folder / "var")})
        when_merged(url)
    bodies = asked_of_cluster(url, texts)
    small_, large = (own_answers(url, (*bodies[:WARM], *bodies), name)[WARM:] for name in ("tenth", "zhixin"))
    return Line(
        "p50 at 1.1 M documents / at 110 k",
        f"{statistics.median(large):.1f} and {statistics.median(small_):.1f} ms",
        statistics.median(large) / statistics.median(small_),
        "≤ 2",
    )


def _following(register: Register, elastic: SearchEngine, folder: Path, environ: dict[str, str]) -> Line:
    """Seconds from a commit until its last row is found, while a follower works and 200 rows a second come in."""
    took: list[float] = []
    with subprocess.Popen(
        [sys.executable, "-m", "indexer", "sync", "--follow"], env=os.environ | environ
    ) as follower:
        time.sleep(5)  # it starts, and finds nothing to do
        watching = []
        for batch in range(BATCHES):
            began = time.monotonic()
            path = folder / "batch.csv"
            numbers = range(batch * BATCH, (batch + 1) * BATCH)
            write(path, [certificate(number) for number in numbers], COLUMNS)
            ingest([path], Job(register.engine, register.clock))
            watcher = threading.Thread(
                target=_found, args=(elastic, f"SL{numbers[-1]:07d}Q", time.monotonic(), took)
            )
            watcher.start()
            watching.append(watcher)
            time.sleep(max(0.0, EVERY - (time.monotonic() - began)))
        for watcher in watching:
            watcher.join(30)
        with suppress(ProcessLookupError):
            follower.terminate()
    if len(took) < BATCHES:
        raise RuntimeError(f"only {len(took)} of {BATCHES} batches were found")
    worst = sorted(took)[int(len(took) * 0.99)]
    return Line(
        "commit → findable under 200 rows a second, p99 in seconds",
        f"median {statistics.median(took):.2f} s",
        worst,
        "≤ 2",
    )


def _found(elastic: SearchEngine, number: str, since: float, took: list[float]) -> None:
    while time.monotonic() - since < 30:
        if elastic.search(Query(number, limit=1)).hits:
            took.append(time.monotonic() - since)
            return
        time.sleep(0.02)

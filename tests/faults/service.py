"""A register in PostgreSQL with its index in Elasticsearch: batches go in, workers run as processes of their own, people search."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from elasticsearch import Elasticsearch

from indexer.batches import batched
from indexer.clock import Clock
from indexer.comparing import Drift, drifts
from indexer.errors import ZhixinError
from indexer.ingest import Job, ingest
from indexer.register.database import connect
from indexer.register.queue import Queue
from indexer.register.reading import Register
from indexer.search.elastic.engine import ElasticEngine
from indexer.search.elastic.index import Layout
from indexer.search.opening import open_engine
from indexer.search.query import Query
from indexer.settings import Settings
from tests.cli.command import Ended, Zhixin, certificate, write
from tests.servers import CHECKOUT

POLL = 0.05
PATIENT = 90.0
LINE_KEPT = 40


def wait_until(reached: Callable[[], object], what: str, seconds: float = PATIENT) -> float:
    """Seconds until `reached()`."""
    began = time.monotonic()
    while not reached():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(POLL)
    return time.monotonic() - began


def name_of(number: int) -> str:
    """What the holder of `certificate(number)` is called."""
    return certificate(number)["主体名称"]


class Follower:
    """A process `zhixin sync --follow`, and the file of what it says."""

    def __init__(self, output: Path, environ: Mapping[str, str]) -> None:
        self._output = output
        with output.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "indexer", "sync", "--follow"],
                cwd=CHECKOUT,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        """All that it has written so far."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def waited_for(self) -> list[str]:
        """What it told about why the index waits."""
        return [
            line.partition("the index waits: ")[2]
            for line in self.said().splitlines()
            if "the index waits" in line
        ]

    def running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in good order, as it must be able to whatever the cluster does."""
        if self.running():
            self._process.terminate()
            try:
                self._process.wait(timeout=PATIENT)
            except subprocess.TimeoutExpired:
                self.kill()
                raise


@dataclass
class Service:
    """A register, and an index named `index` in the cluster of `urls`. `settings` are of the environment, beside the addresses."""

    database_url: str
    folder: Path
    urls: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)
    index: str = field(default_factory=lambda: f"faults-{uuid4().hex}")
    clock: Clock = field(default_factory=Clock)

    @property
    def environ(self) -> dict[str, str]:
        scheme = self.urls[0].partition("://")[0]
        hosts = ",".join(url.partition("://")[2] for url in self.urls)
        named = {"ZHIXIN_SEARCH_URL": f"{scheme}://{hosts}", "ZHIXIN_SEARCH_INDEX": self.index}
        return Zhixin(self.folder, self.database_url).environ | named | dict(self.settings)

    @cached_property
    def register(self) -> Register:
        return Register(connect(self.database_url), self.clock)

    @cached_property
    def queue(self) -> Queue:
        return Queue(self.register.engine)

    @cached_property
    def engine(self) -> ElasticEngine:
        return self.new_engine()

    def new_engine(self) -> ElasticEngine:
        """The engine of another process: it has asked nothing yet."""
        engine = open_engine(Settings.from_environ(self.environ))
        assert isinstance(engine, ElasticEngine)
        return engine

    def take(self, numbers: Iterable[int], **changed: str) -> None:
        """Ingest a batch of certificates."""
        file = write(self.folder / f"{uuid4().hex}.csv", (certificate(n, **changed) for n in numbers))
        for report in ingest([file], Job(self.register.engine, self.clock)):
            assert report.refused is None, report.refused
        file.unlink()

    def run(self, *arguments: object, **settings: str) -> Ended:
        """A command to its end."""
        return Zhixin(self.folder, self.database_url)(*arguments, environ=self.environ | settings)

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        """A command, under way."""
        return Zhixin(self.folder, self.database_url).start(*arguments, environ=self.environ)

    @contextmanager
    def writing(self, numbers: Iterable[int], size: int = 20, pause: float = 0.2) -> Iterator[None]:
        """Meanwhile batches of so many new certificates come in, and changes to old ones."""
        stop = threading.Event()
        failed: list[Exception] = []

        def write() -> None:
            try:
                for some in batched(numbers, size):
                    self.take(some)
                    self.take(some[::4], 发证机构="示例另一认证有限公司")
                    if stop.wait(pause):
                        return
            except Exception as error:
                failed.append(error)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        assert failed == []

    @contextmanager
    def followers(self, number: int) -> Iterator[list[Follower]]:
        """So many workers that keep the index up."""
        with ExitStack() as running:
            started = []
            for _ in range(number):
                follower = Follower(self.folder / f"follower-{uuid4().hex}.log", self.environ)
                started.append(follower)
                running.callback(follower.stop)
            try:
                yield started
            finally:
                for said in filter(None, (follower.said() for follower in started)):
                    print(f"--- a follower wrote:\n{_last_lines(said)}")

    def wait_until_caught_up(self, seconds: float = PATIENT) -> float:
        """Seconds until nothing waits for the index."""
        return wait_until(lambda: self.queue.waiting(1) == 0, "the outbox is empty", seconds)

    def public(self) -> dict[str, str]:
        """The id of each public record by its subject's name."""
        records = self.register.records_between(0, self.register.last_version())
        return {str(record.name): record.id for record in records}

    def drifts(self) -> list[Drift]:
        """Where the index differs from the register."""
        return list(drifts(self.register, self.engine))

    def assert_index_equals_register(self) -> None:
        """Nothing waits, and the index holds the public records of the register, each as it is now, and nothing else."""
        assert self.queue.waiting(1) == 0
        assert self.drifts() == []
        assert self.engine.count() == len(self.public())

    def make_index(self, mappings: Mapping[str, Any], number: int = 1) -> str:
        """A live, empty generation whose mapping is that of this release but for `mappings`; gives its name."""
        layout = Layout(self.index)
        body = layout.live_body()
        body["mappings"] = body["mappings"] | mappings
        name = f"{self.index}-g{number:06d}"
        with self.client() as client:
            client.indices.create(index=name, **body)
        return name

    def client(self) -> Elasticsearch:
        """A client of the bare cluster. Close it."""
        return Elasticsearch(list(self.urls), request_timeout=30)

    def generations(self) -> dict[str, set[str]]:
        """The indexes of this register in the cluster, each with its aliases."""
        with self.client() as client:
            found = client.indices.get(index=f"{self.index}-g*", features="aliases").body
        return {name: set(index["aliases"]) for name, index in found.items()}

    def remove_indexes(self) -> None:
        """As an accident would."""
        with self.client() as client:
            for index in self.generations():
                client.indices.delete(index=index)

    def close(self) -> None:
        """Let go of the database."""
        self.register.engine.dispose()


@dataclass(frozen=True)
class Answer:
    """What one search came to: when it was asked, how long it took, and what was wrong with it, if anything."""

    asked: float
    seconds: float
    error: str | None


class Asking:
    """People who search for certain names all the time, `rate` times a second in all. Each must find its own record first."""

    def __init__(
        self, engine: ElasticEngine, expected: Mapping[str, str], rate: float, threads: int = 8
    ) -> None:
        self._engine = engine
        self._expected = list(expected.items())
        self._pause = threads / rate
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(place,)) for place in range(threads)]
        self.answers: list[Answer] = []

    def __enter__(self) -> "Asking":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def errors(self, since: float = 0.0) -> list[Answer]:
        """The searches asked since then that failed, or found something else."""
        return [each for each in list(self.answers) if each.error is not None and each.asked >= since]

    def recovered(self, since: float, quiet: float, within: float = 30.0) -> float:
        """Seconds from `since` to the last error, when `quiet` seconds without one have followed; fails when errors go on."""
        while True:
            last = max((each.asked + each.seconds for each in self.errors(since)), default=since)
            assert last - since <= within, f"errors {last - since:.1f} s after: {self.errors(since)[-5:]}"
            if time.monotonic() - last >= quiet:
                return last - since
            time.sleep(POLL)

    def _ask(self, place: int) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            name, id_ = self._expected[place % len(self._expected)]
            place += len(self._threads) + 1
            began = time.monotonic()
            error = self._error(name, id_)
            self.answers.append(Answer(began, time.monotonic() - began, error))
            due = max(due + self._pause, time.monotonic())
            self._stop.wait(due - time.monotonic())

    def _error(self, name: str, id_: str) -> str | None:
        try:
            hits = self._engine.search(Query(name, limit=3)).hits
        except ZhixinError as error:
            return f"{error.code}: {error.en}"
        return None if hits and hits[0].id == id_ else f"{name} finds {[hit.id for hit in hits]}"

    def slowest(self, since: float = 0.0) -> float:
        """Seconds that the slowest search took."""
        return max(each.seconds for each in list(self.answers) if each.asked >= since)


@contextmanager
def opened(service: Service) -> Iterator[Service]:
    """The service over a migrated, empty database; at the end its indexes are removed."""
    try:
        yield service
    finally:
        service.close()
        service.remove_indexes()


def _last_lines(text: str) -> str:
    return "\n".join(text.splitlines()[-LINE_KEPT:])

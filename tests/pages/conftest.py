"""The pages as people see them: through gunicorn and a real browser over the demonstration, and in this process over a few records."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Response

from indexer.register.database import connect
from indexer.settings import Settings
from portal.app import create_app
from portal.context import EXTENSION
from tests import servers
from tests.register.conftest import Desk


@dataclass
class Visitor:
    """Somebody with a browser, who notes what the browser complains about."""

    page: Page
    url: str
    complaints: list[str]

    def visit(self, path: str) -> Response:
        """Open a page of the portal."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        return answer

    @property
    def text(self) -> str:
        """What stands on the page."""
        return self.page.inner_text("body")


@pytest.fixture(scope="session")
def url(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal over a demonstration register of its own: what people look up in bulk is kept."""
    folder = shutil.copytree(demonstration, tmp_path_factory.mktemp("data") / "demo")
    environ = {"ZHIXIN_DATA": str(folder), "ZHIXIN_RATE_LIMITS": "off"}
    with servers.portal(environ, tmp_path_factory.mktemp("log") / "gunicorn.log") as started:
        yield started.url


def _visitor(browser: Browser, url: str, locale: str = "zh-CN", *, script: bool = True) -> Iterator[Visitor]:
    opened = browser.new_context(locale=locale, java_script_enabled=script)
    page = opened.new_page()
    visitor = Visitor(page, url, [])
    page.on("console", lambda said: visitor.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    yield visitor
    opened.close()


@pytest.fixture
def visitor(browser: Browser, url: str) -> Iterator[Visitor]:
    """Somebody at a desk."""
    yield from _visitor(browser, url)


@pytest.fixture
def foreigner(browser: Browser, url: str) -> Iterator[Visitor]:
    """Somebody who reads English."""
    yield from _visitor(browser, url, "en-GB")


@pytest.fixture
def scriptless(browser: Browser, url: str) -> Iterator[Visitor]:
    """Somebody whose browser runs no script."""
    yield from _visitor(browser, url, script=False)


@dataclass(frozen=True)
class House:
    """A register of a few records with the portal over it, both by the same clock."""

    desk: Desk
    client: FlaskClient

    def page(self, path: str, status: int = 200, **asked: object) -> str:
        """The HTML at `path`, which must answer with `status`."""
        answer = self.client.get(path, query_string=asked or None, headers={"Accept-Language": "zh-CN"})
        assert answer.status_code == status, answer.text
        return answer.text


@pytest.fixture
def house(databases: servers.Databases, tmp_path: Path) -> Iterator[House]:
    """A house over an empty register."""
    with databases.fresh("sqlite") as url:
        desk = Desk(connect(url))
        app = create_app(Settings(data=tmp_path / "var", database_url=url, rate_limits=()), desk.clock)
        yield House(desk, app.test_client())
        desk.engine.dispose()
        app.extensions[EXTENSION].register.engine.dispose()

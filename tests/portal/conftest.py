"""The portal as programs use it: over HTTP on the demonstration register, and in this process on registers of a few records."""

import http.client
import json
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer.register.database import connect
from indexer.settings import Settings
from indexer.sync import reindex, sync
from portal.app import create_app
from portal.context import EXTENSION
from tests import servers
from tests.register.conftest import Desk

API = "/api/v1"


@dataclass(frozen=True)
class Reply:
    """What the portal answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def wrong(self) -> list[str]:
        """The arguments that a problem names."""
        return [each["where"] for each in self.json.get("errors", ())]


class Program:
    """Somebody's program: asks the portal at `url` and reads what it says."""

    def __init__(self, url: str, log: Path | None = None) -> None:
        self.host = urlsplit(url).netloc
        self._log = log

    @property
    def log(self) -> Path:
        """What the portal has written to standard output and error."""
        assert self._log is not None
        return self._log

    def get(self, path: str, **asked: Any) -> Reply:
        """Ask for `path` under the API, with the arguments `asked`."""
        query = f"?{urlencode(asked)}" if asked else ""
        return self.fetch(f"{API}{path}{query}")

    def of(self, path: str, part: str, tail: str = "", **asked: Any) -> Reply:
        """Ask for the address that `part`, as somebody wrote it, makes below `path`."""
        return self.get(f"{path}/{quote(part, safe='')}{tail}", **asked)

    def fetch(self, target: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Reply:
        """Ask for any address."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, target, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def post(self, target: str, body: bytes, media: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Send a body to any address."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request("POST", target, body, {"Content-Type": media, **(headers or {})})
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def raw(self, target: bytes) -> Reply:
        """Ask with bytes that no library would send."""
        name, port = self.host.split(":")
        with socket.create_connection((name, int(port)), timeout=30) as talking:
            talking.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: zhixin\r\nConnection: close\r\n\r\n")
            answer = http.client.HTTPResponse(talking)
            answer.begin()
            return Reply(answer.status, dict(answer.headers), answer.read())


@pytest.fixture(scope="session")
def program(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that asks a portal over the demonstration register."""
    environ = {"ZHIXIN_DATA": str(demonstration), "ZHIXIN_RATE_LIMITS": "off"}
    with servers.portal(environ, tmp_path_factory.mktemp("portal") / "gunicorn.log") as started:
        yield Program(started.url, started.output)


@dataclass(frozen=True)
class House:
    """A register of a few records with the portal over it, both by the same clock."""

    desk: Desk
    app: Flask

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def get(self, path: str, **asked: object) -> Any:
        """The JSON at `path` under the API, which must be there."""
        answer = self.client.get(API + path, query_string=asked)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def sync(self) -> None:
        """Bring the search index up with the register."""
        sync(self.desk.register, self.app.extensions[EXTENSION].search)

    def cut_off(self) -> None:
        """Take the search index away."""
        shutil.rmtree(self.app.extensions[EXTENSION].settings.search_folder)

    def reindex(self) -> None:
        """Give it an index again."""
        reindex(self.desk.register, self.app.extensions[EXTENSION].search)


@pytest.fixture
def open_house(databases: servers.Databases, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes a house over an empty register; settings may be named."""
    made: list[House] = []
    with databases.fresh("sqlite") as url:

        def build(**settings: Any) -> House:
            desk = Desk(connect(url))
            chosen: Any = {"data": tmp_path / "var", "database_url": url, "rate_limits": ()} | settings
            house = House(desk, create_app(Settings(**chosen), desk.clock))
            made.append(house)
            return house

        yield build
        for house in made:
            house.app.extensions[EXTENSION].key_use.stop()
            house.desk.engine.dispose()
            house.app.extensions[EXTENSION].register.engine.dispose()


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    """A house over an empty register."""
    return open_house()

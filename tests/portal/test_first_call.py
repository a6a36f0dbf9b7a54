"""The first call that `/docs/api` shows works as it stands there: from a shell, in Python, and in JavaScript on a page of another site."""

import html
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser

from portal.pages.first_call import ASKED, first_calls
from tests.portal.conftest import Program


@pytest.fixture(scope="module")
def shown(program: Program) -> dict[str, str]:
    """The calls as they stand on the page, by language."""
    page = program.fetch("/docs/api").text
    found = dict(re.findall(r"<h3>([^<]+)</h3><pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL))
    return {language: html.unescape(text) for language, text in found.items()}


@pytest.fixture(scope="module")
def expected(program: Program) -> Any:
    return program.get("/search", q=ASKED, limit=3).json["results"]


def lines(results: Any) -> list[str]:
    return [f"{hit['name']} {hit['title']} {hit['url']}" for hit in results]


def test_the_page_shows_them_with_its_own_address(program: Program, shown: dict[str, str]) -> None:
    assert shown == {call.language: call.text for call in first_calls(f"http://{program.host}")}
    assert list(shown) == ["curl", "Python", "JavaScript"]


def test_from_a_shell(shown: dict[str, str], expected: Any) -> None:
    done = subprocess.run(["sh", "-c", shown["curl"]], capture_output=True, check=True)
    assert json.loads(done.stdout)["results"] == expected and len(expected) == 3


def test_in_python_without_a_library(shown: dict[str, str], expected: Any) -> None:
    command = [sys.executable, "-I", "-X", "utf8", "-c", shown["Python"]]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.decode().splitlines() == lines(expected)


class _Elsewhere(BaseHTTPRequestHandler):
    """A page of another site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of another site: another port is another origin."""
    with HTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_in_javascript_on_a_page_of_another_site(
    browser: Browser, elsewhere: str, shown: dict[str, str], expected: Any
) -> None:
    context = browser.new_context()
    page, said = context.new_page(), list[str]()
    page.goto(elsewhere)
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(f"async () => {{ {shown['JavaScript']} }}")
    context.close()
    assert said == lines(expected)

"""The client against a real portal over the demonstration, and against servers that answer what a test tells them to."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.portal.conftest import Program, program
from zhixin_client import Client

__all__ = ["program"]


@pytest.fixture
def client(program: Program) -> Iterator[Client]:
    """A client of the portal over the demonstration."""
    with Client(f"http://{program.host}") as asking:
        yield asking


@dataclass
class Scripted:
    """A server that gives its replies one after another, and notes what it was asked."""

    replies: list[tuple[int, dict[str, str], bytes] | None]
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def scripted() -> Iterator[Callable[..., Scripted]]:
    """Starts a server with the replies given: status, headers, body; None breaks the connection off."""
    running: list[tuple[HTTPServer, threading.Thread]] = []

    def start(*replies: tuple[int, dict[str, str], bytes] | None) -> Scripted:
        script = Scripted(list(replies))

        class Answers(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                script.asked.append((self.command, self.path, dict(self.headers)))
                reply = script.replies.pop(0)
                self.close_connection = True
                if reply is None:
                    return
                status, headers, body = reply
                self.send_response(status)
                # The end is announced: a client that asks on while the server closes would lose a try.
                for name, value in (
                    headers | {"Content-Length": str(len(body)), "Connection": "close"}
                ).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _answer  # noqa: N815  the library's names

            def log_message(self, *_: object) -> None:
                return

        server = HTTPServer(("127.0.0.1", 0), Answers)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        script.url = f"http://127.0.0.1:{server.server_port}"
        return script

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()

"""A register whose changes are sent to a real HTTPS server on this machine, under names that a resolver of the test's own knows."""

import datetime as dt
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.feed.recording import record
from indexer.register.database import connect
from indexer.settings import Settings
from indexer.webhooks.addresses import networks
from indexer.webhooks.delivering import Deliveries, Form, bare
from indexer.webhooks.receivers import Receivers, Wish
from indexer.webhooks.sending import Sender
from tests.register.conftest import Desk
from tests.servers import Databases

HOST = "hooks.example.cn"
LOOPBACK = ("127.0.0.0/8",)
BY = Caller(network="test")


@dataclass
class Catcher:
    """A receiver: what came, and what it answers."""

    port: int
    caught: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: reply(handler, 204)

    def say(self, status: int, **headers: str) -> None:
        """Answer with a status from now on."""
        self.answer = lambda handler: reply(handler, status, **headers)

    def taken(self) -> list[Any]:
        """The messages that came, and forget them."""
        messages = [json.loads(body) for _path, _headers, body in self.caught]
        self.caught.clear()
        return messages

    def url(self, host: str = HOST) -> str:
        """Its address."""
        return f"https://{host}:{self.port}/hook?of=zhixin"


def reply(handler: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    """An answer without a body."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@dataclass(frozen=True)
class Authority:
    """Certificates for names, and the file of who vouches for them."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def ca(self) -> str:
        return str(self.folder / "ca.pem")

    def chain(self, host: str) -> str:
        """A file with the key and certificate of a name."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(host)]
        made = certificate(host, key, self.certificate.subject, self.key, x509.SubjectAlternativeName(names))
        path = self.folder / f"{host}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        return str(path)


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name | None,
    by: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    """A certificate of a name for a day."""
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer or own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(extension, critical=True)
        .sign(by, hashes.SHA256())
    )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    key, folder = ec.generate_private_key(ec.SECP256R1()), tmp_path_factory.mktemp("authority")
    made = certificate("示例 CA", key, None, key, x509.BasicConstraints(ca=True, path_length=0))
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return Authority(folder, key, made)


class Server(ThreadingHTTPServer):
    """Says nothing of those who hang up."""

    def handle_error(self, *_: object) -> None:
        pass


class Listening:
    """Starts catchers; `host` is whose certificate they show, None for no TLS."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.servers: list[ThreadingHTTPServer] = []

    def __call__(self, host: str | None = HOST, address: str = "127.0.0.1", port: int = 0) -> Catcher:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                catcher.caught.append((self.path, dict(self.headers), body))
                catcher.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        server = Server((address, port), Handler)
        catcher = Catcher(server.server_port)
        if host is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.authority.chain(host))
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.servers.append(server)
        return catcher


@pytest.fixture
def listening(authority: Authority) -> Iterator[Listening]:
    started = Listening(authority)
    yield started
    for server in started.servers:
        server.shutdown()
        server.server_close()


@dataclass
class Names:
    """A resolver: each name with the answers that it gives one after another, the last again and again."""

    answers: dict[str, list[Sequence[str]]]
    asked: int = 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        try:
            return [str(ip_address(host))]
        except ValueError:
            given = self.answers[host]
            return given.pop(0) if len(given) > 1 else given[0]


@dataclass
class Office:
    """A register, its receivers, and what sends to them."""

    desk: Desk
    accounts: Accounts
    receivers: Receivers
    deliveries: Deliveries
    names: Names

    def work(self) -> int:
        """Record and send, once; gives the number of tries."""
        record(self.desk.register)
        return self.deliveries.work()

    def later(self, **time_: float) -> int:
        """The same after some time."""
        self.desk.clock.instant += dt.timedelta(**time_)
        return self.work()

    def registered(self, catcher: Catcher, host: str = HOST, **wanted: Any) -> tuple[int, str]:
        """A receiver that has taken its test."""
        made = self.receivers.register(
            BY, Wish(catcher.url(host), "示例接收方", "ops@firm.example", **wanted)
        )
        self.work()
        assert [each["type"] for each in catcher.taken()] == ["register.test"]
        return made


class OpenOffice:
    """Makes offices over a database."""

    def __init__(self, url: str, folder: Path, authority: Authority) -> None:
        self.engine, self.folder, self.authority, self.url = connect(url), folder, authority, url

    def __call__(self, inside: Sequence[str] = LOOPBACK, form: Form = bare, *, begun: bool = True) -> Office:
        """An office that lets messages go to networks `inside`; `begun` says whether the feed has."""
        settings = Settings(
            data=self.folder,
            database_url=self.url,
            secret_key="a key for this test",
            base_url="https://credit.example.cn",
            webhook_networks=tuple(inside),
            webhook_ca=self.authority.ca,
        )
        desk = Desk(self.engine)
        if begun:
            record(desk.register)
        accounts = Accounts(self.engine, desk.clock, settings)
        names = Names({HOST: [["127.0.0.1"]]})
        sender = Sender(networks(settings.webhook_networks), settings.webhook_ca, names)
        deliveries = Deliveries(desk.register, accounts, form, sender)
        return Office(desk, accounts, Receivers(accounts), deliveries, names)


@pytest.fixture
def open_office(
    request: pytest.FixtureRequest, databases: Databases, tmp_path: Path, authority: Authority
) -> Iterator[OpenOffice]:
    with databases.fresh(getattr(request, "param", "sqlite")) as url:
        opened = OpenOffice(url, tmp_path, authority)
        yield opened
        opened.engine.dispose()


@pytest.fixture
def office(open_office: OpenOffice) -> Office:
    return open_office()


def slowly(handler: BaseHTTPRequestHandler) -> None:
    """Drip an answer, so that no single read takes long and the whole never ends."""
    try:
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        handler.close_connection = True

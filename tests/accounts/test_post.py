"""Letters go through a real SMTP server, each once, and wait while there is none."""

import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from indexer.accounts.audit import Caller
from indexer.accounts.post import TRIES, NoServer, Post, Sent, ServerDown
from indexer.accounts.roles import Role
from indexer.errors import InvalidParameter
from tests.accounts.cast import somebody
from tests.accounts.conftest import HOME, Office

MAIL = "one@firm.example"


@dataclass
class Box:
    """A server for mail: keeps what it gets, and refuses addresses with an answer of one's choice."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  its name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content: Any = envelope.content
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        return "250 OK"


@contextmanager
def open_box(port: int = 0, **options: Any) -> Iterator[Box]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))
        number = free.getsockname()[1]
    box = Box(number)
    controller = Controller(box, hostname="127.0.0.1", port=number, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def post(office: Office, box: Box, before: str = "smtp+plain://") -> Post:
    accounts = office.accounts
    settings = replace(accounts.settings, smtp_url=f"{before}127.0.0.1:{box.port}")
    return Post(accounts.engine, office.clock, settings, accounts.mailbox.seal)


def test_a_letter_arrives_once_with_its_link(office: Office) -> None:
    somebody(office.accounts, MAIL)
    office.accounts.links.ask_reset(HOME, MAIL)
    with open_box() as box:
        assert post(office, box).send() == Sent(1, 0, 0)
        assert post(office, box).send() == Sent(0, 0, 0)
        [letter] = box.letters
    assert letter["To"] == MAIL
    assert letter["From"] == "质信 <noreply@credit.example.cn>"
    assert letter["Subject"] == "重设密码 · Set a new password"
    assert letter.get_content_type() == "text/plain"
    text = letter.get_content()
    path = text.partition("https://credit.example.cn")[2].split()[0]
    assert office.accounts.links.read(path.removeprefix("/link/")).mail == MAIL


def test_a_letter_of_a_transaction_that_failed_is_not_sent(office: Office) -> None:
    with pytest.raises(InvalidParameter):
        office.accounts.links.invite(Caller(), "示例", "no address", Role.OPERATOR, "")
    with open_box() as box:
        assert post(office, box).send() == Sent(0, 0, 0)


def test_letters_wait_while_the_server_is_down_and_are_sent_when_it_is_back(office: Office) -> None:
    somebody(office.accounts, MAIL)
    office.accounts.links.ask_reset(HOME, MAIL)
    with open_box() as box:
        port = box.port
    with pytest.raises(ServerDown):
        post(office, box).send()
    with open_box(port) as box:
        assert post(office, box).send() == Sent(0, 0, 0)  # not before its time
        office.wait(minutes=1)
        assert post(office, box).send() == Sent(1, 0, 0)


def test_an_address_that_is_refused_for_good_is_set_aside_and_holds_nobody_up(office: Office) -> None:
    for mail in (MAIL, "two@firm.example"):
        somebody(office.accounts, mail)
        office.accounts.links.ask_reset(HOME, mail)
    with open_box() as box:
        box.answers[MAIL] = "550 5.1.1 no such user"
        assert post(office, box).send() == Sent(1, 0, 1)
        assert [letter["To"] for letter in box.letters] == ["two@firm.example"]
        assert post(office, box).waiting().set_aside == 1


def test_an_address_that_is_refused_for_now_is_tried_less_and_less_often_and_set_aside(
    office: Office,
) -> None:
    somebody(office.accounts, MAIL)
    office.accounts.links.ask_reset(HOME, MAIL)
    with open_box() as box:
        box.answers[MAIL] = "450 4.2.1 mailbox busy"
        for tried in range(TRIES - 1):
            assert post(office, box).send() == Sent(0, 1, 0)
            assert post(office, box).send() == Sent(0, 0, 0)
            office.wait(minutes=2**tried)
        assert post(office, box).send() == Sent(0, 0, 1)


def test_letters_that_nobody_sends_are_told_of(office: Office) -> None:
    somebody(office.accounts, MAIL)
    office.accounts.links.ask_reset(HOME, MAIL)
    assert office.accounts.post.waiting().late == 0
    office.wait(hours=2)
    assert office.accounts.post.waiting().late == 1
    with pytest.raises(NoServer):
        office.accounts.post.send()


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate that the machine trusts."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")]),
    )
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    held, trusted = tmp_path / "server.pem", tmp_path / "trusted.pem"
    trusted.write_bytes(made.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    held.write_bytes(secret + trusted.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(held)
    return context


def authenticated(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    right = (data.login, data.password) == (b"user", b"p@ss/word")
    return AuthResult(success=right, handled=False)  # else nobody would answer a wrong password


@pytest.mark.filterwarnings(
    "ignore:Requiring AUTH while not requiring TLS:UserWarning"
)  # all of smtps:// is TLS
@pytest.mark.parametrize("before", ["smtp://", "smtps://"])
@pytest.mark.parametrize("password", ["p%40ss%2Fword", "wrong"])
def test_letters_go_encrypted_to_a_server_that_wants_a_password(
    office: Office, certificate: ssl.SSLContext, before: str, password: str
) -> None:
    somebody(office.accounts, MAIL)
    office.accounts.links.ask_reset(HOME, MAIL)
    wants: dict[str, Any] = {"authenticator": authenticated, "auth_required": True}
    if before == "smtps://":
        wants |= {"ssl_context": certificate, "auth_require_tls": False}
    else:
        wants |= {"tls_context": certificate, "require_starttls": True}
    with open_box(**wants) as box:
        sender = post(office, box, f"{before}user:{password}@")
        if password == "wrong":
            with pytest.raises(ServerDown):
                sender.send()
        else:
            assert sender.send() == Sent(1, 0, 0)
        assert len(box.letters) == (password != "wrong")


@pytest.mark.parametrize("before", ["smtp://", "smtps://"])
def test_a_server_whose_certificate_nobody_vouches_for_gets_no_letter(
    office: Office, certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    somebody(office.accounts, MAIL)
    office.accounts.links.ask_reset(HOME, MAIL)
    wants: dict[str, Any] = (
        {"ssl_context": certificate} if before == "smtps://" else {"tls_context": certificate}
    )
    with open_box(**wants) as box:
        with pytest.raises(ServerDown):
            post(office, box, before).send()
        assert box.letters == []

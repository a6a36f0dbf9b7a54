"""SFTP: the same folder on a partner's server. Its host key is the one that the partner's entry pins, or nothing is sent."""

import io
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote, urlsplit

import paramiko
from paramiko.ssh_exception import SSHException

from indexer.exchange.manifest import LARGEST_MANIFEST, MANIFEST, PIECE, numbers_in
from indexer.exchange.partners import Standing
from indexer.exchange.secrets import SecretMissing, Secrets
from indexer.exchange.ways import OURS, SECONDS, THEIRS, acknowledgement_name, unreachable

KEY_KINDS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


class SftpSession:
    """The two halves of a folder on a server."""

    def __init__(self, client: paramiko.SFTPClient, root: str) -> None:
        self._client = client
        self._ours, self._theirs = f"{root}/{OURS}", f"{root}/{THEIRS}"

    def put_file(self, delivery: str, path: Path) -> None:
        with _failing():
            self._folder(self._ours)
            self._folder(f"{self._ours}/{delivery}")
            with path.open("rb") as source:
                self._write(f"{self._ours}/{delivery}", path.name, iter(lambda: source.read(PIECE), b""))

    def put_acknowledgement(self, delivery: str, content: bytes) -> None:
        with _failing():
            self._folder(self._ours)
            self._write(self._ours, acknowledgement_name(delivery), iter([content]))

    def acknowledgement(self, delivery: str) -> bytes | None:
        return self._small(f"{self._theirs}/{acknowledgement_name(delivery)}")

    def manifest(self, delivery: str) -> bytes | None:
        return self._small(f"{self._theirs}/{delivery}/{MANIFEST}")

    def _small(self, path: str) -> bytes | None:
        with _failing():
            try:
                with self._client.open(path, "rb") as file:
                    return file.read(LARGEST_MANIFEST + 1)
            except FileNotFoundError:
                return None

    def deliveries(self) -> list[str]:
        with _failing():
            try:
                return [name for name in self._client.listdir(self._theirs) if numbers_in(name)]
            except FileNotFoundError:
                return []

    def pieces(self, delivery: str, name: str) -> Iterator[bytes]:
        with _failing(), self._client.open(f"{self._theirs}/{delivery}/{name}", "rb") as file:
            file.prefetch()
            yield from iter(lambda: file.read(PIECE), b"")

    def _folder(self, path: str) -> None:
        if not self._there(path):
            self._client.mkdir(path)

    def _there(self, path: str) -> bool:
        try:
            self._client.stat(path)
        except FileNotFoundError:
            return False
        return True

    def _write(self, folder: str, name: str, pieces: Iterator[bytes]) -> None:
        aside = f"{folder}/.{name}.part"
        with self._client.open(aside, "wb") as file:
            file.set_pipelined(True)
            for piece in pieces:
                file.write(piece)
        self._client.posix_rename(aside, f"{folder}/{name}")


@contextmanager
def open_sftp(partner: Standing, secrets: Secrets) -> Iterator[SftpSession]:
    """A connection by password or key. Raises Unreachable, also where the host key is another; SecretMissing."""
    parts = urlsplit(partner.it.address)
    key = _private_key(secrets.path(partner.name, "key"))
    password = secrets.text(partner.name, "password")
    if key is None and password is None:
        raise SecretMissing(
            f"缺少密钥文件 {partner.name}.key 或 {partner.name}.password。",
            f"There is neither {partner.name}.key nor {partner.name}.password among the secrets.",
        )
    with _failing():
        connected = socket.create_connection((parts.hostname or "", parts.port or 22), timeout=SECONDS)
        with closing(connected), closing(paramiko.Transport(connected)) as transport:
            kind, pinned = partner.it.host_key.split()[:2]
            transport.get_security_options().key_types = _algorithms(kind)
            transport.start_client(timeout=SECONDS)
            host_key = transport.get_remote_server_key()
            if b64encode(host_key.asbytes()).decode() != pinned:
                raise unreachable(
                    "对方服务器的主机密钥与登记的不同，没有发送任何内容。",
                    "The server has another host key than the one written down; nothing was sent.",
                )
            user = unquote(parts.username or "")
            if key is not None:
                transport.auth_publickey(user, key)
            else:
                transport.auth_password(user, password or "", fallback=False)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            channel = client.get_channel()
            if channel is not None:
                channel.settimeout(SECONDS)
            yield SftpSession(client, unquote(parts.path).rstrip("/"))


def _algorithms(kind: str) -> tuple[str, ...]:
    """What a server with a key of this kind is asked to prove itself by."""
    return ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)


def _private_key(path: Path | None) -> paramiko.PKey | None:
    if path is None:
        return None
    text = path.read_text(encoding="ascii")
    for kind in KEY_KINDS:
        try:
            return kind.from_private_key(io.StringIO(text))
        except SSHException:
            continue
    raise SecretMissing(
        f"密钥文件 {path.name} 不是可用的私钥。",
        f"The secret {path.name} is no private key without password.",
    )


@contextmanager
def _failing() -> Iterator[None]:
    """Turn what goes wrong on the way into our error; it may say more than a page should."""
    try:
        yield
    except (SSHException, OSError, EOFError, ValueError) as error:
        _fail(error)


def _fail(error: Exception) -> NoReturn:
    if isinstance(error, paramiko.AuthenticationException):
        raise unreachable("对方服务器不接受登录。", "The server does not let us in.") from error
    raise unreachable("对方 SFTP 服务器无法访问。", "The SFTP server can not be reached.") from error

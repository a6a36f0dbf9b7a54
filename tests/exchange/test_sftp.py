"""SFTP against a server by other hands (asyncssh): by key and by password, and not a byte to a server with another host key."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest

from indexer.exchange.partners import Partner
from tests.exchange.conftest import PROVINCE, Office, penalty
from tests.exchange.mirror import Mirror
from tests.exchange.sending import put_delivery


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, its host key, and the folder that people see."""

    port: int
    host_key: str
    folder: Path


class _Door(asyncssh.SSHServer):
    def __init__(self, inside: list[asyncssh.SSHServerConnection]) -> None:
        self._inside = inside

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._inside.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("zhixin", "seven green bicycles")


@pytest.fixture
def client_key(tmp_path: Path) -> Path:
    key = asyncssh.generate_private_key("ssh-ed25519")
    path = tmp_path / "client_key"
    key.write_private_key(str(path))
    (tmp_path / "authorized_keys").write_bytes(key.export_public_key())
    return path


@pytest.fixture
def server(tmp_path: Path, client_key: Path) -> Iterator[Server]:
    """A server of its own, in a thread."""
    host_key, folder = asyncssh.generate_private_key("ssh-ed25519"), tmp_path / "chroot"
    (folder / "exchange").mkdir(parents=True)
    loop, ready, found = asyncio.new_event_loop(), threading.Event(), []
    inside: list[asyncssh.SSHServerConnection] = []

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: _Door(inside),
            server_host_keys=[host_key],
            authorized_client_keys=str(tmp_path / "authorized_keys"),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder).encode()),
        )

    def serve() -> None:
        asyncio.set_event_loop(loop)
        found.append(loop.run_until_complete(listen()))
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(20)
    public = host_key.export_public_key().decode().strip()
    yield Server(found[0].get_port(), public, folder / "exchange")

    async def end() -> None:
        found[0].close()
        await found[0].wait_closed()
        for each in inside:
            each.abort()
            await each.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the next turn

    asyncio.run_coroutine_threadsafe(end(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()


def reached(server: Server, **more: object) -> Partner:
    values = {
        "way": "sftp",
        "address": f"sftp://zhixin@127.0.0.1:{server.port}/exchange",
        "host_key": server.host_key,
        "sends": ("penalty",),
        "trusted": True,
    }
    return PROVINCE.model_copy(update=values | more)


def secret(office: Office, name: str, content: bytes) -> None:
    folder = office.exchange.secrets.folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    (folder / name).chmod(0o600)


@pytest.fixture
def city(open_office: Callable[..., Office]) -> Office:
    return open_office("city")


@pytest.mark.parametrize("by", ["key", "password"])
def test_a_delivery_goes_by_sftp_and_is_acknowledged(
    city: Office, server: Server, client_key: Path, by: str
) -> None:
    content = client_key.read_bytes() if by == "key" else b"seven green bicycles\n"
    secret(city, f"province.{by}", content)
    city.enter("province", reached(server))
    city.take_in(penalty(1), penalty(2, firm=2))
    city.exchange.run()
    mirror = Mirror(server.folder)
    assert mirror.read() == 1 and len(mirror.held) == 2
    city.exchange.run()
    assert city.deliveries()[0].state == "settled"
    assert not [path for path in server.folder.rglob("*") if path.name.endswith(".part")]


def test_a_delivery_is_fetched_by_sftp_and_answered(city: Office, server: Server, tmp_path: Path) -> None:
    secret(city, "province.password", b"seven green bicycles")
    city.enter("province", reached(server, gets=()))
    put_delivery(server.folder, {"penalty": [penalty(1)]})
    city.exchange.run()
    assert len(city.public()) == 1
    assert (server.folder / "from-zhixin" / "acknowledgement-1-000001.json").is_file()


def test_nothing_is_sent_to_a_server_with_another_host_key(city: Office, server: Server) -> None:
    secret(city, "province.password", b"seven green bicycles")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    city.enter("province", reached(server, host_key=other))
    city.take_in(penalty(1))
    city.exchange.run()
    assert not list(server.folder.iterdir())
    assert city.deliveries()[0].state == "waiting"
    assert "主机密钥" in (city.partner("province").hindered or "")


def test_a_wrong_password_hinders_and_is_told_without_it(city: Office, server: Server) -> None:
    secret(city, "province.password", b"wrong-and-secret")
    city.enter("province", reached(server))
    city.take_in(penalty(1))
    city.exchange.run()
    assert city.partner("province").hindered == "对方服务器不接受登录。"
    assert "wrong-and-secret" not in str([each.detail for each in city.ledger("province")])


def test_a_secret_that_others_may_read_is_not_used(city: Office, server: Server) -> None:
    secret(city, "province.password", b"seven green bicycles")
    (city.exchange.secrets.folder / "province.password").chmod(0o644)
    city.enter("province", reached(server))
    city.take_in(penalty(1))
    city.exchange.run()
    assert "chmod 600" in (city.partner("province").hindered or "")

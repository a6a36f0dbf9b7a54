"""Real Elasticsearch for tests: one node, a cluster whose nodes can be killed, one with security, one for a whole run.

The distribution has the core alone: no scripts, no ingest pipelines, no custom tokenizers, no `GET /`.
"""

import base64
import fcntl
import hashlib
import json
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from types import MappingProxyType
from typing import Any, TypeVar

from elasticsearch import ApiError, Elasticsearch, TransportError

from tests.elastic_distribution import cache, locked
from tests.elastic_networks import Host, hosts
from tests.elastic_node import Node
from tests.servers import CHECKOUT

POLL_SECONDS = 0.1
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
Answer = TypeVar("Answer")
OPENSSL = """
[req]
distinguished_name = subject
[subject]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1, DNS:localhost
authorityKeyIdentifier = keyid
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder for servers, removed at the end. As root they run as `nobody`, to whom pytest's own folders are closed."""
    folder = Path(mkdtemp(prefix="zhixin-elasticsearch-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Cluster:
    """Nodes that know each other, each both data node and eligible as master."""

    nodes: Sequence[Node]

    @property
    def urls(self) -> list[str]:
        """The addresses of all nodes, running or not."""
        return [node.url for node in self.nodes]

    def master(self, seconds: float = 60) -> Node:
        """The node that is master now, as a node that reaches it says; waits out an election. Raises `TimeoutError`."""
        metric = ["master_node", "nodes"]

        def named(client: Elasticsearch) -> Node | None:
            state = client.cluster.state(metric=metric, master_timeout="1s")
            name = state["nodes"].get(state["master_node"], {}).get("name")
            return next((node for node in self.nodes if node.name == name and node.running()), None)

        return self._first(named, seconds, "has no master")

    def data_nodes(self) -> list[Node]:
        """The running nodes that hold data and are not the master now."""
        master = self.master()
        return [node for node in self.nodes if node is not master and node.running()]

    def wait(self, status: str = "green", nodes: int = 3, seconds: float = 60) -> None:
        """Wait until a node finds this status, or a better one, and just so many nodes. Raises `TimeoutError`."""
        enough = {"green": {"green"}, "yellow": {"green", "yellow"}, "red": {"green", "yellow", "red"}}[
            status
        ]

        def reached(client: Elasticsearch) -> bool | None:
            health = client.cluster.health(master_timeout="1s")
            return True if health["status"] in enough and health["number_of_nodes"] == nodes else None

        self._first(reached, seconds, f"is not {status} with {nodes} nodes")

    def _first(self, ask: Callable[[Elasticsearch], Answer | None], seconds: float, lack: str) -> Answer:
        """The first answer, of whichever running node; a node that can not say is passed over."""
        deadline = time.monotonic() + seconds
        with ExitStack() as clients:
            reached = {node.name: clients.enter_context(node.client()) for node in self.nodes}
            while time.monotonic() < deadline:
                for node in filter(Node.running, self.nodes):
                    with suppress(ApiError, TransportError):
                        if (answer := ask(reached[node.name])) is not None:
                            return answer
                time.sleep(POLL_SECONDS)
        raise TimeoutError(f"the cluster {lack} after {seconds} s\n{_logs(self.nodes)}")


@contextmanager
def single(
    folder: Path, *, settings: Mapping[str, str] = NO_SETTINGS, heap: str = "512m", optimised: bool = False
) -> Iterator[Node]:
    """One node by itself, without security, in `folder` (see `open_folder`). At the end it is killed.

    For a measurement say `optimised=True`, see `Node`.
    """
    alone = {"discovery.type": "single-node"} | dict(settings)
    node = Node(folder / "node-1", settings=alone, heap=heap, optimised=optimised)
    with _killed_at_the_end([node]):
        node.start()
        yield node


@contextmanager
def cluster(
    folder: Path, nodes: int = 3, *, settings: Mapping[str, str] = NO_SETTINGS, namespaces: bool = False
) -> Iterator[Cluster]:
    """So many nodes that found each other, without security; at the end all are killed.

    With `namespaces` each has a network of its own that `Node.cut` cuts off; `can_cut_networks` says where that goes.
    """
    with hosts(nodes) if namespaces else nullcontext([Host()] * nodes) as places:
        made = [
            Node(folder / f"node-{number}", settings=settings, heap="400m", host=place)
            for number, place in enumerate(places, 1)
        ]
        for node in made:
            node.settings["cluster.name"] = folder.name
            node.settings["discovery.seed_hosts"] = ",".join(other.transport for other in made)
            node.settings["cluster.initial_master_nodes"] = ",".join(other.name for other in made)
        with _killed_at_the_end(made):
            for node in made:
                node.launch()
            for node in made:
                node.wait()
            formed = Cluster(made)
            formed.wait("green", nodes)
            yield formed


@dataclass(frozen=True)
class Secured:
    """A node that asks who is there, over TLS. `user` may do everything; `passwords` are those of all users by name."""

    node: Node
    url: str
    ca: Path
    user: str
    password: str
    passwords: Mapping[str, str]


@contextmanager
def secured(
    folder: Path,
    *,
    roles: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    settings: Mapping[str, str] = NO_SETTINGS,
) -> Iterator[Secured]:
    """One node with security and TLS by a certificate authority of its own, in `folder`. At the end it is killed.

    `roles` are as in the body of `PUT /_security/role/NAME`; each gets a user of the same name. They are kept in files:
    what is made over the API (roles, users, API keys) goes into an index that needs the token filter `pattern_capture`,
    which this distribution lacks, so there that is refused with status 400.
    """
    config = folder / "node-1" / "config"
    config.mkdir(parents=True)
    ca = _make_certificates(config)
    superuser = "zhixin_admin"
    passwords = {name: secrets.token_urlsafe(16) for name in (superuser, *roles)}
    held = {"superuser": superuser} | {name: name for name in roles}
    (config / "roles.yml").write_text(
        "".join(
            f"{name}: {json.dumps(dict(role))}\n" for name, role in roles.items()
        )  # a role a line, or only one is read
    )
    (config / "users").write_text(
        "".join(f"{name}:{_password_hash(passwords[name])}\n" for name in passwords)
    )
    (config / "users_roles").write_text("".join(f"{role}:{name}\n" for role, name in held.items()))
    secure = {
        "discovery.type": "single-node",
        "xpack.security.enabled": "true",
        "xpack.security.http.ssl.enabled": "true",
        "xpack.security.http.ssl.certificate": "server.crt",
        "xpack.security.http.ssl.key": "server.key",
    }
    access = {"ca_certs": str(ca), "basic_auth": (superuser, passwords[superuser])}
    node = Node(folder / "node-1", settings=secure | dict(settings), access=access)
    with _killed_at_the_end([node]):
        node.start()
        yield Secured(node, node.url, ca, superuser, passwords[superuser], passwords)


@contextmanager
def shared(folder: Path) -> Iterator[str]:
    """The address of one node for all processes that name the same `folder`. The first starts it; soon after the last
    has left, or was killed, it ends and the folder is removed."""
    with ExitStack() as leaving:
        with locked(cache() / "shared.lock"):
            folder.mkdir(mode=0o755, exist_ok=True)
            users = leaving.enter_context((folder / "users").open("a"))
            fcntl.flock(
                users, fcntl.LOCK_SH
            )  # the system takes it back from a process that is gone, however it went
            address = folder / "address"
            if not address.exists():
                _start_keeper(folder, address)
        yield address.read_text()


def _start_keeper(folder: Path, address: Path) -> None:
    output = folder / "keeper.log"
    with output.open("wb") as file:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.elastic_servers", str(folder)],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    while not address.exists():
        if keeper.poll() is not None:
            raise RuntimeError(
                f"the shared Elasticsearch did not start:\n{output.read_text(errors='replace')}"
            )
        time.sleep(POLL_SECONDS)
    keeper.returncode = 0  # it may outlive this process: not ours to wait for


def _keep(folder: Path) -> None:
    """Run the shared node until nobody holds the lock of its users any more."""
    with single(folder) as node, (folder / "users").open("a") as users:
        written = folder / "address.part"
        written.write_text(node.url)
        written.rename(folder / "address")
        while True:
            time.sleep(1)
            with locked(cache() / "shared.lock"), suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                node.kill()
                shutil.rmtree(folder)
                return


@contextmanager
def _killed_at_the_end(nodes: Sequence[Node]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        print(_logs(nodes))
        raise
    finally:
        for node in nodes:
            node.kill()


def _logs(nodes: Sequence[Node]) -> str:
    return "\n".join(f"--- {node.name} wrote:\n{node.log()}" for node in nodes)


def _make_certificates(folder: Path) -> Path:
    """A certificate authority and a server's certificate by it for this machine, valid for two days. Gives the former."""
    (folder / "openssl.cnf").write_text(OPENSSL)
    _openssl(folder, "authority", "-subj", "/CN=zhixin test authority")
    _openssl(folder, "server", "-subj", "/CN=localhost", "-CA", "authority.crt", "-CAkey", "authority.key")
    return folder / "authority.crt"


def _openssl(folder: Path, name: str, *arguments: str) -> None:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"]
    made = ["-config", "openssl.cnf", "-extensions", name, "-days", "2", "-out", f"{name}.crt", *arguments]
    subprocess.run(["openssl", "req", "-x509", *key, *made], cwd=folder, check=True, capture_output=True)


def _password_hash(password: str) -> str:
    """As Elasticsearch's file of users has it; its own program for this takes a Java start of five seconds."""
    salt = secrets.token_bytes(32)
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 10_000)[:32]
    return "$".join(["{PBKDF2}10000", *(base64.b64encode(part).decode() for part in (salt, derived))])


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))

"""Hosts of their own for servers under test: network namespaces on a bridge, each with a cable that can be pulled.

Among themselves they have addresses of the loopback range, led over the cable: bound to any other for its cluster,
Elasticsearch insists on limits of the system (open files, mapped memory) that a machine for tests may not have.

Needs root and a kernel that permits it (`can_cut_networks`); elsewhere a server can still be halted with `pause`.
"""

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

NAMESPACES = Path("/run/netns")
INTERFACES = Path("/sys/class/net")
OURS = re.compile(r"zx(\d+)-")
RUNNING = count()


@dataclass(frozen=True)
class Host:
    """Where a server runs: its address for the tests and for other hosts, and its namespace, named as its cable is."""

    address: str = "127.0.0.1"
    among_hosts: str = "127.0.0.1"
    namespace: str = ""

    def enter(self, user: int, group: int) -> list[str]:
        """What stands before a command to run it in the namespace as this user; nothing without one."""
        if not self.namespace:
            return []
        return [
            "nsenter",
            f"--net={NAMESPACES / self.namespace}",
            f"--setgid={group}",
            f"--setuid={user}",
            "--",
        ]

    def cut(self) -> None:
        """Pull the cable: what is sent to this host or by it is lost; nobody is told."""
        _ip("link", "set", self._cable(), "down")

    def mend(self) -> None:
        """Plug it in again."""
        _ip("link", "set", self._cable(), "up")

    def _cable(self) -> str:
        if not self.namespace:
            raise RuntimeError(
                "this server shares the network of the tests: ask for a cluster with namespaces=True"
            )
        return self.namespace


@cache
def can_cut_networks() -> bool:
    """Whether this process may make namespaces, bridges and cables here; if not, `Node.pause` is what is left."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "nsenter"))):
        return False
    try:
        with hosts(1):
            return True
    except subprocess.CalledProcessError:
        return False


@contextmanager
def hosts(number: int) -> Iterator[list[Host]]:
    """So many hosts on a bridge that this machine is on too; at the end, or after a failure, nothing of it is left."""
    _remove_what_the_dead_left()
    bridge = f"zx{os.getpid()}-{next(RUNNING)}"
    network = _unused_network()
    made = [
        Host(f"{network}.{place + 10}", f"127.18.0.{place + 10}", f"{bridge}-{place}")
        for place in range(number)
    ]
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("address", "add", f"{network}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for host in made:
            _connect(host, bridge)
        yield made
    finally:
        for host in made:
            _remove(host.namespace)
        _remove(bridge)


def _connect(host: Host, bridge: str) -> None:
    inside = ("-n", host.namespace)
    _ip("netns", "add", host.namespace)
    _ip("link", "add", host.namespace, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
    _ip("link", "set", host.namespace, "master", bridge, "up")
    _ip(*inside, "address", "add", f"{host.address}/24", "dev", "eth0")
    _ip(*inside, "link", "set", "lo", "up")
    _ip(*inside, "address", "delete", "127.0.0.1/8", "dev", "lo")  # would keep the whole range to itself
    _ip(*inside, "address", "add", "127.0.0.1/32", "dev", "lo")
    permit = "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet"
    subprocess.run([*host.enter(0, 0), "sh", "-c", permit], check=True, capture_output=True)
    _ip(*inside, "address", "add", f"{host.among_hosts}/24", "scope", "global", "dev", "eth0")
    _ip(*inside, "link", "set", "eth0", "up")


def _unused_network() -> str:
    """One of the 512 networks of 198.18.0.0/15, set aside for tests between devices (RFC 2544), that has no route."""
    taken = {
        route["dst"].rpartition(".")[0] for route in json.loads(_ip("-json", "route")) if "." in route["dst"]
    }
    return random.choice(sorted({f"198.{18 + i // 256}.{i % 256}" for i in range(512)} - taken))


def _remove_what_the_dead_left() -> None:
    """A test process that was killed could not remove its own."""
    names = {path.name for folder in (NAMESPACES, INTERFACES) if folder.is_dir() for path in folder.iterdir()}
    for name in sorted(names, key=len, reverse=True):
        if (maker := OURS.match(name)) and not Path(f"/proc/{maker[1]}").exists():
            _remove(name)


def _remove(name: str) -> None:
    """A cable goes first, so that it can be made again at once: a namespace lasts until its last process is gone."""
    with suppress(subprocess.CalledProcessError):
        if (INTERFACES / name).exists():
            _ip("link", "delete", name)
    with suppress(subprocess.CalledProcessError):
        if (NAMESPACES / name).exists():
            _ip("netns", "delete", name)


def _ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout

"""One Elasticsearch process that tests start, kill, halt and cut off."""

import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from tests.elastic_distribution import distribution, java
from tests.elastic_networks import Host

START_SECONDS = 150  # three at once on two busy cores; alone it takes about ten
# The quick compiler alone: a start takes 11 s of processor time and not 30. What is measured needs the other one too.
QUICK_START = "-XX:TieredStopAtLevel=1"
POLL_SECONDS = 0.1
SHOWN_LINES = 40
READY = {"green", "yellow"}
# Below the ports that systems hand out by themselves (Linux from 32768), so that none is taken while a node is down.
PORTS = range(20_000, 30_000)
# The pipe that is its standard input ends when the process that started it is gone in whatever way; then it must go too.
# The watcher is in a session of its own: a paused server has a watcher that runs.
WATCHED = """
exec 3<&0
setsid sh -c 'read -r nothing <&3; kill -s KILL -- -"$1" 2>/dev/null' sh $$ >/dev/null 2>&1 &
exec 3<&-
exec "$@" </dev/null
"""


class Node:
    """One server process with settings, data and log of its own in `folder`; what it keeps outlives `kill` and `start`.

    `settings` are lines of `elasticsearch.yml`; what is changed in them holds from the next start on. `access` is what
    the client needs beside the address (`ca_certs`, `basic_auth`). `optimised` runs its code as in production, for
    measuring: it answers faster once warm and starts slower.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str],
        heap: str = "512m",
        optimised: bool = False,
        host: Host | None = None,
        access: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self.name = folder.name
        self.host = host or Host()
        self.java_options = f"-Xms{heap} -Xmx{heap}" + ("" if optimised else f" {QUICK_START}")
        self.access = dict(access or {})
        http, transport = (9200, 9300) if self.host.namespace else _free_ports()
        self.url = f"{'https' if self.access else 'http'}://{self.host.address}:{http}"
        self.transport = f"{self.host.among_hosts}:{transport}"
        self.settings = {
            "node.name": self.name,
            "path.data": str(folder / "data"),
            "path.logs": str(folder / "logs"),
            "http.host": self.host.address,
            "transport.host": self.host.among_hosts,
            "http.port": str(http),
            "transport.port": str(transport),
            "xpack.security.enabled": "false",
            # How full the disk of the machine is, is not what tests are about, but for those that set a watermark.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        } | dict(settings)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = START_SECONDS) -> None:
        """Start it and wait until it answers. Raises `RuntimeError` when it ends instead, or `TimeoutError`."""
        self.launch()
        self.wait(seconds)

    def launch(self) -> None:
        """Start it without waiting."""
        if self.running():
            raise RuntimeError(f"{self.name} runs already")
        self._configure()
        user, group = _unprivileged()
        entering = self.host.enter(user, group)
        steps_down = os.geteuid() == 0 and not entering
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [*entering, "sh", "-c", WATCHED, "sh", str(distribution() / "bin" / "elasticsearch")],
                cwd=self.folder,
                env=self._environ(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user if steps_down else None,
                group=group if steps_down else None,
                extra_groups=[] if steps_down else None,
            )

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Wait until it finds its cluster green or yellow. Raises `RuntimeError` when it has ended, or `TimeoutError`."""
        deadline = time.monotonic() + seconds
        with self.client() as client:
            while time.monotonic() < deadline:
                if not self.running():
                    raise RuntimeError(f"{self.name} ended before it answered:\n{self.log()}")
                with suppress(ApiError, TransportError):
                    if self._listens() and client.cluster.health(master_timeout="1s")["status"] in READY:
                        return
                time.sleep(POLL_SECONDS)
        raise TimeoutError(f"{self.name} was not ready within {seconds} s:\n{self.log()}")

    def running(self) -> bool:
        """Whether its process is there, be it paused."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int | None:
        """The number of its process, which leads its group; None when it was not started, or was ended."""
        return self._process.pid if self._process is not None else None

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL to all its processes)."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()  # and so the watcher
            self._process = None

    def stop(self, seconds: float = 20) -> None:
        """End it in good order (SIGTERM), and as `kill` does when that takes longer than `seconds`."""
        self.resume()
        if self._process is not None:
            self._process.terminate()  # its launcher alone, which ends the server and waits for it
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.kill()

    def pause(self) -> None:
        """Halt it (SIGSTOP): connections stay open, and nothing is answered, until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def cut(self) -> None:
        """Cut its network off from the other nodes and from the tests; only in a cluster with namespaces."""
        self.host.cut()

    def mend(self) -> None:
        """Undo `cut`."""
        self.host.mend()

    def client(self, **options: Any) -> Elasticsearch:
        """A client of this node alone that tries once for two seconds, unless `options` say otherwise. Close it."""
        return Elasticsearch(self.url, **({"request_timeout": 2, "max_retries": 0} | self.access | options))

    def log(self, lines: int = SHOWN_LINES) -> str:
        """The last lines of what it has written, over all its starts."""
        if not self._output.exists():
            return ""
        return "\n".join(self._output.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _listens(self) -> bool:
        """Asked before the client, which logs a warning for each time that it finds nobody."""
        address, _, port = self.url.rpartition("//")[2].rpartition(":")
        with socket.socket() as tried:
            tried.settimeout(1)
            return tried.connect_ex((address, int(port))) == 0

    @property
    def _output(self) -> Path:
        return self.folder / "output.log"

    def _configure(self) -> None:
        config = self.folder / "config"
        for part in (config, self.folder / "temporary"):
            part.mkdir(parents=True, exist_ok=True)
        for name in ("jvm.options", "log4j2.properties"):
            shutil.copyfile(distribution() / "config" / name, config / name)
        lines = [f"{name}: {json.dumps(value)}\n" for name, value in self.settings.items()]
        (config / "elasticsearch.yml").write_text("".join(lines), encoding="utf-8")
        if os.geteuid() == 0:
            if not all(step.stat().st_mode & 0o001 for step in self.folder.parents):
                raise RuntimeError(f"{self.folder} is closed to the user of the server: use `open_folder`")
            for path in [self.folder, *self.folder.rglob("*")]:
                os.chown(path, *_unprivileged())

    def _environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "ES_JAVA_HOME": str(java()),
            "ES_JAVA_OPTS": self.java_options,
            "CLI_JAVA_OPTS": QUICK_START,
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "temporary"),
        }

    def _signal(self, sent: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, sent)


def _unprivileged() -> tuple[int, int]:
    """The user and group that servers run as: Elasticsearch refuses root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _free_ports() -> tuple[int, int]:
    """Two ports of loopback on which nobody listens."""
    free: list[int] = []
    while len(free) < 2:
        port = random.choice(PORTS)
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            free.append(port)
    return free[0], free[1]

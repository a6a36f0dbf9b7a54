"""Which processes serve (服务进程), and what they have seen of how they stand: told in files of the data folder, read by `zhixin doctor`.

Each process holds the lock of its file as long as it lives, so that one which was killed is not taken for one that serves.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

FOLDER = "serving"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a process says: whether it counts limits for itself alone, and what it saw that proxies should not let it see.

    `forwarded`: "untrusted" where a near address names visitors and no proxy is trusted, "short" where requests named fewer addresses than
    proxies are trusted, else empty.
    """

    alone: bool
    forwarded: str = ""


class Serving:
    """What this process says of itself. A folder that can not be written is passed over: nothing but the doctor reads it."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER
        self._file: int | None = None
        self.said: Seen | None = None

    def say(self, seen: Seen) -> None:
        """Say it, in place of what was said before."""
        self.said = seen
        with suppress(OSError):
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = os.open(self._folder / f"{os.getpid()}.json", os.O_RDWR | os.O_CREAT, 0o644)
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, orjson.dumps(asdict(seen)), 0)


def serving(data: Path) -> Iterator[Seen]:
    """What the processes say that serve from a data folder; files of those that are gone are removed."""
    for path in sorted((data / FOLDER).glob("*.json")):
        with suppress(OSError, ValueError, TypeError), path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                yield Seen(**orjson.loads(file.read()))
                continue
            path.unlink()

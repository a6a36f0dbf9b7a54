"""Asking over HTTP: time limits, retries that honour `Retry-After` and end, answers that did not change (ETag)."""

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from threading import Lock
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from zhixin_client.errors import NoAnswer, Problem, UnexpectedAnswer, Wrong, problem

AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which asking again may help; nothing has been done then."""

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Patience:
    """How often to ask again, the longest wait for one more try and the first wait where the portal does not name one, in seconds.

    A portal that wants a longer wait than `longest_wait` is not asked again: the error comes at once and says how long.
    """

    retries: int = 3
    longest_wait: float = 60
    first_wait: float = 0.5


@dataclass(frozen=True)
class Reply:
    """What the portal answered."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Transport:
    """Asks one portal. May be used by several threads."""

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        timeout: float,
        patience: Patience,
        user_agent: str,
        language: str,
        keep: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raises ValueError for an address that is none, and where a key would go over the wire for everybody to read."""
        parts = urlsplit(url)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.query
            or parts.fragment
            or parts.username
        ):
            raise ValueError(f"not the address of a portal: {url}")
        if key and parts.scheme != "https" and parts.hostname not in LOCAL:
            raise ValueError("a key is sent over https only")
        if key and not (key.isascii() and key.isprintable() and " " not in key):
            raise ValueError("not a key")
        self.root = f"{url.rstrip('/')}/api/v1"
        self._headers = {"Accept": "application/json", "Accept-Language": language, "User-Agent": user_agent}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(total=timeout), retries=False)
        self._patience = patience
        self._sleep = sleep
        self._kept = _Kept(keep)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def ask(
        self, method: str, target: str, body: bytes | None = None, media_type: str | None = None
    ) -> Reply:
        """What stands at `target` below the root of the API: a reply of 200 or 202. Raises Problem, NoAnswer, UnexpectedAnswer."""
        kept = self._kept.get(target) if method == "GET" else None
        headers = dict(self._headers)
        if media_type:
            headers["Content-Type"] = media_type
        if kept is not None:
            headers["If-None-Match"] = kept.headers["ETag"]
        for tried in range(self._patience.retries + 1):
            last = tried == self._patience.retries
            try:
                reply = self._once(method, target, body, headers)
            except HTTPError as broken:
                # Whether a POST was carried out is not known then: asking again could file a check twice.
                if last or method != "GET":
                    raise NoAnswer(f"{self.root}: {type(broken).__name__}") from broken
                self._sleep(self._wait(tried))
                continue
            if reply.status in AGAIN and not last and self._worth_waiting(reply):
                self._sleep(_retry_after(reply) or self._wait(tried))
                continue
            break
        if reply.status == 304 and kept is not None:
            return kept
        if reply.status not in (200, 202):
            raise _told(reply)
        if method == "GET" and reply.status == 200:
            self._kept.put(target, reply)
        return reply

    def _once(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        found = self._pool.request(method, self.root + target, body=body, headers=headers, redirect=False)
        return Reply(found.status, found.data, found.headers)

    def _wait(self, tried: int) -> float:
        return float(min(self._patience.longest_wait, self._patience.first_wait * 2**tried))

    def _worth_waiting(self, reply: Reply) -> bool:
        wanted = _retry_after(reply)
        return wanted is None or wanted <= self._patience.longest_wait


class _Kept:
    """The newest answers that carry an ETag."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._replies: OrderedDict[str, Reply] = OrderedDict()
        self._lock = Lock()

    def get(self, target: str) -> Reply | None:
        with self._lock:
            return self._replies.get(target)

    def put(self, target: str, reply: Reply) -> None:
        if (
            not self._most
            or "ETag" not in reply.headers
            or "no-store" in reply.headers.get("Cache-Control", "")
        ):
            return
        with self._lock:
            self._replies[target] = reply
            self._replies.move_to_end(target)
            while len(self._replies) > self._most:
                self._replies.popitem(last=False)


def _retry_after(reply: Reply) -> float | None:
    """The seconds of `Retry-After`, which may be an instant; None where it says nothing that can be understood."""
    said = reply.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        instant = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=timezone.utc)
    return max(0.0, (instant - datetime.now(timezone.utc)).total_seconds())


def _told(reply: Reply) -> Problem | UnexpectedAnswer:
    """The problem that a reply tells."""
    if not reply.headers.get("Content-Type", "").startswith("application/problem+json"):
        if reply.status in AGAIN:  # of a proxy before the portal
            return problem(reply.status)(
                reply.status, "unavailable", "No answer", "", retry_after=_retry_after(reply)
            )
        return UnexpectedAnswer(f"{reply.status} without a problem: is this the address of a portal?")
    try:
        said = json.loads(reply.body)
        return problem(reply.status)(
            reply.status,
            str(said["type"]).rpartition("#")[2],
            str(said["title"]),
            str(said["detail"]),
            tuple(Wrong(str(each["where"]), str(each["message"])) for each in said.get("errors", ())),
            tuple(map(str, said.get("suggestions", ()))),
            _retry_after(reply),
        )
    except (ValueError, KeyError, TypeError):
        return UnexpectedAnswer(f"{reply.status} with a problem that can not be read")

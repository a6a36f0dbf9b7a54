"""Using keys (密钥使用): whose a secret is, and how much is done with it by day.

Every request with a key asks the database once, by a unique index: what was revoked a moment ago, by whichever process, is refused, whether or not
there is a Redis, and there is nothing to bring up to date. See docs/decisions/0012-keys-and-limits.md.
"""

import atexit
import threading
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, bindparam, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from indexer.accounts.tokens import digest
from indexer.clock import Clock, day_of
from indexer.errors import ZhixinError
from indexer.keys.models import ApiKey, KeyUse, Secret
from indexer.keys.tokens import is_key
from indexer.register.database import filing, prepared

WRITE_EVERY = 5.0
"""Seconds that use is counted in the process before it is written: what a process that is killed had not written is lost."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose key a request carries: its plan and what it may be used for."""

    key: int
    plan: str
    scopes: tuple[str, ...]


_asked = (
    select(ApiKey.id, ApiKey.plan, ApiKey.scopes, ApiKey.ends_at, Secret.ends_at)
    .join(Secret, Secret.key_id == ApiKey.id)
    .where(Secret.digest == bindparam("digest"), ApiKey.state == literal_column("'live'"))
)


@dataclass(slots=True)
class _Counted:
    requests: int = 0
    cost: int = 0
    refused: int = 0
    last: datetime | None = None


class Use:
    """Whose keys are used, and how much. Counts are gathered in the process and written every few seconds by a thread of its own."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock
        self._lock = threading.Lock()
        self._counted: dict[tuple[int, date], _Counted] = {}
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def holder(self, secret: str) -> Holder | None:
        """Whose key this is; None where it is nobody's, or nobody's any more."""
        if not is_key(secret):
            return None
        row = prepared(self.engine.dialect, _asked).first(self.engine, {"digest": digest(secret)})
        if row is None:
            return None
        key, plan, scopes, key_ends, secret_ends = row
        now = self.clock.now()
        if key_ends is None or key_ends <= now or (secret_ends is not None and secret_ends <= now):
            return None
        return Holder(key, plan, tuple(scopes.split()))

    def count(self, key: int, cost: int, refused: bool) -> None:
        """Count a request of a key: what it cost, or that a limit refused it."""
        now = self.clock.now()
        with self._lock:
            counted = self._counted.setdefault((key, day_of(now)), _Counted())
            counted.last = now
            if refused:
                counted.refused += 1
            else:
                counted.requests += 1
                counted.cost += cost
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_writing, name="key-use", daemon=True)
                self._thread.start()
                atexit.register(self.write)

    def write(self) -> None:
        """Write what was counted; kept for the next time where the database has no time for it now."""
        with self._lock:
            counted, self._counted = self._counted, {}
        if not counted:
            return
        try:
            self._write(counted)
        except ZhixinError:
            with self._lock:
                for at, later in counted.items():
                    _add(self._counted.setdefault(at, _Counted()), later)

    def stop(self) -> None:
        """Write what was counted and end the thread."""
        self._stopped.set()
        self.write()

    def _keep_writing(self) -> None:
        while not self._stopped.wait(WRITE_EVERY):
            self.write()

    def _write(self, counted: dict[tuple[int, date], _Counted]) -> None:
        with filing(self.engine, patience=1) as connection:
            made = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            for (key, day), each in sorted(counted.items(), key=lambda item: item[0]):
                row = made(KeyUse).values(
                    key_id=key, day=day, requests=each.requests, cost=each.cost, refused=each.refused
                )
                more = {
                    name: getattr(KeyUse, name) + getattr(row.excluded, name)
                    for name in ("requests", "cost", "refused")
                }
                connection.execute(
                    row.on_conflict_do_update(index_elements=[KeyUse.key_id, KeyUse.day], set_=more)
                )
                earlier = ApiKey.used_at.is_(None) | (ApiKey.used_at < each.last)
                connection.execute(update(ApiKey).where(ApiKey.id == key, earlier).values(used_at=each.last))


def _add(to: _Counted, more: _Counted) -> None:
    to.requests += more.requests
    to.cost += more.cost
    to.refused += more.refused
    to.last = max(filter(None, (to.last, more.last)), default=None)

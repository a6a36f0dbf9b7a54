"""Counting what visitors do (计数): several windows at once, and how many requests are under way, in this process or shared through Redis.

A window begins with the first request in it and ends so many seconds later; then it is empty again. A request is taken from all windows or
from none: one that is refused costs nothing, neither in the window that is full nor in a longer one. What costs more than a window
holds at all (a check of 500 where 100 a minute are free) is let in while that window is open, and closes it.
"""

import hashlib
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from redis import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as StoreSlow

from indexer.keys.plans import Window

SLOT_SECONDS = 120
"""How long a request may be under way and still be counted as such; that of a process that was killed is forgotten then."""

PRUNE_FROM = 10_000  # visitors in memory, before those whose windows have ended are looked for


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one window after a request, and the seconds until it is empty again; `closed` where it refused the request."""

    window: Window
    left: int
    seconds: float
    closed: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a request: whether it may go on, what is left of each window, and what to hand back when it is over.

    `crowded`: as many requests of this visitor are under way as may be.
    """

    allowed: bool
    windows: tuple[Left, ...]
    crowded: bool = False
    slot: str = ""

    @property
    def wait(self) -> int:
        """Whole seconds after which every window that refused is empty again, and not one less; 1 where none did, since nobody knows."""
        return max((math.ceil(each.seconds) for each in self.windows if each.closed), default=1)


class Counters(Protocol):
    """Counts visitors."""

    def take(
        self, visitor: str, windows: Sequence[Window], cost: int = 1, *, whole: int = 0, at_once: int = 0
    ) -> Taken:
        """Take `cost` from all windows of a visitor, or from none. `whole` is what the request costs with what was taken before.

        With `at_once`, the request also counts as under way until its slot is left.
        """
        ...

    def leave(self, visitor: str, slot: str) -> None:
        """A request is over."""
        ...


@dataclass(slots=True)
class _Visitor:
    used: dict[int, tuple[int, float]] = field(default_factory=dict)  # seconds of a window → used, its end
    slots: set[str] = field(default_factory=set)


class Here:
    """Counts in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._visitors: dict[str, _Visitor] = {}
        self._prune_at = PRUNE_FROM

    def take(
        self, visitor: str, windows: Sequence[Window], cost: int = 1, *, whole: int = 0, at_once: int = 0
    ) -> Taken:
        """As the protocol says."""
        with self._lock:
            now = self._clock()
            kept = self._visitors.get(visitor)
            if kept is None:
                self._prune(now)
                kept = self._visitors[visitor] = _Visitor()
            told, after = [], {}
            for window in windows:
                used, ends = kept.used.get(window.seconds, (0, 0.0))
                if ends <= now:
                    used, ends = 0, now + window.seconds
                over = max(cost, whole) > window.amount
                closed = used >= window.amount and not whole if over else used + cost > window.amount
                after[window.seconds] = (min(used + cost, window.amount), ends)
                told.append((window, used, ends - now, closed))
            crowded = bool(at_once) and len(kept.slots) >= at_once
            allowed = not crowded and not any(closed for *_, closed in told)
            slot = ""
            if allowed:
                kept.used.update(after)
                if at_once:
                    kept.slots.add(slot := uuid4().hex)
            return Taken(
                allowed,
                tuple(
                    Left(w, w.amount - (after[w.seconds][0] if allowed else used), seconds, closed)
                    for w, used, seconds, closed in told
                ),
                crowded,
                slot,
            )

    def leave(self, visitor: str, slot: str) -> None:
        """As the protocol says."""
        with self._lock:
            if (kept := self._visitors.get(visitor)) is not None:
                kept.slots.discard(slot)

    def _prune(self, now: float) -> None:
        """Forget visitors whose windows have all ended, each time that there are twice as many as were left the last time."""
        if len(self._visitors) < self._prune_at:
            return
        self._visitors = {
            name: kept
            for name, kept in self._visitors.items()
            if kept.slots or any(ends > now for _, ends in kept.used.values())
        }
        self._prune_at = max(PRUNE_FROM, 2 * len(self._visitors))


TAKE = """
local cost, whole, at_once = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
local crowded = 0
if at_once > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  if redis.call('ZCARD', KEYS[2]) >= at_once then crowded = 1 end
end
local amounts, seconds, fields = {}, {}, {}
for amount, length in string.gmatch(ARGV[6], '(%d+)/(%d+)') do
  amounts[#amounts + 1], seconds[#seconds + 1] = tonumber(amount), tonumber(length)
  fields[#fields + 1] = 'n' .. length
  fields[#fields + 1] = 'e' .. length
end
local kept = redis.call('HMGET', KEYS[1], unpack(fields))
local allowed, last, after, told = 1 - crowded, 0, {}, {}
for i = 1, #amounts do
  local amount, used, ends = amounts[i], tonumber(kept[2 * i - 1]) or 0, tonumber(kept[2 * i]) or 0
  if ends <= now then used, ends = 0, now + seconds[i] * 1000 end
  local closed
  if math.max(cost, whole) > amount then closed = used >= amount and whole == 0 else closed = used + cost > amount end
  if closed then allowed = 0 end
  local n = math.min(used + cost, amount)
  after[#after + 1] = fields[2 * i - 1]; after[#after + 1] = n
  after[#after + 1] = fields[2 * i]; after[#after + 1] = string.format('%.0f', ends)
  last = math.max(last, ends)
  told[#told + 1] = string.format('%d %d %d %d', amount - used, amount - n, ends - now, closed and 1 or 0)
end
if allowed == 1 then
  redis.call('HSET', KEYS[1], unpack(after))
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
  if at_once > 0 then
    redis.call('ZADD', KEYS[2], now + ARGV[4], ARGV[5])
    redis.call('PEXPIRE', KEYS[2], ARGV[4])
  end
end
return allowed .. ' ' .. crowded .. ' ' .. table.concat(told, ' ')
"""
"""One visitor in one step of the server, by the server's clock: no two requests, whatever their worker, see the same state."""


class Shared:
    """Counts in a Redis or Valkey, for all processes and machines that use it. Raises RedisError where that does not answer.

    Each thread speaks to the server over a connection of its own, and leaves a slot without waiting for the answer, which it reads before the
    next: two full turns of the client would cost a cheap request a quarter of its time.
    """

    def __init__(self, redis: Redis, slot_seconds: float = SLOT_SECONDS) -> None:
        self._redis, self._slot = redis, int(slot_seconds * 1000)
        self._script = hashlib.sha1(
            TAKE.encode(), usedforsecurity=False
        ).hexdigest()  # as Redis names scripts
        self._own = threading.local()

    def take(
        self, visitor: str, windows: Sequence[Window], cost: int = 1, *, whole: int = 0, at_once: int = 0
    ) -> Taken:
        """As the protocol says."""
        slot = uuid4().hex if at_once else ""
        sizes = " ".join([f"{window.amount}/{window.seconds}" for window in windows])
        asked = (2, *_keys(visitor), cost, whole, at_once, self._slot, slot, sizes)
        try:
            said = self._ask("EVALSHA", self._script, *asked)
        except NoScriptError:  # a server that was started since
            said = self._ask("EVAL", TAKE, *asked)
        allowed, crowded, *numbers = map(int, said.split())  # one text: the client takes numbers one by one
        told = zip(windows, numbers[::4], numbers[1::4], numbers[2::4], numbers[3::4], strict=True)
        left = tuple(
            Left(window, after if allowed else before, ms / 1000, bool(closed))
            for window, before, after, ms, closed in told
        )
        return Taken(bool(allowed), left, bool(crowded), slot if allowed else "")

    def leave(self, visitor: str, slot: str) -> None:
        """As the protocol says."""
        connection = self._connection()
        try:
            connection.send_command("ZREM", _keys(visitor)[1], slot, check_health=False)
            self._own.unread += 1
        except (RedisError, OSError):
            self._drop()
            raise

    def _ask(self, *words: str | int) -> Any:
        """What the server says. A connection that a restart has closed is made anew, once; what was too slow may have been counted."""
        for again in (True, False):
            connection = self._connection()
            try:
                connection.send_command(*words, check_health=False)
                while self._own.unread:
                    self._own.unread -= 1
                    connection.read_response()
                return connection.read_response()
            except ResponseError:
                raise
            except (RedisError, OSError) as error:
                self._drop()
                if not again or isinstance(error, TimeoutError | StoreSlow):
                    raise
        raise AssertionError

    def _connection(self) -> Any:
        if getattr(self._own, "connection", None) is None:
            self._own.connection, self._own.unread = self._redis.connection_pool.make_connection(), 0
        return self._own.connection

    def _drop(self) -> None:
        self._own.connection.disconnect()
        self._own.connection = None


def _keys(visitor: str) -> tuple[str, str]:
    """Where a visitor is counted; in a cluster both are on one node."""
    return f"zhixin:limits:{{{visitor}}}", f"zhixin:limits:{{{visitor}}}:slots"

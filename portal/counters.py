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
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol
from uuid import uuid4

from redis import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as StoreSlow

from indexer.keys.plans import Window
from portal.under_way import UnderWay

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
local cost, whole, at_once, here = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local call = redis.call
local at = call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
local allowed, crowded = 1, 0
if at_once > 0 then
  call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  if call('ZCARD', KEYS[2]) + here >= at_once then allowed, crowded = 0, 1 end
end
local kept = call('HMGET', KEYS[1], unpack(ARGV, 5 + (#ARGV - 4) / 2))
local last, after, told = 0, {}, ''
for i = 1, #kept, 2 do
  local amount, seconds = tonumber(ARGV[4 + i]), tonumber(ARGV[5 + i])
  local used, ends = tonumber(kept[i]) or 0, tonumber(kept[i + 1]) or 0
  if ends <= now then used, ends = 0, now + seconds * 1000 end
  local n, closed = used + cost, 0
  if math.max(cost, whole) > amount then
    if used >= amount and whole == 0 then closed = 1 end
  elseif n > amount then closed = 1 end
  if closed == 1 then allowed = 0 end
  if n > amount then n = amount end
  local names = 4 + #kept + i
  after[2 * i - 1], after[2 * i] = ARGV[names], n
  after[2 * i + 1], after[2 * i + 2] = ARGV[names + 1], ends
  if ends > last then last = ends end
  told = told .. ' ' .. (amount - used) .. ' ' .. (amount - n) .. ' ' .. (ends - now) .. ' ' .. closed
end
if allowed == 1 then
  call('HSET', KEYS[1], unpack(after))
  call('PEXPIREAT', KEYS[1], last)
end
return allowed .. ' ' .. crowded .. told
"""
"""One visitor in one step of the server, by the server's clock: no two requests, whatever their worker, see the same state."""

BEGIN = """
local at = redis.call('TIME')
redis.call('ZADD', KEYS[1], at[1] * 1000 + math.floor(at[2] / 1000) + ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""
"""A request of a visitor is under way, and is forgotten by itself."""


class Shared:
    """Counts in a Redis or Valkey, for all processes and machines that use it. Raises RedisError where that does not answer.

    Each thread speaks to the server over a connection of its own: a full turn of the client would cost a cheap request a tenth of its time.
    """

    def __init__(self, redis: Redis, slot_seconds: float = SLOT_SECONDS) -> None:
        self._redis = redis
        # As Redis names scripts.
        self._script = hashlib.sha1(TAKE.encode(), usedforsecurity=False).hexdigest()
        self._own = threading.local()
        begin, lasts = redis.register_script(BEGIN), int(slot_seconds * 1000)
        self._under_way = UnderWay(
            tell=lambda visitor, slot: begin(keys=[_keys(visitor)[1]], args=[lasts, slot]),
            forget=lambda visitor, slot: redis.zrem(_keys(visitor)[1], slot),
            failing=RedisError,
        )

    def take(
        self, visitor: str, windows: Sequence[Window], cost: int = 1, *, whole: int = 0, at_once: int = 0
    ) -> Taken:
        """As the protocol says."""
        slot, here = self._under_way.begin(visitor, at_once) if at_once else ("", 0)
        try:
            taken = self._take(visitor, windows, cost, whole, at_once, here)
            if (
                taken.crowded and slot and here
            ):  # of those here some may be over since, or told of and counted twice
                self._under_way.tell_all(visitor)
                taken = self._take(visitor, windows, cost, whole, at_once, 0)
        except RedisError:
            self.leave(visitor, slot)
            raise
        if not taken.allowed:
            self.leave(visitor, slot)
            return taken
        if slot:
            self._under_way.admitted(slot)
        return replace(taken, slot=slot)

    def leave(self, visitor: str, slot: str) -> None:
        """As the protocol says."""
        if slot:
            self._under_way.end(slot)

    def _take(
        self, visitor: str, windows: Sequence[Window], cost: int, whole: int, at_once: int, here: int
    ) -> Taken:
        asked = (2, *_keys(visitor), cost, whole, at_once, here, *_sizes_and_names(tuple(windows)))
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
        return Taken(bool(allowed), left, bool(crowded))

    def _ask(self, *words: str | int) -> Any:
        """What the server says. A connection that a restart has closed is made anew, once; what was too slow may have been counted."""
        for again in (True, False):
            connection = self._connection()
            try:
                connection.send_command(*words, check_health=False)
                return connection.read_response()
            except ResponseError:
                raise
            except (RedisError, OSError) as error:
                connection.disconnect()
                self._own.connection = None
                if not again or isinstance(error, TimeoutError | StoreSlow):
                    raise
        raise AssertionError

    def _connection(self) -> Any:
        if getattr(self._own, "connection", None) is None:
            self._own.connection = self._redis.connection_pool.make_connection()
        return self._own.connection


@lru_cache(maxsize=256)
def _sizes_and_names(windows: tuple[Window, ...]) -> tuple[str | int, ...]:
    """What the script is told of windows: the amount and length of each, then the names of the fields that its use and end stand in."""
    sizes = [number for each in windows for number in (each.amount, each.seconds)]
    names = [name for each in windows for name in (f"n{each.seconds}", f"e{each.seconds}")]
    return (*sizes, *names)


def _keys(visitor: str) -> tuple[str, str]:
    """Where a visitor is counted; in a cluster both are on one node."""
    return f"zhixin:limits:{{{visitor}}}", f"zhixin:limits:{{{visitor}}}:slots"

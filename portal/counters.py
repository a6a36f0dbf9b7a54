"""Counting what visitors do (计数): several windows at once, and how many requests are under way, in this process or shared through Redis.

A window begins with the first request in it and ends so many seconds later; then it is empty again. A request is taken from all windows or
from none: one that is refused costs nothing, neither in the window that is full nor in a longer one. What costs more than a window
holds at all (a check of 500 where 100 a minute are free) is let in while that window is open, and closes it.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

from redis import Redis

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
        """Whole seconds after which every window that refused is empty again, and not one less."""
        if self.crowded:
            return 1
        return max((math.ceil(each.seconds) for each in self.windows if each.closed), default=0) or 1


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
local fields = {}
for i = 6, #ARGV, 2 do
  fields[#fields + 1] = 'n' .. ARGV[i + 1]
  fields[#fields + 1] = 'e' .. ARGV[i + 1]
end
local kept = redis.call('HMGET', KEYS[1], unpack(fields))
local allowed, last, after, told = 1 - crowded, 0, {}, {}
for i = 6, #ARGV, 2 do
  local amount, used, ends = tonumber(ARGV[i]), tonumber(kept[i - 5]) or 0, tonumber(kept[i - 4]) or 0
  if ends <= now then used, ends = 0, now + ARGV[i + 1] * 1000 end
  local closed
  if math.max(cost, whole) > amount then closed = used >= amount and whole == 0 else closed = used + cost > amount end
  if closed then allowed = 0 end
  local n = math.min(used + cost, amount)
  after[#after + 1] = fields[i - 5]; after[#after + 1] = n
  after[#after + 1] = fields[i - 4]; after[#after + 1] = string.format('%.0f', ends)
  last = math.max(last, ends)
  told[#told + 1] = amount - used; told[#told + 1] = amount - n
  told[#told + 1] = ends - now; told[#told + 1] = closed and 1 or 0
end
if allowed == 1 then
  redis.call('HSET', KEYS[1], unpack(after))
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
  if at_once > 0 then
    redis.call('ZADD', KEYS[2], now + ARGV[4], ARGV[5])
    redis.call('PEXPIRE', KEYS[2], ARGV[4])
  end
end
return {allowed, crowded, unpack(told)}
"""
"""One visitor in one step of the server, by the server's clock: no two requests, whatever their worker, see the same state."""


class Shared:
    """Counts in a Redis or Valkey, for all processes and machines that use it. Raises RedisError where that does not answer."""

    def __init__(self, redis: Redis, slot_seconds: float = SLOT_SECONDS) -> None:
        self._redis, self._slot = redis, int(slot_seconds * 1000)
        self._take = redis.register_script(TAKE)

    def take(
        self, visitor: str, windows: Sequence[Window], cost: int = 1, *, whole: int = 0, at_once: int = 0
    ) -> Taken:
        """As the protocol says."""
        slot = uuid4().hex if at_once else ""
        sizes = [number for window in windows for number in (window.amount, window.seconds)]
        said = self._take(_keys(visitor), [cost, whole, at_once, self._slot, slot, *sizes])
        allowed, crowded = bool(said[0]), bool(said[1])
        told = zip(windows, said[2::4], said[3::4], said[4::4], said[5::4], strict=True)
        left = tuple(
            Left(window, after if allowed else before, ms / 1000, bool(closed))
            for window, before, after, ms, closed in told
        )
        return Taken(allowed, left, crowded, slot if allowed else "")

    def leave(self, visitor: str, slot: str) -> None:
        """As the protocol says."""
        self._redis.zrem(_keys(visitor)[1], slot)


def _keys(visitor: str) -> tuple[str, str]:
    """Where a visitor is counted; in a cluster both are on one node."""
    return f"zhixin:limits:{{{visitor}}}", f"zhixin:limits:{{{visitor}}}:slots"

"""How Flask-Limiter counts here: one limit for a request, the whole plan of its visitor, in one step of the store.

Flask-Limiter decides when to count, when the store is down and when it is there again; its own strategies would take a request from one
window after the other, so that what the second refuses is gone from the first.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

from flask import request
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.errors import RateLimitExceeded
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import RedisStorage, Storage
from limits.strategies import STRATEGIES, RateLimiter
from limits.util import WindowStats
from redis import Redis

from indexer.keys.plans import Window
from portal.counters import Counters, Here, Shared, Taken

WHOLE_PLAN = "whole-plan"


class Ticket(RateLimitItemPerSecond):
    """What one request of a visitor is counted by, and once it is, what came of it."""

    __slots__ = ["at_once", "counters", "taken", "visitor", "windows"]

    def __init__(self, visitor: str, windows: tuple[Window, ...], at_once: int) -> None:
        super().__init__(windows[0].amount)
        self.visitor, self.windows, self.at_once = visitor, windows, at_once
        self.taken: Taken | None = None
        self.counters: Counters | None = None


class PlanLimit(ApplicationLimit):
    """The limit of every route: a new ticket for each request."""

    def __init__(self, ticket: Callable[[], Ticket]) -> None:
        super().__init__("1/second")
        self._ticket = ticket
        self._form: Any = None

    def __iter__(self) -> Iterator[Any]:
        self._form = self._form or next(super().__iter__())  # parsed once, and not for each request
        yield replace(self._form, limit=self._ticket())


class OnePlanLimiter(Limiter):
    """Flask-Limiter where every request has the same one limit: it is counted at once. What Flask-Limiter does to find and weigh any number of
    limits takes longer than the counting, and is left to it for when the store does not answer.
    """

    def __init__(self, plan: PlanLimit, **given: Any) -> None:
        self._plan = plan
        super().__init__(lambda: "plan", application_limits=[plan], strategy=WHOLE_PLAN, **given)

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if self._storage_dead:
            super()._check_request_limit(callable_name, in_middleware)
            return
        if not self.enabled or request.endpoint is None or any(exempt() for exempt in self._request_filters):
            return
        (limit,) = self._plan
        try:
            allowed = self.limiter.hit(limit.limit)
        except Exception:  # as Flask-Limiter has it: whatever a store's client raises, the store is down then
            if not self._in_memory_fallback_enabled:
                raise
            self._storage_dead = True  # at once: to ask it a second time would have the visitor wait twice
            super()._check_request_limit(callable_name, in_middleware)
            return
        if not allowed:
            raise RateLimitExceeded(limit)


class WholePlan(RateLimiter):
    """The strategy: takes a ticket from all windows or from none."""

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self.counters: Counters = (
            Shared(cast(Redis, storage.get_connection())) if isinstance(storage, RedisStorage) else Here()
        )

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Count a ticket; False where it is refused, and then nothing was taken."""
        assert isinstance(item, Ticket)
        item.counters = self.counters
        item.taken = self.counters.take(item.visitor, item.windows, cost, at_once=item.at_once)
        return item.taken.allowed

    def test(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Nothing is asked without being counted."""
        raise NotImplementedError

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        """What is left stands on the ticket."""
        raise NotImplementedError


STRATEGIES[WHOLE_PLAN] = WholePlan  # type: ignore[assignment]  # its own are named one by one there

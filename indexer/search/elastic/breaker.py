"""A circuit breaker (熔断): a service that has just failed several times in a row is left alone for a while, so that nobody waits for it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from indexer.errors import ServiceUnavailable


class NotAsked(ServiceUnavailable):
    """The service failed a moment ago and is not asked again yet."""


class Breaker:
    """Stands before one service in one process. Safe to use from several threads.

    Closed, it lets every call through. `failures` calls in a row that raised one of `counts` open it: for `rest` seconds every call
    is refused at once. Then one call at a time is let through as a trial, and the others are still refused: the first that succeeds
    closes it, one that fails begins another rest. An error that is not among `counts` (the caller's own, an interrupt) tells nothing
    of the service and changes nothing. What a call tells that began before the last change of state is old news and passed over.
    """

    def __init__(
        self,
        failures: int = 3,
        rest: float = 5.0,
        counts: tuple[type[Exception], ...] = (ServiceUnavailable,),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._rest = rest
        self._counts = counts
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0  # in a row, while closed
        self._opened: float | None = None  # when the rest began; None while closed
        self._trying = False
        self._era = 0  # how often the state has changed

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Ask the service in a `with` block. Raises NotAsked at once, without entering the block, while it rests."""
        era = self._enter()
        answered: bool | None = None
        try:
            yield
            answered = True
        except self._counts:
            answered = False
            raise
        finally:
            self._leave(era, answered)

    def _enter(self) -> int:
        with self._lock:
            if self._opened is not None:
                if self._trying or self._clock() - self._opened < self._rest:
                    raise NotAsked(
                        "检索服务刚才没有响应，稍后会自动重试。请过几秒再查。",
                        "The search service did not answer just now and will be tried again by itself; ask again in some seconds.",
                    )
                self._trying = True
            return self._era

    def _leave(self, era: int, answered: bool | None) -> None:
        with self._lock:
            if era != self._era:
                return
            trial, self._trying = self._trying, False
            if answered:
                self._failed = 0
                if trial:
                    self._turn(None)
            elif answered is False:
                self._failed += 1
                if trial or self._failed >= self._most:
                    self._turn(self._clock())

    def _turn(self, opened: float | None) -> None:
        self._opened, self._failed = opened, 0
        self._era += 1

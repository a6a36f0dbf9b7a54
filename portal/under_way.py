"""Requests under way (进行中的请求) of this process, of which a shared store learns once they take long.

Most answers take a few milliseconds. To tell the store of the beginning and the end of each would cost as much as counting it, for a cap
that keeps one visitor from holding all threads for long. So the process counts its own exactly, and the store is told of those that have
been under way for `LATE`: never is a visitor refused for a request that is over, and within that time each process may let in its own cap.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from itertools import count
from math import inf
from uuid import uuid4

LATE = 0.02
"""Seconds after which the store is told of a request."""


class _Told(Enum):
    NOT_YET = auto()
    BEING_TOLD = auto()
    YES = auto()
    FAILED = auto()


@dataclass(slots=True)
class _Request:
    visitor: str
    admitted: float = inf
    told: _Told = _Told.NOT_YET


class UnderWay:
    """What this process has under way. `tell` and `forget` take a visitor and a slot to the store; both may raise what `failing` names."""

    def __init__(
        self,
        tell: Callable[[str, str], object],
        forget: Callable[[str, str], object],
        failing: type[Exception],
    ) -> None:
        self._tell, self._forget, self._failing = tell, forget, failing
        self._lock = threading.Condition()
        self._requests: dict[str, _Request] = {}
        self._untold: Counter[str] = Counter()
        self._any = threading.Event()
        self._watching: threading.Thread | None = None
        self._name, self._numbers = uuid4().hex, count()

    def begin(self, visitor: str, at_once: int) -> tuple[str, int]:
        """A slot for a request, and how many of the same visitor the store does not know of; no slot where these are `at_once` by themselves."""
        with self._lock:
            untold = self._untold[visitor]
            if untold >= at_once:
                return "", untold
            slot = f"{self._name}:{next(self._numbers)}"
            self._requests[slot] = _Request(visitor)
            self._untold[visitor] += 1
            self._any.set()
            if self._watching is None:  # not before: a process that forks keeps no threads
                self._watching = threading.Thread(target=self._watch, name="under-way", daemon=True)
                self._watching.start()
            return slot, untold

    def admitted(self, slot: str) -> None:
        """The request was let in; from now on it may become late."""
        self._requests[slot].admitted = time.monotonic()

    def tell_all(self, visitor: str) -> None:
        """The store knows of all requests of a visitor that were let in. Raises what `failing` names where it can not be told."""
        with self._lock:
            slots = [
                slot
                for slot, each in self._requests.items()
                if each.visitor == visitor and each.admitted < inf
            ]
        for slot in slots:
            self._tell_of(slot)

    def end(self, slot: str) -> None:
        """A request is over, and for the store too: one that it is being told of waits for that. Raises what `failing` names where the store
        has to be told and can not.
        """
        with self._lock:
            request = self._requests.pop(slot)
            if request.told is _Told.NOT_YET:
                self._no_more_untold(request.visitor)
            self._lock.wait_for(lambda: request.told is not _Told.BEING_TOLD)
        if request.told is _Told.YES:
            self._forget(request.visitor, slot)

    def _watch(self) -> None:
        while self._any.wait():
            time.sleep(LATE)
            self._tell_late(time.monotonic() - LATE)

    def _tell_late(self, before: float) -> None:
        with self._lock:
            late = [slot for slot, each in self._requests.items() if each.admitted <= before]
            if not self._requests:
                self._any.clear()
        for slot in late:
            with suppress(self._failing):  # the next request finds the store down
                self._tell_of(slot)

    def _tell_of(self, slot: str) -> None:
        with self._lock:
            request = self._requests.get(slot)
            if request is None or request.told is not _Told.NOT_YET:
                return
            request.told = _Told.BEING_TOLD
            self._no_more_untold(
                request.visitor
            )  # before the store counts it: rather in neither than in both
        told = _Told.FAILED
        try:
            self._tell(request.visitor, slot)
            told = _Told.YES
        finally:
            with self._lock:
                request.told = told
                self._lock.notify_all()

    def _no_more_untold(self, visitor: str) -> None:
        self._untold[visitor] -= 1
        if not self._untold[visitor]:
            del self._untold[visitor]

"""Work that takes longer than somebody at a browser waits: done by a thread of the process, begun on demand.

Nobody waits for more than a moment; the jobs of `zhixin work` do what is due when nobody is there, and take up what a process left undone.
"""

from collections.abc import Callable
from threading import Lock, Thread

import structlog

from indexer.errors import ZhixinError

MOMENT = 2.0  # seconds that a request waits, in which most of it is done
log = structlog.get_logger()


class Background:
    """One kind of work, `act`, which does all that waits for it and which one process does at a time."""

    def __init__(self, name: str, act: Callable[[], int]) -> None:
        self.name, self._act = name, act
        self._lock = Lock()
        self._thread: Thread | None = None

    def begin(self, patience: float = MOMENT) -> None:
        """Have done what waits, and wait for it `patience` seconds at most."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work_off, name=self.name, daemon=True)
                self._thread.start()
            thread = self._thread
        thread.join(patience)

    def _work_off(self) -> None:
        try:
            self._act()
        except ZhixinError as error:  # the register is busy: whoever looks again begins again
            log.error(self.name, code=error.code)

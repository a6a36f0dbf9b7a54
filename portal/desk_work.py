"""The publishing desk in a portal: previews and publications that are due are worked off by a thread of the process, begun on demand.

Nobody at a browser waits for more than a moment; `zhixin work publish` does what is due when nobody is there.
"""

from threading import Lock, Thread

import structlog

from indexer.accounts.opening import Accounts
from indexer.desk.opening import PublishingDesk
from indexer.errors import ZhixinError

MOMENT = 2.0  # seconds that a request waits, in which most files are read
log = structlog.get_logger()


class DeskWork(PublishingDesk):
    """The desk with its thread."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts)
        self._lock = Lock()
        self._thread: Thread | None = None

    def begin(self, patience: float = MOMENT) -> None:
        """Have done what waits, and wait for it `patience` seconds at most."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work_off, name="desk", daemon=True)
                self._thread.start()
            thread = self._thread
        thread.join(patience)

    def _work_off(self) -> None:
        try:
            self.worker.work()
        except ZhixinError as error:  # the register is busy: whoever looks at the submission begins again
            log.error("desk", code=error.code)

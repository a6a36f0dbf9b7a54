"""The publishing desk in a portal: previews and publications that are due are worked off in the background."""

from indexer.accounts.opening import Accounts
from indexer.desk.opening import PublishingDesk
from portal.background import MOMENT, Background


class DeskWork(PublishingDesk):
    """The desk with its thread."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts)
        self._background = Background("desk", self.worker.work)

    def begin(self, patience: float = MOMENT) -> None:
        """Have done what waits, and wait for it `patience` seconds at most."""
        self._background.begin(patience)

"""The publishing desk over one database and one folder, made in one place."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import IO

from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.desk.conflicts import Settlements
from indexer.desk.corrections import NAME, one_row
from indexer.desk.submissions import Action, Asked, Submissions, plain_note
from indexer.desk.uploads import Kept, Uploads
from indexer.desk.working import Desk, Worker
from indexer.errors import InvalidParameter
from indexer.register.handling import HeldRecord
from indexer.sources.limits import Limits

LONGEST_SOURCE = 100  # characters


class PublishingDesk:
    """What people do at the desk. Opens nothing until it is asked."""

    def __init__(self, accounts: Accounts) -> None:
        settings, self.engine, self.clock = accounts.settings, accounts.engine, accounts.clock
        self.uploads = Uploads(settings.data / "desk")
        self.submissions = Submissions(self.engine, self.clock, accounts.mailbox)
        limits = Limits(unpacked=settings.unpacked_limit)
        self.worker = Worker(Desk(self.engine, self.clock, self.uploads, limits))
        self.settlements = Settlements(self.engine, self.clock)

    def bring(self, caller: Caller, stream: IO[bytes], name: str, kind: str, source: str) -> int:
        """Take a file in; gives the number of the submission. Raises FileRefused, InvalidParameter `source`, and Waiting."""
        said = " ".join(source.split())
        if len(said) > LONGEST_SOURCE or not said.isprintable():
            raise InvalidParameter(
                "source",
                f"数据来源最多 {LONGEST_SOURCE} 个字。",
                f"must be at most {LONGEST_SOURCE} characters",
            )
        return self._make(caller, self.uploads.keep(stream, name), Action.FILE, kind=kind, source=said)

    def correct(
        self,
        caller: Caller,
        record: HeldRecord,
        said: Mapping[str, str],
        reason: str,
        annulled_on: date | None = None,
    ) -> int:
        """Take the correction of a record in: what each column is to say. Raises InvalidParameter `reason`, and Waiting."""
        note = plain_note(reason, "reason", needed=True)
        kept = self.uploads.keep(one_row(record, said), NAME)
        return self._make(
            caller,
            kept,
            Action.CORRECTION,
            kind=record.kind.name,
            record=record.id,
            note=note,
            annulled_on=annulled_on,
        )

    def take_down(
        self, caller: Caller, record: HeldRecord, reason: str, annulled_on: date | None = None
    ) -> int:
        """Ask for a record to be taken down. Raises InvalidParameter `reason`, and Waiting."""
        note = plain_note(reason, "reason", needed=True)
        asked = self._nothing(f"{Action.REMOVAL}:{record.id}", record.title)
        return self._make(
            caller,
            asked,
            Action.REMOVAL,
            kind=record.kind.name,
            record=record.id,
            note=note,
            annulled_on=annulled_on,
        )

    def undo(self, caller: Caller, batch: int, path: str, reason: str) -> int:
        """Ask for a batch to be taken back. Raises InvalidParameter `reason`, and Waiting."""
        note = plain_note(reason, "reason", needed=True)
        return self._make(
            caller, self._nothing(f"{Action.UNDO}:{batch}", path), Action.UNDO, undoes=batch, note=note
        )

    def _nothing(self, what: str, name: str) -> Kept:
        """A folder without a file, for the preview of what needs none; `what` is the thing to do."""
        return Kept(self.uploads.room(), name, 0, hashlib.sha256(what.encode()).hexdigest())

    def _make(self, caller: Caller, kept: Kept, action: Action, **about: object) -> int:
        try:
            asked = Asked(action, kept.name, kept.stored, kept.digest, size=kept.size or None, **about)  # type: ignore[arg-type]
            return self.submissions.make(caller, asked)
        except BaseException:
            self.uploads.drop(kept.stored)
            raise

"""The publishing desk over one database and one folder, made in one place."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import IO

from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.reach import EVERYTHING, Reach
from indexer.desk.conflicts import Settlements
from indexer.desk.corrections import NAME, one_row
from indexer.desk.submissions import Action, Asked, Submissions, plain_note
from indexer.desk.uploads import Uploads
from indexer.desk.working import Desk, Worker
from indexer.errors import InvalidParameter
from indexer.register.handling import WholeRecord, held
from indexer.sources.limits import Limits

LONGEST_SOURCE = 100  # characters


class PublishingDesk:
    """What people do at the desk. Opens nothing until it is asked."""

    def __init__(self, accounts: Accounts) -> None:
        settings, self.engine, self.clock = accounts.settings, accounts.engine, accounts.clock
        self.uploads = Uploads(settings.data / "desk")
        self.submissions = Submissions(self.engine, self.clock, accounts.mailbox)
        limits = Limits(unpacked=settings.unpacked_limit)
        self.worker = Worker(Desk(self.engine, self.clock, self.uploads, limits, accounts))
        self.settlements = Settlements(self.engine, self.clock)

    def bring(
        self,
        caller: Caller,
        stream: IO[bytes],
        name: str,
        kind: str,
        source: str,
        reach: Reach = EVERYTHING,
    ) -> int:
        """Take a file in, of somebody with a reach; gives the number of the submission.

        Raises FileRefused, InvalidParameter `source`, and Waiting.
        """
        said = " ".join(source.split())
        if len(said) > LONGEST_SOURCE or not said.isprintable():
            raise InvalidParameter(
                "source",
                f"数据来源最多 {LONGEST_SOURCE} 个字。",
                f"must be at most {LONGEST_SOURCE} characters",
            )
        if not said and not reach.whole and len(reach.scopes) == 1:
            said = next(iter(reach.agencies), "")  # what an agency brings without a word is from the agency
        kept = self.uploads.keep(stream, name)
        asked = Asked(Action.FILE, kept.name, kept.stored, kept.digest, kept.size, kind, said)
        return self._make(caller, replace(asked, scope=reach.text))

    def correct(
        self,
        caller: Caller,
        record: WholeRecord,
        said: Mapping[str, str],
        reason: str,
        annulled_on: date | None = None,
        case: int | None = None,
        reach: Reach = EVERYTHING,
    ) -> int:
        """Take the correction of a record in: what each column is to say; `case` is the objection that it mends.

        Raises InvalidParameter `reason`, and Waiting.
        """
        note = plain_note(reason, "reason", needed=True)
        kept = self.uploads.keep(one_row(record, said), NAME)
        asked = Asked(Action.CORRECTION, kept.name, kept.stored, kept.digest, kept.size, record.kind.name)
        about = replace(asked, record=record.id, note=note, annulled_on=annulled_on, case=case)
        return self._make(caller, replace(about, scope=reach.text))

    def take_down(
        self,
        caller: Caller,
        record: WholeRecord,
        reason: str,
        annulled_on: date | None = None,
        case: int | None = None,
        reach: Reach = EVERYTHING,
    ) -> int:
        """Ask for a record to be taken down; `case` is the objection that it mends. Raises InvalidParameter `reason`, and Waiting."""
        note = plain_note(reason, "reason", needed=True)
        asked = self._without_file(Action.REMOVAL, record.title, record.id)
        about = replace(asked, kind=record.kind.name, record=record.id, note=note, annulled_on=annulled_on)
        return self._make(caller, replace(about, case=case, scope=reach.text))

    def unrepair(self, caller: Caller, record: WholeRecord, reason: str, reach: Reach = EVERYTHING) -> int:
        """Ask for the repair of a record to be taken back. Raises InvalidParameter `reason`, and Waiting."""
        note = plain_note(reason, "reason", needed=True)
        asked = self._without_file(Action.UNREPAIR, record.title, record.id)
        about = replace(asked, kind=record.kind.name, record=record.id, note=note, scope=reach.text)
        return self._make(caller, about)

    def take_down_known(self, caller: Caller, record: str, reason: str) -> int:
        """The same of a record that is known by its address alone. Raises NotFound, too."""
        return self.take_down(caller, held(self.engine, record, self.clock.today()), reason)

    def undo(self, caller: Caller, batch: int, path: str, reason: str) -> int:
        """Ask for a batch to be taken back. Raises InvalidParameter `reason`, and Waiting."""
        note = plain_note(reason, "reason", needed=True)
        asked = self._without_file(Action.UNDO, path, str(batch))
        return self._make(caller, replace(asked, undoes=batch, note=note))

    def _without_file(self, action: Action, name: str, what: str) -> Asked:
        """What needs no file, with a folder for its preview; its digest says what is to be done to which thing."""
        digest = hashlib.sha256(f"{action}:{what}".encode()).hexdigest()
        return Asked(action, name, self.uploads.room(), digest)

    def _make(self, caller: Caller, asked: Asked) -> int:
        try:
            return self.submissions.make(caller, asked)
        except BaseException:
            self.uploads.drop(asked.stored)
            raise

"""Passing on what a partner delivered (转入发布): to the publishing desk, where people decide, or from a trusted partner into the register.

Done again after a kill it does nothing twice: the register knows the rows, the desk the file.
"""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from indexer.accounts.audit import Act, Caller, Note, append
from indexer.clock import Clock
from indexer.desk.opening import PublishingDesk
from indexer.desk.submissions import State, Submission, Waiting
from indexer.errors import NotFound
from indexer.exchange.dropping import Drop
from indexer.exchange.intake import Checked, Clean
from indexer.exchange.partners import Standing
from indexer.ingest import FileReport, Job, ingest
from indexer.kinds.base import Kind, Problem
from indexer.register.changes import RecordChange
from indexer.register.database import writing
from indexer.register.publishing import Publication
from indexer.register.removing import remove_within
from indexer.sources.check import Rejection
from indexer.sources.limits import Limits

ENDED = (State.PUBLISHED, State.RETURNED, State.DISCARDED, State.FAILED)
BY_EXCHANGE = "exchange"
_reject_reason = re.compile(r"([^：]{0,60})：(.*)", re.DOTALL).fullmatch


@dataclass
class Outcome:
    """What became of a delivery's rows; `refused` says why the desk took none of a file."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[str] = field(default_factory=list)


class _Watch:
    """Sees which rows the register rejects that the check had let pass: those that contradict."""

    def __init__(self, partner: Standing, clock: Clock, clean: Clean, found: Checked) -> None:
        self._partner, self._clock = partner, clock
        self._clean, self._found = clean, found

    def table(self, path: str, kind: Kind, header: Any) -> None: ...

    def changed(self, change: RecordChange) -> None: ...

    def rejected(self, rejection: Rejection) -> None:
        line = self._clean.lines.get(rejection.line, rejection.line)
        self._found.reject(self._clean.path.name, line, rejection.reasons)

    def whole(self, batch: Publication, reports: Any) -> None:
        """Have the publication written into the audit, as its last statement."""
        batch.last_act = lambda: _write_down(batch.connection, self._clock, self._partner, batch.batch)


class Giver:
    """Passes rows and removals on in the name of a partner."""

    def __init__(self, desk: PublishingDesk, limits: Limits) -> None:
        self.desk, self.limits = desk, limits
        self.engine, self.clock = desk.engine, desk.clock

    def into_register(self, partner: Standing, clean: Clean, found: Checked, outcome: Outcome) -> None:
        """Publish the rows of a trusted partner at once. Raises FileRefused."""
        job = Job(
            engine=self.engine,
            clock=self.clock,
            limits=self.limits,
            kind=clean.kind,
            source=partner.it.title,
            rejects=clean.path.parent / "rejects",
            witness=_Watch(partner, self.clock, clean, found),
        )
        reports: list[FileReport] = ingest([clean.path], job) if clean.rows else []
        for report in reports:
            if report.refused is not None:
                raise report.refused
            outcome.added += report.added
            outcome.changed += report.changed
            outcome.unchanged += report.unchanged

    def drop(self, partner: Standing, drops: list[Drop]) -> None:
        """Take down what a trusted partner takes back, each in a batch of its own; what is down already stays so."""
        for drop in drops:
            with writing(self.engine) as connection:
                try:
                    batch = remove_within(connection, self.clock, drop.record, drop.reason)
                except NotFound:
                    connection.rollback()
                    continue
                _write_down(connection, self.clock, partner, batch)

    def to_desk(self, partner: Standing, clean: Clean) -> int | None:
        """Bring the rows to the publishing desk; gives the submission, None where there is none to bring. Raises FileRefused."""
        if not clean.rows:
            return None
        try:
            with clean.path.open("rb") as file:
                return self.desk.bring(
                    _caller(partner), file, clean.path.name, clean.kind.name, partner.it.title[:100]
                )
        except Waiting as waiting:
            return waiting.submission

    def drop_at_desk(self, partner: Standing, drops: list[Drop]) -> list[int]:
        """Ask at the desk for what the partner takes back to be taken down; gives the submissions."""
        asked = []
        for drop in drops:
            try:
                asked.append(self.desk.take_down_known(_caller(partner), drop.record, drop.reason[:400]))
            except Waiting as waiting:
                asked.append(waiting.submission)
        return asked

    def hand_in(self, partner: Standing, numbers: list[int], note: str) -> list[Submission]:
        """Hand submissions in whose preview is made; those that would change nothing are given up. Gives where all of them stand."""
        for number in numbers:
            it = self.desk.submissions.one(number)
            if it.state != State.DRAFT or it.made_by != partner.account:
                continue
            if it.does:
                self.desk.submissions.submit(_caller(partner), number, it.effect or "", note)
            else:
                self.desk.submissions.discard(_caller(partner), number)
        return [self.desk.submissions.one(number) for number in numbers]

    def give_up(self, partner: Standing, it: Submission) -> None:
        """End a submission that was sent back: who made it is not here to mend it, and delivers anew."""
        if it.state == State.RETURNED:
            self.desk.submissions.discard(_caller(partner), it.id)

    def desk_rejects(self, it: Submission, lines: dict[int, int], found: Checked) -> None:
        """Count and name the rows that the preview at the desk did not take."""
        for path in self.desk.uploads.reject_files(it.stored):
            for line, reason in _rejected_in(path):
                told = _reject_reason(reason)
                problem = Problem(told[1], told[2]) if told else Problem("", reason)
                found.reject(it.name, lines.get(line, line), (problem,))


def _write_down(connection: Connection, clock: Clock, partner: Standing, batch: int) -> None:
    note = Note(Act.BATCH_PUBLISHED, f"batch:{batch}", after=f"partner:{partner.name}")
    append(connection, clock.now(), _caller(partner), [note])


def _caller(partner: Standing) -> Caller:
    return Caller(partner.account, BY_EXCHANGE)


def _rejected_in(path: Path) -> list[tuple[int, str]]:
    """Line and reasons of each row of a rejects file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [(int(row[-2]), row[-1]) for row in rows if len(row) > 1 and row[-2].isdecimal()]


def refused_words(it: Submission) -> str | None:
    """Why a submission came to nothing, None where it did not."""
    if it.state in (State.RETURNED, State.DISCARDED) and it.reason:
        return f"{it.name}：{it.reason}"
    if it.state == State.FAILED:
        return f"{it.name}：{it.failure_zh or ''}"
    return None

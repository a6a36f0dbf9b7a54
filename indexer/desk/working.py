"""The work of the desk: previews that are asked for and publications that are due, one after another.

One process at a time works (`alone`), whoever has something to do first; a process that dies leaves what it did not finish as it was, and
whoever comes next takes it up. So a time of publication that was missed is caught up, and nothing is published twice: the state of the
submission changes in the transaction of its batch.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, select, update

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller, Note, append
from indexer.accounts.opening import Accounts
from indexer.accounts.reach import reach_of
from indexer.cases.mending import mended
from indexer.clock import Clock
from indexer.desk.bounds import Bounds
from indexer.desk.effects import Effect
from indexer.desk.models import Submission as Row
from indexer.desk.previews import PreviewWriter, writing_preview
from indexer.desk.submissions import Action, State
from indexer.desk.uploads import Uploads
from indexer.enterprise.repairs import Repairs
from indexer.errors import FileRefused, ServiceUnavailable, ZhixinError
from indexer.ingest import Job, ingest, kind_named
from indexer.register.changes import Observer
from indexer.register.database import DatabaseUnavailable, alone, reading, writing
from indexer.register.publishing import Publication
from indexer.register.reading import Register
from indexer.register.removing import remove_within
from indexer.register.repairing import take_back_repair
from indexer.register.versions import version_at
from indexer.register.withdrawing import withdraw_within
from indexer.sources.limits import Limits

log = logging.getLogger(__name__)
WORKER = Caller(network="desk")


class EffectDiffers(Exception):
    """The register has changed since the preview: the publication would do something else than what was approved."""


class TakenBack(Exception):
    """The approval was taken back before the publication could end."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the work needs."""

    engine: Engine
    clock: Clock
    uploads: Uploads
    limits: Limits
    accounts: Accounts


class Worker:
    """Does what waits."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.engine, self.clock, self.uploads = desk, desk.engine, desk.clock, desk.uploads
        self.repairs = Repairs(Register(desk.engine, desk.clock), desk.accounts)

    def work(self) -> int:
        """Make every preview and every publication that waits now; gives how many. 0 where another process is at it.

        Raises DatabaseUnavailable where the register is busy or away: what waits then still waits.
        """
        done = 0
        try:
            with alone(self.engine, "desk"):
                while (row := self._next()) is not None:
                    self._do(row)
                    done += 1
        except DatabaseUnavailable:
            raise
        except ServiceUnavailable:  # somebody else is at it
            return done
        return done

    def waits(self) -> bool:
        """Whether something waits to be done now."""
        return self._next() is not None

    def _next(self) -> Any:
        """What is due, the earliest first; else the oldest that waits for its preview."""
        due = (Row.state == State.APPROVED) & (Row.publish_at <= self.clock.now())
        with reading(self.engine) as connection:
            asked = select(Row.__table__)
            for condition, order in ((due, Row.publish_at), (Row.state == State.READING, Row.id)):
                row = connection.execute(asked.where(condition).order_by(order, Row.id).limit(1)).first()
                if row is not None:
                    return row
        return None

    def _do(self, row: Any) -> None:
        try:
            if row.state == State.APPROVED:
                self._publish(row)
            else:
                self._preview(row)
        except EffectDiffers:
            self._ask_again(row)
        except TakenBack:
            return
        except ServiceUnavailable:
            raise
        except ZhixinError as error:
            self._fail(row, error)
        except Exception as error:
            log.exception("submission %s", row.id, exc_info=error)
            self._fail(row, _broken())

    def _preview(self, row: Any) -> None:
        with reading(self.engine) as connection:
            version = version_at(connection, None).number
        with writing_preview(self.uploads.preview(row.stored)) as preview:
            effect = self._tried(row, preview)
        values = {"state": row.to_state, "effect": effect.digest, "seen_version": version}
        self._end(Row.state == State.READING, row, values | effect.counts)

    def _tried(self, row: Any, preview: PreviewWriter) -> Effect:
        """What the publication would do, found out by doing it and undoing it."""
        effect = Effect(self.bounds(row), preview)
        self.uploads.forget_rejects(row.stored)
        if row.action in (Action.FILE, Action.CORRECTION):
            self._ingested(row, effect, dry_run=True)
            if row.action == Action.CORRECTION and effect.counts["added"]:
                raise _another()
            return effect
        with writing(self.engine) as connection:
            self._carried_out(connection, row, effect.changed)
            connection.rollback()
        return effect

    def _publish(self, row: Any) -> None:
        if row.action in (Action.FILE, Action.CORRECTION):
            self._ingested(row, _Sealed(self, row), dry_run=False)
            return
        effect = Effect(self.bounds(row))
        with writing(self.engine) as connection:
            batch = self._carried_out(connection, row, effect.changed)
            if effect.digest != row.effect:
                raise EffectDiffers
            self.take(connection, row, batch)
            self.write_down(connection, row, batch)

    def bounds(self, row: Any) -> Bounds:
        """What a submission may touch, by the agency or region of its maker."""
        return Bounds(self.engine, reach_of(row.scope), row.source)

    def _ingested(self, row: Any, effect: Effect, dry_run: bool) -> None:
        """Take the file of a submission, as `zhixin ingest` takes files. Raises FileRefused."""
        if self.uploads.digest(row.stored, row.name) != row.digest:
            raise _altered()
        job = Job(
            engine=self.engine,
            clock=self.clock,
            limits=self.desk.limits,
            kind=kind_named(row.kind) if row.kind else None,
            source=row.source or None,
            dry_run=dry_run,
            rejects=self.uploads.rejects(row.stored),
            witness=effect,
            reason=row.note if row.action == Action.CORRECTION else None,
        )
        read = _Rows(lambda rows: self.uploads.note_progress(row.stored, rows))
        for report in ingest([self.uploads.path(row.stored, row.name)], job, read):
            if report.refused is not None:
                raise report.refused

    def _carried_out(self, connection: Connection, row: Any, observe: Observer) -> int:
        """Take a record down, a repair or a batch back, within a transaction; gives the number of the new batch."""
        if row.action == Action.REMOVAL:
            return remove_within(connection, self.clock, row.record_id, row.note, observe)
        if row.action == Action.UNREPAIR:
            reason = f"撤销信用修复：{row.note}"
            return take_back_repair(connection, self.clock, row.record_id, reason, observe)
        return withdraw_within(connection, self.clock, row.undoes, row.note, observe)[0]

    def take(self, connection: Connection, row: Any, batch: int) -> None:
        """Say of a submission that it is this batch, and of the objection that it comes from that the record is mended.

        Within the batch's own transaction. Raises TakenBack.
        """
        approved = (Row.id == row.id) & (Row.state == State.APPROVED) & (Row.effect == row.effect)
        values = {"state": State.PUBLISHED, "batch_id": batch, "ended_at": self.clock.now()}
        if not connection.execute(update(Row).where(approved).values(**values)).rowcount:
            raise TakenBack
        if row.case_id is not None:
            mailbox = self.desk.accounts.mailbox
            mended(connection, mailbox, self.clock.now(), WORKER, row.case_id, batch)

    def write_down(self, connection: Connection, row: Any, batch: int) -> None:
        """Note a publication in the audit, as the last statement of its transaction."""
        after = f"submission:{row.id}" + (f" case:{row.case_id}" if row.case_id is not None else "")
        note = Note(Act.BATCH_PUBLISHED, f"batch:{batch}", after=after)
        act = Acting(connection, self.clock.now(), WORKER, [note])
        if row.action == Action.UNREPAIR:
            self.repairs.taken_back(act, row.record_id, batch, row.note)
        append(connection, act.now, WORKER, act.notes)

    def _ask_again(self, row: Any) -> None:
        """Give a submission back to the second person, with a new preview."""
        with acting(self.engine, self.clock, WORKER) as act:
            mine = (Row.id == row.id) & (Row.state == State.APPROVED)
            values: dict[str, Any] = {
                "state": State.READING,
                "to_state": State.SUBMITTED,
                "again": Row.again + 1,
            }
            voided: dict[str, Any] = {
                "effect": None,
                "decided_by": None,
                "decided_at": None,
                "publish_at": None,
            }
            if act.connection.execute(update(Row).where(mine).values(**values, **voided)).rowcount:
                act.note(Act.SUBMISSION_ASKED_AGAIN, f"submission:{row.id}", before=row.effect)

    def _fail(self, row: Any, error: ZhixinError) -> None:
        said = {"failure_zh": error.zh, "failure_en": error.en}
        ended: dict[str, Any] = {"state": State.FAILED, "ended_at": self.clock.now(), "publish_at": None}
        self._end(Row.state == row.state, row, ended | said)

    def _end(self, ready: ColumnElement[bool], row: Any, values: dict[str, Any]) -> None:
        with acting(self.engine, self.clock, WORKER) as act:
            act.connection.execute(update(Row).where(Row.id == row.id, ready).values(**values))


class _Sealed(Effect):
    """The witness of a publication in earnest: it is stored only if it does what was approved."""

    def __init__(self, worker: Worker, row: Any) -> None:
        super().__init__(worker.bounds(row))
        self._worker, self._row = worker, row

    def whole(self, batch: Publication, reports: Any) -> None:
        super().whole(batch, reports)
        if self.digest != self._row.effect:
            raise EffectDiffers
        worker, row = self._worker, self._row
        worker.take(batch.connection, row, batch.batch)
        batch.last_act = lambda: worker.write_down(batch.connection, row, batch.batch)


class _Rows:
    """Adds the rows of all tables of a file up, for the progress."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._rows: dict[str, int] = {}

    def __call__(self, path: str, rows: int) -> None:
        self._rows[path] = rows
        self._tell(sum(self._rows.values()))


def _altered() -> FileRefused:
    return FileRefused(
        "保存的文件与提交时不同，没有发布。请重新上传。",
        "The kept file is not the one that was sent; nothing was published. Send it again.",
    )


def _another() -> FileRefused:
    return FileRefused(
        "这样更正会成为另一条记录，没有办理。请撤下原记录，再重新导入。",
        "Corrected like this it would be another record: take this one down and import it anew.",
    )


def _broken() -> ZhixinError:
    return ZhixinError(
        "处理时出错，没有写入任何内容。请再试一次；若再次出现，请告诉管理员。",
        "Something went wrong and nothing was stored. Try again; if it happens again, tell an admin.",
    )

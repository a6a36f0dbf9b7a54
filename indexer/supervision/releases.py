"""Publishing results (公布检查结果): asked for by a second person in an instant, done by a worker as one batch of the register.

What is published is what others had entered when it was asked for: what is changed meanwhile falls out and waits for the next time. One process
at a time works; one that dies leaves what it did not finish, and whoever comes next takes it up. Tasks, batch, audit and the release itself
change in one transaction, so that nothing is published twice.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller, Note, append
from indexer.accounts.models import Account
from indexer.accounts.people import Conflict
from indexer.clock import Clock
from indexer.errors import ServiceUnavailable, ZhixinError
from indexer.kinds.inspection import KIND
from indexer.register.database import DatabaseUnavailable, alone, reading
from indexer.register.publishing import Publication, publication
from indexer.sources.check import Checker, Rejection
from indexer.supervision.models import TASKS, Plan, Task
from indexer.supervision.models import Release as Row
from indexer.supervision.plans import ENTERED, PUBLISHED
from indexer.supervision.results import HEADER, Entered, approved_plan, line_of

WAITING, FAILED = "waiting", "failed"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Release:
    """A publication of results as a page tells of it. `batch` is None while it waits, where it failed, and where nothing was new."""

    id: int
    state: str
    results: int
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    batch: int | None
    failure_zh: str
    failure_en: str

    @property
    def waits(self) -> bool:
        """Whether a worker has it before itself."""
        return self.state == WAITING


class Releases:
    """All publications of results."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def ask(self, caller: Caller, plan: int) -> int:
        """Have published what others have entered by now; gives how many results that is.

        Raises NotFound, and Conflict where nothing waits but what the caller entered, or a publication of the plan is under way.
        """
        approved_plan(self.engine, plan)
        try:
            with acting(self.engine, self.clock, caller) as act:
                values = {"plan_id": plan, "state": WAITING, "asked_by": caller.account, "asked_at": act.now}
                new = act.connection.execute(
                    insert(Row).values(**values, results=0).returning(Row.id)
                ).scalar_one()
                others = (
                    (Task.plan_id == plan) & (Task.state == ENTERED) & (Task.changed_by != caller.account)
                )
                taken = update(Task).where(others).values(release_id=new)
                count: int = act.connection.execute(taken).rowcount
                if not count:
                    raise _nothing()
                act.connection.execute(update(Row).where(Row.id == new).values(results=count))
                act.note(Act.RESULTS_ASKED, f"plan:{plan}", after=f"{count} in release {new}")
        except IntegrityError:
            raise Conflict(
                "这个计划的结果正在公布，请等它完成。",
                "Results of this plan are being published: wait for that.",
            ) from None
        return count

    def publish(self, caller: Caller, plan: int) -> int:
        """The same, and wait until it is done; gives how many results. Raises Conflict with the reason where it failed."""
        count = self.ask(caller, plan)
        self.work()
        [last] = self.of(plan, 1)
        if last.state == FAILED:
            raise Conflict(last.failure_zh, last.failure_en)
        return count

    def of(self, plan: int, limit: int = 10) -> list[Release]:
        """The newest publications of a plan."""
        return self._some(Row.plan_id == plan, limit)

    def work(self) -> int:
        """Publish all that waits, one after another; gives how many. 0 where another process is at it.

        Raises DatabaseUnavailable where the register is busy or away: what waits then still waits.
        """
        with reading(self.engine) as connection:
            waiting = list(connection.scalars(select(Row.id).where(Row.state == WAITING).order_by(Row.id)))
        if not waiting:
            return 0
        try:
            with alone(self.engine, "results"):
                for release in waiting:
                    self._do(release)
        except DatabaseUnavailable:
            raise
        except ServiceUnavailable:  # somebody else is at it
            return 0
        return len(waiting)

    def _do(self, release: int) -> None:
        with reading(self.engine) as connection:
            asked = select(Row, Plan.title, Plan.item, Plan.agency).join(Plan, Plan.id == Row.plan_id)
            row = connection.execute(asked.where(Row.id == release, Row.state == WAITING)).first()
        if row is None:  # another process was faster
            return
        try:
            self._publish(row)
        except ServiceUnavailable:
            raise
        except ZhixinError as error:
            self._fail(row, error)
        except Exception as error:  # whatever it was, its results are given back, and the plan's page tells
            log.exception("release %s", release, exc_info=error)
            self._fail(row, _broken())

    def _publish(self, row: Any) -> None:
        with publication(self.engine, self.clock, f"inspection-plan-{row.plan_id}", row.agency) as work:
            count = self._tasks(work, row)
            work.last_act = lambda: self._end(work.connection, row, count, work.batch)
            tally = work.publishers[0].tally
        if not (tally.added or tally.changed):  # the register said so already, and the batch left no trace
            with acting(self.engine, self.clock, Caller(row.asked_by)) as act:
                taken = update(Task).where(Task.release_id == row.id).values(state=PUBLISHED, release_id=None)
                count = act.connection.execute(taken).rowcount
                self._end(act.connection, row, count, None)

    def _tasks(self, work: Publication, row: Any) -> int:
        """Make the results records of the register, within its batch; gives how many. Raises Conflict naming one that is not taken."""
        mine = update(Task).where(Task.release_id == row.id)
        taken = mine.values(state=PUBLISHED, batch=work.batch, release_id=None).returning(*TASKS.c)
        checker = Checker(KIND, HEADER, self.clock.today())
        drafts = []
        for task in work.connection.execute(taken):
            items, follow_up = task.failed_items or "", task.follow_up or ""
            entered = Entered(task.result, task.failed, items, task.inspected_on, follow_up)
            checked = checker.check(line_of(row, task, entered))
            if isinstance(checked, Rejection):
                raise _refused(task.name, checked.reasons[0].zh)
            drafts.append(checked)
        for draft, problem in work.of(KIND, checker.stated).publish(drafts):
            raise _refused(draft.name or "", problem.zh)
        return len(drafts)

    def _end(self, connection: Connection, row: Any, count: int, batch: int | None) -> None:
        """Say of a release that it is done, in the transaction of what it did."""
        now = self.clock.now()
        done = {"state": PUBLISHED, "results": count, "batch": batch, "ended_at": now}
        connection.execute(update(Row).where(Row.id == row.id).values(**done))
        after = f"{count} in batch {batch}" if batch is not None else f"{count} unchanged"
        note = Note(Act.RESULTS_PUBLISHED, f"plan:{row.plan_id}", after=after)
        append(connection, now, Caller(row.asked_by, "results"), [note])

    def _fail(self, row: Any, error: ZhixinError) -> None:
        """Give the results back as they were, with the reason."""
        with acting(self.engine, self.clock, Caller(network="results")) as act:
            said = {"failure_zh": error.zh, "failure_en": error.en}
            ended = {"state": FAILED, "ended_at": act.now}
            act.connection.execute(update(Row).where(Row.id == row.id).values(**ended, **said))
            act.connection.execute(update(Task).where(Task.release_id == row.id).values(release_id=None))

    def _some(self, condition: ColumnElement[bool], limit: int) -> list[Release]:
        asked = (
            select(Row, Account.name)
            .join(Account, Account.id == Row.asked_by)
            .where(condition)
            .order_by(Row.id.desc())
            .limit(limit)
        )
        with reading(self.engine) as connection:
            rows: Sequence[Any] = connection.execute(asked).all()
        return [
            Release(
                *(row.id, row.state, row.results, row.name, row.asked_at, row.ended_at, row.batch),
                *(row.failure_zh or "", row.failure_en or ""),
            )
            for row in rows
        ]


def _nothing() -> Conflict:
    return Conflict(
        "没有可以公布的结果：没有新登记的，或都是您自己登记的，须由另一人公布。",
        "There is nothing to publish but what you entered yourself, if anything.",
    )


def _refused(name: str, why: str) -> Conflict:
    return Conflict(f"{name}：登记簿没有接受这一行。{why}", f"{name}: the register does not take this row.")


def _broken() -> ZhixinError:
    return ZhixinError(
        "公布时出错，没有公布任何结果。请再试一次；若再次出现，请告诉管理员。",
        "Something went wrong and nothing was published. Try again; if it happens again, tell an admin.",
    )

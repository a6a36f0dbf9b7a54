"""Submissions (发布申请) and how they go from one person to another: made, previewed, submitted, approved by somebody else, published.

Every transition is one statement that names the state it starts from, so of two people who act at once one acts and the other is told.
What is done to the register: `indexer/desk/working.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.letters import Mailbox
from indexer.accounts.models import Account
from indexer.accounts.people import Conflict
from indexer.accounts.reach import EVERYTHING, Reach
from indexer.clock import Clock
from indexer.desk.models import Submission as Row
from indexer.errors import InvalidParameter, NotFound
from indexer.register.database import reading
from indexer.rules.periods import period
from indexer.rules.workdays import Calendar

NOTE_LONGEST = 500  # characters
FARTHEST = timedelta(days=366)  # that a publication can be put off


class State(StrEnum):
    """Where a submission stands."""

    READING = "reading"  # the preview is being made
    DRAFT = "draft"  # its maker looks at the preview
    SUBMITTED = "submitted"  # somebody else has to look
    APPROVED = "approved"  # to be published, at once or at its time
    PUBLISHED = "published"
    RETURNED = "returned"  # sent back, with a reason
    DISCARDED = "discarded"
    FAILED = "failed"  # can not be done; `failure` says why


UNDECIDED = (State.READING, State.DRAFT, State.SUBMITTED, State.APPROVED)


class Action(StrEnum):
    """What is to be done."""

    FILE = "file"
    CORRECTION = "correction"
    REMOVAL = "removal"
    UNDO = "undo"
    UNREPAIR = "unrepair"  # the repair of a record is taken back


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to have published: see the columns of `indexer.desk.models.Submission`."""

    action: Action
    name: str
    stored: str
    digest: str
    size: int | None = None
    kind: str = ""
    source: str = ""
    record: str | None = None
    undoes: int | None = None
    annulled_on: date | None = None
    note: str = ""
    case: int | None = None
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission as the people at the desk read it."""

    id: int
    action: Action
    state: State
    made_by: int
    maker: str
    made_at: datetime
    name: str
    stored: str
    size: int | None
    digest: str
    kind: str
    source: str
    record: str | None
    undoes: int | None
    annulled_on: date | None
    note: str
    again: int
    added: int
    changed: int
    removed: int
    unchanged: int
    rejected: int
    reappearing: int
    effect: str | None
    seen_version: int | None
    submitted_at: datetime | None
    decider: str | None
    decided_at: datetime | None
    reason: str | None
    publish_at: datetime | None
    batch: int | None
    ended_at: datetime | None
    failure_zh: str | None
    failure_en: str | None
    case: int | None
    scope: str

    @property
    def rows(self) -> int:
        """All rows, however they end."""
        return self.added + self.changed + self.removed + self.unchanged + self.rejected

    @property
    def does(self) -> int:
        """How many records it would change."""
        return self.added + self.changed + self.removed

    def take_down_by(self, calendar: Calendar) -> date | None:
        """The last day on which an annulled decision may be taken down: 3 work days after (行政处罚法 48, 85; domain.md part 7)."""
        if self.annulled_on is None:
            return None
        return period("publish.annulled_taken_down", self.annulled_on).due(self.annulled_on, calendar).date


class Waiting(Conflict):
    """The same is waiting already, as the submission `submission`, made by the account `made_by`."""

    def __init__(self, submission: int, made_by: int) -> None:
        super().__init__(
            f"同样的内容已在第 {submission} 号申请里，没有再建一份。",
            f"The same is waiting already, as submission {submission}.",
        )
        self.submission, self.made_by = submission, made_by


class Submissions:
    """All submissions of the desk."""

    def __init__(self, engine: Engine, clock: Clock, mailbox: Mailbox) -> None:
        self.engine, self.clock, self.mailbox = engine, clock, mailbox

    def make(self, caller: Caller, asked: Asked) -> int:
        """Take something in, to be previewed next. Raises Waiting where the same is open already."""
        assert caller.account is not None
        values: dict[str, Any] = {
            "action": asked.action,
            "state": State.READING,
            "to_state": State.DRAFT,
            "made_by": caller.account,
            "name": asked.name,
            "stored": asked.stored,
            "size": asked.size,
            "digest": asked.digest,
            "kind": asked.kind,
            "source": asked.source,
            "record_id": asked.record,
            "undoes": asked.undoes,
            "annulled_on": asked.annulled_on,
            "note": asked.note,
            "case_id": asked.case,
            "scope": asked.scope,
        }
        try:
            with acting(self.engine, self.clock, caller) as act:
                made = insert(Row).values(**values, made_at=act.now).returning(Row.id)
                number = act.connection.execute(made).scalar_one()
                act.note(Act.SUBMISSION_MADE, f"submission:{number}", after=f"{asked.action} {asked.digest}")
        except IntegrityError:
            raise self._waiting(asked) from None
        return int(number)

    def submit(self, caller: Caller, number: int, effect: str, note: str) -> None:
        """Hand a previewed submission to a second person. Raises InvalidParameter `note`, NotFound, Conflict."""
        said = plain_note(note, "note", needed=False)
        ready = (Row.state.in_((State.DRAFT, State.RETURNED))) & (Row.made_by == caller.account)
        ready &= (Row.effect == effect) & (Row.added + Row.changed + Row.removed > 0)
        with acting(self.engine, self.clock, caller) as act:
            kept = func.coalesce(func.nullif(said, ""), Row.note)
            values = {"state": State.SUBMITTED, "submitted_at": act.now, "note": kept, "reason": None}
            self._change(act, number, ready, values | {"decided_by": None, "decided_at": None})
            act.note(Act.SUBMISSION_SUBMITTED, f"submission:{number}", after=effect)

    def approve(self, caller: Caller, number: int, effect: str, publish_at: datetime | None = None) -> None:
        """Approve what was previewed, to be published at once or at a time. The approver is never the maker (四眼原则).

        Raises InvalidParameter `publish_at`, NotFound, and Conflict where it was decided already, is the approver's own, or the preview is
        not any more the one with the hash `effect`.
        """
        with acting(self.engine, self.clock, caller) as act:
            at = publish_at or act.now
            if not act.now - timedelta(minutes=1) <= at <= act.now + FARTHEST:
                raise InvalidParameter(
                    "publish_at",
                    "发布时间应在现在之后、一年之内。",
                    "must be a time to come, within a year",
                )
            ready = (Row.state == State.SUBMITTED) & (Row.made_by != caller.account) & (Row.effect == effect)
            decided = {"decided_by": caller.account, "decided_at": act.now, "reason": None}
            row = self._change(act, number, ready, {"state": State.APPROVED, "publish_at": at} | decided)
            self._tell(act, row.made_by, number, row.name, ("已批准", "approved"), "")
            act.note(Act.SUBMISSION_DECIDED, f"submission:{number}", after=f"approved {effect}")

    def send_back(self, caller: Caller, number: int, reason: str) -> None:
        """Send a submission back, also one that is approved and not published yet. Raises InvalidParameter `reason`, NotFound, Conflict."""
        said = plain_note(reason, "reason", needed=True)
        ready = Row.state.in_((State.SUBMITTED, State.APPROVED)) & (Row.made_by != caller.account)
        with acting(self.engine, self.clock, caller) as act:
            decided = {"decided_by": caller.account, "decided_at": act.now, "reason": said}
            row = self._change(act, number, ready, {"state": State.RETURNED, "publish_at": None} | decided)
            self._tell(act, row.made_by, number, row.name, ("已退回", "sent back"), said)
            act.note(Act.SUBMISSION_DECIDED, f"submission:{number}", after=f"sent back: {said}")

    def discard(self, caller: Caller, number: int) -> None:
        """Give up what one brought in, as long as nobody has approved it. Raises NotFound and Conflict."""
        free = (State.READING, State.DRAFT, State.SUBMITTED, State.RETURNED, State.FAILED)
        ready = Row.state.in_(free) & (Row.made_by == caller.account)
        with acting(self.engine, self.clock, caller) as act:
            self._change(act, number, ready, {"state": State.DISCARDED, "ended_at": act.now})
            act.note(Act.SUBMISSION_DISCARDED, f"submission:{number}")

    def look_again(self, caller: Caller, number: int) -> None:
        """Have the preview made anew, as the register may have changed. Raises NotFound, and Conflict where the same is open elsewhere."""
        ready = Row.state.in_((State.DRAFT, State.SUBMITTED, State.RETURNED, State.FAILED))
        with acting(self.engine, self.clock, caller) as act:
            state = act.connection.scalar(select(Row.state).where(Row.id == number))
            after = State.SUBMITTED if state == State.SUBMITTED else State.DRAFT
            failure: dict[str, Any] = {"failure_zh": None, "failure_en": None, "effect": None}
            values = {"state": State.READING, "to_state": after} | failure
            self._change(act, number, ready & (Row.state == state), values)

    def one(self, number: int) -> Submission:
        """A submission. Raises NotFound."""
        found = self._some(Row.id == number, 1)
        if not found:
            raise no_submission()
        return found[0]

    def in_states(
        self,
        states: Sequence[State],
        below: int | None = None,
        limit: int = 50,
        reach: Reach = EVERYTHING,
    ) -> list[Submission]:
        """Submissions in some states by people within a reach, the newest first, from the one before `below` on."""
        condition: ColumnElement[bool] = Row.state.in_(states)
        if not reach.whole:
            with reading(self.engine) as connection:
                scopes = list(connection.scalars(select(Row.scope).distinct()))
            condition &= Row.scope.in_([each for each in scopes if reach.holds(each)])
        return self._some(condition & (Row.id < below) if below is not None else condition, limit)

    def of_batches(self, batches: Sequence[int]) -> dict[int, Submission]:
        """The submissions that some batches came from, by batch; batches of the command line came from none."""
        found = self._some(Row.batch_id.in_(batches), len(batches))
        return {each.batch: each for each in found if each.batch is not None}

    def waiting_for(self, record: str) -> Submission | None:
        """The submission about a record that is not decided yet."""
        found = self._some((Row.record_id == record) & Row.state.in_(UNDECIDED), 1)
        return found[0] if found else None

    def of_case(self, case: int) -> list[Submission]:
        """What was brought in to mend the record of a case, the newest first; not what was given up."""
        return self._some((Row.case_id == case) & (Row.state != State.DISCARDED), 20)

    def _change(self, act: Acting, number: int, ready: ColumnElement[bool], values: dict[str, Any]) -> Any:
        changed = update(Row).where(Row.id == number, ready).values(**values).returning(Row.made_by, Row.name)
        try:
            row = act.connection.execute(changed).first()
        except IntegrityError:
            raise Conflict(
                "同样的内容已在另一份申请里。", "The same is waiting in another submission."
            ) from None
        if row is None:
            if act.connection.scalar(select(Row.id).where(Row.id == number)) is None:
                raise no_submission()
            raise Conflict(
                "这份申请已由他人处理、是您自己提交的，或预览已更新。请刷新后再看。",
                "Somebody else has dealt with this, it is your own, or the preview has changed: look again.",
            )
        return row

    def _tell(
        self, act: Acting, account: int, number: int, name: str, what: tuple[str, str], reason: str
    ) -> None:
        mail = act.connection.execute(select(Account.mail).where(Account.id == account)).scalar_one()
        values = {"name": name, "what": what[0], "what_en": what[1], "reason": reason}
        self.mailbox.put(act, mail, "submission", f"/desk/submissions/{number}", values)

    def _waiting(self, asked: Asked) -> Conflict:
        same = (Row.digest == asked.digest) & (Row.kind == asked.kind) & (Row.source == asked.source)
        found = self._some(same & Row.state.in_(UNDECIDED), 1)
        if not found:
            return Conflict("请再试一次。", "Try again.")
        return Waiting(found[0].id, found[0].made_by)

    def _some(self, condition: ColumnElement[bool], limit: int) -> list[Submission]:
        maker, decider = aliased(Account), aliased(Account)
        asked = (
            select(Row, maker.name.label("maker"), decider.name.label("decider"))
            .join(maker, maker.id == Row.made_by)
            .outerjoin(decider, decider.id == Row.decided_by)
            .where(condition)
            .order_by(Row.id.desc())
            .limit(limit)
        )
        with reading(self.engine) as connection:
            return [_submission(row) for row in connection.execute(asked)]


def _submission(row: Any) -> Submission:
    return Submission(
        id=row.id,
        action=Action(row.action),
        state=State(row.state),
        made_by=row.made_by,
        maker=row.maker,
        made_at=row.made_at,
        name=row.name,
        stored=row.stored,
        size=row.size,
        digest=row.digest,
        kind=row.kind,
        source=row.source,
        record=row.record_id,
        undoes=row.undoes,
        annulled_on=row.annulled_on,
        note=row.note,
        again=row.again,
        added=row.added,
        changed=row.changed,
        removed=row.removed,
        unchanged=row.unchanged,
        rejected=row.rejected,
        reappearing=row.reappearing,
        effect=row.effect,
        seen_version=row.seen_version,
        submitted_at=row.submitted_at,
        decider=row.decider,
        decided_at=row.decided_at,
        reason=row.reason,
        publish_at=row.publish_at,
        batch=row.batch_id,
        ended_at=row.ended_at,
        failure_zh=row.failure_zh,
        failure_en=row.failure_en,
        case=row.case_id,
        scope=row.scope,
    )


def plain_note(text: str, where: str, *, needed: bool) -> str:
    """What somebody says, in one line. Raises InvalidParameter `where`."""
    said = " ".join(text.split())
    if len(said) > NOTE_LONGEST or not said.isprintable() or (needed and not said):
        raise InvalidParameter(
            where,
            f"请写明理由，最多 {NOTE_LONGEST} 个字。",
            f"must say why, in at most {NOTE_LONGEST} characters",
        )
    return said


def no_submission() -> NotFound:
    """There is no such submission."""
    return NotFound("没有这份申请。", "There is no such submission.")

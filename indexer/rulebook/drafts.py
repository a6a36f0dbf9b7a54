"""Drafts of the rules (规则修订): edited by whoever began them, previewed, proposed, and decided by somebody else.

What is approved is what was previewed: a decision is given to the `effect` of the preview, and the approval looks again, within its own
transaction, whether the edition that the draft was compared with is still the one that it would follow, on the day that was judged.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, insert, select, update
from sqlalchemy.orm import aliased

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.four_eyes import APPROVED, PROPOSED, REFUSED, decide, said
from indexer.accounts.models import Account
from indexer.accounts.people import Conflict
from indexer.clock import Clock, day_of
from indexer.errors import InvalidParameter, NotFound
from indexer.register.canonical import canonical
from indexer.register.database import filing, reading
from indexer.rulebook.editions import Editions, beginnings, in_force, lock_book, starts
from indexer.rulebook.models import RuleDraft as Row
from indexer.rulebook.models import RuleEdition

PATIENCE = 1  # seconds that a word on how far a preview is may wait for its turn to be written


class State(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"
    PROPOSED = PROPOSED
    APPROVED = APPROVED
    REFUSED = REFUSED
    DISCARDED = "discarded"


OPEN = (State.DRAFT, State.PROPOSED, State.REFUSED)
EDITED = (State.DRAFT, State.REFUSED)


class Overtaken(Exception):
    """The draft was changed, or another preview was asked for, while one was being made."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as the desk reads it, with its last preview."""

    id: int
    state: State
    content: str
    version: str
    begun_from: int | None
    effective_from: date | None
    reason: str
    proposed_by: int
    preparer: str
    proposed_at: datetime
    decider: str | None
    decided_at: datetime | None
    decision: str | None
    asked: int
    preview_state: str
    percent: int
    base: int | None
    as_of: date | None
    register_version: int | None
    previewed_at: datetime | None
    preview: dict[str, Any] | None
    effect: str | None
    edition: int | None

    @property
    def name(self) -> str:
        """What the audit calls it."""
        return f"rules-draft:{self.id}"


class Drafts:
    """All drafts of one database."""

    def __init__(self, engine: Engine, clock: Clock, editions: Editions) -> None:
        self.engine, self.clock, self.editions = engine, clock, editions

    def begin(self, caller: Caller, content: str, version: str, begun_from: int | None) -> int:
        """Begin a draft with a table; gives its number."""
        with acting(self.engine, self.clock, caller) as act:
            values = {
                "state": State.DRAFT,
                "content": content,
                "version": version,
                "begun_from": begun_from,
                "reason": "",
                "proposed_by": act.caller.account,
                "proposed_at": act.now,
            }
            number: int = act.connection.execute(insert(Row).values(**values).returning(Row.id)).scalar_one()
            act.note(Act.RULES_DRAFTED, f"rules-draft:{number}", after=f"{version} from {begun_from}")
        return number

    def rewrite(self, caller: Caller, number: int, content: str, version: str) -> None:
        """Give a draft another table; its preview is void. Only whoever began it may, so that nobody approves what is partly the own.

        Raises NotFound and Conflict.
        """
        values: dict[str, Any] = {"content": content, "version": version, "state": State.DRAFT}
        with acting(self.engine, self.clock, caller) as act:
            self._change(act, number, _own(caller), values | _void())

    def ask_preview(self, caller: Caller, number: int, effective_from: date, reason: str) -> None:
        """Say from which day the table shall hold and why, and have a preview made for that day.

        Raises InvalidParameter `effective_from` or `reason`, NotFound, Conflict.
        """
        if effective_from < self.clock.today():
            raise InvalidParameter(
                "effective_from",
                "生效日期不能早于今天：已作的答复不追溯。",
                "must be today or later: what was answered is not changed",
            )
        values = {"effective_from": effective_from, "reason": said(reason), "state": State.DRAFT}
        with acting(self.engine, self.clock, caller) as act:
            waiting = {"preview_state": "waiting", "asked": Row.asked + 1}
            self._change(act, number, _own(caller), values | _void() | waiting)

    def look_again(self, caller: Caller, number: int) -> None:
        """Have the preview made anew, as the register or the book may have changed; the state stays. Raises NotFound, Conflict."""
        with acting(self.engine, self.clock, caller) as act:
            ready = Row.state.in_(OPEN) & Row.effective_from.is_not(None)
            self._change(act, number, ready, _void() | {"preview_state": "waiting", "asked": Row.asked + 1})

    def discard(self, caller: Caller, number: int) -> None:
        """Give up what one began and nobody has approved. Raises NotFound, Conflict."""
        with acting(self.engine, self.clock, caller) as act:
            mine = Row.state.in_(OPEN) & (Row.proposed_by == caller.account)
            self._change(act, number, mine, {"state": State.DISCARDED} | _void())
            act.note(Act.RULES_DISCARDED, f"rules-draft:{number}")

    def propose(self, caller: Caller, number: int, effect: str) -> None:
        """Hand a previewed draft to a second person. Raises NotFound, Conflict."""
        with acting(self.engine, self.clock, caller) as act:
            row = self._change(
                act,
                number,
                _own(caller) & (Row.effect == effect),
                {"state": State.PROPOSED, "decision": None},
            )
            self._refuse_outdated(act, row)
            act.note(
                Act.RULES_PROPOSED,
                f"rules-draft:{number}",
                after=f"{row.version} {row.effective_from} {row.reason}",
            )

    def take_back(self, caller: Caller, number: int) -> None:
        """Take a proposal of one's own back, to edit it. Raises NotFound, Conflict."""
        with acting(self.engine, self.clock, caller) as act:
            mine = (Row.state == State.PROPOSED) & (Row.proposed_by == caller.account)
            self._change(act, number, mine, {"state": State.DRAFT})

    def refuse(self, caller: Caller, number: int, reason: str) -> None:
        """Send a proposal back. Raises InvalidParameter `reason`, NotFound, Conflict."""
        with acting(self.engine, self.clock, caller) as act:
            row = decide(act, Row, number, REFUSED, reason)
            act.note(Act.RULES_DECIDED, f"rules-draft:{number}", after=f"refused: {row.decision}")

    def approve(self, caller: Caller, number: int, effect: str) -> int:
        """Make a proposal of another an edition; gives its number.

        Raises NotFound, and Conflict where it was decided already or is the approver's own, where the preview is not any more the one with
        the hash `effect`, and where another edition was approved or the day has passed since that preview.
        """
        with acting(self.engine, self.clock, caller) as act:
            lock_book(act.connection)
            row = decide(act, Row, number, APPROVED)
            if row.effect is None or row.effect != effect:
                raise _outdated()
            at = self._refuse_outdated(act, row)
            last: int = act.connection.scalar(select(func.max(RuleEdition.id))) or 0
            values = {
                "id": last + 1,
                "content": row.content,
                "version": row.version,
                "reason": row.reason,
                "draft_id": number,
                "prepared_by": row.proposed_by,
                "approved_by": act.caller.account,
                "approved_at": act.now,
                "effective_from": row.effective_from,
                "in_force_from": at,
            }
            act.connection.execute(insert(RuleEdition).values(**values))
            act.note(
                Act.RULES_DECIDED, f"rules-draft:{number}", after=f"approved rules:{last + 1} {row.version}"
            )
        self.editions.forget()
        return last + 1

    def next_waiting(self) -> Draft | None:
        """The oldest draft that waits for its preview."""
        found = self._some((Row.preview_state == "waiting") & Row.state.in_(OPEN), oldest=True, limit=1)
        return found[0] if found else None

    def note_progress(self, draft: Draft, percent: int) -> None:
        """Say how far a preview is. Raises Overtaken, and DatabaseBusy where somebody else is writing."""
        with filing(self.engine, PATIENCE) as connection:
            done = update(Row).where(*_still(draft)).values(percent=percent)
            if not connection.execute(done).rowcount:
                raise Overtaken

    def finish(
        self, draft: Draft, base: int, as_of: date, register_version: int, preview: Mapping[str, Any]
    ) -> None:
        """Keep what a preview found. Raises Overtaken."""
        told = {
            "version": draft.version,
            "effective_from": draft.effective_from.isoformat() if draft.effective_from else None,
            "reason": draft.reason,
            "base": base,
            "as_of": as_of.isoformat(),
            "preview": dict(preview),
        }
        self._end(
            draft,
            preview_state="done",
            percent=100,
            base=base,
            as_of=as_of,
            register_version=register_version,
            previewed_at=self.clock.now(),
            preview=dict(preview),
            effect=hashlib.sha256(canonical(told)).hexdigest(),
        )

    def fail(self, draft: Draft) -> None:
        """Say that a preview could not be made. Raises Overtaken."""
        self._end(draft, preview_state="failed")

    def one(self, number: int) -> Draft:
        """A draft. Raises NotFound."""
        found = self._some(Row.id == number, limit=1)
        if not found:
            raise _no_draft()
        return found[0]

    def open(self, limit: int = 100) -> list[Draft]:
        """Those that are neither approved nor given up, the newest first."""
        return self._some(Row.state.in_(OPEN), limit=limit)

    def base_of(self, effective_from: date) -> tuple[int, date]:
        """The edition that one approved now for a day would follow, and the first day on which it would judge."""
        at = starts(effective_from, self.clock.now())
        return in_force(self.editions.all_beginnings(), at), day_of(at)

    def _refuse_outdated(self, act: Acting, row: Any) -> datetime:
        """From when a draft would be in force, approved now. Raises Conflict where its preview speaks of another edition or day."""
        at = starts(row.effective_from, act.now)
        if row.preview_state != "done" or row.as_of != day_of(at):
            raise _outdated()
        if in_force(beginnings(act.connection), at) != row.base:
            raise _outdated()
        return at

    def _end(self, draft: Draft, **values: Any) -> None:
        with acting(self.engine, self.clock, Caller(network="rules")) as act:
            if not act.connection.execute(update(Row).where(*_still(draft)).values(**values)).rowcount:
                raise Overtaken

    def _change(self, act: Acting, number: int, ready: ColumnElement[bool], values: dict[str, Any]) -> Any:
        """Change a draft that is ready for it, in one guarded statement; gives its row."""
        changed = update(Row).where(Row.id == number, ready).values(**values).returning(*Row.__table__.c)
        row = act.connection.execute(changed).first()
        if row is None:
            if act.connection.scalar(select(Row.id).where(Row.id == number)) is None:
                raise _no_draft()
            raise Conflict(
                "这份修订已由他人处理、不是您起草的，或预览已更新。请刷新后再看。",
                "Somebody else has dealt with this, you did not begin it, or the preview has changed: look again.",
            )
        return row

    def _some(self, condition: ColumnElement[bool], limit: int, *, oldest: bool = False) -> list[Draft]:
        preparer, decider = aliased(Account), aliased(Account)
        columns = {column.key: column for column in Row.__table__.c}
        del columns["decided_by"]
        asked = (
            select(
                *columns.values(),
                preparer.name.label("preparer"),
                decider.name.label("decider"),
                RuleEdition.id.label("edition"),
            )
            .join(preparer, preparer.id == Row.proposed_by)
            .outerjoin(decider, decider.id == Row.decided_by)
            .outerjoin(RuleEdition, RuleEdition.draft_id == Row.id)
            .where(condition)
            .order_by(Row.id if oldest else Row.id.desc())
            .limit(limit)
        )
        with reading(self.engine) as connection:
            rows = connection.execute(asked).mappings().all()
        return [Draft(**{**row, "state": State(row["state"])}) for row in rows]


def _own(caller: Caller) -> ColumnElement[bool]:
    return Row.state.in_(EDITED) & (Row.proposed_by == caller.account)


def _still(draft: Draft) -> tuple[ColumnElement[bool], ...]:
    return Row.id == draft.id, Row.asked == draft.asked, Row.preview_state == "waiting"


def _void() -> dict[str, Any]:
    """No preview."""
    names = ("base", "as_of", "register_version", "previewed_at", "preview", "effect")
    return {"preview_state": "none", "percent": 0} | dict.fromkeys(names)


def _outdated() -> Conflict:
    return Conflict(
        "预览之后又批准了别的版本，或日期已过：这份预览不再算数，请重新生成预览后再办。",
        "Another edition was approved or the day has passed since the preview: have it made anew first.",
    )


def _no_draft() -> NotFound:
    return NotFound("没有这份修订。", "There is no such draft.")

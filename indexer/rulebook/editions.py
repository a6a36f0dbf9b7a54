"""Editions of the rules (规则版本): which one is in force at an instant, and what each of them says.

An edition comes into force at midnight in Asia/Shanghai of its day, but not before `LEAD` has passed since its approval. Every process reads
the editions anew when it has not for `FRESH` seconds, so all know an edition before its time, and what any of them answers at an instant is
what the table says of that instant later.
"""

import time as elapsing
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.orm import aliased

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.four_eyes import said
from indexer.accounts.models import Account
from indexer.accounts.people import Conflict
from indexer.clock import SHANGHAI, Clock
from indexer.errors import NotFound
from indexer.register.database import NotMigrated, reading
from indexer.rulebook.models import RuleEdition as Row
from indexer.rulebook.models import RuleWithdrawal

LEAD = timedelta(seconds=10)
FRESH = 2.0  # seconds
BOOK_LOCK = (
    0x7A782D72756C6573  # "zx-rules": on PostgreSQL, what changes who is in force is written one after another
)


@dataclass(frozen=True, slots=True)
class Begins:
    """From when an edition is in force; None: before all others."""

    number: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition with its people. `withdrawn_at`: it was taken back before its time and never was in force."""

    number: int
    version: str
    reason: str
    draft: int | None
    preparer: str | None
    approver: str | None
    approved_at: datetime | None
    effective_from: date | None
    in_force_from: datetime | None
    withdrawn_at: datetime | None
    withdrawer: str | None
    withdrawal: str | None


def starts(effective_from: date, now: datetime) -> datetime:
    """From when an edition that is approved `now` for a day is in force."""
    return max(datetime.combine(effective_from, time.min, SHANGHAI), now + LEAD)


def in_force(beginnings: Sequence[Begins], instant: datetime) -> int:
    """The number of the edition in force: of those that have begun the last to begin, of these the last approved."""
    return next(each.number for each in reversed(beginnings) if each.at is None or each.at <= instant)


def beginnings(connection: Connection) -> tuple[Begins, ...]:
    """All editions that were not withdrawn, in the order in which they come into force. Raises NotMigrated where there is none."""
    asked = (
        select(Row.id, Row.in_force_from)
        .join(RuleWithdrawal, RuleWithdrawal.edition_id == Row.id, isouter=True)
        .where(RuleWithdrawal.edition_id.is_(None))
    )
    found = [Begins(*row) for row in connection.execute(asked)]
    if not any(each.at is None for each in found):
        raise NotMigrated(
            "规则版本库是空的，请先运行 zhixin init。", "The rule book is empty: run zhixin init."
        )
    return tuple(sorted(found, key=_order))


def _order(each: Begins) -> tuple[bool, float, int]:
    return each.at is not None, each.at.timestamp() if each.at else 0.0, each.number


def lock_book(connection: Connection) -> None:
    """Let no other process change the book until the transaction ends; on SQLite none can."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({BOOK_LOCK})")


class Editions:
    """The editions of one database; what begins when is kept for `FRESH` seconds."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock
        self._lock = Lock()
        self._known: tuple[Begins, ...] = ()
        self._read = 0.0

    def at(self, instant: datetime) -> int:
        """The number of the edition in force at an instant. One cheap statement, at most every `FRESH` seconds."""
        return in_force(self.all_beginnings(), instant)

    def all_beginnings(self) -> tuple[Begins, ...]:
        """When each edition comes, or came, into force."""
        now, known = elapsing.monotonic(), self._known
        if not known or now - self._read > FRESH:
            with reading(self.engine) as connection:
                known = beginnings(connection)
            with self._lock:
                self._known, self._read = known, now
        return known

    def coming(self) -> list[Begins]:
        """Those that are approved and not in force yet."""
        now = self.clock.now()
        return [each for each in self.all_beginnings() if each.at is not None and each.at > now]

    def forget(self) -> None:
        """Have the editions read anew, as this process has changed them."""
        with self._lock:
            self._known = ()

    def content(self, number: int) -> str:
        """The table of an edition. Raises NotFound."""
        with reading(self.engine) as connection:
            text = connection.scalar(select(Row.content).where(Row.id == number))
        if text is None:
            raise _no_edition()
        return text

    def one(self, number: int) -> Edition:
        """An edition. Raises NotFound."""
        with reading(self.engine) as connection:
            row = connection.execute(_asked().where(Row.id == number)).first()
        if row is None:
            raise _no_edition()
        return Edition(*row)

    def newest(self, limit: int = 100) -> list[Edition]:
        """The last editions, the newest first."""
        with reading(self.engine) as connection:
            return [
                Edition(*row) for row in connection.execute(_asked().order_by(Row.id.desc()).limit(limit))
            ]

    def withdraw(self, caller: Caller, number: int, reason: str) -> None:
        """Take an edition back before it comes into force. Raises InvalidParameter `reason`, NotFound, and Conflict where it is too late."""
        why = said(reason)
        with acting(self.engine, self.clock, caller) as act:
            lock_book(act.connection)
            row = act.connection.execute(
                select(Row.in_force_from, RuleWithdrawal.edition_id)
                .join(RuleWithdrawal, RuleWithdrawal.edition_id == Row.id, isouter=True)
                .where(Row.id == number)
            ).first()
            if row is None:
                raise _no_edition()
            if row.edition_id is not None or row.in_force_from is None or row.in_force_from < act.now + LEAD:
                raise Conflict(
                    "这一版已经生效、马上生效或已撤回，不能撤回；要改回去，请以旧版为草稿另走一次复核。",
                    "It is in force or about to be, or was withdrawn: to go back, propose an older edition again.",
                )
            act.connection.execute(
                insert(RuleWithdrawal).values(
                    edition_id=number, withdrawn_by=act.caller.account, withdrawn_at=act.now, reason=why
                )
            )
            act.note(Act.RULES_WITHDRAWN, f"rules:{number}", after=why)
        self.forget()


def _asked() -> Any:
    preparer, approver, withdrawer = aliased(Account), aliased(Account), aliased(Account)
    return (
        select(
            *(Row.id, Row.version, Row.reason, Row.draft_id, preparer.name, approver.name, Row.approved_at),
            *(Row.effective_from, Row.in_force_from, RuleWithdrawal.withdrawn_at, withdrawer.name),
            RuleWithdrawal.reason,
        )
        .outerjoin(preparer, preparer.id == Row.prepared_by)
        .outerjoin(approver, approver.id == Row.approved_by)
        .outerjoin(RuleWithdrawal, RuleWithdrawal.edition_id == Row.id)
        .outerjoin(withdrawer, withdrawer.id == RuleWithdrawal.withdrawn_by)
    )


def _no_edition() -> NotFound:
    return NotFound("没有这一版规则。", "There is no such edition of the rules.")

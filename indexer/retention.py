"""Retention (保存期限): what is no part of the register is removed when its time is over, and a row says that it was there.

How long, and on which basis, are the entries `retention.…` of `rules/periods.toml`. Records of the register are hidden, never deleted (domain.md
part 6), so no rule speaks of them. Each removal is one transaction with its trace (`Removal`: rule, number, first and last id, digest) and
a row of the audit. The audit itself loses only its oldest rows, only after the trace of it: triggers of the database refuse every other
way, and refuse rows of the last six months in any case. See docs/following.md.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, delete, exists, func, insert, select

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.models import (
    Account,
    AuditEntry,
    Failures,
    KnownBrowser,
    Letter,
    MailLink,
    Session,
)
from indexer.accounts.opening import Accounts
from indexer.cases.models import Case, Reporter
from indexer.clock import SHANGHAI, Clock, day_of
from indexer.following.models import Follower, Following, News
from indexer.keys.models import ApiKey, KeyLink, KeyUse, Secret
from indexer.leftovers import EMPTYINGS, Emptying, Folders, folders
from indexer.register.canonical import canonical
from indexer.register.columns import Base
from indexer.register.database import reading
from indexer.register.models import Receipt, ReceiptPart, Removal
from indexer.rules.periods import Period, period
from indexer.rules.workdays import add_months, add_years
from indexer.webhooks.models import Delivery

AT_ONCE = 2000  # rows of one transaction, so that nobody waits for it
BY_RULE = Caller(network="retention")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is removed: rows of `table` for which `over` holds, given the first instant that is still kept.

    `about` are the columns that the digest of the trace is made from; `before` what hangs on the rows and goes first.
    """

    name: str
    table: type[Base]
    over: Callable[[datetime], ColumnElement[bool]]
    about: tuple[str, ...]
    before: Mapping[type[Base], str] | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """What one rule did, or would do: how many rows, and the first day that is still kept."""

    rule: str
    removed: int
    kept_from: date
    basis: str


def _receipt(kept_from: datetime) -> ColumnElement[bool]:
    """By its own last day, and a day more: the triggers of receipts ask the database's clock, which may be behind Shanghai."""
    return Receipt.keep_until < kept_from.date() - timedelta(days=1)


def _link(kept_from: datetime) -> ColumnElement[bool]:
    return MailLink.ends_at < kept_from


def _letter(kept_from: datetime) -> ColumnElement[bool]:
    return (Letter.created_at < kept_from) & Letter.due_at.is_(None)


def _delivery(kept_from: datetime) -> ColumnElement[bool]:
    return (Delivery.created_at < kept_from) & Delivery.due_at.is_(None)


def _following(kept_from: datetime) -> ColumnElement[bool]:
    return Following.confirmed_at.is_(None) & (Following.ends_at < kept_from)


def _follower(kept_from: datetime) -> ColumnElement[bool]:
    used = exists().where(Following.follower_id == Follower.id)
    person = exists().where(Account.mail == Follower.mail)
    return ~used & ~person & (func.coalesce(Follower.told_at, Follower.created_at) < kept_from)


def _key_asked(kept_from: datetime) -> ColumnElement[bool]:
    return (ApiKey.state == "asked") & (ApiKey.asked_at < kept_from)


def _key(kept_from: datetime) -> ColumnElement[bool]:
    return ApiKey.ends_at < kept_from


def _reporter(kept_from: datetime) -> ColumnElement[bool]:
    return exists().where(Case.id == Reporter.case_id, Case.ended_at < kept_from)


RULES: Sequence[Rule] = (
    Rule("retention.receipt", Receipt, _receipt, ("number", "hash"), {ReceiptPart: "receipt_id"}),
    Rule("retention.case_reporter", Reporter, _reporter, ("case_id",)),
    Rule("retention.letter", Letter, _letter, ("id", "kind", "created_at", "sent_at")),
    Rule("retention.link", MailLink, _link, ("id", "purpose", "ends_at")),
    Rule("retention.session", Session, lambda kept: Session.ends_at < kept, ("id", "ends_at")),
    Rule("retention.browser", KnownBrowser, lambda kept: KnownBrowser.seen_at < kept, ("id", "seen_at")),
    Rule("retention.failures", Failures, lambda kept: Failures.last_at < kept, ("key", "last_at")),
    Rule("retention.webhook_delivery", Delivery, _delivery, ("id", "message", "created_at")),
    Rule("retention.following", Following, _following, ("id", "what", "asked_at"), {News: "following_id"}),
    Rule("retention.follower", Follower, _follower, ("id", "created_at")),
    Rule("retention.key_link", KeyLink, lambda kept: KeyLink.ends_at < kept, ("id", "ends_at")),
    Rule("retention.key_asked", ApiKey, _key_asked, ("id", "asked_at"), {KeyLink: "key_id"}),
    Rule("retention.key_use", KeyUse, lambda kept: KeyUse.day < day_of(kept), ("key_id", "day")),
    Rule(
        *("retention.key", ApiKey, _key, ("id", "state", "ends_at")),
        before={Secret: "key_id", KeyLink: "key_id", KeyUse: "key_id"},
    ),
)
AUDIT = "retention.audit"


def retain(accounts: Accounts, *, dry_run: bool = False) -> Iterator[Removed]:
    """Remove what is over, rule by rule; with `dry_run` only say how much that is."""
    engine, clock = accounts.engine, accounts.clock
    today, where = clock.today(), folders(accounts)
    for rule in RULES:
        entry = period(rule.name, today)
        first = kept_from(entry, today)
        over = rule.over(_instant(today if rule.table is Receipt else first))
        some = partial(_remove, engine, clock, rule, over)
        yield Removed(rule.name, _rows(engine, rule, over) if dry_run else _all(some), first, entry.source)
    for emptying in EMPTYINGS:
        entry = period(emptying.name, today)
        first = kept_from(entry, today)
        asked = emptying.over(_instant(first))
        some = partial(_empty, engine, clock, emptying, asked, where)
        yield Removed(emptying.name, _asked(engine, asked) if dry_run else _all(some), first, entry.source)
    entry = period(AUDIT, today)
    first = kept_from(entry, today)
    some = partial(_shorten, engine, clock, _instant(first))
    yield Removed(AUDIT, _oldest(engine, _instant(first)) if dry_run else _all(some), first, entry.source)


def kept_from(entry: Period, today: date) -> date:
    """The first day whose rows are still kept on `today`."""
    match entry.unit:
        case "days":
            return today - timedelta(days=entry.value)
        case "months":
            return add_months(today, -entry.value)
        case "years":
            return add_years(today, -entry.value)
        case _:
            raise ValueError(f"{entry.rule} is counted in days, months or years")


def _instant(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def _rows(engine: Engine, rule: Rule, over: ColumnElement[bool]) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(rule.table).where(over)) or 0


def _asked(engine: Engine, asked: Select[Any]) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(asked.subquery())) or 0


def _oldest(engine: Engine, kept: datetime) -> int:
    with reading(engine) as connection:
        first, last = _audit_bounds(connection, kept)
    return max(0, last - first + 1)


def _all(some: Callable[[], int]) -> int:
    """Repeat what removes `AT_ONCE` rows at a time until nothing is left."""
    done = 0
    while removed := some():
        done += removed
    return done


def _remove(engine: Engine, clock: Clock, rule: Rule, over: ColumnElement[bool]) -> int:
    """Remove some rows that a rule is over for; gives how many."""
    key = rule.table.__mapper__.primary_key[0]
    about = [rule.table.__mapper__.columns[name] for name in rule.about]
    with acting(engine, clock, BY_RULE) as act:
        rows = act.connection.execute(select(key, *about).where(over).order_by(key).limit(AT_ONCE)).all()
        if not rows:
            return 0
        keys = [row[0] for row in rows]
        seen = hashlib.sha256(canonical([[_plain(value) for value in row[1:]] for row in rows])).hexdigest()
        for table, column in (rule.before or {}).items():
            act.connection.execute(delete(table).where(table.__mapper__.columns[column].in_(keys)))
        act.connection.execute(delete(rule.table).where(key.in_(keys)))
        numbers = [each for each in keys if isinstance(each, int)]
        _trace(act, rule.name, len(rows), numbers[:1] + numbers[-1:], seen)
    return len(rows)


def _empty(engine: Engine, clock: Clock, emptying: Emptying, asked: Select[Any], where: Folders) -> int:
    """Empty some rows that a rule is over for; gives how many."""
    with acting(engine, clock, BY_RULE) as act:
        rows = act.connection.execute(asked.order_by(asked.selected_columns[0]).limit(AT_ONCE)).all()
        if not rows:
            return 0
        ids = [row[0] for row in rows]
        seen = hashlib.sha256(canonical([[_plain(value) for value in row] for row in rows])).hexdigest()
        emptying.empty(act, ids)
        _trace(act, emptying.name, len(ids), [ids[0], ids[-1]], seen)
    emptying.after(where, rows)
    return len(ids)


def _shorten(engine: Engine, clock: Clock, kept: datetime) -> int:
    """Take some of the oldest rows off the audit, after the trace that lets the database do it; gives how many."""
    with acting(engine, clock, BY_RULE) as act:
        first, last = _audit_bounds(act.connection, kept)
        newest = act.connection.scalar(select(func.max(AuditEntry.id))) or 0
        last = min(last, newest - 1, first + AT_ONCE - 1)  # the chain goes on from the newest
        if last < first:
            return 0
        head = act.connection.execute(select(AuditEntry.hash).where(AuditEntry.id == last)).scalar_one()
        _trace(act, AUDIT, last - first + 1, [first, last], head)
        act.connection.execute(delete(AuditEntry).where(AuditEntry.id <= last))
    return last - first + 1


def _audit_bounds(connection: Connection, kept: datetime) -> tuple[int, int]:
    """The oldest row of the audit, and the last of the unbroken beginning that is over."""
    first, newest = connection.execute(select(func.min(AuditEntry.id), func.max(AuditEntry.id))).one()
    if first is None:
        return 1, 0
    stays = connection.scalar(select(func.min(AuditEntry.id)).where(AuditEntry.at >= kept))
    return first, (stays or newest + 1) - 1


def _trace(act: Acting, rule: str, removed: int, ends: Sequence[int], digest: str) -> None:
    act.connection.execute(
        insert(Removal).values(
            at=act.now,
            rule=rule,
            removed=removed,
            first_id=ends[0] if ends else None,
            last_id=ends[-1] if ends else None,
            digest=digest,
        )
    )
    act.note(Act.REMOVED, f"rule:{rule}", after=f"{removed} {digest}")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date) else value

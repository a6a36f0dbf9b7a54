"""Sessions (会话): which browser is whose, kept in the database, so that each can be seen and ended."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, or_, select, update

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.models import Account, Membership
from indexer.accounts.models import Session as Row
from indexer.accounts.reach import Reach, joined
from indexer.accounts.roles import ALLOWED, TWO_STEPS, Permission, Role
from indexer.accounts.tokens import digest, new_token
from indexer.clock import Clock
from indexer.register.database import DatabaseBusy, filing, reading
from indexer.settings import Settings

SEEN_EVERY = timedelta(minutes=2)  # an idle time of minutes needs no exact hand
HALF_LASTS = timedelta(minutes=10)  # to find the telephone
FULL, HALF = "full", "code"  # stages of a log-in
FORMER_COUNTS = timedelta(seconds=30)  # pages that were asked for before a renewal may still arrive


@dataclass(frozen=True, slots=True)
class Holding:
    """A role that somebody holds, and of what."""

    id: int
    role: Role
    scope: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Who is logged in. `renew` says that the token has to be given anew, since rights were changed."""

    account: int
    mail: str
    name: str
    holdings: tuple[Holding, ...]
    two_steps: bool
    session: int
    renew: bool

    def may(self, permission: Permission, scope: str = "") -> bool:
        """Whether a role allows it: one of the whole portal, or one of this scope. Without a scope, any role will do."""
        return any(
            permission in ALLOWED[held.role] and (not held.scope or not scope or held.scope == scope)
            for held in self.holdings
        )

    def scopes(self, role: Role) -> tuple[str, ...]:
        """Of which enterprises or agencies the person has a role."""
        return tuple(held.scope for held in self.holdings if held.role == role)

    def may_everywhere(self, permission: Permission) -> bool:
        """Whether a role allows it that is not bound to an agency or region: for views that do not keep to one.

        What officers may is of their agency by itself, so their roles count.
        """
        return any(
            permission in ALLOWED[held.role] and (not held.scope or held.role == Role.OFFICER)
            for held in self.holdings
        )

    def reach(self, permission: Permission) -> Reach:
        """Within which agencies or regions roles allow it."""
        return joined(held.scope for held in self.holdings if permission in ALLOWED[held.role])

    @property
    def must_set_two_steps(self) -> bool:
        """Whether a role needs a second step and there is none yet."""
        return not self.two_steps and any(held.role in TWO_STEPS for held in self.holdings)


@dataclass(frozen=True, slots=True)
class Opened:
    """A browser that is logged in, as its person reads it."""

    id: int
    browser: str
    network: str
    created_at: datetime
    seen_at: datetime


class Sessions:
    """All sessions of the portal."""

    def __init__(self, engine: Engine, clock: Clock, settings: Settings) -> None:
        self.engine, self.clock = engine, clock
        self.idle = timedelta(minutes=settings.session_idle_minutes)
        self.longest = timedelta(hours=settings.session_hours)

    def open(self, act: Acting, account: int, stage: str, browser: str) -> str:
        """A new session within a transaction; gives its token, which is nowhere else."""
        token = new_token()
        sweep(act.connection, act.now - self.idle, act.now)
        act.connection.execute(
            insert(Row).values(
                account_id=account,
                token=digest(token),
                stage=stage,
                created_at=act.now,
                renewed_at=act.now,
                seen_at=act.now,
                ends_at=act.now + (self.longest if stage == FULL else HALF_LASTS),
                network=act.caller.network,
                browser=browser,
            )
        )
        return token

    def person(self, token: str) -> Person | None:
        """Who holds a token of a whole log-in; None where it has ended."""
        now, key = self.clock.now(), digest(token)
        asked = (
            select(Row, Account.mail, Account.name, Account.factor_since, Account.rights_changed_at)
            .join(Account, Account.id == Row.account_id)
            .where(self._alive(now, key), Row.stage == FULL, Account.state == "active")
        )
        with reading(self.engine) as connection:
            row = connection.execute(asked).first()
            if row is None:
                return None
            held = holdings(connection, row.account_id)
        if now - row.seen_at > SEEN_EVERY:
            self._seen(row.id, now)
        return Person(
            account=row.account_id,
            mail=row.mail,
            name=row.name,
            holdings=held,
            two_steps=row.factor_since is not None,
            session=row.id,
            renew=row.token == key and row.rights_changed_at > row.renewed_at,
        )

    def half(self, token: str) -> int | None:
        """The account of a log-in whose password was right and whose code is awaited."""
        asked = (
            select(Row.account_id)
            .join(Account, Account.id == Row.account_id)
            .where(self._alive(self.clock.now(), digest(token)), Row.stage == HALF, Account.state == "active")
        )
        with reading(self.engine) as connection:
            return connection.scalar(asked)

    def renew(self, session: int, caller: Caller) -> str:
        """Give a session a new token; the one before counts for some seconds more."""
        with acting(self.engine, self.clock, caller) as act:
            return renewed(act, session)

    def of(self, account: int) -> list[Opened]:
        """Where somebody is logged in, the latest seen first."""
        now = self.clock.now()
        asked = (
            select(Row.id, Row.browser, Row.network, Row.created_at, Row.seen_at)
            .where(Row.account_id == account, Row.stage == FULL)
            .where(Row.ends_at > now, Row.seen_at > now - self.idle)
            .order_by(Row.seen_at.desc(), Row.id.desc())
        )
        with reading(self.engine) as connection:
            return [Opened(*row) for row in connection.execute(asked)]

    def end(self, caller: Caller, session: int, account: int, reason: Act = Act.SESSION_ENDED) -> bool:
        """End one session of an account. False where it has none such."""
        with acting(self.engine, self.clock, caller) as act:
            gone = act.connection.execute(delete(Row).where(Row.id == session, Row.account_id == account))
            if gone.rowcount:
                act.note(reason, f"account:{account}", before=f"session:{session}")
            return bool(gone.rowcount)

    def end_half(self, token: str) -> None:
        """Give a log-in up whose code is awaited."""
        with acting(self.engine, self.clock, Caller()) as act:
            act.connection.execute(delete(Row).where(Row.token == digest(token), Row.stage == HALF))

    def end_others(self, caller: Caller, session: int, account: int) -> int:
        """End all sessions of an account but one."""
        with acting(self.engine, self.clock, caller) as act:
            return ended_others(act, account, session)

    def _alive(self, now: datetime, key: str) -> ColumnElement[bool]:
        former = (Row.former == key) & (Row.renewed_at > now - FORMER_COUNTS)
        return or_(Row.token == key, former) & (Row.ends_at > now) & (Row.seen_at > now - self.idle)

    def _seen(self, session: int, now: datetime) -> None:
        with suppress(DatabaseBusy), filing(self.engine, 0) as connection:  # the next request says it as well
            connection.execute(update(Row).where(Row.id == session).values(seen_at=now))


def holdings(connection: Connection, account: int) -> tuple[Holding, ...]:
    """The roles of an account that have not ended."""
    asked = (
        select(Membership.id, Membership.role, Membership.scope, Membership.granted_at)
        .where(Membership.account_id == account, Membership.ended_at.is_(None))
        .order_by(Membership.id)
    )
    return tuple(
        Holding(row.id, Role(row.role), row.scope, row.granted_at) for row in connection.execute(asked)
    )


def renewed(act: Acting, session: int) -> str:
    """A new token for a session, within a transaction."""
    token = new_token()
    row = update(Row).where(Row.id == session)
    act.connection.execute(row.values(former=Row.token, token=digest(token), renewed_at=act.now))
    return token


def ended_others(act: Acting, account: int, session: int | None) -> int:
    """End all sessions of an account within a transaction, but the one that is named."""
    gone = delete(Row).where(Row.account_id == account)
    ended = act.connection.execute(gone.where(Row.id != session) if session is not None else gone).rowcount
    if ended:
        act.note(Act.SESSION_ENDED, f"account:{account}", before=f"{ended} sessions")
    return ended


def sweep(connection: Connection, quiet_since: datetime, now: datetime) -> None:
    """Remove sessions that have ended by themselves."""
    connection.execute(delete(Row).where(or_(Row.ends_at <= now, Row.seen_at <= quiet_since)))

"""Asking for a key (申请密钥): by mail, without an account. The address is proven by a letter before there is a key.

A key is made when it is shown, once, to whoever opens the link of the letter; only its digest is kept. Asking gives the same answer whatever the
address has already.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from indexer.accounts import throttle
from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.letters import Mailbox
from indexer.accounts.links import LinkEnded
from indexer.accounts.opening import Accounts
from indexer.accounts.people import normal_mail
from indexer.accounts.throttle import Counter, TooManyFailures
from indexer.accounts.tokens import digest, new_token
from indexer.errors import InvalidParameter
from indexer.keys import letters
from indexer.keys.models import ApiKey, KeyLink, Secret
from indexer.keys.plans import Plan, Plans, Scope
from indexer.keys.tokens import new_key
from indexer.register.database import reading

CONFIRM_LASTS = timedelta(hours=24)
FETCH_LASTS = timedelta(days=7)
OWN_LASTS = timedelta(hours=1)
MOST = 10  # keys of one address that are live or asked for
LONGEST_NAME = 60  # characters
LONGEST_PURPOSE = 500
LEAST_PURPOSE = 5
HINT = 4  # last characters of a key that are kept to tell it from others
OPEN = ("asked", "waiting", "granted", "live")
assert letters


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for, checked."""

    mail: str
    name: str
    purpose: str
    plan: Plan
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """What the link of a letter is for: to confirm a key (`asked`), or to get one that was approved (`granted`)."""

    link: int
    key: int
    mail: str
    name: str
    purpose: str
    plan: str
    scopes: str
    state: str


@dataclass(frozen=True, slots=True)
class Given:
    """What confirming gave: the key itself, which is nowhere else, or None while it waits to be approved."""

    key: int
    secret: str | None
    ends_at: datetime | None


class Asking:
    """Keys on their way to their owners."""

    def __init__(self, accounts: Accounts, plans: Plans) -> None:
        self.engine, self.clock, self.plans = accounts.engine, accounts.clock, plans
        self._accounts = accounts

    @property
    def mailbox(self) -> Mailbox:
        """Where letters are put."""
        return self._accounts.mailbox

    def wanted(self, mail: str, name: str, purpose: str, plan: str, scopes: list[str]) -> Wanted:
        """What a form asks for. Raises InvalidParameter `mail`, `name`, `purpose`, `plan` or `scopes`."""
        address, called, said = normal_mail(mail), " ".join(name.split()), " ".join(purpose.split())
        if not called or len(called) > LONGEST_NAME or not called.isprintable():
            raise InvalidParameter(
                "name",
                f"请给密钥起个名字，最多 {LONGEST_NAME} 个字，例如“采购系统”。",
                f"must be a name of at most {LONGEST_NAME} characters, like Procurement system",
            )
        if not LEAST_PURPOSE <= len(said) <= LONGEST_PURPOSE or not said.isprintable():
            raise InvalidParameter(
                "purpose",
                f"请写明用途，{LEAST_PURPOSE} 到 {LONGEST_PURPOSE} 个字。",
                f"must say what for, in {LEAST_PURPOSE} to {LONGEST_PURPOSE} characters",
            )
        chosen = self.plans.named.get(plan)
        if chosen is None:
            raise InvalidParameter("plan", "请选择一种方案。", "must be one of the plans")
        asked = tuple(scope for scope in Scope if scope in scopes)
        if not asked or len(asked) < len(set(scopes)) or not set(asked) <= set(chosen.scopes):
            raise InvalidParameter(
                "scopes",
                "请至少选择一项权限，并且不超出方案所含的权限。",
                "must be at least one of the scopes of the plan",
            )
        return Wanted(address, called, said, chosen, asked)

    def ask(self, caller: Caller, wanted: Wanted) -> None:
        """Send a letter that asks to confirm. One too many, of letters or of keys, is left out in silence."""
        with acting(self.engine, self.clock, caller) as act:
            held = select(func.count()).where(ApiKey.mail == wanted.mail, ApiKey.state.in_(OPEN))
            if not _may_send(act, wanted.mail) or (act.connection.scalar(held) or 0) >= MOST:
                return
            key = self._insert(act, wanted, "asked")
            plan = wanted.plan
            values = {"plan": plan.zh, "plan_en": plan.en, "hours": _hours(CONFIRM_LASTS)}
            link = add_link(act, wanted.mail, key, CONFIRM_LASTS)
            self.mailbox.put(act, wanted.mail, "key-confirm", open_path(link), values)
            act.note(Act.KEY_ASKED, f"key:{key}", after=wanted.plan.name)

    def made(self, caller: Caller, wanted: Wanted) -> Given:
        """A key that whoever runs the portal hands over, without a letter."""
        with acting(self.engine, self.clock, caller) as act:
            key = self._insert(act, wanted, "granted")
            return self._give(act, key, wanted.plan.name)

    def opened(self, token: str) -> Opened:
        """What a link is for. Raises LinkEnded."""
        with reading(self.engine) as connection:
            return self._opened(connection, token)

    def confirm(self, caller: Caller, token: str) -> Given:
        """Use a link up: confirm a key and get it, or where its plan is approved first, have it wait. Raises LinkEnded."""
        with acting(self.engine, self.clock, caller) as act:
            found = self._opened(act.connection, token)
            unused = (KeyLink.id == found.link) & KeyLink.used_at.is_(None)
            if not act.connection.execute(update(KeyLink).where(unused).values(used_at=act.now)).rowcount:
                raise LinkEnded
            row = update(ApiKey).where(ApiKey.id == found.key, ApiKey.state == found.state)
            waits = found.state == "asked" and self.plans.of(found.plan).approved
            values = {"confirmed_at": act.now} if found.state == "asked" else {}
            if not act.connection.execute(
                row.values(state="waiting" if waits else found.state, **values)
            ).rowcount:
                raise LinkEnded  # it was decided otherwise meanwhile
            if waits:
                act.note(Act.KEY_CONFIRMED, f"key:{found.key}")
                return Given(found.key, None, None)
            return self._give(act, found.key, found.plan)

    def ask_own(self, caller: Caller, mail: str) -> None:
        """Send a link to the keys of an address, where it has any; says nothing of whether it has."""
        with acting(self.engine, self.clock, caller) as act:
            known = select(ApiKey.id).where(ApiKey.mail == mail, ApiKey.state != "asked").limit(1)
            if not _may_send(act, mail) or act.connection.scalar(known) is None:
                return
            link = add_link(act, mail, None, OWN_LASTS)
            values = {"minutes": f"{OWN_LASTS.total_seconds() / 60:.0f}"}
            self.mailbox.put(act, mail, "keys", own_path(link), values)

    def _insert(self, act: Acting, wanted: Wanted, state: str) -> int:
        row = insert(ApiKey).values(
            mail=wanted.mail,
            name=wanted.name,
            purpose=wanted.purpose,
            plan=wanted.plan.name,
            scopes=" ".join(wanted.scopes),
            state=state,
            asked_at=act.now,
        )
        number: int = act.connection.execute(row.returning(ApiKey.id)).scalar_one()
        return number

    def _give(self, act: Acting, key: int, plan: str) -> Given:
        ends = act.now + timedelta(days=self.plans.of(plan).days)
        act.connection.execute(
            update(ApiKey)
            .where(ApiKey.id == key)
            .values(state="live", ends_at=ends, confirmed_at=func.coalesce(ApiKey.confirmed_at, act.now))
        )
        act.note(Act.KEY_ISSUED, f"key:{key}", after=f"{plan} {ends.date()}")
        return Given(key, add_secret(act, key), ends)

    def _opened(self, connection: Connection, token: str) -> Opened:
        asked = (
            select(KeyLink.id.label("link"), ApiKey)
            .join(ApiKey, ApiKey.id == KeyLink.key_id)
            .where(KeyLink.digest == digest(token), KeyLink.used_at.is_(None))
            .where(KeyLink.ends_at > self.clock.now(), ApiKey.state.in_(("asked", "granted")))
        )
        row: Any = connection.execute(asked).first()
        if row is None:
            raise LinkEnded
        return Opened(*(row.link, row.id, row.mail, row.name, row.purpose, row.plan, row.scopes, row.state))


def add_secret(act: Acting, key: int) -> str:
    """A new secret of a key within a transaction; gives the only copy of it."""
    made = new_key()
    values = {"key_id": key, "digest": digest(made), "hint": made[-HINT:], "made_at": act.now}
    act.connection.execute(insert(Secret).values(**values))
    return made


def add_link(act: Acting, mail: str, key: int | None, lasts: timedelta) -> str:
    """A link for a letter, within a transaction: to a key on its way, or to all keys of an address."""
    token = new_token()
    row = {"digest": digest(token), "mail": mail, "key_id": key, "ends_at": act.now + lasts}
    act.connection.execute(insert(KeyLink).values(**row))
    return token


def open_path(token: str) -> str:
    """Where a key is confirmed or handed over."""
    return f"/keys/open/{token}"


def own_path(token: str) -> str:
    """Where an address looks over its keys."""
    return f"/keys/own/{token}"


def _hours(lasts: timedelta) -> str:
    return f"{lasts.total_seconds() / 3600:.0f}"


def _may_send(act: Acting, mail: str) -> bool:
    """Count a letter that anybody can cause; whether one more to this address, from this network, is bearable."""
    counters = [
        Counter(throttle.LETTERS, ("keys", mail)),
        Counter(throttle.NETWORK, ("keys", act.caller.network)),
    ]
    try:
        throttle.attempt(act.connection, counters, act.now)
    except TooManyFailures:
        return False
    return True

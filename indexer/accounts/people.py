"""People: accounts and the roles they hold. Every change is written down in its transaction."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from indexer.accounts import passwords
from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.models import Account, Membership
from indexer.accounts.roles import MAY_BE_SCOPED, SCOPED, Role
from indexer.accounts.sessions import Holding, ended_others, holdings
from indexer.clock import Clock
from indexer.errors import InvalidParameter, NotFound, ZhixinError
from indexer.identifiers import InvalidCode, parse_codes
from indexer.register.database import reading

LONGEST_MAIL = 254  # characters, RFC 5321
LONGEST_NAME = 60
_mail = re.compile(r"[^\s@<>\"(),:;\[\]\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+").fullmatch


class Conflict(ZhixinError):
    """It was done already, or may not be done now."""

    code = "conflict"
    status = 409


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as an admin sees it."""

    id: int
    mail: str
    name: str
    state: str
    two_steps: bool
    created_at: datetime
    demonstration: bool
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who holds a role of an enterprise."""

    membership: int
    account: int
    mail: str
    name: str
    granted_at: datetime
    scope: str


def normal_mail(text: str) -> str:
    """The one writing of a mail address: trimmed, in small letters. Raises InvalidParameter `mail`."""
    mail = text.strip().lower()
    if len(mail) > LONGEST_MAIL or not mail.isprintable() or not _mail(mail) or not mail.isascii():
        raise InvalidParameter(
            "mail", "请填写完整的邮箱地址，例如 name@example.cn。", "must be an address like name@example.cn"
        )
    return mail


def normal_name(text: str) -> str:
    """A person's name for others to see. Raises InvalidParameter `name`."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidParameter(
            "name",
            f"请填写姓名，最多 {LONGEST_NAME} 个字。",
            f"must be a name of at most {LONGEST_NAME} characters",
        )
    return name


def normal_scope(role: Role, text: str) -> str:
    """Of what a role is held: the unified code of an enterprise, an agency or region, nothing. Raises InvalidParameter `scope`."""
    if role not in SCOPED | MAY_BE_SCOPED:
        return ""
    if role == Role.ENTERPRISE:
        return enterprise_code(text, "scope")
    agency = " ".join(text.split())
    if not agency and role in MAY_BE_SCOPED:
        return ""
    if not agency or len(agency) > 100 or not agency.isprintable():
        raise InvalidParameter("scope", "请填写单位名称。", "must be the name of an agency")
    return agency


def enterprise_code(text: str, where: str) -> str:
    """The 18 characters of a unified code that somebody typed. Raises InvalidParameter."""
    try:
        uscc = parse_codes(text).uscc
    except InvalidCode as error:
        raise InvalidParameter(where, error.zh, error.en) from None
    if uscc is None:
        raise InvalidParameter(
            where, "请填写 18 位统一社会信用代码。", "must be a unified code of 18 characters"
        )
    return uscc


class People:
    """All accounts of the portal."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def listed(self, after: int = 0, limit: int = 50, mail: str = "") -> list[Listed]:
        """Accounts by id, from the one after `after` on; with `mail`, those whose address holds it."""
        asked = select(Account).where(Account.id > after).order_by(Account.id).limit(limit)
        if mail:
            asked = asked.where(Account.mail.contains(mail.lower(), autoescape=True))
        with reading(self.engine) as connection:
            return [_listed(connection, row) for row in connection.execute(asked).all()]

    def one(self, account: int) -> Listed:
        """An account. Raises NotFound."""
        with reading(self.engine) as connection:
            row = connection.execute(select(Account).where(Account.id == account)).first()
            if row is None:
                raise no_account()
            return _listed(connection, row)

    def known(self, mail: str) -> int | None:
        """The id of the account with an address."""
        with reading(self.engine) as connection:
            return connection.scalar(select(Account.id).where(Account.mail == mail))

    def switch(self, caller: Caller, account: int, state: str) -> None:
        """Disable an account, which ends its sessions, or enable it again. Raises NotFound, Conflict for the last admin."""
        with acting(self.engine, self.clock, caller) as act:
            before = act.connection.scalar(select(Account.state).where(Account.id == account))
            if before not in ("active", "disabled"):  # or emptied by retention
                raise no_account()
            if before == state:
                return
            act.connection.execute(
                update(Account).where(Account.id == account).values(state=state, rights_changed_at=act.now)
            )
            disabled = state == "disabled"
            act.note(Act.ACCOUNT_DISABLED if disabled else Act.ACCOUNT_ENABLED, f"account:{account}")
            if disabled:
                ended_others(act, account, None)
                if any(held.role == Role.ADMIN for held in holdings(act.connection, account)):
                    keep_an_admin(act)

    def grant(self, caller: Caller, account: int, role: Role, scope: str, way: str) -> None:
        """Give somebody a role; nothing happens where it is held already."""
        with acting(self.engine, self.clock, caller) as act:
            grant(act, account, role, scope, way)

    def dismiss(self, caller: Caller, membership: int, scope: str | None = None) -> int:
        """End a role, of this scope where one is named; gives the account. Raises NotFound, Conflict for the last admin."""
        with acting(self.engine, self.clock, caller) as act:
            return dismiss(act, membership, scope)

    def of(self, role: Role, scope: str) -> list[Colleague]:
        """Who holds a role of an enterprise or agency."""
        return self._colleagues((Membership.role == role) & (Membership.scope == scope))

    def holding(self, role: Role) -> list[Colleague]:
        """Who holds a role, of whatever."""
        return self._colleagues(Membership.role == role)

    def agencies(self) -> list[str]:
        """The agencies that have officers, by name."""
        asked = (
            select(Membership.scope)
            .join(Account, Account.id == Membership.account_id)
            .where(Membership.role == Role.OFFICER, Membership.ended_at.is_(None), Account.state == "active")
            .distinct()
            .order_by(Membership.scope)
        )
        with reading(self.engine) as connection:
            return list(connection.scalars(asked))

    def _colleagues(self, condition: ColumnElement[bool]) -> list[Colleague]:
        asked = (
            select(
                *(Membership.id, Account.id, Account.mail, Account.name, Membership.granted_at),
                Membership.scope,
            )
            .join(Account, Account.id == Membership.account_id)
            .where(condition, Membership.ended_at.is_(None))
            .order_by(Membership.id)
        )
        with reading(self.engine) as connection:
            return [Colleague(*row) for row in connection.execute(asked)]

    def of_demonstration(self) -> bool:
        """Whether there are accounts whose passwords everybody knows."""
        with reading(self.engine) as connection:
            return bool(connection.scalar(select(exists().where(Account.demonstration))))


def create(act: Acting, mail: str, name: str, password: str | None, *, demonstration: bool = False) -> int:
    """A new account within a transaction; gives its id. `password` has been checked. Raises Conflict where the address is taken."""
    kept = passwords.keep(password) if password is not None else None
    try:
        account = act.connection.execute(
            insert(Account)
            .values(
                mail=mail,
                name=name,
                state="active",
                password=kept,
                created_at=act.now,
                rights_changed_at=act.now,
                demonstration=demonstration,
            )
            .returning(Account.id)
        ).scalar_one()
    except IntegrityError:
        raise Conflict(
            "这个邮箱已经有账户，请直接登录。", "There is an account with this address: log in."
        ) from None
    act.note(Act.ACCOUNT_CREATED, f"account:{account}")
    return account


def grant(act: Acting, account: int, role: Role, scope: str, way: str) -> None:
    """Give a role within a transaction; nothing happens where it is held already, or somebody gives it at the same instant."""
    made = postgresql.insert if act.connection.dialect.name == "postgresql" else sqlite.insert
    given = made(Membership).values(
        account_id=account,
        role=role,
        scope=scope,
        way=way,
        granted_by=act.caller.account,
        granted_at=act.now,
    )
    if not act.connection.execute(given.on_conflict_do_nothing()).rowcount:
        return
    _changed(act, account)
    act.note(Act.ROLE_GRANTED, f"account:{account}", after=f"{role} {scope}".strip())


def dismiss(act: Acting, membership: int, scope: str | None) -> int:
    """End a role within a transaction; gives the account. Raises NotFound and Conflict."""
    row = act.connection.execute(
        select(Membership).where(Membership.id == membership, Membership.ended_at.is_(None))
    ).first()
    if row is None or (scope is not None and row.scope != scope):
        raise NotFound("没有这个成员。", "There is no such member.")
    act.connection.execute(update(Membership).where(Membership.id == membership).values(ended_at=act.now))
    _changed(act, row.account_id)
    act.note(Act.ROLE_ENDED, f"account:{row.account_id}", before=f"{row.role} {row.scope}".strip())
    if row.role == Role.ADMIN:
        keep_an_admin(act)
    account: int = row.account_id
    return account


def keep_an_admin(act: Acting) -> None:
    """Refuse a change after which nobody could undo it. Raises Conflict."""
    left = exists().where(
        Membership.role == Role.ADMIN,
        Membership.ended_at.is_(None),
        Account.id == Membership.account_id,
        Account.state == "active",
    )
    if not act.connection.scalar(select(left)):
        raise Conflict("至少要留一位管理员。", "There has to be one admin left.")


def no_account() -> NotFound:
    """There is no such account."""
    return NotFound("没有这个账户。", "There is no such account.")


def _changed(act: Acting, account: int) -> None:
    act.connection.execute(update(Account).where(Account.id == account).values(rights_changed_at=act.now))


def _listed(connection: Connection, row: Any) -> Listed:
    return Listed(
        id=row.id,
        mail=row.mail,
        name=row.name,
        state=row.state,
        two_steps=row.factor_since is not None,
        created_at=row.created_at,
        demonstration=row.demonstration,
        holdings=holdings(connection, row.id),
    )

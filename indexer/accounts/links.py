"""Links sent by mail (邮件链接): to register, to set a new password, to accept an invitation. Each is used once and ends by itself.

Whoever opens one reads the letters of its address; so it also proves the address. Only the digest is kept, and the token is never logged.
Asking gives the same answer whether there is an account.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, insert, select, update

from indexer.accounts import passwords, throttle
from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.letters import Mailbox
from indexer.accounts.login import Admitted, Login
from indexer.accounts.models import Account, MailLink
from indexer.accounts.people import Conflict, create, grant, normal_mail, normal_name, normal_scope
from indexer.accounts.roles import Role
from indexer.accounts.sessions import ended_others
from indexer.accounts.throttle import Counter, TooManyFailures
from indexer.accounts.tokens import digest, new_token
from indexer.clock import Clock
from indexer.errors import NotFound
from indexer.register.database import reading

REGISTER, RESET, INVITATION = "register", "reset", "invitation"
OLD_MAIL, NEW_MAIL = "mail-old", "mail-new"  # the two letters of a change of address (addresses.py)
IDENTITY = "identity"  # the address of somebody whose identity platform tells none (outside.py)
LOST_MAIL, STOP_MAIL = (
    "mail-lost",
    "mail-stop",
)  # a change of an address whose letter box is lost (lost_mail.py)
LASTS = {
    REGISTER: timedelta(hours=24),
    RESET: timedelta(hours=1),
    INVITATION: timedelta(days=7),
    OLD_MAIL: timedelta(hours=24),
    NEW_MAIL: timedelta(hours=24),
    IDENTITY: timedelta(hours=1),
    LOST_MAIL: timedelta(hours=24),
    STOP_MAIL: timedelta(days=30),
}
ROLES_SAID: dict[Role, str] = {
    Role.ENTERPRISE: "企业人员（enterprise）",
    Role.OFFICER: "机关工作人员（officer）",
    Role.OPERATOR: "经办人员（operator）",
    Role.REVIEWER: "审核人员（reviewer）",
    Role.ADMIN: "管理员（admin）",
}


class LinkEnded(NotFound):
    """A link that was used, has ended or never was."""

    code = "link-ended"

    def __init__(self) -> None:
        super().__init__(
            "这个链接已经用过或过期，请重新申请。", "This link was used or has ended: ask for a new one."
        )


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is for. `account` is that of its address, None where there is none yet."""

    id: int
    purpose: str
    mail: str
    role: str
    scope: str
    account: int | None
    made_by: int | None
    ends_at: datetime


class Links:
    """All links of the portal."""

    def __init__(self, engine: Engine, clock: Clock, mailbox: Mailbox, login: Login) -> None:
        self.engine, self.clock, self.mailbox, self.login = engine, clock, mailbox, login

    def ask_registration(self, caller: Caller, mail: str) -> None:
        """Send a link for a new account, or a word that there is one; too many letters are left out in silence."""
        with acting(self.engine, self.clock, caller) as act:
            if not self.may_send(act, mail):
                return
            if act.connection.scalar(select(Account.id).where(Account.mail == mail)) is not None:
                self.mailbox.put(act, mail, "known", "/login", {})
            else:
                self._send(act, REGISTER, mail)

    def ask_reset(self, caller: Caller, mail: str) -> None:
        """Send a link for a new password, where there is such an account; too many letters are left out in silence."""
        with acting(self.engine, self.clock, caller) as act:
            known = select(Account.id).where(Account.mail == mail, Account.state == "active")
            if self.may_send(act, mail) and act.connection.scalar(known) is not None:
                self._send(act, RESET, mail)

    def ask_identity(self, caller: Caller, mail: str) -> None:
        """Send a link that proves the address of somebody whom an identity platform vouches for; as `ask_registration` otherwise."""
        with acting(self.engine, self.clock, caller) as act:
            if not self.may_send(act, mail):
                return
            if act.connection.scalar(select(Account.id).where(Account.mail == mail)) is not None:
                self.mailbox.put(act, mail, "known", "/login", {})
            else:
                self._send(act, IDENTITY, mail)

    def invite(self, caller: Caller, who: str, mail: str, role: Role, scope: str) -> None:
        """Invite somebody to a role. `who` is said in the letter. Raises InvalidParameter, and Conflict where letters would be too many."""
        address, kept = normal_mail(mail), normal_scope(role, scope)
        with acting(self.engine, self.clock, caller) as act:
            if not self.may_send(act, address):
                raise Conflict(
                    "刚刚已给这个邮箱发过几封信，请过些时候再发。",
                    "Several letters went to this address just now: wait a while.",
                )
            self._send(act, INVITATION, address, role, kept, who)

    def made(self, caller: Caller, mail: str, role: Role, scope: str = "") -> str:
        """The path of an invitation that is handed over by whoever runs the portal, without a letter."""
        address, kept = normal_mail(mail), normal_scope(role, scope)
        with acting(self.engine, self.clock, caller) as act:
            token = insert_link(act, INVITATION, address, role, kept)
            act.note(Act.LINK_SENT, after=f"{INVITATION} {role} {kept}".strip())
        return path(token)

    def read(self, token: str) -> Link:
        """What a link is for. Raises LinkEnded."""
        asked = (
            select(MailLink, Account.id.label("account"))
            .outerjoin(Account, Account.mail == MailLink.mail)
            .where(MailLink.digest == digest(token), MailLink.used_at.is_(None))
            .where(MailLink.ends_at > self.clock.now())
        )
        with reading(self.engine) as connection:
            row = connection.execute(asked).first()
        if row is None:
            raise LinkEnded
        return Link(
            *(row.id, row.purpose, row.mail, row.role, row.scope, row.account, row.made_by, row.ends_at)
        )

    def new_password(self, caller: Caller, token: str, password: str, known: str, browser: str) -> Admitted:
        """Set a new password by a link. All sessions of the account end. Raises LinkEnded, PasswordRefused."""
        link = self.read(token)
        if link.account is None or link.purpose != RESET:
            raise LinkEnded
        passwords.check(password, link.mail)
        kept = passwords.keep(password)
        with acting(self.engine, self.clock, caller) as act:
            use_up(act, link)
            act.connection.execute(
                update(Account)
                .where(Account.id == link.account)
                .values(password=kept, rights_changed_at=act.now)
            )
            act.note(Act.PASSWORD_CHANGED, f"account:{link.account}", after="by mail")
            ended_others(act, link.account, None)
            throttle.forget(act.connection, [Counter(throttle.STRANGERS, (link.mail,))])
            throttle.forget(act.connection, [Counter(throttle.STRANGER, (link.mail, caller.network))])
            self.mailbox.notify(act, link.account, "password-by-mail")
            return self.login.trusted(act, link.account, known, browser)

    def new_account(
        self, caller: Caller, token: str, name: str, password: str, known: str, browser: str
    ) -> Admitted:
        """Make an account by a link, with the role of an invitation. Raises LinkEnded, PasswordRefused, Conflict."""
        link = self.read(token)
        if link.account is not None or link.purpose not in (REGISTER, INVITATION):
            raise LinkEnded
        said = normal_name(name)
        passwords.check(password, link.mail)
        with acting(self.engine, self.clock, caller) as act:
            use_up(act, link)
            account = create(act, link.mail, said, password)
            _accept(act, link, account)
            return self.login.trusted(act, account, known, browser)

    def accept(self, caller: Caller, token: str, account: int) -> None:
        """Take an invitation to the address of the account that is logged in. Raises LinkEnded."""
        link = self.read(token)
        if link.purpose != INVITATION or link.account != account:
            raise LinkEnded
        with acting(self.engine, self.clock, caller) as act:
            use_up(act, link)
            _accept(act, link, account)

    def may_send(self, act: Acting, mail: str) -> bool:
        """Count a letter that anybody can cause; whether one more to this address, from this network, is bearable."""
        counters = [
            Counter(throttle.LETTERS, (mail,)),
            Counter(throttle.NETWORK, ("letters", act.caller.network)),
        ]
        try:
            throttle.attempt(act.connection, counters, act.now)
        except TooManyFailures:
            return False
        return True

    def _send(
        self, act: Acting, purpose: str, mail: str, role: Role | None = None, scope: str = "", who: str = ""
    ) -> None:
        lasts = LASTS[purpose]
        values = {
            "hours": f"{lasts.total_seconds() / 3600:.0f}",
            "days": str(lasts.days),
            "who": who,
            "role": ROLES_SAID[role] if role is not None else "",
            "scope": f" {scope}" if scope else "",
        }
        token = insert_link(act, purpose, mail, role or "", scope)
        self.mailbox.put(act, mail, purpose, path(token), values)
        act.note(Act.LINK_SENT, after=" ".join(filter(None, (purpose, role, scope))))


def path(token: str) -> str:
    """The path of the portal at which a link opens."""
    return f"/link/{token}"


def insert_link(act: Acting, purpose: str, mail: str, role: str = "", scope: str = "") -> str:
    """Make a link to an address within a transaction; gives its token, which is known nowhere else."""
    token = new_token()
    act.connection.execute(
        insert(MailLink).values(
            digest=digest(token),
            purpose=purpose,
            mail=mail,
            role=role,
            scope=scope,
            made_by=act.caller.account,
            created_at=act.now,
            ends_at=act.now + LASTS[purpose],
        )
    )
    return token


def use_up(act: Acting, link: Link) -> None:
    """Use a link up, and with it the others of its purpose to its address where one is as good as another.

    Raises LinkEnded for the second of two.
    """
    unused = MailLink.used_at.is_(None)
    used = act.connection.execute(
        update(MailLink).where(MailLink.id == link.id, unused).values(used_at=act.now)
    )
    if not used.rowcount:
        raise LinkEnded
    if link.purpose in (REGISTER, RESET, IDENTITY, LOST_MAIL):
        same = update(MailLink).where(MailLink.mail == link.mail, MailLink.purpose == link.purpose, unused)
        act.connection.execute(same.values(used_at=act.now))


def _accept(act: Acting, link: Link, account: int) -> None:
    if link.purpose == INVITATION:
        grant(act, account, Role(link.role), link.scope, INVITATION)

"""People whom an identity platform knows (统一身份认证): linked by issuer and subject, never by a mail address alone."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.letters import Mailbox
from indexer.accounts.links import IDENTITY, LinkEnded, Links, use_up
from indexer.accounts.login import Admitted, Login
from indexer.accounts.models import Membership, OutsideIdentity
from indexer.accounts.people import Conflict, create, dismiss, enterprise_code, grant
from indexer.accounts.roles import Role
from indexer.clock import Clock
from indexer.errors import InvalidParameter
from indexer.register.database import reading

WAY = "identity"


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a platform says of somebody: `code` is the enterprise that it acts for, as it stands in the claim, empty where none does.

    `mail` is empty where the platform tells no address, or none that it has verified: it is asked for and confirmed by a letter.
    """

    issuer: str
    subject: str
    mail: str
    name: str
    code: str


class Outside:
    """Log-ins by way of a platform."""

    def __init__(self, engine: Engine, clock: Clock, login: Login, mailbox: Mailbox, links: Links) -> None:
        self.engine, self.clock, self.login, self.mailbox = engine, clock, login, mailbox
        self.links = links

    def admit(self, caller: Caller, said: Vouched, known: str, browser: str) -> Admitted:
        """Let somebody in whom the platform knows; at first, make an account.

        Raises Conflict where an account with the same mail address is not linked: its owner links it after a log-in of its own.
        """
        try:
            return self._admitted(caller, said, known, browser)
        except (Conflict, IntegrityError):
            if not self.knows(said):
                raise
        return self._admitted(caller, said, known, browser)  # a first log-in in another window was faster

    def admit_with_mail(
        self, caller: Caller, said: Vouched, token: str, known: str, browser: str
    ) -> Admitted:
        """Let somebody in for the first time whose platform tells no address, with the one that the link `token` proves.

        That the platform vouched for who opens the link is for the caller to know. Raises LinkEnded, and Conflict as `admit`.
        """
        link = self.links.read(token)
        if link.purpose != IDENTITY:
            raise LinkEnded
        with acting(self.engine, self.clock, caller) as act:
            use_up(act, link)
            account = _linked(act.connection, said)
            if account is None:
                account = self._made(act, replace(said, mail=link.mail))
                _link(act, account, said)
            _follow(act, account, said.code)
            return self.login.trusted(act, account, known, browser)

    def knows(self, said: Vouched) -> bool:
        """Whether an account is linked to whom the platform means."""
        with reading(self.engine) as connection:
            return _linked(connection, said) is not None

    def _admitted(self, caller: Caller, said: Vouched, known: str, browser: str) -> Admitted:
        with acting(self.engine, self.clock, caller) as act:
            account = _linked(act.connection, said)
            if account is None:
                account = self._made(act, said)
                _link(act, account, said)
            _follow(act, account, said.code)
            return self.login.trusted(act, account, known, browser)

    def link(self, caller: Caller, said: Vouched) -> None:
        """Link the account that is logged in. Raises Conflict where the identity is another's."""
        try:
            self._linked_to(caller, said)
        except IntegrityError:  # linked in another window at the same instant
            self._linked_to(caller, said)

    def _linked_to(self, caller: Caller, said: Vouched) -> None:
        assert caller.account is not None
        with acting(self.engine, self.clock, caller) as act:
            account = _linked(act.connection, said)
            if account is None:
                _link(act, caller.account, said)
                self.mailbox.notify(act, caller.account, "identity")
            elif account != caller.account:
                raise Conflict("这个身份已绑定另一个账户。", "This identity is linked to another account.")
            _follow(act, caller.account, said.code)

    def _made(self, act: Acting, said: Vouched) -> int:
        try:
            return create(act, said.mail, said.name or said.mail, None)
        except Conflict:
            raise Conflict(
                "这个邮箱已经有账户。请先用密码登录，再在“我的账户”里绑定统一身份认证。",
                "There is an account with this address. Log in with its password first, then link the identity on the account page.",
            ) from None


def _linked(connection: Connection, said: Vouched) -> int | None:
    """The account that an identity is linked to."""
    same = (OutsideIdentity.issuer == said.issuer) & (OutsideIdentity.subject == said.subject)
    return connection.scalar(select(OutsideIdentity.account_id).where(same))


def _link(act: Acting, account: int, said: Vouched) -> None:
    act.connection.execute(
        insert(OutsideIdentity).values(
            account_id=account, issuer=said.issuer, subject=said.subject, linked_at=act.now
        )
    )
    act.note(Act.IDENTITY_LINKED, f"account:{account}", after=said.issuer)


def _follow(act: Acting, account: int, code: str) -> None:
    """Hold what the platform says now: the enterprise of the claim, and none that an earlier log-in brought."""
    try:
        uscc = enterprise_code(code, "code") if code else ""
    except InvalidParameter:
        uscc = ""
    brought = select(Membership.id, Membership.scope).where(
        Membership.account_id == account, Membership.way == WAY, Membership.ended_at.is_(None)
    )
    for row in act.connection.execute(brought).all():
        if row.scope != uscc:
            dismiss(act, row.id, None)
    if uscc:
        grant(act, account, Role.ENTERPRISE, uscc, WAY)

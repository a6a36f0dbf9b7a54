"""Changing the address of an account (更换邮箱): confirmed by letters to both, the old one and the new one, in whatever order.

Whoever holds a session alone, or reads one of the two letter boxes alone, changes nothing. Whether the new address has an account already is
told to its own letter box only.
"""

from collections.abc import Callable

from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.letters import Mailbox
from indexer.accounts.links import LASTS, NEW_MAIL, OLD_MAIL, Link, LinkEnded, Links, path, use_up
from indexer.accounts.login import Login
from indexer.accounts.models import Account, MailLink
from indexer.accounts.people import Conflict, normal_mail
from indexer.accounts.sessions import ended_others
from indexer.accounts.tokens import digest, new_token
from indexer.clock import Clock
from indexer.errors import InvalidParameter

OTHER = {NEW_MAIL: OLD_MAIL, OLD_MAIL: NEW_MAIL}
Moved = Callable[[Acting, str, str], None]
"""Told of an address that has become another, within the transaction: who keeps something by address moves it along."""


class Addresses:
    """Addresses that are to become others."""

    def __init__(
        self, engine: Engine, clock: Clock, mailbox: Mailbox, login: Login, links: Links, moved: list[Moved]
    ) -> None:
        self.engine, self.clock, self.mailbox = engine, clock, mailbox
        self.login, self.links, self.moved = login, links, moved

    def ask(self, caller: Caller, mail: str, password: str) -> None:
        """Send a letter to both addresses; those of an earlier wish end. `password` is asked for where the account has one.

        Raises InvalidParameter `mail`, WrongPassword, TooManyFailures, and Conflict where letters would be too many.
        """
        assert caller.account is not None
        address = normal_mail(mail)
        self.login.prove(caller, caller.account, password)
        with acting(self.engine, self.clock, caller) as act:
            old = act.connection.execute(
                select(Account.mail).where(Account.id == caller.account)
            ).scalar_one()
            if address == old:
                raise InvalidParameter("mail", "这就是现在的邮箱。", "is the address of now")
            if not (self.links.may_send(act, address) and self.links.may_send(act, old)):
                raise Conflict(
                    "刚刚已发过几封信，请过些时候再试。", "Several letters went out just now: wait a while."
                )
            _end_earlier(act)
            if act.connection.scalar(select(Account.id).where(Account.mail == address)) is not None:
                self.mailbox.put(act, address, "known", "/login", {})
            else:
                self._send(act, NEW_MAIL, address, address)
            self._send(act, OLD_MAIL, old, address)

    def confirm(self, caller: Caller, token: str) -> bool:
        """Use the link of one of the two letters up. True where the other was used before, so that the address is now the new one.

        Raises LinkEnded, and Conflict where somebody else has made an account with the new address meanwhile.
        """
        link = self.links.read(token)
        if link.purpose not in OTHER or link.made_by is None:
            raise LinkEnded
        try:
            with acting(self.engine, self.clock, caller) as act:
                _wait_for_the_other(act, link.made_by)
                use_up(act, link)
                old = _other_confirmed(act, link)
                if old is None:
                    return False
                self._change(act, link, old)
        except IntegrityError:
            raise Conflict("新邮箱已经有账户。", "There is an account with the new address.") from None
        return True

    def _change(self, act: Acting, link: Link, other: str) -> None:
        account, new = link.made_by, link.scope
        assert account is not None
        old = link.mail if link.purpose == OLD_MAIL else other
        row = update(Account).where(Account.id == account, Account.mail == old)
        if not act.connection.execute(row.values(mail=new, rights_changed_at=act.now)).rowcount:
            raise LinkEnded
        for moved in self.moved:
            moved(act, old, new)
        ended_others(act, account, None)
        act.note(Act.MAIL_CHANGED, f"account:{account}", before=old, after=new)
        self.mailbox.notify(act, account, "mail")

    def _send(self, act: Acting, purpose: str, mail: str, new: str) -> None:
        token, lasts = new_token(), LASTS[purpose]
        act.connection.execute(
            insert(MailLink).values(
                digest=digest(token),
                purpose=purpose,
                mail=mail,
                role="",
                scope=new,
                made_by=act.caller.account,
                created_at=act.now,
                ends_at=act.now + lasts,
            )
        )
        values = {"hours": f"{lasts.total_seconds() / 3600:.0f}", "new": new}
        self.mailbox.put(act, mail, purpose, path(token), values)
        act.note(Act.LINK_SENT, after=purpose)


def _wait_for_the_other(act: Acting, account: int) -> None:
    """Of two letters that are confirmed at the same instant, the second sees the first: both lock the account."""
    row = update(Account).where(Account.id == account)
    act.connection.execute(row.values(mail=Account.mail))


def _end_earlier(act: Acting) -> None:
    earlier = update(MailLink).where(
        MailLink.made_by == act.caller.account, MailLink.purpose.in_(OTHER), MailLink.ends_at > act.now
    )
    act.connection.execute(earlier.values(ends_at=act.now))


def _other_confirmed(act: Acting, link: Link) -> str | None:
    """The address of the other letter of the same wish, where it was confirmed and the wish has not ended; None otherwise."""
    asked = select(func.max(MailLink.mail)).where(
        MailLink.made_by == link.made_by,
        MailLink.purpose == OTHER[link.purpose],
        MailLink.scope == link.scope,
        MailLink.used_at.is_not(None),
        MailLink.ends_at > act.now,
    )
    return act.connection.scalar(asked)

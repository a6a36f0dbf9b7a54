"""Changing an address whose letter box is lost (原邮箱失效): identity is proven again as a claim is, and somebody of the desk decides, once.

The new address is proven by a letter first, and only its reader can file. The old address is told at once and can stop the change; nothing is
decided before it had `REST` to do so. Accounts that hold a role of the desk are decided by admins, all others by operators. Whether there is
an account with the old address is told to nobody who asks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import Acting, acting
from indexer.accounts.addresses import Moved
from indexer.accounts.audit import Act, Caller
from indexer.accounts.files import Checked, Files, Kept
from indexer.accounts.four_eyes import said
from indexer.accounts.letters import CHANGES, Mailbox
from indexer.accounts.links import LASTS, LOST_MAIL, STOP_MAIL, LinkEnded, Links, insert_link, path, use_up
from indexer.accounts.models import Account, Membership
from indexer.accounts.models import MailChange as Row
from indexer.accounts.people import Conflict, normal_mail
from indexer.accounts.roles import TWO_STEPS
from indexer.accounts.sessions import Holding, ended_others, holdings
from indexer.clock import Clock
from indexer.errors import InvalidParameter, NotFound
from indexer.register.database import reading

WAITING, APPROVED, REFUSED, STOPPED = "waiting", "approved", "refused", "stopped"
REST = timedelta(hours=72)
"""How long the old address has to object before a change can be approved."""

PURPOSE = "identity-proof"
STAFF: ColumnElement[bool] = exists().where(
    Membership.account_id == Row.account_id,
    Membership.ended_at.is_(None),
    Membership.role.in_(sorted(TWO_STEPS)),
)
"""Whether the account holds a role of the desk; then an operator must not be able to give it away."""


@dataclass(frozen=True, slots=True)
class MailChange:
    """A change of an address that waits, as whoever decides reads it. `ready_at`: from when on it can be approved."""

    id: int
    account: int
    name: str
    holdings: tuple[Holding, ...]
    old: str
    new: str
    said: str
    file: int
    filed_at: datetime

    @property
    def ready_at(self) -> datetime:
        """The instant after which the old address has had its time."""
        return self.filed_at + REST


class LostMail:
    """All such changes of the portal."""

    def __init__(
        self, engine: Engine, clock: Clock, files: Files, mailbox: Mailbox, links: Links, moved: list[Moved]
    ) -> None:
        self.engine, self.clock, self.files = engine, clock, files
        self.mailbox, self.links, self.moved = mailbox, links, moved

    def ask(self, caller: Caller, mail: str) -> None:
        """Send a link to the new address, or a word that it has an account; too many letters are left out in silence.

        Raises InvalidParameter `mail`.
        """
        address = normal_mail(mail)
        with acting(self.engine, self.clock, caller) as act:
            if not self.links.may_send(act, address):
                return
            if act.connection.scalar(select(Account.id).where(Account.mail == address)) is not None:
                self.mailbox.put(act, address, "known", "/login", {})
                return
            token = insert_link(act, LOST_MAIL, address)
            hours = f"{LASTS[LOST_MAIL].total_seconds() / 3600:.0f}"
            self.mailbox.put(act, address, LOST_MAIL, path(token), {"hours": hours})
            act.note(Act.LINK_SENT, after=LOST_MAIL)

    def new_address(self, token: str) -> str:
        """The address that a link was sent to. Raises LinkEnded."""
        link = self.links.read(token)
        if link.purpose != LOST_MAIL or link.account is not None:
            raise LinkEnded
        return link.mail

    def file(self, caller: Caller, token: str, old: str, why: str, proof: Checked) -> None:
        """File a change; nothing tells whether there is an account with the address `old`, or a change of it that waits.

        Raises LinkEnded, InvalidParameter `old` or `said`.
        """
        new, told = self.new_address(token), said(why, "said")
        try:
            address = normal_mail(old)
        except InvalidParameter as error:
            raise InvalidParameter("old", error.zh, error.en) from None
        link = self.links.read(token)
        try:
            with acting(self.engine, self.clock, caller) as act:
                use_up(act, link)
                known = select(Account.id).where(Account.mail == address, Account.state == "active")
                if (account := act.connection.scalar(known)) is None:
                    return
                kept = self.files.store(act, proof, PURPOSE)
                values = {"account_id": account, "old": address, "new": new, "said": told, "file_id": kept}
                change = act.connection.execute(
                    insert(Row).values(**values, state=WAITING, filed_at=act.now).returning(Row.id)
                ).scalar_one()
                stop = insert_link(act, STOP_MAIL, address, scope=str(change))
                hours = f"{REST.total_seconds() / 3600:.0f}"
                self.mailbox.put(act, address, STOP_MAIL, path(stop), {"new": new, "hours": hours})
                act.note(Act.MAIL_CHANGE_FILED, f"account:{account}", before=address, after=new)
        except IntegrityError:  # the same waits already; the link stays as it was
            return

    def stop(self, caller: Caller, token: str) -> None:
        """Stop a change from the old address. Raises LinkEnded, and Conflict where it is decided already."""
        link = self.links.read(token)
        if link.purpose != STOP_MAIL:
            raise LinkEnded
        with acting(self.engine, self.clock, caller) as act:
            use_up(act, link)
            waiting = (Row.id == int(link.scope)) & (Row.state == WAITING)
            row = act.connection.execute(
                update(Row)
                .where(waiting)
                .values(state=STOPPED, decided_at=act.now)
                .returning(*Row.__table__.c)
            ).first()
            if row is None:
                raise _decided()
            self._tell(act, row.new, ("原邮箱收得到信，申请已终止", "stopped from the old address"), "")
            act.note(Act.MAIL_CHANGE_DECIDED, f"account:{row.account_id}", after=STOPPED)

    def decide(self, caller: Caller, change: int, approved: bool, reason: str, *, staff: bool) -> None:
        """Approve or refuse a change. `staff`: whoever decides may do so for accounts with a role of the desk, and for no others.

        All sessions end; a forgotten password is set anew by a letter to the new address. Raises InvalidParameter `reason`, NotFound, and
        Conflict where it is decided, one's own, too early, or somebody made an account with the new address meanwhile.
        """
        why = said(reason) if reason.strip() or not approved else ""
        try:
            with acting(self.engine, self.clock, caller) as act:
                waits = (Row.id == change) & (Row.state == WAITING) & (Row.account_id != caller.account)
                if approved:
                    waits &= Row.filed_at <= act.now - REST
                values = {"state": APPROVED if approved else REFUSED, "decided_at": act.now}
                row = act.connection.execute(
                    update(Row)
                    .where(waits, _for(staff))
                    .values(**values, decided_by=caller.account, reason=why or None)
                    .returning(*Row.__table__.c)
                ).first()
                if row is None:
                    raise self._why_not(act, change, staff)
                if approved:
                    self._change(act, row)
                what = (
                    ("已通过，请用这个邮箱登录", "approved: log in with this address")
                    if approved
                    else ("未通过", "refused")
                )
                self._tell(act, row.new, what, why)
                after = f"{values['state']} {why}".strip()
                act.note(Act.MAIL_CHANGE_DECIDED, f"account:{row.account_id}", before=row.old, after=after)
        except IntegrityError:
            raise Conflict("新邮箱已经有账户。", "There is an account with the new address.") from None

    def waiting(self, *, staff: bool, limit: int = 50) -> list[MailChange]:
        """Changes that wait for an admin (`staff`) or for an operator, the oldest first."""
        asked = (
            select(Row, Account.name)
            .join(Account, Account.id == Row.account_id)
            .where(Row.state == WAITING, _for(staff))
            .order_by(Row.id)
            .limit(limit)
        )
        with reading(self.engine) as connection:
            return [
                MailChange(
                    *(row.id, row.account_id, row.name, holdings(connection, row.account_id)),
                    *(row.old, row.new, row.said, row.file_id, row.filed_at),
                )
                for row in connection.execute(asked).all()
            ]

    def proof(self, caller: Caller, change: int, *, staff: bool) -> Kept:
        """What was sent as a proof, while the change waits; the look is written down. Raises NotFound."""
        asked = select(Row.file_id).where(Row.id == change, Row.state == WAITING, _for(staff))
        with acting(self.engine, self.clock, caller) as act:
            file = act.connection.scalar(asked)
            if file is None:
                raise _no_change()
            act.note(Act.FILE_VIEWED, f"file:{file}", after=PURPOSE)
        return self.files.one(file)

    def _change(self, act: Acting, row: Any) -> None:
        mine = (Account.id == row.account_id) & (Account.mail == row.old) & (Account.state == "active")
        changed = update(Account).where(mine).values(mail=row.new, rights_changed_at=act.now)
        if not act.connection.execute(changed).rowcount:
            raise Conflict(
                "这个账户的邮箱已经换过，或账户已停用；请退回。",
                "The address was changed meanwhile, or the account is disabled: refuse it.",
            )
        for moved in self.moved:
            moved(act, row.old, row.new)
        ended_others(act, row.account_id, None)
        act.note(Act.MAIL_CHANGED, f"account:{row.account_id}", before=row.old, after=row.new)
        zh, en = CHANGES["mail"]
        self.mailbox.put(act, row.old, "changed", "/complaints/new", {"what": zh, "what_en": en})

    def _tell(self, act: Acting, mail: str, what: tuple[str, str], reason: str) -> None:
        values = {"what": what[0], "what_en": what[1], "reason": reason}
        self.mailbox.put(act, mail, "mail-change", "/login", values)

    def _why_not(self, act: Acting, change: int, staff: bool) -> Conflict | NotFound:
        row = act.connection.execute(select(Row).where(Row.id == change, _for(staff))).first()
        if row is None:
            return _no_change()
        if row.state == WAITING and row.filed_at > act.now - REST:
            return Conflict(
                "原邮箱还有时间提出异议，满 72 小时以后才能通过。",
                "The old address can still object: it can be approved after 72 hours.",
            )
        return _decided()


def _for(staff: bool) -> ColumnElement[bool]:
    return STAFF if staff else ~STAFF


def _no_change() -> NotFound:
    return NotFound("没有这项申请。", "There is no such change.")


def _decided() -> Conflict:
    return Conflict(
        "这项申请已有结果，或是您自己提交的。", "This change was decided already, or you filed it."
    )

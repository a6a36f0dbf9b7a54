"""Followings (关注): asked for, confirmed by a letter, looked over and ended. Asking gives the same answer whether the address follows already.

Nothing is sent before whoever reads the letters of an address has confirmed it (double opt-in). People of an enterprise follow their own by
default: their addresses are proven, and `own` turns it off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal, get_args

from sqlalchemy import Connection, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from indexer.accounts import throttle
from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Caller
from indexer.accounts.letters import LETTERS, Mailbox
from indexer.accounts.links import LinkEnded
from indexer.accounts.models import Account, Membership
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.accounts.throttle import Counter, TooManyFailures
from indexer.accounts.tokens import Seal, digest, new_token
from indexer.batches import batched
from indexer.errors import InvalidParameter, NotFound
from indexer.following.models import Follower, Following, News
from indexer.following.targets import Target
from indexer.register.database import reading
from indexer.register.models import Batch

Pace = Literal["daily", "soon", "off"]
"""News of one's own enterprise: with the digest of the day, within the hour, or not."""

LASTS = timedelta(hours=48)  # the link that confirms
MOST = 100  # followings of one address

LETTERS["follow"] = (
    "请确认关注 · Confirm what you follow",
    (
        "有人（应当是您）用这个邮箱在质信关注{what}。请在 {hours} 小时内打开下面的网址确认，之后有变动时我们每天最多发一封信：\n\n{link}\n\n"
        "如果不是您，不必理会，不会再有信。\n\n"
        "Somebody, you we hope, wants this address to be told of {what_en} at Zhixin, at most one letter a day. Open the link within "
        "{hours} hours to confirm. If it was not you, do nothing; there will be no further letter.\n"
    ),
)
LETTERS["followed"] = (
    "您已经在关注 · You follow it already",
    (
        "有人（应当是您）用这个邮箱在质信关注一项内容，但您已经在关注它，或已满 {most} 项。在这里查看和取消：\n\n{link}\n\n"
        "Somebody, you we hope, asked to follow something with this address, but you follow it already, or {most} things in all. "
        "See and end what you follow with the link.\n"
    ),
)
WORDS = {
    "subject": ("一家企业或机构", "an enterprise or institution"),
    "list": ("一个名单", "a list"),
    "search": ("一次搜索", "a search"),
}
"""What a letter that nobody has confirmed says of a target: never words that somebody else typed."""


@dataclass(frozen=True, slots=True)
class Held:
    """A following as its follower sees it."""

    id: int
    target: Target
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """All that an address follows."""

    mail: str
    own: Pace
    enterprise: bool  # whether it has an enterprise of its own
    held: Sequence[Held]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the link of a letter confirms."""

    mail: str
    target: Target
    confirmed: bool


class Followings:
    """All followings of the portal."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts, self.engine, self.clock = accounts, accounts.engine, accounts.clock
        if _moved not in accounts.mail_moved:
            accounts.mail_moved.append(_moved)

    @property
    def mailbox(self) -> Mailbox:
        """Where letters are put."""
        return self.accounts.mailbox

    @cached_property
    def seal(self) -> Seal:
        """Keeps the tokens of followers, which every letter says again."""
        return Seal(self.accounts.settings.signing_key(), "zhixin followings")

    def ask(self, caller: Caller, mail: str, target: Target) -> None:
        """Send a letter that asks to confirm; one that was asked for too often is left out in silence."""
        with acting(self.engine, self.clock, caller) as act:
            if not _may_send(act, mail):
                return
            follower, token = self.follower(act.connection, act.now, mail)
            same = (
                (Following.follower_id == follower)
                & (Following.what == target.what)
                & (Following.target == target.key)
            )
            known = act.connection.execute(select(Following.id, Following.confirmed_at).where(same)).first()
            number = select(func.count()).where(Following.follower_id == follower)
            if (known is not None and known.confirmed_at is not None) or (
                known is None and (act.connection.scalar(number) or 0) >= MOST
            ):
                self.mailbox.put(act, mail, "followed", manage_path(token), {"most": str(MOST)})
                return
            link = new_token()
            values = {"link": digest(link), "asked_at": act.now, "ends_at": act.now + LASTS}
            if known is not None:
                act.connection.execute(update(Following).where(Following.id == known.id).values(**values))
            else:
                insert_following(act.connection, follower, target, **values)
            words = WORDS[target.what]
            said = {"hours": f"{LASTS.total_seconds() / 3600:.0f}", "what": words[0], "what_en": words[1]}
            self.mailbox.put(act, mail, "follow", confirm_path(link), said)

    def asked(self, link: str) -> Asked:
        """What a link confirms. Raises LinkEnded."""
        with reading(self.engine) as connection:
            row = self._by_link(connection, link)
        return Asked(row.mail, Target(row.what, row.target), row.confirmed_at is not None)

    def confirm(self, caller: Caller, link: str) -> str:
        """Confirm by a link; once more changes nothing. Gives the token to manage with. Raises LinkEnded."""
        with acting(self.engine, self.clock, caller) as act:
            row = self._by_link(act.connection, link)
            waiting = (Following.id == row.id) & Following.confirmed_at.is_(None)
            latest = act.connection.scalar(select(func.max(Batch.id))) or 0
            act.connection.execute(
                update(Following).where(waiting).values(confirmed_at=act.now, since=latest)
            )
            return self.follower(act.connection, act.now, row.mail)[1]

    def overview(self, token: str) -> Overview:
        """What the address with a token follows. Raises LinkEnded."""
        with reading(self.engine) as connection:
            return _overview(connection, _by_token(connection, token))

    def overview_of(self, mail: str) -> Overview:
        """The same for an address that somebody has proven to read; nothing is stored for it."""
        with reading(self.engine) as connection:
            row = connection.execute(select(Follower).where(Follower.mail == mail)).first()
            if row is None:
                return Overview(mail, "daily", _of_enterprise(connection, mail), ())
            return _overview(connection, row)

    def token_of(self, mail: str) -> str:
        """The token of an address that somebody has proven to read."""
        with acting(self.engine, self.clock, Caller()) as act:
            return self.follower(act.connection, act.now, mail)[1]

    def end(self, token: str, following: int) -> None:
        """End one following. Raises LinkEnded, NotFound."""
        with acting(self.engine, self.clock, Caller()) as act:
            row = _by_token(act.connection, token)
            mine = select(Following.what).where(Following.id == following, Following.follower_id == row.id)
            what = act.connection.scalar(mine)
            if what is None:
                raise NotFound("没有这项关注，可能已经取消。", "You do not follow this (any more).")
            if what == "own":
                self._pace(act.connection, row.id, "off")
            else:
                forget(act.connection, [following])

    def end_all(self, token: str) -> None:
        """End all letters to an address, those about its own enterprises too. Raises LinkEnded."""
        with acting(self.engine, self.clock, Caller()) as act:
            row = _by_token(act.connection, token)
            ids = act.connection.scalars(select(Following.id).where(Following.follower_id == row.id)).all()
            forget(act.connection, ids)
            self._pace(act.connection, row.id, "off")

    def pace(self, token: str, pace: str) -> None:
        """Choose how soon news of one's own enterprise come. Raises LinkEnded, InvalidParameter `own`."""
        if pace not in get_args(Pace):
            raise InvalidParameter("own", "请选择一项。", "must be daily, soon or off")
        with acting(self.engine, self.clock, Caller()) as act:
            self._pace(act.connection, _by_token(act.connection, token).id, pace)

    def follower(self, connection: Connection, now: datetime, mail: str) -> tuple[int, str]:
        """The id and the token of an address within a transaction; made where there is none, or where the key of the seal has changed."""
        row = connection.execute(select(Follower.id, Follower.token).where(Follower.mail == mail)).first()
        if row is not None and (known := self.seal.open(row.token)) is not None:
            return row.id, known
        token = new_token()
        values = {"token": self.seal.close(token), "digest": digest(token)}
        if row is not None:
            connection.execute(update(Follower).where(Follower.id == row.id).values(**values))
            return row.id, token
        made = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        fresh = made(Follower).values(mail=mail, own="daily", created_at=now, **values)
        connection.execute(fresh.on_conflict_do_nothing(index_elements=[Follower.mail]))
        kept = connection.execute(select(Follower.id, Follower.token).where(Follower.mail == mail)).one()
        return kept.id, self.seal.open(kept.token) or token

    def _by_link(self, connection: Connection, link: str) -> Any:
        asked = (
            select(Following, Follower.mail)
            .join(Follower, Follower.id == Following.follower_id)
            .where(Following.link == digest(link), Following.ends_at > self.clock.now())
        )
        row = connection.execute(asked).first()
        if row is None:
            raise LinkEnded
        return row

    def _pace(self, connection: Connection, follower: int, pace: str) -> None:
        connection.execute(update(Follower).where(Follower.id == follower).values(own=pace))
        if pace == "off":
            own = select(Following.id).where(Following.follower_id == follower, Following.what == "own")
            forget(connection, connection.scalars(own).all())


def manage_path(token: str) -> str:
    """Where an address looks over what it follows."""
    return f"/follow/{token}"


def stop_path(token: str) -> str:
    """What a mail program calls to end all letters (RFC 8058)."""
    return f"/follow/{token}/stop"


def confirm_path(link: str) -> str:
    """Where a following is confirmed."""
    return f"/follow/confirm/{link}"


def forget(connection: Connection, ids: Sequence[int]) -> None:
    """Delete followings and what was to be told of them, within a transaction."""
    for some in batched(ids, 500):
        held = select(Following.id).where(Following.id.in_(some)).order_by(Following.id)
        connection.execute(held.with_for_update())  # before their news, as matching and telling do
        connection.execute(delete(News).where(News.following_id.in_(some)))
        connection.execute(delete(Following).where(Following.id.in_(some)))


def insert_following(connection: Connection, follower: int, target: Target, **values: Any) -> None:
    """A new following within a transaction."""
    row = {"follower_id": follower, "what": target.what, "target": target.key, "since": 0}
    connection.execute(insert(Following).values(**(row | values)))


def _by_token(connection: Connection, token: str) -> Any:
    row = connection.execute(select(Follower).where(Follower.digest == digest(token))).first()
    if row is None:
        raise LinkEnded
    return row


def _overview(connection: Connection, row: Any) -> Overview:
    enterprise = _of_enterprise(connection, row.mail)
    return Overview(row.mail, row.own, enterprise, _held(connection, row.id))


def _of_enterprise(connection: Connection, mail: str) -> bool:
    asked = exists().where(
        Account.mail == mail,
        Account.state == "active",
        Membership.account_id == Account.id,
        Membership.role == Role.ENTERPRISE,
        Membership.ended_at.is_(None),
    )
    return bool(connection.scalar(select(asked)))


def _held(connection: Connection, follower: int) -> list[Held]:
    confirmed = (Following.follower_id == follower) & Following.confirmed_at.is_not(None)
    asked = select(Following).where(confirmed).order_by(Following.what == "own", Following.id)
    return [Held(row.id, Target(row.what, row.target), row.confirmed_at) for row in connection.execute(asked)]


def _may_send(act: Acting, mail: str) -> bool:
    """Count a letter that anybody can cause; whether one more to this address, from this network, is bearable.

    Counted apart from links to log in: who asks for these on another's behalf must not hold the owner up.
    """
    counters = [
        Counter(throttle.LETTERS, ("follow", mail)),
        Counter(throttle.NETWORK, ("follow", act.caller.network)),
    ]
    try:
        throttle.attempt(act.connection, counters, act.now)
    except TooManyFailures:
        return False
    return True


def _moved(act: Acting, old: str, new: str) -> None:
    """What somebody follows goes along with the account's address; what the new one followed already stays, and neither is told twice."""
    asked = select(Follower.mail, Follower.id).where(Follower.mail.in_((old, new)))
    ids = {row.mail: row.id for row in act.connection.execute(asked)}
    if old not in ids:
        return
    if new not in ids:
        act.connection.execute(update(Follower).where(Follower.id == ids[old]).values(mail=new))
        return
    both = aliased(Following)
    held = select(both.id).where(
        both.follower_id == ids[new], both.what == Following.what, both.target == Following.target
    )
    free = update(Following).where(Following.follower_id == ids[old], ~held.exists())
    act.connection.execute(free.values(follower_id=ids[new]))
    left = select(Following.id).where(Following.follower_id == ids[old])
    act.connection.execute(delete(News).where(News.following_id.in_(left)))
    act.connection.execute(delete(Following).where(Following.follower_id == ids[old]))
    act.connection.execute(delete(Follower).where(Follower.id == ids[old]))

"""Receivers (接收方): who wants changes sent where. Every act on one is in the audit; a secret is shown once and kept sealed."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.people import Conflict, normal_mail
from indexer.accounts.tokens import Seal
from indexer.errors import InvalidParameter, NotFound
from indexer.feed.reading import Changes
from indexer.identifiers import InvalidCode, parse_codes
from indexer.register.database import reading
from indexer.register.reading import Register
from indexer.webhooks.addresses import networks, read_url
from indexer.webhooks.filters import Filter, known_kinds, known_lists
from indexer.webhooks.models import Delivery
from indexer.webhooks.models import Receiver as Row
from indexer.webhooks.signing import new_secret

OVERLAP = timedelta(hours=24)  # that the secret before a rotation still signs
MOST_SUBJECTS = 1000
LONGEST_NAME = 100
NEW, ACTIVE, STOPPED = "new", "active", "stopped"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be sent: where, under which name, whom to write to, and which changes (all, where nothing is named)."""

    url: str
    name: str
    mail: str
    kinds: Sequence[str] = ()
    lists: Sequence[str] = ()
    subjects: Sequence[str] = ()
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver as those who look after it see it. `state` is new (not proven yet), active or stopped."""

    id: int
    url: str
    name: str
    mail: str
    filter: Filter
    state: str
    position: int
    failing_since: datetime | None
    created_at: datetime
    stopped_at: datetime | None
    former_until: datetime | None


@dataclass(frozen=True, slots=True)
class Try:
    """A line of the ledger: one message, and how its last try went."""

    id: int
    message: str
    what: str
    after: int
    last: int
    created_at: datetime
    tries: int
    tried_at: datetime | None
    delivered_at: datetime | None
    due_at: datetime | None
    outcome: str | None


class Receivers:
    """The receivers of a register's changes."""

    def __init__(self, accounts: Accounts) -> None:
        self.engine, self.clock, self.settings = accounts.engine, accounts.clock, accounts.settings

    @property
    def seal(self) -> Seal:
        """What keeps the secrets."""
        return Seal(self.settings.signing_key(), "zhixin webhooks")

    def register(self, caller: Caller, wish: Wish) -> tuple[int, str]:
        """Note a receiver, and send it a test; changes follow once it has taken that. Gives its number and its secret.

        It gets what happens from now on. Raises InvalidParameter.
        """
        checked = self._checked(wish)
        secret = new_secret()
        newest = Changes(Register(self.engine, self.clock)).newest()
        with acting(self.engine, self.clock, caller) as act:
            made = insert(Row).values(
                **checked,
                owner_id=wish.owner,
                secret=self.seal.close(secret),
                state=NEW,
                epoch=newest.epoch,
                position=newest.number,
                created_at=act.now,
            )
            number = act.connection.execute(made.returning(Row.id)).scalar_one()
            _queue_test(act, number)
            act.note(Act.WEBHOOK_REGISTERED, f"webhook:{number}", after=checked["url"])
        return number, secret

    def rotate(self, caller: Caller, receiver: int) -> str:
        """A new secret; for `OVERLAP` the one before signs beside it. Raises NotFound."""
        secret = new_secret()
        with acting(self.engine, self.clock, caller) as act:
            row = _row(act.connection, receiver)
            values = {"secret": self.seal.close(secret), "former": row.secret}
            _change(act, receiver, "rotated", former_until=act.now + OVERLAP, **values)
        return secret

    def test(self, caller: Caller, receiver: int) -> None:
        """Send a test. Raises NotFound, and Conflict where nothing is sent."""
        with acting(self.engine, self.clock, caller) as act:
            if _row(act.connection, receiver).state == STOPPED:
                raise Conflict("推送已停止，请先恢复。", "Nothing is sent there: resume it first.")
            _queue_test(act, receiver)
            act.note(Act.WEBHOOK_CHANGED, f"webhook:{receiver}", after="tested")

    def stop(self, caller: Caller, receiver: int) -> None:
        """Send nothing any more. Raises NotFound."""
        with acting(self.engine, self.clock, caller) as act:
            _row(act.connection, receiver)
            stop_within(act, receiver)

    def resume(self, caller: Caller, receiver: int) -> None:
        """Begin again where it stopped, once it has taken a test. Raises NotFound and Conflict."""
        with acting(self.engine, self.clock, caller) as act:
            if _row(act.connection, receiver).state != STOPPED:
                raise Conflict("推送没有停止。", "It is not stopped.")
            _change(act, receiver, "resumed", state=NEW, failing_since=None, stopped_at=None)
            _queue_test(act, receiver)

    def all(self) -> list[Receiver]:
        """All receivers, the newest first."""
        with reading(self.engine) as connection:
            return [_receiver(row) for row in connection.execute(select(Row).order_by(Row.id.desc()))]

    def one(self, receiver: int) -> Receiver:
        """One receiver. Raises NotFound."""
        with reading(self.engine) as connection:
            return _receiver(_row(connection, receiver))

    def ledger(self, receiver: int, limit: int) -> list[Try]:
        """The newest messages to a receiver."""
        columns = [Delivery.__table__.c[name] for name in Try.__slots__]
        asked = select(*columns).where(Delivery.receiver_id == receiver)
        with reading(self.engine) as connection:
            return [Try(*row) for row in connection.execute(asked.order_by(Delivery.id.desc()).limit(limit))]

    def _checked(self, wish: Wish) -> dict[str, Any]:
        """The columns of what was wished for. Raises InvalidParameter."""
        url, name = wish.url.strip(), " ".join(wish.name.split())
        read_url(url, networks(self.settings.webhook_networks))
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise InvalidParameter(
                "name", f"请填写名称，最多 {LONGEST_NAME} 个字。", f"must have 1 to {LONGEST_NAME} characters"
            )
        return {
            "url": url,
            "name": name,
            "mail": normal_mail(wish.mail),
            "kinds": _among("kinds", wish.kinds, known_kinds()),
            "lists": _among("lists", wish.lists, tuple(known_lists())),
            "subjects": _codes(wish.subjects),
        }


def stop_within(act: Acting, receiver: int) -> None:
    """Stop a receiver, and all that waits to go there, within a transaction."""
    _change(act, receiver, STOPPED, state=STOPPED, stopped_at=act.now)
    waiting = update(Delivery).where(Delivery.receiver_id == receiver, Delivery.due_at.is_not(None))
    act.connection.execute(waiting.values(due_at=None))


def message_id() -> str:
    """The id of a message, which a receiver knows repeats by."""
    return f"msg_{secrets.token_hex(16)}"


def _queue_test(act: Acting, receiver: int) -> None:
    values = {"receiver_id": receiver, "message": message_id(), "what": "test", "after": 0, "last": 0}
    act.connection.execute(insert(Delivery).values(**values, created_at=act.now, due_at=act.now))


def _change(act: Acting, receiver: int, said: str, **values: object) -> None:
    act.connection.execute(update(Row).where(Row.id == receiver).values(**values))
    act.note(Act.WEBHOOK_CHANGED, f"webhook:{receiver}", after=said)


def _row(connection: Connection, receiver: int) -> Any:
    row = connection.execute(select(Row.__table__).where(Row.id == receiver)).first()
    if row is None:
        raise NotFound("没有这个接收方。", "There is no such receiver.")
    return row


def _receiver(row: Any) -> Receiver:
    return Receiver(
        *(row.id, row.url, row.name, row.mail, Filter(row.kinds, row.lists, row.subjects)),
        *(row.state, row.position, row.failing_since, row.created_at, row.stopped_at, row.former_until),
    )


def _among(where: str, named: Sequence[str], known: Collection[str]) -> list[str]:
    for each in named:
        if each not in known:
            raise InvalidParameter(
                where, f"没有 {each[:40]}，可用：{'、'.join(known)}。", f"must be among {', '.join(known)}"
            )
    return list(dict.fromkeys(named))


def _codes(subjects: Sequence[str]) -> list[str]:
    """Unified codes as they are written. Raises InvalidParameter `subjects`."""
    found = []
    for text in subjects:
        try:
            code = parse_codes(text).uscc
        except InvalidCode:
            code = None
        if code is None:
            raise InvalidParameter(
                "subjects",
                f"{text[:40]} 不是统一社会信用代码。",
                f"{text[:40]} is no unified social credit code",
            )
        found.append(code)
    if len(found) > MOST_SUBJECTS:
        raise InvalidParameter(
            "subjects", f"最多 {MOST_SUBJECTS} 个主体。", f"has more than {MOST_SUBJECTS} codes"
        )
    return list(dict.fromkeys(found))

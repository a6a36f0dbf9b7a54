"""Delivering (投递): what a receiver is to be sent next, and sending it until it is taken.

A receiver gets its changes in order, one message after the other, each until it is taken: at least once, known as the same by its
`webhook-id`. What a message says is read from the feed for each try, through the door, so a late try never tells what has been hidden
since. A process that is killed leaves its messages to be taken up again.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.feed.positions import Position, PositionGone
from indexer.feed.reading import Changes, Entry, Page
from indexer.register.database import BUSY_SECONDS, alone, filing, reading
from indexer.register.reading import Register
from indexer.rules.periods import period
from indexer.webhooks.addresses import networks
from indexer.webhooks.filters import Filter
from indexer.webhooks.models import Delivery
from indexer.webhooks.models import Receiver as Row
from indexer.webhooks.receivers import ACTIVE, NEW, Receivers, message_id, stop_within
from indexer.webhooks.sending import Outcome, Sender
from indexer.webhooks.signing import headers

MOST = 20  # changes of one message
LARGEST = 64 * 1024  # bytes; records that do not fit are left to be fetched
ROUNDS = 20  # of one run, so that who wants to stop the process need not wait for a whole backlog
AT_A_TIME = 8  # messages on their way
TAKEN = timedelta(minutes=2)  # that a message is one process's; longer than any try takes
FIRST_WAIT, LONGEST_WAIT = 5.0, 6 * 3600.0  # seconds from one try to the next: 5, 20, 80 …
GONE = 410  # a receiver's way to say that it wants no more
STOPPED_AFTER = "webhook.stopped_after"
SYSTEM = Caller(network="webhooks")

Form = Callable[[Entry], dict[str, Any]]
"""A change as the API tells it, ready for JSON."""


def bare(entry: Entry) -> dict[str, Any]:
    """A change by its position and id alone."""
    about = {"kind": None, "subject": None, "record": None}
    return {
        "position": str(entry.position),
        "number": entry.number,
        "at": entry.at,
        "what": entry.what,
        "id": entry.id,
        **about,
    }


def wait_after(tries: int, chance: Random) -> timedelta:
    """How long to wait after so many tries: four times as long each time up to `LONGEST_WAIT`, a quarter more or less by chance."""
    return timedelta(
        seconds=min(FIRST_WAIT * 4.0 ** min(tries - 1, 20), LONGEST_WAIT) * chance.uniform(0.75, 1.25)
    )


@dataclass(frozen=True, slots=True)
class Message:
    """A message on its way, with its receiver."""

    delivery: Any
    receiver: Any


class Deliveries:
    """Sends changes to receivers. `form` writes a change."""

    def __init__(
        self, register: Register, accounts: Accounts, form: Form = bare, sender: Sender | None = None
    ) -> None:
        settings = accounts.settings
        self.engine, self.clock, self.accounts = register.engine, register.clock, accounts
        self.changes, self.form, self.chance = Changes(register), form, Random()
        self.seal = Receivers(accounts).seal
        self.sender = sender or Sender(networks(settings.webhook_networks), settings.webhook_ca)

    def work(self) -> int:
        """Send what is due; gives the number of tries. Raises ServiceUnavailable where another process is at it."""
        done = 0
        with reading(self.engine) as connection:
            if connection.scalar(select(Row.id).limit(1)) is None:
                return 0
        with alone(self.engine, "webhooks"), ThreadPoolExecutor(AT_A_TIME, "webhook") as pool:
            for _ in range(ROUNDS):
                self._plan()
                if not (some := list(iter(self._take, None))):
                    break
                list(pool.map(self._try, some))
                done += len(some)
        return done

    def _plan(self) -> None:
        """Have a message for each active receiver that none is on its way to, and for which there is news."""
        outstanding = select(Delivery.receiver_id).where(
            Delivery.due_at.is_not(None), Delivery.what != "test"
        )
        idle = select(Row.__table__).where(Row.state == ACTIVE, Row.id.not_in(outstanding))
        newest = self.changes.newest()
        with reading(self.engine) as connection:
            waiting = connection.execute(idle.where(Row.position != newest.number)).all()
        for receiver in waiting:
            self._plan_for(receiver, newest)

    def _plan_for(self, receiver: Any, newest: Position) -> None:
        what, last, entries = "lost", newest, False
        with suppress(PositionGone):
            page = self._changes_after(receiver, receiver.position)
            what, last, entries = "changes", page.next, bool(page.entries)
        with filing(self.engine, BUSY_SECONDS) as connection:
            if not entries:  # nothing for it, or it has to begin anew from here
                same = update(Row).where(Row.id == receiver.id, Row.position == receiver.position)
                connection.execute(same.values(epoch=last.epoch, position=last.number))
            if what == "changes" and not entries:
                return
            now = self.clock.now()
            values = {"what": what, "after": receiver.position, "last": last.number, "message": message_id()}
            try:
                made = insert(Delivery).values(**values, receiver_id=receiver.id, created_at=now, due_at=now)
                connection.execute(made)
            except IntegrityError:  # another process has planned it
                connection.rollback()

    def _take(self) -> Message | None:
        now = self.clock.now()
        due = select(Delivery.id).where(Delivery.due_at <= now).order_by(Delivery.due_at, Delivery.id)
        with filing(self.engine, BUSY_SECONDS) as connection:
            delivery = connection.execute(
                update(Delivery)
                .where(Delivery.id == due.limit(1).scalar_subquery(), Delivery.due_at <= now)
                .values(due_at=now + TAKEN)
                .returning(*Delivery.__table__.c)
            ).first()
            if delivery is None:
                return None
            of = select(Row.__table__).where(Row.id == delivery.receiver_id)
            return Message(delivery, connection.execute(of).one())

    def _try(self, message: Message) -> None:
        delivery, receiver, now = message.delivery, message.receiver, self.clock.now()
        secrets = [self.seal.open(receiver.secret)]
        if receiver.former is not None and receiver.former_until > now:
            secrets.append(self.seal.open(receiver.former))
        opened = [secret for secret in secrets if secret is not None]
        if not opened:
            self._failed(message, Outcome(None, "secret-unreadable"))
            return
        body = self._body(message)
        signed = headers(opened, delivery.message, int(now.timestamp()), body)
        about = {"Content-Type": "application/json", "User-Agent": "zhixin-webhooks/1"}
        outcome = self.sender.post(receiver.url, {**about, **signed}, body)
        if outcome.taken:
            self._delivered(message, outcome)
        else:
            self._failed(message, outcome)

    def _body(self, message: Message) -> bytes:
        """What a message says now; records that would make it large are left out, each with its address."""
        delivery, receiver = message.delivery, message.receiver
        data: dict[str, Any] = {}
        if delivery.what == "changes":
            entries: Sequence[Entry] = ()
            with suppress(PositionGone):  # thinned out while it was being tried: the next message says so
                entries = self._changes_after(receiver, delivery.after).entries
            data["changes"] = _fitting(
                [self.form(entry) for entry in entries if entry.number <= delivery.last]
            )
        elif delivery.what == "lost":
            data["next"] = str(self.changes.newest())
        return orjson.dumps(
            {"type": f"register.{delivery.what}", "timestamp": delivery.created_at, "data": data}
        )

    def _changes_after(self, receiver: Any, number: int) -> Page:
        """What a receiver is to be sent behind a number. Raises PositionGone."""
        fits = Filter(receiver.kinds, receiver.lists, receiver.subjects)
        return self.changes.after(Position(receiver.epoch, number, number), MOST, fits)

    def _delivered(self, message: Message, outcome: Outcome) -> None:
        delivery, now = message.delivery, self.clock.now()
        with filing(self.engine, BUSY_SECONDS) as connection:
            over = update(Delivery).where(Delivery.id == delivery.id)
            tried = {"tries": delivery.tries + 1, "tried_at": now, "outcome": str(outcome)}
            connection.execute(over.values(due_at=None, delivered_at=now, **tried))
            receiver = update(Row).where(Row.id == delivery.receiver_id)
            connection.execute(receiver.values(failing_since=None))
            if delivery.what == "test":
                connection.execute(receiver.where(Row.state == NEW).values(state=ACTIVE))
            else:
                connection.execute(receiver.values(position=delivery.last))

    def _failed(self, message: Message, outcome: Outcome) -> None:
        """Try again later; where it has failed for days, or the receiver says that it wants no more, stop and write to its owner."""
        delivery, now = message.delivery, self.clock.now()
        since = message.receiver.failing_since or now
        days = period(STOPPED_AFTER, self.clock.today()).value
        due = now + wait_after(delivery.tries + 1, self.chance)
        with acting(self.engine, self.clock, SYSTEM) as act:
            still = update(Delivery).where(Delivery.id == delivery.id, Delivery.due_at.is_not(None))
            tried = {"tries": delivery.tries + 1, "tried_at": now, "outcome": str(outcome)}
            if not act.connection.execute(still.values(due_at=due, **tried)).rowcount:
                return  # stopped meanwhile
            receiver = update(Row).where(Row.id == delivery.receiver_id, Row.failing_since.is_(None))
            act.connection.execute(receiver.values(failing_since=since))
            if outcome.status == GONE or now - since >= timedelta(days=days):
                stop_within(act, delivery.receiver_id)
                told = {"url": message.receiver.url, "name": message.receiver.name, "days": str(days)}
                self.accounts.mailbox.put(
                    act, message.receiver.mail, "webhook-stopped", "/api/v1/changes", told
                )


def _fitting(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same changes, without the records that come after `LARGEST` bytes of them."""
    room, fitting = LARGEST, []
    for change in changes:
        room -= len(orjson.dumps(change))
        fitting.append(change if room >= 0 else change | {"record": None})
    return fitting

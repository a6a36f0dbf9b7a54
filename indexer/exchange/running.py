"""The exchange over one database and one folder (数据交换), and its work of one minute.

One process at a time works (`alone`). Removals are found first, for all partners; then each partner is served by itself, some side by side, so
that one that does not answer holds nobody up.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from sqlalchemy import update

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.opening import Accounts
from indexer.desk.opening import PublishingDesk
from indexer.errors import NotFound, ServiceUnavailable
from indexer.exchange import ledger
from indexer.exchange.building import Builder, Outbox
from indexer.exchange.giving import Giver
from indexer.exchange.ledger import Entry, Event
from indexer.exchange.manifest import numbers_in
from indexer.exchange.models import PartnerRow
from indexer.exchange.partners import Partners, Standing
from indexer.exchange.receiving import Inbox, Receiver
from indexer.exchange.removals import find_removals
from indexer.exchange.secrets import SecretMissing, Secrets
from indexer.exchange.sending import Sender
from indexer.exchange.settling import Settler
from indexer.exchange.ways import Unreachable, open_way
from indexer.register.database import BUSY_SECONDS, alone, filing
from indexer.register.reading import Register
from indexer.sources.limits import Limits

log = logging.getLogger(__name__)
SIDE_BY_SIDE = 4  # partners
MOST_AT_ONCE = 20  # deliveries that are made for one partner in one go


class Exchange:
    """All of the exchange. Opens nothing until it is asked."""

    def __init__(self, accounts: Accounts, sender: str = "zhixin") -> None:
        settings = accounts.settings
        self.engine, self.clock = accounts.engine, accounts.clock
        folder = settings.data / "exchange"
        self.partners = Partners(self.engine, self.clock)
        self.secrets = Secrets(folder / "secrets")
        self.outbox, self.inbox = Outbox(folder / "outbox"), Inbox(folder / "inbox")
        self.builder = Builder(Register(self.engine, self.clock), self.outbox, settings.base_url or sender)
        self.sender = Sender(self.engine, self.clock, self.outbox)
        self.receiver = Receiver(self.engine, self.clock, self.inbox)
        giver = Giver(PublishingDesk(accounts), Limits(unpacked=settings.unpacked_limit))
        self.settler = Settler(self.engine, self.clock, self.inbox, giver)

    def run(self, only: str | None = None) -> int:
        """Do what has come up; gives how many removals, deliveries and answers moved. 0 where another process is at it.

        Raises NotFound where the one partner that is named is none.
        """
        try:
            with alone(self.engine, "exchange"):
                return self._work(only)
        except NotFound:
            raise
        except ServiceUnavailable as error:
            if error.code != ServiceUnavailable.code:  # the database, not another process
                raise
            return 0

    def send_again(self, caller: Caller, name: str, delivery: str) -> int:
        """Have deliveries of a partner that are not settled put again, from a number on; gives how many. Raises NotFound."""
        partner, numbers = self.partners.one(name), numbers_in(delivery)
        if numbers is None:
            raise NotFound("没有这一批。", "There is no such delivery.")
        with acting(self.engine, self.clock, caller) as act:
            done = self.sender.again(act.connection, partner, *numbers)
            act.note(Act.DELIVERY_REPEATED, f"partner:{name}", after=delivery)
        return done

    def _work(self, only: str | None) -> int:
        done = find_removals(self.partners, self.clock)
        chosen = [self.partners.one(only)] if only is not None else self.partners.all()
        active = [each for each in chosen if each.it.active]
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="exchange") as pool:
            return done + sum(pool.map(self._serve, active))

    def _serve(self, partner: Standing) -> int:
        """Everything that one partner needs. What hinders one is logged, and the others go on."""
        try:
            made = 0
            while (
                partner.it.gets
                and made < MOST_AT_ONCE
                and self.builder.build(self.partners.one(partner.name))
            ):
                made += 1
            moved = made + self._meet(self.partners.one(partner.name))
            settled = self.settler.work_off(self.partners.one(partner.name))
            if settled and partner.it.way != "https":  # there the partner asks
                self._talk(partner, [lambda session: self.settler.tell(partner, session)])
            return moved + settled
        except (Unreachable, SecretMissing) as error:
            self._hindered(partner, error)
        except ServiceUnavailable as error:
            log.warning("exchange with %s waits: %s", partner.name, error.en)
        except Exception:  # one partner's trouble is not the others'
            log.exception("exchange with %s failed", partner.name)
        return 0

    def _meet(self, partner: Standing) -> int:
        """Put, ask and fetch over one connection."""
        self.sender.sweep(partner)
        acts: list[Callable[..., int]] = []
        if self.sender.busy(partner):
            acts += [
                lambda session: self.sender.look_for_answers(partner, session),
                lambda session: self.sender.send(partner, session),
                lambda session: self.sender.look_for_answers(partner, session),
            ]
        if partner.it.sends and partner.it.way != "https":
            acts += [
                lambda session: self.receiver.fetch(partner, session),
                lambda session: self.settler.tell(partner, session),
            ]
        return self._talk(partner, acts) if acts else 0

    def _talk(self, partner: Standing, acts: list[Callable[..., int]]) -> int:
        with ExitStack() as stack:
            try:
                session = stack.enter_context(open_way(partner, self.secrets))
            except (Unreachable, SecretMissing) as error:
                if (row := self.sender.first_waiting(partner)) is not None:
                    self.sender.postpone(partner, row, error)
                raise
            done = sum(act(session) for act in acts)
        if partner.hindered is not None:
            self._note_hindrance(partner, None)
        return done

    def _hindered(self, partner: Standing, error: Unreachable | SecretMissing) -> None:
        if error.zh != partner.hindered:
            log.warning("exchange with %s: %s", partner.name, error.en)
            self._note_hindrance(partner, error.zh)

    def _note_hindrance(self, partner: Standing, why: str | None) -> None:
        with filing(self.engine, BUSY_SECONDS) as connection:
            own = update(PartnerRow).where(PartnerRow.id == partner.id)
            connection.execute(own.values(hindered=why))
            if why is not None:
                entry = Entry(Event.HINDERED, True, partner.series, partner.sequence, detail=why)
                ledger.enter(connection, self.clock.now(), partner.id, entry)

"""Sending (发送与回执): deliveries in the order of their numbers until each is settled, again after a failure, and what partners answer.

A delivery that was put but not noted as sent is put again, the same bytes under the same number: the receiver knows it by both.
"""

import csv
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from indexer.clock import Clock
from indexer.errors import FileRefused, ZhixinError
from indexer.exchange import ledger
from indexer.exchange.building import LINES, Outbox, put_unsent
from indexer.exchange.ledger import Entry, Event
from indexer.exchange.manifest import Acknowledgement, address_of, numbers_in, read_acknowledgement
from indexer.exchange.models import DeliveryRow as Row
from indexer.exchange.models import PartnerRow
from indexer.exchange.partners import Standing
from indexer.exchange.ways import Session, deliver
from indexer.register.database import BUSY_SECONDS, filing, reading

IN_FLIGHT = ("waiting", "sent")
LONGEST_PAUSE = timedelta(hours=1)
MOST_REFUSALS = 5  # after which somebody has to look


class Sender:
    """Puts deliveries and reads what becomes of them."""

    def __init__(self, engine: Engine, clock: Clock, outbox: Outbox) -> None:
        self.engine, self.clock, self.outbox = engine, clock, outbox

    def busy(self, partner: Standing) -> bool:
        """Whether there is something to put now, or an answer to look for."""
        return any(
            row.state == "sent" or row.next_try_at <= self.clock.now() for row in self._in_flight(partner)
        )

    def send(self, partner: Standing, session: Session) -> int:
        """Put what waits, in its order; gives how many. Raises Unreachable at the first that can not be put."""
        done = 0
        for row in self._in_flight(partner):
            if row.state != "waiting":
                continue
            if row.next_try_at > self.clock.now():
                break
            delivery = address_of(row.series, row.sequence)
            try:
                deliver(session, delivery, self.outbox.path(partner.name, row.series, row.sequence))
            except ZhixinError as error:
                self.postpone(partner, row, error)
                raise
            self._note_sent(partner, row)
            done += 1
        return done

    def look_for_answers(self, partner: Standing, session: Session) -> int:
        """Read what the partner says of what was sent; gives how many deliveries moved on."""
        moved = 0
        for row in self._in_flight(partner):
            if row.state == "sent" and partner.it.acknowledges:
                content = session.acknowledgement(address_of(row.series, row.sequence))
                if content is not None:
                    moved += self.answered(partner, row, content)
        return moved

    def answered(self, partner: Standing, row: Any, content: bytes) -> bool:
        """Take an acknowledgement in; False where it says nothing new, or is about other bytes."""
        digest = hashlib.sha256(content).hexdigest()
        if digest == row.answer:
            return False
        try:
            said = read_acknowledgement(content)
        except FileRefused as error:
            return self._note_unreadable(partner, row, digest, error.zh)
        if (said.series, said.sequence, said.manifest_sha256) != (row.series, row.sequence, row.digest):
            return self._note_unreadable(partner, row, digest, "回执说的是另一份内容。")
        if not said.final:
            return False
        if said.status == "refused":
            self._refused(partner, row, said, digest)
        else:
            self._settle(partner, row, said, digest)
        return True

    def answer_to(self, partner: Standing, delivery: str, content: bytes) -> bool:
        """Take in an acknowledgement that the partner brought itself; False where no such delivery is in flight."""
        rows = [row for row in self._in_flight(partner) if address_of(row.series, row.sequence) == delivery]
        return bool(rows) and (self.answered(partner, rows[0], content) or True)

    def postpone(self, partner: Standing, row: Any, error: ZhixinError) -> None:
        """Try again later, each time after twice as long."""
        with filing(self.engine, BUSY_SECONDS) as connection:
            self._later(connection, row, "waiting")
            entry = Entry(Event.FAILED, True, row.series, row.sequence, detail=error.zh)
            ledger.enter(connection, self.clock.now(), partner.id, entry)

    def first_waiting(self, partner: Standing) -> Any:
        """The delivery that is to be put next, None where none waits now."""
        waiting = [row for row in self._in_flight(partner) if row.state == "waiting"]
        return waiting[0] if waiting and waiting[0].next_try_at <= self.clock.now() else None

    def sweep(self, partner: Standing) -> None:
        """Remove files of deliveries that were settled when a run was killed."""
        kept = {address_of(row.series, row.sequence) for row in self._in_flight(partner, also="refused")}
        folder = self.outbox.folder / partner.name
        for each in folder.iterdir() if folder.is_dir() else ():
            numbers = numbers_in(each.name)
            if numbers and numbers <= (partner.series, partner.sequence) and each.name not in kept:
                self.outbox.drop(partner.name, *numbers)

    def again(self, connection: Connection, partner: Standing, series: int, sequence: int) -> int:
        """Have deliveries from a number on put again; gives how many."""
        from_here = (Row.partner_id == partner.id) & (Row.series == series) & (Row.sequence >= sequence)
        anew = update(Row).where(from_here, Row.state.in_((*IN_FLIGHT, "refused")))
        values = {"state": "waiting", "next_try_at": self.clock.now()}
        return int(connection.execute(anew.values(**values)).rowcount)

    def _in_flight(self, partner: Standing, also: str = "") -> list[Any]:
        states = (*IN_FLIGHT, also) if also else IN_FLIGHT
        own = (Row.partner_id == partner.id) & Row.state.in_(states)
        with reading(self.engine) as connection:
            return list(connection.execute(select(Row.__table__).where(own).order_by(Row.id)))

    def _note_sent(self, partner: Standing, row: Any) -> None:
        now, awaited = self.clock.now(), partner.it.acknowledges
        values = {"state": "sent" if awaited else "settled", "sent_at": row.sent_at or now}
        if not awaited:
            values["settled_at"] = now
        with filing(self.engine, BUSY_SECONDS) as connection:
            connection.execute(update(Row).where(Row.id == row.id).values(**values))
            own = update(PartnerRow).where(PartnerRow.id == partner.id)
            connection.execute(own.values(hindered=None))
            entry = Entry(Event.SENT, True, row.series, row.sequence, row.rows, row.removals)
            ledger.enter(connection, now, partner.id, entry)
        if not awaited:
            self.outbox.drop(partner.name, row.series, row.sequence)

    def _settle(self, partner: Standing, row: Any, said: Acknowledgement, digest: str) -> None:
        rejected = self._rejected(partner, row, said)
        now = self.clock.now()
        with filing(self.engine, BUSY_SECONDS) as connection:
            values = {"state": "settled", "settled_at": now, "rejected": said.rejected, "answer": digest}
            connection.execute(update(Row).where(Row.id == row.id).values(**values))
            put_unsent(connection, rejected)
            entry = Entry(
                *(Event.ACKNOWLEDGED, True, row.series, row.sequence, said.accepted, row.removals),
                *(said.rejected, row.digest, said.message or None),
            )
            ledger.enter(connection, now, partner.id, entry)
        self.outbox.drop(partner.name, row.series, row.sequence)

    def _refused(self, partner: Standing, row: Any, said: Acknowledgement, digest: str) -> None:
        """The whole is put again, from the number on that the partner misses; after some times somebody has to look."""
        missing = numbers_in(said.expected) if said.expected else None
        now = self.clock.now()
        with filing(self.engine, BUSY_SECONDS) as connection:
            given_up = row.tries + 1 >= MOST_REFUSALS
            self._later(connection, row, "refused" if given_up else "waiting", digest)
            if missing is not None and not given_up and missing < (row.series, row.sequence):
                self.again(connection, partner, *missing)
            entry = Entry(
                *(Event.REFUSED, True, row.series, row.sequence, row.rows, row.removals),
                digest=row.digest,
                detail=said.message or None,
            )
            ledger.enter(connection, now, partner.id, entry)

    def _note_unreadable(self, partner: Standing, row: Any, digest: str, why: str) -> bool:
        with filing(self.engine, BUSY_SECONDS) as connection:
            connection.execute(update(Row).where(Row.id == row.id).values(answer=digest))
            entry = Entry(Event.FAILED, True, row.series, row.sequence, detail=why)
            ledger.enter(connection, self.clock.now(), partner.id, entry)
        return False

    def _later(self, connection: Connection, row: Any, state: str, answer: str | None = None) -> None:
        pause = min(timedelta(minutes=2 ** min(row.tries, 6)), LONGEST_PAUSE)
        values = {"state": state, "tries": row.tries + 1, "next_try_at": self.clock.now() + pause}
        if answer is not None:
            values["answer"] = answer
        connection.execute(update(Row).where(Row.id == row.id).values(**values))

    def _rejected(self, partner: Standing, row: Any, said: Acknowledgement) -> list[dict[str, Any]]:
        """The records that the partner did not take, by the lines that it names."""
        faults = {(each.file, each.line): each.faults for each in said.rejected_rows}
        path = self.outbox.path(partner.name, row.series, row.sequence) / LINES
        if not faults or not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(_unsent(partner, csv.DictReader(file), faults, self.clock.now()))


def _unsent(
    partner: Standing, lines: Iterable[dict[str, str]], faults: dict[tuple[str, int], Any], now: datetime
) -> Iterable[dict[str, Any]]:
    for line in lines:
        found = faults.get((line["file"], int(line["line"])))
        if found is not None:
            yield {
                "partner_id": partner.id,
                "record_id": line["record"],
                "first_version_id": int(line["version"]),
                "version_id": int(line["version"]),
                "kind": line["file"].removesuffix(".csv"),
                "by_partner": True,
                "reasons": [[each.column, each.message] for each in found],
                "found_at": now,
            }

"""Receiving (接收): deliveries of partners, each taken once and in the order of its number.

A delivery is copied here whole and held against its manifest before anything is done with it; then a row in the database says that it arrived,
and from there it goes on by itself (`settling.py`), however often the process is killed.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from indexer.clock import Clock
from indexer.errors import FileRefused, ZhixinError
from indexer.exchange import ledger
from indexer.exchange.ledger import Entry, Event
from indexer.exchange.manifest import (
    LARGEST_MANIFEST,
    MANIFEST,
    Acknowledgement,
    Manifest,
    address_of,
    digest_of,
    numbers_in,
    read_manifest,
)
from indexer.exchange.models import LedgerRow, PartnerRow
from indexer.exchange.models import ReceiptRow as Row
from indexer.exchange.partners import Standing
from indexer.exchange.ways import Session
from indexer.register.database import BUSY_SECONDS, filing, reading

LARGEST_FILE = 512 * 2**20  # bytes
MOST_FILES = 201  # of one delivery, with its manifest
RECENT = 20
"""So many of the deliveries that were taken are looked at again, whether they still say the same."""


class NumberTaken(ZhixinError):
    """Another delivery came under this number before."""

    code = "number-taken"
    status = 409


class OutOfOrder(ZhixinError):
    """A delivery before this one is missing; `expected` names it."""

    code = "out-of-order"
    status = 409

    def __init__(self, expected: str) -> None:
        super().__init__(f"缺少前一批，应先收到 {expected}。", f"{expected} has to come first.")
        self.expected = expected


class Inbox:
    """The folder of deliveries that are not settled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, partner: str, series: int, sequence: int) -> Path:
        """Where the files of a delivery lie."""
        return self.folder / partner / address_of(series, sequence)

    def keep(self, folder: Path, name: str, pieces: Iterable[bytes], largest: int) -> Path:
        """Write one file, whole or not at all. Raises FileRefused where it is larger than it may be."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target, size = folder / name, 0
        aside = target.with_name(f".{name}.part")
        if not target.exists() and len(list(folder.iterdir())) > MOST_FILES:
            raise FileRefused(
                f"一批最多 {MOST_FILES} 个文件。", f"A delivery has {MOST_FILES} files at most."
            )
        with aside.open("wb") as file:
            for piece in pieces:
                size += len(piece)
                if size > largest:
                    raise FileRefused(f"{name} 太大。", f"{name} is too large.")
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        return aside.replace(target)

    def drop(self, partner: str, series: int, sequence: int) -> None:
        """Remove the files of a settled delivery."""
        shutil.rmtree(self.path(partner, series, sequence), ignore_errors=True)


class Receiver:
    """Takes deliveries in."""

    def __init__(self, engine: Engine, clock: Clock, inbox: Inbox) -> None:
        self.engine, self.clock, self.inbox = engine, clock, inbox

    def fetch(self, partner: Standing, session: Session) -> int:
        """Take over what the partner has put for us, in order; gives how many. What is wrong with one is said in its acknowledgement."""
        names = {numbers: name for name in session.deliveries() if (numbers := numbers_in(name))}
        place, taken = (partner.their_series, partner.their_sequence), 0
        for numbers in sorted(each for each in names if each <= place)[-RECENT:]:
            if (content := session.manifest(names[numbers])) is not None:
                with suppress(NumberTaken):
                    self._known(partner, *numbers, content)
        for numbers in sorted(each for each in names if each > place):
            content = session.manifest(names[numbers])
            if content is None:
                continue  # it is being put
            try:
                self._in_turn(partner, numbers, place)
                self._copy(partner, session, names[numbers], read_manifest(content), content)
                self.arrive(partner, numbers)
            except (FileRefused, OutOfOrder) as error:
                self._refuse(partner, session, numbers, content, error)
                break
            place, taken = numbers, taken + 1
        return taken

    def expected(self, partner: Standing) -> str:
        """The number that is to come next."""
        return address_of(max(partner.their_series, 1), partner.their_sequence + 1)

    def begin(self, partner: Standing, numbers: tuple[int, int], content: bytes) -> Any:
        """Look at a manifest that a partner brings: gives the receipt where this very delivery arrived before, None where it may arrive now.

        Raises NumberTaken, OutOfOrder, FileRefused.
        """
        if (known := self._known(partner, *numbers, content)) is not None:
            return known
        self.expect(partner, numbers)
        read_manifest(content)
        return None

    def expect(self, partner: Standing, numbers: tuple[int, int]) -> None:
        """Whether a delivery of this number may come now. Raises OutOfOrder, which is reported."""
        self._in_turn(partner, numbers, (partner.their_series, partner.their_sequence))

    def arrive(self, partner: Standing, numbers: tuple[int, int]) -> None:
        """Take note of a delivery whose files all lie in the inbox. Raises FileRefused where they are not what the manifest says."""
        folder = self.inbox.path(partner.name, *numbers)
        content = (folder / MANIFEST).read_bytes()
        manifest = read_manifest(content)
        self._hold_against(partner, numbers, manifest, folder)
        now, digest = self.clock.now(), hashlib.sha256(content).hexdigest()
        with filing(self.engine, BUSY_SECONDS) as connection:
            own, moved = PartnerRow.id == partner.id, {"their_series": numbers[0]}
            connection.execute(update(PartnerRow).where(own).values(**moved, their_sequence=numbers[1]))
            connection.execute(insert(Row).values(**_arrived(partner, manifest, digest, now)))
            rows = sum(each.rows for each in manifest.files if each.kind != "removals")
            removals = sum(each.rows for each in manifest.files if each.kind == "removals")
            entry = Entry(Event.ARRIVED, False, *numbers, rows, removals, digest=digest)
            ledger.enter(connection, now, partner.id, entry)
            same = select(Row.series, Row.sequence).where(
                Row.partner_id == partner.id, Row.content == manifest.content, Row.digest != digest
            )
            if (before := connection.execute(same.limit(1)).first()) is not None:
                detail = f"与第 {address_of(before.series, before.sequence)} 批内容相同"
                ledger.enter(connection, now, partner.id, Entry(Event.AGAIN, False, *numbers, detail=detail))

    def answer(self, partner: Standing, delivery: str) -> bytes | None:
        """What became of a delivery of the partner, None where none has this number."""
        numbers = numbers_in(delivery)
        if numbers is None:
            return None
        with reading(self.engine) as connection:
            row = self._receipt(connection, partner, *numbers)
        return bytes(row.answer) if row is not None and row.answer is not None else None

    def _in_turn(self, partner: Standing, numbers: tuple[int, int], place: tuple[int, int]) -> None:
        series, sequence = place
        if numbers == (series, sequence + 1) or (numbers[0] > series and numbers[1] == 1):
            return
        expected = address_of(max(numbers[0], 1), sequence + 1 if numbers[0] == series else 1)
        self._say_once(partner, Entry(Event.GAP, False, *numbers, detail=f"应先收到 {expected}"))
        raise OutOfOrder(expected)

    def _known(self, partner: Standing, series: int, sequence: int, content: bytes) -> Any:
        """The receipt of this very delivery, None where none arrived under its number. Raises NumberTaken where another did."""
        digest = hashlib.sha256(content).hexdigest()
        with reading(self.engine) as connection:
            row = self._receipt(connection, partner, series, sequence)
        if row is None or row.digest == digest:
            return row
        detail = "同一编号的内容与已收到的不同"
        self._say_once(partner, Entry(Event.REFUSED, False, series, sequence, digest=digest, detail=detail))
        raise NumberTaken(
            "这个编号已收到过另一份内容，请换新编号。",
            "Another delivery came under this number: take a new one.",
        )

    def came_again(self, partner: Standing, row: Any) -> None:
        """Note that a delivery was brought once more."""
        with filing(self.engine, BUSY_SECONDS) as connection:
            connection.execute(update(Row).where(Row.id == row.id).values(again=Row.again + 1))
            entry = Entry(Event.AGAIN, False, row.series, row.sequence, digest=row.digest)
            ledger.enter(connection, self.clock.now(), partner.id, entry)

    def _copy(
        self, partner: Standing, session: Session, name: str, manifest: Manifest, content: bytes
    ) -> None:
        numbers = (manifest.series, manifest.sequence)
        if address_of(*numbers) != name:
            raise FileRefused(
                "交接单的编号与文件夹不同。", "The manifest has another number than its folder."
            )
        self.inbox.drop(partner.name, *numbers)
        folder = self.inbox.path(partner.name, *numbers)
        for each in manifest.files:
            largest = min(each.bytes, LARGEST_FILE)
            self.inbox.keep(folder, each.name, session.pieces(name, each.name), largest)
        self.inbox.keep(folder, MANIFEST, [content], LARGEST_MANIFEST)

    def _hold_against(
        self, partner: Standing, numbers: tuple[int, int], manifest: Manifest, folder: Path
    ) -> None:
        if (manifest.series, manifest.sequence) != numbers or manifest.previous != numbers[1] - 1:
            raise FileRefused("交接单的编号不对。", "The numbers of the manifest are wrong.")
        for each in manifest.files:
            path = folder / each.name
            if each.kind != "removals" and each.kind not in partner.it.sends:
                raise FileRefused(
                    f"{each.name}：种类 {each.kind} 不在报送范围内。",
                    f"{each.name}: {each.kind} is not expected.",
                )
            if not path.is_file() or path.stat().st_size != each.bytes or digest_of(path) != each.sha256:
                raise FileRefused(
                    f"{each.name} 不全，或与交接单的 SHA-256 不符。",
                    f"{each.name} is not whole, or not what the manifest says.",
                )

    def _refuse(
        self,
        partner: Standing,
        session: Session,
        numbers: tuple[int, int],
        content: bytes,
        error: FileRefused | OutOfOrder,
    ) -> None:
        """Say why nothing of a delivery was taken; once for the same manifest."""
        digest, now = hashlib.sha256(content).hexdigest(), self.clock.now()
        with reading(self.engine) as connection:
            if self._said(connection, partner, Event.REFUSED, numbers, digest):
                return
        refusal = Acknowledgement(
            series=numbers[0],
            sequence=numbers[1],
            manifest_sha256=digest,
            status="refused",
            at=now,
            expected=error.expected if isinstance(error, OutOfOrder) else None,
            message=error.zh,
        )
        session.put_acknowledgement(address_of(*numbers), refusal.to_bytes())
        self._say_once(partner, Entry(Event.REFUSED, False, *numbers, digest=digest, detail=error.zh))

    def _say_once(self, partner: Standing, entry: Entry) -> None:
        """Write into the ledger what the next look would find again."""
        numbers = (entry.series, entry.sequence)
        with reading(self.engine) as connection:
            if self._said(connection, partner, entry.event, numbers, entry.digest):
                return
        with filing(self.engine, BUSY_SECONDS) as connection:
            ledger.enter(connection, self.clock.now(), partner.id, entry)

    def _receipt(self, connection: Connection, partner: Standing, series: int, sequence: int) -> Any:
        number = (Row.partner_id == partner.id) & (Row.series == series) & (Row.sequence == sequence)
        return connection.execute(select(Row.__table__).where(number)).first()

    def _said(
        self,
        connection: Connection,
        partner: Standing,
        event: Event,
        numbers: tuple[int, int],
        digest: str | None = None,
    ) -> bool:
        """Whether the ledger says this of a delivery already."""
        own = (LedgerRow.partner_id == partner.id) & (LedgerRow.event == str(event))
        number = (LedgerRow.series == numbers[0]) & (LedgerRow.sequence == numbers[1])
        asked = select(LedgerRow.id).where(own, number, LedgerRow.outgoing.is_(False))
        if digest is not None:
            asked = asked.where(LedgerRow.digest == digest)
        return connection.scalar(asked.limit(1)) is not None


def _arrived(partner: Standing, manifest: Manifest, digest: str, now: datetime) -> dict[str, Any]:
    counts = ("rows", "rejected", "late", "latest_by", "added", "changed", "unchanged", "again")
    waiting = Acknowledgement(
        series=manifest.series,
        sequence=manifest.sequence,
        manifest_sha256=digest,
        status="pending",
        at=now,
    )
    return dict.fromkeys(counts, 0) | {
        "partner_id": partner.id,
        "series": manifest.series,
        "sequence": manifest.sequence,
        "digest": digest,
        "content": manifest.content,
        "state": "arrived",
        "received_at": now,
        "reasons": {},
        "submissions": [],
        "answer": waiting.to_bytes(),
        "told": False,
    }

"""Making a delivery (生成发送批次): what is new or changed for a partner since the last one, and what it has to drop.

The files are written aside and renamed, then one transaction gives the delivery its number, moves the partner's place and takes the removals
in. Killed before it, the files are made again under the same number, which nobody has seen; killed after it, the delivery waits to be sent.
"""

import csv
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from indexer.batches import batched
from indexer.clock import day_of
from indexer.exchange import ledger
from indexer.exchange.held import gets
from indexer.exchange.ledger import Entry, Event
from indexer.exchange.manifest import MANIFEST, REMOVALS, FileEntry, Manifest, address_of, digest_of
from indexer.exchange.models import DeliveryRow, PartnerRow, RemovalRow, UnsentRow
from indexer.exchange.partners import Standing
from indexer.exchange.removals import REASONS, looked_up_to
from indexer.exchange.templates import faults_in, template
from indexer.register.bulk import among
from indexer.register.database import BUSY_SECONDS, filing, reading
from indexer.register.disclosure import is_public
from indexer.register.models import Version
from indexer.register.reading import Register
from indexer.register.versions import CURRENT, version_at

LARGEST = 100_000  # records of one delivery; a first load is several
AT_A_TIME = 2000
LINES = ".lines.csv"
"""Which line of a delivery is which record: stays here, for what the partner rejects."""

REMOVAL_HEADER = (
    *("记录种类", "统一社会信用代码", "文号", "编号", "名单", "名称", "机构", "日期", "原因代码", "原因"),
    *("停止日期", "记录号"),
)


@dataclass
class Written:
    """What was written of a delivery: files by kind, and what could not be sent."""

    rows: dict[str, int] = field(default_factory=dict)
    unsent: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)  # records
    through: int = 0
    removals: list[int] = field(default_factory=list)


class Outbox:
    """The folder of deliveries that are not settled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, partner: str, series: int, sequence: int) -> Path:
        """Where the files of a delivery lie."""
        return self.folder / partner / address_of(series, sequence)

    def drop(self, partner: str, series: int, sequence: int) -> None:
        """Remove the files of a settled delivery: of what is repaired later nothing stays here."""
        shutil.rmtree(self.path(partner, series, sequence), ignore_errors=True)


class Builder:
    """Makes deliveries; one process at a time (`alone`, indexer/exchange/running.py)."""

    def __init__(self, register: Register, outbox: Outbox, sender: str) -> None:
        self.register, self.outbox, self.sender = register, outbox, sender
        self.engine, self.clock = register.engine, register.clock

    def build(self, partner: Standing) -> bool:
        """Make the next delivery to a partner if there is one to make: on its schedule, or as soon as it has to drop something."""
        now = self.clock.now()
        scheduled = not partner.loaded or partner.it.due(partner.scheduled_at, now)
        folder = self.outbox.path(partner.name, partner.series, partner.sequence + 1)
        aside = folder.with_name(f".{folder.name}")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True, mode=0o700)
        with reading(self.engine) as connection:
            version, bound = version_at(connection, None).number, looked_up_to(connection)
            written = Written(through=partner.through)
            self._removals(connection, partner, aside, written)
            if scheduled:
                self._records(connection, partner, aside, bound, written)
        loaded = partner.loaded or (scheduled and written.through >= bound)
        tells_complete = loaded and not partner.loaded and partner.series > 1
        if not written.rows and not tells_complete:
            shutil.rmtree(aside)
            if scheduled:
                self._note_nothing(partner, written, _place(written, self.clock.today(), loaded, now))
            return False
        manifest = self._manifest(partner, aside, written, loaded, now)
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed before it gave the number
        aside.rename(folder)
        place = _place(written, self.clock.today(), loaded, now) if scheduled else {}
        if not self._file(partner, written, manifest, digest_of(folder / MANIFEST), version, place):
            shutil.rmtree(folder)
            return False
        return True

    def _removals(self, connection: Connection, partner: Standing, folder: Path, written: Written) -> None:
        asked = (
            select(RemovalRow.__table__)
            .where(RemovalRow.partner_id == partner.id, RemovalRow.delivery_id.is_(None))
            .order_by(RemovalRow.id)
            .limit(LARGEST)
        )
        rows = connection.execute(asked).all()
        if not rows:
            return
        with _opened(folder / REMOVALS, REMOVAL_HEADER) as out:
            for row in rows:
                out.writerow(_removal_cells(row))
        written.rows["removals"] = len(rows)
        written.removals = [row.id for row in rows]

    def _records(
        self, connection: Connection, partner: Standing, folder: Path, bound: int, written: Written
    ) -> None:
        """Everything public that changed in the partner's range, in the order of recording, up to `LARGEST` records."""
        today, files = self.clock.today(), _Files(folder)
        looked = 0
        for row in self._changed(connection, partner, bound):
            if row.id > partner.through:
                written.through = row.id
            if is_public(row, today) and gets(partner.it, row.kind, row.region, row.uscc):
                rendered = template(row.kind).render(self.register.told_by([row], today))
                if faults := faults_in(rendered):
                    reasons = [[each.column, each.zh] for each in faults]
                    written.unsent[row.record_id] = _unsent(partner, row, reasons, self.clock.now())
                else:
                    files.add(row, [str(cell) for cell in rendered])
                    written.sent.append(row.record_id)
                    looked += 1
            if looked >= LARGEST and row.id > partner.through:
                break
        else:
            written.through = max(written.through, bound)
        files.close()
        written.rows |= files.rows

    def _changed(self, connection: Connection, partner: Standing, bound: int) -> Iterator[Any]:
        """Current versions that begin to be shown by the calendar since the last time, then those recorded since."""
        ours = CURRENT.where(Version.kind.in_(partner.it.gets)).execution_options(yield_per=AT_A_TIME)
        begun = (Version.public_from > partner.day) & (Version.public_from <= self.clock.today())
        yield from connection.execute(ours.where(begun, Version.id <= partner.through).order_by(Version.id))
        since = (Version.id > partner.through) & (Version.id <= bound)
        yield from connection.execute(ours.where(since).order_by(Version.id))

    def _manifest(
        self, partner: Standing, folder: Path, written: Written, loaded: bool, now: datetime
    ) -> Manifest:
        files = []
        for kind, rows in written.rows.items():
            path = folder / (REMOVALS if kind == "removals" else f"{kind}.csv")
            size, digest = path.stat().st_size, digest_of(path)
            files.append(FileEntry(name=path.name, kind=kind, rows=rows, bytes=size, sha256=digest))
        manifest = Manifest(
            sender=self.sender,
            series=partner.series,
            sequence=partner.sequence + 1,
            previous=partner.sequence,
            made_at=now,
            complete=loaded,
            acknowledge=partner.it.acknowledges,
            files=tuple(files),
        )
        with (folder / MANIFEST).open("wb") as file:
            file.write(manifest.to_bytes())
            file.flush()
            os.fsync(file.fileno())
        return manifest

    def _file(
        self,
        partner: Standing,
        written: Written,
        manifest: Manifest,
        digest: str,
        version: int,
        place: dict[str, Any],
    ) -> bool:
        """Give the delivery its number, and the partner its new place, in one transaction; False where a new series has begun meanwhile."""
        removals, today = len(written.removals), self.clock.today()
        rows = sum(written.rows.values()) - removals
        values = {
            "partner_id": partner.id,
            "series": manifest.series,
            "sequence": manifest.sequence,
            "state": "waiting",
            "through": written.through,
            "register_version": version,
            "day": today,
            "rows": rows,
            "removals": removals,
            "digest": digest,
            "made_at": manifest.made_at,
            "due_at": manifest.made_at + timedelta(hours=partner.it.acknowledge_hours),
            "rejected": 0,
            "tries": 0,
            "next_try_at": manifest.made_at,
        }
        with filing(self.engine, BUSY_SECONDS) as connection:
            if not _advance(connection, partner, {"sequence": manifest.sequence} | place):
                return False
            made = insert(DeliveryRow).values(**values).returning(DeliveryRow.id)
            number = connection.execute(made).scalar_one()
            for some in batched(written.removals, AT_A_TIME):
                taken = update(RemovalRow).where(RemovalRow.id.in_(some)).values(delivery_id=number)
                connection.execute(taken)
            _note_unsent(connection, partner, written)
            entry = Entry(
                *(Event.MADE, True, manifest.series, manifest.sequence, rows, removals), digest=digest
            )
            ledger.enter(connection, manifest.made_at, partner.id, entry)
        return True

    def _note_nothing(self, partner: Standing, written: Written, place: dict[str, Any]) -> None:
        with filing(self.engine, BUSY_SECONDS) as connection:
            if _advance(connection, partner, place):
                _note_unsent(connection, partner, written)


def _advance(connection: Connection, partner: Standing, values: dict[str, Any]) -> bool:
    """Move a partner on, unless a new series was begun meanwhile: what was made of the old one then counts for nothing."""
    same = (PartnerRow.id == partner.id) & (PartnerRow.series == partner.series)
    return bool(connection.execute(update(PartnerRow).where(same).values(**values)).rowcount)


class _Files:
    """A CSV of each kind, begun with its first row, and beside them which line is which record."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, _Csv] = {}
        self.rows: dict[str, int] = {}

    def add(self, row: Any, cells: list[str]) -> None:
        """Write one record."""
        if not self._open:
            self._open[LINES] = _opened(self._folder / LINES, ("file", "line", "record", "version"))
        if row.kind not in self._open:
            self._open[row.kind] = _opened(self._folder / f"{row.kind}.csv", template(row.kind).header)
        file = self._open[row.kind]
        self._open[LINES].writerow([f"{row.kind}.csv", str(file.line), row.record_id, str(row.id)])
        file.writerow(cells)
        self.rows[row.kind] = self.rows.get(row.kind, 0) + 1

    def close(self) -> None:
        """End all files."""
        for file in self._open.values():
            file.close()


class _Csv:
    """A CSV in UTF-8, lines ending as RFC 4180 has it, on the disk when it is closed."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._writer = file, csv.writer(file)
        self.line = 1  # where the next row begins

    def __enter__(self) -> "_Csv":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def writerow(self, cells: Sequence[str]) -> None:
        """Write one line."""
        self._writer.writerow(cells)
        self.line += 1 + sum(len(cell.splitlines()) - 1 for cell in cells if cell)

    def close(self) -> None:
        """End the file."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def _opened(path: Path, header: tuple[str, ...]) -> _Csv:
    made = _Csv(path.open("w", encoding="utf-8", newline=""))
    made.writerow(header)
    return made


def _removal_cells(row: Any) -> list[str]:
    keys = row.keys
    return [
        row.kind,
        keys.get("code", ""),
        keys.get("document_number", ""),
        keys.get("number", ""),
        keys.get("list", ""),
        keys.get("scheme") or keys.get("title", ""),
        keys.get("issuer", ""),
        keys.get("listed_on") or keys.get("rated_on", ""),
        row.reason,
        REASONS[row.reason][0],
        day_of(row.found_at).isoformat(),
        row.record_id,
    ]


def _unsent(partner: Standing, row: Any, reasons: list[list[str]], now: datetime) -> dict[str, Any]:
    return {
        "partner_id": partner.id,
        "record_id": row.record_id,
        "first_version_id": row.id,
        "version_id": row.id,
        "kind": row.kind,
        "by_partner": False,
        "reasons": reasons,
        "found_at": now,
    }


def _note_unsent(connection: Connection, partner: Standing, written: Written) -> None:
    """Keep what could not be sent, and forget what could by now."""
    for some in batched(written.sent, AT_A_TIME):
        own = (UnsentRow.partner_id == partner.id) & among(connection, UnsentRow.record_id, some)
        connection.execute(delete(UnsentRow).where(own))
    put_unsent(connection, list(written.unsent.values()))


def put_unsent(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Keep what is not at a partner, in place of what was known of the same records."""
    add = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    for some in batched(rows, AT_A_TIME):
        made = add(UnsentRow)
        new = {name: made.excluded[name] for name in ("version_id", "by_partner", "reasons", "found_at")}
        connection.execute(
            made.on_conflict_do_update(index_elements=["partner_id", "record_id"], set_=new), some
        )


def _place(written: Written, today: Any, loaded: bool, now: datetime) -> dict[str, Any]:
    return {"through": written.through, "day": today, "loaded": loaded, "scheduled_at": now}

"""What is held about a subject (留存信息), public or not, for the subject itself and for staff: with `handling`, for the desk, the
way around the door.

Nothing else gives out what is not public, and no public page or answer may use this module (import-linter holds it). Whoever calls
`held_about` writes into the audit who looked. What nobody is shown stays out here as well: numbers of persons, who informed, the
internal risk class (domain.md parts 5 and 6); of a record that was taken back or is about a natural person only that it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from indexer.identifiers import Codes
from indexer.kinds import kinds
from indexer.kinds.base import day_in
from indexer.kinds.declaration import KINDS as DECLARED
from indexer.kinds.persons import NATURAL_PERSON
from indexer.register.database import reading
from indexer.register.disclosure import SOLE_TRADER, PublicRecord, PublicSubject, disclose, is_public
from indexer.register.held import TAKEN_DOWN, HeldRecord, standing_of
from indexer.register.models import Batch
from indexer.register.reading import Register
from indexer.register.versions import (
    RegisterVersion,
    believed_in,
    chains_of_subjects,
    instants_of,
    latest_of,
    states_of,
)
from indexer.rules.repair import Missing, Repair, missing


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """One version of a record: when the register knew it, from which source, file and line, and why it was made.

    `said` is what it said, None where that may not be read.
    """

    number: int
    recorded_at: datetime
    superseded_at: datetime | None
    batch: int
    action: str  # of the batch: ingest, withdraw, repair, unrepair …
    source: str | None
    path: str | None
    line: int | None
    change: str
    reason: str | None
    said: PublicRecord | None


@dataclass(frozen=True, slots=True)
class OwnRecord(HeldRecord):
    """One record as its subject reads it; `content` is None where only its standing is told."""

    dated: date | None
    content: PublicRecord | None
    repair: Repair | None
    corrected_on: date | None
    versions: tuple[HeldVersion, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """Everything that is held about one subject, the newest first, with what its repairs depend on beside the records themselves.

    `promised_on` is the day of its latest public 信用承诺, `serious_on` that of its latest serious penalty.
    """

    subject: PublicSubject
    records: tuple[OwnRecord, ...]
    promised_on: date | None
    serious_on: date | None
    version: RegisterVersion

    def record(self, identity: str) -> OwnRecord | None:
        """One of the records."""
        return next((each for each in self.records if each.id == identity), None)

    def missing(
        self, record: OwnRecord, today: date, corrected_on: date | None = None
    ) -> tuple[Missing, ...]:
        """What the repair of a record still needs; `corrected_on` where something else than the record proves it."""
        if record.repair is None:
            return ()
        return missing(
            record.repair,
            today,
            corrected_on=record.corrected_on or corrected_on,
            promised_on=self.promised_on,
            serious_on=self.serious_on,
        )


def held_about(register: Register, codes: Codes) -> Holding | None:
    """All that is held about the subject of a code, whether it is public or not; None where nothing is."""
    with reading(register.engine) as connection:
        found = chains_of_subjects(connection, codes)
        if len(found) != 1:
            return None
        [chains] = found
        return _Reader(connection, register, chains).holding()


def nothing_held(register: Register, codes: Codes) -> Holding:
    """The holding of an enterprise about which nothing is held: it has no name here yet, only its code."""
    code = codes.uscc or ""
    subject = PublicSubject(0, "enterprise", code, codes.uscc, codes.organisation_code, None, "", None)
    return Holding(subject, (), None, None, register.version())


class _Reader:
    def __init__(
        self, connection: Connection, register: Register, chains: Mapping[str, Sequence[Any]]
    ) -> None:
        rows = [row for chain in chains.values() for row in chain]
        self.today = register.clock.today()
        self.chains = chains
        self.subject = _subject(rows[0])
        self.own = (self.subject.uscc or "").startswith(SOLE_TRADER)
        self.instants = instants_of(connection, {row.superseded_in for row in rows if row.superseded_in})
        batches = select(Batch.id, Batch.path, Batch.action).where(
            Batch.id.in_({row.recorded_in for row in rows})
        )
        self.batches = {row.id: row for row in connection.execute(batches)}

    def holding(self) -> Holding:
        records = sorted(
            (self.record(identity, chain) for identity, chain in self.chains.items()),
            key=lambda record: (record.dated or date.min, record.id),
            reverse=True,
        )
        known = latest_of({identity: list(chain) for identity, chain in self.chains.items()})
        return Holding(
            self.subject,
            tuple(records),
            max(self._promises(), default=None),
            max(self._serious(), default=None),
            known,
        )

    def record(self, identity: str, chain: Sequence[Any]) -> OwnRecord:
        row, kind = chain[-1], kinds()[chain[-1].kind]
        counting = believed_in(chain, None)
        values = row.payload or {}
        return OwnRecord(
            id=identity,
            kind=kind,
            standing=standing_of(row, self.today),
            public_from=row.public_from,
            public_until=row.public_until,
            dated=row.dated,
            content=self._said(row, counting) if self._readable(row) else None,
            repair=kind.repair(values, self.today) if row.payload is not None else None,
            corrected_on=day_in(values, "corrected_on"),
            versions=tuple(self._version(at, chain) for at in range(len(chain))),
        )

    def _said(self, row: Any, chain: Sequence[Any]) -> PublicRecord:
        return disclose(row, self.subject, states_of(chain), self.today, own=True)

    def _readable(self, row: Any) -> bool:
        """Whether the subject may read what a version says: it was not taken back, and is not about a natural person that it is not itself."""
        return row.payload is not None and (row.withheld != NATURAL_PERSON or self.own)

    def _version(self, at: int, chain: Sequence[Any]) -> HeldVersion:
        row = chain[at]
        batch = self.batches[row.recorded_in]
        told = chain[-1].change != TAKEN_DOWN and row.withdrawn_in is None and self._readable(row)
        return HeldVersion(
            number=at + 1,
            recorded_at=row.recorded_at,
            superseded_at=self.instants.get(row.superseded_in),
            batch=row.recorded_in,
            action=batch.action,
            source=(row.payload or {}).get("source") or row.source,
            path=batch.path,
            line=row.line,
            change=row.change,
            reason=row.reason,
            said=self._said(row, chain[: at + 1]) if told else None,
        )

    def _promises(self) -> Iterator[date]:
        promise = DECLARED["promise"].zh
        for chain in self.chains.values():
            row = chain[-1]
            made = row.kind == "declaration" and row.category == promise and row.status != "withdrawn"
            if made and row.dated and is_public(row, self.today):
                yield row.dated

    def _serious(self) -> Iterator[date]:
        for chain in self.chains.values():
            row = chain[-1]
            if row.kind != "penalty" or row.payload is None or row.withheld == "withdrawn-by-authority":
                continue
            repair = kinds()[row.kind].repair(row.payload, self.today)
            if repair is not None and repair.severity == "serious":
                yield repair.began_on


def _subject(row: Any) -> PublicSubject:
    return PublicSubject(
        row.subject_id,
        row.subject_type,
        row.uscc or row.subject_code,
        row.uscc,
        row.organisation_code,
        row.registration_number,
        row.subject_name,
        row.subject_region,
    )

"""Reading the register: every question the portal, sync and exports ask, answered through the door of `disclosure`.

All answers are as of a day (`as_of`, when the fact held) and as known in a register version (`known`, what had been recorded).
What today's disclosure forbids is left out of answers about the past as well.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    func,
    or_,
    select,
    tuple_,
)

from indexer.certificate_numbers import normal
from indexer.clock import Clock
from indexer.errors import NotFound
from indexer.identifiers import Codes
from indexer.kinds import kinds
from indexer.register.database import reading
from indexer.register.disclosure import (
    PublicRecord,
    PublicSubject,
    disclose,
    is_public,
    public_on,
)
from indexer.register.exact import OWN_FIRST, meant
from indexer.register.models import Batch, Subject, Version
from indexer.register.subjects import DESCRIBING, subject_name, subjects_by_codes
from indexer.register.versions import (
    AMONG,
    CURRENT,
    OF_RECORD,
    RegisterVersion,
    believed_in,
    chains_by_number,
    chains_of,
    chains_of_subjects,
    instants_of,
    joined_versions,
    latest_of,
    rows_of,
    states_of,
    version_at,
)


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One publication, as the operator's list shows it."""

    number: int
    recorded_at: datetime | None
    action: str
    kind: str | None
    path: str | None
    added: int
    changed: int
    rejected: int
    withdrawn_in: int | None
    unchanged: int
    source: str | None
    reason: str | None
    withdraws: int | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version of a record in its history. `record` is None where its content may not be shown (any more)."""

    number: int
    recorded_at: datetime
    superseded_at: datetime | None
    change: str
    reason: str | None
    record: PublicRecord | None


@dataclass(frozen=True, slots=True)
class CreditFile:
    """Everything public about one subject (信用档案): its own records among them, newest first, and its earlier names."""

    subject: PublicSubject
    former_names: tuple[str, ...]
    records: tuple[PublicRecord, ...]
    version: RegisterVersion

    def of_kind(self, name: str) -> list[PublicRecord]:
        """Its records of one kind, newest first."""
        return [record for record in self.records if record.kind.name == name]


class Register:
    """The register as its readers see it."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock

    def batches(self, limit: int, below: int | None = None) -> list[BatchEntry]:
        """The latest batches, newest first, from the one before `below` on."""
        columns = (Batch.id, Batch.recorded_at, Batch.action, Batch.kind, Batch.path)
        counts = (Batch.added, Batch.changed, Batch.rejected, Batch.withdrawn_in, Batch.unchanged)
        asked = select(*columns, *counts, Batch.source, Batch.reason, Batch.withdraws)
        if below is not None:
            asked = asked.where(Batch.id < below)
        with reading(self.engine) as connection:
            rows: Iterable[Any] = connection.execute(asked.order_by(Batch.id.desc()).limit(limit))
            return [BatchEntry(*row) for row in rows]

    def version(self, known_at: datetime | None = None) -> RegisterVersion:
        """The register's latest version, or the latest one recorded by the instant `known_at`."""
        with reading(self.engine) as connection:
            return version_at(connection, known_at)

    def subjects(self, codes: Codes) -> list[PublicSubject]:
        """The subjects that a code means: none, one, or two where an organisation code was given out twice."""
        with reading(self.engine) as connection:
            return [_subject(row) for row in subjects_by_codes(connection, codes)]

    def codes_in_use(self, usccs: Iterable[str]) -> list[str]:
        """Those of some unified codes that belong to a subject; for suggestions, so at most a few dozen."""
        with reading(self.engine) as connection:
            return list(
                connection.scalars(
                    select(Subject.uscc).where(Subject.uscc.in_(list(usccs))).order_by(Subject.uscc)
                )
            )

    def credit_file(
        self, codes: Codes, as_of: date | None = None, known_at: datetime | None = None
    ) -> list[CreditFile]:
        """The credit files of the subjects that a code means; one without a single public record is left out."""
        with reading(self.engine) as connection:
            known = version_at(connection, known_at) if known_at is not None else None
            files = []
            for chains in chains_of_subjects(connection, codes):
                file = self.file_of(chains, as_of, known)
                if file is not None:
                    files.append(file)
            return files

    def file_of(
        self, chains: dict[str, list[Any]], as_of: date | None, known: RegisterVersion | None
    ) -> CreditFile | None:
        """The credit file that all versions of one subject's records make; None without a single public record.

        Where `known` is None the rows must carry the register's newest version, as those of `chains_of_subjects` do.
        """
        counting = _counting(chains, known)
        believed = [row for _, rows in counting for row in rows]
        some_row = next(iter(chains.values()))[0]
        subject = _subject_of(some_row, subject_name(believed) or some_row.subject_code)
        records = self._disclosed(counting, as_of, subject)
        if subject is None or not records:
            return None
        return CreditFile(subject, _former_names(subject, believed), records, known or latest_of(chains))

    def by_number(
        self, numbers: Sequence[str], as_of: date | None = None, known_at: datetime | None = None
    ) -> tuple[tuple[PublicRecord, ...], RegisterVersion]:
        """Records of verifiable kinds with one of these normalised numbers, and the register version that says so."""
        with reading(self.engine) as connection:
            known = version_at(connection, known_at) if known_at is not None else None
            chains = chains_by_number(connection, numbers)
            return self._disclosed(_counting(chains, known), as_of), known or latest_of(chains)

    def numbers_near(self, number: str, variants: Iterable[str], limit: int = 200) -> list[str]:
        """Public numbers that might have been meant: exact `variants`, and those that begin like `number`."""
        verifiable = [name for name, kind in kinds().items() if kind.verifiable]
        ours = Version.kind.in_(verifiable) & Version.superseded_in.is_(None) & public_on(self.clock.today())
        with reading(self.engine) as connection:
            found = list(
                connection.scalars(
                    select(Version.number).where(Version.number.in_(list(variants)), ours).limit(20)
                )
            )
            for length in (len(number) - 1, len(number) - 3, 6):
                if length >= 3 and length < len(number):
                    start = number[:length]
                    begins = (Version.number >= start) & (Version.number < start + "\U0010fffd")
                    found += connection.scalars(
                        select(Version.number).where(begins, ours).order_by(Version.number).limit(limit)
                    )
            return list(dict.fromkeys(n for n in found if n is not None))

    def listings(
        self, category: str, since: date | None, region: str | None, limit: int, after: tuple[str, str] | None
    ) -> list[PublicRecord]:
        """Public entries of one list, newest first, after the key (day, record id) of the page before."""
        today = self.clock.today()
        wanted = (
            (Version.kind == "listing")
            & (Version.category == category)
            & Version.superseded_in.is_(None)
            & public_on(today)
        )
        if since is not None:
            wanted &= Version.dated >= since
        if region is not None:
            wanted &= Version.region == region
        if after is not None:
            day, record = date.fromisoformat(after[0]), after[1]
            wanted &= tuple_(Version.dated, Version.record_id) < tuple_(day, record)
        query = (
            joined_versions()
            .where(wanted)
            .order_by(Version.dated.desc(), Version.record_id.desc())
            .limit(limit)
        )
        with reading(self.engine) as connection:
            return [self._alone(row, today) for row in rows_of(connection, query)]

    def newest_listings(
        self, category: str, since: date | None, region: str | None, limit: int
    ) -> list[PublicRecord]:
        """Public entries of one list, the latest recorded first, whatever day they are dated: for feeds, which tell what is new."""
        today = self.clock.today()
        wanted = (
            (Version.kind == "listing") & (Version.category == category) & Version.superseded_in.is_(None)
        )
        if since is not None:
            wanted &= Version.dated >= since
        if region is not None:
            wanted &= Version.region == region
        query = joined_versions().where(wanted, public_on(today)).order_by(Version.id.desc()).limit(limit)
        with reading(self.engine) as connection:
            return [self._alone(row, today) for row in connection.execute(query)]

    def records(self, ids: Sequence[str]) -> dict[str, PublicRecord]:
        """The current public versions of a page or a batch of records (some thousands), by id; those that may not be shown are absent."""
        with reading(self.engine) as connection:
            return self.records_within(connection, ids, self.clock.today())

    def records_within(
        self, connection: Connection, ids: Sequence[str], day: date
    ) -> dict[str, PublicRecord]:
        """The same as of a day, within a transaction of `reading`."""
        rows = rows_of(connection, AMONG, {"ids": list(ids)})
        return {row.record_id: self._alone(row, day) for row in rows if is_public(row, day)}

    def exactly(self, text: str, limit: int) -> list[PublicRecord]:
        """At most `limit` current public records that `text` names in full, for when no search engine answers.

        It may be a subject's code in any form, its name of now, or a record's number. A subject's own record comes first, then what
        it holds, newest first; then the records with that number. Earlier names are not looked at: no index of the register has them.
        """
        today = self.clock.today()
        current = CURRENT.where(public_on(today)).limit(limit)
        with reading(self.engine) as connection:
            subjects = meant(connection, text, limit)
            held = current.where(Version.subject_id.in_(subjects)).order_by(*OWN_FIRST)
            numbered = current.where(Version.number == normal(text)).order_by(*OWN_FIRST)
            queries = (held, numbered) if subjects else (numbered,)
            rows = [row for query in queries for row in rows_of(connection, query)]
        return [self._alone(row, today) for row in {row.record_id: row for row in rows}.values()][:limit]

    def last_version(self) -> int:
        """The id of the newest version, 0 in an empty register."""
        with reading(self.engine) as connection:
            return connection.scalar(select(func.max(Version.id))) or 0

    def records_between(self, low: int, high: int) -> list[PublicRecord]:
        """The public records whose current version has an id above `low` and up to `high`, in the order of recording."""
        within = (Version.id > low) & (Version.id <= high)
        return self._public(CURRENT.where(within).order_by(Version.id))

    def records_from(self, first: str, beyond: str) -> list[PublicRecord]:
        """The current public records with an id from `first` on and before `beyond`, in the order of the ids."""
        within = (Version.record_id >= first) & (Version.record_id < beyond)
        return self._public(CURRENT.where(within).order_by(Version.record_id))

    def record(self, identity: str) -> PublicRecord:
        """One record as it is public today. Raises NotFound."""
        with reading(self.engine) as connection:
            chains = chains_of(connection, OF_RECORD, record=identity)
            found = self._disclosed(_counting(chains, None), None)
        if not found:
            raise _no_record()
        return found[0]

    def history(self, identity: str) -> list[HistoryEntry]:
        """A public or withdrawn record's versions, oldest first. Raises NotFound, also where today's disclosure hides the record.

        Of a record that was withdrawn only the days and the reason are told, not what it said.
        """
        today = self.clock.today()
        with reading(self.engine) as connection:
            chain = chains_of(connection, OF_RECORD, record=identity).get(identity, [])
            instants = instants_of(connection, {row.superseded_in for row in chain if row.superseded_in})
        if not chain or not (is_public(chain[-1], today) or chain[-1].change == "withdrawn"):
            raise _no_record()
        hidden = chain[-1].change == "withdrawn"
        return [
            HistoryEntry(
                number=at + 1,
                recorded_at=row.recorded_at,
                superseded_at=instants.get(row.superseded_in),
                change=row.change,
                reason=row.reason,
                record=None
                if hidden or row.withdrawn_in is not None or not is_public(row, today)
                else disclose(row, _subject_of(row), states_of(chain[: at + 1]), today),
            )
            for at, row in enumerate(chain)
        ]

    def counts(self) -> dict[str, int]:
        """How many records of each kind are public today."""
        query = (
            select(Version.kind, func.count())
            .where(Version.superseded_in.is_(None), public_on(self.clock.today()))
            .group_by(Version.kind)
        )
        with reading(self.engine) as connection:
            found = {str(row[0]): int(row[1]) for row in connection.execute(query)}
        return {name: found.get(name, 0) for name in kinds()}

    def former_names(self, subject_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Earlier names of subjects, for their search documents."""
        query = joined_versions().where(
            Version.subject_id.in_(subject_ids),
            Version.kind.in_(DESCRIBING),
            or_(Version.superseded_in.is_not(None), Version.payload["former_names"].as_string().is_not(None)),
        )
        believed: dict[int, list[Any]] = defaultdict(list)
        subjects: dict[int, PublicSubject] = {}
        with reading(self.engine) as connection:
            for row in connection.execute(query.order_by(Version.recorded_in)):
                if row.withdrawn_in is None and (subject := _subject_of(row)) is not None:
                    subjects[row.subject_id] = subject
                    believed[row.subject_id].append(row)
        return {
            own: names
            for own, subject in subjects.items()
            if (names := _former_names(subject, believed[own]))
        }

    def told_by(self, believed: Sequence[Any], day: date) -> PublicRecord:
        """A public record as its versions that count tell it, oldest first: the content of the last, the state of `day` from all."""
        return disclose(believed[-1], _subject_of(believed[-1]), states_of(believed), day)

    def _public(self, query: Select[Any]) -> list[PublicRecord]:
        """The public ones of some current versions."""
        today = self.clock.today()
        with reading(self.engine) as connection:
            rows = rows_of(connection, query)
        return [self._alone(row, today) for row in rows if is_public(row, today)]

    def _alone(self, row: Any, day: date) -> PublicRecord:
        """A current version whose earlier ones do not matter, because the state of today is its own."""
        return disclose(row, _subject_of(row), states_of([row]), day)

    def _disclosed(
        self,
        counting: Iterable[tuple[list[Any], list[Any]]],
        as_of: date | None,
        subject: PublicSubject | None = None,
    ) -> tuple[PublicRecord, ...]:
        """What may be shown of each chain of versions, by those that count, in the state of `as_of`; newest first.

        `subject` is whom they are all about, where that is known already.
        """
        today = self.clock.today()
        records = []
        for chain, believed in counting:
            if not is_public(chain[-1], today):
                continue
            if not believed or not is_public(believed[-1], today):
                continue
            about = subject or _subject_of(believed[-1])
            records.append(disclose(believed[-1], about, states_of(believed), as_of or today))
        return tuple(sorted(records, key=lambda record: (record.dated or date.min, record.id), reverse=True))


def _counting(
    chains: dict[str, list[Any]], known: RegisterVersion | None
) -> list[tuple[list[Any], list[Any]]]:
    """Each chain of versions with those of them that count."""
    return [(chain, believed_in(chain, known)) for chain in chains.values()]


def _former_names(subject: PublicSubject, believed: Sequence[Any]) -> tuple[str, ...]:
    """Names that the subject's own records state, or stated before, other than its name of now; most recent first."""
    names: list[str] = []
    own = [row for row in believed if row.kind in DESCRIBING and row.payload is not None]
    for row in sorted(own, key=lambda row: row.recorded_in, reverse=True):
        names.append(row.name or "")
        if stated := row.payload.get("former_names"):
            names += map(str.strip, re.split("[；;、]", str(stated)))
    return tuple(name for name in dict.fromkeys(names) if name and name != subject.name)


def _subject(row: Any) -> PublicSubject:
    return PublicSubject(
        row.id,
        row.type,
        row.uscc or row.code,
        row.uscc,
        row.organisation_code,
        row.registration_number,
        row.name,
        row.region,
    )


def _subject_of(row: Any, name: str | None = None) -> PublicSubject | None:
    """Whom a row of `joined_versions` is about, called `name` or as the subject is called now."""
    if row.subject_id is None:
        return None
    return PublicSubject(
        row.subject_id,
        row.subject_type,
        row.uscc or row.subject_code,
        row.uscc,
        row.organisation_code,
        row.registration_number,
        name or row.subject_name,
        row.subject_region,
    )


def _no_record() -> NotFound:
    return NotFound("没有这条记录，或它已不再公示。", "There is no such record, or it is no longer public.")

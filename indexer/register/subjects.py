"""Whom a row is about: finds the subject by its codes, makes it when it is new, keeps its name and region as its own record says.

Two enterprises are never taken for one: a subject is found by code alone, never by name, and a code that fits two is refused.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Text,
    bindparam,
    func,
    insert,
    select,
    update,
)

from indexer.identifiers import Codes
from indexer.kinds import kinds
from indexer.kinds.base import Kind, Problem
from indexer.register.bulk import among, insert_rows
from indexer.register.draft import Draft
from indexer.register.models import SUBJECTS, Batch, Outbox, Subject, Touched, Version

DESCRIBING = tuple(name for name, kind in kinds().items() if kind.subject_type is not None)
UNSAID = "organisation"  # type of a subject of which only other records are known


@dataclass(slots=True)
class SubjectRow:
    """A subject as the register has it."""

    id: int
    type: str
    code: str
    uscc: str | None
    organisation_code: str | None
    registration_number: str | None
    name: str
    region: str | None


_row = attrgetter(*SUBJECTS.c.keys())

_COLUMNS = (
    Subject.id,
    Subject.type,
    Subject.code,
    Subject.uscc,
    Subject.organisation_code,
    Subject.registration_number,
    Subject.name,
    Subject.region,
)


_BY_USCC = select(*_COLUMNS).where(
    Subject.uscc == bindparam("code")
)  # built once: most questions are asked by it


def find_subjects(connection: Connection, where: ColumnElement[bool]) -> list[SubjectRow]:
    """The subjects that fit a condition, oldest first."""
    return [
        SubjectRow(*row) for row in connection.execute(select(*_COLUMNS).where(where).order_by(Subject.id))
    ]


def subjects_by_codes(connection: Connection, codes: Codes) -> list[SubjectRow]:
    """Every subject that the codes may mean: usually one, two where an organisation code was given out twice."""
    if codes.uscc is not None:
        row = connection.execute(_BY_USCC, {"code": codes.uscc}).first()
        if row is not None:
            return [SubjectRow(*row)]
    return _Found(connection, [codes], True).by(codes)


def subjects_by_each(connection: Connection, codes: Sequence[Codes]) -> list[list[SubjectRow]]:
    """The same for each of many codes, in their order, with three statements."""
    found = _Found(connection, codes, True)
    return [found.by(each) for each in codes]


def subjects_named(connection: Connection, names: Collection[str]) -> list[SubjectRow]:
    """The subjects that are called by one of `names` now, as written, oldest first; of thousands of names with one statement."""
    if connection.dialect.name == "sqlite":
        return find_subjects(connection, among(connection, Subject.name, names))
    # The index on PostgreSQL is a hash, which answers one name at a time: a list of values would be looked for in every row.
    listed = select(func.unnest(bindparam("names", list(names), ARRAY(Text))))
    return find_subjects(connection, Subject.name.in_(listed))


def subject_name(believed: Sequence[Any]) -> str | None:
    """What a subject is called by the versions that count: as its own record last says, else as the first one that may be shown does.

    A record that is withheld names nobody: it may be a person's.
    """
    own = [row for row in believed if row.kind in DESCRIBING and row.change != "withdrawn" and row.name]
    if own:
        return str(max(own, key=lambda row: row.recorded_in).name)
    named = [row for row in believed if row.name and row.withheld is None]
    return str(min(named, key=lambda row: (row.recorded_in, row.id)).name) if named else None


class _Found:
    """The subjects that some codes may mean, read with three queries however many codes there are."""

    def __init__(self, connection: Connection, codes: Sequence[Codes], some_without_uscc: bool) -> None:
        self._by_uscc: dict[str, SubjectRow] = {}
        self._by_organisation: dict[str, list[SubjectRow]] = defaultdict(list)
        self._by_number: dict[str, list[SubjectRow]] = defaultdict(list)
        usccs = {c.uscc for c in codes if c.uscc}
        numbers = {number for c in codes if not c.uscc and (number := c.registration_number or c.opaque)}
        for column, values in ((Subject.uscc, usccs), (Subject.registration_number, numbers)):
            for subject in find_subjects(connection, among(connection, column, values)) if values else ():
                self.add(subject)
        open_codes = [c for c in codes if not c.uscc or (some_without_uscc and c.uscc not in self._by_uscc)]
        if organisations := {c.organisation_code for c in open_codes if c.organisation_code}:
            for subject in find_subjects(
                connection, among(connection, Subject.organisation_code, organisations)
            ):
                self.add(subject)

    def add(self, subject: SubjectRow) -> None:
        if subject.uscc:
            self._by_uscc.setdefault(subject.uscc, subject)
        for index, key in (
            (self._by_number, subject.registration_number),
            (self._by_organisation, subject.organisation_code),
        ):
            if key and all(known.id != subject.id for known in index[key]):
                index[key].append(subject)

    def by(self, codes: Codes) -> list[SubjectRow]:
        if codes.uscc:
            if codes.uscc in self._by_uscc:
                return [self._by_uscc[codes.uscc]]
            return [s for s in self._by_organisation.get(codes.organisation_code or "", ()) if s.uscc is None]
        found = [
            *self._by_number.get(codes.registration_number or codes.opaque or "", ()),
            *self._by_organisation.get(codes.organisation_code or "", ()),
        ]
        return list({subject.id: subject for subject in found}.values())


class Subjects:
    """Subjects of one batch; the writers' lock is held, so ids may be given out here."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._last = connection.scalar(select(func.max(Subject.id))) or 0
        without_uscc = select(Subject.id).where(Subject.uscc.is_(None)).limit(1)
        self._some_without_uscc = connection.scalar(without_uscc) is not None

    def resolve(
        self, kind: Kind, drafts: Sequence[Draft], rejected: list[tuple[Draft, Problem]], today: date
    ) -> list[SubjectRow | None]:
        """The subject of each draft, made where new; None where the draft has no code, or where its code fits two (rejected)."""
        found = _Found(self.connection, [d.codes for d in drafts if d.codes], self._some_without_uscc)
        new: list[SubjectRow] = []
        completed: list[dict[str, Any]] = []
        resolved: list[SubjectRow | None] = []
        for draft in drafts:
            fitting = found.by(draft.codes) if draft.codes else []
            subject = fitting[0] if fitting else None
            if len(fitting) > 1:
                rejected.append((draft, _ambiguous(fitting)))
                subject = None
            elif draft.codes and subject is None:
                subject = self._made(kind, draft, draft.codes, today)
                new.append(subject)
                found.add(subject)
            elif draft.codes and subject and draft.codes.uscc and subject.uscc is None:
                subject.uscc = draft.codes.uscc
                found.add(subject)
                completed.append({"own": subject.id, "to_uscc": subject.uscc})
            resolved.append(subject)
        if new:
            insert_rows(self.connection, SUBJECTS, [_row(subject) for subject in new])
        if completed:
            self.connection.execute(
                update(SUBJECTS).where(SUBJECTS.c.id == bindparam("own")).values(uscc=bindparam("to_uscc")),
                completed,
            )
            of_them = Version.subject_id.in_([each["own"] for each in completed])
            shown = select(Version.record_id).where(of_them, Version.superseded_in.is_(None))
            self.connection.execute(insert(Touched).from_select(["record_id"], shown))
        return resolved

    def describe(self, kind: Kind, described: Iterable[tuple[Draft, SubjectRow]]) -> None:
        """Take over what a subject's own record says of it; its other records are queued for search when its name changes."""
        changed: list[dict[str, Any]] = []
        for draft, subject in described:
            region = draft.values.get("region") or draft.values.get("province") or subject.region
            name = draft.name or subject.name
            if (name, region, kind.subject_type) != (subject.name, subject.region, subject.type):
                changed.append({"own": subject.id, "name": name, "region": region, "type": kind.subject_type})
        self._change(changed)

    def rename_after_withdrawal(self, batch: int) -> None:
        """Give the subjects that the withdrawal `batch` touched the name that what is left says."""
        touched = select(Version.subject_id).where(
            Version.recorded_in == batch, Version.subject_id.is_not(None)
        )
        rows = self.connection.execute(
            select(
                Version.subject_id,
                Version.kind,
                Version.name,
                Version.change,
                Version.recorded_in,
                Version.withheld,
                Version.id,
                Subject.name.label("was"),
                Subject.code,
            )
            .join(Batch, Batch.id == Version.recorded_in)
            .join(Subject, Subject.id == Version.subject_id)
            .where(Version.subject_id.in_(touched), Batch.withdrawn_in.is_(None))
            .order_by(Version.subject_id, Version.recorded_in, Version.id)
        )
        changed = []
        for own, believed in groupby(rows, key=lambda row: row.subject_id):
            kept = list(believed)
            name = subject_name(kept) or kept[0].code
            if name != kept[0].was:
                changed.append({"own": own, "name": name})
        self._change(changed)

    def name(self, named: Iterable[SubjectRow]) -> None:
        """Keep the names of subjects that no record that may be shown had named before."""
        self._change([{"own": subject.id, "name": subject.name} for subject in named])

    def _made(self, kind: Kind, draft: Draft, codes: Codes, today: date) -> SubjectRow:
        self._last += 1
        values = draft.values
        region = values.get("region") or values.get("province")
        code = codes.uscc or codes.registration_number or codes.organisation_code or codes.opaque or ""
        subject = SubjectRow(
            id=self._last,
            type=kind.subject_type or UNSAID,
            code=code,
            uscc=codes.uscc,
            organisation_code=codes.organisation_code,
            registration_number=codes.registration_number or codes.opaque,
            name=(draft.name if kind.publicity(values, today).withheld is None else None) or code,
            region=str(region) if region else None,
        )
        self._some_without_uscc = self._some_without_uscc or codes.uscc is None
        return subject

    def _change(self, changed: Sequence[dict[str, Any]]) -> None:
        if not changed:
            return
        columns: dict[str, Any] = {name: bindparam(f"to_{name}") for name in changed[0] if name != "own"}
        renamed = [{f"to_{k}" if k != "own" else k: v for k, v in change.items()} for change in changed]
        self.connection.execute(
            update(SUBJECTS).where(SUBJECTS.c.id == bindparam("own")).values(**columns), renamed
        )
        ids = [change["own"] for change in changed]
        self.connection.execute(
            insert(Outbox).from_select(
                ["record_id"],
                select(Version.record_id).where(Version.subject_id.in_(ids), Version.superseded_in.is_(None)),
            )
        )


def _ambiguous(found: Sequence[SubjectRow]) -> Problem:
    by_number: dict[str, list[str]] = defaultdict(list)
    for subject in found:
        by_number[subject.name].append(subject.uscc or subject.code)
    names = "；".join(f"{name}（{'、'.join(codes)}）" for name, codes in by_number.items())
    return Problem("统一社会信用代码", f"此代码对应多个主体：{names}。请改填 18 位统一社会信用代码。")

"""The one door (公示): what the public may see of a record, and in which words. Pages, API, index and exports get `PublicRecord`s only.

Rules: domain.md parts 3.3, 5 and 6. A record is public from its publication until the end of its publicity period (公示期), unless
it is withheld (natural person, only a warning, minor class, repaired, internal); what is hidden today is hidden for past days too.
Hidden is not deleted. Persons are masked and free text is scanned here, before any index, log or page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, or_

from indexer.kinds import kinds
from indexer.kinds.base import Kind, Show, State, Term, Value
from indexer.register.models import Version
from indexer.rules.masking import mask_address, mask_person, personal_header, scan

SOLE_TRADER = "92"  # first two characters of the unified code of a 个体工商户 (GB 32100)
OWN = frozenset({Show.PERSON, Show.ADDRESS})  # what a subject reads of itself as it is


@dataclass(frozen=True, slots=True)
class PublicSubject:
    """Whom records are about, as anyone may see it. `code` is its address: the unified code, else the strongest it has."""

    id: int
    type: str
    code: str
    uscc: str | None
    organisation_code: str | None
    registration_number: str | None
    name: str
    region: str | None


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """One record as anyone may see it on one day.

    `name` is the subject's name as the record states it, `status` the effective state on the day asked for, `values` the kind's
    public columns (masked), `extra` the file's further columns, `batch` and `recorded_at` when the register knew it. `disputed` is the
    day since which an objection (异议) to it has been open now, whatever day was asked for; None where none is.
    """

    id: str
    kind: Kind
    subject: PublicSubject | None
    name: str | None
    title: str
    number: str | None
    category: str | None
    status: str | None
    region: str | None
    dated: date | None
    valid_from: date | None
    valid_until: date | None
    public_until: date | None
    values: Mapping[str, Value]
    extra: Mapping[str, str]
    source: str | None
    batch: int
    recorded_at: datetime
    states: tuple[State, ...]
    notes: tuple[str, ...]
    disputed: date | None = None

    def on(self, day: date) -> "PublicRecord":
        """The same record with the state it had on `day`."""
        status = self.status_on(day)
        return self if status == self.status else replace(self, status=status)

    def status_on(self, day: date) -> str | None:
        """The effective state on `day`, a code of the kind's vocabulary."""
        return self.kind.status_on(self.states, self.valid_from, self.valid_until, day)

    @property
    def status_term(self) -> Term | None:
        """The state in words; None where the kind has no states."""
        return self.kind.statuses[self.status] if self.status is not None else None


def public_on(day: date, version: Any = Version) -> ColumnElement[bool]:
    """The door as a condition on `Version`, or another name of it in the same statement: those that the public may see on `day`."""
    condition: ColumnElement[bool] = (
        (version.change != "withdrawn")
        & version.withheld.is_(None)
        & or_(version.public_from.is_(None), version.public_from <= day)
        & or_(version.public_until.is_(None), version.public_until >= day)
    )
    return condition


def is_public(version: Any, day: date) -> bool:
    """The same door for one row that has been read."""
    return (
        version.change != "withdrawn"
        and version.withheld is None
        and (version.public_from is None or version.public_from <= day)
        and (version.public_until is None or version.public_until >= day)
    )


def disclose(
    version: Any, subject: PublicSubject | None, states: Sequence[State], day: date, *, own: bool = False
) -> PublicRecord:
    """What the public sees of a version that has passed the door: only public columns, persons masked, free text scanned.

    With `own` it is told to its subject, who knows its own people and address; numbers of persons stay hidden (domain.md part 5).
    """
    kind = kinds()[version.kind]
    columns = _public_columns(kind)
    sole_trader = subject is not None and (subject.uscc or "").startswith(SOLE_TRADER)
    values: dict[str, Value] = {}
    for name, value in version.payload.items():
        show = columns.get(name)
        if show is Show.PLAIN:
            values[name] = value
        elif show is not None:
            values[name] = value if own and show in OWN else _masked(show, value, sole_trader)
    extra = _public_extra(version.extra) if version.extra else {}
    title = values.get(kind.title) or version.name or kind.label
    number = values.get(kind.number) if kind.number else None
    return PublicRecord(
        id=version.record_id,
        kind=kind,
        subject=subject,
        name=version.name,
        title=str(title),
        number=str(number) if number is not None else None,
        category=version.category,
        status=kind.status_on(states, version.valid_from, version.valid_until, day),
        region=version.region,
        dated=version.dated,
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        public_until=version.public_until,
        values=values,
        extra=extra,
        source=str(values["source"]) if "source" in values else version.source,
        batch=version.recorded_in,
        recorded_at=version.recorded_at,
        states=tuple(states),
        notes=tuple(version.notes or ()),
        disputed=version.disputed,
    )


@cache
def _public_columns(kind: Kind) -> Mapping[str, Show]:
    return {column.name: column.show for column in kind.all_columns() if column.show is not Show.NEVER}


def _masked(show: Show, value: Value, sole_trader: bool) -> Value:
    if not isinstance(value, str):
        return value
    if show is Show.PERSON:
        return mask_person(value)
    if show is Show.ADDRESS:
        return mask_address(value) if sole_trader else value
    return scan(value)


def _public_extra(extra: Mapping[str, str]) -> dict[str, str]:
    """A file's unknown columns: shown as they are, but for those about persons."""
    return {header: scan(text) for header, text in extra.items() if not personal_header(header)}

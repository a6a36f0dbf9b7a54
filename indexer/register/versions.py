"""Versions of records as they are read (版本链): with their batch and subject, oldest first; which of them counted, and what states they tell.

A chain is all versions of one record. Versions are never changed, so what was believed at any time can be told from the chain alone.
"""

from collections import defaultdict, namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Select,
    Text,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)

from indexer.clock import day_of
from indexer.identifiers import Codes
from indexer.kinds import kinds
from indexer.kinds.base import State
from indexer.register.database import prepared
from indexer.register.models import VERSIONS, Batch, Dispute, Subject, Version
from indexer.register.subjects import subjects_by_codes

_recorded_in = attrgetter("recorded_in")


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """A state of the register: the number of the batch that made it and the instant of its recording."""

    number: int
    recorded_at: datetime | None


def joined_versions() -> Select[Any]:
    """Versions with their batch, their subject and since when an objection to their record is open, in one row each."""
    return (
        select(
            *VERSIONS.c,
            Batch.recorded_at,
            Batch.source,
            Batch.reason,
            Batch.withdrawn_in,
            Subject.type.label("subject_type"),
            Subject.code.label("subject_code"),
            Subject.uscc,
            Subject.organisation_code,
            Subject.registration_number,
            Subject.name.label("subject_name"),
            Subject.region.label("subject_region"),
            Dispute.opened_on.label("disputed"),
        )
        .join(Batch, Batch.id == Version.recorded_in)
        .join(Subject, Subject.id == Version.subject_id, isouter=True)
        .join(Dispute, (Dispute.record_id == Version.record_id) & Dispute.ended_at.is_(None), isouter=True)
    )


# Asked by every request, so built once: putting a statement together costs more than SQLite's answer.
_NEWEST = (
    select(Batch.id.label("latest"), Batch.recorded_at.label("latest_at"))
    .order_by(Batch.id.desc())
    .limit(1)
    .subquery()
)
_WITH_NEWEST = joined_versions().add_columns(*_NEWEST.c).join(_NEWEST, true()).order_by(Version.recorded_in)
_OF_SUBJECT = _WITH_NEWEST.where(Version.subject_id == bindparam("subject"))
_OF_USCC = _WITH_NEWEST.where(
    Version.subject_id == select(Subject.id).where(Subject.uscc == bindparam("uscc")).scalar_subquery()
)
# SQLite reads one array of JSON faster than a thousand parameters, and PostgreSQL one array.
_OF_SUBJECTS = {
    "sqlite": joined_versions().where(
        Version.subject_id.in_(select(func.json_each(bindparam("subjects")).table_valued("value").c.value))
    ),
    "postgresql": joined_versions().where(
        Version.subject_id == func.any(bindparam("subjects", type_=ARRAY(BigInteger)))
    ),
}
CURRENT = joined_versions().where(Version.superseded_in.is_(None))
AMONG = CURRENT.where(Version.record_id.in_(bindparam("ids", expanding=True)))
OF_RECORD = joined_versions().where(Version.record_id == bindparam("record")).order_by(Version.recorded_in)
# Their names are in the text: SQLite plans a statement anew each time for a parameter that an index with a condition might be about.
_VERIFIABLE = _WITH_NEWEST.where(
    or_(*(Version.kind == literal_column(f"'{name}'") for name, kind in kinds().items() if kind.verifiable))
)
_BY_NUMBER = {
    "sqlite": _VERIFIABLE.where(
        Version.number.in_(select(func.json_each(bindparam("numbers")).table_valued("value").c.value))
    ),
    "postgresql": _VERIFIABLE.where(Version.number == func.any(bindparam("numbers", type_=ARRAY(Text)))),
}
_LATEST = select(Batch.id, Batch.recorded_at).order_by(Batch.id.desc()).limit(1)
_LATEST_BY = _LATEST.where(Batch.recorded_at <= bindparam("instant"))


@lru_cache(maxsize=8)
def _as_tuple(names: tuple[str, ...]) -> Callable[[Iterable[Any]], Any]:
    """Makes a named tuple of a row. A record's way through the door asks its versions some forty things, and a row of
    SQLAlchemy takes twenty times as long to tell one.
    """
    made: Any = namedtuple
    make: Callable[[Iterable[Any]], Any] = made("VersionRow", names)._make
    return make


def rows_of(
    connection: Connection, query: Select[Any], values: Mapping[str, Any] | None = None
) -> Iterator[Any]:
    """The rows of a query of versions, each column by its name."""
    found = connection.execute(query, values)
    return map(_as_tuple(tuple(found.keys())), found.all())


def chains_of(connection: Connection, query: Select[Any], **values: Any) -> dict[str, list[Any]]:
    """All versions that a query gives, by record, oldest first. Requests ask such queries, so they are `prepared`: they stand in this module."""
    asked = prepared(connection.dialect, query)
    chains: dict[str, list[Any]] = defaultdict(list)
    for row in map(_as_tuple(asked.names), asked.rows(connection, values)):
        chains[row.record_id].append(row)
    return chains


def chains_of_subjects(connection: Connection, codes: Codes) -> list[dict[str, list[Any]]]:
    """The versions of each subject that some codes may mean. By the unified code, which most ask by, it is one statement."""
    if codes.uscc is not None and (chains := chains_of(connection, _OF_USCC, uscc=codes.uscc)):
        return [chains]
    found = [
        chains_of(connection, _OF_SUBJECT, subject=row.id) for row in subjects_by_codes(connection, codes)
    ]
    return [chains for chains in found if chains]


def chains_by_number(connection: Connection, numbers: Sequence[str]) -> dict[str, list[Any]]:
    """The versions of the records of verifiable kinds with one of these normalised numbers."""
    return chains_of(connection, _BY_NUMBER[connection.dialect.name], numbers=_listed(connection, numbers))


def chains_by_subject(connection: Connection, subjects: Sequence[int]) -> dict[int, dict[str, list[Any]]]:
    """The versions of each of some thousand subjects, by its id, with one statement; oldest first."""
    asked = _listed(connection, subjects)
    found: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    query = prepared(connection.dialect, _OF_SUBJECTS[connection.dialect.name])
    for row in map(_as_tuple(query.names), query.rows(connection, {"subjects": asked})):
        found[row.subject_id][row.record_id].append(row)
    for chains in found.values():
        for chain in chains.values():
            if len(chain) > 1:
                chain.sort(key=_recorded_in)
    return found


def _listed(connection: Connection, values: Sequence[str] | Sequence[int]) -> Any:
    """Values as the one parameter that this database takes them in."""
    sqlite = connection.dialect.name == "sqlite"
    return orjson.dumps(list(values)).decode() if sqlite else list(values)


def latest_of(chains: dict[str, list[Any]]) -> RegisterVersion:
    """The register's version as each row of `_WITH_NEWEST` carries it, which spares every request a query."""
    for chain in chains.values():
        return RegisterVersion(chain[0].latest, chain[0].latest_at)
    return RegisterVersion(0, None)


def states_of(chain: Sequence[Any]) -> tuple[State, ...]:
    """The states that the versions tell of, in order. What was learnt later holds from its day on, whatever was thought before.

    A later version that changes the state without saying since when changes it on the day it was recorded.
    """
    states: list[State] = []
    for row in chain:
        if row.status is None:
            continue
        since = row.status_since
        if states:
            if row.status == states[-1].status and since in (None, states[-1].since):
                continue
            since = since or day_of(row.recorded_at)
            states = [state for state in states if state.since is None or state.since < since]
        states.append(State(since, row.status))
    return tuple(states)


def believed_in(chain: Sequence[Any], known: RegisterVersion | None) -> list[Any]:
    """The versions of a record that count: recorded by then, and not taken back by then. The last of them is what stood.

    What a withdrawal restored is a copy, which counts as long as it is the last: what it copies counts by itself.
    """
    if known is None:
        counting = [row for row in chain if row.withdrawn_in is None]
    else:
        counting = [
            row
            for row in chain
            if row.recorded_in <= known.number
            and (row.withdrawn_in is None or row.withdrawn_in > known.number)
        ]
    return [row for row in counting if row.change != "restored" or row is counting[-1]]


def instants_of(connection: Connection, batches: set[int]) -> dict[int | None, datetime]:
    """When some batches were recorded."""
    found = connection.execute(select(Batch.id, Batch.recorded_at).where(Batch.id.in_(batches)))
    return {number: instant for number, instant in found if instant is not None}


def version_at(connection: Connection, known_at: datetime | None) -> RegisterVersion:
    """The register's latest version, or the latest one recorded by `known_at`; number 0 where there was none."""
    if known_at is None:
        row = connection.execute(_LATEST).first()
    else:
        row = connection.execute(_LATEST_BY, {"instant": known_at}).first()
    return RegisterVersion(row.id, row.recorded_at) if row else RegisterVersion(0, None)

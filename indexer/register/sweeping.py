"""Going through all subjects of the register (逐个主体): their public records of some kinds, subject by subject, in one query and flat memory."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select

from indexer.register.database import reading
from indexer.register.disclosure import PublicRecord, is_public
from indexer.register.models import Subject, Version
from indexer.register.reading import Register
from indexer.register.versions import believed_in, joined_versions

AT_A_TIME = 2000
"""Rows that are fetched at once."""


def subject_records(register: Register, kinds: Collection[str], as_of: date) -> Iterator[list[PublicRecord]]:
    """For each subject with public records of some kinds all of these, in the state of `as_of`, by the order of the subjects' numbers.

    What today's disclosure hides is left out for other days too. The register is seen in one state throughout.
    """
    query = (
        joined_versions()
        .where(Version.kind.in_(list(kinds)), Version.subject_id.is_not(None))
        .order_by(Version.subject_id)
        .execution_options(yield_per=AT_A_TIME)
    )
    today = register.clock.today()
    with reading(register.engine) as connection:
        for _, rows in groupby(connection.execute(query), attrgetter("subject_id")):
            if found := _disclosed(register, sorted(rows, key=attrgetter("recorded_in")), as_of, today):
                yield found


def last_subject(register: Register) -> int:
    """The number of the last subject, 0 where there is none; for how far a sweep has come."""
    with reading(register.engine) as connection:
        return connection.scalar(select(func.max(Subject.id))) or 0


def _disclosed(register: Register, rows: list[Any], as_of: date, today: date) -> list[PublicRecord]:
    """The public ones of one subject's records, from all their versions, oldest first."""
    chains: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        chains[row.record_id].append(row)
    found = []
    for chain in chains.values():
        believed = believed_in(chain, None)
        if is_public(chain[-1], today) and believed and is_public(believed[-1], today):
            found.append(register.told_by(believed, as_of))
    return found

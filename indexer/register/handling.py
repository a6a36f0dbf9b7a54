"""Records as those who handle them see them (经办): whole, whether public or not. Never for the public: that is what `disclosure` is for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, or_

from indexer.certificate_numbers import normal
from indexer.errors import NotFound
from indexer.kinds import kinds
from indexer.kinds.base import Value
from indexer.register.belonging import Belonging, belonging
from indexer.register.database import reading
from indexer.register.exact import meant
from indexer.register.held import HeldRecord, standing_of
from indexer.register.models import Version
from indexer.register.versions import CURRENT, OF_RECORD, joined_versions

_identity = re.compile(r"[0-9a-f]{24}").fullmatch


@dataclass(frozen=True, slots=True)
class WholeRecord(HeldRecord):
    """A version of a record with all that it says, for the desk."""

    subject: str | None
    subject_name: str | None
    name: str | None
    values: Mapping[str, Value]
    extra: Mapping[str, str]
    source: str | None
    batch: int
    recorded_at: datetime
    reason: str | None
    whose: Belonging

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.values.get(self.kind.title) or self.name or self.kind.label)


def held(engine: Engine, record: str, day: date) -> WholeRecord:
    """The current version of a record. Raises NotFound."""
    with reading(engine) as connection:
        found = _some(connection, CURRENT.where(Version.record_id == record), day)
    if not found:
        raise _no_record()
    return found[0]


def held_in(engine: Engine, record: str, batch: int, day: date) -> WholeRecord:
    """A record as one batch recorded it. Raises NotFound."""
    with reading(engine) as connection:
        found = _some(
            connection,
            joined_versions().where(Version.record_id == record, Version.recorded_in == batch),
            day,
        )
    if not found:
        raise _no_record()
    return found[0]


def versions_held(engine: Engine, record: str, day: date) -> list[WholeRecord]:
    """All versions of a record, oldest first."""
    with reading(engine) as connection:
        return [_held(row, day) for row in connection.execute(OF_RECORD, {"record": record})]


def find_held(engine: Engine, text: str, day: date, limit: int) -> list[WholeRecord]:
    """The current records that a text names in full: by their address, their number, or the code or name of whom they are about."""
    asked = text.strip()
    with reading(engine) as connection:
        named = [Version.record_id == asked] if _identity(asked) else [Version.number == normal(asked)]
        if subjects := meant(connection, asked, limit):
            named.append(Version.subject_id.in_(subjects))
        query = CURRENT.where(or_(*named)).order_by(Version.dated.desc(), Version.id.desc()).limit(limit)
        return _some(connection, query, day)


def _some(connection: Connection, query: Select[Any], day: date) -> list[WholeRecord]:
    return [_held(row, day) for row in connection.execute(query)]


def _held(row: Any, day: date) -> WholeRecord:
    values = row.payload or {}
    return WholeRecord(
        id=row.record_id,
        kind=kinds()[row.kind],
        standing=standing_of(row, day),
        public_from=row.public_from,
        public_until=row.public_until,
        subject=row.uscc or row.subject_code,
        subject_name=row.subject_name,
        name=row.name,
        values=values,
        extra=row.extra or {},
        source=str(values["source"]) if "source" in values else row.source,
        batch=row.recorded_in,
        recorded_at=row.recorded_at,
        reason=row.reason,
        whose=belonging(kinds()[row.kind], values, row.source, row.region),
    )


def _no_record() -> NotFound:
    return NotFound("没有这条记录。", "There is no such record.")

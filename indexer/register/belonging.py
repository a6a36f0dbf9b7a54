"""Whose a record is (归属): the agency that made it, the source that brought it, and where it belongs, for staff who see their own only.

The region is the record's own, else that of its subject, as the register keeps it; a code of GB 32100 names the office of registration and
is not asked (domain.md part 1.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, func, select

from indexer.kinds import kinds
from indexer.kinds.base import Find, Kind
from indexer.register.models import Batch, Subject, Version
from indexer.text.areas import area_in


@dataclass(frozen=True, slots=True)
class Belonging:
    """Whose something is. `area`: a path of `indexer.text.areas`."""

    authority: str | None
    source: str | None
    area: str | None


NOBODYS = Belonging(None, None, None)


def belonging(kind: Kind, values: Mapping[str, object], source: str | None, region: str | None) -> Belonging:
    """Whose a record is that says `values`, from a source, with the region that the register has for it."""
    name = _authority_column(kind.name)
    authority, stated = values.get(name) if name else None, values.get("source") or source
    area = area_in(region) if region else None
    return Belonging(str(authority) if authority else None, str(stated) if stated else None, area)


def belonging_of_record(connection: Connection, record: str) -> Belonging:
    """Whose a record is as it stands."""
    asked = (
        select(Version.kind, Version.payload, Version.region, Batch.source)
        .join(Batch, Batch.id == Version.recorded_in)
        .where(Version.record_id == record, Version.superseded_in.is_(None))
    )
    row = connection.execute(asked).first()
    if row is None:
        return NOBODYS
    return belonging(kinds()[row.kind], row.payload or {}, row.source, row.region)


def belonging_of_subject(connection: Connection, code: str) -> Belonging:
    """Where a subject belongs, by its code."""
    asked = select(Subject.region).where(func.coalesce(Subject.uscc, Subject.code) == code)
    if len(code) == 18:
        asked = select(Subject.region).where(Subject.uscc == code)
    region = connection.scalar(asked)
    return Belonging(None, None, area_in(region) if region else None)


@cache
def _authority_column(kind: str) -> str | None:
    return next((column.name for column in kinds()[kind].columns if column.find is Find.ISSUER), None)

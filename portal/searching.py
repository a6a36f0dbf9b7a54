"""Searching: the engine finds, the register says what may be shown. A hit that is no longer public is left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from indexer.register.disclosure import PublicRecord
from indexer.register.reading import Register
from indexer.search.cursor import Cursor
from indexer.search.highlight import highlight
from indexer.search.protocol import Hit, Results, SearchEngine
from indexer.search.query import Filters, Query


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as a person or program asks it, checked."""

    q: str
    kind: str | None = None
    region: str | None = None
    status: str | None = None
    issuer: str | None = None
    year: int | None = None
    sort: Literal["relevance", "newest"] = "relevance"
    limit: int = 20
    cursor: str | None = None

    def query(self) -> Query:
        """The same for the engine. Raises InvalidParameter for a cursor that was never given out."""
        filters = Filters(
            kind=_one(self.kind),
            region=_one(self.region),
            status=_one(self.status),
            issuer=_one(self.issuer),
            year=(self.year,) if self.year is not None else None,
        )
        cursor = Cursor.parse(self.cursor) if self.cursor else None
        return Query(self.q, filters, self.sort, self.limit, cursor)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, each with the record as it is public now."""

    asked: Asked
    results: Results
    hits: tuple[tuple[Hit, PublicRecord], ...]

    def highlight(self, record: PublicRecord) -> Sequence[tuple[str, bool]]:
        """The record's line, cut where it says what was searched for."""
        return highlight(headline(record), self.asked.q)

    def url(self, record: PublicRecord) -> str:
        """Where a hit leads: a subject's own record to its credit file, any other to its page."""
        return address(record)


def headline(record: PublicRecord) -> str:
    """What a hit is called: the subject's name, or the title and number with it."""
    name = (record.subject.name if record.subject else record.name) or record.title
    if record.kind.subject_type is not None:
        return name
    return " ".join(dict.fromkeys(part for part in (record.title, record.number, record.name) if part))


def address(record: PublicRecord) -> str:
    """The page of a record: the credit file for a subject's own record."""
    if record.kind.subject_type in ("enterprise", "institution") and record.subject is not None:
        return f"/subjects/{quote(record.subject.code)}"
    return f"/records/{record.id}"


def search(engine: SearchEngine, register: Register, asked: Asked) -> Found:
    """Answer a search. Raises InvalidParameter("cursor") or ServiceUnavailable."""
    results = engine.search(asked.query())
    records = register.records([hit.id for hit in results.hits])
    return Found(asked, results, tuple((hit, records[hit.id]) for hit in results.hits if hit.id in records))


def _one(value: str | None) -> tuple[str, ...] | None:
    return (value,) if value is not None else None

"""Searching: the engine finds, the register says what may be shown. A hit that is no longer public is left out.

While the engine does not answer, search is degraded (降级): the register itself finds whole names, codes and numbers.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal
from urllib.parse import quote

import structlog

from indexer.errors import ServiceUnavailable
from indexer.kinds.base import Find
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import Register
from indexer.search.clauses import Reason
from indexer.search.cursor import Cursor
from indexer.search.elastic.breaker import NotAsked
from indexer.search.highlight import highlight
from indexer.search.protocol import FACETS, Hit, Results, SearchEngine, Suggestion
from indexer.search.query import Filters, Query
from indexer.search.question import Offer, Question, read
from indexer.search.regions import writings
from indexer.text.normalise import key
from portal import measures

log = structlog.get_logger()

MOST_EXACT = 500
"""Records that a degraded search looks at before its filters: more than a page of any size, and read in some 20 ms."""


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


@dataclass(frozen=True)
class Found:
    """A page of hits, each with the record as it is public now. `degraded`: only whole names, codes and numbers were looked for."""

    asked: Asked
    results: Results
    hits: tuple[tuple[Hit, PublicRecord], ...]
    question: Question
    degraded: bool = False

    @cached_property
    def under(self) -> Mapping[str, str]:
        """For each record that stands below its subject's own on this page, by its id, the id of that one. A list by date groups nothing."""
        if self.asked.sort != "relevance":
            return {}
        own: dict[int, str] = {}
        under: dict[str, str] = {}
        for _hit, record in self.hits:
            if record.subject is None:
                continue
            if (above := own.get(record.subject.id)) is not None:
                under[record.id] = above
            elif record.kind.subject_type is not None:
                own[record.subject.id] = record.id
        return under

    @property
    def grouped(self) -> Sequence[tuple[Hit, PublicRecord]]:
        """The hits with what a subject holds directly below the subject. Nothing goes down but by what comes up under a better hit."""
        at = {record.id: place for place, (_hit, record) in enumerate(self.hits)}
        return sorted(self.hits, key=lambda hit: at[self.under.get(hit[1].id, hit[1].id)])

    def offers(self) -> Sequence[Offer]:
        """The filters that words of the text ask for and that are not set. A region in the writing that records found hold it in, or else
        the province of it.
        """
        held = {value for value, _count in self.results.facets.get("region", ())}
        offers: dict[tuple[str, str], Offer] = {}
        for offer in self.question.offers:
            if offer.field != "phrase" and getattr(self.asked, offer.field) is not None:
                continue
            resolved = _in_records(offer, held) if offer.field == "region" else offer
            if resolved is not None:
                offers.setdefault((resolved.field, resolved.value), resolved)
        return list(offers.values())

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
    """Answer a search. Raises InvalidParameter("cursor"), and ServiceUnavailable when the register does not answer, or no engine does
    to go on from a cursor.
    """
    query = asked.query()
    try:
        results = engine.search(query)
    except ServiceUnavailable as gone:
        log.warning("search degraded", code=gone.code)
        measures.DEGRADED.labels("breaker" if isinstance(gone, NotAsked) else "failed").inc()
        return _degraded(register, asked, query)
    records = register.records([hit.id for hit in results.hits])
    hits = tuple((hit, records[hit.id]) for hit in results.hits if hit.id in records)
    return Found(asked, results, hits, read(asked.q))


def suggest(engine: SearchEngine, register: Register, text: str) -> list[Suggestion]:
    """What might be meant by what has been typed so far; nothing while the engine does not answer."""
    try:
        found = engine.suggest(text)
    except ServiceUnavailable:
        return []
    shown = register.records([suggestion.id for suggestion in found])
    return [suggestion for suggestion in found if suggestion.id in shown]


def _degraded(register: Register, asked: Asked, query: Query) -> Found:
    """The first page of what the register itself finds; there are no facets and no further pages."""
    if query.cursor is not None:
        raise ServiceUnavailable(
            "完整检索暂时不可用，目前不能翻页。请稍后从第一页重新查询；也可用完整的名称、代码或编号查询。",
            "Full search is not available now, so there are no further pages. Start again from the first page later, or search by a "
            "whole name, code or number.",
        )
    started = time.perf_counter()
    question = read(asked.q)
    exact = register.exactly(question.text, MOST_EXACT)
    passing = [record for record in exact if _passes(record, query.filters)]
    if asked.sort == "newest":
        passing.sort(key=lambda record: (record.dated or date.min, record.id), reverse=True)
    hits = tuple((_hit(question.text, record), record) for record in passing[: asked.limit])
    results = Results(
        total=len(passing),
        relation="eq" if len(exact) < MOST_EXACT else "gte",
        hits=tuple(hit for hit, _ in hits),
        facets=dict.fromkeys(FACETS, ()),
        next=None,
        took_ms=(time.perf_counter() - started) * 1000,
    )
    return Found(asked, results, hits, question, degraded=True)


def _in_records(offer: Offer, held: Collection[str]) -> Offer | None:
    """A region in the narrowest writing that is among those held, None where there is none."""
    *narrow, province, full = writings(offer.value)
    value = next((value for value in (*narrow, province, full) if value in held), None)
    if value is None:
        return None
    return replace(offer, value=value, wider=bool(narrow) and value in (province, full))


def _hit(text: str, record: PublicRecord) -> Hit:
    whole = key(text)
    if record.subject is not None and key(record.subject.name) == whole:
        reason = Reason("name_exact", "名称完全一致", whole)
    else:
        reason = Reason("code_exact", "代码或编号一致", whole)
    return Hit(record.id, record.kind.name, 1.0, (reason,))


def _passes(record: PublicRecord, filters: Filters) -> bool:
    """Whether a record passes as its search document would (indexer/documents.py)."""
    year = record.dated.year if record.dated else None
    held = (
        (filters.kind, record.kind.name),
        (filters.region, record.region),
        (filters.status, record.status),
        (filters.issuer, _issuer(record)),
        (filters.year, year),
    )
    return all(wanted is None or value in wanted for wanted, value in held)


def _issuer(record: PublicRecord) -> str | None:
    named = (
        record.values.get(column.name) for column in record.kind.all_columns() if column.find is Find.ISSUER
    )
    return next((value for value in named if isinstance(value, str)), None)


def _one(value: str | None) -> tuple[str, ...] | None:
    return (value,) if value is not None else None

"""A search question and its plan, as data that every engine can translate."""

from dataclasses import dataclass, field
from typing import Literal

from indexer.search.cursor import Cursor


@dataclass(frozen=True, slots=True)
class Filters:
    """What the results are limited to: a document passes when each named field holds one of the values. None: no limit."""

    kind: tuple[str, ...] | None = None
    region: tuple[str, ...] | None = None
    status: tuple[str, ...] | None = None
    issuer: tuple[str, ...] | None = None
    year: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody asks: `text` as typed, filters, order, page size and the place to go on from."""

    text: str
    filters: Filters = field(default_factory=Filters)
    sort: Literal["relevance", "newest"] = "relevance"
    limit: int = 20
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a hit was found: a stable `code`, the sentence in Chinese, and the part of the query it speaks of."""

    code: str
    zh: str
    part: str = ""

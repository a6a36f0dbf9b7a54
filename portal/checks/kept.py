"""A question as it is kept (核查请求的存放): compressed, its bidders in pieces, so that a hundred thousand take four megabytes and not fifty.

The first line is the question without its bidders, each further one some of them, all JSON. Receipts made before this hold one line with all
of it; they are read too.
"""

import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

import orjson
from pydantic import TypeAdapter

from portal.checks.model import Bidder, Note, Request, Requirement

PIECE = 200
"""Bidders of one line."""

PLAIN = 1000
"""Bidders that are held as they are; more are compressed as they are read."""

_SLICE = 1 << 14  # bytes that are decompressed at once


@dataclass(frozen=True, slots=True)
class _Question:
    """A request with the number of its bidders instead of them."""

    as_of: date
    known_at: datetime | None
    domains: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    project: str


_questions: TypeAdapter[_Question] = TypeAdapter(_Question)


class Kept(Collection[Bidder]):
    """Bidders that are held compressed and made anew each time that they are gone through."""

    def __init__(self, content: bytes, count: int) -> None:
        self.content = content
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Bidder]:
        for line in _lines(self.content):
            yield from map(_bidder, orjson.loads(line))

    def __contains__(self, bidder: object) -> bool:
        return any(each == bidder for each in self)


def keep(bidders: Iterable[Bidder]) -> Collection[Bidder]:
    """The bidders as they are where they are few, else as `Kept`; raises whatever reading them does."""
    waiting = iter(bidders)
    few = tuple(islice(waiting, PLAIN + 1))
    return few if len(few) <= PLAIN else _kept(chain(few, waiting))


def pack(request: Request) -> bytes:
    """A request as a receipt keeps it."""
    asked = _Question(request.as_of, request.known_at, request.domains, request.requirements, request.project)
    held = request.bidders if isinstance(request.bidders, Kept) else _kept(request.bidders)
    about = _questions.dump_python(asked, mode="json") | {"bidders": len(held)}
    return zlib.compress(orjson.dumps(about) + b"\n", 1) + held.content


def unpack(content: bytes) -> Request:
    """The request that `pack` made these bytes of."""
    first = zlib.decompressobj()
    about = orjson.loads(first.decompress(content))
    held = about.pop("bidders")
    asked = _questions.validate_python(about)
    return Request(
        as_of=asked.as_of,
        bidders=Kept(first.unused_data, held) if isinstance(held, int) else tuple(map(_bidder, held)),
        known_at=asked.known_at,
        domains=asked.domains,
        requirements=asked.requirements,
        project=asked.project,
    )


def _kept(bidders: Iterable[Bidder]) -> Kept:
    packer, pieces, count = zlib.compressobj(1), [], 0
    waiting = iter(bidders)
    while some := list(islice(waiting, PIECE)):
        pieces.append(packer.compress(orjson.dumps(some) + b"\n"))
        count += len(some)
    return Kept(b"".join([*pieces, packer.flush()]), count)


def _lines(content: bytes) -> Iterator[bytes]:
    unpacker, begun = zlib.decompressobj(), b""
    for start in range(0, len(content), _SLICE):
        *whole, begun = (begun + unpacker.decompress(content[start : start + _SLICE])).split(b"\n")
        yield from whole


def _bidder(given: dict[str, Any]) -> Bidder:
    notes = tuple(Note(**each) for each in given["notes"])
    return Bidder(given["row"], given["id"], given["name"], notes)

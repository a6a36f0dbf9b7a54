"""Writing to the cluster (写入): bulk requests bounded by bytes, each document's outcome looked at, versions given by the register.

The version of a document is the place in the register's queue up to which the register had been read when it was made. The cluster
takes a write only when its version is higher than what it has, so a late or repeated write never brings an older state back.
"""

import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from types import TracebackType
from typing import Any, Literal, cast

import orjson

from indexer.search.documents import Document, tokens
from indexer.search.elastic.connection import (
    PATIENCE,
    patiently,
    pauses,
    read_only,
    told_plainly,
)
from indexer.search.elastic.index import Aliases
from indexer.search.elastic.reading import held, held_of
from indexer.search.failures import unavailable
from indexer.search.protocol import Held, Prepared

LARGEST = 4 * 2**20
"""Bytes of one bulk request; a single larger document goes alone."""

AT_ONCE = 2
"""Requests under way; the cluster works on several while the next is being made."""

WRITE_SECONDS = 60
IN_SERVICE_SECONDS = 120
FINE = (200, 201, 409)  # 409: the index has this state or a later one already
WAIT = (429, 502, 503, 504)
NO_DAY = date.min.toordinal() - 1

log = logging.getLogger(__name__)


def prepare(documents: Iterable[Document], at: int) -> Prepared:
    """Documents as lines of a bulk request, as of a place in the register's queue."""
    return [_line(document, at) for document in documents]


def _line(document: Document, at: int) -> bytes:
    fields: dict[str, Any] = dict(tokens(document))
    del fields["id"]  # it is the document's own there
    dated = fields.pop("dated")
    if dated > NO_DAY:
        fields["dated"] = date.fromordinal(dated)
    return b"%b\n%b\n" % (_action("index", document.id, document.routing, at), orjson.dumps(fields))


def _action(what: Literal["index", "delete"], id_: str, routing: str, at: int) -> bytes:
    return orjson.dumps({what: {"_id": id_, "routing": routing, "version": at, "version_type": "external"}})


class ElasticWriter:
    """A `Writer` of the live index, and of the one that a rebuild is filling meanwhile."""

    prepare = staticmethod(prepare)

    def __init__(self, aliases: Aliases) -> None:
        self.refused: dict[str, str] = {}
        self._aliases = aliases
        self._client = aliases.client.options(request_timeout=WRITE_SECONDS)
        self._sender: ThreadPoolExecutor | None = None
        self._sent: deque[Future[None]] = deque()
        self._touched: set[str] = set()

    def __enter__(self) -> "ElasticWriter":
        self._sender = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bulk")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._sender is not None
        try:
            if kind is None:
                self._wait_for(0)
                for index in sorted(self._touched):
                    patiently(self._client.indices.refresh, index=index)
        finally:
            self._sender.shutdown(cancel_futures=True)

    def put(self, prepared: Prepared) -> int:
        """See `Writer.put`."""
        self._write(prepared)
        return len(prepared)

    def remove(self, gone: Iterable[tuple[str, str]], at: int) -> None:
        """See `Writer.remove`."""
        self._write([_action("delete", id_, routing, at) + b"\n" for id_, routing in gone])

    def _targets(self) -> Sequence[str]:
        return self._aliases.targets()

    def _write(self, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        assert self._sender is not None
        for index in self._targets():
            self._touched.add(index)
            for piece in _pieces(lines):
                self._wait_for(AT_ONCE)
                self._sent.append(self._sender.submit(self._send, index, piece))

    def _wait_for(self, few: int) -> None:
        """Let no more than `few` requests be under way; raises what went wrong with one of them."""
        while len(self._sent) > few:
            self._sent.popleft().result()

    def _send(self, index: str, lines: list[bytes]) -> None:
        """Send until the cluster has taken or refused each line; raises ServiceUnavailable when it is busy for too long."""
        until = time.monotonic() + PATIENCE
        for pause in pauses():
            lines = self._sent_once(index, lines)
            if not lines:
                return
            if time.monotonic() + pause > until:
                raise unavailable()
            time.sleep(pause)

    def _sent_once(self, index: str, lines: list[bytes]) -> list[bytes]:
        """Send; gives the lines that the cluster had no time for."""
        answer = patiently(
            self._client.bulk, index=index, operations=cast(Any, lines), filter_path=_TOLD
        ).body
        if not answer["errors"]:
            return []
        again = []
        for line, item in zip(lines, answer["items"], strict=True):
            ((what, outcome),) = item.items()
            status, error = outcome["status"], outcome.get("error", {})
            if status in FINE or (what == "delete" and status == 404):
                continue
            if error.get("type") == "cluster_block_exception":
                raise read_only()
            if status in WAIT:
                again.append(line)
            else:
                log.warning("elasticsearch refuses document %s: %s", outcome["_id"], error)
                self.refused[outcome["_id"]] = f"{error.get('type')}: {error.get('reason')}"
        return again


_TOLD = ["errors", "items.*.status", "items.*._id", "items.*.error.type", "items.*.error.reason"]


class ElasticRebuild(ElasticWriter):
    """A `Rebuild`: fills a new generation, or brings up `old`, to which other processes meanwhile write what changes."""

    def __init__(self, aliases: Aliases, old: str | None = None) -> None:
        super().__init__(aliases)
        self._old = old
        self._index = ""

    def __enter__(self) -> "ElasticRebuild":
        with told_plainly():
            self._index = self._old or self._aliases.create()
            self._aliases.check(self._index)
            self._aliases.fill(self._index)
        super().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        done = False
        try:
            super().__exit__(kind, error, trace)
            if kind is None:
                with told_plainly():
                    self._in_service()
                    self._aliases.serve(self._index)
                done = True
        finally:
            if not done:
                self._aliases.abandon(self._index, keep=self._old is not None)

    def settle(self) -> None:
        """See `Rebuild.settle`."""
        self._wait_for(0)
        patiently(self._client.indices.refresh, index=self._index)

    def count(self) -> int:
        """See `Rebuild.count`."""
        return int(patiently(self._client.count, index=self._index)["count"])

    def held(self) -> Iterator[Held]:
        """See `Rebuild.held`."""
        return held(self._client, self._index)

    def held_of(self, ids: Sequence[str]) -> dict[str, Held]:
        """See `Rebuild.held_of`."""
        return held_of(self._client, self._index, ids)

    def _targets(self) -> Sequence[str]:
        return [self._index]

    def _in_service(self) -> None:
        settings = self._aliases.layout.in_service()
        patiently(self._client.indices.refresh, index=self._index)
        patiently(self._client.indices.put_settings, index=self._index, settings=settings)
        self._aliases.wait(self._index, IN_SERVICE_SECONDS)


def _pieces(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The lines in requests of at most `LARGEST` bytes."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        if piece and size + len(line) > LARGEST:
            yield piece
            piece, size = [], 0
        piece.append(line)
        size += len(line)
    if piece:
        yield piece

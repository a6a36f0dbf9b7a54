"""Indexes of the cluster: their fields and settings in one place, and generations (一代索引) behind aliases.

    NAME-g000001      an index; the mapping's _meta says what it was built from
    NAME              alias of the live generation: what is searched
    NAME-next         alias of the one that a rebuild is filling; it gets every write that the live one gets
    NAME-previous     alias of the one that the last rebuild replaced, kept as a way back

No scripts, no plugins, no analyzer but `whitespace`: text is cut by us, so every Elasticsearch 8 and 9 will do, managed or not.
"""

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from indexer.search.documents import fingerprint
from indexer.search.elastic.connection import Ask, patiently
from indexer.search.failures import missing, outdated

log = logging.getLogger(__name__)

REFRESH = "500ms"
"""What was written is findable after this, whether or not anybody searches."""

TOMBSTONES = "1h"
"""How long a deletion is remembered, so that a write which was under way meanwhile can not bring the document back."""

SIMILARITY = {"names": {"type": "BM25", "k1": 1.2, "b": 0.75}}
"""Lucene's own numbers, which are Tantivy's too, so that both engines weigh alike."""

LARGEST_SEGMENT = 4 * 2**30
"""Bytes: a shard is merged into one segment when it goes live, a larger one into as many as stay about so small."""

FLUSHED = "64mb"
"""A generation that is being filled is flushed after so much: only what is flushed lets go of its full source at the next merge."""

FLUSH_SECONDS = 600

WORTH_WAITING = 64 * 2**20  # bytes of an index
LEASES_SECONDS = 65
"""Twice the time after which the cluster looks what copies of a shard may still ask for (github.com/elastic/elasticsearch/issues/56667)."""

_WHOLE = {"type": "keyword", "doc_values": False}
_FACET = {"type": "keyword", "eager_global_ordinals": True}
_TOKENS = {"type": "text", "analyzer": "whitespace", "index_options": "freqs", "similarity": "names"}
_PHRASES = {"type": "text", "analyzer": "whitespace", "index_options": "positions", "norms": False}
_TOLD = {"index": False}  # only read: to sort by, for comparison with the register, or with a hit

PROPERTIES: Mapping[str, Any] = {
    "version": {"type": "long", **_TOLD},
    "digest": {"type": "long", **_TOLD},
    "kind": _FACET,
    "region": _FACET,
    "status": _FACET,
    "issuer": _FACET,
    "year": {"type": "short"},
    "dated": {"type": "date", "format": "strict_date", **_TOLD},
    "place": {"type": "long", **_TOLD},
    "role": _WHOLE,
    "keys": _WHOLE,
    "former": _WHOLE,
    "codes": _WHOLE,
    "spelt": _WHOLE,
    "initials": _WHOLE,
    "bigrams": _TOKENS,
    "sounds": _TOKENS,
    "text": _TOKENS,
    "phrases": _PHRASES,
    "label": {"type": "keyword", "doc_values": False, **_TOLD},
}

STORED = ("kind", "label", "keys", "former")
"""What a hit brings along; everything else is read from the register."""


@cache
def built_from() -> str:
    """What an index of this release is built from."""
    return fingerprint(3, PROPERTIES, SIMILARITY, STORED)


@dataclass(frozen=True)
class Layout:
    """How a generation lies in the cluster. `replicas` None: one as soon as there is a second node."""

    name: str = "zhixin"
    shards: int = 1
    replicas: int | None = None

    def body(self) -> dict[str, Any]:
        """What a generation is created with. It is filled without replicas and refreshes; `in_service` sets these."""
        return {
            "settings": {
                "number_of_shards": self.shards,
                "number_of_replicas": 0,
                "refresh_interval": "-1",
                "translog.flush_threshold_size": FLUSHED,
                "gc_deletes": TOMBSTONES,
                "similarity": SIMILARITY,
            },
            "mappings": {
                "dynamic": "strict",
                "_meta": {"built_from": built_from()},
                "_source": {"includes": list(STORED)},
                "_routing": {"required": True},
                "properties": dict(PROPERTIES),
            },
        }

    def live_body(self) -> dict[str, Any]:
        """What a generation is created with that is searched from the beginning."""
        body = self.body()
        return body | {"settings": body["settings"] | self.in_service(), "aliases": {self.name: {}}}

    def in_service(self) -> dict[str, Any]:
        """The settings of a generation that is searched."""
        copies = (
            {"auto_expand_replicas": "0-1"}
            if self.replicas is None
            else {"number_of_replicas": self.replicas}
        )
        return {"refresh_interval": REFRESH, "translog.flush_threshold_size": None, **copies}


class Aliases:
    """The generations of one register in a cluster. `ask` is `patiently` for who writes, `once` for who waits for an answer."""

    def __init__(self, client: Elasticsearch, layout: Layout, ask: Ask = patiently) -> None:
        self.client = client
        self._ask = ask
        self.layout = layout
        self.live = layout.name
        self.next = f"{layout.name}-next"
        self.previous = f"{layout.name}-previous"
        self._of_this_release: set[str] = set()

    def index_of(self, alias: str) -> str | None:
        """The index that an alias stands for, None where there is none."""
        return self._indexes().get(alias)

    def targets(self) -> list[str]:
        """The indexes that a write goes to: the live one, and the one that a rebuild is filling. Raises IndexUnusable.

        To be asked after the change to be written was committed: then a rebuild that does not read the change is seen here.
        """
        indexes = self._indexes()
        found = [indexes[alias] for alias in (self.live, self.next) if alias in indexes]
        if not found:
            raise missing()
        for index in found:
            self.check(index)
        return found

    def check(self, index: str) -> None:
        """Raise IndexUnusable when `index` was built by another release: it is neither read nor written."""
        if index in self._of_this_release:
            return
        answer = self._ask(self.client.indices.get_mapping, index=index)
        meta = answer.body[index]["mappings"].get("_meta", {})
        if meta.get("built_from") != built_from():
            raise outdated()
        self._of_this_release.add(index)

    def begin(self) -> None:
        """Make the first generation, empty and live, where there is none and no rebuild is making it. Several may do so at once."""
        if self.live in self._indexes():
            return
        index = self._unused()  # before the next look: who was quicker made it under this very name
        if not {self.live, self.next} & self._indexes().keys():
            self._ask(self._created, index, self.layout.live_body())

    def create(self) -> str:
        """A new, empty generation, not yet findable under any alias; what an earlier rebuild left without one is removed.

        To be called by one process at a time.
        """
        for index, aliases in self._generations().items():
            if not aliases:
                self._drop(index)
        index = self._unused()
        self._ask(self._created, index, self.layout.body())
        return index

    def fill(self, index: str) -> None:
        """Have every write go to `index` too, and to no other unfinished one; that is removed."""
        left = self.index_of(self.next)
        actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": self.next}}]
        if left not in (None, index):
            actions.append({"remove_index": {"index": left}})
        self._act(*actions)

    def serve(self, index: str) -> None:
        """Make `index` the live generation in one action; the one before is kept, those before that are removed."""
        indexes = self._indexes()
        before, oldest = indexes.get(self.live), indexes.get(self.previous)
        actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": self.live}}]
        if indexes.get(self.next) == index:
            actions.append({"remove": {"index": index, "alias": self.next}})
        if before is not None and before != index:
            actions.append({"remove": {"index": before, "alias": self.live}})
            actions.append({"add": {"index": before, "alias": self.previous}})
            if oldest is not None:
                actions.append({"remove": {"index": oldest, "alias": self.previous}})
        self._act(*actions)
        if before is not None and oldest not in (None, index, before):
            self._drop(str(oldest))

    def abandon(self, index: str, *, keep: bool) -> None:
        """Have nothing more written to an unfinished generation, and remove it unless it is to be kept."""
        if keep:
            self._act({"remove": {"index": index, "alias": self.next}})
        else:
            self._drop(index)

    def merge(self, index: str) -> None:
        """Have the cluster bring `index` into few segments, by and by: a search opens each term in each of them.

        Until then, and where the cluster does not do it, the index answers half as fast. What merging leaves out, the full source of what it
        still holds for the recovery of a node, is found out by the cluster every half minute only, so that is waited for.
        """
        patient = self.client.options(request_timeout=FLUSH_SECONDS)
        try:
            patient.indices.flush(index=index)
            stored = patient.indices.stats(index=index, metric="store").body["_all"]["primaries"]["store"]
            if stored["size_in_bytes"] > WORTH_WAITING:
                self._wait_for_leases(index)
            segments = -(-stored["size_in_bytes"] // (LARGEST_SEGMENT * self.layout.shards))
            patient.indices.forcemerge(
                index=index, max_num_segments=max(1, segments), wait_for_completion=False
            )
        except (ApiError, TransportError) as error:
            log.warning("elasticsearch did not merge %s: %s", index, error)

    def _wait_for_leases(self, index: str) -> None:
        """Wait until the cluster knows that no copy of a shard will ask for what is flushed by now; go on after `LEASES_SECONDS` anyway."""
        written = {number: shard["seq_no"]["max_seq_no"] for number, shard in self._primaries(index)}
        until = time.monotonic() + LEASES_SECONDS
        while time.monotonic() < until and any(
            _retained(shard) <= written.get(number, -1) for number, shard in self._primaries(index)
        ):
            time.sleep(1)

    def _primaries(self, index: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Number and state of each shard of `index`."""
        told = self.client.indices.stats(index=index, metric="store", level="shards").body["indices"]
        return [
            (number, copy)
            for found in told.values()
            for number, copies in found["shards"].items()
            for copy in copies
            if copy["routing"]["primary"]
        ]

    def wait(self, index: str, seconds: int) -> None:
        """Wait until every document of `index` stands on a node, with its copies where there is room; go on after `seconds` anyway."""
        self.client.options(request_timeout=seconds + 10).cluster.health(
            index=index, wait_for_status="green", timeout=f"{seconds}s"
        )

    def _indexes(self) -> dict[str, str]:
        """Alias → index of this register's aliases."""
        names = [self.live, self.next, self.previous]

        def ask() -> Mapping[str, Any]:
            answer = self.client.options(ignore_status=404).indices.get_alias(name=names)
            return {name: found for name, found in answer.body.items() if isinstance(found, dict)}

        return {alias: index for index, found in self._ask(ask).items() for alias in found.get("aliases", ())}

    def _generations(self) -> dict[str, set[str]]:
        """The generations that there are, each with its aliases, whosoever they be."""
        answer = self._ask(
            self.client.indices.get, index=f"{self.layout.name}-g*", features="aliases", allow_no_indices=True
        )
        ours = re.compile(re.escape(self.layout.name) + r"-g\d{6,}")  # `zhixin-gz` may be another register's
        return {name: set(found["aliases"]) for name, found in answer.body.items() if ours.fullmatch(name)}

    def _unused(self) -> str:
        """The name of the next generation."""
        numbers = [int(name.rpartition("-g")[2]) for name in self._generations()]
        return f"{self.layout.name}-g{max(numbers, default=0) + 1:06d}"

    def _created(self, index: str, body: Mapping[str, Any]) -> None:
        try:
            self.client.options(request_timeout=30).indices.create(index=index, **body)
        except ApiError as error:
            if error.error != "resource_already_exists_exception":
                raise

    def _act(self, *actions: dict[str, Any]) -> None:
        self._ask(self.client.options(request_timeout=30).indices.update_aliases, actions=actions)

    def _drop(self, index: str) -> None:
        self._ask(self.client.options(ignore_status=404, request_timeout=30).indices.delete, index=index)


def _retained(shard: Mapping[str, Any]) -> int:
    """The number of the first operation that a shard keeps for its copies."""
    leases = shard["retention_leases"]["leases"]
    return min((int(lease["retaining_seq_no"]) for lease in leases), default=0)

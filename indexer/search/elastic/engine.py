"""The search engine of several machines: Elasticsearch 8 or 9, for a register that outgrows one."""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from indexer.errors import ServiceUnavailable
from indexer.search.answering import Answering
from indexer.search.elastic.breaker import Breaker
from indexer.search.elastic.connection import Address, client, once, patiently, told_plainly
from indexer.search.elastic.index import Aliases, Layout
from indexer.search.elastic.reading import WHOLE, held, held_of
from indexer.search.elastic.translation import Body, by_tier, matching
from indexer.search.elastic.writer import ElasticRebuild, ElasticWriter
from indexer.search.failures import IndexUnusable, missing, none_before
from indexer.search.protocol import (
    FACET_VALUES,
    FACETS,
    Candidate,
    Held,
    Matches,
    Place,
    Rebuild,
    Writer,
)
from indexer.search.query import Filters, Plan

CHECKED = 10.0  # seconds for which the live index is known to be of this release

BY_RELEVANCE: list[Any] = [{"_score": "desc"}, {"place": "asc"}]
BY_DAY: list[Any] = [{"dated": {"order": "desc", "missing": "_last"}}, {"place": "asc"}]
COUNTED: dict[str, Any] = {
    "aggs": {facet: {"terms": {"field": facet, "size": FACET_VALUES}} for facet in FACETS},
    "track_total_hits": True,
}
BEST: dict[str, Any] = {"track_total_hits": False}
"""Neither counted nor sorted but by score: then the cluster passes over what can not be among the best."""


class ElasticEngine(Answering):
    """A `SearchEngine` over the aliases of `layout` in the cluster at `address`. Safe to use from several threads."""

    several_writers = True

    def __init__(self, address: Address, layout: Layout | None = None) -> None:
        self._client: Elasticsearch = client(address)
        self._aliases = Aliases(self._client, layout or Layout())
        self._live = Aliases(self._client, self._aliases.layout, once)
        self._breaker = Breaker()
        self._checked = 0.0

    def _matches(self, asked: Plan, size: int) -> Matches:
        if asked.wide:
            return _found(asked, self._candidates(size, query=matching(asked), **BEST))
        return _found(asked, self._candidates(size, query=matching(asked), sort=BY_RELEVANCE, **COUNTED))

    def _following(self, asked: Plan, size: int, after: Place | None) -> Matches:
        newest = asked.sort == "newest"
        return _found(
            asked,
            self._candidates(
                size,
                query=matching(asked) if newest else by_tier(asked),
                sort=BY_DAY if newest else BY_RELEVANCE,
                search_after=list(after) if after is not None else None,
                **COUNTED,
            ),
        )

    def _these(self, asked: Plan, ids: Sequence[str]) -> Sequence[Candidate]:
        chosen = {"bool": {"must": [matching(asked)], "filter": {"ids": {"values": list(ids)}}}}
        return _found(asked, self._candidates(len(ids), query=chosen, **BEST)).candidates

    def _candidates(self, size: int, **body: Any) -> Any:
        """An answer whose hits bring along what a `Candidate` is made from."""
        counted = [] if "aggs" in body else FACETS
        stored = ["kind", "keys", "former"]
        return self._ask(size=size, source=stored, docvalue_fields=["place", *counted], **body)

    def _passing(self, near: Collection[Candidate], filters: Filters) -> Collection[str]:
        asked = {name: chosen for name in FACETS if (chosen := getattr(filters, name)) is not None}
        return {each.id for each in near if all(each.facets.get(name) in asked[name] for name in asked)}

    def _counted(self, near: Collection[Candidate]) -> dict[str, tuple[tuple[str, int], ...]]:
        told = {facet: [str(each.facets[facet]) for each in near if facet in each.facets] for facet in FACETS}
        return {facet: _most_frequent_first(Counter(values).items()) for facet, values in told.items()}

    def _labels(self, asked: Plan, size: int) -> Sequence[tuple[str, str, str]]:
        answer = self._ask(
            query=matching(asked),
            sort=BY_RELEVANCE,
            size=size,
            source=["kind", "label", "keys"],
            track_total_hits=False,
        )
        found = [(hit["_source"], hit["_id"]) for hit in answer["hits"]["hits"]]
        return [(stored.get("label") or stored["keys"][-1], stored["kind"], id_) for stored, id_ in found]

    def writer(self) -> Writer:
        """See `SearchEngine.writer`. The first one makes the index, unless a rebuild is making it."""
        with told_plainly():
            self._aliases.begin()
        return ElasticWriter(self._aliases)

    def rebuild(self) -> Rebuild:
        """See `SearchEngine.rebuild`. Whoever calls it sees to it that nobody else does meanwhile."""
        return ElasticRebuild(self._aliases)

    def restoring(self) -> Rebuild:
        """See `SearchEngine.restoring`."""
        previous = self._aliases.index_of(self._aliases.previous)
        if previous is None:
            raise none_before()
        return ElasticRebuild(self._aliases, previous)

    def count(self) -> int:
        """How many documents can be found; 0 when there is no index yet."""
        with told_plainly():
            if self._aliases.index_of(self._aliases.live) is None:
                return 0
            return int(patiently(self._client.count, index=self._aliases.live)["count"])

    def held(self) -> Iterator[Held]:
        """See `SearchEngine.held`."""
        if self._aliases.index_of(self._aliases.live) is not None:
            yield from held(self._client, self._aliases.live)

    def held_of(self, ids: Sequence[str]) -> dict[str, Held]:
        """See `SearchEngine.held_of`."""
        if self._aliases.index_of(self._aliases.live) is None:
            return {}
        return held_of(self._client, self._aliases.live, ids)

    def tidy(self) -> None:
        """See `SearchEngine.tidy`. The merging itself goes on in the cluster, by and by."""
        with suppress(ServiceUnavailable):  # then it stays as it is
            if (index := self._aliases.index_of(self._aliases.live)) is not None:
                self._aliases.merge(index)

    def ready(self) -> bool:
        """See `SearchEngine.ready`."""
        try:
            self._ask(query={"match_none": {}}, size=0)
        except Exception:  # whatever it is, the answer is no: a health check that raises says nothing
            return False
        return True

    def _ask(self, **body: Any) -> Any:
        """Search the live index. Raises ServiceUnavailable, at once while the cluster is known not to answer."""
        with self._breaker.guard(), told_plainly():
            try:
                self._check()
                return self._client.search(index=self._aliases.live, **WHOLE, **body).body
            except NotFoundError:
                raise missing() from None

    def _check(self) -> None:
        """Now and then: that the live index was built by this release.

        A cluster that elects a master answers searches but not this; then what was found last time holds on.
        """
        before = self._checked
        if time.monotonic() < before + CHECKED:
            return
        if before:
            self._checked = time.monotonic()  # one thread looks, the others go on meanwhile
        try:
            index = self._live.index_of(self._live.live)
            if index is None:
                raise missing()
            self._live.check(index)
        except IndexUnusable:
            self._checked = 0.0
            raise
        except ServiceUnavailable:
            if not before:
                raise
        self._checked = time.monotonic()


def _found(asked: Plan, answer: Body) -> Matches:
    """An answer's hits; how many there are in all and by facet where that was counted."""
    candidates = tuple(_candidate(asked, hit) for hit in answer["hits"]["hits"])
    if "aggregations" not in answer:
        return Matches(candidates, len(candidates), "gte", {})
    return Matches(candidates, answer["hits"]["total"]["value"], "eq", _facets(answer))


def _candidate(asked: Plan, found: Body) -> Candidate:
    stored, told = found["_source"], {name: values[0] for name, values in found["fields"].items()}
    place = told.pop("place")
    value = found["sort"][0] if "sort" in found else found["_score"]
    keys, former = (tuple(stored.get(field, ())) for field in ("keys", "former"))
    answers = tuple(asked.clauses[at] for at in sorted(map(int, found.get("matched_queries", ()))))
    at = Place(float(value), int(place))
    return Candidate(found["_id"], stored["kind"], at, keys, former, answers, told)


def _facets(answer: Body) -> dict[str, tuple[tuple[str, int], ...]]:
    return {facet: _counts(answer["aggregations"][facet]["buckets"]) for facet in FACETS}


def _counts(buckets: list[Body]) -> tuple[tuple[str, int], ...]:
    return _most_frequent_first((str(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets)


def _most_frequent_first(values: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(values, key=lambda pair: (-pair[1], pair[0])))

"""Reading what an index of the cluster holds, for comparing it with the register."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from elasticsearch import Elasticsearch

from indexer.batches import batched
from indexer.search.elastic.connection import patiently, told_plainly
from indexer.search.protocol import Held

PAGE = 10_000  # documents of one answer
KEPT = "5m"  # between two pages
SECONDS = 60
WHOLE: dict[str, Any] = {"allow_partial_search_results": False}
"""While a shard is lost, an answer without what it holds would be a wrong one; this makes it an error."""

_TOLD: dict[str, Any] = {
    **WHOLE,
    "docvalue_fields": ["version", "digest"],
    "source": False,
    "track_total_hits": False,
}


def held(client: Elasticsearch, index: str) -> Iterator[Held]:
    """What `index` (or the index behind an alias) holds at this moment, in the order of the ids."""
    for _, some in groupby(_by_place(client, index), itemgetter(0)):
        yield from sorted((each for _, each in some), key=attrgetter("id"))


def _by_place(client: Elasticsearch, index: str) -> Iterator[tuple[int, Held]]:
    """The same by their places, of which a few may be alike."""
    slow = client.options(request_timeout=SECONDS)
    view: str = patiently(slow.open_point_in_time, index=index, keep_alive=KEPT)["id"]
    after: list[Any] | None = None
    try:
        while True:
            answer = patiently(slow.search, **_page(view, after))
            view, found = answer["pit_id"], answer["hits"]["hits"]
            yield from ((hit["sort"][0], _as_held(hit)) for hit in found)
            if len(found) < PAGE:
                return
            after = found[-1]["sort"]
    finally:
        with told_plainly():
            slow.options(ignore_status=404).close_point_in_time(id=view)


def held_of(client: Elasticsearch, index: str, ids: Sequence[str]) -> dict[str, Held]:
    """What `index` holds of some documents, by id; those that are not there are absent."""
    slow = client.options(request_timeout=SECONDS)
    found: dict[str, Held] = {}
    for some in batched(ids, PAGE):
        chosen = {"constant_score": {"filter": {"ids": {"values": some}}}}
        answer = patiently(
            lambda chosen=chosen: slow.search(index=index, query=chosen, size=PAGE, **_TOLD)  # type: ignore[misc]
        )
        found |= {each.id: each for each in map(_as_held, answer["hits"]["hits"])}
    return found


def _page(view: str, after: list[Any] | None) -> dict[str, Any]:
    return {
        "pit": {"id": view, "keep_alive": KEPT},
        "query": {"match_all": {}},
        "sort": [{"place": "asc"}],
        "size": PAGE,
        "search_after": after,
        **_TOLD,
    }


def _as_held(hit: dict[str, Any]) -> Held:
    fields = hit["fields"]
    return Held(hit["_id"], int(fields["version"][0]), int(fields["digest"][0]), str(hit["_routing"]))

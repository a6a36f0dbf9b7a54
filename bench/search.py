"""`python -m bench.search`: what is found on the national register, by kind of query and engine, with times, written to bench/search.md.

Asks over the API as ../shared/search_eval/evaluate.py does. Beside our engines stands the standard: the same names in Elasticsearch with its
`standard` analyzer, asked by a `match` query on the name.
"""

import csv
import gzip
import http.client
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from elasticsearch import helpers

from bench.ceiling import ceilings
from bench.elastic import server, when_merged
from bench.finding import queries
from bench.ingest import ours
from bench.process import python
from bench.serving import gunicorn
from bench.targets import TARGETS
from indexer.search.elastic.connection import Address, client

SHARED = Path(__file__).parent.parent.parent / "shared"
TABLE = Path(__file__).with_name("search.md")
WARM = 200
HEAD = """# 检索效果 · What search finds

Made by `make bench-search` on the national register ({count:,} enterprises), {number} queries of each kind, seed {seed}, over the API, one after
another; the standard is Elasticsearch's `standard` analyzer with a `match` on the name. MRR@10, and milliseconds.

| kind of query | target | embedded | Elasticsearch | standard | embedded p50 / p99 | Elasticsearch p50 / p99 | standard p50 / p99 |
|---|---:|---:|---:|---:|---:|---:|---:|
"""
NUMBER, SEED = 200, "1"
TYPED = {"full": "characters", "pinyin": "Pinyin", "initials": "initials"}
"""Kinds of query that are typed key by key for type-ahead."""
MOST_KEYS = 16
WARM_NAMES = 10
SUGGESTED = """
## Type-ahead

`/api/v1/suggest` after every key of a name, at most {keys} of them; p50 / p99 in milliseconds, to be ≤ 30 at p99.

| typed | requests | embedded | Elasticsearch |
|---|---:|---:|---:|
"""

Ask = Callable[[str], list[str]]
Scores = dict[str, list[tuple[float, float]]]


def main() -> None:
    """Measure, and write the table."""
    if not SHARED.is_dir():
        sys.exit("../shared is absent: the real data that benchmarks read")
    file = SHARED / "data" / "enterprises_national.csv.gz"
    asked = queries(SHARED, file, NUMBER, SEED)
    with server() as url, ours(file) as (folder, costs):
        embedded = {"ZHIXIN_DATA": str(folder / "var"), "ZHIXIN_RATE_LIMITS": "off"}
        elastic = embedded | {"ZHIXIN_SEARCH_URL": url}
        python("indexer", "reindex", environ=elastic)
        when_merged(url)
        count = _standard(url, file)
        typed = [suggested(asked, environ) for environ in (embedded, elastic)]
        scores = [
            _scores(asked, _of_portal(embedded)),
            _scores(asked, _of_portal(elastic)),
            _scores(asked, _of_standard(url)),
        ]
        stats = client(Address((url,), timeout=60)).indices.stats(metric="store").body["indices"]
        sizes = {
            name.partition("-")[0]: found["primaries"]["store"]["size_in_bytes"]
            for name, found in stats.items()
        }
        sizes["embedded"] = sum(
            path.stat().st_size for path in (folder / "var" / "search").rglob("*") if path.is_file()
        )
        lines = [*_lines(scores), "", _ceilings(ceilings(SHARED, file, asked)), *_sizes(sizes)]
        typing = SUGGESTED.format(keys=MOST_KEYS) + "\n".join(_typed_lines(typed))
        lines.append(
            f"Stored and searchable: ingest {costs[0].seconds:.0f} s and {costs[0].peak_mb:.0f} MB, "
            f"index {costs[1].seconds:.0f} s and {costs[1].peak_mb:.0f} MB."
        )
    TABLE.write_text(
        HEAD.format(count=count, number=NUMBER, seed=SEED) + "\n".join(lines) + "\n" + typing + "\n",
        encoding="utf-8",
    )
    print(TABLE.read_text(encoding="utf-8"))


def _of_portal(environ: dict[str, str]) -> Iterator[Ask]:
    """Asks the API, then ends the portal."""
    with gunicorn("wsgi:app", environ) as (host, port, _):
        connection = http.client.HTTPConnection(host, port, timeout=60)

        def ask(text: str) -> list[str]:
            connection.request(
                "GET", f"/api/v1/search?{urlencode({'q': text, 'kind': 'enterprise', 'limit': 10})}"
            )
            return [hit["uscc"] for hit in _read(connection)["results"]]

        yield ask


def suggested(asked: Sequence[dict[str, str]], environ: dict[str, str]) -> dict[str, list[float]]:
    """The milliseconds of each answer of type-ahead, by how names are typed: after every key of a name in characters, in Pinyin and by
    initials. As in a browser each name is typed once, so that nothing is answered from what was kept.
    """
    took: dict[str, list[float]] = {kind: [] for kind in TYPED}
    with gunicorn("wsgi:app", environ) as (host, port, _):
        connection = http.client.HTTPConnection(host, port, timeout=60)
        for at, each in enumerate(name for name in asked if name["kind"] in TYPED):
            for end in range(1, min(len(each["q"]), MOST_KEYS) + 1):
                began = time.perf_counter()
                connection.request("GET", f"/api/v1/suggest?{urlencode({'q': each['q'][:end]})}")
                _read(connection)
                if at >= WARM_NAMES:
                    took[each["kind"]].append((time.perf_counter() - began) * 1000)
    return took


def _of_standard(url: str) -> Iterator[Ask]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def ask(text: str) -> list[str]:
        body = json.dumps({"query": {"match": {"name": text}}, "size": 10, "_source": False})
        connection.request("POST", "/standard/_search", body, {"Content-Type": "application/json"})
        return [hit["_id"] for hit in _read(connection)["hits"]["hits"]]

    yield ask


def _read(connection: http.client.HTTPConnection) -> Any:
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {said[:200]!r}")
    return json.loads(said)


def _standard(url: str, file: Path) -> int:
    """Index the names as most do. How many."""
    cluster = client(Address((url,), timeout=600))
    cluster.indices.create(
        index="standard",
        mappings={"properties": {"name": {"type": "text"}, "uscc": {"type": "keyword"}}},
        settings={"refresh_interval": "-1", "number_of_replicas": 0},
    )
    with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
        documents = (
            {"_index": "standard", "_id": row["uscc"], "name": row["name"], "uscc": row["uscc"]}
            for row in csv.DictReader(rows)
        )
        helpers.bulk(cluster, documents, chunk_size=5000)
    cluster.indices.forcemerge(index="standard", max_num_segments=4)
    cluster.indices.refresh(index="standard")
    return int(cluster.count(index="standard")["count"])


def _scores(asked: Sequence[dict[str, str]], opened: Iterator[Ask]) -> Scores:
    """By kind of query, for each query 1 ÷ rank and the milliseconds."""
    ask = next(opened)
    for each in asked[:WARM]:
        ask(each["q"])
    scores: Scores = defaultdict(list)
    for each in asked:
        began = time.perf_counter()
        codes = ask(each["q"])
        took = (time.perf_counter() - began) * 1000
        score = 1 / (codes.index(each["uscc"]) + 1) if each["uscc"] in codes else 0.0
        scores[each["kind"]].append((score, took))
        scores["ALL"].append((score, took))
    next(opened, None)
    return scores


def _lines(scores: Sequence[Scores]) -> Iterator[str]:
    for kind, target in TARGETS.items():
        ranks = [statistics.fmean(score for score, _ in each[kind]) for each in scores]
        shown = [
            f"**{rank:.3f}**" if rank < target and at < 2 else f"{rank:.3f}" for at, rank in enumerate(ranks)
        ]
        times = []
        for each in scores:
            parts = statistics.quantiles((took for _, took in each[kind]), n=100)
            times.append(f"{parts[49]:.1f} / {parts[98]:.1f}")
        yield f"| {kind} | {target:.3f} | {' | '.join(shown)} | {' | '.join(times)} |"


def _ceilings(best: dict[str, float]) -> str:
    told = ", ".join(f"{kind} {mean:.3f}" for kind, mean in best.items())
    return f"The best that any order could be expected to reach, since a text may mean several enterprises (`bench/ceiling.py`): {told}."


def _typed_lines(typed: Sequence[dict[str, list[float]]]) -> Iterator[str]:
    for kind, called in TYPED.items():
        times = [statistics.quantiles(each[kind], n=100) for each in typed]
        shown = " | ".join(f"{parts[49]:.1f} / {parts[98]:.1f}" for parts in times)
        yield f"| {called} | {len(typed[0][kind])} | {shown} |"


def _sizes(sizes: dict[str, int]) -> Iterator[str]:
    yield ""
    yield "A figure in bold misses its target."
    yield ""
    for name, of in (("embedded", "embedded"), ("Elasticsearch", "zhixin")):
        yield f"Index, {name}: {sizes[of] / 1e6:.0f} MB, {sizes[of] / sizes['standard']:.2f} × the standard one ({sizes['standard'] / 1e6:.0f} MB)."
    yield ""


if __name__ == "__main__":
    main()

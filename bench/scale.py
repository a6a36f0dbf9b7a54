"""What a register takes at several sizes: a tenth of the real enterprises, all, and generated certificates on their codes.

`python -m bench scale`; not part of `make bench`, as it runs for half an hour.
"""

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.elastic import asked_of_cluster, own_answers, server, when_merged
from bench.finding import queries
from bench.generated import certificates, holders
from bench.ingest import scratch, tenth
from bench.process import python
from bench.table import Line
from indexer.search.elastic.connection import Address, client

ROUNDS = 2  # of one more certificate for each enterprise
HEAP = "1g"


def lines(shared: Path) -> Iterator[Line]:
    """The figures at each size."""
    file = shared / "data" / "enterprises_national.csv.gz"
    texts = [each["q"] for each in queries(shared, file)]
    with server() as url, scratch() as folder, tenth(file) as part:
        environ = {"ZHIXIN_DATA": str(folder / "var"), "ZHIXIN_SEARCH_URL": url}
        for some in (part, file):
            python("indexer", "ingest", str(some), "--rejects", str(folder / "rejects"), environ=environ)
            python("indexer", "reindex", environ=environ)
            when_merged(url)
            yield from _sizes(url, folder, texts)
        held = holders(file)
        for turn in range(ROUNDS):
            made = certificates(folder / "certificates.csv", held, turn)
            python("indexer", "ingest", str(made), "--kind", "certificate", environ=environ)
            python("indexer", "sync", environ=environ)
            yield from _sizes(url, folder, texts)


def _sizes(url: str, folder: Path, texts: Sequence[str]) -> Iterator[Line]:
    cluster = client(Address((url,), timeout=600))
    before = _disk(url)
    cluster.indices.forcemerge(index="zhixin", max_num_segments=5)
    cluster.indices.flush(index="zhixin")
    after, count = _disk(url), int(cluster.count(index="zhixin")["count"])
    asked = asked_of_cluster(url, texts)
    took = own_answers(url, asked)
    heap = cluster.nodes.stats(metric="jvm").body["nodes"].popitem()[1]["jvm"]["mem"]["pools"]["old"]
    register = sum(path.stat().st_size for path in (folder / "var").glob("register.sqlite3*"))
    size = f"{count:,} documents"
    yield Line(
        f"{size}: index, bytes a document",
        f"{before / 1e6:,.0f} MB, merged {after / 1e6:,.0f} MB",
        before / count,
        "",
    )
    yield Line(f"{size}: register, bytes a version", f"{register / 1e6:,.0f} MB", register / count, "")
    yield Line(
        f"{size}: answer of the cluster, p50 in ms",
        f"p99 {statistics.quantiles(took, n=100)[98]:.0f} ms",
        statistics.median(took),
        "",
    )
    yield Line(f"{size}: heap held, MB", f"of {HEAP}", heap["used_in_bytes"] / 1e6, "")


def _disk(url: str) -> int:
    """Bytes of the live index."""
    stats = client(Address((url,), timeout=600)).indices.stats(index="zhixin", metric="store").body
    return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])

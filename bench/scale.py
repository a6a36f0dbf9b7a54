"""What a register takes at several sizes: a tenth of the real enterprises, all, and generated certificates on their codes.

`python -m bench scale`; not part of `make bench`, as it runs for half an hour.
"""

import csv
import gzip
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.elastic import asked_of_cluster, own_answers, server, when_merged
from bench.finding import queries
from bench.ingest import scratch, tenth
from bench.process import python
from bench.table import Line
from indexer.identifiers import valid_uscc
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
        with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
            held = [(row["uscc"], row["name"]) for row in csv.DictReader(rows) if valid_uscc(row["uscc"])]
        for turn in range(ROUNDS):
            made = _certificates(folder / "certificates.csv", held, turn)
            python("indexer", "ingest", str(made), "--kind", "certificate", environ=environ)
            python("indexer", "sync", environ=environ)
            yield from _sizes(url, folder, texts)


def _certificates(path: Path, held: Sequence[tuple[str, str]], turn: int) -> Path:
    """Invented certificates of the real enterprises, in this throw-away register only."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(
            ["uscc", "name", "number", "standard", "issuer", "issued_on", "valid_until", "status"]
        )
        for at, (code, name) in enumerate(held):
            number = f"999{26 + turn}Q{at:07d}R0M"
            days = (f"20{20 + turn}-01-05", f"20{23 + turn}-01-04")
            writer.writerow([code, name, number, "GB/T 19001-2016", "示例认证中心有限公司", *days, "有效"])
    return path


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

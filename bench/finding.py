"""What the engines find for the queries of ../shared/search_eval: the same first hit, and how high the wanted enterprise stands."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.table import Line
from indexer.register.reading import Register
from indexer.search.elastic.connection import Address, client
from indexer.search.elastic.index import SIMILARITY
from indexer.search.protocol import SearchEngine
from indexer.search.query import Filters, Query

QUERIES = 100  # of each kind
SEED = "7"
TRIED = ((0.6, 0.75), (1.2, 0.0), (1.2, 0.3), (2.0, 0.75))
"""k1 and b of BM25."""


def queries(shared: Path, file: Path, number: int = QUERIES, seed: str = SEED) -> list[dict[str, str]]:
    """Queries with the code of the enterprise that each wants."""
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as out:
        command = [sys.executable, str(shared / "search_eval" / "make_queries.py"), str(file), out.name]
        subprocess.run([*command, "--n", str(number), "--seed", seed], check=True, stdout=subprocess.DEVNULL)
        return [json.loads(line) for line in out]


def parity(
    register: Register, embedded: SearchEngine, elastic: SearchEngine, asked: Sequence[dict[str, str]]
) -> Iterator[Line]:
    """How far the two engines agree."""
    ours, theirs = _found(embedded, asked), _found(elastic, asked)
    same = sum(one[:1] == other[:1] for one, other in zip(ours, theirs, strict=True))
    yield Line(
        "both engines have the same first hit, %", f"{len(asked)} queries", same / len(asked) * 100, "≥ 99"
    )
    ranks = [_mean_rank(register, found, asked) for found in (ours, theirs)]
    yield Line(
        "MRR@10 of the engines differs by",
        "embedded {:.3f}, Elasticsearch {:.3f}".format(*ranks),
        abs(ranks[0] - ranks[1]),
        "≤ 0.01",
    )


def similarities(
    url: str, register: Register, elastic: SearchEngine, asked: Sequence[dict[str, str]]
) -> Iterator[Line]:
    """MRR@10 with other numbers for BM25 than those of the mapping, which are set again at the end."""
    for k1, b in (*TRIED, (SIMILARITY["names"]["k1"], SIMILARITY["names"]["b"])):
        _set(url, {"k1": k1, "b": b})
        rank = _mean_rank(register, _found(elastic, asked), asked)
        yield Line(f"MRR@10 with k1 = {k1}, b = {b}", "Elasticsearch", rank, "")


def _set(url: str, numbers: dict[str, object]) -> None:
    cluster = client(Address((url,), timeout=60))
    cluster.indices.close(index="zhixin")
    cluster.indices.put_settings(index="zhixin", settings={"similarity.names": {"type": "BM25"} | numbers})
    cluster.indices.open(index="zhixin")
    cluster.cluster.health(index="zhixin", wait_for_status="green", timeout="60s")


def _found(engine: SearchEngine, asked: Sequence[dict[str, str]]) -> list[list[str]]:
    """The ids that each query finds, best first."""
    enterprises = Filters(kind=("enterprise",))
    return [[hit.id for hit in engine.search(Query(each["q"], enterprises, limit=10)).hits] for each in asked]


def _mean_rank(register: Register, found: Sequence[list[str]], asked: Sequence[dict[str, str]]) -> float:
    """MRR@10: the mean of 1 ÷ the rank of the wanted enterprise."""
    records = register.records(list({id_ for ids in found for id_ in ids}))
    total = 0.0
    for ids, each in zip(found, asked, strict=True):
        codes = [subject.uscc for id_ in ids if (subject := records[id_].subject) is not None]
        total += 1 / (codes.index(each["uscc"]) + 1) if each["uscc"] in codes else 0
    return total / len(asked)

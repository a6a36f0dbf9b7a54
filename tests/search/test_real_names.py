"""Real names, typed the way people type them (../shared/search_eval/make_queries.py), find their enterprise in both engines.

On 10,000 of the names; `make bench-search` asks all of them.
"""

import csv
import gzip
import random
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

from bench.targets import TARGETS
from indexer.search.documents import Document
from indexer.search.protocol import SearchEngine
from indexer.search.query import Query
from tests.search.conftest import NewEngine

SHARED = Path(__file__).resolve().parents[3] / "shared"
REGISTER = SHARED / "data" / "enterprises_national.csv.gz"
GENERATOR = SHARED / "search_eval" / "make_queries.py"
SAMPLED, ASKED = 10_000, 100

pytestmark = pytest.mark.skipif(
    not (REGISTER.exists() and GENERATOR.exists()), reason="the real data of ../shared is absent"
)

KINDS = [kind for kind in TARGETS if kind != "ALL"]
"""What is asked of the whole register; of fewer names it is the least."""

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Every 110th enterprise of the national register: names of all places."""
    with gzip.open(REGISTER, "rt", encoding="utf-8", newline="") as file:
        return [row for row in islice(csv.DictReader(file), 0, None, 110) if len(row["uscc"]) == 18][:SAMPLED]


@pytest.fixture(scope="module")
def real(rows: list[Row], new_engine: NewEngine) -> SearchEngine:
    engine = new_engine()
    with engine.rebuild() as writer:
        writer.put(writer.prepare(map(document, rows), 1))
    return engine


def document(row: Row) -> Document:
    return Document(
        id=row["uscc"],
        version=1,
        kind="enterprise",
        subject=row["uscc"],
        codes=(row["uscc"], row["uscc"][8:17]),
        name=row["name"],
        region=row["province"],
        text=row["city"],
    )


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = spec_from_file_location("make_queries", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def asked(rows: list[Row], generator: ModuleType) -> dict[str, list[tuple[str, str]]]:
    """For each kind of query what is typed, and the code that is wanted: of rows whose name and core nobody else has."""
    rng = random.Random(1)
    perturb = generator.Perturb([row["name"] for row in rows], rng)
    cores = {row["uscc"]: generator.core_name(row["name"], row["province"], row["city"]) for row in rows}
    names, shared = Counter(row["name"] for row in rows), Counter(cores.values())
    distinct = [
        row
        for row in rng.sample(rows, len(rows))
        if names[row["name"]] == shared[cores[row["uscc"]]] == 1
        and all("一" <= letter <= "鿿" for letter in cores[row["uscc"]])
    ]
    found: dict[str, list[tuple[str, str]]] = {}
    for kind in KINDS:
        typed = ((getattr(perturb, kind)(row, cores[row["uscc"]]), row["uscc"]) for row in distinct)
        found[kind] = list(islice((pair for pair in typed if pair[0]), ASKED))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_wanted_enterprise_comes_first(
    real: SearchEngine, asked: dict[str, list[tuple[str, str]]], kind: str
) -> None:
    score, missed = 0.0, []
    for typed, wanted in asked[kind]:
        ids = [hit.id for hit in real.search(Query(typed, limit=10)).hits]
        score += 1 / (ids.index(wanted) + 1) if wanted in ids else 0
        if ids[:1] != [wanted]:
            missed.append(typed)
    assert score / len(asked[kind]) >= TARGETS[kind], missed

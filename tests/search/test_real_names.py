"""Real names, typed the way people type them (../shared/search_eval/make_queries.py), find their enterprise.

The generator needs two packages of its own for kinds of queries that are not asked here; its functions that need none are used, and
Traditional characters come from the OpenCC that the project has.
"""

import csv
import gzip
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType

import opencc
import pytest

from indexer.search.documents import Document
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.search.query import Query

SHARED = Path(__file__).resolve().parents[3] / "shared"
REGISTER = SHARED / "data" / "enterprises_national.csv.gz"
GENERATOR = SHARED / "search_eval" / "make_queries.py"
SAMPLED, ASKED = 10_000, 150

pytestmark = pytest.mark.skipif(
    not (REGISTER.exists() and GENERATOR.exists()), reason="the real data of ../shared is absent"
)

Row = dict[str, str]
TO_TRADITIONAL = opencc.OpenCC("s2t")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Every 110th enterprise of the national register: names of all places."""
    with gzip.open(REGISTER, "rt", encoding="utf-8", newline="") as file:
        return [row for row in islice(csv.DictReader(file), 0, None, 110) if len(row["uscc"]) == 18][:SAMPLED]


@pytest.fixture(scope="module")
def engine(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> EmbeddedEngine:
    engine = EmbeddedEngine(tmp_path_factory.mktemp("real"))
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
        region=row["city"],
    )


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """The part of the generator before its class, which is all that needs no further package."""
    source = GENERATOR.read_text(encoding="utf-8").split("class Perturb")[0]
    source = re.sub(r"^(from opencc|from pypinyin).*$", "", source, flags=re.MULTILINE)
    module = ModuleType(
        "make_queries"
    )  # run in part: the evaluation is trusted, being the very thing to be met
    exec(compile(source, str(GENERATOR), "exec"), module.__dict__)  # noqa: S102
    return module


def distinct(rows: list[Row], generator: ModuleType) -> Iterator[tuple[Row, str]]:
    """Rows whose name and core nobody else has, with the core, in random order: what the generator asks for."""
    cores = {row["uscc"]: generator.core_name(row["name"], row["province"], row["city"]) for row in rows}
    names, shared = Counter(row["name"] for row in rows), Counter(cores.values())
    for row in random.Random(1).sample(rows, len(rows)):
        core = cores[row["uscc"]]
        if names[row["name"]] == shared[core] == 1 and all("一" <= letter <= "鿿" for letter in core):
            yield row, core


def grouped(row: Row, core: str) -> str:
    code = row["uscc"].lower()
    return " ".join(code[at : at + 4] for at in range(0, 18, 4))


KINDS: dict[str, tuple[Callable[[Row, str], str], float]] = {
    "full": (lambda row, core: row["name"], 0.97),
    "core": (lambda row, core: core, 0.97),
    "traditional": (lambda row, core: TO_TRADITIONAL.convert(row["name"]), 0.9),
    "uscc_typed": (grouped, 0.97),
    "organisation_code": (lambda row, core: f"{row['uscc'][8:16]}-{row['uscc'][16]}", 0.97),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_wanted_enterprise_comes_first(
    engine: EmbeddedEngine, rows: list[Row], generator: ModuleType, kind: str
) -> None:
    typed, least = KINDS[kind]
    missed = []
    for row, core in islice(distinct(rows, generator), ASKED):
        hits = engine.search(Query(typed(row, core), limit=1)).hits
        if not hits or hits[0].id != row["uscc"]:
            missed.append(typed(row, core))
    assert 1 - len(missed) / ASKED >= least, missed

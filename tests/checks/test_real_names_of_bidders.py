"""Real names typed as people type them (../shared/search_eval/make_queries.py): 95 % right or rightly uncertain, no wrong one certain.

Of every five enterprises one is kept from the register: whoever asks for it must not be given another.
"""

import csv
import gzip
import random
from collections import Counter
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

from indexer.register.database import connect
from indexer.register.many import ManySubjects
from portal.checks.model import Bidder
from portal.reconciliation.matching import match
from portal.reconciliation.model import Query
from tests import servers
from tests.checks.conftest import Office
from tests.register.conftest import Desk, row
from tests.search.conftest import NewEngine

SAMPLED, ASKED, KEPT_BACK = 10_000, 1_000, 5
CODE_KINDS = ("uscc_typed", "organisation_code")

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[Row]:
    """Every 110th enterprise of the national register: names of all places."""
    with gzip.open(
        shared / "data" / "enterprises_national.csv.gz", "rt", encoding="utf-8", newline=""
    ) as file:
        return [row for row in islice(csv.DictReader(file), 0, None, 110) if len(row["uscc"]) == 18][:SAMPLED]


@pytest.fixture(scope="module")
def generator(shared: Path) -> ModuleType:
    spec = spec_from_file_location("make_queries", shared / "search_eval" / "make_queries.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def absent(rows: list[Row]) -> frozenset[str]:
    """Codes that the register does not have."""
    return frozenset(row["uscc"] for row in rows[::KEPT_BACK])


@pytest.fixture(scope="module")
def registered(
    rows: list[Row], absent: frozenset[str], databases: servers.Databases, new_engine: NewEngine
) -> Iterator[Office]:
    with databases.fresh("sqlite") as url:
        engine = connect(url)
        office = Office(Desk(engine), new_engine())
        known = [each for each in rows if each["uscc"] not in absent]
        drafts = [
            row(n, e["name"], e["uscc"], province=e["province"], city=e["city"]) for n, e in enumerate(known)
        ]
        assert office.desk.publish("enterprise", drafts) == []
        office.index()
        yield office
        engine.dispose()


@pytest.fixture(scope="module")
def asked(rows: list[Row], generator: ModuleType) -> list[tuple[str, str, str]]:
    """Kind of query, what is typed, the code that is wanted: as `make_queries.py` chooses, of names and cores that nobody else has."""
    rng = random.Random(1)
    perturb = generator.Perturb([each["name"] for each in rows], rng)
    cores = {e["uscc"]: generator.core_name(e["name"], e["province"], e["city"]) for e in rows}
    names, shared_cores = Counter(e["name"] for e in rows), Counter(cores.values())
    distinct = [
        e
        for e in rng.sample(rows, len(rows))
        if names[e["name"]] == shared_cores[cores[e["uscc"]]] == 1
        and all("一" <= c <= "鿿" for c in cores[e["uscc"]])
    ]
    kinds = [kind for kind in generator.KINDS if kind not in CODE_KINDS]
    found = []
    for kind in kinds:
        typed = ((kind, getattr(perturb, kind)(e, cores[e["uscc"]]), e["uscc"]) for e in distinct)
        found += list(islice((each for each in typed if each[1]), -(-ASKED // len(kinds))))
        rng.shuffle(distinct)
    return found[:ASKED]


def test_no_wrong_enterprise_is_certain_and_nearly_all_are_right_or_rightly_uncertain(
    registered: Office, asked: list[tuple[str, str, str]], absent: frozenset[str]
) -> None:
    assert len(asked) == ASKED
    result = registered.check([Bidder(at, name=typed) for at, (_, typed, _) in enumerate(asked)])
    figures: Counter[tuple[str, str]] = Counter()
    wrong, missed = [], []
    for (kind, typed, wanted), each in zip(asked, result.bidders, strict=True):
        offered = [candidate.code for candidate in each.match.candidates]
        if each.match.code is not None:
            verdict = "right" if each.match.code == wanted else "wrong"
        elif wanted in absent:
            verdict = "rightly nobody"
        else:
            verdict = "rightly uncertain" if wanted in offered else "missed"
        figures[kind, verdict] += 1
        wrong += [typed] if verdict == "wrong" else []
        missed += [typed] if verdict == "missed" else []
    for (kind, verdict), many in sorted(figures.items()):
        print(f"{kind:12} {verdict:18} {many}")
    print(f"right or rightly uncertain: {1 - (len(wrong) + len(missed)) / ASKED:.1%}, wrong: {len(wrong)}")
    assert wrong == []
    assert len(missed) <= ASKED * 0.05, missed
    of_full = {verdict for kind, verdict in figures if kind == "full"}
    assert of_full == {"right", "rightly nobody"}, "a whole name needs nobody to look at it"


def test_no_row_of_a_spreadsheet_is_matched_with_a_wrong_enterprise(
    registered: Office, asked: list[tuple[str, str, str]], absent: frozenset[str]
) -> None:
    """The same names through the reconciliation service."""
    register = registered.desk.register
    subjects = ManySubjects(register, register.clock.today(), register.version())
    results = match([Query(typed) for _, typed, _ in asked], subjects, registered.search)
    verdicts: Counter[str] = Counter()
    wrong = []
    for (_, typed, wanted), candidates in zip(asked, results, strict=True):
        assert len({each.file.subject.code for each in candidates}) == len(candidates) <= 5
        taken = [each.file.subject.code for each in candidates if each.match]
        wrong += [typed] if taken not in ([], [wanted]) else []
        offered = wanted in [each.file.subject.code for each in candidates]
        verdicts[
            "taken" if taken else "offered" if offered else "absent" if wanted in absent else "missed"
        ] += 1
    print(dict(verdicts))
    assert wrong == []
    assert verdicts["missed"] <= ASKED * 0.05 and verdicts["taken"] > 100

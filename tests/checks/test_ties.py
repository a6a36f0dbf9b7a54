"""What connects bidders by what is publicly filed: pointed out, never as a verdict, and at a cost that grows with the bidders only."""

import time
from dataclasses import replace
from typing import Any

import pytest

from indexer.identifiers import parse_codes
from indexer.register.reading import CreditFile
from portal.checks.model import Bidder, Tie
from portal.checks.ties import Ties, parents_of
from tests.checks.conftest import Office
from tests.register.conftest import row, uscc

FIRST, SECOND, BRANCH = "示例恒达仪表有限公司", "示例永丰电缆有限公司", "示例恒达仪表有限公司苏州分公司"
ADDRESS = "示例市高新区示例路18号3幢201室"


@pytest.fixture
def filed(office: Office) -> Office:
    firms: list[dict[str, Any]] = [
        {"address": ADDRESS, "legal_representative": "示例一", "former_names": "示例同名电气厂"},
        {"address": "示例市高新区示例路１８号3幢201室 ", "legal_representative": "示例二"},
        {"address": "示例市高新区", "legal_representative": "示例二"},
        {"address": "示例市高新区", "legal_representative": "示例三"},
    ]
    names = [FIRST, SECOND, BRANCH, "示例同名电气厂"]
    rows = [row(n, name, uscc(n), **firm) for n, (name, firm) in enumerate(zip(names, firms, strict=True), 1)]
    office.desk.publish("enterprise", rows)
    return office


def ties(office: Office, *codes: str) -> dict[str, Tie]:
    found = office.check([Bidder(at, code) for at, code in enumerate(codes, 1)]).closing.ties
    assert len({tie.code for tie in found}) == len(found)
    return {tie.code: tie for tie in found}


def test_what_is_common_is_pointed_out_with_the_rows_and_what_it_is(filed: Office) -> None:
    found = ties(filed, *(uscc(n) for n in (1, 2, 3, 4)))
    assert {code: tie.rows for code, tie in found.items()} == {
        "same_address": (1, 2),
        "same_former_name": (1, 4),
        "same_representative": (2, 3),
        "parent_and_branch": (1, 3),
    }
    assert found["same_address"].value == ADDRESS
    assert all("不代表存在违法" in tie.zh and "no wrongdoing" in tie.en for tie in found.values())


def test_the_same_bidder_twice_is_one_tie_and_not_tied_to_itself_otherwise(filed: Office) -> None:
    found = ties(filed, uscc(1), uscc(1)[8:17], uscc(1))
    assert {code: tie.rows for code, tie in found.items()} == {"same_subject": (1, 2, 3)}


def test_nothing_common_is_no_tie(filed: Office) -> None:
    assert ties(filed, uscc(2), uscc(4)) == {}


def test_a_sole_traders_masked_address_and_operator_tie_nobody(office: Office) -> None:
    values: Any = {"address": "示例市示例区示例街道示例路1号101室", "operator": "示例一"}
    sole = ["92" + uscc(n)[2:] for n in (1, 2)]
    office.desk.publish(
        "enterprise", [row(n, f"示例{n}号经营部", code, **values) for n, code in enumerate(sole, 1)]
    )
    assert ties(office, *sole) == {}


@pytest.mark.parametrize(
    ("name", "parents"),
    [
        (BRANCH, [FIRST]),
        ("示例集团公司机械厂苏州分公司", ["示例集团公司机械厂", "示例集团公司"]),
        ("示例恒达仪表有限公司", []),
        ("苏州分公司", []),
        ("公司分公司", []),
    ],
)
def test_a_branch_begins_with_the_name_of_its_parent(name: str, parents: list[str]) -> None:
    assert parents_of(name) == parents


def test_twenty_thousand_bidders_at_one_address_are_tied_without_comparing_each_with_each(
    filed: Office,
) -> None:
    [file] = filed.desk.register.credit_file(parse_codes(uscc(1)))
    gathered = Ties()
    begun = time.perf_counter()
    for number in range(1, 20_001):
        gathered.add(number, _other(file, number))
    found = {tie.code: tie for tie in gathered.found()}
    assert len(found["same_address"].rows) == 20_000
    assert time.perf_counter() - begun < 10  # two hundred million pairs would take much longer


def _other(file: CreditFile, number: int) -> CreditFile:
    return replace(file, subject=replace(file.subject, code=str(number), name=f"示例{number}号有限公司"))

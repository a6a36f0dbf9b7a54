"""A whole check: what it refuses, what it costs, what it says of itself, and how it is written down."""

import gc
from datetime import timedelta
from typing import Any

import orjson
import pytest

from indexer.errors import InvalidParameter
from indexer.register.reading import CreditFile
from portal.checks import checking
from portal.checks.checking import Check
from portal.checks.model import Bidder, CheckResult, Request, Requirement
from portal.checks.plain import as_json
from portal.restrictions.rules import DOMAINS
from tests.checks.conftest import RULES, Office
from tests.register.conftest import row, uscc
from tests.register.statements import statements

BLACK: Any = {
    "list": "black",
    "scheme": "严重违法失信名单",
    "document_number": "示例列〔2026〕1号",
    "listed_on": "2026-01-15",
    "status": "listed",
    "subject_kind": "organisation",
}


@pytest.fixture
def filled(office: Office) -> Office:
    """Forty firms with a certificate each; the first is on a black list."""
    firms = [(n, f"示例{n}号有限公司", uscc(n)) for n in range(1, 41)]
    office.desk.publish("enterprise", [row(*firm) for firm in firms])
    values: Any = {"category": "质量管理体系认证", "issued_on": "2026-01-10", "valid_until": "2029-01-09"}
    office.desk.publish(
        "certificate", [row(*firm, number=f"99926Q{firm[0]:05d}R0S", **values) for firm in firms]
    )
    office.desk.publish("listing", [row(*firms[0], **BLACK)])
    office.index()
    return office


@pytest.mark.parametrize(
    ("ask", "most"),
    [
        (lambda n: Bidder(n, uscc(n)), 4),
        (lambda n: Bidder(n, uscc(n)[8:17]), 4),
        (lambda n: Bidder(n, uscc(n + 500)), 6),
        (lambda n: Bidder(n, name=f"示例{n}号有限公司"), 3),
        (lambda n: Bidder(n, name=f"示例{n}号公司"), 4),
        (lambda n: Bidder(n, name=f"示例{n}号有限公司苏州分公司"), 4),
    ],
)
def test_the_number_of_statements_does_not_grow_with_the_bidders(filled: Office, ask: Any, most: int) -> None:
    def cost(many: int) -> int:
        with statements(filled.desk.engine) as seen:
            filled.check(
                [ask(n) for n in range(1, many + 1)], requirements=(Requirement("质量管理体系认证"),)
            )
        return len(seen)

    assert cost(40) == cost(2) <= most


def test_longer_lists_are_asked_for_in_chunks_and_answered_in_their_order(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bidders = [Bidder(n, uscc(n)) if n % 2 else Bidder(n, name=f"示例{n}号有限公司") for n in range(1, 41)]
    at_once = filled.check(bidders)
    monkeypatch.setattr(checking, "CHUNK", 7)
    seen: list[tuple[int, int]] = []
    request = Request(filled.desk.clock.today(), tuple(bidders))
    running = Check(filled.desk.register, filled.search, RULES, request, lambda *done: seen.append(done))
    in_chunks = CheckResult(running.basis, tuple(running), running.closing())
    assert as_json(in_chunks) == as_json(at_once)
    assert [each.bidder.row for each in in_chunks.bidders] == list(range(1, 41))
    assert seen == [(7, 40), (14, 40), (21, 40), (28, 40), (35, 40), (40, 40)]


def test_only_the_files_of_one_chunk_are_held_while_a_check_is_made(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "CHUNK", 5)
    request = Request(filled.desk.clock.today(), tuple(Bidder(n, uscc(n)) for n in range(1, 41)))
    held, seen = [], 0
    for each in Check(filled.desk.register, filled.search, RULES, request):
        held.append(sum(isinstance(thing, CreditFile) for thing in gc.get_objects()))
        seen += each.match.code is not None
    assert seen == 40 and min(held) > 0
    assert max(held) - min(held) <= 5  # others of the same process may hold some too


def test_the_future_is_refused_by_name(filled: Office) -> None:
    with pytest.raises(InvalidParameter) as refused:
        filled.check([Bidder(1, uscc(1))], as_of=filled.desk.clock.today() + timedelta(days=1))
    assert refused.value.where == "as_of"
    with pytest.raises(InvalidParameter) as refused:
        filled.check([Bidder(1, uscc(1))], known_at=filled.desk.clock.now() + timedelta(seconds=1))
    assert refused.value.where == "known_at"


def test_a_domain_that_does_not_exist_and_a_requirement_of_nothing_are_refused_by_name(
    filled: Office,
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        filled.check([], domains=("bidding", "football"))
    assert refused.value.where == "domains"
    with pytest.raises(InvalidParameter) as refused:
        filled.check([], requirements=(Requirement(),))
    assert refused.value.where == "requirements"


def test_only_the_domains_asked_for_are_answered(filled: Office) -> None:
    result = filled.one(uscc(1), domains=("honours", "bidding"))
    assert [domain.code for domain in result.domains] == ["bidding", "honours"]
    assert result.restricted
    assert [domain.code for domain in filled.one(uscc(1)).domains] == [domain.code for domain in DOMAINS]


def test_what_is_recorded_while_a_check_runs_is_not_in_it(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second half of the bidders is read after firm 40 was put on a list; the check speaks of one state of the register."""
    monkeypatch.setattr(checking, "CHUNK", 20)

    def publish(done: int, _of: int) -> None:
        if done == 20:
            filled.desk.publish("listing", [row(9, "示例40号有限公司", uscc(40), **BLACK)])

    request = Request(filled.desk.clock.today(), tuple(Bidder(n, uscc(n)) for n in range(1, 41)))
    began = filled.desk.register.version().number
    running = Check(filled.desk.register, filled.search, RULES, request, publish)
    assert [each.bidder.row for each in running if each.restricted] == [1]
    assert running.basis.register_version == began
    assert filled.one(uscc(40)).restricted


def test_a_branch_is_shown_with_its_parent_and_the_parents_own_status(filled: Office) -> None:
    branch = "示例1号有限公司苏州分公司"
    filled.desk.publish("enterprise", [row(2, branch, uscc(90))])
    result = filled.one(uscc(90))
    assert result.restricted is False
    assert result.parent is not None
    assert (result.parent.code, result.parent.name) == (uscc(1), "示例1号有限公司")
    assert any(domain.status != "clear" for domain in result.parent.domains)
    assert filled.one(uscc(2)).parent is None


def test_the_result_is_plain_json_in_a_stable_order_and_says_what_it_rests_on(filled: Office) -> None:
    bidders = [Bidder(1, uscc(1)), Bidder(2, name="示例2号公司"), Bidder(3, "见附件", "示例3号有限公司")]
    result = filled.check(
        bidders, requirements=(Requirement("质量管理体系认证"), Requirement(standard="ISO 14001"))
    )
    plain = as_json(result)
    assert orjson.loads(orjson.dumps(plain)) == plain
    assert list(plain) == [
        "as_of",
        "bidders",
        "known_at",
        "checked_at",
        "project",
        "domains",
        "requirements",
        "evidence",
        "degraded",
        "notice",
        "summary",
        "ties",
    ]
    assert plain["evidence"]["register_version"] == filled.desk.register.version().number
    assert plain["evidence"]["rules_version"] == RULES.version
    assert plain["checked_at"].endswith("Z")
    assert "信用中国" in plain["notice"]["zh"] and "中国政府采购网" in plain["notice"]["zh"]
    assert plain["summary"] == {
        "bidders": 3,
        "exact": 1,
        "certain": 0,
        "uncertain": 1,
        "none": 1,
        "restricted": 1,
        "banned": 0,
        "meeting_all": 0,
    }
    first = plain["bidders"][0]
    assert first["match"]["certainty"] == "exact"
    assert [cell["reason"] for cell in first["requirements"]] == ["met", "none_on_file"]
    held = [domain for domain in first["domains"] if domain["status"] != "clear"]
    assert all(
        cause["explanation"]["zh"] and cause["basis"] for domain in held for cause in domain["because"]
    )
    assert [b["restricted"] for b in plain["bidders"]] == [True, None, None]
    assert {cell["reason"] for cell in plain["bidders"][1]["requirements"]} == {"not_identified"}
    assert as_json(filled.check(bidders)) == as_json(filled.check(bidders))


def test_an_empty_register_and_an_empty_list_are_answered(office: Office) -> None:
    office.index()
    assert office.check([]).bidders == ()
    assert office.one(uscc(1)).match.certainty == "none"
    assert office.one(name="示例").match.certainty == "none"
    assert office.check([]).basis.register_version == 0


def test_a_persons_number_that_somebody_pasted_is_nowhere_in_the_result(filled: Office) -> None:
    person, telephone = "11010519491231002X", "13812341234"
    bidders = [
        Bidder(1, person),
        Bidder(2, uscc(2), f"示例2号有限公司 {telephone}"),
        Bidder(3, name=f"示例某人{person}"),
    ]
    result = filled.check(bidders)
    said = orjson.dumps(as_json(result)).decode() + repr(result)
    assert person not in said
    assert telephone not in said
    assert [each.match.certainty for each in result.bidders][:2] == ["none", "exact"]

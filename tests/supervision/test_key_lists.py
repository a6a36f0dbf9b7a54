"""Key lists: proposed by hand or by rule, on the list once another approved, off it by the day or by two persons."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from indexer.accounts.people import Conflict
from indexer.errors import InvalidParameter
from indexer.supervision.grading import Criteria
from tests.register.conftest import uscc
from tests.register.statements import statements
from tests.supervision.conftest import ALL, Bureau


@pytest.fixture
def town(bureau: Bureau) -> Bureau:
    """Five enterprises, of which two make cement, and a rule."""
    bureau.firms(*range(1, 6))
    for number in (1, 2):
        bureau.license(number, "水泥")
    bureau.refresh()
    bureau.rule()
    return bureau


def on(bureau: Bureau, name: str = "重点") -> list[str]:
    return [each.code for each in bureau.supervision.key_lists.on(name, 0, 50)]


def test_an_entry_stands_once_another_has_approved_it(town: Bureau) -> None:
    lists = town.supervision.key_lists
    number = lists.propose_by_hand(
        town.operator, "重点", f"{uscc(1).lower()}，{uscc(2)}\n{uscc(1)}", None, "投诉集中"
    )
    assert on(town) == []
    [waiting] = lists.waiting()
    assert (waiting.enterprises, waiting.named[0][0], waiting.way) == (2, uscc(1), "hand")
    with pytest.raises(Conflict):
        lists.decide(town.operator, number, True, "")
    lists.decide(town.reviewer, number, True, "")
    assert on(town) == [uscc(1), uscc(2)]
    assert (lists.names(), lists.of(uscc(1)), lists.waiting()) == ({"重点": 2}, ["重点"], [])


def test_a_rule_proposes_those_who_are_meant_and_not_there_yet(town: Bureau) -> None:
    lists = town.supervision.key_lists
    lists.decide(town.reviewer, lists.propose_by_hand(town.operator, "重点", uscc(1), None, "投诉"), True, "")
    number = lists.propose_by_rule(town.operator, "重点", Criteria(grades=("C",)), None, "等级 C")
    lists.decide(town.reviewer, number, True, "")
    assert on(town) == [uscc(1), uscc(2)]
    with pytest.raises(Conflict):
        lists.propose_by_rule(town.operator, "重点", Criteria(grades=("C",)), None, "等级 C")


def test_an_entry_ends_on_its_day_and_may_come_again(town: Bureau) -> None:
    lists = town.supervision.key_lists
    until = town.today + timedelta(days=3)
    lists.decide(
        town.reviewer, lists.propose_by_hand(town.operator, "重点", uscc(1), until, "整改"), True, ""
    )
    town.wait(days=3)
    assert on(town) == [uscc(1)]
    town.wait(days=1)
    assert (on(town), lists.names()) == ([], {})
    lists.decide(town.reviewer, lists.propose_by_hand(town.operator, "重点", uscc(1), None, "再犯"), True, "")
    assert on(town) == [uscc(1)]


def test_taking_off_needs_two_persons_too(town: Bureau) -> None:
    lists = town.supervision.key_lists
    lists.decide(town.reviewer, lists.propose_by_hand(town.operator, "重点", uscc(1), None, "投诉"), True, "")
    [entry] = lists.on("重点", 0, 50)
    number = lists.propose_end(town.operator, [entry.id], "已整改")
    with pytest.raises(Conflict):
        lists.propose_end(town.operator, [entry.id], "已整改")
    assert on(town) == [uscc(1)]
    lists.decide(town.reviewer, number, False, "材料不足")
    again = lists.propose_end(town.operator, [entry.id], "已整改，材料已补")
    lists.decide(town.reviewer, again, True, "")
    assert on(town) == []


def test_two_proposals_of_the_same_enterprise_put_it_on_the_list_once(town: Bureau) -> None:
    lists = town.supervision.key_lists
    numbers = [
        lists.propose_by_hand(town.operator, "重点", uscc(n) + " " + uscc(1), None, "投诉")
        for n in (2, 3, 4, 5)
    ]

    def decide(number: int) -> str:
        try:
            lists.decide(town.reviewer, number, True, "")
        except Conflict:
            return "late"
        return "done"

    with ThreadPoolExecutor(4) as threads:
        assert "done" in list(threads.map(decide, numbers))
    assert on(town).count(uscc(1)) == 1


def test_what_is_proposed_is_checked(town: Bureau) -> None:
    lists = town.supervision.key_lists
    for codes, name, until, reason, where in (
        (uscc(99), "重点", None, "投诉", "codes"),
        ("123", "重点", None, "投诉", "codes"),
        ("", "重点", None, "投诉", "codes"),
        (uscc(1), " ", None, "投诉", "list"),
        (uscc(1), "重点", town.today - timedelta(days=1), "投诉", "until"),
        (uscc(1), "重点", None, " ", "reason"),
    ):
        with pytest.raises(InvalidParameter) as refused:
            lists.propose_by_hand(town.operator, name, codes, until, reason)
        assert refused.value.where == where


def test_the_list_of_what_waits_costs_the_same_however_much_it_is(town: Bureau) -> None:
    lists = town.supervision.key_lists
    lists.propose_by_hand(town.operator, "一", uscc(1), None, "投诉")
    with statements(town.desk.engine) as few:
        assert len(lists.waiting()) == 1
    for n in range(8):
        lists.propose_by_rule(town.operator, f"名单{n}", ALL, None, "全部")
    with statements(town.desk.engine) as many:
        assert [each.enterprises for each in lists.waiting()] == [1, *[5] * 8]
    assert len(many) == len(few)

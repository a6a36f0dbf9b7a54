"""Draws: the population is hashed before there is a seed, the seed is given once, and the file runs again."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from indexer.accounts.audit import Act, Question, search
from indexer.accounts.people import Conflict
from indexer.errors import FileRefused, InvalidParameter, NotFound
from indexer.register.canonical import canonical
from indexer.supervision.draw_files import complete_file, public_file, verify
from indexer.supervision.draw_work import work
from indexer.supervision.draws import COMMITTED, DRAWN, PLANNED, SOURCE, VOID, Wanted
from indexer.supervision.grading import Criteria
from tests.register.conftest import uscc
from tests.supervision import again
from tests.supervision.conftest import AGENCY, ALL, Bureau


@pytest.fixture
def town(bureau: Bureau) -> Bureau:
    """Twelve enterprises, of which three make cement, a rule and three inspectors."""
    bureau.firms(*range(1, 13))
    for number in (1, 2, 3):
        bureau.license(number, "水泥")
    bureau.refresh()
    bureau.rule()
    bureau.inspectors("T1", "T2", "T3")
    return bureau


def complete(bureau: Bureau, number: int) -> bytes:
    draws = bureau.supervision.draws
    draw = draws.one(number)
    return b"".join(complete_file(draw, [], draws.drawn(number), draws.pieces(draw)))


def public(bureau: Bureau, number: int, *, shown: bool = True) -> bytes:
    draws = bureau.supervision.draws
    draw = draws.one(number)
    return b"".join(public_file(draw, [], draws.drawn(number) if shown else None, draws.pieces(draw)))


def test_the_hash_stands_before_the_seed_and_is_that_of_the_canonical_population(town: Bureau) -> None:
    number = town.committed()
    draw = town.supervision.draws.one(number)
    assert (draw.state, draw.seed, draw.population, draw.number) == (
        COMMITTED,
        None,
        12,
        f"2026-{number:04d}",
    )
    file = json.loads(complete(town, number))
    assert file["seed"] is None
    written = canonical({"enterprises": file["enterprises"], "salt": file["salt"]})
    assert draw.population_hash == hashlib.sha256(written).hexdigest()
    listed = canonical({"inspectors": file["inspectors"]["listed"], "salt": file["salt"]})
    assert draw.inspectors_hash == hashlib.sha256(listed).hexdigest()


def test_what_changes_after_the_commitment_changes_no_draw(town: Bureau) -> None:
    number = town.committed(12)
    town.firms(20, 21)
    town.refresh()
    town.supervision.draws.give_seed(town.operator, number)
    drawn = town.supervision.draws.drawn(number)
    assert {each.code for each in drawn} == {uscc(n) for n in range(1, 13)}
    assert verify(complete(town, number)).whole


def test_a_published_draw_is_run_again_by_another_implementation(town: Bureau) -> None:
    number = town.drawn(5, weights={"C": 4})
    file = json.loads(complete(town, number))
    population = [(code, weight) for code, _name, weight in file["enterprises"]]
    assert sorted({weight for _code, weight in population}) == [1, 4]
    codes = again.draw(file["number"], file["seed"], population, 5)
    assert [code for code, _name in file["drawn"]] == codes
    people = {badge: set(codes) for badge, _agency, codes in file["inspectors"]["listed"]}
    assert file["assigned"] == [
        again.inspectors(file["number"], file["seed"], code, people, 2) for code in codes
    ]


def test_anybody_runs_an_open_draw_again_and_sees_every_change_in_the_file(town: Bureau) -> None:
    file = json.loads(public(town, town.drawn(3)))
    assert verify(json.dumps(file).encode()).steps == {
        "population": True,
        "inspectors": None,
        "drawn": True,
        "assigned": None,
    }
    for change in (
        {"drawn": file["drawn"][::-1]},
        {"count": 2},
        {"enterprises": file["enterprises"][:-1]},
        {"salt": "0" * 32},
    ):
        assert not verify(json.dumps(file | change).encode()).whole, change
    for name, others in (
        ("seed", "another"),
        ("number", "2026-99"),
    ):  # one of few may draw the same by chance
        tried = [verify(json.dumps(file | {name: f"{others}{n:02}"}).encode()).whole for n in range(20)]
        assert sum(tried) <= 5, name
    for broken in (
        b"{}",
        b"[]",
        b"no",
        b'{"algorithm": "other-1"}',
        json.dumps(file | {"enterprises": [1]}).encode(),
    ):
        with pytest.raises(FileRefused):
            verify(broken)


@pytest.mark.parametrize(
    ("criteria", "weights"),
    [(Criteria(grades=("C",)), {}), (ALL, {"C": 3}), (Criteria(listed="重点"), {})],
)
def test_the_public_file_of_a_draw_by_internal_grades_holds_its_hash_alone(
    town: Bureau, criteria: Criteria, weights: dict[str, int]
) -> None:
    lists = town.supervision.key_lists
    codes = " ".join(uscc(n) for n in (1, 2, 3))
    lists.decide(town.reviewer, lists.propose_by_hand(town.operator, "重点", codes, None, "投诉多"), True, "")
    number = town.drawn(2, criteria=criteria, weights=weights)
    file = json.loads(public(town, number))
    draw = town.supervision.draws.one(number)
    assert file["population"] == {"count": draw.population, "hash": draw.population_hash, "public": False}
    assert not {"salt", "enterprises"} & set(file)
    assert "listed" not in file["inspectors"] and "assigned" not in file
    told = json.dumps(file, ensure_ascii=False)
    assert not any(word in told for word in ("grades", "weights", "重点", str(draw.salt)))
    assert verify(json.dumps(file).encode()).whole is False
    assert verify(complete(town, number)).steps == dict.fromkeys(
        ("population", "inspectors", "drawn", "assigned"), True
    )


def test_nobody_is_told_who_was_drawn_before_the_day_of_the_plan(town: Bureau) -> None:
    number = town.drawn(2)
    assert "drawn" not in json.loads(public(town, number, shown=False))
    plans = town.supervision.plans
    assert not plans.shows(number)
    town.plan(number, public_from=town.today + timedelta(days=2))
    assert not plans.shows(number)
    town.wait(days=2)
    assert plans.shows(number)
    assert town.supervision.draws.one(number).state == PLANNED


def test_an_excluded_inspector_is_never_drawn_and_too_few_are_told(town: Bureau) -> None:
    [first, *_] = town.supervision.inspectors.all()
    for n in range(1, 13):
        town.supervision.inspectors.exclude(town.operator, first.id, uscc(n), "亲属任职")
    drawn = town.supervision.draws.drawn(town.drawn(12))
    assert {number for each in drawn for number in each.inspectors} == {"T2", "T3"}
    with pytest.raises(Conflict, match="不足每家 3 人"):
        town.committed(2, each=3)
    draws = town.supervision.draws
    assert {draw.state for draw in draws.some(public=True)} == {DRAWN}


def test_a_draw_of_more_than_there_are_is_not_committed(town: Bureau) -> None:
    with pytest.raises(Conflict, match="只有 12 家"):
        town.committed(13)
    assert town.supervision.draws.some(public=True) == []


def test_one_person_alone_draws_nothing(town: Bureau) -> None:
    draws = town.supervision.draws
    number = draws.propose(town.operator, Wanted("示例抽查", AGENCY, ALL, 2), "年度计划")
    for attempt in (draws.commit, lambda who, what: draws.refuse(who, what, "不好")):
        with pytest.raises(Conflict):
            attempt(town.operator, number)
    draws.commit(town.reviewer, number)
    with pytest.raises(Conflict):
        draws.commit(town.reviewer, number)
    with pytest.raises(NotFound):
        draws.commit(town.reviewer, number + 1)


def test_what_was_approved_is_frozen_and_drawn_by_a_worker_whoever_died_meanwhile(town: Bureau) -> None:
    draws = town.supervision.draws
    number = draws.propose(town.operator, Wanted("示例抽查", AGENCY, ALL, 4), "年度计划")
    too_many = draws.propose(town.operator, Wanted("示例抽查", AGENCY, ALL, 13), "年度计划")
    for each in (number, too_many):
        draws.approve(town.reviewer, each)
        assert draws.one(each).state == "freezing"
    assert draws.some(public=True) == [], "no page before its population is frozen"
    with pytest.raises(Conflict):
        draws.seed(town.operator, number)
    assert work(draws) == 2
    refused = draws.one(too_many)
    assert refused.state == "refused" and "只有 12 家" in (refused.decision or "")
    assert draws.one(number).state == "committed" and work(draws) == 0
    draws.seed(town.operator, number)
    assert draws.drawn(number) == []
    assert work(draws) == 1
    assert len(draws.drawn(number)) == 4 and verify(complete(town, number)).whole
    assert work(draws) == 0


def test_of_many_at_once_one_commits_and_one_gives_the_seed(town: Bureau) -> None:
    draws = town.supervision.draws
    number = draws.propose(town.operator, Wanted("示例抽查", AGENCY, ALL, 4), "年度计划")

    def outcome(act: object) -> str:
        try:
            act()  # type: ignore[operator]
        except Conflict:
            return "late"
        return "done"

    with ThreadPoolExecutor(4) as threads:
        commits = [lambda: draws.commit(town.reviewer, number)] * 4
        assert sorted(threads.map(outcome, commits)) == ["done", "late", "late", "late"]
        assert verify(complete(town, number)).steps["population"] is True
        seeds = [lambda: draws.give_seed(town.operator, number)] * 4
        assert sorted(threads.map(outcome, seeds)) == ["done", "late", "late", "late"]
    assert len(draws.drawn(number)) == 4
    assert verify(complete(town, number)).whole
    assert len(search(town.desk.engine, Question(act=Act.DRAW_SEEDED), 9)) == 1


def test_a_seed_of_a_public_source_is_taken_from_its_instant_on(town: Bureau) -> None:
    draws = town.supervision.draws
    instant = town.desk.clock.now() + timedelta(hours=5)
    with pytest.raises(InvalidParameter, match="将来"):
        town.committed(2, seed_way=SOURCE, seed_source="示例彩票第 1 期", seed_from=town.desk.clock.now())
    number = town.committed(2, seed_way=SOURCE, seed_source="示例彩票第 1 期", seed_from=instant)
    with pytest.raises(Conflict):
        draws.give_seed(town.operator, number, "03 11 17")
    town.wait(hours=6)
    with pytest.raises(InvalidParameter):
        draws.give_seed(town.operator, number, "  ")
    draws.give_seed(town.operator, number, "03 11 17")
    assert draws.one(number).seed == "03 11 17"
    assert verify(complete(town, number)).whole


def test_a_void_draw_stays_public_with_its_reason_and_has_no_plan(town: Bureau) -> None:
    draws = town.supervision.draws
    number = town.drawn(2)
    with pytest.raises(Conflict):
        draws.declare_void(town.operator, number, "种子抄错")
    draws.declare_void(town.reviewer, number, "种子抄错")
    draw = draws.public(draws.one(number).number)
    assert (draw.state, draw.void_reason) == (VOID, "种子抄错")
    with pytest.raises(Conflict):
        town.plan(number)
    planned = town.drawn(2)
    town.plan(planned)
    with pytest.raises(Conflict):
        draws.declare_void(town.reviewer, planned, "不满意")


def test_what_is_asked_of_a_draw_is_checked(town: Bureau) -> None:
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"count": 0}, "count"),
        ({"each": 11}, "each"),
        ({"weights": {"Z": 2}}, "weights"),
        ({"weights": {"A": 21}}, "weights"),
        ({"criteria": Criteria(classes=("none",))}, "classes"),
        ({"criteria": Criteria(grades=("Z",))}, "grades"),
    )
    for wrong, where in cases:
        with pytest.raises(InvalidParameter) as refused:
            town.committed(**wrong)
        assert refused.value.where == where

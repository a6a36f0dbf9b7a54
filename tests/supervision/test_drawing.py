"""The algorithm of a draw: right sizes, nobody twice, weights respected, and the same whoever runs it."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from indexer.supervision.drawing import HEAVIEST, Candidate, Eligible, Lot
from tests.supervision import again

CODES = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18)
POPULATIONS = st.dictionaries(CODES, st.integers(1, HEAVIEST), max_size=40)
SEEDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=80)


def candidates(population: dict[str, int]) -> list[Candidate]:
    return [Candidate(code, f"示例{code}", weight) for code, weight in population.items()]


@given(POPULATIONS, SEEDS, st.integers(1, 50))
def test_another_implementation_draws_the_same(population: dict[str, int], seed: str, count: int) -> None:
    drawn = [each.code for each in Lot("2026-0001", seed).enterprises(candidates(population), count)]
    assert drawn == again.draw("2026-0001", seed, population.items(), count)


@given(POPULATIONS, SEEDS, st.integers(1, 50), st.randoms(use_true_random=False))
def test_a_draw_has_the_right_size_repeats_nobody_and_knows_no_order_of_input(
    population: dict[str, int], seed: str, count: int, chance: random.Random
) -> None:
    lot, given_ = Lot("2026-0001", seed), candidates(population)
    drawn = lot.enterprises(iter(given_), count)
    assert len(drawn) == min(count, len(population)) == len({each.code for each in drawn})
    assert {each.code for each in drawn} <= set(population)
    shuffled = chance.sample(given_, len(given_))
    assert lot.enterprises(shuffled, count) == drawn
    assert lot.enterprises(shuffled, count + 3)[:count] == drawn


@given(
    SEEDS,
    st.dictionaries(st.text("0123456789", min_size=1, max_size=6), st.sets(CODES, max_size=3), max_size=9),
    CODES,
)
def test_inspectors_are_drawn_alike_and_never_where_they_are_excluded(
    seed: str, people: dict[str, set[str]], code: str
) -> None:
    first = next(iter(people), "")
    people = {
        number: excluded | {code} if number == first else excluded for number, excluded in people.items()
    }
    eligible = [Eligible(number, "示例局", frozenset(excluded)) for number, excluded in people.items()]
    found = Lot("2026-0002", seed).inspectors(code, eligible, 2)
    assert found == again.inspectors("2026-0002", seed, code, people, 2)
    assert len(found) == len(set(found)) == min(2, sum(code not in excluded for excluded in people.values()))
    assert first not in found


def test_the_first_place_is_taken_in_proportion_to_the_weights() -> None:
    weights = {"A": 1, "B": 2, "C": 5, "D": 12}
    draws = 6000
    firsts = [Lot("2026-0003", str(n)).enterprises(candidates(weights), 1)[0].code for n in range(draws)]
    for code, weight in weights.items():
        share = weight / 20
        allowed = 4.5 * math.sqrt(draws * share * (1 - share))
        assert abs(firsts.count(code) - draws * share) < allowed, code


def test_what_is_left_is_taken_in_proportion_too() -> None:
    """After D, of weight 12, is gone, B comes next twice as often as A."""
    weights = {"A": 1, "B": 2, "C": 5, "D": 12}
    orders = [Lot("2026-0004", str(n)).enterprises(candidates(weights), 2) for n in range(6000)]
    seconds = [order[1].code for order in orders if order[0].code == "D"]
    for code, share in (("A", 1 / 8), ("B", 2 / 8), ("C", 5 / 8)):
        allowed = 4.5 * math.sqrt(len(seconds) * share * (1 - share))
        assert abs(seconds.count(code) - len(seconds) * share) < allowed, code


def test_equal_weights_give_every_enterprise_the_same_chance() -> None:
    population = candidates(dict.fromkeys("ABCDEFGHJK", 1))
    taken = [each.code for n in range(3000) for each in Lot("2026-0005", str(n)).enterprises(population, 3)]
    expected = 3000 * 3 / 10
    square = sum((taken.count(each.code) - expected) ** 2 / expected for each in population)
    assert square < 33.7  # chi-square, nine degrees of freedom, one in ten thousand; these seeds never change


def test_the_number_and_the_seed_both_change_the_draw() -> None:
    population = candidates({f"{n:018d}": 1 for n in range(200)})
    draws = {
        tuple(each.code for each in Lot(number, seed).enterprises(population, 5))
        for number in ("2026-0001", "2026-0002")
        for seed in ("a", "b")
    }
    assert len(draws) == 4


def test_a_vector_that_never_changes() -> None:
    """docs/supervision.md prints it, for whoever writes a third implementation."""
    population = candidates({f"91329900EXAMPLE{n:03d}": 1 + n % 3 for n in range(1, 7)})
    lot = Lot("2026-0001", "0123456789abcdef")
    assert [each.code[-3:] for each in lot.enterprises(population, 3)] == ["003", "002", "004"]
    people = [Eligible(f"T00{n}", "示例局") for n in range(1, 5)]
    assert lot.inspectors("91329900EXAMPLE001", people, 2) == ["T001", "T002"]

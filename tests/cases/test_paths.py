"""The table of ways: from everywhere there is an end, from the end there is none, and each kind knows what it needs."""

import pytest

from indexer.cases.kinds import BY_MOVES, KINDS, CaseKind
from indexer.cases.paths import STEPS, TABLE, Move, State
from indexer.rules.periods import table


def reachable(kind: CaseKind, start: State) -> set[State]:
    found, front = {start}, [start]
    while front:
        state = front.pop()
        for step in STEPS:
            if step.state == state and step.move in kind.moves and step.to not in found:
                found.add(step.to)
                front.append(step.to)
    return found


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_state_that_a_case_can_get_into_leads_to_the_end(kind: CaseKind) -> None:
    states = reachable(kind, kind.start)
    assert State.ENDED in states
    assert [state for state in states if State.ENDED not in reachable(kind, state)] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_who_filed_a_case_can_not_end_it_for_the_desk(kind: CaseKind) -> None:
    """Nobody but its filer withdraws, and only a move of the desk leads to an outcome of the kind."""
    ending = {step.move for step in STEPS if step.to == State.ENDED and step.move in kind.moves}
    assert Move.WITHDRAW in ending
    assert ending - {Move.WITHDRAW, Move.REFUSE} == ({Move.CONFIRM} if kind.two_decide else {Move.DECIDE})


def test_nothing_leaves_the_end() -> None:
    assert [step for step in STEPS if step.state == State.ENDED] == []


def test_a_state_and_a_move_have_one_row() -> None:
    assert len(TABLE) == len(STEPS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_rule_of_a_kind_has_dated_days_with_a_source(kind: CaseKind) -> None:
    rules = [each for each in (kind.accept_rule, kind.decide_rule, kind.extension_rule) if each]
    assert [rule for rule in rules if rule not in table()] == []
    assert not set(kind.outcomes) & set(BY_MOVES)

"""Rules change by two persons: what is approved is what was previewed, by somebody else, once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from indexer.accounts.audit import Act, Caller, Question, search, verify
from indexer.accounts.people import Conflict
from indexer.errors import InvalidParameter, NotFound
from indexer.rulebook.drafts import Overtaken, State
from portal.restrictions.rules import read_rules
from tests.rulebook.conftest import HONOURS, SHIPPED, WITHOUT, Library, edited

STRICT = edited(SHIPPED, HONOURS, domains=["honours", "licensing", "practice"])


def at_once(*acts: Callable[[], object]) -> Counter[str]:
    """What becomes of acts that several people do at the same time."""
    together = Barrier(len(acts))

    def act(each: Callable[[], object]) -> str:
        together.wait()
        try:
            each()
        except Conflict:
            return "late"
        return "done"

    with ThreadPoolExecutor(len(acts)) as people:
        return Counter(people.map(act, acts))


def test_a_preview_says_whom_a_change_frees_and_whom_it_newly_restricts(library: Library) -> None:
    library.list_firms(1, 2, 3)
    found = library.rules.drafts.one(library.previewed(WITHOUT))
    assert found.preview is not None
    assert (found.preview_state, found.base, found.as_of) == ("done", 1, library.today)
    assert found.preview["enterprises"] == {"freed": 3}
    assert found.preview["domains"] == [["评先评优", "freed", 3]]
    assert {change[1] for change in found.preview["changes"]} == {f"示例{n}有限公司" for n in (1, 2, 3)}
    strict = library.rules.drafts.one(library.previewed(STRICT))
    assert strict.preview is not None and strict.preview["enterprises"] == {"restricted": 3}


def test_a_preview_judges_the_day_from_which_the_change_holds(library: Library) -> None:
    library.list_firms(1)
    text = edited(SHIPPED, HONOURS, valid_to=library.today + timedelta(days=10))
    for days, freed in ((10, {}), (11, {"freed": 1})):
        draft = library.rules.drafts.one(library.previewed(text, library.today + timedelta(days=days)))
        assert draft.preview is not None and draft.preview["enterprises"].get("freed", 0) == freed.get(
            "freed", 0
        )


def test_nobody_approves_what_is_the_own(library: Library) -> None:
    number = library.proposed(WITHOUT, by=library.reviewer)
    with pytest.raises(Conflict):
        library.approve(number, by=library.reviewer)
    assert library.approve(number, by=library.second) == 2


def test_only_whoever_began_a_draft_edits_it(library: Library) -> None:
    number = library.previewed(WITHOUT)
    drafts, effect = library.rules.drafts, library.effect(number)
    acts: list[Callable[[], object]] = [
        lambda: drafts.rewrite(library.other, number, STRICT, read_rules(STRICT).version),
        lambda: drafts.ask_preview(library.other, number, library.today, "示例"),
        lambda: drafts.propose(library.other, number, effect),
        lambda: drafts.discard(library.other, number),
    ]
    for act in acts:
        with pytest.raises(Conflict):
            act()
    assert drafts.one(number).content == WITHOUT


def test_of_two_reviewers_at_once_one_decides(library: Library) -> None:
    number = library.proposed(WITHOUT)
    effect, drafts = library.effect(number), library.rules.drafts
    outcome = at_once(
        lambda: drafts.approve(library.reviewer, number, effect),
        lambda: drafts.refuse(library.second, number, "依据不足"),
        lambda: drafts.approve(library.second, number, effect),
    )
    assert outcome == {"done": 1, "late": 2}
    state = drafts.one(number).state
    assert len(library.rules.editions.newest()) == (2 if state == State.APPROVED else 1)
    assert verify(library.rules.engine).wrong is None


def test_of_two_drafts_from_one_edition_at_once_only_one_is_approved(library: Library) -> None:
    one, other = library.proposed(WITHOUT), library.proposed(STRICT, by=library.other)
    drafts = library.rules.drafts
    effects = {number: library.effect(number) for number in (one, other)}
    outcome = at_once(
        lambda: drafts.approve(library.reviewer, one, effects[one]),
        lambda: drafts.approve(library.second, other, effects[other]),
    )
    assert outcome == {"done": 1, "late": 1}
    [left] = drafts.open()
    assert left.state == State.PROPOSED


def test_after_another_edition_the_preview_is_made_anew_and_says_the_difference_to_that(
    library: Library,
) -> None:
    library.list_firms(1)
    waits = library.proposed(STRICT, by=library.other)
    library.approved(WITHOUT)
    with pytest.raises(Conflict):
        library.approve(waits)
    library.rules.drafts.look_again(library.reviewer, waits)
    library.rules.work()
    draft = library.rules.drafts.one(waits)
    assert (draft.state, draft.base) == (State.PROPOSED, 2)
    assert draft.preview is not None and draft.preview["enterprises"] == {"restricted": 1}
    assert {change[2] for change in draft.preview["changes"]} == {
        "honours",
        "practice",
    }  # edition 2 has neither
    assert library.approve(waits) == 3


def test_an_approval_is_of_the_preview_that_was_seen(library: Library) -> None:
    number = library.proposed(WITHOUT)
    seen = library.effect(number)
    drafts = library.rules.drafts
    drafts.take_back(library.operator, number)
    drafts.rewrite(library.operator, number, STRICT, read_rules(STRICT).version)
    drafts.ask_preview(library.operator, number, library.today, "示例理由")
    library.rules.work()
    drafts.propose(library.operator, number, library.effect(number))
    with pytest.raises(Conflict):
        drafts.approve(library.reviewer, number, seen)
    assert drafts.one(number).state == State.PROPOSED


def test_a_preview_of_a_day_that_has_passed_is_made_anew(library: Library) -> None:
    number = library.proposed(WITHOUT)
    library.wait(days=1)
    with pytest.raises(Conflict):
        library.approve(number)
    library.rules.drafts.look_again(library.reviewer, number)
    library.rules.work()
    assert library.rules.drafts.one(number).as_of == library.today
    assert library.approve(number) == 2


def test_a_preview_that_was_overtaken_is_dropped(library: Library) -> None:
    drafts = library.rules.drafts
    number = drafts.begin(library.operator, WITHOUT, read_rules(WITHOUT).version, 1)
    drafts.ask_preview(library.operator, number, library.today, "示例理由")
    running = drafts.one(number)
    drafts.rewrite(library.operator, number, STRICT, read_rules(STRICT).version)
    with pytest.raises(Overtaken):
        drafts.finish(running, 1, library.today, 0, {"enterprises": {}})
    found = drafts.one(number)
    assert (found.preview_state, found.preview, found.effect) == ("none", None, None)


def test_a_draft_is_not_proposed_without_a_preview_nor_for_yesterday(library: Library) -> None:
    drafts = library.rules.drafts
    number = drafts.begin(library.operator, WITHOUT, read_rules(WITHOUT).version, 1)
    with pytest.raises(Conflict):
        drafts.propose(library.operator, number, "")
    with pytest.raises(InvalidParameter, match="不能早于今天"):
        drafts.ask_preview(library.operator, number, library.today - timedelta(days=1), "示例")
    with pytest.raises(InvalidParameter):
        drafts.ask_preview(library.operator, number, library.today, "  ")
    with pytest.raises(NotFound):
        drafts.discard(library.operator, 99)


def test_every_step_is_written_down(library: Library) -> None:
    refused = library.proposed(WITHOUT)
    library.rules.drafts.refuse(library.reviewer, refused, "依据不足")
    library.rules.drafts.discard(library.operator, refused)
    library.approved(STRICT, library.today + timedelta(days=9))
    library.rules.editions.withdraw(library.second, 2, "推迟")
    acts = [entry.act for entry in search(library.rules.engine, Question(), 50)]
    told = (
        Act.RULES_WITHDRAWN,
        Act.RULES_DECIDED,
        Act.RULES_PROPOSED,
        Act.RULES_DRAFTED,
        Act.RULES_DISCARDED,
    )
    assert [acts.count(each) for each in told] == [1, 2, 2, 2, 1]


def test_whoever_has_no_account_can_not_withdraw_in_nobodys_name(library: Library) -> None:
    library.approved(WITHOUT, library.today + timedelta(days=9))
    with pytest.raises(IntegrityError):
        library.rules.editions.withdraw(Caller(), 2, "无名")
    assert library.rules.editions.one(2).withdrawn_at is None

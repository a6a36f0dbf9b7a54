"""Published figures tell of nobody; numbers and secrets; letters."""

from datetime import date
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from indexer.accounts.tokens import Seal
from indexer.cases import numbers
from indexer.cases.paths import By, Move
from indexer.cases.statistics import FEWEST, Span, figures, folded
from tests.cases.conftest import REACHABLE, Room, shanghai

months = st.dictionaries(
    st.sampled_from([f"2026-{month:02d}" for month in range(1, 13)]),
    st.integers(1, 12).flatmap(
        lambda received: st.integers(0, received).flatmap(
            lambda closed: st.integers(0, closed).map(lambda on_time: (received, closed, on_time))
        )
    ),
)


@given(months)
def test_no_span_has_few_cases_and_none_are_lost_unless_all_are_few(
    found: dict[str, tuple[int, int, int]],
) -> None:
    spans = folded("complaint", found)
    total = sum(received for received, _closed, _on_time in found.values())
    assert all(span.received >= FEWEST for span in spans)
    assert sum(span.received for span in spans) == (total if total >= FEWEST else 0)
    assert all(later.first > earlier.last for later, earlier in pairwise(spans))


def test_figures_count_what_was_received_closed_and_in_time_but_not_this_month(room: Room) -> None:
    for n in range(6):
        case = room.taken(room.file("complaint"))
        if n < 4:
            room.do(case, Move.REFUSE, By.HANDLER, room.operator)
    late = room.taken(room.file("complaint"))
    room.file("question")
    room.clock.instant = shanghai(2026, 10, 30, 9)
    room.do(late, Move.REFUSE, By.HANDLER, room.operator)
    room.file("complaint")
    found = figures(room.accounts.engine, date(2026, 10, 31))
    assert found.spans == (Span("complaint", "2026-09", "2026-09", 7, 5, 4),)
    assert found.too_few == ("question",)
    assert figures(room.accounts.engine, date(2026, 9, 30)).spans == ()


def test_a_number_is_found_however_it_is_typed_and_a_wrong_one_is_none() -> None:
    number = numbers.new_number(date(2026, 9, 29))
    assert number.startswith("BJ-20260929-") and numbers.normal(number) == number
    assert numbers.normal(f" {number.lower().replace('-', '')} ") == number
    assert numbers.normal(number.replace("BJ", "ＢＪ")) == number
    for place in range(3, len(number)):
        for other in "2359AKXZ":
            wrong = number[:place] + other + number[place + 1 :]
            assert wrong == number or numbers.normal(wrong) is None
    assert numbers.normal("ZX" + number[2:]) is None


def test_a_secret_comes_from_its_form_and_the_key_and_looks_like_no_other() -> None:
    one = numbers.secret_for("form", "key")
    assert one == numbers.secret_for("form", "key")
    assert len({one, numbers.secret_for("form", "other"), numbers.secret_for("other", "key")}) == 3
    assert len(numbers.normal_secret(one)) == 16
    assert numbers.secret_digest(one.lower().replace("-", " ")) == numbers.secret_digest(one)


@pytest.mark.parametrize(
    ("move", "letters"), [(Move.ANSWER, 1), (Move.ASK, 1), (Move.EXTEND, 1), (Move.NOTE, 0), (Move.TAKE, 0)]
)
def test_who_gave_an_address_gets_a_letter_of_what_they_may_see(room: Room, move: Move, letters: int) -> None:
    case = room.taken(room.file("complaint", contact=REACHABLE))
    room.do(case, Move.ACCEPT, By.HANDLER, room.operator)
    before = sent(room)
    assert before == [("case-filed", REACHABLE.mail), ("case-moved", REACHABLE.mail)]
    room.do(case, move, By.DESK if move in (Move.NOTE, Move.TAKE) else By.HANDLER, room.operator)
    assert len(sent(room)) == len(before) + letters


def test_a_letter_names_the_case_and_says_nothing_of_it(room: Room) -> None:
    case = room.taken(room.file("complaint", contact=REACHABLE))
    room.do(case, Move.REFUSE, By.HANDLER, room.operator, text="不属于本机关职权。")
    with room.accounts.engine.connect() as connection:
        sealed = connection.execute(text("SELECT content FROM letter ORDER BY id DESC")).scalars().first()
    opened = Seal(room.accounts.settings.signing_key(), "zhixin letters").open(sealed or "")
    letter = orjson.loads(opened or "")
    assert case.number in letter["text"] and "https://credit.example.cn/complaints/follow" in letter["text"]
    assert "不属于" not in letter["text"] and "示例事由" not in letter["text"]


def sent(room: Room) -> list[tuple[str, str]]:
    with room.accounts.engine.connect() as connection:
        rows = connection.execute(text("SELECT kind, mail FROM letter ORDER BY id"))
        return [(row.kind, row.mail) for row in rows]

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import InvalidParameter
from indexer.search.clauses import MOST_BIGRAMS, MOST_WORDS
from indexer.search.cursor import Cursor
from indexer.search.numbers import MOST_ALIKE
from indexer.search.phrases import LONGEST_PHRASE
from indexer.search.query import Filters, Query, plan


@pytest.mark.parametrize("text", ["", "   ", "，。！？", "()[]", "\x00\x01", "——"])
def test_text_without_words_makes_an_empty_plan(text: str) -> None:
    assert plan(Query(text)).clauses == ()


def test_meanings_stand_in_order_of_weight() -> None:
    weights = {clause.reason: clause.weight for clause in plan(Query("91329900MA0000001X 示例检测")).clauses}
    order = [
        "name_exact",
        "code_exact",
        "former_exact",
        "code_starts",
        "name_starts",
        "name_all",
        "text",
    ]
    assert [weights[reason] for reason in order] == sorted(weights[reason] for reason in order)[::-1]


def test_a_code_typed_in_groups_is_one_code() -> None:
    assert plan(Query("９１３2 9900 ma00 0000 1x")).codes[0] == "91329900MA0000001X"


def test_the_legal_form_is_looked_for_only_where_all_parts_are() -> None:
    asked = plan(Query("示例股份有限公司南京分公司"))
    terms = {clause.reason: clause.terms for clause in asked.clauses}
    assert "有限" in terms["name_all"]
    assert not {"有限", "公司"} & {term for clause in asked.near for term in clause.terms}
    assert plan(Query("有限公司")).clauses


@given(st.text(st.characters(), max_size=3000))
def test_every_plan_is_bounded(text: str) -> None:
    first = plan(Query(text))
    asked = first.widened() or first
    for clause in (*asked.clauses, *asked.preferred, *asked.excluded, *chain(*asked.required)):
        most = LONGEST_PHRASE if clause.ordered or clause.without else max(MOST_BIGRAMS, MOST_WORDS)
        most = MOST_ALIKE if clause.reason == "code_alike" else most
        assert 1 <= clause.minimum <= len(clause.terms) <= most
        assert len(clause.without) < LONGEST_PHRASE**2 / 2
        assert all(term and len(term) <= 201 for term in clause.terms)


@pytest.mark.parametrize(
    "other",
    [
        Query("示例乙"),
        Query("示例甲", sort="newest"),
        Query("示例甲", filters=Filters(kind=("certificate",))),
    ],
)
def test_the_cursor_of_another_query_is_refused(other: Query) -> None:
    cursor = Cursor(plan(other).digest, 20)
    with pytest.raises(InvalidParameter) as refused:
        plan(Query("示例甲", cursor=cursor))
    assert refused.value.where == "cursor"


def test_another_page_size_is_the_same_question() -> None:
    assert plan(Query("示例", limit=5)).digest == plan(Query("示例", limit=50)).digest


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_size_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(InvalidParameter) as refused:
        plan(Query("示例", limit=limit))
    assert refused.value.where == "limit"

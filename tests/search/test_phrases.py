"""A phrase is the characters one after another: in names without positions, in long texts with them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from indexer.search.phrases import BREAK, LONGEST_PHRASE, inside, paragraphs, running, seeming
from indexer.text.cut import units

NAMES = st.lists(st.text("甲乙丙", max_size=12), min_size=1, max_size=3)


def holds(names: list[str], phrase: str) -> bool:
    """Whether the tokens of names say that one of them holds a phrase."""
    pairs = {pair for name in names for pair in pairwise(name)}
    tokens = set(seeming([units(name) for name in names]))
    return pairs.issuperset(pairwise(phrase)) and tokens.isdisjoint(inside(units(phrase)))


@given(NAMES, st.text("甲乙丙", min_size=2, max_size=9))
def test_the_tokens_of_names_tell_whether_one_of_them_holds_a_phrase(names: list[str], phrase: str) -> None:
    assert holds(names, phrase) == any(phrase in name for name in names)


@given(NAMES, st.data())
def test_whatever_stands_in_a_name_is_held(names: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(names))
    begin = data.draw(st.integers(0, len(name)))
    phrase = name[begin : data.draw(st.integers(begin, len(name)))]
    assert holds(names, phrase)


def test_a_name_that_repeats_nothing_has_no_more_tokens() -> None:
    assert seeming([units("苏州示例机械有限公司")]) == []
    assert len(seeming([units("示例汽车摩托车配件厂")])) == 2  # 汽车配, 托车摩


def test_a_name_of_one_character_repeated_takes_no_long_time() -> None:
    assert seeming([["的"] * 2000]) == []
    assert len(inside(["的"] * LONGEST_PHRASE)) == LONGEST_PHRASE - 2


def test_units_run_over_punctuation_and_end_with_the_paragraph() -> None:
    assert paragraphs(["双随机、一公開\n监管 ISO9001", "", "甲\n \n乙"]) == (
        f"双 随 机 一 公 开 监 管 iso 9001 {BREAK} 甲 {BREAK} 乙"
    )
    assert running("iso 9001") == running("iso9001")
    assert running("。甲,乙。!丙。") == ["甲", "乙", BREAK, "丙"]
    assert running("。!") == []

"""How like names are: the order of likeness, what is said of a difference, and what no name may change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.search.query import Query, plan
from indexer.search.ranking import NEAR, Likeness, Wanted, aligned
from indexer.search.why import reasons
from indexer.text.normalise import key, normalise
from indexer.text.sounds import syllables

CHARACTERS = st.text(st.sampled_from("示例甲乙泰胎河何星海仪器江苏"), min_size=1, max_size=8)


def like(typed: str, name: str) -> Likeness:
    return Wanted(normalise(typed)).likeness(key(name))


def test_names_stand_in_the_order_of_likeness() -> None:
    names = [
        "示例泰山轮胎",
        "江苏示例泰山轮胎有限公司",
        "示例泰山轮胎贸易有限公司",
        "大示例泰山轮胎有限公司",
        "示例胎山轮胎有限公司",
        "示例泰华山轮胎有限公司",
        "示例黄山轮胎有限公司",
    ]
    degrees = [like("示例泰山轮胎", name).degree for name in names]
    assert degrees == sorted(degrees, reverse=True)
    assert len(set(degrees)) == len(degrees)
    assert degrees[-1] >= NEAR
    assert like("示例泰山轮胎", "别家五金厂").degree == 0


@pytest.mark.parametrize(
    ("typed", "name", "how", "changes"),
    [
        ("示例泰山", "示例胎山厂", "near", (("泰", "胎"),)),
        ("示例泰山", "示例泰大山厂", "near", (("", "大"),)),
        ("示例泰大山", "示例泰山厂", "near", (("大", ""),)),
        ("山泰 示例", "示例山泰厂", "holds", ()),
        ("山泰 示例 苏州", "示例山泰厂", "near", ()),
        ("shilitaishan", "示例泰山", "spelt", ()),
        ("shilitaishan", "苏州示例泰山厂", "spelt", ()),
        ("slts", "苏州示例泰山厂", "initials", ()),
    ],
)
def test_what_is_said_of_a_difference(
    typed: str, name: str, how: str, changes: tuple[tuple[str, str], ...]
) -> None:
    found = like(typed, name)
    assert (found.how, found.changes) == (how, changes)
    assert found.certain == (how != "near")


@pytest.mark.parametrize(
    ("typed", "meant", "others"),
    [
        # 安顺 and 海兴 are places, and also what is left of another word.
        ("安顺塑料薄膜", "天津市宝坻区安全顺塑料薄膜厂", ["义乌市塑料薄膜厂", "天津市塑料薄膜有限公司"]),
        ("海兴建设工程", "烟台市海兴建设工程有限公司", ["武汉海星建设工程咨询有限公司"]),
        ("获嘉县石化销", "获嘉县石化经销有限责任公司", ["中国石化销售有限公司河南石油分公司"]),
    ],
)
def test_a_text_that_seems_to_begin_with_a_place_is_also_taken_as_it_stands(
    typed: str, meant: str, others: list[str]
) -> None:
    assert like(typed, meant).degree > max(like(typed, other).degree for other in others)


def test_another_place_stays_another_place_however_like_its_characters() -> None:
    found = like("南京示例乐器", "北京示例乐器厂")
    assert found.elsewhere is not None and not found.certain
    assert found.degree < like("南京示例乐器", "南京示例月器厂").degree


def test_a_character_that_looks_alike_costs_less_than_any_other_and_more_than_one_that_sounds_alike() -> None:
    sounds, looks, other = (
        like("示例未来仪器", name) for name in ("示例味来仪器", "示例末来仪器", "示例江来仪器")
    )
    assert sounds.degree > looks.degree > other.degree >= NEAR
    assert not looks.certain
    assert looks.changes == (("未", "末"),)


def test_what_looks_alike_is_said() -> None:
    found = like("示例未来仪器", "示例末来仪器")
    near = reasons(plan(Query("示例未来仪器")), ["示例末来仪器"], (), (), found)
    assert [reason.zh for reason in near] == ["名称相近：形近字：未→末"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("示例第3建筑", "示例第三建筑"),
        ("示例第三建筑", "示例第3建筑"),
        ("示例中铁12局", "示例中铁十二局"),
        ("示例АВС检测", "示例ABC检测"),
    ],
)
def test_the_same_name_in_another_writing_is_the_whole_name(typed: str, name: str) -> None:
    assert like(typed, name) == Likeness(1.0, "whole")


def test_the_same_core_in_another_place_is_said_to_be_elsewhere_and_is_never_certain() -> None:
    found = like("苏州示例泰山", "无锡示例泰山有限公司")
    assert found.elsewhere == ("苏州", "无锡")
    assert not found.certain
    assert found.degree < like("苏州示例泰山", "苏州市示例泰山有限公司").degree
    assert like("苏州示例泰山", "示例泰山（苏州）有限公司").elsewhere is None


@given(CHARACTERS, CHARACTERS)
def test_the_table_finds_the_least_cost(typed: str, name: str) -> None:
    found = aligned(typed, syllables(typed), name, syllables(name))
    assert 0 <= found.begin <= found.end <= len(name)
    assert (found.cost == 0) == (typed in name)
    assert (found.changes == []) == (found.cost == 0)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_can_be_compared(typed: str, name: str) -> None:
    found = like(typed, name)
    assert 0 <= found.degree <= 1
    assert found.how or not found.degree


@given(CHARACTERS)
def test_nothing_is_more_like_a_name_than_itself(name: str) -> None:
    assert like(name, name) == Likeness(1.0, "whole")

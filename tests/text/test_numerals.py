"""Numbers in Chinese and in digits come to one writing, and characters that only could be numbers stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.text.normalise import key, normalise
from indexer.text.numerals import folded, folds

NUMERALS = st.text(
    st.sampled_from("〇○零一二三十百千万两壹贰拾佰0123456789第号年局店厂公司示例a -()"), max_size=12
)


@pytest.mark.parametrize(
    "writings",
    [
        ("示例第三建筑", "示例第3建筑", "示例第叁建筑", "示例第３建筑"),
        ("示例第十二店", "示例第12店", "示例第拾贰店"),
        ("示例第三（建筑）", "示例第3建筑"),
        ("示例十二局", "示例12局"),
        ("示例第一分公司", "示例第1分公司"),
        ("示例二十公司", "示例20公司"),
        ("示例路一百二十三号", "示例路123号", "示例路壹佰贰拾叁号"),
        ("示例一千零五号", "示例1005号", "示例一千〇五号"),
        ("示例两百号", "示例二百号", "示例200号"),
        ("示例第九号店", "示例第9号店", "示例第玖号店"),
        ("二〇二六年", "二○二六年", "二零二六年", "二0二六年", "2026年"),
        ("一九九八年", "1998年"),
        ("二零一零年", "2010年"),
        ("示例四〇二队", "示例四零二队", "示例四0二队", "示例402队"),
    ],
)
def test_a_number_is_the_same_however_it_is_written(writings: tuple[str, ...]) -> None:
    assert {key(text) for text in writings} == {key(writings[0])}
    assert len(set(writings)) == len(writings), "two writings are compared"


@pytest.mark.parametrize(
    "name",
    [
        "三一重工",
        "三星",
        "一汽",
        "万科",
        "百度",
        "千百度",
        "五八同城",
        "三六五网",
        "一号店",
        "三一零部件",
        "五一批零商店",
        "百零五号",
        "三百五号",
        "一万二千号",
        "统一号",
        "令第82号",
        "第104队",
        "第3m",
        "第3",
        "示例a3厂",
        "2024年12月3日",
        "第一百二十条",
        "八年",
    ],
)
def test_what_is_not_surely_a_number_stays(name: str) -> None:
    assert normalise(name) == name


def test_names_keep_their_characters_and_numbers_before_hao_become_digits() -> None:
    assert normalise("示例第3建筑") == "示例第三建筑"
    assert normalise("示例路一百二十三号") == "示例路123号"


@given(NUMERALS)
def test_folding_numbers_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert folded(once) == once
    assert normalise(once) == once


@given(NUMERALS)
def test_the_folds_are_what_folding_replaces(text: str) -> None:
    at, pieces = 0, []
    for start, end, written in folds(text):
        pieces += [text[at:start], written]
        at = end
    assert "".join(pieces) + text[at:] == folded(text)


@given(st.integers(10, 9999))
def test_every_number_before_hao_is_read_back(number: int) -> None:
    units = ("", "十", "百", "千")
    digits = str(number)
    written = "".join(
        "零" if digit == "0" else "零一二三四五六七八九"[int(digit)] + units[len(digits) - place]
        for place, digit in enumerate(digits, 1)
    ).rstrip("零")
    while "零零" in written:
        written = written.replace("零零", "零")
    assert normalise(f"示例{written}号") == f"示例{number}号"

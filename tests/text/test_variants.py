"""Every entry of the two lists of characters: what is folded, and what only looks alike."""

import unicodedata

import opencc
import pytest

from indexer.text.lookalikes import groups, lookalikes
from indexer.text.normalise import normalise, variants, writing
from indexer.text.sounds import syllables

ENTRIES = [(to, one) for to, others in variants() for one in others]
T2S = opencc.OpenCC("t2s")


@pytest.mark.parametrize(("to", "one"), ENTRIES)
def test_each_variant_is_folded_and_would_not_be_without_its_entry(to: str, one: str) -> None:
    assert normalise(f"示例{one}公司") == f"示例{to}公司"
    plain = T2S.convert(unicodedata.normalize("NFKC", one).casefold())
    assert plain != to, "Unicode or OpenCC folds it already: drop the entry"


def test_an_index_built_with_other_variants_or_numbers_is_told_apart() -> None:
    said = writing()
    assert all(f"({ord(one)}, {to!r})" in said for to, one in ENTRIES)
    assert str(["第三建筑", "第32号", "中铁十二局", "123号", "402队", "2026年", "三一零部件", "三号"]) in said


def test_no_variant_stands_twice() -> None:
    assert len({one for _, one in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("示例А В С", "示例a b c"),  # Cyrillic
        ("示例ΑΒΕ", "示例abe"),  # Greek
        ("Ⅱ期", "ii期"),
        ("⼀⾦", "一金"),  # Kangxi radicals
        ("５μｍ", "5μm"),
        ("進ロ電カ", "进口电力"),
        ("豈", "岂"),  # a compatibility ideograph
    ],
)
def test_what_looks_like_another_writing_of_a_character_is_folded(typed: str, expected: str) -> None:
    assert normalise(typed) == expected


@pytest.mark.parametrize("group", groups())
def test_lookalikes_are_different_words_and_sound_different(group: str) -> None:
    assert normalise(group) == group
    for character in group:
        others = group.replace(character, "")
        assert len(others) == len(group) - 1
        assert set(others) <= set(lookalikes(character))
        assert any(syllables(character) != syllables(other) for other in others), (
            "the sound is cheaper already"
        )


def test_no_group_of_lookalikes_stands_twice_and_most_characters_have_none() -> None:
    assert len({frozenset(group) for group in groups()}) == len(groups())
    assert lookalikes("示") == ""

import os
import re
import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer.text.asking import telling
from indexer.text.cut import (
    LONGEST,
    SAMPLE,
    bigrams,
    dictionary,
    jieba_cutter,
    rjieba_cutter,
    units,
    words,
    words_by,
)
from indexer.text.normalise import normalise

ENTRIES = [word for word, _, _ in dictionary()]
JIEBA = jieba_cutter()
FAST = rjieba_cutter()
_A_CHARACTER_THRICE = re.compile(r"(\w)\1\1")


@pytest.mark.parametrize("word", ENTRIES)
def test_each_entry_of_the_dictionary_keeps_its_word_whole(word: str) -> None:
    import jieba

    assert word in words(f"关于{word}的决定")
    assert word not in list(jieba.dt.cut_for_search(f"关于{word}的决定")), (
        "jieba knows it already: drop the entry"
    )


def test_no_entry_stands_twice() -> None:
    assert len(ENTRIES) == len(set(ENTRIES))


@pytest.mark.parametrize(("text", "tokens"), SAMPLE)
def test_the_sample_is_what_jieba_gives(text: str, tokens: str) -> None:
    assert words_by(JIEBA, text) == tokens.split()


@given(st.text(st.sampled_from("质量管理体系认证强制性产品示例检测有限公司苏州a1-/.( )"), max_size=60))
def test_the_fast_cutter_gives_the_tokens_of_jieba(text: str) -> None:
    assert FAST is not None, "rjieba is not installed"
    prepared = normalise(text)
    # An unknown 理理理 is 理 理理 as likely as 理理 理, to the last digit, and each of the two takes another one.
    assume(not _A_CHARACTER_THRICE.search(prepared))
    assert words_by(FAST, prepared) == words_by(JIEBA, prepared)


def test_words_overlap_and_leave_punctuation_out() -> None:
    assert words("(质量管理体系)、认证。") == ["质量", "管理", "体系", "质量管理体系", "认证"]


def test_bigrams_reach_over_punctuation_and_take_latin_runs_whole() -> None:
    assert bigrams("示例(3m)公司") == ["示例", "例3m", "3m公", "公司"]
    assert bigrams("甲") == []
    assert units("示3m例") == ["示", "3m", "例"]


@given(st.text())
def test_no_token_is_long_or_holds_a_blank(text: str) -> None:
    prepared = normalise(text)
    for token in words(prepared) + bigrams(prepared):
        assert token.split() == [token]
        assert len(token) <= LONGEST


def test_cutting_is_silent_and_importing_loads_no_dictionary() -> None:
    program = (
        "import sys, indexer.search.embedded.engine, indexer.text.cut as cut\n"
        "assert 'jieba' not in sys.modules and 'rjieba' not in sys.modules\n"
        "cut.words('示例'); cut.jieba_cutter()('示例')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=os.environ, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("失信黑名单什么时候公布呢", "失信 黑名 名单 黑名单 公布"),
        ("一家网吧", "一家 网吧"),
        ("什么", "什么"),
        ("", ""),
    ],
)
def test_the_words_that_ask_are_not_looked_for(text: str, expected: str) -> None:
    assert " ".join(telling(text)) == expected

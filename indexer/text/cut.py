"""Cutting Chinese into tokens (分词): words by jieba's search mode, and pairs of characters.

`jieba` with `dictionary.txt` defines what the words are. `rjieba`, the same algorithm in Rust and eight times as fast, does the work
when it gives the same tokens for `SAMPLE`; the tests compare the two at length. Both load on first use, so that a preloading server
forks without them and a command that cuts nothing does not wait for them.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from operator import add

from indexer.text.normalise import normalise, writing

LONGEST = 64
"""Characters in the longest token that is kept; a longer one is noise, not a word."""

SAMPLE = (
    (
        "质信示例认证检测(江苏)有限公司的质量管理体系认证证书",
        "质信 示例 认证 检测 江苏 有限 公司 有限公司 的 质量 管理 体系 质量管理体系 认证 证书 认证证书",
    ),
    (
        "双随机抽查特种设备iso9001 gb/t 19001-2016",
        "随机 双随机 抽查 特种 设备 特种设备 iso9001 gb t 19001 2016",
    ),
    ("因严重违法失信被吊销许可证", "因 严重 违法 失信 严重违法失信 被 吊销 许可 许可证 吊销许可证"),
    ("小明硕士毕业于中国科学院计算所", "小明 硕士 毕业 于 中国 科学 学院 科学院 中国科学院 计算 计算所"),
)
"""Texts and their words as jieba with the dictionary gives them."""

Cutter = Callable[[str], list[str]]

_UNIT = re.compile(r"[a-z0-9]+|[^\W_]")
_WORD = re.compile(r"[^\W_]")
_LATIN = re.compile(r"[a-z]")
_PARTING = str.maketrans("-.", "  ")


def words(text: str) -> list[str]:
    """The words of a normalised text, in order, overlapping ones included; no punctuation.

    `words("质量管理体系认证") == ["质量", "管理", "体系", "质量管理体系", "认证"]`.
    """
    return words_by(_cutter(), text)


def words_by(cutter: Cutter, text: str) -> list[str]:
    """`words` by a cutter of one's choice. Hyphens and points part words: jieba and rjieba do not agree on `19001-2016` and `3.5mm`."""
    if len(text) <= LONGEST and text.isalnum():
        return cutter(text)
    return [
        token
        for token in cutter(text.translate(_PARTING))
        if (token.isalnum() or _WORD.search(token)) and len(token) <= LONGEST
    ]


def bigrams(text: str) -> list[str]:
    """The pairs of neighbouring characters of a normalised text, over punctuation; a run of Latin letters and digits counts as one.

    `bigrams("示例3m公司") == ["示例", "例3m", "3m公", "公司"]`; a single character has none.
    """
    return paired(text if _characters_only(text) else units(text))


def paired(parts: Sequence[str]) -> list[str]:
    """The pairs of neighbours among `units`."""
    return list(map(add, parts, parts[1:]))


def units(text: str) -> list[str]:
    """What `bigrams` pairs: the characters and the runs of Latin letters and digits (cut at half of `LONGEST`)."""
    if _characters_only(text):
        return list(text)
    return [unit[: LONGEST // 2] for unit in _UNIT.findall(text)]


def _characters_only(text: str) -> bool:
    return text.isalpha() and not _LATIN.search(text)


def dictionary() -> Iterator[tuple[str, int, str]]:
    """The entries of the dictionary of the field: word, frequency, part of speech."""
    for line in _dictionary_text().splitlines():
        if line and not line.startswith("#"):
            word, frequency, part_of_speech = line.split()
            yield normalise(word), int(frequency), part_of_speech


def analysis() -> str:
    """What the writing and the tokens depend on, as a short digest: an index built under another one must be built anew."""
    return hashlib.sha256(f"3\n{SAMPLE}\n{_dictionary_text()}\n{writing()}".encode()).hexdigest()[:16]


def _dictionary_text() -> str:
    return files("indexer.text").joinpath("dictionary.txt").read_text(encoding="utf-8")


@cache
def _cutter() -> Cutter:
    fast = rjieba_cutter()
    if fast is not None and all(words_by(fast, text) == tokens.split() for text, tokens in SAMPLE):
        return fast
    return jieba_cutter()


def jieba_cutter() -> Cutter:
    """jieba's own search mode with the dictionary: the definition."""
    import jieba

    jieba.setLogLevel(logging.ERROR)  # it reports every load of its dictionary on standard error
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for word, frequency, part_of_speech in dictionary():
        tokenizer.add_word(word, frequency, part_of_speech)

    def cut(text: str) -> list[str]:
        return list(tokenizer.cut_for_search(text))

    return cut


def rjieba_cutter() -> Cutter | None:
    """The same by rjieba, None where it is not installed or can not take our words."""
    try:
        import rjieba

        tokenizer = rjieba.Jieba()
        for word, frequency, part_of_speech in dictionary():
            tokenizer.add_word(word, frequency, part_of_speech)
    except (ImportError, AttributeError, TypeError):
        return None
    return tokenizer.cut_for_search

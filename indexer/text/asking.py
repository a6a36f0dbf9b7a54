"""Words that ask and words that say nothing (疑问词、虚词): a text that answers a question seldom holds them."""

import re

from indexer.text.cut import words

ASKING = re.compile(
    "请问|想知道|什么时候|什么样|什么意思|什么|为什么|为何|怎么样|怎么办|怎么|怎样|咋|如何|多久|多少|多长时间|多长|哪些|哪个|哪里|哪儿|哪|"
    "谁|是不是|有没有|能不能|可不可以|可以不可以|要不要|会不会|需不需要|是否|几(?=[天年个家日次])|吗|呢|吧|啊|呀"
)
"""What asks."""

_filling = (
    "的 了 着 过 得 地 是 有 要 会 能 可 可以 应该 需要 在 对 和 与 及 或 由 从 到 被 "
    "把 让 给 向 为 以 于 就 都 也 还 才 又 再 很 去 来 做 干 办 打 说 我 你 他 我们 "
    "你们 咱们 自己 这 那 这个 那个 之 其 所 个 家 种 一 一个 东西 人 内 后 上 下 没 "
    "没有 不 不能"
)
FILLING = frozenset(_filling.split())
"""What is in every text."""

_LONG = re.compile(
    "|".join(
        sorted((w for w in ASKING.pattern.split("|") if len(w) > 1 and w.isalpha()), key=len, reverse=True)
    )
)


def telling(text: str) -> list[str]:
    """The words of a normalised question that its answer may hold; all of them when none is left.

    `telling("失信黑名单什么时候公布呢") == ["失信", "黑名", "名单", "黑名单", "公布"]`. A single character asks only where it is a word: 网吧 stays.
    """
    found = words(_LONG.sub(" ", text))
    return [word for word in found if word not in FILLING and not ASKING.fullmatch(word)] or words(text)

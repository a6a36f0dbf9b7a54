"""What no order of the names could better (可达上限): the MRR@10 to expect of whoever knew how a text is made from a name, and only guessed
between the enterprises that it may have come from.

A query of ../shared/search_eval wants one enterprise, though others would have given the same text: 天信息技术 is any firm of 天_信息技术. Whoever
orders them by how likely each gives that text (as often as places for the left-out character are) is right as often as can be.
"""

import importlib.util
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from indexer.text.sounds import syllables

DEEP = 10


def ceilings(shared: Path, file: Path, asked: Sequence[Mapping[str, str]]) -> dict[str, float]:
    """For each kind of query in which a text may mean several, the best mean that can be expected."""
    maker = _module(shared / "search_eval" / "make_queries.py")
    texts = {kind: {each["q"] for each in asked if each["kind"] == kind} for kind in WAYS}
    weights: dict[tuple[str, str], list[float]] = defaultdict(list)
    for name, core in _candidates(maker, file):
        for kind in WAYS:
            made = list(WAYS[kind](name, core))
            for text in texts[kind].intersection(made):
                weights[kind, text].append(made.count(text) / len(made))
    best = {}
    for kind in WAYS:
        means = [_expected(weights[kind, each["q"]]) for each in asked if each["kind"] == kind]
        if means:
            best[kind] = sum(means) / len(means)
    return best


def _candidates(maker: ModuleType, file: Path) -> Iterator[tuple[str, str]]:
    """Name and core of every enterprise. That queries are only made from those whose core nobody else has is nothing that a search knows."""
    for row in maker.read_register(file):
        core = maker.core_name(row["name"], row["province"], row["city"])
        if len(row["uscc"]) == 18 and all("一" <= character <= "鿿" for character in core):
            yield row["name"], core


def _expected(weights: Sequence[float]) -> float:
    """The expected 1 ÷ rank of the one that is meant, when the likeliest are shown first."""
    if not weights:  # read otherwise than by us: as if it were the only one, for this is a bound
        return 1.0
    shown = sorted(weights, reverse=True)
    return sum(weight / rank for rank, weight in enumerate(shown[:DEEP], 1)) / sum(shown)


def _left_out(name: str, core: str) -> Iterator[str]:
    if len(core) >= 5:
        yield from (core[:at] + core[at + 1 :] for at in range(len(core)))


def _spelt(name: str, core: str) -> Iterator[str]:
    yield "".join(syllables(core[:6]))


def _initials(name: str, core: str) -> Iterator[str]:
    yield "".join(syllable[0] for syllable in syllables(name))


WAYS = {"missing": _left_out, "pinyin": _spelt, "initials": _initials}
"""What may be typed for a name and its core, by kind of query. Readings are ours: pypinyin's, a hundred times as fast."""


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

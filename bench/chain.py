"""The analysis chain (分析链) by itself, on real names: microseconds a name for each step, and the memory that its tables take."""

import csv
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bench.process import python
from bench.table import Line

T = TypeVar("T")

NAMES, APART = 20_000, 55
"""Names that are measured, and how far apart they stand in the file, so that all provinces are among them."""

TURNS = 7
"""The quickest counts: what else the machine does only ever adds."""


def lines(shared: Path) -> Iterator[Line]:
    """The figures of the chain, measured in a process that has done nothing else."""
    run = python("bench.chain", str(shared / "data" / "enterprises_national.csv.gz"), environ={})
    figures: dict[str, float] = json.loads(run.output)
    memory = figures.pop("memory")
    for step, microseconds in figures.items():
        yield Line(f"{step}, µs a name", f"{NAMES:,} names, quickest of {TURNS} turns", microseconds, "")
    yield Line("all tables of the chain, MB resident", "after the first document", memory, "")


def main() -> None:
    """Measure in this process, and print the figures as JSON."""
    before = _resident_mb()
    from indexer.search.documents import SAMPLE, tokens

    tokens(SAMPLE)
    memory = _resident_mb() - before
    print(json.dumps({**_steps(_names(Path(sys.argv[1]))), "memory": memory}))


def _steps(names: Sequence[str]) -> dict[str, float]:
    """Microseconds a name. Each step after the first is given normalised names, as in the chain."""
    from indexer.search.documents import Document, tokens
    from indexer.text.cut import bigrams, words
    from indexer.text.names import parts
    from indexer.text.normalise import normalise
    from indexer.text.sounds import syllables

    prepared = [normalise(name) for name in names]
    documents = [Document(str(at), 1, "enterprise", name=name) for at, name in enumerate(names)]
    return {
        "normalise": _quickest(normalise, names),
        "words": _quickest(words, prepared),
        "pairs of characters": _quickest(bigrams, prepared),
        "syllables": _quickest(syllables, prepared),
        "parts": _quickest(parts.__wrapped__, prepared),
        "all tokens of a document": _quickest(tokens, documents),
    }


def _quickest(step: Callable[[T], object], given: Sequence[T]) -> float:
    seconds = []
    for _ in range(TURNS):
        started = time.perf_counter()
        for one in given:
            step(one)
        seconds.append(time.perf_counter() - started)
    return min(seconds) / len(given) * 1e6


def _names(file: Path) -> list[str]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        return [row["name"] for row in islice(csv.DictReader(text), 0, NAMES * APART, APART)]


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not say what memory a process holds")


if __name__ == "__main__":
    main()

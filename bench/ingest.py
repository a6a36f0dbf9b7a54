"""File → stored and searchable, against the bare parts on the same rows in the same run, turn by turn."""

import gzip
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from bench.process import Cost, python
from bench.table import Line

TENTH = 10


@contextmanager
def scratch() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="zhixin-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


def bare(file: Path, cutter: str) -> tuple[float, dict[str, float]]:
    """Seconds of all bare parts together, and of each."""
    with scratch() as folder:
        run = python("bench.bare", str(file), str(folder), "--cutter", cutter, environ={})
    parts: dict[str, float] = json.loads(run.output)
    rows = parts.pop("rows")
    return sum(parts.values()), parts | {"rows": rows}


@contextmanager
def ours(file: Path) -> Iterator[tuple[Path, list[Cost]]]:
    """The same file by `zhixin ingest` and `zhixin sync` in a new data folder, which is there until the block ends."""
    with scratch() as folder:
        environ = {"ZHIXIN_DATA": str(folder / "var")}
        rejects = ("--rejects", str(folder / "rejects"))
        costs = [
            python("indexer", "ingest", str(file), *rejects, environ=environ),
            python("indexer", "sync", environ=environ),
        ]
        yield folder, costs


def lines(shared: Path) -> Iterator[Line]:
    """The figures of the ingest part."""
    for name in ("enterprises_jiangsu_tianjin.csv.gz", "enterprises_national.csv.gz"):
        file = shared / "data" / name
        before, parts = bare(file, "rjieba")
        with ours(file) as (folder, costs):
            again = python(
                "indexer",
                "ingest",
                str(file),
                "--rejects",
                str(folder / "rejects"),
                environ={"ZHIXIN_DATA": str(folder / "var")},
            )
        after, _ = bare(file, "rjieba")
        pure, _ = bare(file, "jieba")
        seconds = sum(cost.seconds for cost in costs)
        shown = f"{seconds:.0f} s (ingest {costs[0].seconds:.0f}, sync {costs[1].seconds:.0f})"
        rows = f"{int(parts['rows']):,} rows"
        yield Line(
            f"{name}, {rows}: stored and searchable / bare parts with jieba", shown, seconds / pure, "≤ 3"
        )
        yield Line(
            "… / bare parts with rjieba (the same words, in Rust)",
            f"bare {before:.0f} and {after:.0f} s",
            seconds * 2 / (before + after),
            "",
        )
        yield Line(
            "… second ingest of the unchanged file, times faster",
            f"{again.seconds:.1f} s",
            seconds / again.seconds,
            "≥ 5",
        )
        yield Line(
            "… the same against the first ingest alone",
            f"{costs[0].seconds:.1f} s",
            costs[0].seconds / again.seconds,
            "≥ 5",
        )
    peak = max(cost.peak_mb for cost in costs)
    yield Line(
        "… peak memory of all processes, MB",
        f"ingest {costs[0].peak_mb:.0f}, sync {costs[1].peak_mb:.0f}",
        peak,
        "≤ 800",
    )
    with tenth(file) as small, ours(small) as (_, little):
        yield Line(
            "… against a tenth of the file",
            f"{max(c.peak_mb for c in little):.0f} MB",
            peak / max(c.peak_mb for c in little),
            "≤ 1.3",
        )


@contextmanager
def tenth(file: Path) -> Iterator[Path]:
    """The first tenth of a file, there until the block ends."""
    with scratch() as folder, gzip.open(file, "rt", encoding="utf-8") as whole:
        rows = sum(1 for _ in whole)
        whole.seek(0)
        part = folder / file.name
        with gzip.open(part, "wt", encoding="utf-8", compresslevel=1) as out:
            out.writelines(islice(whole, rows // TENTH))
        yield part

"""Bidder checks of many: what a list costs to read. `python -m bench checks`

`python -m bench.checks ours|openpyxl FILE` reads one file in a process of its own and prints the seconds and the rows.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook, load_workbook

from bench.process import Cost, python
from bench.table import Line
from indexer.demo.codes import unified_code
from portal.checks.entries import BIDDERS_MOST
from portal.checks.sheets import read_file

FEW = BIDDERS_MOST // 10
TURNS = 3


def lines(_: Path) -> Iterator[Line]:
    """The figures of the checks part."""
    with tempfile.TemporaryDirectory(prefix="zhixin-bench-") as folder:
        many, few = (
            _written(Path(folder) / "many.xlsx", BIDDERS_MOST),
            _written(Path(folder) / "few.xlsx", FEW),
        )
        turns = [(_read("ours", many), _read("openpyxl", many)) for _ in range(TURNS)]
        ours, bare = (min((turn[at] for turn in turns), key=_seconds) for at in (0, 1))
        little = _read("ours", few)
    yield Line(
        f"{BIDDERS_MOST:,} bidders read from an XLSX / openpyxl reads the same file",
        f"{_seconds(ours):.1f} s, openpyxl {_seconds(bare):.1f} s, best of {TURNS} turns",
        _seconds(ours) / _seconds(bare),
        "≤ 3",
    )
    yield Line(
        f"… peak memory against {FEW:,} bidders",
        f"{ours.peak_mb:.0f} MB, {little.peak_mb:.0f} MB; openpyxl {bare.peak_mb:.0f} MB",
        ours.peak_mb / little.peak_mb,
        "≤ 1.3",
    )


def _written(path: Path, count: int) -> Path:
    """A list as an officer has it: a title, a header, numbered rows of invented bidders."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("投标人")
    sheet.append(["示例项目投标人名单"])
    sheet.append(["序号", "投标人名称", "统一社会信用代码", "联系人"])
    for number in range(1, count + 1):
        code = unified_code("91", number % 100_000)
        sheet.append([number, f"示例{number}号建设工程有限公司", code, "张*"])
    book.save(path)
    return path


def _read(reader: str, path: Path) -> Cost:
    return python("bench.checks", reader, str(path), environ={})


def _seconds(cost: Cost) -> float:
    seconds: float = json.loads(cost.output)["seconds"]
    return seconds


def _main(reader: str, path: Path) -> None:
    started = time.perf_counter()
    if reader == "ours":
        rows = sum(1 for _ in read_file(path, path.name))
    else:
        book = load_workbook(path, read_only=True, data_only=True)
        rows = sum(1 for sheet in book.worksheets for _ in sheet.iter_rows(values_only=True))
    print(json.dumps({"seconds": time.perf_counter() - started, "rows": rows}))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))

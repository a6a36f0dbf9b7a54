"""Bidder checks of many: what a list costs to read. `python -m bench checks`

`python -m bench.checks ours|openpyxl FILE` reads one file in a process of its own and prints the rows and the seconds of the processor: one
thread works, and others on the machine do not count.
"""

import json
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from openpyxl import load_workbook

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
        f"{_seconds(ours):.1f} s, openpyxl {_seconds(bare):.1f} s of processor, best of {TURNS} turns",
        _seconds(ours) / _seconds(bare),
        "≤ 3",
    )
    yield Line(
        f"… peak memory against {FEW:,} bidders",
        f"{ours.peak_mb:.0f} MB, {little.peak_mb:.0f} MB; openpyxl {bare.peak_mb:.0f} MB",
        ours.peak_mb / little.peak_mb,
        "≤ 1.3",
    )


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_FORMATS = "http://schemas.openxmlformats.org"
_MAIN, _RELATED = f"{_FORMATS}/spreadsheetml/2006/main", f"{_FORMATS}/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'''<Types xmlns="{_FORMATS}/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>''',
    "_rels/.rels": f'''<Relationships xmlns="{_FORMATS}/package/2006/relationships">
<Relationship Id="rId1" Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>''',
    "xl/workbook.xml": f'''<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}">
<sheets><sheet name="投标人" sheetId="1" r:id="rId1"/></sheets></workbook>''',
    "xl/_rels/workbook.xml.rels": f'''<Relationships xmlns="{_FORMATS}/package/2006/relationships">
<Relationship Id="rId1" Type="{_RELATED}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{_RELATED}/sharedStrings" Target="sharedStrings.xml"/></Relationships>''',
}


def _written(path: Path, count: int) -> Path:
    """A list as an officer has it, saved as Excel saves it, with shared strings: a title, a header, numbered rows of invented bidders."""
    rows: list[tuple[str, ...]] = [
        ("示例项目投标人名单",),
        ("序号", "投标人名称", "统一社会信用代码", "联系人"),
    ]
    rows += [
        (str(number), f"示例{number}号建设工程有限公司", unified_code("91", number % 100_000), "张*")
        for number in range(1, count + 1)
    ]
    shared = {text: at for at, text in enumerate(dict.fromkeys(text for row in rows for text in row))}
    sheet = "".join(
        f'<row r="{number}">{"".join(_cell(f"{letter}{number}", text, shared) for letter, text in zip("ABCD", row, strict=False))}</row>'
        for number, row in enumerate(rows, 1)
    )
    strings = "".join(f"<si><t>{text}</t></si>" for text in shared)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in _PARTS.items():
            book.writestr(name, _XML + part)
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="A1:D{len(rows)}"/><sheetData>{sheet}</sheetData></worksheet>',
        )
        book.writestr("xl/sharedStrings.xml", f'{_XML}<sst xmlns="{_MAIN}">{strings}</sst>')
    return path


def _cell(at: str, text: str, shared: Mapping[str, int]) -> str:
    return (
        f'<c r="{at}"><v>{text}</v></c>'
        if text.isdecimal()
        else f'<c r="{at}" t="s"><v>{shared[text]}</v></c>'
    )


def _read(reader: str, path: Path) -> Cost:
    return python("bench.checks", reader, str(path), environ={})


def _seconds(cost: Cost) -> float:
    seconds: float = json.loads(cost.output)["seconds"]
    return seconds


def _main(reader: str, path: Path) -> None:
    started = time.process_time()
    if reader == "ours":
        rows = sum(1 for _ in read_file(path, path.name))
    else:
        book = load_workbook(path, read_only=True, data_only=True)
        rows = sum(1 for sheet in book.worksheets for _ in sheet.iter_rows(values_only=True))
    print(json.dumps({"seconds": time.process_time() - started, "rows": rows}))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))

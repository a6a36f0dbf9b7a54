"""Files that come out byte for byte the same every time: no clock, no name of a folder in them."""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook

Cell = str | int | date | None
Row = Mapping[str, Cell]
"""A row by the heading of its column."""

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day a zip archive can say
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def csv_bytes(rows: Sequence[Row], encoding: str = "utf-8", day: str = "%Y-%m-%d") -> bytes:
    """CSV with the first row's headings, days written as the `day` pattern, CRLF as spreadsheets do.

    No rows give no bytes.
    """
    if not rows:
        return b""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(rows[0].keys())
    writer.writerows([text(cell, day) for cell in row.values()] for row in rows)
    return target.getvalue().encode(encoding)


def text(cell: Cell, day: str = "%Y-%m-%d") -> str:
    """A cell as text."""
    if cell is None:
        return ""
    return cell.strftime(day) if isinstance(cell, date) else str(cell)


def chinese_day(day: date | None) -> str:
    """`2026年3月5日`, as decisions write it."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def json_lines(rows: Iterable[Row]) -> bytes:
    """JSON Lines, one object a row; empty cells are left out."""
    lines = ({key: text(cell) for key, cell in row.items() if cell not in (None, "")} for row in rows)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def json_bytes(document: object) -> bytes:
    """One JSON document, indented as people send it."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def xlsx_bytes(rows: Sequence[Row], sheet: str, title: str = "") -> bytes:
    """A workbook with one sheet; `title` stands merged over the header as agencies do it.

    No rows give no bytes.
    """
    if not rows:
        return b""
    workbook = Workbook()
    workbook.remove(workbook["Sheet"])
    page = workbook.create_sheet(sheet)
    headings = list(rows[0].keys())
    if title:
        page.append([title])
        page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(headings))
    page.append(headings)
    for row in rows:
        page.append(list(row.values()))
    packed = io.BytesIO()
    workbook.save(packed)
    return _without_times(packed.getvalue())


def _without_times(workbook: bytes) -> bytes:
    """An XLSX is a zip: its members and its core properties say when it was made. This takes that out."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as source:
        members = {name: source.read(name) for name in source.namelist()}
    core = members["docProps/core.xml"]
    members["docProps/core.xml"] = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", core)
    return zip_bytes(members)


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """A zip archive of the members in their order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def gzip_bytes(content: bytes) -> bytes:
    """`content` packed with gzip, without time or name."""
    return gzip.compress(content, mtime=0)


def write(path: Path, content: bytes) -> Path:
    """Write one file, making its folder; gives back the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path

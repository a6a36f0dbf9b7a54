"""XLSX workbooks as tables: every visible sheet that has a header is one."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from itertools import islice, zip_longest
from pathlib import Path
from typing import IO
from weakref import finalize
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl.cell.cell import ERROR_CODES

from indexer.errors import FileRefused
from indexer.kinds.base import Kind
from indexer.sources.headings import find_header
from indexer.sources.limits import Limits
from indexer.sources.table import Row, spoilt, too_long, too_wide
from indexer.sources.unpack import Source, check_archive, damaged, seekable
from indexer.sources.xlsx_strings import load_streaming

_LAST_ROW = 1_048_576  # of a sheet
_FORMULA = re.compile(rb"<f[ >/]")
PROLOGUE = 4096  # bytes of a part that are looked through for a document type
_ROUNDED = 10**15  # a number cell holds 15 digits; longer codes have lost their end
_LOST_DIGITS = "长号码被电子表格存成了数值，后几位已经丢失。请把这一列设为“文本”格式，重新填写完整号码。"
_broken = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    ParseError,
    DefusedXmlException,
)
_BROKEN = (*_broken, zipfile.BadZipFile, zipfile.zlib.error, NotImplementedError, RuntimeError)  # type: ignore[attr-defined]


class _Opened:
    """A workbook that stays open as long as one of its tables is held."""

    def __init__(self, source: Source, path: Path | None) -> None:
        with ExitStack() as stack:
            file = stack.enter_context(seekable(source, path))
            _check(source.name, file, source.limits)
            try:
                self.book = load_streaming(file, results=True)
                self.formulas = load_streaming(file, results=False) if _has_formulas(file) else None
            except _BROKEN:
                raise damaged(source.name) from None
            stack.callback(self.book.close)
            finalize(self, stack.pop_all().close)


class SheetTable:
    """One sheet. Blank rows are passed over; the line of a row is its number in the sheet."""

    def __init__(self, path: str, opened: _Opened, sheet: str, limits: Limits) -> None:
        self.path = path
        self.header: tuple[str, ...] = ()
        self.known = 0  # columns of its header that are known
        self._opened, self._sheet, self._limits = opened, sheet, limits
        self._after = 0

    def find_header(self, kinds: Mapping[str, Kind] | None) -> bool:
        """Looks for the header; False when the sheet is empty."""
        first = list(islice(self._rows(), self._limits.header_rows))
        if not first:
            return False
        found = find_header([cells for _, cells in first], kinds)
        self.header, self.known, self._after = found.header, found.known, first[found.last][0]
        return True

    def __iter__(self) -> Iterator[Row]:
        width = len(self.header)
        for line, cells in self._rows():
            if line > self._after:
                yield Row(line, _fitted(cells, width))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        return _rows(self.path, self._opened, self._sheet, self._limits)


def sheets(source: Source, path: Path | None, kinds: Mapping[str, Kind] | None) -> list[SheetTable]:
    """The tables of a workbook. `path` is the file itself when nothing is packed around it.

    Sheets that are hidden, empty or without known columns (notes, dictionaries of a template) are passed over, unless no sheet
    has any known column: then the first that is not empty is given, for the complaint about its columns.
    """
    filled = filled_sheets(source, path, kinds)
    return [table for table in filled if table.known >= 2] or filled[:1]


def filled_sheets(source: Source, path: Path | None, kinds: Mapping[str, Kind] | None) -> list[SheetTable]:
    """Every visible sheet with any content; raises `FileRefused` where there is none."""
    opened = _Opened(source, path)
    visible = [sheet.title for sheet in opened.book.worksheets if sheet.sheet_state == "visible"]
    named = [(title, source.name if len(visible) == 1 else f"{source.name}/{title}") for title in visible]
    found = [SheetTable(name, opened, title, source.limits) for title, name in named]
    filled = [table for table in found if table.find_header(kinds)]
    if not filled:
        raise FileRefused(f"{source.name}：工作簿里没有内容。", f"{source.name} is empty.")
    return filled


def _check(name: str, file: IO[bytes], limits: Limits) -> None:
    """Refuses a workbook by the directory of its zip, before any of it is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except _BROKEN:
        raise damaged(name) from None
    check_archive(name, infos, limits)
    strings = max(
        (info.file_size for info in infos if info.filename.lower().endswith("sharedstrings.xml")), default=0
    )
    if strings > limits.xlsx_strings or max(info.file_size for info in infos) > limits.xlsx_part:
        raise FileRefused(
            f"{name}：工作簿过大，无法在有限的内存里读取。请另存为 CSV 后重新提交。",
            f"{name}: the workbook is too large to be read in bounded memory; save it as CSV.",
        )
    if _has_document_type(file):
        raise damaged(name)
    file.seek(0)


def _has_document_type(file: IO[bytes]) -> bool:
    """Whether a part has a document type (and so entities), which office programs never write and parsers bear differently."""
    try:
        with zipfile.ZipFile(file) as archive:
            for part in archive.namelist():
                with archive.open(part) as content:
                    if part.endswith((".xml", ".rels")) and b"<!DOCTYPE" in content.read(PROLOGUE):
                        return True
    except _BROKEN:
        return True
    return False


def _has_formulas(file: IO[bytes]) -> bool:
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                with archive.open(name) as part:
                    before = b""
                    while piece := part.read(1 << 20):
                        if _FORMULA.search(before + piece):
                            return True
                        before = piece[-2:]
    return False


def _values(opened: _Opened, sheet: str) -> Iterator[Sequence[object]]:
    """The values of each row; a formula whose result was never calculated is marked, as it is not the empty cell it seems."""
    worksheet = opened.book[sheet]
    worksheet.reset_dimensions()  # what a workbook says of its size is often wrong
    results = worksheet.iter_rows(max_row=_LAST_ROW, values_only=True)
    if opened.formulas is None:
        yield from results
        return
    written = opened.formulas[sheet]
    written.reset_dimensions()
    for values, formulas in zip(
        results, written.iter_rows(max_row=_LAST_ROW, values_only=True), strict=False
    ):
        yield [
            _Uncalculated(formula) if value is None and formula is not None else value
            for value, formula in zip_longest(values, formulas)
        ]


class _Uncalculated:
    """A formula without a stored result."""

    def __init__(self, formula: object) -> None:
        self.formula = formula if isinstance(formula, str) else "="


def _rows(path: str, opened: _Opened, sheet: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each row that is not blank, without the blank cells at its end."""
    length = limits.line
    try:
        for line, values in enumerate(_values(opened, sheet), 1):
            end = len(values)
            while end and values[end - 1] is None:
                end -= 1
            if not end:
                continue
            if end > limits.cells:
                raise too_wide(path, line, limits.cells)
            cells = [
                value if type(value) is str and value not in ERROR_CODES else cell_text(value)
                for value in values[:end]
            ]
            if sum(map(len, cells)) > length:
                raise too_long(path, line, length)
            if any(cell and not cell.isspace() for cell in cells):
                yield line, cells
    except _BROKEN:
        raise damaged(path) from None


def _fitted(cells: list[str], width: int) -> list[str]:
    """`cells` with the width of the header: blank ones at the end are not saved, blank ones beyond it do not count."""
    if len(cells) < width:
        return cells + [""] * (width - len(cells))
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    return cells


def cell_text(value: object) -> str:
    """The text of a cell's value: days as ISO text, whole numbers without `.0`.

    A number of more than 15 digits is marked `spoilt` (spreadsheets keep 15), and so is the error of a formula.
    """
    match value:
        case None:
            return ""
        case _Uncalculated():
            return spoilt(
                "单元格里的公式没有计算结果，请改为填写内容本身，或用表格软件打开并保存一次。", value.formula
            )
        case str():
            return spoilt("单元格里是公式错误，请改为填写内容本身。", value) if value != "#N/A" else ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return _number(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
        case date() | time() | timedelta():
            return str(value)
        case _:
            return str(value)


def _number(value: float) -> str:
    if abs(value) >= _ROUNDED or value != value:
        return spoilt(_LOST_DIGITS, f"{value:.14E}" if isinstance(value, float) else str(value))
    if value == int(value):
        return str(int(value))
    text = f"{value:.15g}"
    return text if "e" not in text else re.sub(r"0+$", "", f"{value:.20f}")

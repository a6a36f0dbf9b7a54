"""The formats of an export (导出格式): CSV as Excel opens it, JSON Lines, XLSX. A writer is handed one record at a time."""

import csv
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell

from indexer.errors import ZhixinError
from indexer.kinds import kinds
from indexer.opendata.rows import as_json, cells, header, line
from indexer.register.wholesale import Change, Changed
from indexer.sources import own_columns

CHANGES: Mapping[Change, str] = {"added": "新增", "changed": "变更", "removed": "不再公示"}
"""What stands in the column `own_columns.CHANGE`."""

SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767
"""What a sheet and a cell of XLSX hold (ECMA-376; Excel's specifications and limits)."""

_not_in_xml = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]").search


class FormatRefused(ZhixinError):
    """The format can not hold one of the records; another one can."""

    code = "format-refused"


class Writer(AbstractContextManager["Writer"]):
    """Writes the records of one kind into one file; with `changes`, each with what became of it."""

    def __init__(self, path: Path, kind: str, *, changes: bool) -> None:
        self.path, self.kind, self.changes = path, kind, changes

    @abstractmethod
    def write(self, change: Changed) -> None:
        """Add a record. Of one that is no longer public only id and that are written."""

    def _header(self) -> list[str]:
        return [*header(self.kind), *([own_columns.CHANGE] if self.changes else [])]

    def _row(self, change: Changed) -> list[str]:
        row = [""] * len(header(self.kind)) if change.now is None else cells(change.now)
        if change.now is None:
            row[-1] = change.id
        return [*row, CHANGES[change.change]] if self.changes else row


class Csv(Writer):
    """UTF-8 with a byte order mark, without which Excel takes Chinese for something else (RFC 4180 otherwise)."""

    def __enter__(self) -> Self:
        self._file = self.path.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(self._header())
        return self

    def write(self, change: Changed) -> None:
        self._csv.writerow(self._row(change))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class JsonLines(Writer):
    """One JSON object a line, UTF-8."""

    def __enter__(self) -> Self:
        self._file = self.path.open("wb")
        return self

    def write(self, change: Changed) -> None:
        record: dict[str, Any] = (
            as_json(change.now) if change.now is not None else {"id": change.id, "kind": change.kind}
        )
        if self.changes:
            record = {"change": change.change} | record
        self._file.write(line(record))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class Xlsx(Writer):
    """A workbook whose cells are all texts, so that nothing is calculated and no code loses its digits; a further sheet where one is full."""

    def __enter__(self) -> Self:
        self._book = Workbook(write_only=True)
        self._sheets = 0
        self._new_sheet()
        return self

    def _new_sheet(self) -> None:
        self._sheets += 1
        label = kinds()[self.kind].label
        self._sheet = self._book.create_sheet(label if self._sheets == 1 else f"{label} {self._sheets}")
        self._rows = 0
        self._append(self._header())

    def write(self, change: Changed) -> None:
        if self._rows == SHEET_ROWS:
            self._new_sheet()
        row = self._row(change)
        for text in row:
            if len(text) > CELL_CHARACTERS or _not_in_xml(text):
                raise FormatRefused(
                    f"记录 {change.id} 有 XLSX 单元格放不下的内容（超过 {CELL_CHARACTERS:,} 个字符，或含 XML 不能写的字符）。请改用 csv 或 jsonl。",
                    f"Record {change.id} holds what a cell of XLSX can not: more than {CELL_CHARACTERS:,} characters, or some that XML "
                    "has not. Take csv or jsonl.",
                )
        self._append(row)

    def _append(self, row: list[str]) -> None:
        self._sheet.append([self._text(text) for text in row])
        self._rows += 1

    def _text(self, text: str) -> Cell | None:
        if not text:
            return None
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"  # openpyxl takes what begins with = for a formula
        return cell

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._book.save(self.path)
        self._book.close()


FORMATS: Mapping[str, Callable[..., Writer]] = {"csv": Csv, "jsonl": JsonLines, "xlsx": Xlsx}
"""The formats by name."""

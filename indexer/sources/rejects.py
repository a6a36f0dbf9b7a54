"""The rejects file (退回文件): every row that was not taken, as it stood, with its line and the reason, for the sender to mend."""

import csv
import os
import re
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from indexer.sources.check import Rejection
from indexer.sources.columns import REJECT_HEADINGS
from indexer.sources.table import legible

_unsafe = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_NAME = 180  # bytes; file systems take 255


def escaped(cell: str) -> str:
    """`cell` so that no spreadsheet program takes it for a formula: `'` in front of `=`, `+`, `-`, `@`, tab and CR."""
    return f"'{cell}" if cell.startswith(_FORMULA) and cell != "-" else cell


class RejectsFile:
    """`<name>.rejects.csv` in `folder`: UTF-8 with BOM (so that Excel opens it), the file's columns, 行号 and 原因.

    Made at the first rejected row and moved to its name only when all is written; a run that fails leaves none. With `keep` false
    (a dry run) nothing is written. `path` is None until a rejects file stands there.
    """

    def __init__(self, folder: Path, name: str, header: Sequence[str], keep: bool = True) -> None:
        safe = _unsafe.sub("_", name).strip(". ") or "file"
        safe = safe.encode()[-_LONGEST_NAME:].decode(errors="ignore")
        self.path: Path | None = None
        self._target = folder / f"{safe}.rejects.csv"
        self._part = folder / f".{safe}.{os.getpid()}.part"
        again = tuple(header[-2:]) == REJECT_HEADINGS
        self._width = len(header) - 2 if again else len(header)
        self._header = header[: self._width]
        self._keep = keep
        self._file: TextIOWrapper | None = None

    def __enter__(self) -> "RejectsFile":
        return self

    def write(self, rejection: Rejection) -> None:
        """Adds one row."""
        if not self._keep:
            return
        if self._file is None:
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("w", encoding="utf-8-sig", errors="replace", newline="")
            csv.writer(self._file).writerow([*map(escaped, self._header), *REJECT_HEADINGS])
        cells = [escaped(legible(cell)) for cell in rejection.cells]
        if len(cells) <= self._width + 2:
            cells = cells[: self._width]
        cells += [""] * (self._width - len(cells))
        reasons = "；".join(
            f"{problem.column}：{problem.zh}" if problem.column else problem.zh
            for problem in rejection.reasons
        )
        csv.writer(self._file).writerow([*cells, rejection.line, reasons])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        self._file.close()
        if kind is None:
            self._part.replace(self._target)
            self.path = self._target
        else:
            self._part.unlink(missing_ok=True)

"""Formula cells: their stored results are read; one that was never calculated is no empty cell."""

from pathlib import Path

from openpyxl import Workbook

from indexer.sources.files import open_tables
from indexer.sources.table import spoilt_reason


def test_a_formula_that_was_never_calculated_is_marked_and_not_read_as_empty(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["统一社会信用代码", "证书编号", "有效期至"])
    sheet.append(["91329900PDY0010126", "99926Q10001R0S", "=TODAY()+30"])
    sheet.append(["91329900PDY0010126", "99926Q10002R0S", None])
    book.save(tmp_path / "示例.xlsx")
    [table] = open_tables(tmp_path / "示例.xlsx")
    first, second = table
    assert spoilt_reason(first.cells[2])
    assert second.cells[2] == ""

"""Lists of bidders as officers have them, saved as Excel saves them: the XLSX that checks are measured with."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

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


def xlsx(path: Path, bidders: Iterable[tuple[str, str]]) -> Path:
    """An XLSX with shared strings at `path`: a title, a header, numbered rows of codes and names."""
    rows: list[tuple[str, ...]] = [
        ("示例项目投标人名单",),
        ("序号", "投标人名称", "统一社会信用代码", "联系人"),
    ]
    rows += [(str(number), name, code, "张*") for number, (code, name) in enumerate(bidders, 1)]
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
    """Row numbers are numbers. Codes are texts, also those of digits only: as a number of Excel one has lost its last three."""
    number = at.startswith("A") and text.isdecimal()
    return f'<c r="{at}"><v>{text}</v></c>' if number else f'<c r="{at}" t="s"><v>{shared[text]}</v></c>'

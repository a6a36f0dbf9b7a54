"""The tables of a file (打开文件): what it is by its bytes, not by its name, and a reader for it."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from indexer.errors import FileRefused
from indexer.kinds.base import Kind
from indexer.sources.delimited import DelimitedTable, looks_tabular
from indexer.sources.json_tables import JsonLinesTable, JsonTable
from indexer.sources.limits import Limits
from indexer.sources.policy_text import policy_table
from indexer.sources.table import Row, Table
from indexer.sources.unpack import GZIP, ZIP, Source, damaged, gunzipped, members, plain, seekable

__all__ = ["Row", "Table", "open_lists", "open_tables"]

_OFFICE_97 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and the case around a password-protected .xlsx
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = {
    b"%PDF": "PDF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"SQLite format 3": "SQLite",
}
_markup = re.compile(
    rb"(?i)(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<\s*(?:!doctype|html|head|meta|body|table|script|style|div)\b",
    re.S,
)


def open_tables(
    path: Path, limits: Limits = Limits(), kinds: Mapping[str, Kind] | None = None
) -> Iterator[Table]:
    """The tables in the file at `path`, one after another.

    CSV and its kin, XLSX, JSON, JSON Lines, a policy as `.txt`; `.gz` and `.zip` of these (a zip with several members gives several
    tables, no archive may lie in another). `kinds` are the record kinds whose columns tell a header, all when None.

    Raises `FileRefused`, here or while a table is read, with what is wrong in Chinese and English.
    """
    source = plain(path, limits)
    head = source.head(16)
    if head.startswith(GZIP):
        unpacked = gunzipped(source)
        _refuse_nested(unpacked, unpacked.head(8))
        yield from _tables(unpacked, None, kinds)
    elif head.startswith(ZIP) and not _is_workbook(source, path):
        for member in members(path, limits):
            _refuse_nested(member, member.head(8))
            yield from _tables(member, None, kinds)
    else:
        yield from _tables(source, path, kinds)


def open_lists(source: Source, path: Path | None) -> Iterator[Table]:
    """The tables of a list that a person made (名单), whatever its name says: text with a delimiter, or each filled sheet of an XLSX.

    No header is looked for: the first row of a table, whatever it holds, stands as its header. `path` where the bytes of `source` lie on
    the disk as they are. Raises `FileRefused`, here or while a table is read; archives are refused.
    """
    head = source.head()
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf"):
        raise FileRefused(f"{source.name}：文件是空的。", f"{source.name} is empty.")
    if head.startswith(GZIP) or (head.startswith(ZIP) and not _is_workbook(source, path)):
        raise FileRefused(
            f"{source.name}：这是压缩包。请解开后提交其中的 CSV 或 XLSX 文件。",
            f"{source.name} is an archive; unpack it and send the CSV or XLSX file in it.",
        )
    if head.startswith(ZIP):
        from indexer.sources.xlsx_tables import filled_sheets

        yield from filled_sheets(source, path, {})
        return
    _refuse_foreign(source, head)
    yield DelimitedTable(source, {})


def _tables(source: Source, path: Path | None, kinds: Mapping[str, Kind] | None) -> Iterator[Table]:
    """The tables of unpacked bytes; `path` where they lie on the disk as they are."""
    head = source.head()
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf"):
        raise FileRefused(f"{source.name}：文件是空的。", f"{source.name} is empty.")
    if head.startswith(ZIP):
        from indexer.sources.xlsx_tables import sheets  # half a second that other formats need not wait

        yield from sheets(source, path, kinds)
        return
    _refuse_foreign(source, head)
    yield _text_table(source, head, kinds)


def _text_table(source: Source, head: bytes, kinds: Mapping[str, Kind] | None) -> Table:
    """A reader by the first character, then by the name's ending; an ending that does not fit the content is passed over."""
    ending = source.name.rsplit(".", 1)[-1].casefold()
    first = (
        head.removeprefix(b"\xef\xbb\xbf")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
        .strip(b"\0 \t\r\n")[:1]
    )
    if first in (b"{", b"[") and ending not in ("csv", "tsv", "txt"):
        return JsonLinesTable(source) if _is_json_lines(head, ending) else JsonTable(source)
    if ending in ("json", "jsonl", "ndjson"):
        return JsonTable(source) if ending == "json" else JsonLinesTable(source)
    if ending in ("txt", "text", "md") and not looks_tabular(source, kinds):
        return policy_table(source)
    return DelimitedTable(source, kinds)


def _is_json_lines(head: bytes, ending: str) -> bool:
    """By the ending; else when a second line begins with `{` and the first closes what it opened."""
    if ending in ("jsonl", "ndjson"):
        return True
    lines = [line.strip() for line in head.splitlines()[:2]]
    return (
        len(lines) > 1 and lines[0].endswith(b"}") and lines[0].startswith(b"{") and lines[1].startswith(b"{")
    )


def _is_workbook(source: Source, path: Path | None) -> bool:
    """Whether a zip is an XLSX."""
    try:
        with seekable(source, path) as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise damaged(source.name) from None
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _refuse_nested(source: Source, head: bytes) -> None:
    if head.startswith(GZIP) or (head.startswith(ZIP) and not _is_workbook(source, None)):
        raise FileRefused(
            f"{source.name}：压缩包里还有压缩包，不予读取。请解开一层后重新提交。",
            f"{source.name} is an archive within an archive; unpack one layer.",
        )


def _refuse_foreign(source: Source, head: bytes) -> None:
    """Refuses what is plainly something else than it says: old or protected workbooks, web pages, pictures."""
    name = source.name
    if head.startswith(_OFFICE_97):
        if _is_protected(source):
            raise FileRefused(
                f"{name}：工作簿加了密码，无法读取。请在 Excel 里去掉密码后重新提交。",
                f"{name} is protected by a password; remove it.",
            )
        raise FileRefused(
            f"{name}：这是旧版 Office 文件（.xls 等），请在 Excel 里另存为 .xlsx 或 CSV 后重新提交。",
            f"{name} is an old Office file; save it as .xlsx or CSV.",
        )
    for magic, kind in _FOREIGN.items():
        if head.startswith(magic):
            raise FileRefused(
                f"{name}：这是 {kind} 文件。请提交 CSV、XLSX、JSON、JSON Lines 或 TXT 文件。",
                f"{name} is a {kind} file; CSV, XLSX, JSON, JSON Lines and TXT are taken.",
            )
    start = head[:4096].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").lstrip()
    if _markup.match(start):
        raise FileRefused(
            f"{name}：文件其实是网页（HTML），不是表格。请用 Excel 打开后另存为 .xlsx 或 CSV 再提交。",
            f"{name} is really a web page (HTML); open it in Excel and save it as .xlsx or CSV.",
        )
    if start.startswith(b"<"):
        raise FileRefused(
            f"{name}：这是 XML 文件，无法作为表格读取。请另存为 .xlsx 或 CSV 后重新提交。",
            f"{name} is XML; save it as .xlsx or CSV.",
        )


def _is_protected(source: Source) -> bool:
    """Whether an OLE file holds an encrypted package; its directory may stand anywhere in the file."""
    before = b""
    for chunk in source.chunks():
        if _ENCRYPTED in before + chunk:
            return True
        before = chunk[-len(_ENCRYPTED) :]
    return False

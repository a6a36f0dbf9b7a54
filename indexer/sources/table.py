"""A table as a reader gives it: header and rows of text, and the mark on a cell that could not be read truly."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from indexer.errors import FileRefused


class Row(NamedTuple):
    """One record as the file has it: `line` is the line (text), row (XLSX) or number (JSON) at which it starts, from 1."""

    line: int
    cells: Sequence[str]


class Table(Protocol):
    """One table (表) of a file: `path` for people (`a.zip/b.csv`), its header, and its rows, read as they are asked for.

    Iterating may raise `FileRefused`: a damaged archive is known only when its end is reached.
    """

    @property
    def path(self) -> str: ...

    @property
    def header(self) -> tuple[str, ...]: ...

    def __iter__(self) -> Iterator[Row]: ...


_MARK = (
    "\x1a"  # SUBSTITUTE. A file that itself holds it gains nothing: control characters are rejected anyway.
)


def spoilt(reason: str, text: str) -> str:
    """A cell that must be rejected: `reason` in Chinese, `text` what can still be seen of it."""
    return f"{_MARK}{reason}{_MARK}{text}"


def spoilt_reason(cell: str) -> str | None:
    """The reason of a cell made by `spoilt`, or None."""
    return cell[1 : cell.index(_MARK, 1)] if cell.startswith(_MARK) and cell.count(_MARK) > 1 else None


def legible(cell: str) -> str:
    """`cell` for a person to read: without marks, and bytes that the file's encoding could not read decoded as well as can be."""
    if spoilt_reason(cell) is not None:
        cell = cell[cell.index(_MARK, 1) + 1 :]
    if cell.isascii() or not any("\ud800" <= character <= "\udfff" for character in cell):
        return cell
    raw = cell.encode("utf-8", "surrogateescape") if _escaped(cell) else cell.encode("utf-8", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def _escaped(cell: str) -> bool:
    """Whether every surrogate of `cell` stands for an undecodable byte."""
    return all("\udc80" <= character <= "\udcff" for character in cell if "\ud800" <= character <= "\udfff")


def too_long(path: str, line: int, limit: int) -> FileRefused:
    """The refusal of a file one line, record or cell of which passes `limit`."""
    return FileRefused(
        f"{path}：第 {line} 行过长（超过 {limit:,} 个字符），文件可能已损坏，或有引号没有成对。请检查这一行后重新提交。",
        f"{path}: line {line} is longer than {limit:,} characters; the file may be damaged or a quote not closed.",
    )


def too_wide(path: str, line: int, limit: int) -> FileRefused:
    """The refusal of a file with more columns than any template."""
    return FileRefused(
        f"{path}：第 {line} 行的列数超过 {limit:,}。请删除多余的列后重新提交。",
        f"{path}: line {line} has more than {limit:,} columns.",
    )

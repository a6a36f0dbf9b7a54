"""Bidders from what people have (读取投标人名单): pasted lines, CSV and XLSX, columns in any order, with a header or without."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from indexer.errors import FileRefused, InvalidParameter
from indexer.sources.columns import heading_key
from indexer.sources.files import open_lists
from indexer.sources.limits import MIB, Limits
from indexer.sources.table import Table
from indexer.sources.unpack import CHUNK, Source, plain
from portal.checks.entries import bidders, is_code, likeness, shown, split, told_apart
from portal.checks.model import Bidder, Note

PASTE_MOST = 10 * MIB
"""Characters of one paste: a hundred for each of as many bidders as a check takes."""

_LIMITS = Limits(unpacked=512 * MIB, xlsx_part=512 * MIB, xlsx_strings=64 * MIB)
_LONGEST_HEADING = 60  # characters
_UNUSED_SHOWN = 5  # parts that a note names
_LOOKED_AT = 50  # rows in which the header is looked for, or the columns are told by what they hold

CODE_HEADINGS = (
    *("统一社会信用代码", "社会信用代码", "统一信用代码", "信用代码", "uscc", "id", "代码", "code"),
    *("投标人代码", "供应商代码", "企业代码", "单位代码", "Unified social credit code", "credit code"),
    *(
        "组织机构代码",
        "机构代码",
        "organisation_code",
        "纳税人识别号",
        "注册号",
        "工商注册号",
        "registration_number",
    ),
)
"""Headings of a column of codes, the stronger first: where a row has several codes, the first counts."""

NAME_HEADINGS = (
    *(
        "投标人",
        "投标人名称",
        "投标单位",
        "投标单位名称",
        "供应商",
        "供应商名称",
        "bidder",
        "bidder name",
        "supplier",
    ),
    *(
        "单位名称",
        "企业名称",
        "公司名称",
        "主体名称",
        "机构名称",
        "名称",
        "name",
        "company",
        "company name",
        "单位",
        "企业",
    ),
)
"""Headings of a column of names, the stronger first."""

_codes = {heading_key(word): rank for rank, word in enumerate(CODE_HEADINGS)}
_names = {heading_key(word): rank for rank, word in enumerate(NAME_HEADINGS)}
_choice = re.compile("[/／或]")
_bracket = re.compile(r"[(\[【〔（].*?[)\]】〕）]")
_numbering = re.compile(
    r"^\s*(?:[(（]\s*[0-9]{1,6}\s*[)）]|[0-9]{1,6}\s*[.．、)）](?![0-9])|[①-⑳]|[0-9]{1,4}\s+(?=[\u3400-\u9fff]))\s*"
)
_separators = re.compile(r"[,，、;；|｜](?!\s*(?i:co|ltd|limited|inc|llc|corp|gmbh|plc)\b)")
_line_end = re.compile(r"\r\n|\r|\n|\u2028|\u2029")


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns hold codes and names, the stronger first, and the header itself with the row after it; () and 0 without one."""

    codes: tuple[int, ...]
    names: tuple[int, ...]
    header: tuple[str, ...] = ()
    start: int = 0

    def cells(self, row: Sequence[str]) -> tuple[str, str]:
        """Code and name of a row. Another column of codes counts only where it holds one: it may count the rows."""
        code = _filled(row, self.codes[:1])
        if not code and len(self.codes) > 1:
            code = next((row[at] for at in self.codes[1:] if at < len(row) and is_code(row[at])), "")
        return code, _filled(row, self.names)

    def sureness(self, rows: Sequence[Sequence[str]]) -> int:
        """How surely the first `rows` of a table have bidders: 2 under a header, 1 by what they hold, 0 not."""
        below = rows[self.start :]
        if self.header and below:
            return 2
        found = (self.cells(row) for row in below)
        return int(any(is_code(code) or is_code(name) or likeness(name) > 2 for code, name in found))


def read_file(file: Path | BinaryIO, filename: str) -> Iterator[Bidder]:
    """The bidders in a CSV (UTF-8, UTF-16, GB18030; comma, tab, semicolon or bar) or XLSX, one for each row that is not blank.

    `file` is a path or an open file that can seek and is not closed here; `filename` names it in messages and decides nothing. Title rows
    above the header and repeated headers are passed over. Of several sheets the one that most surely has bidders is read, the first of
    equals, and the others that have some are named in a note on the first bidder. Rows are read as they are asked for. Raises
    `InvalidParameter("file")` with what is wrong.
    """
    path = file if isinstance(file, Path) else None
    chunks = plain(file, _LIMITS).chunks if isinstance(file, Path) else _stream(file)
    try:
        tables = list(open_lists(Source(_display(filename), chunks, _LIMITS), path))
        yield from bidders(_of_tables(tables), "file")
    except FileRefused as error:
        raise InvalidParameter("file", error.zh, error.en) from None


def read_paste(text: str) -> tuple[Bidder, ...]:
    """The bidders in pasted text, at least one for each line that is neither blank nor a header.

    A line is a code, a name or both in any order, with tabs, commas, 、 or blanks between; a number in front (`1.`) is no part of it.
    Several on one line (`甲公司、乙公司`) are several bidders. What of a line is not used is named in a note. Raises
    `InvalidParameter("bidders")` when there are none, or too many.
    """
    if len(text) > PASTE_MOST:
        raise InvalidParameter(
            "bidders",
            f"粘贴的内容超过 {PASTE_MOST:,} 个字符，请改为上传文件。",
            f"more than {PASTE_MOST:,} characters were pasted; send a file instead",
        )
    return tuple(bidders(_of_lines(text), "bidders"))


def read_rows(rows: Iterable[tuple[str, str]]) -> Iterator[Bidder]:
    """The bidders of a JSON list, each a code and a name ("" where there is none), with the same notes as those of a file."""
    return bidders(((*told_apart(code, name), ()) for code, name in rows), "bidders")


_Found = tuple[str, str, tuple[Note, ...]]


def _of_tables(tables: list[Table]) -> Iterator[_Found]:
    first = [list(islice(_rows(table), _LOOKED_AT)) for table in tables]
    layouts = [_layout(rows) for rows in first]
    sure = [layout.sureness(rows) for layout, rows in zip(layouts, first, strict=True)]
    best = sure.index(max(sure))
    table, layout = tables[best], layouts[best]
    others = [other.path for at, other in enumerate(tables) if sure[at] and at != best]
    notes = (_other_sheets(table.path, others),) if others else ()
    for cells in islice(_rows(table), layout.start, None):
        if any(map(str.strip, cells)) and tuple(cells) != layout.header:
            yield (*told_apart(*layout.cells(cells)), notes)
            notes = ()


def _rows(table: Table) -> Iterator[Sequence[str]]:
    return chain((table.header,), (row.cells for row in table))


def _layout(rows: Sequence[Sequence[str]]) -> _Layout:
    """The layout by the header, the first row with both headings or else with one; what no heading tells, by what the columns hold."""
    header: tuple[str, ...] = ()
    start = 0
    codes: tuple[int, ...] = ()
    names: tuple[int, ...] = ()
    for after, row in enumerate(rows, 1):
        if any(map(is_code, row)):
            break
        found = _headed(row, _codes), _headed(row, _names)
        if all(found) or (any(found) and not start):
            header, start, (codes, names) = tuple(row), after, found
        if all(found):
            break
    below = rows[start:]
    codes = tuple(at for at in codes if not _is_count(below, at)) or _by_codes(below)
    names = names or _by_names(below, codes, surely=start > 0)
    return _Layout(codes, names if codes or names else (0,), header, start)


def _headed(row: Sequence[str], headings: dict[str, int]) -> tuple[int, ...]:
    """The columns under one of `headings`, the strongest first."""
    alone = sum(bool(cell.strip()) for cell in row) == 1
    ranked = [(rank, at) for at, cell in enumerate(row) if (rank := _rank(cell, headings, alone)) is not None]
    return tuple(at for _, at in sorted(ranked))


def _rank(cell: str, headings: dict[str, int], alone: bool) -> int | None:
    """The rank of a heading as it is; one that does not stand alone also without its brackets (`投标人（全称）`) or with a choice
    (`信用代码/组织机构代码`).
    """
    if not cell or len(cell) > _LONGEST_HEADING:
        return None
    rank = headings.get(heading_key(cell))
    if rank is not None or alone:
        return rank
    ranks = [headings.get(heading_key(word)) for word in _choice.split(_bracket.sub("", cell))]
    return min(rank for rank in ranks if rank is not None) if None not in ranks else None


def _is_heading(row: Sequence[str]) -> bool:
    """Whether a line is a header: headings of a code and a name among others, or nothing but such headings."""
    filled = [cell for cell in row if cell]
    codes, names = _headed(filled, _codes), _headed(filled, _names)
    return bool(codes and names) or len(codes) + len(names) == len(filled)


def _is_count(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column only numbers the rows, as one headed `id` may."""
    cells = [row[at].strip() for row in rows if at < len(row) and row[at].strip()]
    return bool(cells) and all(cell.isdecimal() and len(cell) < 8 for cell in cells)


def _by_codes(rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The column in which most codes stand, unless most of its cells are something else."""
    columns = _columns(rows)
    coded = {at: sum(map(is_code, cells)) for at, cells in columns.items()}
    best = max(coded, key=lambda at: coded[at], default=None)
    return (best,) if best is not None and coded[best] and coded[best] * 2 >= len(columns[best]) else ()


def _by_names(rows: Sequence[Sequence[str]], codes: tuple[int, ...], *, surely: bool) -> tuple[int, ...]:
    """The column that looks most like names; `surely` where other headings are known: only if most cells end as names do."""
    columns = {at: cells for at, cells in _columns(rows).items() if at not in codes}
    alike = {at: sum(map(likeness, cells)) for at, cells in columns.items()}
    best = max(alike, key=lambda at: alike[at], default=None)
    if best is None or not alike[best] or (surely and alike[best] < 2 * len(columns[best])):
        return ()
    return (best,)


def _columns(rows: Sequence[Sequence[str]]) -> dict[int, list[str]]:
    """The filled cells of each column."""
    columns: dict[int, list[str]] = {}
    for row in rows:
        for at, cell in enumerate(row):
            if cell.strip():
                columns.setdefault(at, []).append(cell)
    return columns


def _filled(row: Sequence[str], columns: tuple[int, ...]) -> str:
    """The first of the cells that is not blank."""
    return next((row[at] for at in columns if at < len(row) and row[at].strip()), "")


def _of_lines(text: str) -> Iterator[_Found]:
    layout: _Layout | None = None
    for line in _line_end.split(text.removeprefix("\ufeff")):
        if not line.strip():
            continue
        bare = line[found.end() :] if (found := _numbering.match(line)) else line
        cells = [cell.strip() for cell in (bare.split("\t") if "\t" in bare else _separators.split(bare))]
        if not any(cells):
            yield "", "", (_unused([line]),)
        elif _is_heading(cells):
            layout = _Layout(_headed(cells, _codes), _headed(cells, _names), tuple(cells))
        elif layout is not None and len(cells) <= len(layout.header) and _fits(*layout.cells(cells)):
            yield (*told_apart(*layout.cells(cells)), ())
        elif layout is not None and not any(layout.cells(cells)) and not any(map(is_code, cells)):
            yield "", "", (_unused([cell for cell in cells if cell]),)
        else:
            yield from _of_cells(cells, several="\t" not in bare)


def _fits(code: str, name: str) -> bool:
    """Whether cells are what the header says of them; people who type mix the columns up."""
    return (is_code(code) or not code) and (likeness(name) > 0 or not name) and bool(code or name)


def _of_cells(cells: Sequence[str], *, several: bool) -> Iterator[_Found]:
    """The bidders in the cells of one line: several where it has several codes or company names, unless it is a row of a table."""
    pieces = [split(cell) for cell in cells if cell]
    named = sum(likeness(name) > 2 for _, name in pieces)
    if several and (named > 1 or sum(bool(code) for code, _ in pieces) > 1):
        yield from _in_turn(pieces)
        return
    code = next((code for code, _ in pieces if code), "")
    name = max((name for _, name in pieces if name), key=likeness, default="")
    if not likeness(name):  # a number of some kind: whoever looks it up says what is wrong with it
        code, name = code or name, ""
    rest = [
        part
        for piece in pieces
        for part in piece
        if part not in (code, name) and (is_code(part) or likeness(part))
    ]
    yield code, name, (_unused(rest),) if rest else ()


def _in_turn(pieces: Iterable[tuple[str, str]]) -> Iterator[_Found]:
    """The bidders of a line one after another; a code belongs to the name beside it, a second code or name begins another one."""
    code = name = ""
    rest: list[str] = []
    for found, text in pieces:
        if text and likeness(text) < 2 and not found:
            rest.append(text)
            continue
        if (found and code) or (text and name) or (found and text and (code or name)):
            yield code, name, ()
            code = name = ""
        code, name = found or code, text or name
    yield code, name, (_unused(rest),) if rest else ()


def _stream(file: BinaryIO) -> Callable[[], Iterator[bytes]]:
    """Reads an open file from its start, however often and interleaved that is asked for."""

    def chunks() -> Iterator[bytes]:
        at = 0
        while file.seek(at) == at and (chunk := file.read(CHUNK)):
            at += len(chunk)
            yield chunk

    return chunks


def _display(filename: str) -> str:
    """The name of an uploaded file for people, without folders."""
    name = re.split(r"[/\\]", filename)[-1]
    return "".join(character if character.isprintable() else "�" for character in name)[:100] or "file"


def _unused(parts: Sequence[str]) -> Note:
    text = "、".join(map(shown, parts[:_UNUSED_SHOWN])) + ("…" if len(parts) > _UNUSED_SHOWN else "")
    return Note("not-used", f"这一行里没有采用的内容：{text}。", f"Not used of this line: {text}.")


def _other_sheets(read: str, others: Sequence[str]) -> Note:
    listed = "、".join(path.rpartition("/")[2] for path in others[:_UNUSED_SHOWN])
    sheet = read.rpartition("/")[2]
    return Note(
        "other-sheets",
        f"工作簿里还有像投标人名单的工作表没有读取：{listed}。本次只读了“{sheet}”；其余请另行提交。",
        f"Other sheets that look like lists of bidders were not read: {listed}. Only {sheet} was; send the others by themselves.",
    )

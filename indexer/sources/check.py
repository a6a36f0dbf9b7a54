"""The row check (逐行校验): a row of a file becomes a draft for the register, or a rejection that says why and what to do."""

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from indexer.identifiers import Codes, InvalidCode, likely_intended, parse_codes
from indexer.kinds.base import Column, Kind, Problem, Type, Value
from indexer.register.draft import Draft
from indexer.sources import own_columns
from indexer.sources.cells import EMPTY_WORDS, NOTHING, fold, is_damaged_number, reader, unusual, why_refused
from indexer.sources.columns import Field, is_known, match_header
from indexer.sources.table import Row

__all__ = ["CHECK_VERSION", "Checker", "Draft", "Rejection", "row_digest"]

CHECK_VERSION = 1
"""Goes into every digest. Raise it when the check reads a cell differently, so that unchanged files are read again."""

_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not taken: its line, its cells as they stood (identity numbers masked), and every reason."""

    line: int
    cells: Sequence[str]
    reasons: tuple[Problem, ...]


def row_digest(kind_name: str, header: Sequence[str]) -> Callable[[Sequence[str]], str]:
    """A function that gives a row's fingerprint: 24 hexadecimal digits over kind, check version, header and cells.

    It knows nothing of meaning: a row that reads word for word as before has the digest it had before.
    """
    base = hashlib.blake2b(
        repr((CHECK_VERSION, kind_name, tuple(header))).encode("utf-8", "surrogatepass"), digest_size=12
    )
    width = len(header)
    copy, join = base.copy, _SEPARATOR.join

    def digest(cells: Sequence[str]) -> str:
        joined = join(cells)
        if len(cells) != width or joined.count(_SEPARATOR) != width - 1:  # ragged, or holds the separator
            joined = repr(tuple(cells))
        hashed = copy()
        hashed.update(joined.encode("utf-8", "surrogatepass"))
        return hashed.hexdigest()

    return digest


class Checker:
    """Checks the rows of one table. Everything that depends on kind and header only is worked out once, here.

    Raises `FileRefused` when the header lacks columns that the kind requires. `today` is the day in Asia/Shanghai that the kind's own
    check is told.
    """

    def __init__(self, kind: Kind, header: Sequence[str], today: date) -> None:
        plan = match_header(header, kind)
        self.stated = plan.names
        """The kind's columns that the file speaks of."""
        self._kind = kind
        self._today = today
        self._header = plan.header
        self._width = len(plan.header)
        self._digest = row_digest(kind.name, header)
        fields = _first_of_each(plan.fields)
        self._codes = [field for field in plan.fields if kind.needs_subject and field.column.name == "uscc"]
        self._named = [field for field in fields if kind.needs_subject and field.column.name == "name"]
        rest = [field for field in fields if field not in self._codes and field not in self._named]
        self._texts = [
            (field.index, field.column.name, field.column.maximum, field) for field in rest if _is_text(field)
        ]
        self._others = [
            (field.index, field.column.name, reader(field, kind), field)
            for field in rest
            if not _is_text(field)
        ]
        self._doubles = [
            (field, reader(field, kind))
            for field in plan.fields
            if field not in fields and field not in self._codes and field.column.name != "name"
        ]
        self._unknown = plan.unknown
        self._exported = plan.exported
        self._more = plan.more
        self._required = [
            column for column in kind.all_columns() if column.required and column.name not in ("uscc", "name")
        ]
        self._needs_name = any(column.required and column.name == "name" for column in kind.all_columns())
        self._needs_code = kind.subject_type in ("enterprise", "institution")
        self._own_check = type(kind).check is not Kind.check
        columns = {column.name: column for column in kind.all_columns()}
        start, end = columns.get(kind.valid_from or ""), columns.get(kind.valid_until or "")
        self._period = (start, end) if start and end else None

    def check(self, row: Row, digest: str | None = None) -> Draft | Rejection:
        """`row` as a draft, or a rejection with every reason found. `digest` is the row's, where it is known already."""
        cells = row.cells
        if digest is None:
            digest = self._digest(cells)
        if len(cells) != self._width:
            return self._ragged(row)
        problems: list[Problem] = []
        if unusual("\n".join(cells)):
            problems = self._refused_cells(cells)
            if problems:
                return self._rejection(row, problems)
            cells = [fold(cell) for cell in cells]
        if self._exported:
            cells = [own_columns.plain(cell) for cell in cells]
        values = self._values(cells, problems)
        codes, written = self._code(cells, problems)
        name = self._name(cells, codes, problems)
        if problems:
            return self._rejection(row, problems)
        if self._own_check:
            self._ask_kind(values, written, name, problems)
        if self._period is not None:
            _check_period(values, self._period, problems)
        extra = (
            {heading: text for index, heading in self._unknown if (text := cells[index].strip())}
            if self._unknown
            else {}
        )
        if self._more is not None:
            extra |= self._further(cells[self._more], problems)
        if problems:
            return self._rejection(row, problems)
        return Draft(row.line, digest, codes, name, values, extra, codes.flags if codes else ())

    def _further(self, cell: str, problems: list[Problem]) -> dict[str, str]:
        """Columns that an export keeps in one cell; none that the kind knows may come in by that way."""
        try:
            found = own_columns.read(cell)
        except ValueError:
            problems.append(
                Problem(own_columns.MORE, "内容已损坏，应为导出时的原样。请重新导出，或清空这一栏。")
            )
            return {}
        if known := [heading for heading in found if is_known(heading, self._kind)]:
            zh = f"“{known[0][:30]}”是本类记录的栏目，不能写在这里。请填在自己的列里。"
            problems.append(Problem(own_columns.MORE, zh))
        return found

    def _values(self, cells: Sequence[str], problems: list[Problem]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for index, name, maximum, field in self._texts:
            text = cells[index].strip()
            if text and text not in NOTHING:
                if len(text) > maximum:
                    problems.append(_too_long(field, text))
                values[name] = text
        for index, name, read, field in self._others:
            text = cells[index].strip()
            if text and text not in EMPTY_WORDS:
                if len(text) > field.column.maximum:
                    problems.append(_too_long(field, text))
                    continue
                try:
                    value = read(text)
                except ValueError as error:
                    problems.append(Problem(field.column.label, str(error)))
                else:
                    if value is not None:
                        values[name] = value
        for field, read in self._doubles:
            self._add_double(values, cells[field.index].strip(), field, read, problems)
        if self._required:
            bad = {problem.column for problem in problems}
            for column in self._required:
                if column.name not in values and column.label not in bad:
                    problems.append(Problem(column.label, "没有填写，这一栏必须填写。"))
        return values

    @staticmethod
    def _add_double(
        values: dict[str, Value],
        text: str,
        field: Field,
        read: Callable[[str], Value | None],
        problems: list[Problem],
    ) -> None:
        """A further column that means the same. Texts stand side by side (and share what the public may see of them); of other types
        the stronger heading counts, and this one where it is empty.
        """
        name, before = field.column.name, values.get(field.column.name)
        if not text or text in EMPTY_WORDS or len(text) > field.column.maximum:
            return
        if isinstance(before, str) and _is_text(field):
            if text not in before and len(before) + len(text) < field.column.maximum:
                values[name] = f"{before}；{text}"
        elif before is None:
            try:
                value = read(text)
            except ValueError as error:
                problems.append(Problem(field.heading, str(error)))
            else:
                if value is not None:
                    values[name] = value

    def _code(self, cells: Sequence[str], problems: list[Problem]) -> tuple[Codes | None, str]:
        """What the strongest filled code column says, with the text it was written as."""
        for field in self._codes:
            text = cells[field.index].strip()
            if not text or text in EMPTY_WORDS:
                continue
            try:
                codes = parse_codes(text)
            except InvalidCode as error:
                problems.append(Problem(field.heading, _code_reason(text, error)))
                return None, text
            if codes.flags and not self._needs_code and "uscc-check" in codes.flags:
                problems.append(Problem(field.heading, _wrong_check(codes)))
            return codes, codes.uscc or text
        if self._needs_code:
            problems.append(Problem("统一社会信用代码", "没有可用的代码，无法建档。请补上统一社会信用代码。"))
        return None, ""

    def _name(self, cells: Sequence[str], codes: Codes | None, problems: list[Problem]) -> str | None:
        for field in self._named:
            name = cells[field.index].strip()
            if name and name not in EMPTY_WORDS:
                if len(name) > field.column.maximum:
                    problems.append(_too_long(field, name))
                return name
        if self._needs_name or self._needs_code:
            problems.append(Problem("主体名称", "没有填写，这一栏必须填写。"))
        elif codes is None and self._kind.needs_subject and not self._kind.subject_optional and not problems:
            problems.append(Problem("主体名称", "代码和名称都没有填写，不知道是谁的记录。请至少填写一项。"))
        return None

    def _ask_kind(
        self, values: dict[str, Value], code: str, name: str | None, problems: list[Problem]
    ) -> None:
        """The kind's own check, which sees code and name among the values."""
        if code:
            values["uscc"] = code
        if name:
            values["name"] = name
        problems.extend(self._kind.check(values, self._today))
        if self._kind.needs_subject:
            values.pop("uscc", None)
            values.pop("name", None)

    def _refused_cells(self, cells: Sequence[str]) -> list[Problem]:
        """Cells that can not be text: control characters, a foreign encoding, a number that a spreadsheet has rounded."""
        return [
            Problem(self._header[index] or f"第{index + 1}列", reason)
            for index, cell in enumerate(cells)
            if (reason := why_refused(cell)) is not None
        ]

    def _ragged(self, row: Row) -> Rejection:
        problems = self._refused_cells(row.cells[: self._width])
        if not problems:
            zh = f"这一行有 {len(row.cells)} 列，表头有 {self._width} 列；可能有逗号或换行没有加引号。请补齐或合并后重新提交。"
            problems = [Problem("", zh)]
        return self._rejection(row, problems)

    def _rejection(self, row: Row, problems: list[Problem]) -> Rejection:
        """The rejection, with identity numbers in code columns masked."""
        cells = list(row.cells)
        for field in self._codes:
            if field.index < len(cells):
                cells[field.index] = _masked(cells[field.index])
        return Rejection(row.line, cells, tuple(problems))


def _check_period(values: dict[str, Value], period: tuple[Column, Column], problems: list[Problem]) -> None:
    """An end before its start."""
    start, end = (values.get(column.name) for column in period)
    if isinstance(start, str) and isinstance(end, str) and end < start:
        zh = f"{end} 早于{period[0].label} {start}，请核对这两个日期。"
        problems.append(Problem(period[1].label, zh))


def _first_of_each(fields: Sequence[Field]) -> list[Field]:
    """The strongest heading of each column."""
    first: dict[str, Field] = {}
    for field in fields:
        first.setdefault(field.column.name, field)
    return list(first.values())


def _is_text(field: Field) -> bool:
    return field.column.type is Type.TEXT


def _too_long(field: Field, text: str) -> Problem:
    return Problem(
        field.column.label, f"有 {len(text):,} 个字符，最多 {field.column.maximum:,} 个。请核对这一栏。"
    )


def _code_reason(text: str, error: InvalidCode) -> str:
    if is_damaged_number(text):
        return (
            "长号码被电子表格变成了科学计数法，后几位已经丢失。请把这一列设为“文本”格式，重新填写完整号码。"
        )
    return error.zh + _suggested(error.suggestions)


def _wrong_check(codes: Codes) -> str:
    return "统一社会信用代码的校验位不对，请核对。" + _suggested(likely_intended(codes.uscc or ""))


def _suggested(codes: Sequence[str]) -> str:
    return f"是否应为：{'、'.join(codes[:5])}？" if codes else ""


def _masked(cell: str) -> str:
    """`cell` without an identity number (居民身份证号): first three and last four characters stay (domain.md part 6)."""
    folded = unicodedata.normalize("NFKC", cell) if not cell.isascii() else cell
    try:
        parse_codes(cell)
    except InvalidCode as error:
        if error.personal:
            compact = "".join(character for character in folded if character.isalnum())
            return f"{compact[:3]}{'*' * max(len(compact) - 7, 4)}{compact[-4:]}"
    return cell

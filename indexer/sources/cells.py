"""Single cells (单元格): what can not be text, what counts as empty, width folded, and a reader for each column type."""

import re
import unicodedata
from collections.abc import Callable

from indexer.kinds.base import Kind, Type, Value, Vocabulary
from indexer.sources.amounts import parse_amount
from indexer.sources.columns import Field
from indexer.sources.dates import iso_date
from indexer.sources.table import spoilt_reason

NOTHING = frozenset(
    {"N/A", "n/a", "NA", "#N/A", "NULL", "null", "Null", "None", "none", "NaN", "nan", "undefined"}
)
"""What programs write for "no value". Empty in every column."""

EMPTY_WORDS = NOTHING | frozenset({"-", "--", "—", "——", "/", "\\", "无", "空", "暂无", "不详", "/无"})
"""What people write for it. Empty in code, name, date, amount, number and choice; in free text 无 may be an answer."""

unusual = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u3000\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff０-９Ａ-Ｚａ-ｚ\ufffd\ud800-\udfff]"
).search
"""Finds what keeps a row from being taken as it is. Most rows have none of it."""

_control = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_surrogate = re.compile("[\ud800-\udfff]")
_damaged_number = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d{1,3}").fullmatch

_FOLD = {
    code: code - 0xFEE0
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for code in range(ord(first), ord(last) + 1)
}
_FOLD[0x3000] = 0x20
_INVISIBLE = [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
_FOLD_ALL: dict[int, int | None] = {**_FOLD, **dict.fromkeys(_INVISIBLE), 0x2028: 0x0A, 0x2029: 0x0A}


def fold(cell: str) -> str:
    """Full-width digits, letters and blanks to half width, invisible characters away; Chinese punctuation stays as it is."""
    return cell.translate(_FOLD_ALL)


def is_damaged_number(text: str) -> bool:
    """Whether `text` is a long number that a spreadsheet saved as `9.13205E+17`."""
    return _damaged_number(text.strip()) is not None


def why_refused(cell: str) -> str | None:
    """Why `cell` can not be taken as text, in Chinese; None when it can."""
    reason = spoilt_reason(cell)
    if reason is not None:
        return reason
    if "\0" in cell:
        return "含有空字符（NUL），文件可能已损坏。请重新导出后提交。"
    if match := _control.search(cell):
        return f"含有控制字符（U+{ord(match[0]):04X}）。请删除后重新提交。"
    if _surrogate.search(cell) or "\ufffd" in cell:
        return "这一栏的文字编码与文件其余部分不同，或已损坏。请把整个文件另存为 UTF-8 后重新提交。"
    return None


def reader(field: Field, kind: Kind) -> Callable[[str], Value | None]:
    """A function from a stripped, not empty cell to its value; None is an empty one. It raises `ValueError` with a Chinese reason."""
    column = field.column
    match column.type:
        case Type.DATE:
            return _end if column.name == kind.valid_until or column.name.endswith("until") else _day
        case Type.AMOUNT:
            unit = field.unit
            return lambda text: parse_amount(text, unit)
        case Type.INTEGER:
            return _integer
        case Type.CHOICE if column.choices is not None:
            return _choice(column.choices)
        case _:
            return str


def _end(text: str) -> Value | None:
    """A last day; open ends (长期) are empty."""
    return iso_date(text) or None


def _day(text: str) -> Value:
    found = iso_date(text)
    if not found:
        raise ValueError(f"这一栏不能填“{text}”，请填写具体日期。")
    return found


def _integer(text: str) -> Value:
    folded = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    match = re.fullmatch(r"([+-]?[0-9]{1,18})(?:\.0+)?", folded)
    if match is None:
        raise ValueError(f"“{text[:40]}”不是整数，请只填写数字。")
    return int(match[1])


def _choice(words: Vocabulary) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        term = words.find(text) or words.find(unicodedata.normalize("NFKC", text))
        if term is None:
            allowed = "、".join(term.zh for term in words)
            raise ValueError(f"不认识“{text[:40]}”。可填：{allowed}。")
        return term.code

    return read

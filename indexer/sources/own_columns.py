"""Columns that an export of this portal adds (导出附加列), and how its cells are kept from being formulas: written and read by one module.

A file with the column of record ids is an export. Taken in again, it gives the records that it was made from: what the portal worked out by
itself is passed over, further columns of the first file come out of their one cell, and the mark before a would-be formula goes.
"""

import re
from collections.abc import Mapping

import orjson

STATE = "质信当前状态"
"""The effective state on the day of the file, in Chinese; worked out, so passed over."""

DISPUTED = "质信异议起始日"
"""Since when an objection (异议) has been open; no matter of the record, so passed over."""

MORE = "质信其他栏目"
"""What the record's own file had besides the columns of its kind, as one JSON object of texts."""

RECORD = "质信记录编号"
"""The record's id."""

CHANGE = "质信变动"
"""Added, changed or no longer public; in files of changes only."""

ADDED = frozenset({STATE, DISPUTED, MORE, RECORD, CHANGE})

_marked = re.compile(r"'+[=+\-@＝＋－＠\t\r]").match
_formula = re.compile(r"'*[=+\-@＝＋－＠\t\r]").match


def safe(cell: str) -> str:
    """`cell` as a spreadsheet shows it and never calculates it: what begins like a formula gets an apostrophe before it.

    One that stands there already gets another, so `plain` gives back exactly what was. (OWASP, CSV injection; full-width signs count too.)
    """
    return f"'{cell}" if _formula(cell) else cell


def plain(cell: str) -> str:
    """What `safe` made its cell of."""
    return cell[1:] if _marked(cell) else cell


_folded_on_reading = re.compile("[\x7f-\x9f\u2000-\u206f\u3000\ufeff\uff00-\uffef]")


def written(more: Mapping[str, str]) -> str:
    """The cell of `MORE`; empty where there is nothing."""
    text = orjson.dumps(dict(more)).decode() if more else ""
    return _folded_on_reading.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def read(cell: str) -> dict[str, str]:
    """The columns in a cell of `MORE`. Raises ValueError where it is no object of texts."""
    if not cell:
        return {}
    found = orjson.loads(cell)
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("no object of texts")
    return found

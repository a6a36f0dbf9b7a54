"""Where a table's header stands (定位表头): below the title lines that agencies put above it, in one row or in two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.kinds.base import Kind
from indexer.sources.columns import known_cells


@dataclass(frozen=True, slots=True)
class Header:
    """The header found: its cells, and the index of its last row among those looked at. `known`: its known columns."""

    header: tuple[str, ...]
    last: int
    known: int


def find_header(rows: Sequence[Sequence[str]], kinds: Mapping[str, Kind] | None = None) -> Header:
    """The header among the first `rows` (not empty): the first in which two cells are columns of one kind.

    Without such a row it is the first one, which is what a complaint about the columns must then quote. Where headings are
    merged over two rows (`证书信息` above `证书编号`, `有效期至`), the lower row counts and is completed from the upper.
    """
    known = [known_cells(row, kinds) for row in rows]
    at = next((index for index, count in enumerate(known) if count >= 2), None)
    if at is None:
        return Header(_trimmed(rows[0]), 0, known[0])
    header = _trimmed(rows[at])
    if at + 1 < len(rows) and _is_lower_half(rows[at], rows[at + 1], kinds):
        return Header(_merged(header, rows[at + 1]), at + 1, known[at] + known[at + 1])
    if at and sum(map(bool, map(str.strip, rows[at - 1]))) > 1 and not all(map(str.strip, rows[at])):
        return Header(_merged(rows[at - 1], header), at, known[at])
    return Header(header, at, known[at])


def _is_lower_half(upper: Sequence[str], lower: Sequence[str], kinds: Mapping[str, Kind] | None) -> bool:
    """Whether `lower` has known columns, all of them beneath nothing or beneath the title of a group."""
    if not known_cells(lower, kinds):
        return False
    for index, cell in enumerate(lower):
        above = upper[index].strip() if index < len(upper) else ""
        if cell.strip() and above:
            starts_group = (
                index + 1 < len(lower)
                and lower[index + 1].strip()
                and not "".join(upper[index + 1 : index + 2]).strip()
            )
            if not starts_group:
                return False
    return True


def _merged(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """The lower heading where there is one, else the upper."""
    width = max(len(upper), len(lower))
    pairs = zip([*upper, *[""] * (width - len(upper))], [*lower, *[""] * (width - len(lower))], strict=True)
    return _trimmed([below.strip() or above for above, below in pairs])


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """Without the blank cells at the end: spreadsheets save some beyond the table."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return tuple(cells[:end])

"""Text tables (CSV 等分隔文本): comma, tab, semicolon or bar, read at the speed of the `csv` module."""

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from indexer.errors import FileRefused
from indexer.kinds.base import Kind
from indexer.sources.columns import known_cells
from indexer.sources.encoding import detect, text_chunks
from indexer.sources.headings import find_header
from indexer.sources.table import Row, too_long, too_wide
from indexer.sources.unpack import Source

_DELIMITERS = ",\t;|"


class DelimitedTable:
    """A CSV file or the like. Blank lines are passed over."""

    def __init__(self, source: Source, kinds: Mapping[str, Kind] | None = None) -> None:
        self.path = source.name
        self._source = source
        self._encoding = detect(source)
        csv.field_size_limit(
            source.limits.line
        )  # of the whole process; every line is bounded before it is cut
        self._delimiter = self._sniff(kinds)
        first = list(islice(self._rows(0), source.limits.header_rows))
        if not first:
            raise FileRefused(f"{self.path}：文件是空的。", f"{self.path} is empty.")
        found = find_header([list(row.cells) for row in first], kinds)
        self.header = found.header
        self._header_line = first[found.last].line

    def __iter__(self) -> Iterator[Row]:
        return self._rows(self._header_line)

    def _sniff(self, kinds: Mapping[str, Kind] | None) -> str:
        """The delimiter under which a first row has most known columns; else the one that is most frequent there."""
        lines = list(islice(self._lines(), self._source.limits.header_rows))
        score = {
            mark: (
                max((known_cells(cells, kinds) for cells in _cut(lines, mark)), default=0),
                "".join(lines).count(mark),
            )
            for mark in _DELIMITERS
        }
        return max(score, key=lambda mark: score[mark])

    def _lines(self) -> Iterator[str]:
        return bounded_lines(self._source, self._encoding)

    def _rows(self, after: int) -> Iterator[Row]:
        """The rows that start after line `after`."""
        reader = csv.reader(self._lines(), delimiter=self._delimiter)
        widest = self._source.limits.cells
        line = 1
        try:
            for cells in reader:
                if cells and line > after:
                    if len(cells) > widest:
                        raise too_wide(self.path, line, widest)
                    if any(cells):
                        yield Row(line, cells)
                line = reader.line_num + 1
        except csv.Error:
            raise too_long(self.path, line, self._source.limits.line) from None


def _cut(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return


def bounded_lines(source: Source, encoding: str) -> Iterator[str]:
    """The lines of a text with their ends (LF, CRLF or CR), none longer than the limit and one chunk."""
    return chain.from_iterable(_blocks(source, encoding))


def _blocks(source: Source, encoding: str) -> Iterator[io.StringIO]:
    """Pieces of whole lines; `chain` and `StringIO` then hand out the lines without Python code for each."""
    limit = source.limits.line
    pieces: list[str] = []  # of a line whose end has not come
    length = done = 0
    for chunk in text_chunks(source, encoding):
        cut = chunk.rfind("\n") + 1 or chunk.rfind("\r", 0, len(chunk) - 1) + 1
        if cut:
            block = "".join((*pieces, chunk[:cut]))
            if length + cut > limit:
                _measure(block, source, done)
            done += block.count("\n")
            yield io.StringIO(block, newline="")
            pieces, length = [], 0
        pieces.append(chunk[cut:])
        length += len(chunk) - cut
        if length > limit:
            raise too_long(source.name, done + 1, limit)
    yield io.StringIO("".join(pieces), newline="")


def _measure(block: str, source: Source, done: int) -> None:
    for number, line in enumerate(io.StringIO(block, newline=""), done + 1):
        if len(line) > source.limits.line:
            raise too_long(source.name, number, source.limits.line)


def looks_tabular(source: Source, kinds: Mapping[str, Kind] | None) -> bool:
    """Whether a text has, near its beginning, a row with two known columns."""
    lines = list(islice(bounded_lines(source, detect(source)), source.limits.header_rows))
    return any(known_cells(cells, kinds) >= 2 for mark in _DELIMITERS for cells in _cut(lines, mark))

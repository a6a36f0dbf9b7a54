"""JSON and JSON Lines as tables: one object is one row, its keys are the columns.

Both are read twice: once for the keys of all objects (the header) and for the soundness of the file, once for the rows.
"""

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

import ijson
import orjson

from indexer.errors import FileRefused
from indexer.sources.delimited import bounded_lines
from indexer.sources.encoding import detect, text_chunks
from indexer.sources.table import Row, spoilt, too_long, too_wide
from indexer.sources.unpack import Source

ROUNDED = "长号码被存成了数值，后几位已经丢失。请把它存为文本，重新填写完整号码。"
_DEEPEST = 50  # open brackets; a document nested deeper is no table
_EXACT = 10**15  # a double holds whole numbers of 15 digits whatever they are


class JsonTable:
    """A JSON array of objects, or an object with one such array (`{"data": […]}`, as the certification platform answers)."""

    def __init__(self, source: Source) -> None:
        self.path = source.name
        self._source = source
        self._encoding = detect(source)
        self._item, self.header = self._survey()

    def __iter__(self) -> Iterator[Row]:
        for number, record in enumerate(ijson.items(_Feed(self._source, self._encoding), self._item), 1):
            yield Row(number, _cells(record, self.header))

    def _survey(self) -> tuple[str, tuple[str, ...]]:
        """Where the objects stand and all their keys; refuses what is damaged, has no such array or several."""
        feed = _Feed(self._source, self._encoding)
        item: tuple[str, ...] | None = None
        keys: dict[str, None] = {}
        count = 0
        path: list[str] = []  # of the innermost open container
        arrays: list[bool] = []  # which of the open containers are arrays
        key = ""
        try:
            for event, value in ijson.basic_parse(feed):
                if event == "map_key":
                    key = value
                    if item is not None and len(path) == len(item) and not arrays[-1]:
                        keys[key] = None
                elif event in ("start_map", "start_array"):
                    in_array = bool(arrays) and arrays[-1]
                    path.append("item" if in_array else key)
                    arrays.append(event == "start_array")
                    if len(path) > _DEEPEST:
                        raise _no_table(self.path)
                    if event == "start_map" and in_array and (item is None or len(path) <= len(item)):
                        if item is not None and tuple(path) != item:
                            raise self._several()
                        item = tuple(path)
                        count += 1
                        feed.mark(count)
                        if len(keys) > self._source.limits.cells:
                            raise too_wide(self.path, count, self._source.limits.cells)
                elif event in ("end_map", "end_array"):
                    path.pop()
                    arrays.pop()
        except (ijson.JSONError, UnicodeDecodeError):
            raise FileRefused(
                f"{self.path}：不是完整有效的 JSON（第 {count or 1} 条记录附近）。请检查文件是否完整后重新提交。",
                f"{self.path} is not valid JSON, near record {count or 1}.",
            ) from None
        if item is None:
            raise _no_table(self.path)
        return ".".join(item[1:]), tuple(keys)

    def _several(self) -> FileRefused:
        return FileRefused(
            f"{self.path}：文件里有不止一个记录列表，请拆成几个文件分别提交。",
            f"{self.path} has several arrays of records; send them as separate files.",
        )


class _Feed:
    """The text as UTF-8 bytes for ijson, with a limit on the bytes of one record."""

    def __init__(self, source: Source, encoding: str) -> None:
        self._chunks = text_chunks(source, encoding)
        self._source = source
        self._held = b""
        self._since = 0
        self._record = 0

    def mark(self, record: int) -> None:
        """A record begins."""
        self._record, self._since = record, 0

    def read(self, size: int = -1) -> bytes:
        if not self._held:
            self._held = next(self._chunks, "").encode("utf-8", "replace")
        piece, self._held = self._held[:size], self._held[size:]
        self._since += len(piece)
        if self._since > self._source.limits.line + len(piece):
            raise too_long(self._source.name, self._record + 1, self._source.limits.line)
        return piece


class JsonLinesTable:
    """JSON Lines: one object in each line. A line that is no object is a row to be rejected, the others are taken."""

    def __init__(self, source: Source) -> None:
        self.path = source.name
        self._source = source
        self._encoding = detect(source)
        keys: dict[str, None] = {}
        for line, record in self._records():
            if isinstance(record, dict):
                keys.update(dict.fromkeys(record))
                if len(keys) > source.limits.cells:
                    raise too_wide(self.path, line, source.limits.cells)
        if not keys:
            raise _no_table(self.path)
        self.header = tuple(keys)

    def __iter__(self) -> Iterator[Row]:
        for line, record in self._records():
            if isinstance(record, dict):
                yield Row(line, _cells(record, self.header))
            else:
                mark = spoilt("这一行不是有效的 JSON 对象，请检查引号、逗号和括号。", record)
                yield Row(line, [mark, *[""] * (len(self.header) - 1)])

    def _records(self) -> Iterator[tuple[int, dict[str, object] | str]]:
        """Line number and object of each line that is not blank; the text itself where it is no object."""
        for number, text in enumerate(bounded_lines(self._source, self._encoding), 1):
            line = text.strip()
            if not line:
                continue
            try:
                record = orjson.loads(line)
            except (orjson.JSONDecodeError, UnicodeEncodeError):
                record = None
            yield number, record if isinstance(record, dict) else line


def _no_table(path: str) -> FileRefused:
    return FileRefused(
        f'{path}：JSON 里没有记录列表。应为对象数组，或含有一个对象数组的对象（如 {{"data": […]}}）。',
        f'{path}: no array of objects found; give an array of objects, or an object with one, such as {{"data": […]}}.',
    )


def _cells(record: dict[str, object], header: Sequence[str]) -> list[str]:
    """The values under `header`, as text."""
    get = record.get
    return [value if isinstance(value := get(key), str) else _text(value) for key in header]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() | Decimal():
            return _number(value)
        case _:
            return json.dumps(value, ensure_ascii=False, default=_plain)


def _number(value: float | Decimal) -> str:
    """A number as people write it; a long whole number that went through a double has lost its end."""
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) >= _EXACT:
        return spoilt(ROUNDED, str(value))
    text = f"{number:f}"
    return re.sub(r"\.?0+$", "", text) if "." in text else text


def _plain(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)

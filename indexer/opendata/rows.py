"""One record as a row of a table and as a line of JSON (行与列): the columns that `ingest` takes, and what the portal adds."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from indexer.kinds import kinds
from indexer.kinds.base import Column, Kind, Show, Type, Value
from indexer.register.disclosure import PublicRecord
from indexer.sources import own_columns

NATIVE = "CNY"
"""The currency of amounts that are written without one."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a file: its heading, where JSON has the same, how it is written, and what it is in both languages."""

    heading: str
    name: str
    type: str
    zh: str
    en: str


_TYPES = {
    Type.TEXT: ("text", "文字", "Text."),
    Type.DATE: ("date", "日期，YYYY-MM-DD。", "A day, YYYY-MM-DD."),
    Type.AMOUNT: ("amount", "金额，元；外币在数字后写币种代码。", "An amount in yuan; a foreign one with its ISO 4217 code behind."),
    Type.INTEGER: ("integer", "整数。", "A whole number."),
}  # fmt: skip

_ADDED = (
    Heading(
        own_columns.STATE, "status", "text",
        "生成文件之日的有效状态，由本站按日期算出。", "Effective state on the day of the file, worked out by the portal.",
    ),
    Heading(
        own_columns.DISPUTED, "disputed_since", "date",
        "异议处理中的记录，自这一天起。", "An objection to the record has been open since this day.",
    ),
    Heading(
        own_columns.MORE, "extra", "json",
        "来源文件中的其他栏目，JSON 对象。", "Further columns of the source's file, a JSON object.",
    ),
    Heading(
        own_columns.RECORD, "id", "text",
        "记录编号，24 位十六进制；网址为 /records/编号。", "The record's id, 24 hexadecimal digits; it stands at /records/ID.",
    ),
)  # fmt: skip


@cache
def public_columns(kind: Kind) -> tuple[Column, ...]:
    """The columns of a kind that anyone may see, in their order."""
    return tuple(column for column in kind.all_columns() if column.show is not Show.NEVER)


@cache
def headings(name: str) -> tuple[Heading, ...]:
    """What the columns of a kind's table are."""
    return (*(_heading(column) for column in public_columns(kinds()[name])), *_ADDED)


OF_RECORD = ("uscc", "name", "source")
"""Columns that JSON has of the record itself, and not among the `fields` of its kind."""


def _heading(column: Column) -> Heading:
    name = column.name if column.name in OF_RECORD else f"fields.{column.name}"
    if column.type is Type.CHOICE and column.choices is not None:
        words = [(term.zh, term.en) for term in column.choices]
        zh, en = "、".join(zh for zh, _ in words), ", ".join(en for _, en in words)
        return Heading(column.label, name, "choice", f"{zh}。", f"{column.english}: {en}.")
    written, zh, en = _TYPES[column.type]
    return Heading(column.label, name, written, zh, f"{column.english}. {en}")


@cache
def header(name: str) -> tuple[str, ...]:
    """The header of a kind's table."""
    return tuple(each.heading for each in headings(name))


def cells(record: PublicRecord) -> list[str]:
    """A record as a row below `header`, safe to open in a spreadsheet."""
    row = [own_columns.safe(_cell(record, column)) for column in public_columns(record.kind)]
    term = record.status_term
    row += (
        term.zh if term is not None else "",
        record.disputed.isoformat() if record.disputed is not None else "",
        own_columns.written(record.extra),
        record.id,
    )
    return row


def _cell(record: PublicRecord, column: Column) -> str:
    if record.kind.needs_subject:
        if column.name == "uscc":
            return record.subject.code if record.subject is not None else ""
        if column.name == "name":
            return record.name or ""
    if column.name == "source":
        return record.source or ""
    value = record.values.get(column.name)
    return "" if value is None else _text(column, value)


def _text(column: Column, value: Value) -> str:
    if isinstance(value, dict):
        return value["value"] + (value["currency"] if value["currency"] != NATIVE else "")
    if column.choices is not None and value in column.choices:
        return column.choices[str(value)].zh
    return str(value)


def line(said: dict[str, Any]) -> bytes:
    """A line of JSON, instants written as the API does."""
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def as_json(record: PublicRecord) -> dict[str, Any]:
    """A record as the API says it (`GET /records/ID`), less the words that depend on the reader's language."""
    return {
        "id": record.id,
        "kind": record.kind.name,
        "subject": record.subject.code if record.subject is not None else None,
        "uscc": record.subject.uscc if record.subject is not None else None,
        "name": record.name,
        "title": record.title,
        "number": record.number,
        "category": record.category,
        "status": record.status,
        "region": record.region,
        "dated": record.dated,
        "valid_from": record.valid_from,
        "valid_until": record.valid_until,
        "public_until": record.public_until,
        "disputed_since": record.disputed,
        "fields": record.values,
        "extra": record.extra,
        "source": record.source,
        "version": record.batch,
        "recorded_at": record.recorded_at,
    }

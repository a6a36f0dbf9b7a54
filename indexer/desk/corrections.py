"""Corrections (更正): what a form says of one record, written as a file of one row, so that it is checked and published as any file is."""

from collections.abc import Mapping
from io import BytesIO

import orjson

from indexer.kinds.base import Column, Show, Value
from indexer.register.handling import WholeRecord

NAME = "correction.json"


def correctable(record: WholeRecord) -> list[Column]:
    """The columns that a form offers: all that may be shown, but the code and what makes the record this one."""
    fixed = {"uscc", *(column.name for column in fixed_columns(record))}
    return [
        column
        for column in record.kind.all_columns()
        if column.show is not Show.NEVER and column.name not in fixed
    ]


def fixed_columns(record: WholeRecord) -> list[Column]:
    """The columns that make the record this one and can not be corrected: with other values it would be another.

    The name is one of them where no code says whom the record is about.
    """
    named = ("name",) if record.subject is None else ()
    return [column for column in record.kind.all_columns() if column.name in (*record.kind.key, *named)]


def written(value: Value | None) -> str:
    """A value as a file has it and a person types it: an amount in whole units, with its currency where that is not the yuan."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return value["value"] + ("" if value["currency"] == "CNY" else f" {value['currency']}")
    return str(value)


def stated(record: WholeRecord) -> dict[str, str]:
    """What a record says in the columns of its form."""
    return {column.name: now(record, column) for column in correctable(record)}


def now(record: WholeRecord, column: Column) -> str:
    """What a record says in one column; the subject's name stands beside the columns."""
    if column.name == "name" and record.kind.needs_subject:
        return record.name or ""
    return written(record.values.get(column.name))


def one_row(record: WholeRecord, said: Mapping[str, str]) -> BytesIO:
    """The file: the record's own code and key, and for each column of the form what `said` has, an empty text empties it.

    Columns that no form shows (identity numbers) are not named, and so stay as they are.
    """
    row = {column.name: now(record, column) for column in fixed_columns(record)}
    if record.kind.needs_subject:
        row["uscc"] = record.subject or ""
    row |= {column.name: said.get(column.name, "").strip() for column in correctable(record)}
    return BytesIO(orjson.dumps([row]))

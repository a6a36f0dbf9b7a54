"""Many rows at once: inserted as plain tuples, looked up by long lists of values.

Naming every parameter costs Core several microseconds a row; SQLite takes tuples and, for a list of texts, one JSON array. Values still
pass the column types' own processors, so what is stored is the same. PostgreSQL's driver wants names and lists anyway.
"""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Dialect, Table, func, insert, select
from sqlalchemy.orm import InstrumentedAttribute

Row = tuple[Any, ...]
Processors = tuple[tuple[int, Callable[[Any], Any]], ...]


@lru_cache(maxsize=16)
def _statement(table: Table, dialect: Dialect) -> tuple[str, Processors]:
    names = list(table.c.keys())
    found = [
        (at, table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
        for at, name in enumerate(names)
    ]
    processors = tuple((at, process) for at, process in found if process is not None)
    return str(insert(table).compile(dialect=dialect, column_keys=names)), processors


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, each with a value for every column of `table` in its order; nothing where there are none."""
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        names = table.c.keys()
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    sql, processors = _statement(table, connection.dialect)
    connection.exec_driver_sql(sql, [_processed(row, processors) for row in rows])


def _processed(row: Row, processors: Processors) -> Row:
    values = list(row)
    for at, process in processors:
        if values[at] is not None:
            values[at] = process(values[at])
    return tuple(values)


def among(
    connection: Connection,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    values: Collection[str],
) -> ColumnElement[bool]:
    """The condition that a text column has one of `values`, of which there may be thousands."""
    if connection.dialect.name != "sqlite":
        return column.in_(values)
    listed = func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
    return column.in_(select(listed.c.value))

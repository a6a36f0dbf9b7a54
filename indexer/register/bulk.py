"""Many rows at once. Naming every parameter of every row costs Core several microseconds a row; SQLite takes plain tuples.

Values still pass the column types' own processors, so what is stored is the same. PostgreSQL's driver wants names anyway.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

Processors = tuple[tuple[int, Callable[[Any], Any]], ...]


@lru_cache(maxsize=16)
def _statement(
    table: Table, dialect: Dialect
) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]], Processors]:
    names = list(table.c.keys())
    found = [
        (at, table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
        for at, name in enumerate(names)
    ]
    processors = tuple((at, process) for at, process in found if process is not None)
    return str(insert(table).compile(dialect=dialect, column_keys=names)), itemgetter(*names), processors


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, each with a value for every column of `table`."""
    if connection.dialect.name != "sqlite":
        connection.execute(insert(table), rows)
        return
    sql, take, processors = _statement(table, connection.dialect)
    connection.exec_driver_sql(sql, [_processed(take(row), processors) for row in rows])


def _processed(row: tuple[Any, ...], processors: Processors) -> tuple[Any, ...]:
    values = list(row)
    for at, process in processors:
        if values[at] is not None:
            values[at] = process(values[at])
    return tuple(values)

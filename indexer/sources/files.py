"""The tables of a file (打开文件): what it is by its bytes, not by its name, and a reader for it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from indexer.kinds.base import Kind
from indexer.sources.delimited import DelimitedTable
from indexer.sources.limits import Limits
from indexer.sources.table import Row, Table
from indexer.sources.unpack import GZIP, gunzipped, plain

__all__ = ["Row", "Table", "open_tables"]


def open_tables(
    path: Path, limits: Limits = Limits(), kinds: Mapping[str, Kind] | None = None
) -> Iterator[Table]:
    """The tables in the file at `path`, one after another, each to be read before the next is asked for."""
    source = plain(path, limits)
    head = source.head()
    if head.startswith(GZIP):
        source = gunzipped(source)
    yield DelimitedTable(source, kinds)

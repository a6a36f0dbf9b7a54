"""The places of a found record that answer the question (段落), from what the door shows of it, never from the index."""

from dataclasses import replace
from functools import cache

from indexer.kinds.base import Column, Find, Kind
from indexer.register.disclosure import PublicRecord
from indexer.search.passages import Passage, best
from indexer.search.protocol import Hit
from portal.labels import column_label

MOST = 2
"""Passages that a hit shows."""

WORTH = 0.5
"""Merit, beside that of the first, from which a second passage is worth a reader's time."""


def passages_of(hit: Hit, record: PublicRecord, query_text: str) -> tuple[Passage, ...]:
    """Where the texts of `record` answer, best first; none for a hit that was found by something else than its text.

    A passage under no heading of its own is headed by the name of its column.
    """
    if not any(reason.code == "text" for reason in hit.why):
        return ()
    texts = _texts(record.kind)
    held = {name: value for name in texts if isinstance(value := record.values.get(name), str)}
    found = best(held, query_text, MOST)
    return tuple(
        passage if passage.heading else replace(passage, heading=column_label(texts[name]))
        for name, passage in found
        if passage.score >= WORTH * found[0][1].score
    )


@cache
def _texts(kind: Kind) -> dict[str, Column]:
    """The columns that give text to search, as `indexer/documents.py` takes them."""
    return {column.name: column for column in kind.all_columns() if column.find is Find.TEXT}

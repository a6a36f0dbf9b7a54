"""Streams in pieces. (`itertools.batched` comes with Python 3.12; this project runs on 3.11 too.)"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of up to `size` items in order."""
    iterator = iter(items)
    while piece := list(islice(iterator, size)):
        yield piece

"""What a batch does to single records (变动), told to whoever watches while it is written: a preview, or the check before a publication."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from indexer.kinds.base import Value


@dataclass(frozen=True, slots=True)
class Content:
    """What a version says: the subject's name as stated, the kind's columns, and the file's further ones."""

    name: str | None
    values: Mapping[str, Value]
    extra: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One record before and after: without `before` it is new, without `after` it goes.

    `subject` is the code of whom it is about, `line` where its row stands in the file; both None where there is none. `returns` says that
    the record was taken down and comes back.
    """

    kind: str
    record: str
    subject: str | None
    line: int | None
    before: Content | None
    after: Content | None
    returns: bool = False


Observer = Callable[[RecordChange], None]
"""Called with each change in the order of writing; what it raises undoes the batch."""


def content_of(name: str | None, payload: Mapping[str, Value] | None, extra: object) -> Content | None:
    """The content of a stored version; None for a removal."""
    if payload is None:
        return None
    return Content(name, payload, extra if isinstance(extra, dict) else {})

"""Lists (名单) page by page, newest entry first, and paging of what is read whole."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

import orjson

from indexer.kinds import kinds
from indexer.register.disclosure import PublicRecord
from indexer.register.reading import Register
from indexer.search.cursor import refusal

_is_record = re.compile("[0-9a-f]{24}").fullmatch

NAMES = ("red", "black", "watch", "abnormal")


class _Record(Protocol):
    @property
    def id(self) -> str: ...


Read = TypeVar("Read", bound=_Record)


@dataclass(frozen=True, slots=True)
class Entries:
    """A page of entries, and the cursor of the next."""

    records: tuple[PublicRecord, ...]
    next: str | None


def label(name: str) -> str:
    """The list's name in Chinese."""
    column = next(column for column in kinds()["listing"].columns if column.name == "list")
    assert column.choices is not None
    return column.choices[name].zh


def entries(
    register: Register, name: str, since: date | None, region: str | None, limit: int, cursor: str | None
) -> Entries:
    """A page of a list's public entries. Raises InvalidParameter for a cursor of another question."""
    question = _digest("list", name, since, region)
    after = _read(cursor, question)
    if after is not None and not after[0]:
        raise refusal()
    records = register.listings(name, since, region, limit + 1, after)
    shown = records[:limit]
    following = None
    if len(records) > limit and shown[-1].dated is not None:
        following = _write(question, shown[-1].dated.isoformat(), shown[-1].id)
    return Entries(tuple(shown), following)


def page(
    records: Sequence[Read], limit: int, cursor: str | None, *, of: object = None
) -> tuple[Sequence[Read], str | None]:
    """A page of records that were read whole; `of` says what was asked for. Raises InvalidParameter for a cursor of another question."""
    question = _digest("records", of)
    after = _read(cursor, question)
    start = 0
    if after:
        start = next((at + 1 for at, record in enumerate(records) if record.id == after[1]), -1)
        if start < 0:
            raise refusal()
    shown = records[start : start + limit]
    more = start + limit < len(records)
    return shown, _write(question, "", shown[-1].id) if more else None


def _digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()


def _write(question: str, day: str, record: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([question, day, record])).rstrip(b"=").decode()


def _read(cursor: str | None, question: str) -> tuple[str, str] | None:
    if cursor is None:
        return None
    try:
        found, day, record = orjson.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        )
        if found == question and _is_record(record):
            return (date.fromisoformat(day).isoformat() if day else ""), record
    except (ValueError, TypeError, binascii.Error):
        pass
    raise refusal()

"""Finding without an index of text (精确查找): the subjects and numbers that a text names in full, by the register's own indexes."""

import unicodedata
from collections.abc import Sequence

from sqlalchemy import Connection, case, select

from indexer.identifiers import InvalidCode, parse_codes
from indexer.register.models import Subject, Version
from indexer.register.subjects import DESCRIBING, subjects_by_codes

_HALF, _FULL = str.maketrans("（）", "()"), str.maketrans("()", "（）")

OWN_FIRST = (
    case((Version.kind.in_(DESCRIBING), 0), else_=1),
    Version.dated.desc().nulls_last(),
    Version.record_id.desc(),
)
"""The order in which a subject is told: its own record, then what it holds, newest first."""


def meant(connection: Connection, text: str, limit: int) -> Sequence[int]:
    """Ids of the subjects whose code or name of now `text` is: at most `limit`, those by code first."""
    found = _by_code(connection, text)
    named = select(Subject.id).where(Subject.name.in_(writings(text))).limit(limit)
    return list(dict.fromkeys([*found, *connection.scalars(named)]))[:limit]


def writings(name: str) -> list[str]:
    """How a name that somebody typed may stand in the register: as typed, in the usual width (NFKC), without blanks; each with its
    brackets as they are, half and full width.
    """
    typed = name.strip()
    usual = unicodedata.normalize("NFKC", typed)
    closed = "".join(usual.split())
    written = (form for one in (typed, usual, closed) for form in (one, *map(one.translate, (_HALF, _FULL))))
    return list(dict.fromkeys(form for form in written if form))


def _by_code(connection: Connection, text: str) -> list[int]:
    try:
        codes = parse_codes(text)
    except InvalidCode:
        return []
    return [subject.id for subject in subjects_by_codes(connection, codes)]

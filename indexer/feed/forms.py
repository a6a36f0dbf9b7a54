"""The public form of a record (公示内容) and its digest: two forms have one digest when the API says the same of both.

Labels are left out: they depend on the reader's language, and change with a release only.
"""

from hashlib import blake2b

import orjson

from indexer.kinds import kinds
from indexer.register.disclosure import PublicRecord

PERSONS = frozenset(name for name, kind in kinds().items() if kind.of_persons)
"""Kinds about persons, which are in no list and no bulk export (domain.md part 6), so not in the feed either."""


def digest_of(record: PublicRecord, dispute: int) -> int:
    """64 bits of BLAKE2b over a record's public form, as a signed number.

    `dispute` is the number of the last objection to it, 0 without: one that was opened and ended between two looks leaves no other trace,
    and a mirror may have read its mark meanwhile.
    """
    subject = record.subject
    said = (
        (record.id, record.kind.name, subject.uscc if subject else None, subject.code if subject else None),
        (record.name, record.title, record.number, record.category, record.status, record.region),
        (record.dated, record.valid_from, record.valid_until, record.public_until, record.disputed, dispute),
        (record.values, record.extra, record.source, record.batch, record.recorded_at),
    )
    written = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(blake2b(written, digest_size=8).digest(), signed=True)

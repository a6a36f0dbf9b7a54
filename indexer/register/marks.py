"""Marks of the register's state (状态标记): what an answer rests on, in a few numbers, so that one who holds an answer learns cheaply
whether it still stands.

A mark changes with everything that the public can see change without a day passing: a batch, an objection that begins or ends. Days, rules
and languages are the asker's to add.
"""

from collections.abc import Hashable

from sqlalchemy import Engine, bindparam, func, select

from indexer.register.database import prepared, reading
from indexer.register.models import Batch, Dispute, Subject, Version

Mark = tuple[Hashable, ...]
"""Equal marks mean equal states; nothing else is to be read from one."""

# Objections are opened with a new number and ended one by one, so number and count together tell every state apart; both are read from
# indexes, the count from that of the open ones, which are few. The instant of the batch tells a database apart that was restored from
# a copy and went on with the same numbers.
_NEWEST = select(func.max(Batch.id)).scalar_subquery()
_OF_REGISTER = select(
    _NEWEST.label("batch"),
    select(Batch.recorded_at).where(Batch.id == _NEWEST).scalar_subquery().label("recorded_at"),
    select(func.max(Dispute.id)).scalar_subquery().label("opened"),
    select(func.count()).where(Dispute.ended_at.is_(None)).scalar_subquery().label("open"),
)

_OF_RECORD = (
    select(
        *(Version.id, Version.recorded_in, Version.superseded_in, Batch.recorded_at, Batch.withdrawn_in),
        *(Subject.name, Subject.type, Subject.region, Subject.uscc, Subject.code),
        *(Subject.organisation_code, Subject.registration_number),
    )
    .join(Batch, Batch.id == Version.recorded_in)
    .join(Subject, Subject.id == Version.subject_id, isouter=True)
    .where(Version.record_id == bindparam("record"))
    .order_by(Version.id)
)
_OBJECTIONS = (
    select(Dispute.id, Dispute.ended_at).where(Dispute.record_id == bindparam("record")).order_by(Dispute.id)
)


def mark_of_register(engine: Engine) -> Mark:
    """The state of the whole register: its newest batch and the objections to its records."""
    with reading(engine) as connection:
        (row,) = prepared(engine.dialect, _OF_REGISTER).rows(connection, {})
    return tuple(map(str, row))


def mark_of_record(engine: Engine, record: str) -> Mark:
    """The state of one record: its versions, what its subject is called now, and the objections to it. Other records may change."""
    with reading(engine) as connection:
        versions = connection.execute(_OF_RECORD, {"record": record}).all()
        objections = connection.execute(_OBJECTIONS, {"record": record}).all()
    return tuple(tuple(map(str, row)) for row in (*versions, *objections))

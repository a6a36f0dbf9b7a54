"""Tables of the change feed. Only `indexer.feed` reads or writes them.

A register of 10^8 records has as many rows here, so a row is small: 64 bytes on PostgreSQL and two narrow indexes. What a record is
(its kind, its subject, what it says) is read from the register when it is asked for; see docs/decisions/0018-a-feed-that-thins-itself.md.
"""

from datetime import date, datetime
from typing import cast

from sqlalchemy import BigInteger, Date, Dialect, Index, LargeBinary, Table
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from indexer.register.columns import Base, Identity, Instant


class RecordKey(TypeDecorator[str]):
    """A record's id, 24 hexadecimal digits outside, 12 bytes in the database."""

    impl = LargeBinary(12)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else bytes(value).hex()


class Change(Base):
    """One change that was told (变更). Numbers rise by one without gaps; the newest row of a record says what was told of it last."""

    __tablename__ = "public_change"
    __table_args__ = (Index("ix_public_change_record", "record"),)

    number: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    digest: Mapped[int | None] = mapped_column(BigInteger)  # of the public form; none: no longer public
    at: Mapped[datetime] = mapped_column(Instant)
    record: Mapped[str] = mapped_column(RecordKey)
    added: Mapped[bool]  # it was not public before


class FeedState(Base):
    """How far the one recorder is; a single row. Whoever writes changes moves it in the same transaction, so only one can."""

    __tablename__ = "public_change_state"

    id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(BigInteger)  # positions of another epoch mean nothing here
    last: Mapped[int] = mapped_column(BigInteger)  # number of the newest change
    version: Mapped[int] = mapped_column(BigInteger)  # versions up to this id have been looked at
    day: Mapped[date] = mapped_column(Date)  # of the calendar, in Asia/Shanghai: what is told holds on it
    thinned: Mapped[int] = mapped_column(BigInteger)  # up to here only what was told last of a record is kept
    forgotten: Mapped[int] = mapped_column(BigInteger)  # the newest removal that was thinned out


CHANGES = cast(Table, Change.__table__)
STATE = cast(Table, FeedState.__table__)

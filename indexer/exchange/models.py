"""Tables of the exchange. Only `indexer.exchange` reads or writes them; no secret stands here, of a token only its digest.

Which partner holds which record has no table: it follows from the deliveries, each of which says up to which version of the register, in
which state of it and on which day it was made, and from what the partner gets (decision 0019). Rows there are for what left or never went.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

import indexer.accounts.models
import indexer.register.models  # noqa: F401  the tables that these point to
from indexer.register.columns import Base, Document, Identity, Instant

UNASSIGNED = "delivery_id IS NULL"
IN_FLIGHT = "state IN ('waiting', 'sent')"


class PartnerRow(Base):
    """A partner (对接单位) and how far it has got.

    `series` begins anew when what it gets changes; of a series, `sequence` deliveries were made, up to the version `through` and the day
    `day`. `their_series` and `their_sequence` are the last delivery of the partner that was taken in.
    """

    __tablename__ = "exchange_partner"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    agency: Mapped[str] = mapped_column(Text)  # whose officers see it; empty: staff alone
    active: Mapped[bool]
    profile: Mapped[dict[str, Any]] = mapped_column(Document)  # indexer.exchange.partners.Partner
    token: Mapped[str | None] = mapped_column(String(64))  # digest of what it proves itself with
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))  # in whose name it brings things
    changed_at: Mapped[datetime] = mapped_column(Instant)
    series: Mapped[int]
    sequence: Mapped[int]
    through: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[date] = mapped_column(Date)
    loaded: Mapped[bool]  # the series has all that stood when it began
    scheduled_at: Mapped[datetime | None] = mapped_column(Instant)  # when the schedule was last kept
    their_series: Mapped[int]
    their_sequence: Mapped[int]
    hindered: Mapped[str | None] = mapped_column(Text)  # why it can not be reached now


class DeliveryRow(Base):
    """A delivery to a partner (发送批次): its bytes lie in the outbox until it is settled, its number is never given twice."""

    __tablename__ = "exchange_delivery"
    __table_args__ = (
        Index("ix_exchange_delivery_number", "partner_id", "series", "sequence", unique=True),
        Index("ix_exchange_delivery_through", "partner_id", "series", "through", "id"),
        Index(
            "ix_exchange_delivery_in_flight",
            "partner_id",
            "id",
            sqlite_where=text(IN_FLIGHT),
            postgresql_where=text(IN_FLIGHT),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("exchange_partner.id"))
    series: Mapped[int]
    sequence: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))  # waiting, sent, settled, refused
    through: Mapped[int] = mapped_column(BigInteger)
    register_version: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    rows: Mapped[int]
    removals: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))  # of the manifest
    made_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)  # then it is late
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    rejected: Mapped[int]  # rows that the partner did not take
    tries: Mapped[int]
    next_try_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(String(64))  # digest of the last acknowledgement that was read


class RemovalRow(Base):
    """A record that a partner holds and has to drop (撤下通知). `version_id` is the version that ended it, `keys` how the partner finds it."""

    __tablename__ = "exchange_removal"
    __table_args__ = (
        Index("ix_exchange_removal_once", "partner_id", "record_id", "version_id", unique=True),
        Index("ix_exchange_removal_subject", "subject_id"),
        Index("ix_exchange_removal_delivery", "delivery_id"),
        Index(
            "ix_exchange_removal_unassigned",
            "partner_id",
            "id",
            sqlite_where=text(UNASSIGNED),
            postgresql_where=text(UNASSIGNED),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("exchange_partner.id"))
    record_id: Mapped[str] = mapped_column(String(24))
    version_id: Mapped[int] = mapped_column(BigInteger)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"))
    kind: Mapped[str] = mapped_column(String(64))
    keys: Mapped[dict[str, str]] = mapped_column(Document)
    reason: Mapped[str] = mapped_column(String(24))
    found_at: Mapped[datetime] = mapped_column(Instant)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_delivery.id"))


class UnsentRow(Base):
    """Versions of a record that are not at a partner (未送达), from the first to `version_id`: they do not meet the template, or the partner
    did not take them.
    """

    __tablename__ = "exchange_unsent"

    partner_id: Mapped[int] = mapped_column(ForeignKey("exchange_partner.id"), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    first_version_id: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(64))
    by_partner: Mapped[bool]
    reasons: Mapped[list[list[str]]] = mapped_column(Document)  # column, Chinese
    found_at: Mapped[datetime] = mapped_column(Instant)


class ReceiptRow(Base):
    """A delivery of a partner that arrived (接收批次). `content` is the digest of all its files: the same again is recognised.

    `reasons` counts rejected rows by column and reason; `late` are rows beyond the days in which they are due here.
    """

    __tablename__ = "exchange_receipt"
    __table_args__ = (
        Index("ix_exchange_receipt_number", "partner_id", "series", "sequence", unique=True),
        Index("ix_exchange_receipt_content", "partner_id", "content"),
        Index("ix_exchange_receipt_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("exchange_partner.id"))
    series: Mapped[int]
    sequence: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))  # arrived, given, settled
    received_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    rows: Mapped[int]
    rejected: Mapped[int]
    reasons: Mapped[dict[str, int]] = mapped_column(Document)
    late: Mapped[int]
    latest_by: Mapped[int]  # calendar days
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    again: Mapped[int]  # how often it came once more
    submissions: Mapped[list[int]] = mapped_column(Document)  # at the publishing desk
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)  # the acknowledgement as it stands
    told: Mapped[bool]  # it lies at the partner


class LedgerRow(Base):
    """What went between here and a partner (交换台账). Rows are only added; triggers of the database hold it."""

    __tablename__ = "exchange_ledger"
    __table_args__ = (Index("ix_exchange_ledger_partner", "partner_id", "id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    partner_id: Mapped[int] = mapped_column(ForeignKey("exchange_partner.id"))
    outgoing: Mapped[bool]
    series: Mapped[int]
    sequence: Mapped[int]
    event: Mapped[str] = mapped_column(String(16))  # indexer.exchange.ledger.Event
    rows: Mapped[int]
    removals: Mapped[int]
    rejected: Mapped[int]
    digest: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str | None] = mapped_column(Text)

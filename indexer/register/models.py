"""Tables of the register. Only `indexer.register` reads or writes them.

Two clocks stand on every fact: when it held (`valid_from`, `valid_until`) and when the register knew it (`recorded_in`,
`superseded_in`, which are batches and so instants). Nothing is overwritten: a change is a new `Version` and marks the one before
as superseded. See docs/decisions/0002-batches-are-the-second-clock.md.
"""

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Date, ForeignKey, Index, LargeBinary, String, Table, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from indexer.register.columns import Base, Document, Identity, Instant, Number


class Batch(Base):
    """One publication (批次): a file taken in, or a withdrawal. Its id is the version of the register that it made.

    Batches are made one after another, so a higher id was recorded later.
    """

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(16))  # ingest, withdraw
    recorded_at: Mapped[datetime | None] = mapped_column(
        Instant, index=True
    )  # set as the last act before the commit
    path: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str | None] = mapped_column(Text)
    first_version: Mapped[int] = mapped_column(
        BigInteger
    )  # its versions have ids of this or more, up to the next batch's
    rows: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(Text)
    withdraws: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    withdrawn_in: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))


class Subject(Base):
    """Whom records are about (主体): an enterprise, institution or practitioner. A projection of its own record's current version.

    `code` is the strongest identifier it was first seen with and never changes: record ids are made from it.
    """

    __tablename__ = "subject"
    __table_args__ = (
        Index("ix_subject_uscc", "uscc", unique=True),
        Index("ix_subject_organisation_code", "organisation_code"),
        Index("ix_subject_name", "name", postgresql_using="hash"),  # asked for whole names only
        Index(
            "ix_subject_registration_number",
            "registration_number",
            sqlite_where=text("registration_number IS NOT NULL"),
            postgresql_where=text("registration_number IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(
        String(32)
    )  # enterprise, institution, practitioner; organisation: not said yet
    code: Mapped[str] = mapped_column(String(64))
    uscc: Mapped[str | None] = mapped_column(String(18))
    organisation_code: Mapped[str | None] = mapped_column(String(9))
    registration_number: Mapped[str | None] = mapped_column(
        String(64)
    )  # 工商注册号, old and practitioners' numbers too
    name: Mapped[str] = mapped_column(Text)
    region: Mapped[str | None] = mapped_column(Text)


class Version(Base):
    """One version of one record: what a row of a file said, checked, from when the register knew it until it knew better.

    `payload` holds the kind's own columns, `extra` the file's unknown ones. A version without payload is a removal.
    """

    __tablename__ = "version"
    __table_args__ = (
        Index("ix_version_record", "record_id", "recorded_in", unique=True),
        Index(
            "ix_version_digest",
            "digest",
            sqlite_where=text("superseded_in IS NULL"),
            postgresql_where=text("superseded_in IS NULL"),
        ),
        Index("ix_version_subject", "subject_id", "kind"),
        Index(
            "ix_version_number",
            "number",
            sqlite_where=text("number IS NOT NULL"),
            postgresql_where=text("number IS NOT NULL"),
        ),
        Index(
            "ix_version_category",
            "kind",
            "category",
            "dated",
            sqlite_where=text("category IS NOT NULL AND superseded_in IS NULL"),
            postgresql_where=text("category IS NOT NULL AND superseded_in IS NULL"),
        ),
        Index(  # what feeds ask for
            "ix_version_newest_listing",
            "category",
            "id",
            sqlite_where=text("kind = 'listing' AND superseded_in IS NULL"),
            postgresql_where=text("kind = 'listing' AND superseded_in IS NULL"),
        ),
        *(
            Index(
                f"ix_version_{day}",
                day,
                sqlite_where=text(f"{day} IS NOT NULL AND superseded_in IS NULL"),
                postgresql_where=text(f"{day} IS NOT NULL AND superseded_in IS NULL"),
            )
            for day in ("valid_from", "valid_until", "public_from", "public_until", "status_since")
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    record_id: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"))
    recorded_in: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    superseded_in: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    line: Mapped[int | None]  # in the file of the batch
    change: Mapped[str] = mapped_column(String(16))  # published, changed, withdrawn, restored
    name: Mapped[str | None] = mapped_column(Text)  # the subject's name as the row states it
    number: Mapped[str | None] = mapped_column(Number)
    category: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(String(32))
    status_since: Mapped[date | None] = mapped_column(Date)
    region: Mapped[str | None] = mapped_column(Text)
    dated: Mapped[date | None] = mapped_column(Date)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    public_from: Mapped[date | None] = mapped_column(Date)
    public_until: Mapped[date | None] = mapped_column(Date)
    withheld: Mapped[str | None] = mapped_column(String(32))
    digest: Mapped[str | None] = mapped_column(String(24))
    payload: Mapped[dict[str, Any] | None] = mapped_column(Document)
    extra: Mapped[dict[str, str] | None] = mapped_column(Document)
    notes: Mapped[list[str] | None] = mapped_column(Document)  # flags of the check, e.g. "uscc-check"


SUBJECTS = cast(Table, Subject.__table__)
VERSIONS = cast(Table, Version.__table__)


class Outbox(Base):
    """Records whose search document may have changed; written in the transaction of the change, emptied by sync."""

    __tablename__ = "outbox"
    # An id given out again could be taken for one that sync has done.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    record_id: Mapped[str] = mapped_column(String(24))


class Unindexed(Base):
    """A record whose document the search engine refused, set aside so that the others are not held up; cleared when it is taken."""

    __tablename__ = "unindexed"

    record_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)


class Mark(Base):
    """Small facts about the register's own work, such as the day up to which the index follows the calendar."""

    __tablename__ = "mark"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Receipt(Base):
    """A bidder check that was asked for (核查回执): who holds the key reads all of it, who has the number that it exists.

    Written once: triggers of the database refuse to change what was asked, anything at all once `state` is done or failed, and to delete it
    before `keep_until` is over. See docs/decisions/0009-receipts-are-written-once.md.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        Index("ix_receipt_key", "key_digest", unique=True),
        Index("ix_receipt_number", "number", unique=True),
        Index(
            "ix_receipt_unfinished",
            "state",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(64))  # SHA-256; the key itself is nowhere
    number: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(8))  # waiting, running, done, failed
    created_at: Mapped[datetime] = mapped_column(Instant)
    as_of: Mapped[date] = mapped_column(Date)
    bidders: Mapped[int]
    request: Mapped[bytes] = mapped_column(LargeBinary)  # as whoever asks packed it
    keep_until: Mapped[date] = mapped_column(Date)
    worker: Mapped[str | None] = mapped_column(String(32))
    heartbeat: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    checked: Mapped[int] = mapped_column(default=0)  # bidders that are done
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    hash: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of all parts, one after another
    register_version: Mapped[int | None] = mapped_column(BigInteger)
    rules_version: Mapped[str | None] = mapped_column(String(64))
    failure: Mapped[str | None] = mapped_column(String(64))  # the code of an error


class ReceiptPart(Base):
    """A piece of a receipt's result; the pieces in their order are its canonical JSON, byte for byte."""

    __tablename__ = "receipt_part"

    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)  # zlib


class Dispute(Base):
    """An objection to a record (异议), as the public sees it: open until `ended_at`. Written by the case it comes from.

    It stands beside the versions: an objection changes nothing of what the record says, and needs no batch to be seen.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        Index(
            "ix_dispute_open",
            "record_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_dispute_record", "record_id", "opened_at"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    record_id: Mapped[str] = mapped_column(String(24))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    opened_on: Mapped[date] = mapped_column(Date)  # in Asia/Shanghai
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(24))  # upheld, rejected, withdrawn
    reason: Mapped[str | None] = mapped_column(Text)


class Removal(Base):
    """What was removed since its time was over (保留期满清除): how many rows of which rule. Only added, and kept for ever.

    `digest` is the SHA-256 over what the rows were, for the audit the hash of its last row: the rest of its chain goes on from there.
    """

    __tablename__ = "removal"
    __table_args__ = (Index("ix_removal_rule", "rule", "id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    rule: Mapped[str] = mapped_column(String(64))
    removed: Mapped[int]
    first_id: Mapped[int | None] = mapped_column(BigInteger)
    last_id: Mapped[int | None] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))


class Touched(Base):
    """Records whose public form may have changed without a version: an objection, a completed code, the calendar. Emptied by the change feed.

    Written in the transaction of what touches them, so that what is committed late is seen late and never missed.
    """

    __tablename__ = "touched"
    __table_args__ = (
        {"sqlite_autoincrement": True},
    )  # an id given out again could be taken for one that is done

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    record_id: Mapped[str] = mapped_column(String(24))

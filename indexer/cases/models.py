"""Tables of cases. Only `indexer.cases` reads or writes them.

Who reported something is kept apart and sealed (`Reporter`): a list of cases, a copy of the database or a careless join tells nobody.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

import indexer.register.models  # noqa: F401  the table that it points to
from indexer.accounts.models import DIGEST
from indexer.register.columns import Base, Document, Identity, Instant

OPEN_REPAIR = "kind = 'repair' AND ended_at IS NULL"
UPHELD = "kind = 'objection' AND outcome = 'upheld'"


class Case(Base):
    """A case as it stands (办件); how it came to stand so is told by its events. `version` counts them."""

    __tablename__ = "case_file"  # CASE is a word of SQL
    __table_args__ = (
        Index(
            "ix_case_open",
            "due_on",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_case_subject", "subject_code", "kind"),
        Index(  # of two applications for one record at the same instant, one is filed
            "ix_case_open_repair",
            "record_id",
            unique=True,
            sqlite_where=text(OPEN_REPAIR),
            postgresql_where=text(OPEN_REPAIR),
        ),
        Index("ix_case_upheld", "ended_at", sqlite_where=text(UPHELD), postgresql_where=text(UPHELD)),
        Index("ix_case_kind", "kind", "filed_at"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    subject_code: Mapped[str | None] = mapped_column(
        String(64)
    )  # of the enterprise that files, or the one meant
    record_id: Mapped[str | None] = mapped_column(String(24))
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: somebody with the secret
    secret: Mapped[str | None] = mapped_column(String(DIGEST))  # its digest
    title: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(Document)  # what the form of the kind asks for
    filed_at: Mapped[datetime] = mapped_column(Instant)
    due_on: Mapped[date] = mapped_column(Date)
    provisional: Mapped[bool]  # whether holidays on the way to that day are not announced yet
    extended_at: Mapped[datetime | None] = mapped_column(Instant)
    handler: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    agency: Mapped[str | None] = mapped_column(Text)  # that it was transferred to
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str | None] = mapped_column(String(24))
    reason: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    late: Mapped[bool]  # whether something was done after the day by which it was due
    mended_in: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))  # of an objection that was upheld
    authority: Mapped[str | None] = mapped_column(Text)  # who made the record, when it was filed
    area: Mapped[str | None] = mapped_column(
        Text
    )  # of the record or enterprise: indexer/register/belonging.py


class CaseEvent(Base):
    """Something that was done with a case. Only added: triggers refuse to change or delete.

    `once` is the digest of the form it was sent with, so that a form sent twice is done once.
    """

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "place"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    place: Mapped[int]  # the version of the case that it made
    at: Mapped[datetime] = mapped_column(Instant)
    move: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(8))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(16))  # after it
    text: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, str]] = mapped_column(Document)
    once: Mapped[str | None] = mapped_column(String(DIGEST), unique=True)


class CaseFile(Base):
    """A file that came with an event of a case (办件附件)."""

    __tablename__ = "case_attachment"

    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), primary_key=True)
    place: Mapped[int]


class Reporter(Base):
    """Who filed a case without an account and how to reach them (举报人), sealed; a row only where they said it."""

    __tablename__ = "case_reporter"

    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    letters: Mapped[bool]  # whether a mail address is among it


class PublishedAnswer(Base):
    """An answered question that an operator chose to publish (公开答复), in the words the operator gave it."""

    __tablename__ = "published_answer"
    __table_args__ = (
        Index(
            "ix_published_answer_case",
            "case_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)

"""Tables of the publishing desk. Only `indexer.desk` reads or writes them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

import indexer.accounts.models
import indexer.cases.models
import indexer.register.models  # noqa: F401  the tables that these point to
from indexer.register.columns import Base, Identity, Instant

OPEN = "state IN ('reading', 'draft', 'submitted', 'approved')"


class Submission(Base):
    """Something to be published (发布申请): a file, the correction or the end of one record, or the undoing of a batch.

    `digest` is the SHA-256 of what is to be done, of a file that of its bytes; one and the same may wait only once. `effect` is the SHA-256
    of what the preview found: an approval is given to it, and a publication that would come out otherwise is not made.
    """

    __tablename__ = "submission"
    __table_args__ = (
        Index(
            "ix_submission_open",
            "digest",
            "kind",
            "source",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index("ix_submission_state", "state", "id"),
        Index("ix_submission_batch", "batch_id"),
        Index("ix_submission_case", "case_id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    action: Mapped[str] = mapped_column(String(16))  # file, correction, removal, undo
    state: Mapped[str] = mapped_column(String(16))  # see indexer.desk.submissions.State
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    name: Mapped[str] = mapped_column(Text)  # what the file is called, or what it is about
    stored: Mapped[str] = mapped_column(String(64))  # the folder of its file and its preview; empty: removed
    size: Mapped[int | None] = mapped_column(BigInteger)  # bytes
    digest: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))  # empty where the columns tell
    source: Mapped[str] = mapped_column(Text)
    record_id: Mapped[str | None] = mapped_column(String(24))
    undoes: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    annulled_on: Mapped[date | None] = mapped_column(Date)  # when the authority took its decision back
    note: Mapped[str] = mapped_column(
        Text
    )  # of a file for the second person, of the others the public reason
    to_state: Mapped[str] = mapped_column(String(16))  # where it goes after the preview: draft, submitted
    again: Mapped[int] = mapped_column(default=0)  # how often the register changed under an approval
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    reappearing: Mapped[int] = mapped_column(default=0)  # of those added: taken down before
    effect: Mapped[str | None] = mapped_column(String(64))
    seen_version: Mapped[int | None] = mapped_column(BigInteger)  # of the register, by the preview
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(Text)  # why it was sent back
    publish_at: Mapped[datetime | None] = mapped_column(Instant)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    failure_zh: Mapped[str | None] = mapped_column(Text)
    failure_en: Mapped[str | None] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))  # the objection that it mends
    scope: Mapped[str] = mapped_column(Text, default="")  # the agency or region of its maker; empty: all


class SettledConflict(Base):
    """A contradiction between two sources that an operator looked at and left as it stands (来源冲突的认定)."""

    __tablename__ = "settled_conflict"

    record_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    batch_id: Mapped[int] = mapped_column(
        ForeignKey("batch.id"), primary_key=True
    )  # that of the later version
    settled_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)

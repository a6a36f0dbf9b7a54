"""Tables of the rule book. Only `indexer.rulebook` reads or writes them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

import indexer.accounts.models  # noqa: F401  the table that these point to
from indexer.register.columns import Base, Document, Identity, Instant


class RuleDraft(Base):
    """A table of rules that somebody prepares (规则修订): edited, previewed, proposed to a second person, decided once.

    `effect` is the SHA-256 of what the last preview said, of the table and of its day: a decision is given to it. `asked` counts the previews,
    so that one which was overtaken while it ran is dropped.
    """

    __tablename__ = "rule_draft"
    __table_args__ = (Index("ix_rule_draft_state", "state", "id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    state: Mapped[str] = mapped_column(String(12))  # see indexer.rulebook.drafts.State
    content: Mapped[str] = mapped_column(Text)  # TOML
    version: Mapped[str] = mapped_column(String(16))
    begun_from: Mapped[int | None] = mapped_column(BigInteger)  # the edition it was copied from
    effective_from: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str | None] = mapped_column(Text)  # why it was refused
    asked: Mapped[int] = mapped_column(default=0)
    preview_state: Mapped[str] = mapped_column(String(8), default="none")  # none, waiting, done, failed
    percent: Mapped[int] = mapped_column(default=0)
    base: Mapped[int | None] = mapped_column(BigInteger)  # the edition it is compared with
    as_of: Mapped[date | None] = mapped_column(Date)  # the day that the preview judges
    register_version: Mapped[int | None] = mapped_column(BigInteger)
    previewed_at: Mapped[datetime | None] = mapped_column(Instant)
    preview: Mapped[dict[str, Any] | None] = mapped_column(Document)
    effect: Mapped[str | None] = mapped_column(String(64))


class RuleEdition(Base):
    """An approved table (规则版本), for good: the database refuses to change or delete it. Numbers have no gaps.

    The first is the table that the release shipped when the rule book began; it has no people and no day, and was in force before all others.
    """

    __tablename__ = "rule_edition"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("rule_draft.id"), unique=True)
    prepared_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    effective_from: Mapped[date | None] = mapped_column(Date)  # as it was proposed
    in_force_from: Mapped[datetime | None] = mapped_column(Instant)


class RuleWithdrawal(Base):
    """That an edition was taken back before it came into force, so that it never was."""

    __tablename__ = "rule_withdrawal"

    edition_id: Mapped[int] = mapped_column(ForeignKey("rule_edition.id"), primary_key=True)
    withdrawn_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)

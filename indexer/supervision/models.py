"""Tables of supervision. Only `indexer.supervision` reads or writes them."""

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from indexer.register.columns import Base, Document, Identity, Instant

STATE = 12


class Supervised(Base):
    """An enterprise with what its supervision grade is made from (监管对象): a projection of the register's public records.

    The grade itself stands nowhere: the rule of the day is asked for it, so that none can be out of date.
    """

    __tablename__ = "supervised"

    subject_id: Mapped[int] = mapped_column(Identity, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(Text)
    region: Mapped[str | None] = mapped_column(Text)
    products: Mapped[str | None] = mapped_column(Text)  # what its licences and certificates are for
    rating: Mapped[str | None] = mapped_column(String(8))  # 质量信用等级, the newest in force
    rating_record: Mapped[str | None] = mapped_column(String(24))


class SupervisedAsOf(Base):
    """When `Supervised` was brought up with the register; the last row counts."""

    __tablename__ = "supervised_as_of"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    register_version: Mapped[int]
    enterprises: Mapped[int]


class Proposed:
    """What one person proposes and another decides (双人复核)."""

    state: Mapped[str] = mapped_column(String(STATE))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str | None] = mapped_column(Text)  # why it was refused


class RuleVersion(Proposed, Base):
    """A version of the rule of grades (分级规则版本). `preview` is what its proposer and its decider were shown."""

    __tablename__ = "supervision_rule"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    content: Mapped[str] = mapped_column(Text)  # TOML
    effective_from: Mapped[date] = mapped_column(Date)
    preview: Mapped[dict[str, Any]] = mapped_column(Document)


class KeyProposal(Proposed, Base):
    """Enterprises that shall be entered on a key list or taken off it (重点监管名单的列入、移出)."""

    __tablename__ = "key_proposal"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    list: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(8))  # enter, end
    way: Mapped[str] = mapped_column(String(8))  # hand, rule
    criteria: Mapped[dict[str, Any] | None] = mapped_column(Document)  # of the way `rule`
    until: Mapped[date | None] = mapped_column(Date)


class KeyEntry(Base):
    """An enterprise on a key list: from the approval of `entered_by` until `until`, or until `ended_by` was approved."""

    __tablename__ = "key_entry"
    __table_args__ = (
        UniqueConstraint("proposal_id", "code"),
        Index(
            "ix_key_entry_current",
            "list",
            "code",
            unique=True,
            sqlite_where=text("since IS NOT NULL AND ended_on IS NULL"),
            postgresql_where=text("since IS NOT NULL AND ended_on IS NULL"),
        ),
        Index("ix_key_entry_code", "code"),
        Index("ix_key_entry_ending", "ending_id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("key_proposal.id"))
    list: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(Text)
    since: Mapped[date | None] = mapped_column(Date)  # None while it waits, or was refused
    until: Mapped[date | None] = mapped_column(Date)
    ending_id: Mapped[int | None] = mapped_column(ForeignKey("key_proposal.id"))
    ended_on: Mapped[date | None] = mapped_column(Date)


class Inspector(Base):
    """Somebody who may be drawn to inspect (执法检查人员). Never public; in files of draws there is `number` alone."""

    __tablename__ = "inspector"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)  # 执法证号
    name: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class InspectorConflict(Base):
    """An enterprise that an inspector is never drawn for (回避)."""

    __tablename__ = "inspector_conflict"
    __table_args__ = (UniqueConstraint("inspector_id", "code"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspector.id"))
    code: Mapped[str] = mapped_column(String(18))
    reason: Mapped[str] = mapped_column(Text)


class Draw(Proposed, Base):
    """A random draw (随机抽取): proposed, committed (population frozen, hash public), seeded, drawn; or refused, or void."""

    __tablename__ = "draw"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    criteria: Mapped[dict[str, Any]] = mapped_column(Document)
    count: Mapped[int]  # enterprises to draw
    each: Mapped[int]  # inspectors for each of them
    seed_way: Mapped[str] = mapped_column(String(8))  # server, public
    seed_source: Mapped[str] = mapped_column(Text)
    seed_from: Mapped[datetime | None] = mapped_column(Instant)  # when the public source will say it
    frozen: Mapped[str | None] = mapped_column(String(32))  # which parts are the population
    population: Mapped[int | None]
    population_hash: Mapped[str | None] = mapped_column(String(64))
    inspectors: Mapped[bytes | None] = mapped_column(LargeBinary)  # canonical JSON
    inspectors_hash: Mapped[str | None] = mapped_column(String(64))
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("supervision_rule.id"))
    register_version: Mapped[int | None]
    seed: Mapped[str | None] = mapped_column(Text)
    seeded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    seeded_at: Mapped[datetime | None] = mapped_column(Instant)
    drawn_at: Mapped[datetime | None] = mapped_column(Instant)
    void_reason: Mapped[str | None] = mapped_column(Text)


class DrawPart(Base):
    """A piece of a population; the pieces in their order are its canonical JSON, byte for byte."""

    __tablename__ = "draw_part"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    frozen: Mapped[str] = mapped_column(String(32), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)  # zlib


class Drawn(Base):
    """An enterprise that was drawn, in the order of the draw, with its inspectors' numbers."""

    __tablename__ = "drawn"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(Text)
    inspectors: Mapped[list[str]] = mapped_column(Document)


class Plan(Proposed, Base):
    """An inspection plan (抽查计划) over a draw. What was drawn is public from `public_from` on."""

    __tablename__ = "inspection_plan"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"))
    title: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)  # 检查事项
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date] = mapped_column(Date)
    public_from: Mapped[date] = mapped_column(Date)


class Task(Base):
    """One enterprise of a plan and how it went: open, entered, published. `changed_by` entered what stands here."""

    __tablename__ = "inspection_task"
    __table_args__ = (
        UniqueConstraint("plan_id", "code"),
        Index(
            "ix_inspection_task_due",
            "follow_up_due",
            sqlite_where=text("follow_up_due IS NOT NULL"),
            postgresql_where=text("follow_up_due IS NOT NULL"),
        ),
        Index(
            "ix_inspection_task_release",
            "release_id",
            sqlite_where=text("release_id IS NOT NULL"),
            postgresql_where=text("release_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("inspection_plan.id"))
    place: Mapped[int]
    code: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(Text)
    inspectors: Mapped[list[str]] = mapped_column(Document)
    state: Mapped[str] = mapped_column(String(STATE))
    result: Mapped[str | None] = mapped_column(Text)
    failed: Mapped[bool | None]
    failed_items: Mapped[str | None] = mapped_column(Text)
    inspected_on: Mapped[date | None] = mapped_column(Date)
    follow_up: Mapped[str | None] = mapped_column(Text)
    follow_up_due: Mapped[date | None] = mapped_column(Date)  # None where none is awaited
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
    batch: Mapped[int | None]  # of the register, that published it last
    release_id: Mapped[int | None] = mapped_column(ForeignKey("results_release.id"))  # that takes it along


class Release(Base):
    """Results of a plan that somebody has published (公布检查结果): waiting until a worker has made their batch, then published or failed."""

    __tablename__ = "results_release"
    __table_args__ = (
        Index(
            "ix_results_release_waiting",
            "plan_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_results_release_plan", "plan_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("inspection_plan.id"))
    state: Mapped[str] = mapped_column(String(STATE))
    results: Mapped[int]  # how many were asked for, then how many it took along
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    batch: Mapped[int | None]  # None too where the register said so already
    failure_zh: Mapped[str | None] = mapped_column(Text)
    failure_en: Mapped[str | None] = mapped_column(Text)


SUPERVISED = cast(Table, Supervised.__table__)
TASKS = cast(Table, Task.__table__)

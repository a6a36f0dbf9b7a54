"""Supervision: enterprises to grade, versions of the rule, key lists, inspectors, draws, plans and results.

Rule: must work while the previous release is still serving.

Revision: 0007, after 0006, 2026-11-23 15:00:00.000000.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    #
    op.create_table(
        "inspector",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_table(
        "supervised",
        sa.Column("subject_id", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("products", sa.Text(), nullable=True),
        sa.Column("rating", sa.String(length=8), nullable=True),
        sa.Column("rating_record", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("subject_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "supervised_as_of",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("register_version", sa.Integer(), nullable=False),
        sa.Column("enterprises", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "inspector_conflict",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("inspector_id", IDENTITY, nullable=False),
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspector_id"],
            ["inspector.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("inspector_id", "code"),
    )
    op.create_table(
        "key_proposal",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("criteria", DOCUMENT, nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", IDENTITY, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by", IDENTITY, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "supervision_rule",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("preview", DOCUMENT, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", IDENTITY, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by", IDENTITY, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "draw",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("criteria", DOCUMENT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("each", sa.Integer(), nullable=False),
        sa.Column("seed_way", sa.String(length=8), nullable=False),
        sa.Column("seed_source", sa.Text(), nullable=False),
        sa.Column("seed_from", INSTANT, nullable=True),
        sa.Column("frozen", sa.String(length=32), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_hash", sa.String(length=64), nullable=True),
        sa.Column("inspectors", sa.LargeBinary(), nullable=True),
        sa.Column("inspectors_hash", sa.String(length=64), nullable=True),
        sa.Column("rule_id", IDENTITY, nullable=True),
        sa.Column("register_version", sa.Integer(), nullable=True),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("seeded_by", IDENTITY, nullable=True),
        sa.Column("seeded_at", INSTANT, nullable=True),
        sa.Column("drawn_at", INSTANT, nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", IDENTITY, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by", IDENTITY, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["supervision_rule.id"],
        ),
        sa.ForeignKeyConstraint(
            ["seeded_by"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_table(
        "key_entry",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("proposal_id", IDENTITY, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ending_id", IDENTITY, nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ending_id"],
            ["key_proposal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["key_proposal.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("proposal_id", "code"),
    )
    op.create_index("ix_key_entry_code", "key_entry", ["code"], unique=False)
    op.create_index(
        "ix_key_entry_current",
        "key_entry",
        ["list", "code"],
        unique=True,
        sqlite_where=sa.text("since IS NOT NULL AND ended_on IS NULL"),
        postgresql_where=sa.text("since IS NOT NULL AND ended_on IS NULL"),
    )
    op.create_index("ix_key_entry_ending", "key_entry", ["ending_id"], unique=False)
    op.create_table(
        "draw_part",
        sa.Column("draw_id", IDENTITY, nullable=False),
        sa.Column("frozen", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draw.id"],
        ),
        sa.PrimaryKeyConstraint("draw_id", "frozen", "place"),
    )
    op.create_table(
        "drawn",
        sa.Column("draw_id", IDENTITY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("inspectors", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draw.id"],
        ),
        sa.PrimaryKeyConstraint("draw_id", "place"),
    )
    op.create_table(
        "inspection_plan",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("draw_id", IDENTITY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("public_from", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", IDENTITY, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by", IDENTITY, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draw.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "inspection_task",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("plan_id", IDENTITY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("inspectors", DOCUMENT, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("failed", sa.Boolean(), nullable=True),
        sa.Column("failed_items", sa.Text(), nullable=True),
        sa.Column("inspected_on", sa.Date(), nullable=True),
        sa.Column("follow_up", sa.Text(), nullable=True),
        sa.Column("follow_up_due", sa.Date(), nullable=True),
        sa.Column("changed_by", IDENTITY, nullable=True),
        sa.Column("changed_at", INSTANT, nullable=True),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["inspection_plan.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "code"),
    )
    op.create_index(
        "ix_inspection_task_due",
        "inspection_task",
        ["follow_up_due"],
        unique=False,
        sqlite_where=sa.text("follow_up_due IS NOT NULL"),
        postgresql_where=sa.text("follow_up_due IS NOT NULL"),
    )


def downgrade() -> None:
    #
    op.drop_index(
        "ix_inspection_task_due",
        table_name="inspection_task",
        sqlite_where=sa.text("follow_up_due IS NOT NULL"),
        postgresql_where=sa.text("follow_up_due IS NOT NULL"),
    )
    op.drop_table("inspection_task")
    op.drop_table("inspection_plan")
    op.drop_table("drawn")
    op.drop_table("draw_part")
    op.drop_index("ix_key_entry_ending", table_name="key_entry")
    op.drop_index(
        "ix_key_entry_current",
        table_name="key_entry",
        sqlite_where=sa.text("since IS NOT NULL AND ended_on IS NULL"),
        postgresql_where=sa.text("since IS NOT NULL AND ended_on IS NULL"),
    )
    op.drop_index("ix_key_entry_code", table_name="key_entry")
    op.drop_table("key_entry")
    op.drop_table("draw")
    op.drop_table("supervision_rule")
    op.drop_table("key_proposal")
    op.drop_table("inspector_conflict")
    op.drop_table("supervised_as_of")
    op.drop_table("supervised")
    op.drop_table("inspector")

"""The publishing desk: what is brought in, looked at by a second person and published; contradictions of sources that were settled.

Rule: must work while the previous release is still serving.

Revision: 0006, after 0003, 2026-11-23 15:00:00.000000.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('reading', 'draft', 'submitted', 'approved')")


def upgrade() -> None:
    #
    counts = ("again", "added", "changed", "removed", "unchanged", "rejected", "reappearing")
    op.create_table(
        "submission",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_by", IDENTITY, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stored", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("record_id", sa.String(length=24), nullable=True),
        sa.Column("undoes", IDENTITY, nullable=True),
        sa.Column("annulled_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("effect", sa.String(length=64), nullable=True),
        sa.Column("seen_version", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("decided_by", IDENTITY, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("publish_at", INSTANT, nullable=True),
        sa.Column("batch_id", IDENTITY, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("failure_zh", sa.Text(), nullable=True),
        sa.Column("failure_en", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["undoes"], ["batch.id"]),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_submission_open",
        "submission",
        ["digest", "kind", "source"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_submission_state", "submission", ["state", "id"], unique=False)
    op.create_index("ix_submission_batch", "submission", ["batch_id"], unique=False)
    op.create_table(
        "settled_conflict",
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.Column("batch_id", IDENTITY, nullable=False),
        sa.Column("settled_by", IDENTITY, nullable=False),
        sa.Column("settled_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("record_id", "batch_id"),
    )


def downgrade() -> None:
    #
    op.drop_table("settled_conflict")
    op.drop_table("submission")

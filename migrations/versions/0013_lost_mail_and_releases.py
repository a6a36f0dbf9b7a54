"""Publications of inspection results that a worker does; changes of a mail address whose letter box is lost.

Rule: must work while the previous release is still serving.

Revision: 0013, after 0012, 2026-11-23 21:10:00.000000.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "results_release",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("plan_id", IDENTITY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("results", sa.Integer(), nullable=False),
        sa.Column("asked_by", IDENTITY, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("failure_zh", sa.Text(), nullable=True),
        sa.Column("failure_en", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["inspection_plan.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_results_release_waiting",
        "results_release",
        ["plan_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_results_release_plan", "results_release", ["plan_id", "id"], unique=False)
    number = "BIGINT" if op.get_context().dialect.name == "postgresql" else "INTEGER"
    op.execute(f"ALTER TABLE inspection_task ADD COLUMN release_id {number} REFERENCES results_release (id)")
    op.create_index(
        "ix_inspection_task_release",
        "inspection_task",
        ["release_id"],
        unique=False,
        sqlite_where=sa.text("release_id IS NOT NULL"),
        postgresql_where=sa.text("release_id IS NOT NULL"),
    )
    op.create_table(
        "mail_change",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("old", sa.String(length=254), nullable=False),
        sa.Column("new", sa.String(length=254), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("file_id", IDENTITY, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", IDENTITY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_mail_change_waiting",
        "mail_change",
        ["account_id", "new"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_table("mail_change")
    op.drop_index("ix_inspection_task_release", table_name="inspection_task")
    op.execute("ALTER TABLE inspection_task DROP COLUMN release_id")
    op.drop_table("results_release")

"""What mends a record after an upheld objection; of which agency or region cases and submissions are; one open repair for each record.

Rule: must work while the previous release is still serving.

Revision: 0012, after 0007, 2026-11-23 17:30:00.000000.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN_REPAIR = sa.text("kind = 'repair' AND ended_at IS NULL")
UPHELD = sa.text("kind = 'objection' AND outcome = 'upheld'")
AT_ONCE = sa.text(
    """
    UPDATE case_file SET state = 'ended', outcome = 'withdrawn', ended_at = filed_at,
           reason = '同一记录的另一份修复申请正在办理'
    WHERE kind = 'repair' AND ended_at IS NULL AND EXISTS (
        SELECT 1 FROM case_file AS other
        WHERE other.kind = 'repair' AND other.ended_at IS NULL AND other.record_id = case_file.record_id
          AND other.id < case_file.id)
    """
)
"""Two applications for one record that were filed at the same instant, which nothing hindered before: the earlier one goes on."""


def upgrade() -> None:
    op.execute(AT_ONCE)
    op.create_index(
        "ix_case_open_repair",
        "case_file",
        ["record_id"],
        unique=True,
        sqlite_where=OPEN_REPAIR,
        postgresql_where=OPEN_REPAIR,
    )
    number = "BIGINT" if op.get_context().dialect.name == "postgresql" else "INTEGER"
    op.execute(f"ALTER TABLE case_file ADD COLUMN mended_in {number} REFERENCES batch (id)")
    op.add_column("case_file", sa.Column("authority", sa.Text(), nullable=True))
    op.add_column("case_file", sa.Column("area", sa.Text(), nullable=True))
    op.create_index("ix_case_upheld", "case_file", ["ended_at"], sqlite_where=UPHELD, postgresql_where=UPHELD)
    op.execute(f"ALTER TABLE submission ADD COLUMN case_id {number} REFERENCES case_file (id)")
    op.add_column("submission", sa.Column("scope", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_submission_case", "submission", ["case_id"], unique=False)
    op.add_column("stored_file", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_stored_file_digest", "stored_file", ["digest"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_stored_file_digest", table_name="stored_file")
    op.drop_column("stored_file", "removed_at")
    op.drop_index("ix_submission_case", table_name="submission")
    op.drop_column("submission", "scope")
    op.execute("ALTER TABLE submission DROP COLUMN case_id")
    op.drop_index("ix_case_upheld", table_name="case_file")
    op.drop_column("case_file", "area")
    op.drop_column("case_file", "authority")
    op.execute("ALTER TABLE case_file DROP COLUMN mended_in")
    op.drop_index("ix_case_open_repair", table_name="case_file")

"""Cases: objections, repairs, declarations, complaints and questions; their events, which only grow; marks of objections on records.

Rule: must work while the previous release is still serving.

Revision: 0004, after 0003, 2026-11-23 14:50:00.000000.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
REFUSED = "events of cases only grow"


def upgrade() -> None:
    #
    op.create_table(
        "dispute",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_dispute_open",
        "dispute",
        ["record_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_dispute_record", "dispute", ["record_id", "opened_at"], unique=False)
    op.create_table(
        "case_file",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=True),
        sa.Column("record_id", sa.String(length=24), nullable=True),
        sa.Column("filed_by", IDENTITY, nullable=True),
        sa.Column("secret", sa.String(length=64), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("extended_at", INSTANT, nullable=True),
        sa.Column("handler", IDENTITY, nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("proposed_by", IDENTITY, nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filed_by"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["handler"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_case_kind", "case_file", ["kind", "filed_at"], unique=False)
    op.create_index(
        "ix_case_open",
        "case_file",
        ["due_on"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_case_subject", "case_file", ["subject_code", "kind"], unique=False)
    op.create_table(
        "case_attachment",
        sa.Column("case_id", IDENTITY, nullable=False),
        sa.Column("file_id", IDENTITY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_file.id"],
        ),
        sa.PrimaryKeyConstraint("case_id", "file_id"),
    )
    op.create_table(
        "case_event",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("case_id", IDENTITY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=8), nullable=False),
        sa.Column("account_id", IDENTITY, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "place"),
        sa.UniqueConstraint("once"),
    )
    op.create_table(
        "case_reporter",
        sa.Column("case_id", IDENTITY, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("letters", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "published_answer",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("case_id", IDENTITY, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by", IDENTITY, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_published_answer_case",
        "published_answer",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


SQLITE = (
    f"CREATE TRIGGER case_event_unchanged BEFORE UPDATE ON case_event BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    f"CREATE TRIGGER case_event_kept BEFORE DELETE ON case_event BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    f"CREATE TRIGGER case_file_kept BEFORE DELETE ON case_file BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
)

POSTGRESQL = (
    f"""CREATE FUNCTION case_events_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{REFUSED}'; END $$""",
    "CREATE TRIGGER case_event_unchanged BEFORE UPDATE OR DELETE ON case_event FOR EACH ROW EXECUTE FUNCTION case_events_only_grow()",
    "CREATE TRIGGER case_event_kept BEFORE TRUNCATE ON case_event FOR EACH STATEMENT EXECUTE FUNCTION case_events_only_grow()",
    "CREATE TRIGGER case_file_kept BEFORE DELETE ON case_file FOR EACH ROW EXECUTE FUNCTION case_events_only_grow()",
)


def downgrade() -> None:
    #
    op.drop_index(
        "ix_published_answer_case",
        table_name="published_answer",
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_table("published_answer")
    op.drop_table("case_reporter")
    op.drop_table("case_event")
    op.drop_table("case_attachment")
    op.drop_index("ix_case_subject", table_name="case_file")
    op.drop_index(
        "ix_case_open",
        table_name="case_file",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_case_kind", table_name="case_file")
    op.drop_table("case_file")
    op.drop_index("ix_dispute_record", table_name="dispute")
    op.drop_index(
        "ix_dispute_open",
        table_name="dispute",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("dispute")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION case_events_only_grow()")

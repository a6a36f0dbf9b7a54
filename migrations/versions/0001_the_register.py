"""The register: batches, subjects, versions, outbox.

Rule: must work while the previous release is still serving.

Revision: 0001, after None, 2026-11-23 01:08:14.488831.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    #
    op.create_table(
        "batch",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("first_version", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("withdraws", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_in", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["withdrawn_in"],
            ["batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["withdraws"],
            ["batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_batch_recorded_at"), "batch", ["recorded_at"], unique=False)
    op.create_table(
        "mark",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "unindexed",
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_table(
        "subject",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("organisation_code", sa.String(length=9), nullable=True),
        sa.Column("registration_number", sa.String(length=64), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_subject_name", "subject", ["name"], unique=False, postgresql_using="hash")
    op.create_index("ix_subject_organisation_code", "subject", ["organisation_code"], unique=False)
    op.create_index(
        "ix_subject_registration_number",
        "subject",
        ["registration_number"],
        unique=False,
        sqlite_where=sa.text("registration_number IS NOT NULL"),
        postgresql_where=sa.text("registration_number IS NOT NULL"),
    )
    op.create_index("ix_subject_uscc", "subject", ["uscc"], unique=True)
    op.create_table(
        "version",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_in", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_in", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("change", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("number", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=True),
        sa.Column("status_since", sa.Date(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("public_from", sa.Date(), nullable=True),
        sa.Column("public_until", sa.Date(), nullable=True),
        sa.Column("withheld", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=24), nullable=True),
        sa.Column(
            "payload",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "extra",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "notes",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.ForeignKeyConstraint(
            ["superseded_in"],
            ["batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_version_category",
        "version",
        ["kind", "category", "dated"],
        unique=False,
        sqlite_where=sa.text("category IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("category IS NOT NULL AND superseded_in IS NULL"),
    )
    op.create_index(
        "ix_version_digest",
        "version",
        ["digest"],
        unique=False,
        sqlite_where=sa.text("superseded_in IS NULL"),
        postgresql_where=sa.text("superseded_in IS NULL"),
    )
    op.create_index(
        "ix_version_number",
        "version",
        ["number"],
        unique=False,
        sqlite_where=sa.text("number IS NOT NULL"),
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_index(
        "ix_version_public_from",
        "version",
        ["public_from"],
        unique=False,
        sqlite_where=sa.text("public_from IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("public_from IS NOT NULL AND superseded_in IS NULL"),
    )
    op.create_index(
        "ix_version_public_until",
        "version",
        ["public_until"],
        unique=False,
        sqlite_where=sa.text("public_until IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("public_until IS NOT NULL AND superseded_in IS NULL"),
    )
    op.create_index("ix_version_record", "version", ["record_id", "recorded_in"], unique=True)
    op.create_index(
        "ix_version_status_since",
        "version",
        ["status_since"],
        unique=False,
        sqlite_where=sa.text("status_since IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("status_since IS NOT NULL AND superseded_in IS NULL"),
    )
    op.create_index("ix_version_subject", "version", ["subject_id", "kind"], unique=False)
    op.create_index(
        "ix_version_valid_from",
        "version",
        ["valid_from"],
        unique=False,
        sqlite_where=sa.text("valid_from IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("valid_from IS NOT NULL AND superseded_in IS NULL"),
    )
    op.create_index(
        "ix_version_valid_until",
        "version",
        ["valid_until"],
        unique=False,
        sqlite_where=sa.text("valid_until IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("valid_until IS NOT NULL AND superseded_in IS NULL"),
    )


def downgrade() -> None:
    #
    op.drop_index(
        "ix_version_valid_until",
        table_name="version",
        sqlite_where=sa.text("valid_until IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("valid_until IS NOT NULL AND superseded_in IS NULL"),
    )
    op.drop_index(
        "ix_version_valid_from",
        table_name="version",
        sqlite_where=sa.text("valid_from IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("valid_from IS NOT NULL AND superseded_in IS NULL"),
    )
    op.drop_index("ix_version_subject", table_name="version")
    op.drop_index(
        "ix_version_status_since",
        table_name="version",
        sqlite_where=sa.text("status_since IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("status_since IS NOT NULL AND superseded_in IS NULL"),
    )
    op.drop_index("ix_version_record", table_name="version")
    op.drop_index(
        "ix_version_public_until",
        table_name="version",
        sqlite_where=sa.text("public_until IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("public_until IS NOT NULL AND superseded_in IS NULL"),
    )
    op.drop_index(
        "ix_version_public_from",
        table_name="version",
        sqlite_where=sa.text("public_from IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("public_from IS NOT NULL AND superseded_in IS NULL"),
    )
    op.drop_index(
        "ix_version_number",
        table_name="version",
        sqlite_where=sa.text("number IS NOT NULL"),
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.drop_index(
        "ix_version_digest",
        table_name="version",
        sqlite_where=sa.text("superseded_in IS NULL"),
        postgresql_where=sa.text("superseded_in IS NULL"),
    )
    op.drop_index(
        "ix_version_category",
        table_name="version",
        sqlite_where=sa.text("category IS NOT NULL AND superseded_in IS NULL"),
        postgresql_where=sa.text("category IS NOT NULL AND superseded_in IS NULL"),
    )
    op.drop_table("version")
    op.drop_index("ix_subject_uscc", table_name="subject")
    op.drop_index(
        "ix_subject_registration_number",
        table_name="subject",
        sqlite_where=sa.text("registration_number IS NOT NULL"),
        postgresql_where=sa.text("registration_number IS NOT NULL"),
    )
    op.drop_index("ix_subject_organisation_code", table_name="subject")
    op.drop_index("ix_subject_name", table_name="subject", postgresql_using="hash")
    op.drop_table("subject")
    op.drop_table("unindexed")
    op.drop_table("outbox")
    op.drop_table("mark")
    op.drop_index(op.f("ix_batch_recorded_at"), table_name="batch")
    op.drop_table("batch")

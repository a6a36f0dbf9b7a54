"""Keys of the API: who has one, the digests of its secrets, links of letters, use by day.

Rule: must work while the previous release is still serving.

Revision: 0008, after 0007, 2026-11-23 17:40:00.000000.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    #
    op.create_table(
        "api_key",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("plan", sa.String(length=32), nullable=False),
        sa.Column("scopes", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("decided_by", IDENTITY, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_api_key_mail", "api_key", ["mail"], unique=False)
    op.create_index("ix_api_key_state", "api_key", ["state"], unique=False)
    op.create_table(
        "api_secret",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("key_id", IDENTITY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["api_key.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_api_secret_key_id", "api_secret", ["key_id"], unique=False)
    op.create_table(
        "api_key_link",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("key_id", IDENTITY, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["api_key.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_api_key_link_key_id", "api_key_link", ["key_id"], unique=False)
    op.create_table(
        "api_key_use",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("key_id", IDENTITY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["api_key.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_id", "day"),
    )
    op.create_index("ix_api_key_use_day", "api_key_use", ["day"], unique=False)


def downgrade() -> None:
    #
    for table in ("api_key_use", "api_key_link", "api_secret", "api_key"):
        op.drop_table(table)

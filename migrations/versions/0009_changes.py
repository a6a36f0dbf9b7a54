"""The change feed, and webhooks that send it on.

Rule: must work while the previous release is still serving. It tells nothing of objections to `touched`: after the change of releases,
`zhixin changes recheck` finds those.

Revision: 0009, after 0007, 2026-11-23 17:30:00.000000.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
DUE = sa.text("due_at IS NOT NULL")
OUTSTANDING = sa.text("due_at IS NOT NULL AND what <> 'test'")


def upgrade() -> None:
    #
    op.create_table(
        "touched",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "public_change",
        sa.Column("number", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("record", sa.LargeBinary(length=12), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_public_change_record", "public_change", ["record"], unique=False)
    op.create_table(
        "public_change_state",
        sa.Column("id", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("thinned", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "webhook_receiver",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("owner_id", IDENTITY, nullable=True),
        sa.Column("kinds", DOCUMENT, nullable=False),
        sa.Column("lists", DOCUMENT, nullable=False),
        sa.Column("subjects", DOCUMENT, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former", sa.Text(), nullable=True),
        sa.Column("former_until", INSTANT, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("stopped_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("receiver_id", IDENTITY, nullable=False),
        sa.Column("message", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["receiver_id"], ["webhook_receiver.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message"),
    )
    op.create_index("ix_webhook_delivery_receiver", "webhook_delivery", ["receiver_id", "id"], unique=False)
    op.create_index(
        *("ix_webhook_delivery_due", "webhook_delivery", ["due_at"]),
        unique=False,
        sqlite_where=DUE,
        postgresql_where=DUE,
    )
    op.create_index(
        *("ix_webhook_delivery_outstanding", "webhook_delivery", ["receiver_id"]),
        unique=True,
        sqlite_where=OUTSTANDING,
        postgresql_where=OUTSTANDING,
    )


def downgrade() -> None:
    #
    for table in ("webhook_delivery", "webhook_receiver", "public_change_state", "public_change", "touched"):
        op.drop_table(table)

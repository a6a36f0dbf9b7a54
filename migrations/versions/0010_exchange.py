"""Exchange with partners: who they are, deliveries both ways, removals, what could not be sent, and the ledger, which only grows.

Rule: must work while the previous release is still serving.

Revision: 0010, after 0007, 2026-11-23 17:45:00.000000.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
GROWS = "the ledger only grows"


def upgrade() -> None:
    #
    op.create_table(
        "exchange_partner",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("profile", DOCUMENT, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("account_id", IDENTITY, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("loaded", sa.Boolean(), nullable=False),
        sa.Column("scheduled_at", INSTANT, nullable=True),
        sa.Column("their_series", sa.Integer(), nullable=False),
        sa.Column("their_sequence", sa.Integer(), nullable=False),
        sa.Column("hindered", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "exchange_delivery",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("partner_id", IDENTITY, nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("register_version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("removals", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("answer", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["exchange_partner.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_exchange_delivery_in_flight",
        "exchange_delivery",
        ["partner_id", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sent')"),
        postgresql_where=sa.text("state IN ('waiting', 'sent')"),
    )
    op.create_index(
        "ix_exchange_delivery_number", "exchange_delivery", ["partner_id", "series", "sequence"], unique=True
    )
    op.create_index(
        "ix_exchange_delivery_through",
        "exchange_delivery",
        ["partner_id", "series", "through", "id"],
        unique=False,
    )
    op.create_table(
        "exchange_ledger",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("partner_id", IDENTITY, nullable=False),
        sa.Column("outgoing", sa.Boolean(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("removals", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["exchange_partner.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_exchange_ledger_partner", "exchange_ledger", ["partner_id", "id"], unique=False)
    op.create_table(
        "exchange_receipt",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("partner_id", IDENTITY, nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("reasons", DOCUMENT, nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("latest_by", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("submissions", DOCUMENT, nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["exchange_partner.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_exchange_receipt_content", "exchange_receipt", ["partner_id", "content"], unique=False
    )
    op.create_index(
        "ix_exchange_receipt_number", "exchange_receipt", ["partner_id", "series", "sequence"], unique=True
    )
    op.create_index("ix_exchange_receipt_state", "exchange_receipt", ["state", "id"], unique=False)
    op.create_table(
        "exchange_unsent",
        sa.Column("partner_id", IDENTITY, nullable=False),
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.Column("first_version_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("by_partner", sa.Boolean(), nullable=False),
        sa.Column("reasons", DOCUMENT, nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["exchange_partner.id"],
        ),
        sa.PrimaryKeyConstraint("partner_id", "record_id"),
    )
    op.create_table(
        "exchange_removal",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("partner_id", IDENTITY, nullable=False),
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", IDENTITY, nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("keys", DOCUMENT, nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("delivery_id", IDENTITY, nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["exchange_delivery.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["exchange_partner.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_exchange_removal_delivery", "exchange_removal", ["delivery_id"], unique=False)
    op.create_index(
        "ix_exchange_removal_once", "exchange_removal", ["partner_id", "record_id", "version_id"], unique=True
    )
    op.create_index("ix_exchange_removal_subject", "exchange_removal", ["subject_id"], unique=False)
    op.create_index(
        "ix_exchange_removal_unassigned",
        "exchange_removal",
        ["partner_id", "id"],
        unique=False,
        sqlite_where=sa.text("delivery_id IS NULL"),
        postgresql_where=sa.text("delivery_id IS NULL"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


SQLITE = (
    f"CREATE TRIGGER exchange_ledger_unchanged BEFORE UPDATE ON exchange_ledger BEGIN SELECT RAISE(ABORT, '{GROWS}'); END",
    f"CREATE TRIGGER exchange_ledger_kept BEFORE DELETE ON exchange_ledger BEGIN SELECT RAISE(ABORT, '{GROWS}'); END",
)

POSTGRESQL = (
    f"""CREATE FUNCTION exchange_ledger_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{GROWS}'; END $$""",
    """CREATE TRIGGER exchange_ledger_unchanged BEFORE UPDATE OR DELETE ON exchange_ledger
    FOR EACH ROW EXECUTE FUNCTION exchange_ledger_grows()""",
    """CREATE TRIGGER exchange_ledger_kept BEFORE TRUNCATE ON exchange_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION exchange_ledger_grows()""",
)


def downgrade() -> None:
    #
    op.drop_index(
        "ix_exchange_removal_unassigned",
        table_name="exchange_removal",
        sqlite_where=sa.text("delivery_id IS NULL"),
        postgresql_where=sa.text("delivery_id IS NULL"),
    )
    op.drop_index("ix_exchange_removal_subject", table_name="exchange_removal")
    op.drop_index("ix_exchange_removal_once", table_name="exchange_removal")
    op.drop_index("ix_exchange_removal_delivery", table_name="exchange_removal")
    op.drop_table("exchange_removal")
    op.drop_table("exchange_unsent")
    op.drop_index("ix_exchange_receipt_state", table_name="exchange_receipt")
    op.drop_index("ix_exchange_receipt_number", table_name="exchange_receipt")
    op.drop_index("ix_exchange_receipt_content", table_name="exchange_receipt")
    op.drop_table("exchange_receipt")
    op.drop_index("ix_exchange_ledger_partner", table_name="exchange_ledger")
    op.drop_table("exchange_ledger")
    op.drop_index("ix_exchange_delivery_through", table_name="exchange_delivery")
    op.drop_index("ix_exchange_delivery_number", table_name="exchange_delivery")
    op.drop_index(
        "ix_exchange_delivery_in_flight",
        table_name="exchange_delivery",
        sqlite_where=sa.text("state IN ('waiting', 'sent')"),
        postgresql_where=sa.text("state IN ('waiting', 'sent')"),
    )
    op.drop_table("exchange_delivery")
    op.drop_table("exchange_partner")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION exchange_ledger_grows()")

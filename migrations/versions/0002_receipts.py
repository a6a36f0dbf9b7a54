"""Receipts of bidder checks, which the database itself lets be written once.

Rule: must work while the previous release is still serving.

Revision: 0002, after 0001, 2026-11-23 12:05:00.000000.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ASKED = ("key_digest", "number", "created_at", "as_of", "bidders", "request", "keep_until")
"""What was asked, which never changes."""

REFUSED = "a receipt is written once"
KEPT = "a receipt is kept to the end of its retention"


def upgrade() -> None:
    #
    op.create_table(
        "receipt",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("bidders", sa.Integer(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("worker", sa.String(length=32), nullable=True),
        sa.Column("heartbeat", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.Column("register_version", sa.BigInteger(), nullable=True),
        sa.Column("rules_version", sa.String(length=64), nullable=True),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_receipt_key", "receipt", ["key_digest"], unique=True)
    op.create_index("ix_receipt_number", "receipt", ["number"], unique=True)
    op.create_index(
        "ix_receipt_unfinished",
        "receipt",
        ["state"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "receipt_part",
        sa.Column("receipt_id", IDENTITY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"]),
        sa.PrimaryKeyConstraint("receipt_id", "place"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


SQLITE = (
    f"""CREATE TRIGGER receipt_written_once BEFORE UPDATE ON receipt
    WHEN OLD.state IN ('done', 'failed') OR {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in ASKED)}
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER receipt_kept BEFORE DELETE ON receipt WHEN OLD.keep_until >= date('now')
    BEGIN SELECT RAISE(ABORT, '{KEPT}'); END""",
    f"""CREATE TRIGGER receipt_part_once BEFORE UPDATE ON receipt_part
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER receipt_part_added BEFORE INSERT ON receipt_part
    WHEN (SELECT state FROM receipt WHERE id = NEW.receipt_id) IN ('done', 'failed')
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER receipt_part_kept BEFORE DELETE ON receipt_part
    WHEN (SELECT keep_until FROM receipt WHERE id = OLD.receipt_id) >= date('now')
    BEGIN SELECT RAISE(ABORT, '{KEPT}'); END""",
)

POSTGRESQL = (
    f"""CREATE FUNCTION receipt_written_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.state IN ('done', 'failed') OR ({", ".join(f"NEW.{name}" for name in ASKED)})
        IS DISTINCT FROM ({", ".join(f"OLD.{name}" for name in ASKED)})
    THEN RAISE EXCEPTION '{REFUSED}'; END IF; RETURN NEW; END $$""",
    f"""CREATE FUNCTION receipt_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.keep_until >= current_date THEN RAISE EXCEPTION '{KEPT}'; END IF; RETURN OLD; END $$""",
    f"""CREATE FUNCTION receipt_part_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{REFUSED}'; END $$""",
    f"""CREATE FUNCTION receipt_part_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT state FROM receipt WHERE id = NEW.receipt_id) IN ('done', 'failed')
    THEN RAISE EXCEPTION '{REFUSED}'; END IF; RETURN NEW; END $$""",
    f"""CREATE FUNCTION receipt_part_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT keep_until FROM receipt WHERE id = OLD.receipt_id) >= current_date
    THEN RAISE EXCEPTION '{KEPT}'; END IF; RETURN OLD; END $$""",
    "CREATE TRIGGER receipt_written_once BEFORE UPDATE ON receipt FOR EACH ROW EXECUTE FUNCTION receipt_written_once()",
    "CREATE TRIGGER receipt_kept BEFORE DELETE ON receipt FOR EACH ROW EXECUTE FUNCTION receipt_kept()",
    "CREATE TRIGGER receipt_part_once BEFORE UPDATE ON receipt_part FOR EACH ROW EXECUTE FUNCTION receipt_part_once()",
    "CREATE TRIGGER receipt_part_added BEFORE INSERT ON receipt_part FOR EACH ROW EXECUTE FUNCTION receipt_part_added()",
    "CREATE TRIGGER receipt_part_kept BEFORE DELETE ON receipt_part FOR EACH ROW EXECUTE FUNCTION receipt_part_kept()",
)


def downgrade() -> None:
    #
    op.drop_table("receipt_part")
    op.drop_index(
        "ix_receipt_unfinished",
        table_name="receipt",
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.drop_index("ix_receipt_number", table_name="receipt")
    op.drop_index("ix_receipt_key", table_name="receipt")
    op.drop_table("receipt")
    if op.get_bind().dialect.name == "postgresql":
        for name in (
            "receipt_written_once",
            "receipt_kept",
            "receipt_part_once",
            "receipt_part_added",
            "receipt_part_kept",
        ):
            op.execute(f"DROP FUNCTION {name}()")

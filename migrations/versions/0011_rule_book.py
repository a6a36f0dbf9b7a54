"""The rule book: editions of the restriction rules, written once, and drafts that wait for a second person.

The table that this release ships becomes the first edition: what is in force stands in the database from then on, and a later release changes
no rule by itself.

Rule: must work while the previous release is still serving.

Revision: 0011, after 0007, 2026-11-23 18:00:00.000000.
"""

import hashlib
import json
import tomllib
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    sa.dialects.postgresql.JSONB(none_as_null=True), "postgresql"
)
SHIPPED = Path(__file__).parents[2] / "portal" / "restrictions" / "rules.toml"
REFUSED = "an edition of the rules is written once"
WRITTEN_ONCE = ("rule_edition", "rule_withdrawal")


def upgrade() -> None:
    #
    op.create_table(
        "rule_draft",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("begun_from", sa.BigInteger(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", IDENTITY, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by", IDENTITY, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("preview_state", sa.String(length=8), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("register_version", sa.BigInteger(), nullable=True),
        sa.Column("previewed_at", INSTANT, nullable=True),
        sa.Column("preview", DOCUMENT, nullable=True),
        sa.Column("effect", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rule_draft_state", "rule_draft", ["state", "id"], unique=False)
    edition = op.create_table(
        "rule_edition",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("draft_id", IDENTITY, nullable=True),
        sa.Column("prepared_by", IDENTITY, nullable=True),
        sa.Column("approved_by", IDENTITY, nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("in_force_from", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["rule_draft.id"]),
        sa.ForeignKeyConstraint(["prepared_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draft_id"),
    )
    op.create_table(
        "rule_withdrawal",
        sa.Column("edition_id", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_by", IDENTITY, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["rule_edition.id"]),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("edition_id"),
    )
    text = SHIPPED.read_text("utf-8")
    content = json.dumps(tomllib.loads(text), sort_keys=True, ensure_ascii=False, default=str)
    first = {
        "id": 1,
        "content": text,
        "version": hashlib.sha256(content.encode()).hexdigest()[:16],
        "reason": "",
    }
    op.bulk_insert(edition, [first])
    for statement in _triggers(op.get_bind().dialect.name):
        op.execute(statement)


def _triggers(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_{what.lower()} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            for table in WRITTEN_ONCE
            for what in ("UPDATE", "DELETE")
        ]
    made = f"""CREATE FUNCTION rule_edition_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{REFUSED}'; END $$"""
    return [made] + [
        f"CREATE TRIGGER {table}_once BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION rule_edition_once()"
        for table in WRITTEN_ONCE
    ]


def downgrade() -> None:
    #
    op.drop_table("rule_withdrawal")
    op.drop_table("rule_edition")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION rule_edition_once()")
    op.drop_index("ix_rule_draft_state", table_name="rule_draft")
    op.drop_table("rule_draft")

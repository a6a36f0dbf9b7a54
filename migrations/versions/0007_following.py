"""Following, and what retention removed. The audit may lose its oldest rows, in one way only.

Rule: must work while the previous release is still serving.

Revision: 0007, after 0003, 2026-11-23 14:55:00.000000.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
GROWS = "the audit only grows"
TRACES = "what was removed is not forgotten"
LEAST_MONTHS = 6
"""网络安全法（2016）第二十一条（三）：日志留存不少于六个月。The database itself holds to it, by its own clock."""

NEWEST_LISTINGS = "kind = 'listing' AND superseded_in IS NULL"


def upgrade() -> None:
    #
    op.create_table(
        "follower",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("own", sa.String(length=16), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("told_own_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("mail"),
    )
    op.create_table(
        "following",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("follower_id", IDENTITY, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["follower_id"], ["follower.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("follower_id", "what", "target"),
        sa.UniqueConstraint("link"),
    )
    op.create_index("ix_following_target", "following", ["what", "target"], unique=False)
    op.create_table(
        "following_news",
        sa.Column("following_id", IDENTITY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("records", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["following_id"], ["following.id"]),
        sa.PrimaryKeyConstraint("following_id"),
    )
    op.create_table(
        "removal",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=True),
        sa.Column("last_id", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_removal_rule", "removal", ["rule", "id"], unique=False)
    op.create_index(
        "ix_version_newest_listing",
        "version",
        ["category", "id"],
        unique=False,
        sqlite_where=sa.text(NEWEST_LISTINGS),
        postgresql_where=sa.text(NEWEST_LISTINGS),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


TRACED = "EXISTS (SELECT 1 FROM removal WHERE rule = 'retention.audit' AND last_id >= OLD.id)"

SQLITE = (
    "DROP TRIGGER audit_kept",
    f"""CREATE TRIGGER audit_kept BEFORE DELETE ON audit
    WHEN NOT ({TRACED} AND OLD.at < datetime('now', '-{LEAST_MONTHS} months'))
    BEGIN SELECT RAISE(ABORT, '{GROWS}'); END""",
    f"CREATE TRIGGER removal_unchanged BEFORE UPDATE ON removal BEGIN SELECT RAISE(ABORT, '{TRACES}'); END",
    f"CREATE TRIGGER removal_kept BEFORE DELETE ON removal BEGIN SELECT RAISE(ABORT, '{TRACES}'); END",
)

POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        IF {TRACED} AND OLD.at < now() - interval '{LEAST_MONTHS} months' THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION '{GROWS}'; END $$""",
    f"""CREATE FUNCTION removal_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{TRACES}'; END $$""",
    "CREATE TRIGGER removal_unchanged BEFORE UPDATE OR DELETE ON removal FOR EACH ROW EXECUTE FUNCTION removal_stays()",
    "CREATE TRIGGER removal_kept BEFORE TRUNCATE ON removal FOR EACH STATEMENT EXECUTE FUNCTION removal_stays()",
)


def downgrade() -> None:
    #
    op.drop_index(
        "ix_version_newest_listing",
        table_name="version",
        sqlite_where=sa.text(NEWEST_LISTINGS),
        postgresql_where=sa.text(NEWEST_LISTINGS),
    )
    op.drop_index("ix_removal_rule", table_name="removal")
    op.drop_table("removal")
    op.drop_table("following_news")
    op.drop_index("ix_following_target", table_name="following")
    op.drop_table("following")
    op.drop_table("follower")
    for statement in SQLITE_BEFORE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_BEFORE:
        op.execute(statement)


SQLITE_BEFORE = (
    "DROP TRIGGER audit_kept",
    f"CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{GROWS}'); END",
)

POSTGRESQL_BEFORE = (
    "DROP FUNCTION removal_stays()",
    f"""CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{GROWS}'; END $$""",
)

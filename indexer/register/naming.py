"""What enterprises are called (主体名称), by their codes, many at once: for those who handle them or act for them."""

from collections.abc import Collection

from sqlalchemy import Engine, select

from indexer.register.bulk import among
from indexer.register.database import reading
from indexer.register.models import Subject


def names_of(engine: Engine, codes: Collection[str]) -> dict[str, str]:
    """Unified code → name, of those that the register knows."""
    if not codes:
        return {}
    with reading(engine) as connection:
        asked = select(Subject.uscc, Subject.name).where(among(connection, Subject.uscc, sorted(codes)))
        return {row.uscc: row.name for row in connection.execute(asked)}

"""Which changes a receiver gets (筛选): by kind, by list, by subject; also of records that are no longer public."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from indexer.feed.forms import PERSONS
from indexer.kinds import kinds
from indexer.kinds.base import Term
from indexer.register.bulk import among
from indexer.register.models import Subject, Version

LISTING = "listing"


@dataclass(frozen=True, slots=True)
class Filter:
    """A record fits when it is of one of the kinds or a listing of one of the lists (all, where neither is named), and of one of the
    subjects, where any is named."""

    kinds: Sequence[str]
    lists: Sequence[str]
    subjects: Sequence[str]

    def __call__(self, connection: Connection, ids: Collection[str]) -> Collection[str]:
        """Those of some records that fit."""
        if not (self.kinds or self.lists or self.subjects):
            return ids
        current = (
            select(Version.record_id, Version.kind, Version.category, Subject.uscc, Subject.code)
            .join(Subject, Subject.id == Version.subject_id, isouter=True)
            .where(among(connection, Version.record_id, ids), Version.superseded_in.is_(None))
        )
        rows = connection.execute(current).all()
        silent = [row.record_id for row in rows if row.kind == LISTING and row.category is None]
        lists = self._lists_before(connection, silent) if self.lists and silent else {}
        return {
            row.record_id
            for row in rows
            if self._of_kind(row.kind, row.category or lists.get(row.record_id))
            and (not self.subjects or row.uscc in self.subjects or row.code in self.subjects)
        }

    def _of_kind(self, kind: str, category: str | None) -> bool:
        if not self.kinds and not self.lists:
            return True
        return kind in self.kinds or (kind == LISTING and category in self.lists)

    @staticmethod
    def _lists_before(connection: Connection, ids: Collection[str]) -> dict[str, str | None]:
        """On which list records stood that were taken down: an empty version does not say."""
        said = (
            select(Version.record_id, Version.category)
            .where(among(connection, Version.record_id, ids), Version.category.is_not(None))
            .order_by(Version.id)
        )
        return {row.record_id: row.category for row in connection.execute(said)}


def known_kinds() -> tuple[str, ...]:
    """The kinds that the feed tells of."""
    return tuple(name for name in kinds() if name not in PERSONS)


def known_lists() -> dict[str, Term]:
    """The lists by their codes."""
    [column] = [each for each in kinds()[LISTING].columns if each.name == "list"]
    return {term.code: term for term in column.choices or ()}

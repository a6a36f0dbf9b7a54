"""Bounds (职责范围的边界): what somebody of an agency or region brings in may touch only what is of that agency or region.

Asked of each record, as it was and as it would be, in the preview and again when it is published. One that is not within refuses the whole:
a file that speaks of others is the others' to bring.
"""

from sqlalchemy import Engine

from indexer.accounts.reach import Reach
from indexer.errors import FileRefused
from indexer.kinds import kinds
from indexer.register.belonging import (
    NOBODYS,
    Belonging,
    belonging,
    belonging_of_record,
    belonging_of_subject,
)
from indexer.register.changes import Content, RecordChange
from indexer.register.database import reading


class Bounds:
    """What may be touched within a reach, by a submission of a source (empty where its maker named none)."""

    def __init__(self, engine: Engine, reach: Reach, source: str) -> None:
        self.engine, self.reach, self.source = engine, reach, source

    def check(self, change: RecordChange) -> None:
        """Raises FileRefused, with the line, where a record is or would be of others."""
        if self.reach.whole:
            return
        if not (self._was_ours(change) and self._would_be_ours(change)):
            raise _outside(change)

    def _was_ours(self, change: RecordChange) -> bool:
        before = change.before
        return (
            before is None or self._covers(change, before, None) or self.reach.covers(self._standing(change))
        )

    def _would_be_ours(self, change: RecordChange) -> bool:
        after, source = change.after, self.source or None
        return after is None or self._covers(change, after, source) or self.reach.covers(self._about(change))

    def _covers(self, change: RecordChange, content: Content, source: str | None) -> bool:
        region = content.values.get("region")
        whose = belonging(kinds()[change.kind], content.values, source, str(region) if region else None)
        return self.reach.covers(whose)

    def _standing(self, change: RecordChange) -> Belonging:
        with reading(self.engine) as connection:
            return belonging_of_record(connection, change.record)

    def _about(self, change: RecordChange) -> Belonging:
        """Where the subject belongs; what says its own region is not asked for that of its subject."""
        assert change.after is not None
        if change.subject is None or change.after.values.get("region"):
            return NOBODYS
        with reading(self.engine) as connection:
            return belonging_of_subject(connection, change.subject)


def _outside(change: RecordChange) -> FileRefused:
    where_zh = f"第 {change.line} 行" if change.line is not None else "这条记录"
    where_en = f"Line {change.line}" if change.line is not None else "This record"
    return FileRefused(
        f"{where_zh}不属于您的单位或地区，整份没有办理。机关、来源或行政区划应是本单位或本地区的。",
        f"{where_en} is not of your agency or region, so nothing is taken: authority, source or region have to be yours.",
    )

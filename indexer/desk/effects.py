"""The effect of a publication (发布效果): its counts, and a hash over all that it does, row by row.

The preview and the publication work it out in the same way from the same run, so two that are equal do the same: an approval is given to
the hash, and a publication whose own comes out otherwise is not made.
"""

import hashlib
from collections.abc import Mapping, Sequence

import orjson

from indexer.desk.bounds import Bounds
from indexer.desk.previews import PreviewWriter, outcome_of, speakable
from indexer.ingest import FileReport
from indexer.kinds.base import Kind
from indexer.register.changes import Content, RecordChange
from indexer.register.publishing import Publication
from indexer.sources.check import Rejection
from indexer.sources.table import legible


class Effect:
    """Watches a publication, or a dry run of one; a witness of `indexer.ingest`. With `preview` it writes down what it sees."""

    def __init__(self, bounds: Bounds, preview: PreviewWriter | None = None) -> None:
        self.counts = dict.fromkeys(
            ("added", "changed", "removed", "unchanged", "rejected", "reappearing"), 0
        )
        self._bounds, self._preview = bounds, preview
        self._hashed = hashlib.sha256()
        self._table = ""

    @property
    def digest(self) -> str:
        """The SHA-256 of all that was seen so far."""
        return self._hashed.hexdigest()

    def table(self, path: str, kind: Kind, header: Sequence[str]) -> None:
        """A table of the file begins."""
        self._table = path
        self._hash("table", speakable(path), kind.name)

    def changed(self, change: RecordChange) -> None:
        """A record is added, changed or taken down. A removal of what was taken down before is nothing new.

        Raises FileRefused where it is not within the bounds of whoever made the submission.
        """
        self._bounds.check(change)
        if change.before is None and change.after is None:
            self.counts["unchanged"] += 1
            return
        self.counts[outcome_of(change)] += 1
        self.counts["reappearing"] += change.returns
        before, after = _plain(change.before), _plain(change.after)
        self._hash("change", change.kind, change.record, change.line, before, after)
        if self._preview is not None:
            self._preview.change(change)

    def rejected(self, rejection: Rejection) -> None:
        """A row is not taken."""
        self.counts["rejected"] += 1
        reasons = [(each.column, speakable(each.zh)) for each in rejection.reasons]
        self._hash("reject", rejection.line, [speakable(legible(cell)) for cell in rejection.cells], reasons)
        if self._preview is not None:
            self._preview.rejection(self._table, rejection)

    def whole(self, batch: Publication, reports: Sequence[FileReport]) -> None:
        """All rows are through."""
        self.counts["unchanged"] += sum(report.unchanged for report in reports)
        self._hash("end", self.counts["unchanged"])

    def _hash(self, *said: object) -> None:
        self._hashed.update(orjson.dumps(said, option=orjson.OPT_SORT_KEYS) + b"\n")


def _plain(content: Content | None) -> Mapping[str, object] | None:
    if content is None:
        return None
    return {"name": content.name, "values": content.values, "extra": content.extra}

"""A record that is held (留存记录), public or not, and how it stands: what those who handle it and its own subject see of it in common."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from indexer.kinds.base import Kind

PUBLIC, ENDED, NOT_YET, TAKEN_DOWN = "public", "ended", "not-yet", "withdrawn"
"""Standings of a record; a record that is withheld has the code of its reason (`indexer.rules.publicity.WITHHELD`)."""


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """One record. `standing` says whether it is public today or why not."""

    id: str
    kind: Kind
    standing: str
    public_from: date | None
    public_until: date | None

    @property
    def public(self) -> bool:
        """Whether anybody may see it today."""
        return self.standing == PUBLIC

    @property
    def taken_down(self) -> bool:
        """Whether nothing of it stands any more."""
        return self.standing == TAKEN_DOWN

    @property
    def withheld(self) -> str | None:
        """The code of the reason for which the public never sees it, None where there is none."""
        return self.standing if self.standing not in (PUBLIC, ENDED, NOT_YET, TAKEN_DOWN) else None


def standing_of(row: Any, today: date) -> str:
    """How a stored version stands on a day."""
    if row.change == TAKEN_DOWN:
        return TAKEN_DOWN
    if row.withheld is not None:
        return str(row.withheld)
    if row.public_from is not None and row.public_from > today:
        return NOT_YET
    if row.public_until is not None and row.public_until < today:
        return ENDED
    return PUBLIC

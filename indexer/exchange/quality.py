"""Quality of what partners deliver (报送质量): rows, what was rejected and why, what came late, came twice, or had to be corrected afterwards."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine, select

from indexer.clock import SHANGHAI
from indexer.exchange.models import ReceiptRow as Row
from indexer.register.database import reading


@dataclass
class Quality:
    """A partner's deliveries of a period, summed up. `late` rows came online after their day, one of them by `latest_by` calendar days;
    `unchanged` rows said again what was known, `changed` ones corrected it.
    """

    deliveries: int = 0
    again: int = 0
    rows: int = 0
    rejected: int = 0
    late: int = 0
    latest_by: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rejected_share(self) -> float:
        """The rejected among all rows, 0 to 1."""
        return self.rejected / self.rows if self.rows else 0.0


def quality(engine: Engine, partner: int, since: date, until: date) -> Quality:
    """How a partner's deliveries of the days from `since` to `until` were."""
    start = datetime.combine(since, time.min, SHANGHAI)
    end = datetime.combine(until, time.min, SHANGHAI) + timedelta(days=1)
    asked = select(Row.__table__).where(
        Row.partner_id == partner, Row.received_at >= start, Row.received_at < end
    )
    found = Quality()
    with reading(engine) as connection:
        for row in connection.execute(asked):
            found.deliveries += 1
            for name in ("again", "rows", "rejected", "late", "added", "changed", "unchanged"):
                setattr(found, name, getattr(found, name) + getattr(row, name))
            found.latest_by = max(found.latest_by, row.latest_by)
            found.reasons.update(row.reasons)
    return found

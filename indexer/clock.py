"""The one clock: instants are aware UTC, days are dates in Asia/Shanghai."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """Real time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The present day in Asia/Shanghai, the day that legal periods are counted in."""
        return self.now().astimezone(SHANGHAI).date()


@dataclass
class FixedClock(Clock):
    """A clock that stands where it was set; for tests and reproducible builds."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


def day_of(instant: datetime) -> date:
    """The Asia/Shanghai day on which an aware `instant` falls."""
    return instant.astimezone(SHANGHAI).date()

"""Operations that will go: said in headers long before, so that no program is surprised.

`Deprecation` (RFC 9745) says since when an operation should not be built upon, `Sunset` (RFC 8594) when it stops answering. How long lies
between them is promised in docs/api.md.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from werkzeug.datastructures import Headers
from werkzeug.http import http_date

LEAST_NOTICE = timedelta(days=365)
"""Between `Deprecation` and `Sunset`, at the least."""

POLICY = "/docs/api#promise"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since which day an operation is deprecated, from which day on it may answer 404, and what to use instead (an operation's name).

    Raises ValueError where less than `LEAST_NOTICE` lies between the days.
    """

    since: date
    sunset: date
    instead: str

    def __post_init__(self) -> None:
        if self.sunset - self.since < LEAST_NOTICE:
            raise ValueError(f"{self.sunset} is less than {LEAST_NOTICE.days} days after {self.since}")

    def tell(self, headers: Headers) -> None:
        """Say so in the headers of an answer."""
        headers["Deprecation"] = f"@{int(_midnight(self.since).timestamp())}"
        headers["Sunset"] = http_date(_midnight(self.sunset))
        headers.add("Link", f'<{POLICY}>; rel="deprecation"; type="text/html"')
        headers.add("Link", f'</docs/api#{self.instead}>; rel="successor-version"; type="text/html"')


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

"""An operation that will go says so in the headers of RFC 9745 and RFC 8594, a year ahead at the least."""

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

import pytest
from werkzeug.datastructures import Headers

from portal.api.deprecation import Deprecation


def test_the_headers_are_those_of_the_two_rfcs() -> None:
    headers = Headers()
    Deprecation(date(2027, 1, 1), date(2028, 6, 1), "credit_file").tell(headers)
    assert headers["Deprecation"] == "@1798761600"  # a Date of RFC 9651
    assert datetime.fromtimestamp(1798761600, UTC) == datetime(2027, 1, 1, tzinfo=UTC)
    assert parsedate_to_datetime(headers["Sunset"]) == datetime(2028, 6, 1, tzinfo=UTC)
    links = headers.getlist("Link")
    assert '</docs/api#promise>; rel="deprecation"; type="text/html"' in links
    assert '</docs/api#credit_file>; rel="successor-version"; type="text/html"' in links


def test_less_than_a_year_between_them_is_refused() -> None:
    with pytest.raises(ValueError, match="365 days"):
        Deprecation(date(2027, 1, 1), date(2027, 12, 31), "credit_file")

"""What rules are applied to: one published record, reduced to what a rule may ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Fact:
    """A disclosed record of one subject (事实). Made only of what the public may see, as of the day that is asked for.

    `record` is the record's id, `category` the code of the list for a listing (`black`). `values` are the kind's public columns as
    the register has them: text, ISO dates, amounts as `{"value": "2000000.00", "currency": "CNY"}` in 元, kinds of penalty joined
    by `、`. `since` and `until` are the fact's own period, both days included, None where it has no such end. `status` is its effective
    state on the day asked for.
    """

    record: str
    kind: str
    title: str
    document_number: str | None
    authority: str | None
    category: str | None
    values: Mapping[str, object]
    since: date | None
    until: date | None
    status: str | None

    def text(self, column: str) -> str:
        """The text in a column, "" where there is none."""
        value = self.values.get(column)
        return value if isinstance(value, str) else ""

    def day(self, column: str) -> date | None:
        """The day in a date column, None where it is empty."""
        text = self.text(column)
        return date.fromisoformat(text) if text else None

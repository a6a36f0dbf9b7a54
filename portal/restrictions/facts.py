"""What rules are applied to: one published record, reduced to what a rule may ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple


class StatePeriod(NamedTuple):
    """Days without a gap, both ends included, on which a record is in one effective state; `date.min` and `date.max` are open ends."""

    first: date
    last: date
    status: str | None


States = Callable[[], tuple[StatePeriod, ...]]


@dataclass(frozen=True, slots=True)
class Fact:
    """A disclosed record of one subject (事实). Made only of what the public may see.

    `record` is the record's id, `category` the code of the list for a listing (`black`). `values` are the kind's public columns as
    the register has them: text, ISO dates, amounts as `{"value": "2000000.00", "currency": "CNY"}` in 元, kinds of penalty joined
    by `、`. `since` and `until` are the fact's own period, both days included, None where it has no such end. `states` gives its effective
    states, in order and without gaps over all days; a call, as most facts meet no rule that asks for them. `region` is the record's own region, else its subject's: a name or a GB/T 2260 code.
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
    states: States
    region: str | None = None

    def text(self, column: str) -> str:
        """The text in a column, "" where there is none."""
        return text(self.values, column)

    def day(self, column: str) -> date | None:
        """The day in a date column, None where it is empty."""
        text = self.text(column)
        return date.fromisoformat(text) if text else None


def text(values: Mapping[str, object], column: str) -> str:
    """The text in a column of a record, "" where there is none."""
    value = values.get(column)
    return value if isinstance(value, str) else ""


def always(status: str | None) -> States:
    """The states of something that never changes."""
    return partial(tuple, (StatePeriod(date.min, date.max, status),))

"""Every number of days, months, years or yuan that a rule counts (期限), as dated data in `periods.toml`.

Entries: `rule`, `value`, `unit`, `source` (document and article), `verified`, and the first and last day on
which the entry holds (`valid_from`, `valid_to`; absent: open). `verified` is true when the number was seen
in a published, if second-hand, source, and false when it is from memory or disputed: check those against
the official text before relying on them.
"""

import itertools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from indexer.rules.workdays import NO_EXTRAS, Calendar, Due, add_months, add_workdays, add_years, next_workday

Unit = Literal["days", "workdays", "months", "years", "yuan"]

_TABLE = Path(__file__).with_name("periods.toml")
_FIELDS = frozenset({"rule", "value", "unit", "source", "verified", "valid_from", "valid_to"})


@dataclass(frozen=True, slots=True)
class Period:
    """One entry: `value` in `unit` by `rule`, on the days from `valid_from` to `valid_to` (both included)."""

    rule: str
    value: int
    unit: Unit
    source: str
    verified: bool
    valid_from: date = date.min
    valid_to: date = date.max

    def end(self, start: date) -> date:
        """The last day of the period that begins with an event on `start`; holidays do not move it, except
        in work days.
        """
        match self.unit:
            case "days":
                return start + timedelta(days=self.value)
            case "workdays":
                return add_workdays(start, self.value).date
            case "months":
                return add_months(start, self.value)
            case "years":
                return add_years(start, self.value)
            case "yuan":
                raise ValueError(f"{self.rule} is an amount, not a period")

    def due(self, start: date, extras: Calendar = NO_EXTRAS) -> Due:
        """The day by which somebody has to act: as `end`, moved to the next work day (民法典 art. 203)."""
        if self.unit == "workdays":
            return add_workdays(start, self.value, extras)
        return next_workday(self.end(start), extras)


class InvalidRules(ValueError):
    """The rule table can not be used; the message names the entry."""


def load(path: Path = _TABLE) -> Mapping[str, tuple[Period, ...]]:
    """The table in `path` by rule, each rule's entries in order of time. Raises `InvalidRules`."""
    with path.open("rb") as file:
        entries = tomllib.load(file).get("period", [])
    table: dict[str, list[Period]] = {}
    for entry in entries:
        period = _checked(entry)
        table.setdefault(period.rule, []).append(period)
    for rule, periods in table.items():
        periods.sort(key=lambda each: each.valid_from)
        for earlier, later in itertools.pairwise(periods):
            if later.valid_from <= earlier.valid_to:
                raise InvalidRules(f"{rule}: two entries hold on {later.valid_from}")
    return {rule: tuple(periods) for rule, periods in table.items()}


def _checked(entry: dict[str, Any]) -> Period:
    rule = entry.get("rule", "?")
    if unknown := sorted(entry.keys() - _FIELDS):
        raise InvalidRules(f"{rule}: unknown field {unknown[0]}")
    if missing := sorted(_FIELDS - {"valid_from", "valid_to"} - entry.keys()):
        raise InvalidRules(f"{rule}: {missing[0]} is missing")
    if type(entry["value"]) is not int or entry["value"] < 0:
        raise InvalidRules(f"{rule}: value must be a whole number, at least 0")
    if entry["unit"] not in get_args(Unit):
        raise InvalidRules(f"{rule}: unit must be one of {', '.join(get_args(Unit))}")
    if not isinstance(entry["source"], str) or not entry["source"].strip():
        raise InvalidRules(f"{rule}: source is empty")
    if type(entry["verified"]) is not bool:
        raise InvalidRules(f"{rule}: verified must be true or false")
    if any(type(entry[name]) is not date for name in ("valid_from", "valid_to") if name in entry):
        raise InvalidRules(f"{rule}: valid_from and valid_to must be dates")
    period = Period(**entry)
    if period.valid_to < period.valid_from:
        raise InvalidRules(f"{rule}: ends on {period.valid_to} before it begins")
    return period


@cache
def table() -> Mapping[str, tuple[Period, ...]]:
    """The shipped table, read once."""
    return load()


def find_period(rule: str, on: date) -> Period | None:
    """The entry of `rule` that holds on the day `on`, or None."""
    return next((each for each in table().get(rule, ()) if each.valid_from <= on <= each.valid_to), None)


def period(rule: str, on: date) -> Period:
    """The entry of `rule` that holds on the day `on`. LookupError when there is none."""
    found = find_period(rule, on)
    if found is None:
        raise LookupError(f"no entry of {rule} holds on {on}")
    return found

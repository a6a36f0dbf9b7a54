"""What comes when (到期与修复日历): certificates that end, and for each adverse record from when it can be repaired and when it ends by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from indexer.register.holding import Holding, OwnRecord
from indexer.rules.repair import Bar, Missing, Repair

WITHIN = (30, 60, 90)
"""Days before its end at which the holder of a certificate is told, the nearest first."""

Mark = Literal["repair", "end"]
"""What a day of the calendar is: the first on which a repair can be applied for, or the last on which a record is public."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate, licence or honour that ends soon; `days` are left, its last day is day 0. `within` is one of `WITHIN`."""

    record: OwnRecord
    ends_on: date
    days: int
    within: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """An adverse record that is public, with the two ways in which that ends. Days are counted from today; None: no such day."""

    record: OwnRecord
    repair: Repair
    bar: Bar | None
    missing: tuple[Missing, ...]
    days_to_repair: int | None
    days_to_end: int | None

    @property
    def open(self) -> bool:
        """Whether it can be applied for today, but for what the application itself proves."""
        return self.bar is None and not {"period", "clean"} & {each.need for each in self.missing}


@dataclass(frozen=True, slots=True)
class Entry:
    """A day of the calendar."""

    day: date
    mark: Mark
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Month:
    """A month with something in it, `first` being its first day."""

    first: date
    entries: tuple[Entry, ...]


def endings(holding: Holding, today: date) -> tuple[Ending, ...]:
    """What ends within the longest of `WITHIN` and is still in force, the soonest first."""
    found = []
    for record in holding.records:
        ends_on = record.content.valid_until if record.content is not None else None
        if ends_on is None or record.repair is not None or not record.public:
            continue
        days = (ends_on - today).days
        if 0 <= days <= WITHIN[-1] and _in_force(record, today):
            found.append(Ending(record, ends_on, days, next(each for each in WITHIN if days <= each)))
    return tuple(sorted(found, key=lambda each: (each.ends_on, each.record.id)))


def outlooks(holding: Holding, today: date) -> tuple[Outlook, ...]:
    """The adverse records that are public today, the one that can be mended first at the head."""
    found = [
        Outlook(
            record,
            record.repair,
            record.repair.barred(today),
            holding.missing(record, today),
            _days(record.repair.earliest, today),
            _days(record.repair.ends_on, today),
        )
        for record in holding.records
        if record.public and record.repair is not None and record.repair.bar != "honour"
    ]
    return tuple(sorted(found, key=_first))


def months(found: Sequence[Outlook], today: date) -> tuple[Month, ...]:
    """The days to come of some records, month by month; a repair that can be applied for already stands on today."""
    entries = []
    for each in found:
        if each.bar is None and each.repair.earliest is not None:
            entries.append(Entry(max(each.repair.earliest, today), "repair", each))
        if each.repair.ends_on is not None:
            entries.append(Entry(each.repair.ends_on, "end", each))
    entries.sort(key=lambda entry: (entry.day, entry.mark, entry.outlook.record.id))
    return tuple(
        Month(first, tuple(some))
        for first, some in groupby(entries, key=lambda entry: entry.day.replace(day=1))
    )


def _in_force(record: OwnRecord, today: date) -> bool:
    content = record.content
    term = content.on(today).status_term if content is not None else None
    return term is None or not term.final


def _days(day: date | None, today: date) -> int | None:
    return (day - today).days if day is not None else None


def _first(each: Outlook) -> tuple[bool, date, str]:
    return each.bar is not None, each.repair.earliest or date.max, each.record.id

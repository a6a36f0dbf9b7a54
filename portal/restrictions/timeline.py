"""When a subject was, is and will be restricted, domain by domain (时间线): periods for a table, and bars for a drawing of them.

A drawing's places are hundredths of its width, so that it can be as wide as a page or a phone without its letters growing or shrinking.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.restrictions.holdings import Holding
from portal.restrictions.rules import DOMAINS, Domain, Effect
from portal.restrictions.spans import NEVER_ENDS

YEARS_BACK = YEARS_AHEAD = 6
"""How far a drawing reaches at most; the table tells all. A restriction of five years fits, and one for life does not squeeze it."""

MOST_TICKS = 6
"""Years that are named below a drawing; more would not stand beside each other on a phone."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days without a gap of one effect in one domain. `since` and `until` are None where no start, no end is known or it is for life."""

    effect: Effect
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A period as it is drawn: from `left` over `width`, in hundredths; `goes_on` where it reaches beyond the drawing's right end."""

    period: Period
    left: float
    width: float
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a year, and where it stands."""

    year: int
    left: float


@dataclass(frozen=True, slots=True)
class Row:
    """One domain: all its periods in order, and the bars of those that fall into the drawing."""

    domain: Domain
    periods: tuple[Period, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All domains in the order of `DOMAINS`, from the first day of a year to the last of another. `today` is where the day asked for is."""

    first: date
    last: date
    today: float
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw or to list."""
        return not any(row.periods for row in self.rows)


def timeline(held: Iterable[Holding], as_of: date) -> Timeline:
    """The timeline of one subject around the day `as_of`, from all spans in which rules restrict it."""
    held = list(held)
    periods = {
        domain.code: _periods([each for each in held if domain.code in each.rule.domains])
        for domain in DOMAINS
    }
    first, last = _window([each for found in periods.values() for each in found], as_of)
    return Timeline(
        first,
        last,
        _place(as_of, first, last),
        _ticks(first, last),
        tuple(
            Row(domain, found, tuple(_bar(each, first, last) for each in found if _seen(each, first, last)))
            for domain in DOMAINS
            for found in [periods[domain.code]]
        ),
    )


def _periods(held: Sequence[Holding]) -> tuple[Period, ...]:
    """The spans of a domain as periods that do not overlap: a ban hides what is only restricted beside it."""
    cuts = sorted(
        {each.span.first for each in held}
        | {each.span.last + _DAY for each in held if each.span.last != NEVER_ENDS}
    )
    found: list[Period] = []
    for number, first in enumerate(cuts):
        last = cuts[number + 1] - _DAY if number + 1 < len(cuts) else NEVER_ENDS
        effects = {each.effect for each in held if each.span.first <= first <= each.span.last}
        if not effects:
            continue
        effect: Effect = "banned" if "banned" in effects else "restricted"
        since, until = (None if first == date.min else first), (None if last == NEVER_ENDS else last)
        before = found[-1] if found else None
        if before and before.effect == effect and before.until and before.until + _DAY == first:
            found[-1] = Period(effect, before.since, until)
        else:
            found.append(Period(effect, since, until))
    return tuple(found)


def _window(periods: Sequence[Period], as_of: date) -> tuple[date, date]:
    """Whole years around the day asked for that show the periods, as far as a drawing reaches."""
    known = [day for each in periods for day in (each.since, each.until) if day is not None]
    first = max(min([*known, as_of]).year, as_of.year - YEARS_BACK, date.min.year)
    last = min(max([*known, as_of]).year, as_of.year + YEARS_AHEAD, date.max.year)
    if any(each.until is None for each in periods):
        last = min(max(last, as_of.year + 1), date.max.year)
    return date(first, 1, 1), date(last, 12, 31)


def _seen(period: Period, first: date, last: date) -> bool:
    return (period.since or date.min) <= last and (period.until or NEVER_ENDS) >= first


def _bar(period: Period, first: date, last: date) -> Bar:
    left = _place(max(period.since or first, first), first, last)
    until = period.until or NEVER_ENDS
    right = 100.0 if until >= last else _place(until + _DAY, first, last)
    return Bar(period, left, round(right - left, 2), until > last)


def _place(day: date, first: date, last: date) -> float:
    return round(100 * (day - first).days / ((last - first).days + 1), 2)


def _ticks(first: date, last: date) -> tuple[Tick, ...]:
    years = range(first.year, last.year + 1)
    step = -(-len(years) // MOST_TICKS)
    return tuple(Tick(year, _place(date(year, 1, 1), first, last)) for year in years[::step])

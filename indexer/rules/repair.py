"""When a penalty or a list entry can be repaired (信用修复), by the edition of the rules of its day.

Sources: 信用修复管理办法 (发改委令36, from 2026-04-01), its trial edition (发改委令58, 2023-05-01 to 2026-03-31),
市场监督管理行政处罚信息公示规定 (总局令45), and for lists 总局令44 art. 16 and the like (domain.md 3.2, 3.3). Which edition governs
what stands in `repair.toml`, the numbers in `periods.toml`; both say what is unverified.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from indexer.rules.periods import Period, period
from indexer.rules.publicity import PenaltyClass, Publicity, penalty_class

_TABLE = Path(__file__).with_name("repair.toml")
_DAY = timedelta(days=1)

Bar = Literal["honour", "repaired", "hidden", "over", "unshortened", "ends-first"]
"""Why a record can not be repaired, or need not be: an honour, repaired before, not public anyhow, its publicity over, of a kind whose
publicity may not be shortened (总局令45), or one that ends by itself before the shortest period does."""

Need = Literal["period", "correction", "promise", "clean"]
"""What a repair needs (发改委令36; 总局令44 art. 16): the shortest period over, corrected and performed, a public 信用承诺, nothing
serious decided since."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rule rests on: document and, where it is known, article; `verified` as in `periods.toml`."""

    zh: str
    en: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Repair:
    """What the rules say of the repair of one record.

    `began_on` is the day of the decision or entry, from which periods run; `earliest` the first day on which a repair may be applied
    for, `ends_on` the last day on which the record is public by itself (None: no end). `bar` says why there is nothing to apply for,
    whatever the day. `edition` governs, `basis` gives the shortest period, `sensitive` the word by which its field has a longer one.
    """

    severity: PenaltyClass | None
    began_on: date
    edition: Basis
    basis: Basis
    earliest: date | None
    ends_on: date | None
    bar: Bar | None = None
    sensitive: str = ""
    clean: bool = False

    def barred(self, today: date) -> Bar | None:
        """Why nothing can be applied for on `today` or ever after; None where it can, or could once what is missing is there."""
        if self.bar is None and self.ends_on is not None and self.ends_on < today:
            return "over"
        return self.bar


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a repair still needs; `day` is the day on which it comes by itself, or that of what stands in the way."""

    need: Need
    day: date | None = None


@dataclass(frozen=True, slots=True)
class _Edition:
    basis: Basis
    shortest: dict[str, str]
    sensitive: tuple[str, ...]
    unshortened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Governs:
    edition: _Edition
    authorities: tuple[str, ...]
    valid_from: date
    valid_to: date

    def holds(self, authority: str, on: date) -> bool:
        named = not self.authorities or not authority or any(word in authority for word in self.authorities)
        return named and self.valid_from <= on <= self.valid_to


@dataclass(frozen=True, slots=True)
class _ListRule:
    list: str
    scheme: str
    severity: PenaltyClass
    shortest: str
    clean: bool


def penalty_repair(
    decided_on: date,
    kinds: Sequence[str],
    fine: Decimal | None,
    publicity: Publicity,
    *,
    authority: str = "",
    about: str = "",
    given_class: PenaltyClass | None = None,
    simple_procedure: bool = False,
) -> Repair:
    """The repair of a penalty (行政处罚) with this publicity, by the edition that governs the day of its decision.

    `kinds`, `fine`, `given_class` and `simple_procedure` are as in `penalty_publicity`; `authority` made the decision, `about` is text
    that tells its field (sector, cause, basis), for editions with longer periods for food, drugs and the like.
    """
    edition = _governing(authority, decided_on)
    severity = given_class or penalty_class(kinds, fine, decided_on, simple_procedure)
    sensitive = next((word for word in edition.sensitive if word in about), "")
    shortest = period(edition.shortest["sensitive" if sensitive else severity], decided_on)
    earliest = _first_day(shortest, decided_on)
    return Repair(
        severity=severity,
        began_on=decided_on,
        edition=edition.basis,
        basis=_basis(shortest, edition.basis),
        earliest=earliest,
        ends_on=publicity.public_until,
        bar=(
            _hidden(publicity)
            or (
                "unshortened" if any(word in kind for kind in kinds for word in edition.unshortened) else None
            )
            or _ends_first(earliest, publicity)
        ),
        sensitive=sensitive,
    )


def listing_repair(
    list_code: str, listed_on: date, publicity: Publicity, *, scheme: str | None = None
) -> Repair:
    """The repair of a list entry (名单) with this publicity: removal before its term. Arguments as in `listing_publicity`."""
    rule = _list_rule(list_code, scheme)
    if rule is None:
        own = _governing("", listed_on).basis
        return Repair(None, listed_on, own, own, None, publicity.public_until, "honour")
    shortest = period(rule.shortest, listed_on)
    basis = _basis(shortest)
    earliest = _first_day(shortest, listed_on)
    bar = _hidden(publicity) or _ends_first(earliest, publicity)
    ends_on = publicity.public_until
    return Repair(rule.severity, listed_on, basis, basis, earliest, ends_on, bar, clean=rule.clean)


def missing(
    repair: Repair,
    today: date,
    *,
    corrected_on: date | None = None,
    promised_on: date | None = None,
    serious_on: date | None = None,
) -> tuple[Missing, ...]:
    """What a repair lacks on `today` of what the rules ask; nothing where it can be applied for, or is barred.

    `corrected_on` is the day on which the duty was done (改正并履行完毕), `promised_on` that of the latest public 信用承诺, which has to
    be of the day of the decision or later, `serious_on` that of the latest serious penalty.
    """
    if repair.barred(today) is not None or repair.earliest is None:
        return ()
    found: list[Missing] = []
    if today < repair.earliest:
        found.append(Missing("period", repair.earliest))
    if corrected_on is None or corrected_on > today:
        found.append(Missing("correction"))
    if promised_on is None or not repair.began_on <= promised_on <= today:
        found.append(Missing("promise"))
    if repair.clean and serious_on is not None and repair.began_on < serious_on <= today:
        found.append(Missing("clean", serious_on))
    return tuple(found)


def _hidden(publicity: Publicity) -> Bar | None:
    if publicity.withheld is None:
        return None
    return "repaired" if publicity.withheld == "repaired" else "hidden"


def _ends_first(earliest: date, publicity: Publicity) -> Bar | None:
    return "ends-first" if publicity.public_until is not None and earliest > publicity.public_until else None


def _first_day(shortest: Period, began_on: date) -> date:
    """The day after the shortest period, whose last day counts whole (民法典 art. 203); with none, the day itself."""
    return shortest.end(began_on) + _DAY if shortest.value else began_on


def _basis(shortest: Period, edition: Basis | None = None) -> Basis:
    return Basis(shortest.source, edition.en if edition is not None else "", shortest.verified)


def _governing(authority: str, on: date) -> _Edition:
    return next(each.edition for each in _table()[0] if each.holds(authority, on))


def _list_rule(list_code: str, scheme: str | None) -> _ListRule | None:
    rules = _table()[1]
    named = next((each for each in rules if each.scheme and each.scheme == scheme), None)
    return named or next((each for each in rules if each.list and each.list == list_code), None)


@cache
def _table() -> tuple[tuple[_Governs, ...], tuple[_ListRule, ...]]:
    with _TABLE.open("rb") as file:
        data = tomllib.load(file)
    editions = {each["code"]: _edition(each) for each in data["edition"]}
    governs = tuple(
        _Governs(
            editions[each["edition"]],
            tuple(each.get("authorities", ())),
            each.get("valid_from", date.min),
            each.get("valid_to", date.max),
        )
        for each in data["governs"]
    )
    lists = tuple(
        _ListRule(
            each.get("list", ""),
            each.get("scheme", ""),
            each["class"],
            each["shortest"],
            each.get("clean", False),
        )
        for each in data["list"]
    )
    return governs, lists


def _edition(each: dict[str, Any]) -> _Edition:
    return _Edition(
        Basis(each["zh"], each["en"], each["verified"]),
        each["shortest"],
        tuple(each.get("sensitive", ())),
        tuple(each.get("unshortened", ())),
    )

"""When the public may see a penalty or a list entry (公示期限), by the edition of the rules of its day.

Sources: 信用修复管理办法 (发改委令36, from 2026-04-01); before it 市场监督管理行政处罚信息公示规定
(总局令45); lists by 总局令44 and the like. All numbers stand in `periods.toml`, the classes of penalties in
`penalty_classes.toml`. Hidden is not deleted: staff and the firm itself still see the record.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from indexer.rules.periods import find_period, period

PenaltyClass = Literal["minor", "general", "serious"]
"""轻微, 一般, 严重, lightest first."""

CLASSES: tuple[PenaltyClass, ...] = ("minor", "general", "serious")

WITHHELD: dict[str, str] = {
    "natural-person": "涉及自然人，不公开",
    "withdrawn-by-authority": "作出机关已撤回、变更或撤销，不再公示",
    "repaired": "已完成信用修复，停止公示",
    "warning-only": "仅给予警告，依规不公示",
    "minor": "属轻微失信信息，依规不公示",
}
"""Why a record is not public at all, for staff and the firm itself."""

_TABLE = Path(__file__).with_name("penalty_classes.toml")
_WARNINGS = frozenset({"警告", "warning"})
_FINES = ("罚款", "fine")


@dataclass(frozen=True, slots=True)
class Publicity:
    """When the public may see a record. `withheld` is the reason's code when it may not at all (domain.md
    part 5).
    """

    public_from: date | None = None
    public_until: date | None = None  # last day shown
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class _ClassRule:
    name: PenaltyClass
    codes: frozenset[str]
    words: tuple[str, ...]

    def holds(self, kind: str) -> bool:
        return kind in self.codes or any(word in kind for word in self.words)


@cache
def _class_rules() -> tuple[_ClassRule, ...]:
    with _TABLE.open("rb") as file:
        entries = tomllib.load(file)["class"]
    return tuple(_ClassRule(each["name"], frozenset(each["codes"]), tuple(each["words"])) for each in entries)


def penalty_class(
    kinds: Sequence[str], fine: Decimal | None, decided_on: date, simple_procedure: bool = False
) -> PenaltyClass:
    """The class (轻微、一般、严重) of a decision whose authority set none: that of its heaviest kind
    (domain.md 3.3).

    `kinds` are 处罚种类 in Chinese or as codes of the penalty kind, `fine` is in 元 (None: none or
    unknown), `simple_procedure` says 简易程序, which is minor unless something heavier was done. What is
    not known is general.
    """
    found: list[PenaltyClass] = [rule.name for kind in kinds for rule in _class_rules() if rule.holds(kind)]
    if fine is not None and fine > 0:
        found.append(_fine_class(fine, decided_on))
    elif any(word in kind for kind in kinds for word in _FINES):
        found.append("general")
    if "serious" not in found and simple_procedure:
        return "minor"
    return max(found, key=CLASSES.index, default="general")


def _fine_class(fine: Decimal, on: date) -> PenaltyClass:
    if fine >= period("penalty.huge_fine", on).value:
        return "serious"
    return "minor" if fine <= period("penalty.small_fine", on).value else "general"


def penalty_publicity(
    decided_on: date,
    kinds: Sequence[str],
    fine: Decimal | None,
    *,
    stated_until: date | None = None,
    repaired_on: date | None = None,
    natural_person: bool = False,
    withdrawn: bool = False,
    given_class: PenaltyClass | None = None,
    simple_procedure: bool = False,
) -> Publicity:
    """When the public may see a penalty (行政处罚): until the earliest of the stated day (公示截止期) and
    the longest of its class.

    The clock runs from the date of the decision; its last day is still shown and no holiday moves it.
    `withdrawn` is a decision that its authority took back or changed (行政处罚法 48), `given_class` the
    class that the authority set. Never public, with the reason as a code of `WITHHELD`: persons, withdrawn
    and repaired decisions, a warning alone, the class minor since 发改委令36.
    """
    if natural_person:
        return Publicity(withheld="natural-person")
    if withdrawn:
        return Publicity(withheld="withdrawn-by-authority")
    if repaired_on is not None:
        return Publicity(withheld="repaired")
    if kinds and not fine and all(kind in _WARNINGS for kind in kinds):
        return Publicity(withheld="warning-only")
    severity = given_class or penalty_class(kinds, fine, decided_on, simple_procedure)
    longest = period(f"publicity.penalty.{severity}", decided_on)
    if longest.value == 0:
        return Publicity(withheld=severity)
    computed = longest.end(decided_on)
    return Publicity(public_until=min(computed, stated_until) if stated_until else computed)


def listing_publicity(
    list_code: str,
    listed_on: date,
    *,
    until: date | None = None,
    removed_on: date | None = None,
    removal_reason: str | None = None,
    scheme: str | None = None,
    natural_person: bool = False,
) -> Publicity:
    """When the public may see an entry of a list (名单): `list_code` red, black, watch or abnormal;
    `scheme` names the list.

    Adverse entries are shown until the earliest of the stated last day (期满日), the longest of their list,
    and the day before the removal: from the day of removal on the entry does not show. One removed by
    repair (信用修复) is withheld altogether. Red lists stay, with the day of exit. `scheme` is a code of
    the listing kind ("serious_violation"); without one the term of 严重失信主体名单 holds for black lists,
    and none for watch and abnormal lists, which end by correction.
    """
    if natural_person:
        return Publicity(withheld="natural-person")
    if list_code == "red":
        return Publicity()
    if removal_reason is not None and "修复" in removal_reason:
        return Publicity(withheld="repaired")
    longest = find_period(f"listing.{scheme}", listed_on) if scheme else None
    if longest is None and list_code == "black":
        longest = find_period("listing.black", listed_on)
    ends = [
        until,
        removed_on - timedelta(days=1) if removed_on else None,
        longest.end(listed_on) if longest else None,
    ]
    return Publicity(public_until=min((end for end in ends if end is not None), default=None))

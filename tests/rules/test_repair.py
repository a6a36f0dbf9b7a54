"""From when a penalty or a list entry can be repaired, and what it needs (domain.md 3.2, 3.3)."""

import calendar
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.kinds import kinds
from indexer.rules.publicity import CLASSES, PenaltyClass, Publicity, penalty_publicity
from indexer.rules.repair import Missing, listing_repair, missing, penalty_repair

OLD, NEW = date(2026, 3, 31), date(2026, 4, 1)
MARKET, OTHER = "示例市市场监督管理局", "示例市应急管理局"
SHOWN = Publicity()
days = st.dates(date(2021, 9, 1), date(2032, 12, 31))


@pytest.mark.parametrize(
    ("decided_on", "severity", "earliest"),
    [
        (NEW, "general", date(2026, 7, 2)),  # three months are over at the end of 1 July
        (NEW, "serious", date(2027, 4, 2)),
        (NEW, "minor", NEW),  # once the duty is done
        (date(2026, 11, 30), "general", date(2027, 3, 1)),  # there is no 30 February
        (date(2027, 11, 30), "general", date(2028, 3, 1)),  # but a 29th
        (date(2027, 11, 29), "general", date(2028, 3, 1)),
        (date(2028, 2, 29), "serious", date(2029, 3, 1)),
        (date(2026, 8, 31), "general", date(2026, 12, 1)),
        (OLD, "general", date(2026, 10, 1)),  # the edition before: six months, clamped to 30 September
        (OLD, "minor", date(2026, 7, 1)),
    ],
)
def test_a_repair_can_be_applied_for_on_the_day_after_the_shortest_period(
    decided_on: date, severity: PenaltyClass, earliest: date
) -> None:
    found = penalty_repair(decided_on, ["罚款"], None, SHOWN, authority=MARKET, given_class=severity)
    assert (found.severity, found.earliest, found.bar) == (severity, earliest, None)


@pytest.mark.parametrize(
    ("decided_on", "authority", "edition"),
    [
        (NEW, MARKET, "第36号"),
        (NEW, OTHER, "第36号"),
        (OLD, MARKET, "第45号"),
        (OLD, "", "第45号"),
        (OLD, OTHER, "第58号"),
        (date(2023, 5, 1), OTHER, "第58号"),
        (date(2023, 4, 30), OTHER, "第45号"),
    ],
)
def test_the_edition_follows_the_day_and_who_decided(decided_on: date, authority: str, edition: str) -> None:
    found = penalty_repair(decided_on, ["罚款"], None, SHOWN, authority=authority)
    assert edition in found.edition.zh
    assert edition in found.basis.zh


@pytest.mark.parametrize(
    ("authority", "about", "earliest"),
    [
        (MARKET, "经营过期食品", date(2027, 1, 11)),
        (MARKET, "违反消防规定", date(2026, 7, 11)),  # no field of 总局令45
        (OTHER, "违反消防规定", date(2027, 1, 11)),
        (OTHER, "虚假宣传", date(2026, 4, 11)),
    ],
)
def test_food_and_the_like_wait_a_year_under_the_editions_that_say_so(
    authority: str, about: str, earliest: date
) -> None:
    found = penalty_repair(
        date(2026, 1, 10), ["罚款"], Decimal(20000), SHOWN, authority=authority, about=about
    )
    assert found.earliest == earliest
    assert (found.sensitive != "") == (earliest == date(2027, 1, 11))
    after = penalty_repair(NEW, ["罚款"], Decimal(20000), SHOWN, authority=authority, about=about)
    assert (after.earliest, after.sensitive) == (date(2026, 7, 2), "")


@pytest.mark.parametrize("kind", ["责令停产停业", "限制从业", "降低资质等级", "吊销许可证件"])
def test_what_order_45_forbids_to_shorten_can_not_be_repaired_under_it(kind: str) -> None:
    assert penalty_repair(OLD, ["罚款", kind], None, SHOWN, authority=MARKET).barred(NEW) == "unshortened"
    assert penalty_repair(OLD, [kind], None, SHOWN, authority=OTHER).bar is None
    assert penalty_repair(NEW, [kind], None, SHOWN, authority=MARKET).bar is None


def test_what_is_not_public_needs_no_repair() -> None:
    hidden = Publicity(withheld="warning-only")
    assert penalty_repair(NEW, ["警告"], None, hidden).bar == "hidden"
    assert penalty_repair(NEW, ["罚款"], None, Publicity(withheld="repaired")).bar == "repaired"
    over = penalty_repair(NEW, ["罚款"], None, Publicity(public_until=date(2027, 4, 1)))
    assert (over.barred(date(2027, 4, 1)), over.barred(date(2027, 4, 2))) == (None, "over")


def test_what_ends_by_itself_before_the_shortest_period_needs_no_repair() -> None:
    earliest = date(2026, 7, 2)
    before = penalty_repair(NEW, ["罚款"], None, Publicity(public_until=earliest - timedelta(days=1)))
    assert before.bar == "ends-first"
    assert penalty_repair(NEW, ["罚款"], None, Publicity(public_until=earliest)).bar is None


@pytest.mark.parametrize(
    ("list_code", "scheme", "severity", "earliest"),
    [
        ("black", "serious_violation", "serious", date(2027, 5, 5)),
        ("black", None, "serious", date(2027, 5, 5)),
        ("black", "tax_violation", "serious", date(2027, 5, 5)),
        ("black", "judgment_debtor", "serious", date(2026, 5, 4)),
        ("abnormal", "abnormal_operation", "minor", date(2026, 5, 4)),
        ("watch", None, "general", date(2026, 5, 4)),
    ],
)
def test_a_list_entry_can_be_removed_early_by_the_rule_of_its_list(
    list_code: str, scheme: str | None, severity: str, earliest: date
) -> None:
    found = listing_repair(list_code, date(2026, 5, 4), SHOWN, scheme=scheme)
    assert (found.severity, found.earliest, found.bar) == (severity, earliest, None)
    assert found.basis.zh


def test_a_red_list_is_an_honour_and_not_repaired() -> None:
    assert listing_repair("red", NEW, SHOWN).bar == "honour"


def test_what_is_missing_is_told_until_nothing_is() -> None:
    found = penalty_repair(NEW, ["罚款"], None, SHOWN)
    first = date(2026, 7, 2)
    assert missing(found, date(2026, 7, 1)) == (
        Missing("period", first),
        Missing("correction"),
        Missing("promise"),
    )
    done, early = date(2026, 5, 1), date(2026, 3, 31)
    assert missing(found, first, corrected_on=done, promised_on=done) == ()
    assert missing(found, first, corrected_on=done, promised_on=early) == (Missing("promise"),)
    assert missing(found, first, corrected_on=date(2026, 7, 3), promised_on=done) == (Missing("correction"),)


def test_a_serious_penalty_since_the_entry_stands_in_the_way_of_early_removal() -> None:
    entry, later = date(2026, 5, 4), date(2027, 1, 1)
    found = listing_repair("black", entry, SHOWN, scheme="serious_violation")
    today, done = date(2027, 6, 1), {"corrected_on": entry, "promised_on": entry}
    assert missing(found, today, **done, serious_on=later) == (Missing("clean", later),)
    assert missing(found, today, **done, serious_on=entry) == ()  # that is what it was listed for
    assert missing(found, today, **done) == ()


def test_the_kinds_hand_over_what_the_rules_ask_for() -> None:
    penalty = kinds()["penalty"].repair(
        {
            "decided_on": "2026-01-10",
            "kinds": "罚款",
            "authority": OTHER,
            "sector": "安全生产",
            "subject_kind": "organisation",
        },
        NEW,
    )
    assert penalty is not None and (penalty.sensitive, penalty.earliest) == ("安全生产", date(2027, 1, 11))
    listing = kinds()["listing"].repair(
        {"list": "black", "scheme": "失信被执行人", "listed_on": "2026-05-04"}, NEW
    )
    assert listing is not None and listing.earliest == date(2026, 5, 4)
    assert kinds()["certificate"].repair({}, NEW) is None


# The same, told another way: going along the days.

MONTHS = {"minor": (3, 0), "general": (6, 3), "serious": (6, 12)}


def _first_day_by_counting(decided_on: date, months: int) -> date:
    """Month by month along the calendar to the day of the same number, or the last there is, and one day on."""
    if not months:
        return decided_on
    day = decided_on.replace(day=1)
    for _ in range(months):
        day += timedelta(days=calendar.monthrange(day.year, day.month)[1])
    while day.day < decided_on.day and (day + timedelta(days=1)).month == day.month:
        day += timedelta(days=1)
    return day + timedelta(days=1)


@given(days, st.sampled_from(CLASSES), st.booleans(), st.integers(0, 1500))
def test_agrees_with_a_count_along_the_days(
    decided_on: date, severity: PenaltyClass, food: bool, after: int
) -> None:
    shown = penalty_publicity(decided_on, ["罚款"], Decimal(1), given_class=severity)
    about = "食品" if food else "计量"
    found = penalty_repair(
        decided_on, ["罚款"], None, shown, authority=MARKET, about=about, given_class=severity
    )
    new = decided_on >= NEW
    first = _first_day_by_counting(decided_on, 12 if food and not new else MONTHS[severity][new])
    assert found.earliest == first
    today = decided_on + timedelta(days=after)
    may = not missing(found, today, corrected_on=decided_on, promised_on=decided_on)
    still = shown.withheld is None and (shown.public_until is None or today <= shown.public_until)
    if found.barred(today) is None:
        assert still and may == (today >= first)
    else:
        assert not still or (shown.public_until is not None and first > shown.public_until)

"""The evaluator and the day-by-day oracle give the same answer on generated histories.

Histories are made from a `Random`: hypothesis hands in its own, which it can shrink to the smallest one that fails; a plain one makes
many quickly.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.restrictions.conditions import Duration, Repeated, Threshold, Trigger
from portal.restrictions.evaluate import evaluate
from portal.restrictions.facts import Fact, StatePeriod, States, always
from portal.restrictions.holdings import holdings
from portal.restrictions.rules import DOMAINS, Rule, RuleSet, load_rules
from portal.restrictions.scope import ANYWHERE, Scope, place
from tests.restrictions.oracle import answers

SHIPPED = load_rules()
SCHEMES = [
    "失信被执行人",
    "重大税收违法失信主体",
    "政府采购严重违法失信行为记录名单",
    "严重违法失信名单",
    "经营异常名录",
]
PLACES = [None, "江苏省", "320600", "浙江"]
DAY = timedelta(days=1)
DOMAIN_CODES = [domain.code for domain in DOMAINS]


MONTHS_LATER = [date(2024, 3, 29), date(2024, 8, 29), date(2025, 2, 28), date(2025, 3, 1), date(2026, 1, 29)]
"""On or just after the last day of the windows that rules are made with, from a 29 February on."""


def a_day(random: Random) -> date:
    """Mostly close around a 29 February, so that starts, ends, gaps, windows and lapses meet often."""
    often = random.randrange(12)
    if often == 0:
        return date(2024, 2, 29)
    if often == 1:
        return random.choice(MONTHS_LATER)
    if often < 9:
        return date(2024, 2, 29) + timedelta(days=random.randrange(-6, 13))
    return date(2019, 6, 1) + timedelta(days=random.randrange(2900))


def maybe_day(random: Random, one_in: int = 2) -> date | None:
    return None if random.randrange(one_in) else a_day(random)


def a_period(random: Random, one_in: int = 2) -> tuple[date | None, date | None]:
    first, last = maybe_day(random, one_in), maybe_day(random, one_in)
    return (last, first) if first and last and last < first else (first, last)


def a_duration(random: Random, kind: str) -> Duration:
    begin = random.choice([None, "decided_on" if kind == "penalty" else "listed_on"])
    ended_by = random.choice([(), ("repaired_on",), ("repaired_on", "removed_on")])
    match random.choice(["term", "term", "years", "until", "life"]):
        case "term":
            return Duration("term", begin, None, None, random.choice([None, 1, 2, 3]), ended_by)
        case "years":
            return Duration("years", begin, None, random.randrange(1, 5), None, ended_by)
        case "until":
            return Duration("until", begin, random.choice(["until", "effective_until"]), None, None, ended_by)
        case _:
            return Duration("life", begin, None, None, None, ended_by)


def some_states(random: Random, since: date | None) -> States:
    """States of all days: one for ever, or changing on a few days, back and forth; some with the fact's own first day."""
    days = {a_day(random) for _ in range(random.choice([0, 0, 1, 2, 3]))}
    if since is not None and not random.randrange(3):
        days.add(since)
    firsts = [date.min, *sorted(days)]
    lasts = [*(day - DAY for day in firsts[1:]), date.max]
    words = [None, "current", "withdrawn"]
    return partial(
        tuple, [StatePeriod(*days, random.choice(words)) for days in zip(firsts, lasts, strict=True)]
    )


def a_scope(random: Random) -> Scope:
    """Mostly none."""
    regions = random.choice([(), (), (), ("江苏省",), ("南通市",), ("浙江省", "南通市")])
    return Scope(tuple(map(place, regions)), random.choice([(), (), ("食品",)]))


def a_rule(random: Random, number: int) -> Rule:
    kind = random.choice(["listing", "penalty"])
    fines = random.randrange(3) if kind == "penalty" else 0
    valid_from, valid_to = a_period(random, 3)
    duration = a_duration(random, kind)
    counts = random.choice(["each", "each", "each", "latest", "repeated"])
    loose = counts == "repeated" and random.randrange(3)  # else several facts that meet a rule would be rare
    if counts == "repeated":
        fines, years = 0, random.choice([None, 1, 2, 3])
        duration = Duration("years" if years else "life", duration.begin, None, years, None, ())
    return Rule(
        id=f"rule-{number}",
        version=1,
        domains=("bidding",) if number % 2 else ("bidding", "practice"),
        effect="banned" if duration.type == "life" or random.randrange(2) else "restricted",
        trigger=Trigger(
            kind=kind,
            one_of={"scheme": ("甲名单",)} if kind == "listing" and not loose and random.randrange(2) else {},
            includes={"kinds": ("罚款", "吊销许可证件")}
            if kind == "penalty" and not loose and random.randrange(2)
            else {},
            mentions={} if loose or random.randrange(5) else {"basis": ("食品",)},
            status=() if counts == "repeated" or random.randrange(4) else ("current",),
            status_not=() if counts == "repeated" else random.choice([(), ("withdrawn",)]),
            fine_at_least=tuple(Threshold(Decimal(100 * n), *a_period(random)) for n in range(1, fines + 1)),
            regions=() if loose or random.randrange(5) else (place(random.choice(["江苏省", "南通市"])),),
            latest_by=("scheme",) if counts == "latest" else (),
            repeated=Repeated(random.choice([2, 2, 3]), random.choice([1, 6, 12, 23]))
            if counts == "repeated"
            else None,
        ),
        duration=duration,
        basis="依据",
        source="来源",
        verified=True,
        valid_from=valid_from,
        valid_to=valid_to,
        zh="{day}{until}",
        en="{day}{until}",
        scope=a_scope(random),
    )


def a_fact(random: Random, number: int) -> Fact:
    """A fact of any shape, orderly or not."""
    values: dict[str, object] = {
        "scheme": random.choice(["甲名单", "甲名单", "乙名单"]),
        "kinds": random.choice(["警告", "罚款、警告", "没收非法财物、吊销许可证件"]),
        "basis": random.choice(["", "食品安全法"]),
        "fine": {
            "value": random.choice(["99.99", "100.00", "250.00"]),
            "currency": random.choice(["CNY", "CNY", "CNY", "USD"]),
        },
    }
    for column in ("listed_on", "decided_on", "until", "effective_until"):
        if day := maybe_day(random):
            values[column] = day.isoformat()
    for column in ("removed_on", "repaired_on"):
        if day := maybe_day(random, 4):
            values[column] = day.isoformat()
    kind, region = random.choice(["listing", "penalty"]), random.choice(PLACES)
    since, until = a_period(random)
    states = some_states(random, since)
    return Fact(f"r{number}", kind, "题名", None, None, None, values, since, until, states, region)


def a_real_fact(random: Random, number: int) -> Fact:
    """A fact as the shipped rules know them."""
    begin, end, lifted = a_day(random), maybe_day(random), maybe_day(random, 4)
    if end is not None and end < begin:
        begin, end = end, begin
    values: dict[str, object] = {
        "category": random.choice(["强制性产品认证", "工业产品生产许可证", "质量管理体系"]),
        "scheme": random.choice(SCHEMES),
        "kinds": random.choice(["罚款", "罚款、责令停产停业", "吊销许可证件", "限制从业"]),
        "basis": random.choice(["《食品安全法》第一百二十三条", "《产品质量法》"]),
        "content": random.choice(["", "终身"]),
        "fine": {"value": random.choice(["1999999.99", "2000000.00"]), "currency": "CNY"},
        "decided_on": begin.isoformat(),
    }
    stated = {"effective_until": end, "valid_until": end, "removed_on": lifted, "repaired_on": lifted}
    values |= {column: day.isoformat() for column, day in stated.items() if day is not None}
    kind = random.choice(["listing", "listing", "penalty", "penalty", "certificate", "licence"])
    states = always(random.choice([None, "withdrawn", "suspended", "revoked"]))
    if random.randrange(2):
        changed = a_day(random)
        before, after = StatePeriod(date.min, changed - DAY, None), StatePeriod(changed, date.max, "revoked")
        states = partial(tuple, (before, after))
    return Fact(f"r{number}", kind, "题名", None, None, None, values, begin, end, states)


def check(
    history: Sequence[Fact],
    rules: RuleSet,
    as_of: date,
    where: str | None = None,
    trade: str | None = None,
) -> None:
    told = answers(history, rules.rules, as_of, DOMAIN_CODES, where, trade)
    for status in evaluate(history, rules.covering(place(where) if where else None, trade), as_of):
        expected = told[status.code]
        found = (status.status, status.until, status.next_change)
        assert found == (expected.status, expected.until, expected.next_change), (status, history, as_of)
        causes = {
            (tuple(fact.record for fact in cause.facts), cause.rule, cause.since, cause.until)
            for cause in status.because
        }
        assert causes == expected.because, (status, history, as_of)
        assert len(causes) == len(status.because)


def some_rules(random: Random) -> RuleSet:
    return RuleSet("made up", tuple(a_rule(random, n) for n in range(random.randrange(1, 5))))


def a_history(random: Random) -> list[Fact]:
    return [a_fact(random, n) for n in range(random.choice([0, 1, 2, 3, 4, 6]))]


def check_any(random: Random, histories: int = 1) -> None:
    rules = some_rules(random)
    for _ in range(histories):
        where, trade = random.choice(PLACES), random.choice([None, None, "食品", "钢铁"])
        check(a_history(random), rules, a_day(random), where, trade)


def check_shipped(random: Random) -> None:
    where = random.choice([None, None, *PLACES])
    check([a_real_fact(random, n) for n in range(random.randrange(1, 5))], SHIPPED, a_day(random), where)


shrinking = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


@shrinking
@given(st.randoms(use_true_random=False))
def test_any_history_under_any_rules_gets_the_status_that_counting_days_gives(random: Random) -> None:
    check_any(random)


@shrinking
@given(st.randoms(use_true_random=False))
def test_any_history_under_the_shipped_rules_gets_the_status_that_counting_days_gives(random: Random) -> None:
    check_shipped(random)


@pytest.mark.parametrize("thousand", range(0, 20, 2))
def test_eighty_thousand_histories_four_under_each_table_of_rules_agree(thousand: int) -> None:
    for seed in range(1000 * thousand, 1000 * (thousand + 2)):
        check_any(Random(seed), histories=4)


@pytest.mark.parametrize("thousand", range(0, 20, 5))
def test_twenty_thousand_histories_under_the_shipped_rules_agree(thousand: int) -> None:
    for seed in range(1000 * thousand, 1000 * (thousand + 5)):
        check_shipped(Random(seed))


def test_histories_reach_every_kind_of_rule_and_every_kind_of_end() -> None:
    ends: Counter[str] = Counter()
    for seed in range(3000):
        random = Random(seed)
        rules = some_rules(random)
        for each in holdings(a_history(random), rules):
            ends[each.span.end] += 1
            ends["several facts"] += each.rule.trigger.repeated is not None
            ends["the latest"] += bool(each.rule.trigger.latest_by)
            ends["a state"] += bool(each.rule.trigger.status)
            ends["a region"] += bool(each.rule.trigger.regions)
            ends["a scope"] += each.rule.scope != ANYWHERE
            ends["one day"] += each.span.first == each.span.last
    assert len(ends) == 10 and min(ends.values()) >= 40, ends


def test_domains_come_in_the_order_of_the_api() -> None:
    assert [status.code for status in evaluate([], SHIPPED, date(2026, 3, 1))] == DOMAIN_CODES

"""Rules that look at more than one fact: failures that come again within a window, a grade that replaces the one before."""

from datetime import date, timedelta
from functools import partial

import pytest

from portal.restrictions.evaluate import Cause, evaluate
from portal.restrictions.facts import Fact, StatePeriod, always
from portal.restrictions.rules import RuleSet, load_rules
from portal.restrictions.scope import place

TABLE = """
[[rule]]
id = "failed-again"
version = 1
domains = ["honours"]
effect = "restricted"
trigger = { kind = "inspection", mentions = { result = ["不合格"] }, repeated = { times = 2, months = 12 } }
scope = { regions = ["南通市"] }
duration = { type = "years", years = 1 }
basis = "示例办法第一条"
source = "示例"
verified = false
zh = "到{day}，{count} 次监督检查不合格。期限：{until}。"
en = "By {day} it had failed {count} inspections. Until: {until}."

[[rule]]
id = "low-grade"
version = 1
domains = ["bidding"]
effect = "restricted"
trigger = { kind = "rating", one_of = { grade = ["C", "D"] }, latest_by = ["scheme"], status_not = ["withdrawn"] }
duration = { type = "term" }
basis = "示例办法第二条"
source = "示例"
verified = false
zh = "{day}评为{title}。期限：{until}。"
en = "Rated on {day}. Until: {until}."

[[rule]]
id = "lapsed-licence"
version = 1
domains = ["licensing"]
effect = "restricted"
trigger = { kind = "licence", mentions = { category = ["生产许可证"] }, regions = ["江苏省"], status = ["expired", "cancelled"] }
duration = { type = "years", years = 2 }
basis = "示例办法第三条"
source = "示例"
verified = false
zh = "许可证自{day}起失效。期限：{until}。"
en = "Its licence lapsed on {day}. Until: {until}."
"""
FIRST = date(2024, 2, 29)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    path = tmp_path_factory.mktemp("rules") / "rules.toml"
    path.write_text(TABLE, "utf-8")
    return load_rules(path)


def failure(day: date, record: str, result: str = "不合格") -> Fact:
    return Fact(
        record, "inspection", "示例产品", None, None, None, {"result": result}, day, None, always(None)
    )


def grade(day: date, letter: str, record: str, scheme: str = "示例评价") -> Fact:
    values = {"grade": letter, "scheme": scheme}
    return Fact(record, "rating", letter, None, None, letter, values, day, None, always("valid"))


def causes(rules: RuleSet, day: date, *facts: Fact) -> list[Cause]:
    return [cause for status in evaluate(facts, rules, day) for cause in status.because]


def test_one_failure_restricts_nobody_and_a_second_on_the_last_day_of_the_window_does(rules: RuleSet) -> None:
    last = date(2025, 2, 28)  # twelve months after a 29 February
    first, second = failure(FIRST, "r1"), failure(last, "r2")
    assert causes(rules, last, first) == []
    assert causes(rules, last - DAY, first, second) == []
    [cause] = causes(rules, last, first, second)
    assert [fact.record for fact in cause.facts] == ["r1", "r2"]
    assert (cause.record, cause.since, cause.until) == ("r2", last, date(2026, 2, 28))
    assert cause.sentence_zh == (
        "到2025年2月28日，2 次监督检查不合格。期限：到2026年2月28日（含当日）。仅在南通市适用。"
    )
    assert cause.sentence_en.endswith("Applies only in 南通市.")


def test_a_second_failure_one_day_after_the_window_does_not_count(rules: RuleSet) -> None:
    second = failure(date(2025, 3, 1), "r2")
    assert causes(rules, date(2025, 3, 1), failure(FIRST, "r1"), second) == []


def test_two_failures_of_one_day_are_one_time_and_a_pass_is_none(rules: RuleSet) -> None:
    assert causes(rules, FIRST, failure(FIRST, "r1"), failure(FIRST, "r2")) == []
    assert causes(rules, FIRST + DAY, failure(FIRST, "r1"), failure(FIRST + DAY, "r2", "合格")) == []


def test_a_third_failure_names_all_of_its_window_and_takes_over(rules: RuleSet) -> None:
    facts = [failure(FIRST, "r1"), failure(date(2024, 6, 1), "r2"), failure(date(2025, 1, 1), "r3")]
    status = next(each for each in evaluate(facts, rules, date(2024, 7, 1)) if each.code == "honours")
    assert (status.until, status.next_change) == (date(2026, 1, 1), date(2025, 1, 1))
    third = causes(rules, date(2025, 1, 1), *facts)[-1]
    assert [fact.record for fact in third.facts] == ["r1", "r2", "r3"]


def test_a_low_grade_counts_until_the_next_grade_of_the_same_scheme(rules: RuleSet) -> None:
    low, other, better = (
        grade(FIRST, "D", "r1"),
        grade(FIRST + DAY, "A", "r2", "另一评价"),
        grade(date(2025, 3, 1), "B", "r3"),
    )
    facts = (low, other, better)
    [cause] = causes(rules, date(2025, 2, 28), *facts)
    assert (cause.record, cause.until) == ("r1", date(2025, 2, 28))
    assert causes(rules, date(2025, 3, 1), *facts) == []
    assert causes(rules, date(2025, 3, 1), low, other) != []


def test_a_lapsed_licence_counts_from_the_day_after_its_last_and_only_in_its_region(rules: RuleSet) -> None:
    values = {"category": "全国工业产品生产许可证", "valid_until": "2024-06-30"}
    valid = StatePeriod(date.min, date(2024, 6, 30), "valid")
    states = partial(tuple, (valid, StatePeriod(date(2024, 7, 1), date.max, "expired")))
    since, until = date(2019, 7, 1), date(2024, 6, 30)
    fact = Fact("r1", "licence", "许可", None, None, None, values, since, until, states, "南通市")
    assert causes(rules, date(2024, 6, 30), fact) == []
    [cause] = causes(rules, date(2024, 7, 1), fact)
    assert (cause.since, cause.until) == (date(2024, 7, 1), date(2026, 7, 1))
    licensing = evaluate([fact], rules, date(2024, 6, 1))[0]
    assert (licensing.status, licensing.next_change) == ("clear", date(2024, 7, 1))
    elsewhere = Fact("r1", "licence", "许可", None, None, None, values, since, until, states, "浙江省")
    assert causes(rules, date(2024, 7, 1), elsewhere) == []


def test_a_rule_of_a_city_counts_for_the_city_its_counties_its_province_and_nowhere_else(
    rules: RuleSet,
) -> None:
    def counts(where: str) -> bool:
        return "failed-again" in [rule.id for rule in rules.covering(place(where), None).rules]

    assert counts("南通") and counts("320600") and counts("海门区") and counts("江苏省")
    assert not counts("苏州市") and not counts("浙江") and not counts("320500")
    assert "low-grade" in [rule.id for rule in rules.covering(place("浙江"), "食品").rules]
    assert (
        rules.covering(None, None) is rules and rules.covering(place("浙江"), None).version == rules.version
    )

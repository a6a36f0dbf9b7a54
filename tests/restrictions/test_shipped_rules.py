"""Each shipped rule on its edge days, and what must be true of the whole table."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from indexer.kinds.listing import SCHEMES
from indexer.kinds.penalty import PENALTY_KINDS
from portal.restrictions.evaluate import Cause, DomainStatus, evaluate
from portal.restrictions.facts import Fact, always
from portal.restrictions.rules import DOMAINS, load_rules

RULES = load_rules()
DAY = timedelta(days=1)
PROCUREMENT = {"government_procurement", "service_purchase"}
TENDERS = {"bidding", "construction", "public_resources"}


def a_fact(
    kind: str,
    since: date | None,
    until: date | None = None,
    status: str | None = None,
    record: str = "r1",
    **values: object,
) -> Fact:
    return Fact(
        record,
        kind,
        "示例记录",
        "示例〔2024〕1号",
        "示例市场监督管理局",
        None,
        values,
        since,
        until,
        always(status),
    )


def a_listing(
    scheme: str, since: date, until: date | None = None, record: str = "r1", **more: object
) -> Fact:
    return a_fact("listing", since, until, "listed", record, scheme=scheme, list="black", **more)


def a_penalty(kinds: str, decided: date, record: str = "r1", **more: object) -> Fact:
    return a_fact(
        "penalty", decided, None, "in_force", record, kinds=kinds, decided_on=decided.isoformat(), **more
    )


def fine(yuan: str) -> Mapping[str, str]:
    return {"value": yuan, "currency": "CNY"}


def on(day: date, *facts: Fact) -> dict[str, DomainStatus]:
    """The domains that are not clear on a day."""
    return {status.code: status for status in evaluate(facts, RULES, day) if status.status != "clear"}


def causes(day: date, *facts: Fact) -> list[Cause]:
    return [cause for status in on(day, *facts).values() for cause in status.because]


LISTED = date(2024, 3, 1)
DECIDED = date(2024, 2, 29)

# rule, fact, domains, status, first day, last day (None: no end)
TABLE = [
    ("procurement-judgment-debtor", a_listing("失信被执行人", LISTED, date(2026, 2, 28)), PROCUREMENT, "banned", LISTED, date(2026, 2, 28)),
    ("procurement-judgment-debtor", a_listing("失信被执行人", LISTED), PROCUREMENT, "restricted", LISTED, None),
    ("procurement-tax-violation", a_listing("重大税收违法失信主体", LISTED), PROCUREMENT, "banned", LISTED, date(2027, 3, 1)),
    ("procurement-record", a_listing("政府采购严重违法失信行为记录名单", LISTED, date(2025, 2, 28)), PROCUREMENT, "banned", LISTED, date(2025, 2, 28)),
    ("procurement-record", a_listing("政府采购严重违法失信行为记录名单", LISTED), PROCUREMENT, "banned", LISTED, date(2027, 3, 1)),
    ("procurement-major-penalty", a_penalty("罚款、责令停产停业", DECIDED), PROCUREMENT, "banned", DECIDED, date(2027, 2, 28)),
    ("procurement-major-penalty", a_penalty("吊销许可证件", LISTED), PROCUREMENT, "banned", LISTED, date(2027, 3, 1)),
    ("procurement-major-fine", a_penalty("罚款", LISTED, fine=fine("2000000.00")), PROCUREMENT, "banned", LISTED, date(2027, 3, 1)),
    ("procurement-major-fine", a_penalty("罚款", date(2021, 5, 1), fine=fine("2000000.00")), PROCUREMENT, "banned", date(2022, 2, 8), date(2024, 5, 1)),
    ("procurement-serious-violation", a_listing("严重违法失信名单", LISTED), PROCUREMENT, "restricted", LISTED, date(2027, 3, 1)),
    ("bidding-judgment-debtor", a_listing("失信被执行人", LISTED), TENDERS, "restricted", LISTED, None),
    ("bidding-judgment-debtor", a_listing("失信被执行人", date(2016, 1, 4), date(2017, 1, 3)), TENDERS, "restricted", date(2016, 8, 30), date(2017, 1, 3)),
    ("bidding-serious-violation", a_listing("严重违法失信名单", LISTED, removed_on="2025-03-10"), TENDERS, "restricted", LISTED, date(2025, 3, 9)),
    ("licensing-serious-violation", a_listing("严重违法失信名单", LISTED), {"licensing"}, "restricted", LISTED, date(2027, 3, 1)),
    ("honours-serious-violation", a_listing("严重违法失信名单", LISTED), {"honours"}, "restricted", LISTED, date(2027, 3, 1)),
    ("construction-compulsory-certificate", a_fact("certificate", date(2023, 1, 1), None, "suspended", category="强制性产品认证", status_changed_on="2024-03-01", valid_until="2027-12-31"), {"construction"}, "restricted", LISTED, date(2027, 12, 31)),
    ("construction-production-licence", a_fact("licence", date(2023, 1, 1), None, "forfeited", category="全国工业产品生产许可证", status_changed_on="2024-03-01"), {"construction"}, "restricted", LISTED, None),
    ("practice-ban", a_penalty("限制从业", LISTED, effective_until="2026-02-28"), {"practice"}, "banned", LISTED, date(2026, 2, 28)),
    ("practice-ban", a_penalty("限制从业", LISTED), {"practice"}, "restricted", LISTED, None),
    ("food-licence-revoked-practice", a_penalty("吊销许可证件", DECIDED, basis="《食品安全法》第一百二十三条"), {"practice"}, "banned", DECIDED, date(2029, 2, 28)),
    ("food-licence-revoked-licensing", a_penalty("吊销许可证件", DECIDED, basis="《食品安全法》第一百二十三条"), {"licensing"}, "restricted", DECIDED, date(2029, 2, 28)),
    ("food-practice-life", a_penalty("限制从业", LISTED, basis="《食品安全法》", content="终身禁止从事食品生产经营管理工作"), {"practice"}, "banned", LISTED, None),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "fact", "domains", "status", "first", "last"), TABLE)
def test_rule_restricts_its_domains_from_the_first_to_the_last_day(
    rule: str, fact: Fact, domains: set[str], status: str, first: date, last: date | None
) -> None:
    def by_rule(day: date) -> set[str]:
        return {
            code for code, found in on(day, fact).items() if rule in [cause.rule for cause in found.because]
        }

    assert by_rule(first - DAY) == set()
    assert by_rule(first) == domains
    for code in domains:
        assert (on(first, fact)[code].status, on(first, fact)[code].until) == (status, last)
    if last is None:
        assert by_rule(date(2999, 12, 31)) == domains
    else:
        assert by_rule(last) == domains
        assert by_rule(last + DAY) == set()


def test_every_rule_stands_in_the_table_of_edge_days() -> None:
    assert {row[0] for row in TABLE} == {rule.id for rule in RULES.rules}


@pytest.mark.parametrize(
    "fact",
    [
        a_fact("listing", LISTED, None, "listed", scheme="经营异常名录", list="abnormal"),
        a_fact("listing", LISTED, None, "listed", scheme="红名单", list="red"),
        a_fact("listing", LISTED, None, "listed", scheme="黑名单", list="black"),
        a_penalty("警告、罚款", LISTED, fine=fine("1999999.99")),
        a_penalty("罚款", LISTED, fine={"value": "9000000.00", "currency": "USD"}),
        a_fact("penalty", LISTED, None, "withdrawn", kinds="吊销许可证件", decided_on="2024-03-01"),
        a_listing("严重违法失信名单", LISTED, removed_on="2024-03-01"),
        a_fact("certificate", LISTED, None, "suspended", category="质量管理体系认证", status_changed_on="2024-03-01"),
        a_fact("rating", LISTED, None, None, grade="D"),
    ],
    ids=["abnormal", "red", "unnamed-black", "small-fine", "foreign-fine", "withdrawn", "same-day", "system", "grade-d"],
)  # fmt: skip
def test_fact_without_a_cited_measure_restricts_nowhere(fact: Fact) -> None:
    assert on(LISTED, fact) == {}


def test_entry_of_a_single_day_restricts_on_that_day_only() -> None:
    fact = a_listing("失信被执行人", LISTED, LISTED)
    assert [bool(on(day, fact)) for day in (LISTED - DAY, LISTED, LISTED + DAY)] == [False, True, False]


def test_until_reaches_over_a_cause_that_takes_over_the_next_day() -> None:
    first = a_listing("失信被执行人", LISTED, date(2024, 6, 30))
    second = a_listing("失信被执行人", date(2024, 7, 1), date(2024, 9, 30), record="r2")
    status = on(LISTED, first, second)["bidding"]
    assert status.until == date(2024, 9, 30)
    assert [cause.record for cause in status.because] == ["r1"]


def test_until_stops_at_a_gap_of_one_day() -> None:
    first = a_listing("失信被执行人", LISTED, date(2024, 6, 30))
    second = a_listing("失信被执行人", date(2024, 7, 2), date(2024, 9, 30), record="r2")
    assert on(LISTED, first, second)["bidding"].until == date(2024, 6, 30)


def test_ban_ends_where_only_a_restriction_goes_on() -> None:
    banned = a_listing("失信被执行人", LISTED, date(2024, 6, 30))
    weighed = a_listing("严重违法失信名单", LISTED, date(2026, 6, 30), record="r2")
    status = on(LISTED, banned, weighed)["government_procurement"]
    assert (status.status, status.until) == ("banned", date(2024, 6, 30))
    assert [(cause.record, cause.effect) for cause in status.because] == [
        ("r1", "banned"),
        ("r2", "restricted"),
    ]
    after = on(date(2024, 7, 1), banned, weighed)["government_procurement"]
    assert (after.status, after.until) == ("restricted", date(2026, 6, 30))


def test_restriction_counts_on_through_a_later_ban() -> None:
    weighed = a_listing("严重违法失信名单", LISTED, date(2024, 6, 30))
    banned = a_listing("失信被执行人", date(2024, 6, 1), date(2025, 5, 31), record="r2")
    status = on(LISTED, weighed, banned)["government_procurement"]
    assert (status.status, status.until) == ("restricted", date(2025, 5, 31))


def test_several_causes_on_one_day_are_all_told() -> None:
    facts = [
        a_listing("失信被执行人", LISTED),
        a_penalty("罚款、吊销许可证件", LISTED, record="r2", fine=fine("3000000.00")),
    ]
    found = {(cause.record, cause.rule) for cause in on(LISTED, *facts)["government_procurement"].because}
    assert found == {
        ("r1", "procurement-judgment-debtor"),
        ("r2", "procurement-major-penalty"),
        ("r2", "procurement-major-fine"),
    }


def test_sentence_names_the_day_authority_document_and_end() -> None:
    cause = next(c for c in causes(LISTED, a_listing("重大税收违法失信主体", LISTED)))
    assert cause.sentence_zh == (
        "2024年3月1日，示例市场监督管理局将其公布为重大税收违法失信主体（示例〔2024〕1号）。"
        "公布期间，采购人应当拒绝其参加政府采购。期限：最迟到2027年3月1日（含当日）。"
    )
    assert cause.sentence_en.endswith("Until: 2027-03-01 at the latest, that day included.")


def test_sentence_stays_whole_where_the_fact_says_little() -> None:
    fact = Fact(
        "r1", "listing", "示例", None, None, None, {"scheme": "失信被执行人"}, None, None, always(None)
    )
    sentences = {cause.sentence_zh for cause in causes(LISTED, fact)}
    assert all("日期未公布，有关机关将其列为失信被执行人。" in each for each in sentences)
    assert all("截止日期未公布" in each for each in sentences)
    assert all(cause.since is not None for cause in causes(LISTED, fact)), "the basis has a first day"


def test_life_ban_says_so() -> None:
    fact = a_penalty("限制从业", LISTED, basis="《食品安全法》", content="终身禁止从业")
    life = next(c for c in causes(LISTED, fact) if c.rule == "food-practice-life")
    assert (life.effect, life.until) == ("banned", None)
    assert "期限：终身。" in life.sentence_zh


def test_every_rule_has_a_basis_and_a_source_and_a_known_domain() -> None:
    known = {domain.code for domain in DOMAINS}
    for rule in RULES.rules:
        assert rule.basis.strip(), rule.id
        assert rule.source.strip(), rule.id
        assert set(rule.domains) <= known, rule.id
        assert "{until}" in rule.zh, rule.id
        assert "{until}" in rule.en, rule.id
    assert len({rule.id for rule in RULES.rules}) == len(RULES.rules)


def test_every_domain_is_reached_by_a_rule() -> None:
    assert {code for rule in RULES.rules for code in rule.domains} == {domain.code for domain in DOMAINS}


def test_no_rule_uses_the_list_of_abnormal_operation() -> None:
    assert all("经营异常名录" not in rule.trigger.one_of.get("scheme", ()) for rule in RULES.rules)


def test_rules_use_the_register_s_own_words() -> None:
    schemes, penalties = {term.zh for term in SCHEMES}, {term.zh for term in PENALTY_KINDS}
    for rule in RULES.rules:
        assert set(rule.trigger.one_of.get("scheme", ())) <= schemes, rule.id
        assert set(rule.trigger.includes.get("kinds", ())) <= penalties, rule.id


def test_operators_page_explains_every_rule_and_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs" / "restrictions.md").read_text("utf-8")
    table = page.split("## The rules")[1].split("##")[0]
    explained = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert explained == {rule.id for rule in RULES.rules}

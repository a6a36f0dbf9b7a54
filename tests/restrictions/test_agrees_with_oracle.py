"""The evaluator and the day-by-day oracle give the same answer on generated histories."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.restrictions.evaluate import evaluate
from portal.restrictions.facts import Fact
from portal.restrictions.rules import DOMAINS, Duration, Rule, RuleSet, Threshold, Trigger, load_rules
from tests.restrictions.oracle import answer

SHIPPED = load_rules()

# Days lie close together around a 29 February, so that starts, ends, gaps and lapses meet often.
near = st.integers(-6, 12).map(lambda n: date(2024, 2, 29) + timedelta(days=n))
far = st.dates(date(2019, 6, 1), date(2027, 6, 1))
days = st.one_of(near, near, far)
maybe_day = st.one_of(st.none(), days)


@st.composite
def durations(draw: st.DrawFn, kind: str) -> Duration:
    begin = draw(st.sampled_from([None, "decided_on" if kind == "penalty" else "listed_on"]))
    ended_by = draw(st.sampled_from([(), ("repaired_on",), ("repaired_on", "removed_on")]))
    match draw(st.sampled_from(["term", "term", "years", "until", "life"])):
        case "term":
            return Duration(
                "term", begin, None, None, draw(st.one_of(st.none(), st.integers(1, 3))), ended_by
            )
        case "years":
            return Duration("years", begin, None, draw(st.integers(1, 4)), None, ended_by)
        case "until":
            return Duration(
                "until", begin, draw(st.sampled_from(["until", "effective_until"])), None, None, ended_by
            )
        case _:
            return Duration("life", begin, None, None, None, ended_by)


@st.composite
def periods(draw: st.DrawFn) -> tuple[date | None, date | None]:
    first, last = draw(maybe_day), draw(st.one_of(st.none(), maybe_day))
    return (last, first) if first and last and last < first else (first, last)


@st.composite
def some_rules(draw: st.DrawFn) -> RuleSet:
    rules = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["listing", "penalty"]))
        fines = draw(st.lists(periods(), max_size=2)) if kind == "penalty" else []
        trigger = Trigger(
            kind=kind,
            one_of={"scheme": ("甲名单",)} if kind == "listing" and draw(st.booleans()) else {},
            includes={"kinds": ("罚款", "吊销许可证件")} if kind == "penalty" and draw(st.booleans()) else {},
            mentions={"basis": ("食品",)} if draw(st.integers(0, 5)) == 0 else {},
            status=("current",) if draw(st.integers(0, 5)) == 0 else (),
            status_not=("withdrawn",) if draw(st.booleans()) else (),
            fine_at_least=tuple(Threshold(Decimal(100 * n), *period) for n, period in enumerate(fines, 1)),
        )
        valid_from, valid_to = draw(periods())
        duration = draw(durations(kind))
        effect = "banned" if duration.type == "life" or draw(st.booleans()) else "restricted"
        domains = ("bidding",) if number % 2 else ("bidding", "practice")
        rules.append(
            Rule(
                f"rule-{number}", 1, domains, "banned" if effect == "banned" else "restricted", trigger, duration,
                "依据", "来源", True, valid_from, valid_to, "{day}{until}", "{day}{until}",
            )
        )  # fmt: skip
    return RuleSet("generated", tuple(rules))


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    kind = draw(st.sampled_from(["listing", "penalty"]))
    since, until = draw(maybe_day), draw(maybe_day)
    if since and until and until < since:
        since, until = until, since
    values: dict[str, object] = {
        "scheme": draw(st.sampled_from(["甲名单", "乙名单"])),
        "kinds": draw(st.sampled_from(["警告", "罚款、警告", "没收非法财物、吊销许可证件"])),
        "basis": draw(st.sampled_from(["", "食品安全法"])),
        "fine": {
            "value": draw(st.sampled_from(["99.99", "100.00", "250.00"])),
            "currency": draw(st.sampled_from(["CNY", "CNY", "CNY", "USD"])),
        },
    }
    for column in ("listed_on", "decided_on", "until", "effective_until", "removed_on", "repaired_on"):
        if (day := draw(maybe_day)) is not None and draw(st.booleans()):
            values[column] = day.isoformat()
    status = draw(st.sampled_from([None, "current", "withdrawn"]))
    return Fact("", kind, "题名", None, None, None, values, since, until, status)


@st.composite
def real_facts(draw: st.DrawFn) -> Fact:
    """Facts as the shipped rules know them."""
    begin, end, lifted = draw(days), draw(maybe_day), draw(st.one_of(st.none(), maybe_day))
    if end is not None and end < begin:
        begin, end = end, begin
    kind = draw(st.sampled_from(["listing", "penalty", "certificate", "licence"]))
    status = draw(st.sampled_from([None, "withdrawn", "suspended", "revoked"]))
    schemes = [
        "失信被执行人",
        "重大税收违法失信主体",
        "政府采购严重违法失信行为记录名单",
        "严重违法失信名单",
        "经营异常名录",
    ]
    values: dict[str, object] = {
        "category": draw(st.sampled_from(["强制性产品认证", "工业产品生产许可证", "质量管理体系"])),
        "scheme": draw(st.sampled_from(schemes)),
        "kinds": draw(st.sampled_from(["罚款", "罚款、责令停产停业", "吊销许可证件", "限制从业"])),
        "basis": draw(st.sampled_from(["《食品安全法》第一百二十三条", "《产品质量法》"])),
        "content": draw(st.sampled_from(["", "终身"])),
        "fine": {"value": draw(st.sampled_from(["1999999.99", "2000000.00"])), "currency": "CNY"},
        "decided_on": begin.isoformat(),
    }
    for column, day in (
        ("effective_until", end),
        ("valid_until", end),
        ("removed_on", lifted),
        ("repaired_on", lifted),
    ):
        if day is not None:
            values[column] = day.isoformat()
    return Fact("", kind, "题名", None, None, None, values, begin, end, status)


def named(found: list[Fact]) -> list[Fact]:
    return [
        Fact(f"r{n}", f.kind, f.title, None, None, None, f.values, f.since, f.until, f.status)
        for n, f in enumerate(found)
    ]


def check(found: list[Fact], rules: RuleSet, as_of: date) -> None:
    history = named(found)
    for status in evaluate(history, rules, as_of):
        expected = answer(history, rules.rules, as_of, status.code)
        assert (status.status, status.until) == (expected.status, expected.until), status
        causes = {(cause.record, cause.rule, cause.since, cause.until) for cause in status.because}
        assert causes == expected.because
        assert len(causes) == len(status.because)


quick = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(quick, max_examples=2000)
@given(st.lists(facts(), max_size=4), some_rules(), st.one_of(near, near, far))
def test_any_history_under_any_rules_gets_the_status_that_counting_days_gives(
    found: list[Fact], rules: RuleSet, as_of: date
) -> None:
    check(found, rules, as_of)


@settings(quick, max_examples=400)
@given(st.lists(real_facts(), min_size=1, max_size=4), st.one_of(near, far))
def test_any_history_under_the_shipped_rules_gets_the_status_that_counting_days_gives(
    found: list[Fact], as_of: date
) -> None:
    check(found, SHIPPED, as_of)


def test_domains_come_in_the_order_of_the_api() -> None:
    assert [status.code for status in evaluate([], SHIPPED, date(2026, 3, 1))] == [
        domain.code for domain in DOMAINS
    ]

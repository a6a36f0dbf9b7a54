"""Merged, divided and dissolved bidders: pointed out by what their records say, restricted through a predecessor only where a rule says so."""

from typing import Any

import pytest

from indexer.identifiers import parse_codes
from indexer.kinds import kinds
from indexer.register.sweeping import subject_records
from portal.checks.checking import check
from portal.checks.model import Bidder, BidderResult, Request
from portal.checks.plain import as_json
from portal.restrictions.branches import NOBODY, followed
from portal.restrictions.preview import kinds_asked, preview
from portal.restrictions.rules import RuleSet, read_rules, rules_file
from portal.restrictions.status import domains
from portal.restrictions.writing import plain_rules, with_rule
from tests.checks.conftest import RULES, Office
from tests.checks.test_whole_checks import BLACK
from tests.register.conftest import START, row, uscc
from tests.register.statements import statements

OLD, NEW, OTHER, NAMESAKE = uscc(1), uscc(2), uscc(3), uscc(4)
RULE = "bidding-serious-violation"
_rule = next(each for each in plain_rules(rules_file()) if each["id"] == RULE)
FOLLOWING = read_rules(with_rule(rules_file(), RULE, _rule | {"successors": True}))


@pytest.fixture
def merged(office: Office) -> Office:
    """One that was listed and deregistered since, who took it over with another, and one that has its name alone."""
    firms: Any = [
        row(
            1,
            "示例恒达仪表有限公司",
            OLD,
            status="cancelled",
            status_changed_on="2026-02-01",
            successor_codes=NEW,
        ),
        row(2, "示例恒达仪表集团有限公司", NEW, predecessor_codes=f"{OLD}、{OTHER}"),
        row(4, "示例恒达仪表有限公司", NAMESAKE, former_names="示例恒达仪表有限公司"),
    ]
    assert office.desk.publish("enterprise", firms) == []
    office.desk.publish("listing", [row(1, "示例恒达仪表有限公司", OLD, **BLACK)])
    return office


def ask(office: Office, rules: RuleSet, *codes: str) -> list[BidderResult]:
    request = Request(office.desk.clock.today(), tuple(Bidder(n, code) for n, code in enumerate(codes, 1)))
    return list(check(office.desk.register, office.search, rules, request).bidders)


def notes(result: BidderResult) -> dict[str, str]:
    return {note.code: note.zh for note in result.match.notes}


def test_a_dissolved_bidder_is_pointed_out_with_who_took_it_over(merged: Office) -> None:
    [old] = ask(merged, RULES, OLD)
    told = notes(old)
    assert "自 2026-02-01 起" in told["subject-cancelled"]
    assert NEW in told["subject-succeeded"] and "本行仍按所填主体核查" in told["subject-succeeded"]
    assert old.match.code == OLD


def test_a_successor_says_whom_it_came_from_and_by_the_shipped_rules_is_clear(merged: Office) -> None:
    [new] = ask(merged, RULES, NEW)
    assert OLD in notes(new)["subject-succeeds"]
    assert new.restricted is False


def test_a_predecessor_restricts_by_the_rules_that_say_so_and_never_by_its_name(merged: Office) -> None:
    new, namesake = ask(merged, FOLLOWING, NEW, NAMESAKE)
    found = {cause.rule for domain in new.domains for cause in domain.because}
    assert found == {RULE} and namesake.restricted is False
    cause = next(cause for domain in new.domains for cause in domain.because)
    assert cause.predecessor is not None and cause.predecessor.code == OLD and cause.parent is None
    assert cause.sentence_zh.startswith("合并、分立前的主体“示例恒达仪表有限公司”：")
    assert cause.sentence_en.startswith("Its predecessor 示例恒达仪表有限公司: ")


def test_asked_alone_and_in_a_preview_the_successor_has_the_same_status(merged: Office) -> None:
    register, day = merged.desk.register, merged.desk.clock.today()
    [file] = register.credit_file(parse_codes(NEW), day)
    alone = domains(file.records, FOLLOWING, day, followed(register, file.records, FOLLOWING, day))
    [new] = ask(merged, FOLLOWING, NEW)
    assert [(each.code, each.status, each.until) for each in alone] == [
        (each.code, each.status, each.until) for each in new.domains
    ]
    *_, found = preview(
        register, subject_records(register, kinds_asked(RULES, FOLLOWING), day), RULES, FOLLOWING, day, 10
    )
    assert found.enterprises == {"restricted": 1}
    assert {change.code for change in found.listed} == {NEW}


def test_nobody_is_read_for_whom_no_rule_asks(merged: Office) -> None:
    register = merged.desk.register
    [file] = register.credit_file(parse_codes(NEW))
    with statements(register.engine) as seen:
        assert followed(register, file.records, RULES) is NOBODY
    assert seen == []


def test_the_filed_result_names_the_predecessor(merged: Office) -> None:
    request = Request(merged.desk.clock.today(), (Bidder(1, NEW),), domains=("bidding",))
    [bidder] = as_json(check(merged.desk.register, merged.search, FOLLOWING, request))["bidders"]
    [cause] = bidder["domains"][0]["because"]
    assert cause["predecessor"] == {"code": OLD, "name": "示例恒达仪表有限公司"} and cause["parent"] is None


@pytest.mark.parametrize("column", ["predecessor_codes", "successor_codes"])
@pytest.mark.parametrize("said", ["91329900PDY0010127", f"{OLD}、示例", OTHER, f"{OLD}、{OTHER}", "、"])
def test_codes_that_are_not_sound_or_its_own_are_refused(column: str, said: str) -> None:
    values: Any = {"uscc": OTHER, "name": "示例恒达仪表集团有限公司", column: said}
    [problem] = kinds()["enterprise"].check(values, START.date())
    assert problem.column in ("合并、分立前主体统一社会信用代码", "承继主体统一社会信用代码")


def test_several_codes_are_kept_clean(merged: Office) -> None:
    values: Any = {"uscc": NEW, "name": "示例", "predecessor_codes": f" {OLD.lower()}；{OTHER}，{OLD}"}
    assert list(kinds()["enterprise"].check(values, START.date())) == []
    assert values["predecessor_codes"] == f"{OLD}、{OTHER}"

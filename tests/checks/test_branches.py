"""A branch follows the enterprise that its own record names, by the rules that say so; a name alone restricts nobody."""

from pathlib import Path
from typing import Any

import pytest

from indexer.identifiers import parse_codes
from indexer.kinds import kinds
from indexer.register.sweeping import subject_records
from portal.checks.checking import check
from portal.checks.model import Bidder, BidderResult, Request
from portal.checks.paper import parent_note
from portal.checks.plain import BidderWriter, as_json
from portal.restrictions.branches import followed
from portal.restrictions.evaluate import DomainStatus
from portal.restrictions.preview import kinds_asked, preview
from portal.restrictions.rules import SHIPPED, RuleSet, load_rules
from portal.restrictions.status import domains
from tests.checks.conftest import RULES, Office
from tests.checks.test_whole_checks import BLACK
from tests.register.conftest import START, row, uscc

PARENT, BRANCH, NAMESAKE = uscc(1), uscc(2), uscc(3)
RULE = "bidding-serious-violation"


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """The shipped rules, of which one restricts branches too."""
    path: Path = tmp_path_factory.mktemp("rules") / "rules.toml"
    text = SHIPPED.read_text("utf-8")
    path.write_text(text.replace(f'id = "{RULE}"\n', f'id = "{RULE}"\nbranches = true\n'), "utf-8")
    return load_rules(path)


@pytest.fixture
def family(office: Office) -> Office:
    """A parent on a black list, a branch whose record names it, and one that has only the name of a branch."""
    firms: Any = [
        row(1, "示例恒达仪表有限公司", PARENT),
        row(2, "示例恒达仪表有限公司苏州分公司", BRANCH, parent_code=PARENT),
        row(3, "示例恒达仪表有限公司无锡分公司", NAMESAKE),
    ]
    office.desk.publish("enterprise", firms)
    office.desk.publish("listing", [row(1, "示例恒达仪表有限公司", PARENT, **BLACK)])
    return office


def ask(office: Office, rules: RuleSet, *codes: str) -> list[BidderResult]:
    request = Request(office.desk.clock.today(), tuple(Bidder(n, code) for n, code in enumerate(codes, 1)))
    return list(check(office.desk.register, office.search, rules, request).bidders)


def told(domain: DomainStatus) -> tuple[object, ...]:
    return domain.code, domain.status, domain.until, [cause.sentence_zh for cause in domain.because]


def rules_of(result: BidderResult) -> set[str]:
    return {cause.rule for domain in result.domains for cause in domain.because}


def test_a_branch_follows_its_parent_by_the_rules_that_say_so_and_by_no_other(
    family: Office, following: RuleSet
) -> None:
    parent, branch, namesake = ask(family, following, PARENT, BRANCH, NAMESAKE)
    assert len(rules_of(parent)) > 1
    assert rules_of(branch) == {RULE}
    assert branch.restricted and namesake.restricted is False
    bidding = next(domain for domain in branch.domains if domain.code == "bidding")
    [cause] = bidding.because
    assert cause.parent is not None and cause.parent.code == PARENT
    assert cause.sentence_zh.startswith("所隶属的企业“示例恒达仪表有限公司”：")
    assert cause.sentence_en.startswith("Its parent 示例恒达仪表有限公司: ")
    assert branch.parent is not None and branch.parent.stated
    assert namesake.parent is not None and not namesake.parent.stated


def test_by_the_shipped_rules_no_branch_follows(family: Office) -> None:
    [branch] = ask(family, RULES, BRANCH)
    assert branch.restricted is False
    assert branch.parent is not None and any(each.status != "clear" for each in branch.parent.domains)


def test_asked_alone_the_branch_has_the_same_status(family: Office, following: RuleSet) -> None:
    [branch] = ask(family, following, BRANCH)
    register, day = family.desk.register, family.desk.clock.today()
    [file] = register.credit_file(parse_codes(BRANCH), day)
    alone = domains(file.records, following, day, followed(register, file.records, following, day))
    assert list(map(told, alone)) == list(map(told, branch.domains))
    assert any(domain.because for domain in alone)


def test_a_parent_that_is_not_on_file_restricts_nobody_and_nothing_fails(
    office: Office, following: RuleSet
) -> None:
    office.desk.publish("enterprise", [row(2, "示例恒达仪表有限公司苏州分公司", BRANCH, parent_code=PARENT)])
    [branch] = ask(office, following, BRANCH)
    assert branch.restricted is False and branch.parent is None


def test_parent_and_branch_among_the_bidders_are_tied_by_what_is_registered(family: Office) -> None:
    request = Request(family.desk.clock.today(), (Bidder(1, BRANCH), Bidder(2, PARENT), Bidder(3, NAMESAKE)))
    result = check(family.desk.register, family.search, RULES, request)
    ties = [tie for tie in as_json(result)["ties"] if tie["code"] == "parent_and_branch"]
    assert [(tie["value"], tie["rows"]) for tie in ties] == [
        (PARENT, [1, 2]),
        ("示例恒达仪表有限公司", [2, 3]),
    ]


def test_a_preview_counts_the_branches_that_a_change_would_restrict(
    family: Office, following: RuleSet
) -> None:
    register, day = family.desk.register, family.desk.clock.today()
    records = subject_records(register, kinds_asked(RULES, following), day)
    *_, found = preview(register, records, RULES, following, day, 10)
    assert found.enterprises == {"restricted": 1}
    assert {change.code for change in found.listed} == {BRANCH}


@pytest.mark.parametrize("parent", ["91329900PDY0010127", "示例", uscc(2)])
def test_a_parent_that_is_no_sound_code_or_the_branch_itself_is_refused(parent: str) -> None:
    values: Any = {"uscc": uscc(2), "name": "示例恒达仪表有限公司苏州分公司", "parent_code": parent}
    [problem] = kinds()["enterprise"].check(values, START.date())
    assert problem.column == "隶属企业统一社会信用代码"


def test_page_and_paper_say_whose_branch_it_is_and_where_that_enterprise_is_restricted(
    family: Office,
) -> None:
    writer = BidderWriter()
    branch, namesake = (writer.plain(each) for each in ask(family, RULES, BRANCH, NAMESAKE))
    told, named = parent_note(branch["parent"]), parent_note(namesake["parent"])
    assert told["zh"].startswith("登记的隶属企业是 示例恒达仪表有限公司；该企业在这些领域受限：行政许可、")
    assert told["en"].startswith("By its record a branch of 示例恒达仪表有限公司, which is restricted in: ")
    assert named["zh"].startswith("从名称看是 示例恒达仪表有限公司 的分支机构；")
    del namesake["parent"]["stated"]  # as in a receipt of before
    namesake["parent"]["domains"] = []
    assert parent_note(namesake["parent"])["zh"].endswith("；该企业未见限制。")

"""What is held about a subject: all of it, with why it is public or not; and what even the subject is not told."""

from datetime import date

from indexer.identifiers import parse_codes
from indexer.kinds.base import Value
from indexer.register.database import filing
from indexer.register.held import ENDED, PUBLIC, TAKEN_DOWN
from indexer.register.holding import Holding, held_about
from indexer.register.repairing import set_repaired
from indexer.register.withdrawing import withdraw
from indexer.rules.repair import Missing
from tests.register.conftest import Desk, row, uscc

FIRM, CODE = "示例甲有限公司", uscc(1)
TODAY = date(2026, 3, 2)


def penalty(number: int, **values: Value) -> dict[str, Value]:
    usual: dict[str, Value] = {
        "document_number": f"示例〔2026〕{number}号",
        "cause": "虚假宣传",
        "kinds": "罚款",
        "decided_on": "2026-02-02",
        "subject_kind": "organisation",
    }
    return usual | values


def publish(desk: Desk, kind: str, *rows: dict[str, Value], code: str = CODE) -> None:
    drafts = [row(at, FIRM, code, digest=None, **values) for at, values in enumerate(rows, 2)]
    assert desk.publish(kind, drafts) == []


def held(desk: Desk, code: str = CODE) -> Holding:
    found = held_about(desk.register, parse_codes(code))
    assert found is not None
    return found


def standings(desk: Desk, code: str = CODE) -> dict[object, str]:
    return {
        each.content.values.get("document_number") if each.content else None: each.standing
        for each in held(desk, code).records
    }


def test_every_record_is_there_with_why_it_is_public_or_not(desk: Desk) -> None:
    publish(
        desk,
        "penalty",
        penalty(1),
        penalty(2, kinds="警告"),
        penalty(3, repaired_on="2026-02-20"),
        penalty(4, public_until="2026-03-01"),
        penalty(5, status="withdrawn"),
        penalty(6, public_until="2026-03-02"),
    )
    assert standings(desk) == {
        "示例〔2026〕1号": PUBLIC,
        "示例〔2026〕2号": "warning-only",
        "示例〔2026〕3号": "repaired",
        "示例〔2026〕4号": ENDED,
        "示例〔2026〕5号": "withdrawn-by-authority",
        "示例〔2026〕6号": PUBLIC,
    }


def test_nothing_is_held_about_an_unknown_subject(desk: Desk) -> None:
    assert held_about(desk.register, parse_codes(CODE)) is None


def test_versions_say_from_which_source_file_and_line(desk: Desk) -> None:
    publish(desk, "penalty", penalty(9), penalty(1))
    publish(desk, "penalty", penalty(1, content="罚款八万元"))
    [record] = [each for each in held(desk).records if len(each.versions) == 2]
    first, second = record.versions
    assert (first.batch, first.path, first.line, first.change, first.action) == (
        1,
        "test.csv",
        3,
        "published",
        "ingest",
    )
    assert (second.batch, second.line, second.change) == (2, 2, "changed")
    assert first.superseded_at == second.recorded_at
    assert first.said is not None and second.said is not None
    assert "content" not in first.said.values and second.said.values["content"] == "罚款八万元"


def test_of_what_was_taken_back_and_of_natural_persons_it_only_says_that_it_was(desk: Desk) -> None:
    publish(desk, "penalty", penalty(1, subject_kind="natural_person"))
    publish(desk, "penalty", penalty(2))
    withdraw(desk.engine, desk.clock, 2, "报送有误")
    found = {each.standing: each for each in held(desk).records}
    assert set(found) == {"natural-person", TAKEN_DOWN}
    assert all(each.content is None for each in found.values())
    assert all(version.said is None for each in found.values() for version in each.versions)
    assert found[TAKEN_DOWN].versions[-1].reason == "报送有误"


def test_a_sole_trader_reads_what_is_held_about_itself(desk: Desk) -> None:
    trader = "92" + CODE[2:]
    publish(desk, "penalty", penalty(1, subject_kind="natural_person"), code=trader)
    assert standings(desk, trader) == {"示例〔2026〕1号": "natural-person"}


def test_a_subject_reads_its_own_people_and_never_the_risk_class_informers_or_numbers(desk: Desk) -> None:
    publish(
        desk,
        "listing",
        {
            "list": "black",
            "scheme": "严重违法失信名单",
            "listed_on": "2026-02-02",
            "legal_representative": "张小明",
            "reason": "消费者电话13812341234",
            "risk_class": "D",
            "informer": "李四",
            "id_number": "11010519491231002X",
            "subject_kind": "organisation",
        },
    )
    [record] = held(desk).records
    assert record.content is not None
    assert record.content.values["legal_representative"] == "张小明"
    assert record.content.values["reason"] == "消费者电话138****1234"
    assert not {"risk_class", "informer", "id_number"} & record.content.values.keys()


def test_what_a_repair_needs_is_read_from_everything_that_is_held(desk: Desk) -> None:
    publish(desk, "penalty", penalty(1, decided_on="2025-08-01", severity="general"))
    [record] = held(desk).records
    assert held(desk).missing(record, TODAY) == (Missing("correction"), Missing("promise"))
    publish(desk, "declaration", {"kind": "质量承诺", "title": "信用承诺书", "declared_on": "2026-03-01"})
    found = held(desk)
    assert found.promised_on == date(2026, 3, 1)
    assert found.missing(record, TODAY) == (Missing("correction"),)
    assert found.missing(record, TODAY, corrected_on=date(2025, 9, 1)) == ()
    publish(desk, "penalty", penalty(2, kinds="吊销许可证件"))
    assert held(desk).serious_on == date(2026, 2, 2)


def test_a_repaired_record_stays_held(desk: Desk) -> None:
    publish(desk, "penalty", penalty(1))
    [record] = held(desk).records
    with filing(desk.engine, 1) as connection:
        set_repaired(connection, desk.clock, record.id, "准予修复")
    [after] = held(desk).records
    assert (after.id, after.standing) == (record.id, "repaired")
    assert [version.action for version in after.versions] == ["ingest", "repair"]
    assert after.versions[-1].reason == "准予修复"
    assert after.repair is not None and after.repair.bar == "repaired"

"""What partners deliver: taken once and in order, only of their own region and authorities, and each row that is not taken named with its reason."""

from pathlib import Path
from typing import Any

import pytest

from indexer.accounts.audit import Question, search
from indexer.clock import day_of
from indexer.exchange.partners import Partner
from indexer.exchange.quality import quality
from tests.exchange.conftest import AUTHORITY, Office, penalty
from tests.exchange.sending import answer, put_delivery
from tests.register.conftest import uscc

COUNTY = Partner(
    title="示例县市场监督管理局",
    level="county",
    region="320583",
    way="folder",
    address="/nowhere",
    agency="示例县市场监督管理局",
    sends=("penalty",),
    trusted=True,
)


@pytest.fixture
def county(office: Office, drop: Path) -> Office:
    """An office to which a trusted county delivers by the folder `drop`."""
    office.enter("county", COUNTY.model_copy(update={"address": str(drop)}))
    return office


def change(office: Office, drop: Path, **values: Any) -> None:
    office.enter("county", COUNTY.model_copy(update={"address": str(drop)} | values))


def test_rows_from_elsewhere_are_rejected_with_their_line_and_reason(county: Office, drop: Path) -> None:
    rows = [penalty(1), penalty(2, region="320500"), penalty(3, region="310101"), penalty(4, fine="viel")]
    put_delivery(drop, {"penalty": rows})
    county.exchange.run()
    said = answer(drop)
    assert said is not None and (said["status"], said["accepted"], said["rejected"]) == ("partial", 1, 3)
    published = search(county.engine, Question(act="batch-published"), 5)
    assert [each.after for each in published] == ["partner:county"]
    named = {row["line"]: row["faults"][0] for row in said["rejected_rows"]}
    assert named[3]["column"] == named[4]["column"] == "行政区划" and "辖区" in named[3]["message"]
    assert named[5]["column"] == "罚款金额"
    assert len(county.public()) == 1


def test_decisions_of_other_authorities_are_rejected_where_they_are_named(county: Office, drop: Path) -> None:
    change(county, drop, authorities=(AUTHORITY,))
    rows = [penalty(1), penalty(2, authority="别处机关", authority_code=uscc(901))]
    put_delivery(drop, {"penalty": rows})
    county.exchange.run()
    said = answer(drop)
    assert said is not None and said["rejected"] == 1
    assert said["rejected_rows"][0]["faults"][0]["column"] == "机关"


def test_a_gap_is_reported_and_closed_when_the_missing_one_comes(county: Office, drop: Path) -> None:
    put_delivery(drop, {"penalty": [penalty(2)]}, sequence=2)
    for _ in range(3):
        county.exchange.run()
    said = answer(drop, sequence=2)
    assert said is not None and (said["status"], said["expected"]) == ("refused", "1-000001")
    assert county.events("county").count("<gap") == 1  # reported, and once
    put_delivery(drop, {"penalty": [penalty(1)]})
    county.exchange.run()
    assert len(county.public()) == 2
    said = answer(drop, sequence=2)
    assert said is not None and said["status"] == "accepted"


def test_a_file_that_is_not_what_the_manifest_says_is_refused_until_it_is(county: Office, drop: Path) -> None:
    folder = put_delivery(drop, {"penalty": [penalty(1)]})
    good = (folder / "penalty.csv").read_bytes()
    (folder / "penalty.csv").write_bytes(good[:-3] + b"X\r\n")
    county.exchange.run()
    said = answer(drop)
    assert said is not None and said["status"] == "refused" and "SHA-256" in said["message"]
    assert county.public() == {}
    (folder / "penalty.csv").write_bytes(good)
    county.exchange.run()
    assert len(county.public()) == 1


def test_another_content_under_a_number_that_was_taken_is_noticed_and_not_taken(
    county: Office, drop: Path
) -> None:
    put_delivery(drop, {"penalty": [penalty(1)]})
    county.exchange.run()
    put_delivery(drop, {"penalty": [penalty(2)]})
    county.exchange.run()
    county.exchange.run()
    assert county.events("county").count("<refused") == 1
    assert len(county.public()) == 1


def test_the_same_content_under_another_number_is_recognised_and_changes_nothing(
    county: Office, drop: Path
) -> None:
    put_delivery(drop, {"penalty": [penalty(1)]})
    put_delivery(drop, {"penalty": [penalty(1)]}, sequence=2)
    county.exchange.run()
    assert "<again" in county.events("county")
    assert [each.unchanged for each in county.receipts()] == [0, 1]


def test_a_partner_takes_back_what_it_delivered_and_nothing_else(county: Office, drop: Path) -> None:
    county.take_in(penalty(9, firm=9))
    put_delivery(drop, {"penalty": [penalty(1)]})
    county.exchange.run()
    removals = [
        f"penalty,{uscc(1)},示市监罚〔2026〕1号,repaired,信用修复",
        f"penalty,{uscc(9)},示市监罚〔2026〕9号,repaired,信用修复",
    ]
    put_delivery(drop, {"removals": removals}, sequence=2)
    county.exchange.run()
    said = answer(drop, sequence=2)
    assert said is not None and (said["status"], said["rejected"]) == ("partial", 1)
    assert said["rejected_rows"][0]["line"] == 3
    assert [each[2] for each in county.public().values()] == [uscc(9)]


def test_an_untrusted_partner_goes_by_the_desk_and_hears_when_people_decided(
    county: Office, drop: Path
) -> None:
    change(county, drop, trusted=False)
    put_delivery(drop, {"penalty": [penalty(1), penalty(2, region="310101")]})
    county.exchange.run()
    said = answer(drop)
    assert said is not None and said["status"] == "pending"
    assert county.public() == {}
    county.exchange.settler.giver.desk.worker.work()  # the preview
    county.exchange.run()  # handed in
    county.approve_all()
    county.exchange.run()
    said = answer(drop)
    assert said is not None and (said["status"], said["accepted"], said["rejected"]) == ("partial", 1, 1)
    assert len(county.public()) == 1
    assert county.events("county") == ["<arrived", "<given", "<settled"]


def test_what_the_desk_sends_back_is_told_to_the_partner_with_the_reason(county: Office, drop: Path) -> None:
    from indexer.desk.submissions import State

    change(county, drop, trusted=False)
    put_delivery(drop, {"penalty": [penalty(1)]})
    desk = county.exchange.settler.giver.desk
    county.exchange.run()
    desk.worker.work()
    county.exchange.run()
    [waiting] = desk.submissions.in_states((State.SUBMITTED,))
    desk.submissions.send_back(county.reviewer, waiting.id, "金额与决定书不符")
    county.exchange.run()
    said = answer(drop)
    assert said is not None and said["status"] == "refused" and "金额与决定书不符" in said["message"]


def test_the_quality_of_deliveries_is_summed_up(county: Office, drop: Path) -> None:
    put_delivery(
        drop, {"penalty": [penalty(1), penalty(2, decided="2026-04-01"), penalty(3, region="310101")]}
    )
    county.exchange.run()
    county.wait(hours=1)
    put_delivery(drop, {"penalty": [penalty(1, fine="3"), penalty(2, decided="2026-04-01")]}, sequence=2)
    county.exchange.run()
    today = day_of(county.clock.now())
    found = quality(county.engine, county.partner("county").id, today, today)
    assert (found.deliveries, found.rows, found.rejected) == (2, 5, 1)
    assert (found.added, found.changed, found.unchanged) == (2, 1, 1)
    assert found.late == 4 and found.latest_by > 40  # 1 June is the eighth work day after 20 May
    assert list(found.reasons) == ["行政区划：记录的行政区划不在报送单位的辖区内，请由所在地报送。"]

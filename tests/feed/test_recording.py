"""A change is told exactly when the public form of a record is another than what was told last."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from indexer.errors import InvalidParameter
from indexer.feed import recording
from indexer.feed.forms import digest_of
from indexer.feed.models import Change
from indexer.feed.positions import Position, PositionGone
from indexer.feed.recording import recheck, record, restart
from indexer.register.database import writing
from indexer.register.disputes import end_dispute, open_dispute
from indexer.register.models import Batch
from indexer.register.repairing import set_repaired, take_back_repair
from indexer.register.withdrawing import withdraw
from tests.feed.conftest import Mirror, Room
from tests.register.conftest import row, uscc

BOTH = pytest.mark.parametrize("room", ["sqlite", "postgresql"], indirect=True)
FIRM = "示例甲有限公司"
PENALTY: Any = {
    "document_number": "示例〔2026〕1号",
    "cause": "示例",
    "kinds": "罚款",
    "decided_on": "2026-01-10",
}


def certificate(number: str, **values: Any) -> Any:
    return row(2, FIRM, uscc(1), number=number, **values)


def the_record(room: Room) -> str:
    [identity] = room.public()
    return identity


def penalty(room: Room) -> str:
    """A penalty that is shown, and told."""
    given = PENALTY | {"subject_kind": "法人及非法人组织", "content": "罚款", "fine": "500000"}
    assert room.publish("penalty", [row(2, FIRM, uscc(1), **given)]) == []
    assert [what for what, _ in room.told()] == ["added"]
    return the_record(room)


@BOTH
def test_what_stands_at_the_beginning_is_told_as_added_in_the_order_of_recording(room: Room) -> None:
    room.publish("certificate", [certificate(f"示例-{at}") for at in range(5)])
    room.publish("brand", [row(2, FIRM, uscc(1), title="示例精品", level="省级")])
    assert [what for what, _ in room.told()] == ["added"] * 6
    assert room.mirror.numbers == [1, 2, 3, 4, 5, 6]
    assert room.mirror.held == room.public() and len(room.public()) == 6


def test_nothing_is_told_twice_and_nothing_that_did_not_change(room: Room) -> None:
    room.publish("certificate", [certificate("示例-1"), certificate("示例-2")])
    assert len(room.told()) == 2
    assert room.told() == []
    room.publish("certificate", [certificate("示例-1"), certificate("示例-2")])
    assert room.told() == []


@BOTH
def test_changes_withdrawals_and_what_comes_back_are_told(room: Room) -> None:
    room.publish("certificate", [certificate("示例-1", scope="一")])
    room.told()
    room.publish("certificate", [certificate("示例-1", scope="一、二")])
    assert [what for what, _ in room.told()] == ["changed"]
    with room.engine.connect() as connection:
        first, second = connection.scalars(select(Batch.id).order_by(Batch.id))
    room.clock.instant += timedelta(hours=1)
    withdraw(room.engine, room.clock, second, "有误")
    assert [what for what, _ in room.told()] == ["changed"]
    assert room.mirror.held == room.public()
    withdraw(room.engine, room.clock, first, "有误")
    assert room.told() == [("removed", None)]
    assert room.mirror.held == {} == room.public()
    room.publish("certificate", [certificate("示例-1", scope="三")])
    assert [what for what, _ in room.told()] == ["added"]
    assert room.mirror.held == room.public()


def test_repair_ends_it_and_a_repair_taken_back_begins_it_again(room: Room) -> None:
    identity = penalty(room)
    with writing(room.engine) as connection:
        set_repaired(connection, room.clock, identity, "已修复")
    assert room.told() == [("removed", None)]
    room.clock.instant += timedelta(hours=1)
    with writing(room.engine) as connection:
        take_back_repair(connection, room.clock, identity, "承诺不实")
    assert [what for what, _ in room.told()] == ["added"]
    assert room.mirror.held == room.public()


@BOTH
def test_the_calendar_alone_changes_states_and_ends_publicity(room: Room) -> None:
    lasting = {"issued_on": "2026-01-01", "valid_from": "2026-01-01"}
    room.publish("certificate", [certificate("示例-1", valid_until="2026-03-04", **lasting)])
    room.told()
    assert [each.status for each in room.mirror.held.values()] == ["valid"]
    room.clock.instant += timedelta(days=2)  # 4 March, its last day
    assert room.told() == []
    room.clock.instant += timedelta(days=1)
    assert [what for what, _ in room.told()] == ["changed"]
    assert [each.status for each in room.mirror.held.values()] == ["expired"]
    assert room.mirror.held == room.public()


def test_what_the_end_of_its_publicity_hides_is_told_on_the_day_after(room: Room) -> None:
    penalty(room)
    [shown] = room.public().values()
    assert shown.public_until is not None
    days = (shown.public_until - room.clock.today()).days
    room.clock.instant += timedelta(days=days)
    assert room.told() == []
    room.clock.instant += timedelta(days=1)
    assert room.told() == [("removed", None)]
    assert room.public() == {}


@BOTH
def test_days_on_which_nobody_recorded_are_caught_up_in_one_go(room: Room) -> None:
    room.publish(
        "certificate", [certificate(f"示例-{at}", valid_until=f"2026-03-{at:02d}") for at in range(4, 29)]
    )
    room.told()
    room.clock.instant += timedelta(days=200)
    assert [what for what, _ in room.told()] == ["changed"] * 25
    assert room.mirror.held == room.public()


@BOTH
def test_an_objection_is_told_when_it_opens_and_when_it_ends(room: Room) -> None:
    identity = penalty(room)
    with writing(room.engine) as connection:
        open_dispute(connection, identity, room.clock.now())
    assert [what for what, _ in room.told()] == ["changed"]
    assert room.mirror.held[identity].disputed == date(2026, 3, 2)
    with writing(room.engine) as connection:
        end_dispute(connection, identity, room.clock.now(), "rejected", "不成立")
    assert [what for what, _ in room.told()] == ["changed"]
    assert room.mirror.held == room.public()


def test_an_objection_that_was_opened_and_ended_unseen_by_the_recorder_leaves_no_mark_in_a_mirror(
    room: Room,
) -> None:
    identity = penalty(room)
    room.publish("brand", [row(2, FIRM, uscc(1), title="示例精品", level="省级")])
    record(room.register)
    slow = Mirror(room.feed)
    with writing(room.engine) as connection:
        open_dispute(connection, identity, room.clock.now())
    slow.read()  # sees the mark, which nobody has told
    assert slow.held[identity].disputed is not None
    with writing(room.engine) as connection:
        end_dispute(connection, identity, room.clock.now(), "rejected", None)
    record(room.register)
    slow.read()
    assert slow.held == room.public()


@BOTH
def test_a_code_that_a_subject_completes_changes_its_earlier_records(room: Room) -> None:
    code = uscc(1)
    room.publish("certificate", [row(2, FIRM, code[8:17], number="示例-1")])
    room.told()
    assert [each.subject.uscc for each in room.mirror.held.values() if each.subject] == [None]
    room.publish("brand", [row(2, FIRM, code, title="示例精品", level="省级")])
    assert sorted(what for what, _ in room.told()) == ["added", "changed"]
    assert room.mirror.held == room.public()


def test_persons_are_not_in_the_feed(room: Room) -> None:
    person = {"person": "张示例", "qualification": "示例员", "certificate_number": "示例-1"}
    assert room.publish("practitioner", [row(2, FIRM, uscc(1), **person)]) == []
    assert [each.kind.name for each in room.register.records_from("0", "g")] == ["practitioner"]
    assert room.told() == []
    with pytest.raises(InvalidParameter, match="从业人员"):
        room.feed.since(None, 10, "practitioner")


def test_what_is_hidden_since_it_was_told_is_shown_by_no_change_of_the_past(room: Room) -> None:
    identity = penalty(room)
    with writing(room.engine) as connection:
        set_repaired(connection, room.clock, identity, "已修复")
    # The recorder has not seen it yet.
    assert [(each.what, each.record) for each in Mirror(room.feed).read()] == [("removed", None)]


def test_a_mirror_of_one_kind_gets_all_of_it_also_its_end(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.feed.reading.LOOKED_AT", 7)
    mirror = Mirror(room.feed, "brand")
    room.publish("certificate", [certificate(f"示例-{at}") for at in range(30)])
    room.publish("brand", [row(at, FIRM, uscc(1), title=f"示例精品{at}", level="省级") for at in range(3)])
    record(room.register)
    assert [entry.what for entry in mirror.read(2)] == ["added"] * 3
    with room.engine.connect() as connection:
        last = connection.scalars(select(Batch.id).order_by(Batch.id.desc())).first()
    withdraw(room.engine, room.clock, last or 0, "有误")
    record(room.register)
    assert [entry.what for entry in mirror.read(2)] == ["removed"] * 3
    assert mirror.read() == []


@BOTH
def test_catching_up_goes_in_turns(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "AT_ONCE", 7)
    room.publish("certificate", [certificate(f"示例-{at}") for at in range(40)])
    assert len(room.told()) == 40
    room.publish("certificate", [certificate(f"示例-{at}", scope="新") for at in range(40)])
    assert [what for what, _ in room.told()] == ["changed"] * 40
    assert room.mirror.numbers == list(range(1, 81))
    assert room.mirror.held == room.public()


@BOTH
def test_old_changes_are_thinned_to_what_still_counts(room: Room) -> None:
    room.publish("certificate", [certificate("示例-1"), certificate("示例-2")])
    room.told()
    [gone] = [each.id for each in room.public().values() if each.number == "示例-2"]
    early = room.mirror.position
    room.publish("certificate", [certificate("示例-1", scope="新")])
    room.told()
    with room.engine.connect() as connection:
        first, _ = connection.scalars(select(Batch.id).order_by(Batch.id))
    withdraw(room.engine, room.clock, first, "有误")
    assert [what for what, _ in room.told()] == ["removed"]
    room.clock.instant += timedelta(days=220)
    record(room.register)
    with room.engine.connect() as connection:
        assert list(connection.scalars(select(Change.number))) == [3]
    with pytest.raises(PositionGone):
        room.feed.since(early, 10)
    assert gone not in room.mirror.held and room.mirror.read() == []
    new = Mirror(room.feed)
    new.read()
    assert new.held == room.public() and len(new.held) == 1
    # What is overtaken behind the thinned place goes at once.
    room.publish("certificate", [certificate("示例-1", scope="更新")])
    assert [what for what, _ in room.told()] == ["changed"]
    with room.engine.connect() as connection:
        assert list(connection.scalars(select(Change.number))) == [5]


def test_a_beginning_outlasts_the_thinning_of_what_was_removed_before_it(room: Room) -> None:
    room.publish("certificate", [certificate("示例-1")])
    record(room.register)
    withdraw(room.engine, room.clock, 1, "有误")
    record(room.register)
    room.publish("certificate", [certificate(f"示例-{at}") for at in range(5)])
    record(room.register)
    begun = room.feed.since(None, 1)
    room.clock.instant += timedelta(days=170)
    record(room.register)
    room.publish("certificate", [certificate(f"示例-{at}") for at in range(5, 8)])
    room.clock.instant += timedelta(days=20)
    record(room.register)
    mirror = Mirror(room.feed, position=str(begun.next))
    mirror.read()
    assert mirror.held == room.public()


@pytest.mark.parametrize("text", ["", "x", "A" * 27, "!" * 27, "A" * 26 + "\u00e9", "A" * 26 + "B"])
def test_what_is_no_position_is_refused_or_unknown(room: Room, text: str) -> None:
    room.publish("certificate", [certificate("示例-1")])
    record(room.register)
    if text == "A" * 27:  # the position before there was a feed
        assert len(room.feed.since(text, 10).entries) == 1
        return
    with pytest.raises(InvalidParameter):
        room.feed.since(text, 10)


def test_positions_of_another_feed_or_of_the_future_are_gone(room: Room) -> None:
    room.publish("certificate", [certificate("示例-1")])
    room.told()
    position = Position.read(room.mirror.position or "")
    for other in (
        Position(position.epoch ^ 2, 1, 1),
        Position(position.epoch, 2, 0),
        Position(position.epoch, 0, 2),
    ):
        with pytest.raises(PositionGone):
            room.feed.since(str(other), 10)
    restart(room.engine, room.clock.today())
    record(room.register)
    with pytest.raises(PositionGone):
        room.feed.since(str(position), 10)
    assert len(Mirror(room.feed).read()) == 1


def test_checking_again_tells_only_what_differs(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.publish("certificate", [certificate("示例-1"), certificate("示例-2")])
    room.told()
    recheck(room.engine)
    assert room.told() == []
    plain = digest_of
    monkeypatch.setattr(
        recording, "digest_of", lambda each, dispute: plain(each, dispute) ^ (each.number == "示例-1")
    )
    recheck(room.engine)
    assert [what for what, _ in room.told()] == ["changed"]
    with room.engine.connect() as connection:
        [last] = connection.scalars(select(Change.record).order_by(Change.number.desc()).limit(1))
    assert room.public()[last].number == "示例-1"


def test_from_now_on_begins_at_the_end(room: Room) -> None:
    room.publish("certificate", [certificate("示例-1")])
    record(room.register)
    page = room.feed.since("now", 10)
    assert page.entries == () and not page.more
    room.publish("certificate", [certificate("示例-2")])
    record(room.register)
    assert [each.number for each in room.feed.since(str(page.next), 10).entries] == [2]

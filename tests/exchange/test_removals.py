"""What a partner must not hold any more it is told within the minute, whatever its schedule; what it holds is known without a row for each record."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from indexer.accounts.acting import acting
from indexer.exchange.models import UnsentRow
from indexer.exchange.partners import Partner
from indexer.exchange.state import receivers, states, unsent
from indexer.register.database import writing
from indexer.register.removing import remove_within
from indexer.register.repairing import set_repaired
from tests.exchange.conftest import Office, penalty
from tests.exchange.mirror import Mirror


@pytest.fixture
def city(office: Office, province: Partner) -> Office:
    """An office that delivers to a province once a week."""
    office.enter("province", province.model_copy(update={"every_minutes": 7 * 24 * 60}))
    return office


def repair(office: Office, record: str) -> None:
    with acting(office.engine, office.clock, office.operator) as act:
        set_repaired(act.connection, office.clock, record, "示例修复")


def take_down(office: Office, record: str) -> None:
    with writing(office.engine) as connection:
        remove_within(connection, office.clock, record, "示例撤下")


def expire(office: Office, record: str) -> None:
    office.wait(days=2)


def move(office: Office, record: str) -> None:
    office.take_in(penalty(1, until="2026-06-02", region="310101"))


@pytest.mark.parametrize(
    ("end", "reason"),
    [(repair, "repaired"), (take_down, "withdrawn"), (expire, "expired"), (move, "moved")],
)
def test_a_removal_goes_at_once_and_only_once_whatever_the_schedule(
    city: Office, drop: Path, end: Callable[[Office, str], None], reason: str
) -> None:
    city.take_in(penalty(1, until="2026-06-02"), penalty(2, firm=2))
    city.exchange.run()
    mirror = Mirror(drop)
    mirror.read()
    city.take_in(penalty(3, firm=3))
    gone = next(record for record, said in city.public().items() if "1号" in str(said[4]))
    end(city, gone)
    for _ in range(2):
        city.exchange.run()
    assert [(each.record_id, each.reason) for each in city.removals()] == [(gone, reason)]
    assert mirror.read() == 1
    assert len(mirror.removed) == 1 and len(mirror.held) == 1  # 3 waits for its week


def test_a_record_that_never_went_makes_no_removal(city: Office, drop: Path) -> None:
    city.exchange.run()
    city.take_in(penalty(1), penalty(2, region="310101"))
    for record in list(city.public()):
        repair(city, record)
    city.exchange.run()
    assert city.removals() == []


def test_an_enterprise_sees_who_holds_a_record_who_confirmed_and_who_is_late(
    city: Office, drop: Path, province: Partner, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    city.enter(
        "ministry", province.model_copy(update={"address": str(other), "title": "示例部", "every_minutes": 1})
    )
    city.take_in(penalty(1))
    city.exchange.run()
    [record] = city.public()
    both = {"province": Mirror(drop), "ministry": Mirror(other)}
    for each in both.values():
        each.read()
    city.exchange.run()
    repair(city, record)
    city.exchange.run()
    told = {each.title: each for each in receivers(city.exchange.partners, [record])[record]}
    assert {each.reason for each in told.values()} == {"repaired"}
    assert not any(each.confirmed_at or each.late_since for each in told.values())
    both["ministry"].read()
    city.wait(hours=25)
    city.exchange.run()
    told = {each.title: each for each in receivers(city.exchange.partners, [record])[record]}
    assert told["示例部"].confirmed_at is not None and told["示例部"].late_since is None
    late = told["示例省公共信用平台"]
    assert late.confirmed_at is None and late.late_since is not None
    assert city.clock.now() - late.late_since == timedelta(hours=1)
    [state] = states(city.engine, [city.partner("province")], city.clock.now())
    assert (state.waiting, state.late) == (1, 1)


def test_what_does_not_meet_the_template_stands_in_a_report_and_goes_when_it_is_mended(
    city: Office, drop: Path, province: Partner
) -> None:
    city.enter("province", province.model_copy(update={"every_minutes": 1}))
    city.take_in(penalty(1), penalty(2, firm=2, basis=""))
    city.exchange.run()
    mirror = Mirror(drop)
    mirror.read()
    partner = city.partner("province").id
    [missing] = unsent(city.engine, partner, "", 10)
    assert missing.reasons == [("CF_YJ", "模板要求必填，记录中没有。")] and not missing.by_partner
    assert len(mirror.held) == 1
    city.take_in(penalty(2, firm=2))
    city.exchange.run()
    mirror.read()
    assert len(mirror.held) == 2 and unsent(city.engine, partner, "", 10) == []


def test_what_a_partner_rejects_stands_in_the_report_with_its_reason_and_is_not_counted_as_held(
    city: Office, drop: Path
) -> None:
    city.take_in(penalty(1), penalty(2, firm=2))
    city.exchange.run()
    mirror = Mirror(drop, reject=lambda row: "没有这家企业" if "第2" in row["CF_XDR_MC"] else "")
    mirror.read()
    city.exchange.run()
    [missing] = unsent(city.engine, city.partner("province").id, "", 10)
    assert missing.by_partner and missing.reasons == [("", "没有这家企业")]
    assert city.deliveries()[0].rejected == 1
    repair(city, missing.record)
    city.exchange.run()
    assert city.removals() == []


def test_a_delivery_that_cannot_be_put_is_put_later_with_ever_longer_pauses(city: Office, drop: Path) -> None:
    city.take_in(penalty(1))
    drop.rmdir()
    for _ in range(35):
        city.exchange.run()
        city.wait(minutes=1)
    assert city.events("province").count(">failed") == 6  # after 1, 2, 4, 8, 16, 32 minutes
    drop.mkdir()
    city.wait(hours=1)
    city.exchange.run()
    assert Mirror(drop).read() == 1
    assert city.partner("province").hindered is None


def test_a_refused_delivery_is_put_again_from_the_number_that_is_missed(city: Office, drop: Path) -> None:
    city.take_in(penalty(1), penalty(2, firm=2))
    city.exchange.run()
    Mirror(drop).read(acknowledge=False)
    repair(city, next(iter(city.public())))
    city.exchange.run()
    for folder in sorted((drop / "from-zhixin").iterdir()):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()  # the partner has lost both
    mirror = Mirror(drop)
    digest = city.deliveries()[1].digest
    mirror.acknowledge("1-000002", b"", status="refused", expected="1-000001", manifest_sha256=digest)
    for _ in range(3):
        city.wait(minutes=2)
        city.exchange.run()
    assert mirror.read() == 2 and len(mirror.held) == 1


def test_the_questions_asked_for_a_delivery_do_not_grow_with_the_records(
    open_office: Callable[..., Office], province: Partner
) -> None:
    counted: list[int] = []
    for number in (3, 30):
        office = open_office(f"city-{number}")
        office.enter("province", province)
        office.take_in(*(penalty(each, firm=each % 7 + 1) for each in range(1, number + 1)))
        office.exchange.run()
        office.take_in(*(penalty(each, firm=each % 7 + 1, fine="5") for each in range(1, number + 1)))
        for record in list(office.public())[: number // 2]:
            repair(office, record)
        statements = 0

        @event.listens_for(office.engine, "before_cursor_execute")
        def _count(_connection: Connection, *_rest: Any) -> None:
            nonlocal statements
            statements += 1

        office.wait(hours=1)
        office.exchange.run()
        counted.append(statements)
        assert len(office.removals()) == number // 2
    assert counted[0] == counted[1]


def test_the_database_refuses_to_change_or_remove_what_the_ledger_says(city: Office) -> None:
    city.take_in(penalty(1))
    city.exchange.run()
    assert city.events("province")
    for statement in ("UPDATE exchange_ledger SET rows = 0", "DELETE FROM exchange_ledger"):
        with pytest.raises(Exception, match="the ledger only grows"), city.engine.begin() as connection:
            connection.execute(text(statement))


def test_no_row_is_kept_for_a_record_that_a_partner_holds(city: Office, drop: Path) -> None:
    city.take_in(*(penalty(number, firm=number) for number in range(1, 40)))
    city.exchange.run()
    Mirror(drop).read()
    city.exchange.run()
    with city.engine.connect() as connection:
        kept = {
            table: connection.scalar(text(f"SELECT count(*) FROM {table}"))
            for table in ("exchange_delivery", "exchange_removal", UnsentRow.__tablename__)
        }
    assert kept == {"exchange_delivery": 1, "exchange_removal": 0, "exchange_unsent": 0}

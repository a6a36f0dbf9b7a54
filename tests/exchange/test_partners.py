"""Partners are a file that operators edit: all that is wrong is told at once, each change is in the audit, and no secret is anywhere."""

import pytest
from sqlalchemy import text

from indexer.accounts.audit import Question, search
from indexer.errors import FileRefused
from indexer.exchange.partners import Partner, read_partners
from indexer.exchange.regions import belongs, code_of
from tests.exchange.conftest import START, Office


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = b"""
[Province]
title = "A"
[county]
title = "B"
level = "village"
region = "3"
way = "sftp"
address = "sftp://host/x"
gets = ["penalty", "practitioner", "gossip"]
password = "secret"
"""
    with pytest.raises(FileRefused) as refused:
        read_partners(wrong)
    for part in (
        "Province",
        "county.level",
        "county.region",
        "county.gets",
        "practitioner、gossip",
        "county.password",
    ):
        assert part in refused.value.zh, part


@pytest.mark.parametrize(
    "address",
    ["http://x.example.cn", "https://u:secret@x.example.cn", "https://x.example.cn/?token=1", "ftp://x"],
)
def test_an_https_address_is_https_and_holds_no_secret(office: Office, address: str) -> None:
    toml = f'[x2]\ntitle="A"\nlevel="city"\nregion="32"\nway="https"\naddress="{address}"\n'
    with pytest.raises(FileRefused):
        office.exchange.partners.apply(office.operator, toml.encode())


def test_each_change_is_in_the_audit_and_what_is_the_same_is_not(office: Office, province: Partner) -> None:
    office.enter("province", province)
    office.enter("province", province)
    office.enter("province", province.model_copy(update={"contact": "示例处"}))
    found = search(office.engine, Question(about="partner:province"), 10)
    assert [each.act for each in found] == ["exchange-partner-changed"] * 2
    assert "示例处" in (found[0].after or "") and "示例处" not in (found[0].before or "")


def test_another_range_begins_a_new_series_and_another_contact_does_not(
    office: Office, province: Partner
) -> None:
    office.enter("province", province)
    from tests.exchange.conftest import penalty

    office.take_in(penalty(1))
    office.exchange.run()
    office.enter("province", province.model_copy(update={"contact": "示例处"}))
    assert office.partner("province").series == 1
    office.enter("province", province.model_copy(update={"gets": ("penalty",)}))
    assert (office.partner("province").series, office.partner("province").sequence) == (2, 0)


def test_of_a_token_only_the_digest_is_kept_and_the_one_before_is_worth_nothing(
    office: Office, province: Partner
) -> None:
    office.enter("province", province)
    partners = office.exchange.partners
    first = partners.new_token(office.operator, "province")
    second = partners.new_token(office.operator, "province")
    assert partners.proven("province", first) is None
    assert partners.proven("province", second) is not None
    with office.engine.connect() as connection:
        tables = connection.execute(text("SELECT token, profile FROM exchange_partner")).all()
        told = connection.execute(text("SELECT before, after FROM audit")).all()
    assert second not in str(tables) + str(told)


def test_whoever_brings_things_in_a_partners_name_can_not_log_in(office: Office, province: Partner) -> None:
    office.enter("province", province)
    account = office.accounts.people.one(office.partner("province").account)
    assert (account.state, account.holdings) == ("disabled", ())


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        ("2026-06-01T01:00:00", "2026-06-01T18:29:00", False),  # 02:29 in Shanghai of the next day
        ("2026-06-01T01:00:00", "2026-06-01T18:30:00", True),
        ("2026-06-01T18:31:00", "2026-06-02T10:00:00", False),
        ("2026-06-01T18:31:00", "2026-06-04T10:00:00", True),  # two nights were missed
    ],
)
def test_a_daily_schedule_is_kept_once_a_day_and_caught_up(
    province: Partner, last: str, now: str, due: bool
) -> None:
    from datetime import datetime, time

    partner = province.model_copy(update={"at": time(2, 30)})
    instants = [datetime.fromisoformat(each).replace(tzinfo=START.tzinfo) for each in (last, now)]
    assert partner.due(*instants) is due


@pytest.mark.parametrize(
    ("region", "uscc", "inside"),
    [
        ("320583", None, True),
        ("江苏省苏州市昆山市", None, True),
        ("昆山", None, True),
        ("苏州市", None, False),
        ("江苏", None, False),
        ("310101", "91320583MA00000000", False),  # the record's own region counts
        (None, "91320583MA00000000", True),
        ("某地", "91320583MA00000000", True),
        (None, None, False),
    ],
)
def test_where_a_record_belongs(region: str | None, uscc: str | None, inside: bool) -> None:
    assert belongs(("320583",), region, uscc) is inside


def test_a_name_that_several_places_have_is_none_alone() -> None:
    assert code_of("朝阳区") is None
    assert code_of("北京市朝阳区") == "110105"

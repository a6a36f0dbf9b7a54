"""Pages about the exchange: staff see every partner, officers those of their own agency, and an enterprise who holds what of it."""

import csv
import io
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.exchange.partners import Partner
from indexer.exchange.running import Exchange
from indexer.ingest import Job, ingest
from indexer.register.repairing import set_repaired
from portal.context import EXTENSION
from tests.accounts.cast import inside, somebody
from tests.exchange.conftest import PENALTY_HEAD, PROVINCE, START, as_toml, penalty
from tests.exchange.mirror import Mirror
from tests.exchange.sending import put_delivery
from tests.portal.conftest import House
from tests.register.conftest import uscc

OWN = "示例市市场监督管理局"


@dataclass
class Stage:
    """A portal with two partners that were sent two penalties, one of which is repaired since."""

    house: House
    province: Mirror
    ministry: Mirror

    @property
    def app(self) -> Flask:
        return self.house.app

    @property
    def accounts(self) -> Accounts:
        found: Accounts = self.app.extensions[EXTENSION].accounts
        return found

    @property
    def exchange(self) -> Exchange:
        found: Exchange = self.app.extensions[EXTENSION].exchange
        return found

    def somebody(self, role: Role, scope: str = "") -> FlaskClient:
        """A browser in which somebody of a role is logged in."""
        mail = f"{role}-{scope.lower() if scope.isascii() else ''}@x.example"
        return inside(self.accounts, somebody(self.accounts, mail, role, scope), self.house.client)


def partner(folder: Path, **more: object) -> Partner:
    return PROVINCE.model_copy(update={"address": str(folder), "every_minutes": 1} | more)


@pytest.fixture
def stage(house: House, tmp_path: Path) -> tuple[Stage, str]:
    house.desk.clock.instant = START
    province, ministry = tmp_path / "province", tmp_path / "ministry"
    province.mkdir()
    ministry.mkdir()
    made = Stage(house, Mirror(province), Mirror(ministry))
    partners = made.exchange.partners
    partners.apply(Caller(), as_toml("province", partner(province, sends=("penalty",), trusted=True)))
    partners.apply(Caller(), as_toml("ministry", partner(ministry, title="示例部委平台", agency="别的机关")))
    path = tmp_path / "penalties.csv"
    rows = (penalty(1), penalty(2, firm=2), penalty(3, firm=2, basis=""))
    path.write_text("\n".join((PENALTY_HEAD, *rows, "")), encoding="utf-8")
    ingest([path], Job(house.desk.engine, house.desk.clock))
    register = house.desk.register
    [repaired] = [
        each.id
        for each in register.records_between(0, register.last_version())
        if each.subject and each.subject.uscc == uscc(1)
    ]
    made.exchange.run()
    made.province.read()
    made.ministry.read()
    made.exchange.run()
    with acting(house.desk.engine, house.desk.clock, Caller()) as act:
        set_repaired(act.connection, house.desk.clock, repaired, "示例修复")
    made.exchange.run()
    made.ministry.read()
    put_delivery(province, {"penalty": [penalty(7, firm=7), penalty(8, region="510101")]})
    put_delivery(province, {"penalty": [penalty(9, firm=7)]}, sequence=3)
    house.desk.clock.instant += timedelta(hours=30)
    made.exchange.run()
    return made, repaired


def test_staff_see_every_partner_and_officers_their_own(stage: tuple[Stage, str]) -> None:
    it, _ = stage
    operator, officer = it.somebody(Role.OPERATOR), it.somebody(Role.OFFICER, OWN)
    both, own = operator.get("/desk/exchange").text, officer.get("/desk/exchange").text
    assert "示例省公共信用平台" in both and "示例部委平台" in both
    assert "示例省公共信用平台" in own and "示例部委平台" not in own
    assert officer.get("/desk/exchange/province").status_code == 200
    for path in ("", "/unsent.csv", "/quality.csv"):
        assert officer.get(f"/desk/exchange/ministry{path}").status_code == 404
        assert operator.get(f"/desk/exchange/ministry{path}").status_code == 200


def test_the_page_of_a_partner_says_what_is_late_what_is_missing_and_what_was_wrong(
    stage: tuple[Stage, str],
) -> None:
    it, _ = stage
    page = it.somebody(Role.OPERATOR).get("/desk/exchange/province").text
    for said in (
        *("逾期未确认", "CF_YJ 模板要求必填", "退回率 50.0 %", "记录的行政区划不在报送单位的辖区内"),
        *("缺号", "应先收到 1-000002", "对方确认"),
    ):
        assert said in page, said
    ministry = it.somebody(Role.REVIEWER).get("/desk/exchange/ministry").text
    assert "正常" in ministry and "逾期" not in ministry


def test_the_ledger_is_narrowed_and_what_makes_no_sense_is_refused_by_name(stage: tuple[Stage, str]) -> None:
    it, _ = stage
    operator = it.somebody(Role.OPERATOR)
    gaps = operator.get("/desk/exchange/province?event=gap").text
    assert "应先收到" in gaps and "对方确认" not in gaps.split('id="ledger"')[1]
    for asked, where in (
        ("event=x", "event"),
        ("way=x", "way"),
        ("sequence=x", "sequence"),
        ("since=x", "since"),
    ):
        answer = operator.get(f"/desk/exchange/province?{asked}")
        assert answer.status_code == 400 and where in answer.text, asked


def test_reports_are_files_for_a_spreadsheet(stage: tuple[Stage, str]) -> None:
    it, _ = stage
    operator = it.somebody(Role.OPERATOR)
    missing = list(csv.reader(io.StringIO(operator.get("/desk/exchange/province/unsent.csv").text)))
    assert [row[3:] for row in missing[1:]] == [["CF_YJ", "模板要求必填，记录中没有。"]]
    quality = dict(csv.reader(io.StringIO(operator.get("/desk/exchange/province/quality.csv").text)))
    assert (quality["行数"], quality["退回行数"]) == ("2", "1")


def test_an_enterprise_sees_which_receiver_has_confirmed_and_which_is_late(stage: tuple[Stage, str]) -> None:
    it, repaired = stage
    firm = it.somebody(Role.ENTERPRISE, uscc(1))
    home = firm.get(f"/enterprise/{uscc(1)}").text
    waiting = home.split('id="removals"')[1].split("</section>")[0]
    assert "示例省公共信用平台" in waiting and "逾期未确认" in waiting and "示例部委平台" not in waiting
    page = firm.get(f"/enterprise/{uscc(1)}/records/{repaired}").text
    receivers = page.split('id="receivers"')[1].split("</section>")[0]
    assert "已确认撤下" in receivers and "起逾期" in receivers and "信用修复" in receivers
    other = it.somebody(Role.ENTERPRISE, uscc(2))
    assert "removals" not in other.get(f"/enterprise/{uscc(2)}").text


def test_the_public_page_of_a_record_says_nothing_of_receivers(stage: tuple[Stage, str]) -> None:
    it, _ = stage
    register = it.house.desk.register
    [kept] = [
        each.id
        for each in register.records_between(0, register.last_version())
        if each.number and "2号" in each.number
    ]
    page = it.house.client.get(f"/records/{kept}")
    assert page.status_code == 200 and "示例省公共信用平台" not in page.text

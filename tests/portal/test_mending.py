"""An upheld objection leads into a correction by two persons, and everybody concerned sees which batch mended the record, and by when."""

import re
from datetime import timedelta
from itertools import count

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from indexer.accounts.models import Letter
from indexer.accounts.roles import Role
from indexer.clock import FixedClock
from indexer.desk.submissions import Submission
from indexer.register.database import reading
from indexer.register.withdrawing import withdraw
from tests.accounts.cast import send
from tests.portal.conftest import House
from tests.portal.test_desk import decided, handed_in, now
from tests.portal.test_objections import NUMBER, OTHER, OWN, browser, do, hidden, object_to
from tests.portal.test_objections import record as record  # a fixture
from tests.register.conftest import row

REASON = "有效期录错，联系人 13800001234"


@pytest.fixture
def upheld(house: House, record: str) -> str:
    """The number of an objection that was upheld on Monday, 2 March 2026."""
    firm, desk = browser(house, "own@firm.example", Role.ENTERPRISE, OWN), operator(house)
    number = object_to(firm, record).headers["Location"].rpartition("/")[2]
    do(desk, f"/desk/cases/{number}", "take")
    assert do(desk, f"/desk/cases/{number}", "decide", outcome="upheld", text=REASON).status_code == 303
    return str(number)


_numbers = count()


def operator(house: House) -> FlaskClient:
    return browser(house, f"operator{next(_numbers)}@desk.example", Role.OPERATOR)


def firm_page(house: House, number: str) -> str:
    client = browser(house, f"somebody{next(_numbers)}@firm.example", Role.ENTERPRISE, OWN)
    return client.get(f"/enterprise/{OWN}/cases/{number}").text


def corrected(house: House, desk: FlaskClient, record: str, number: str) -> Submission:
    """The correction that the page of the case leads to, with what its form begins with."""
    case = desk.get(f"/desk/cases/{number}").text
    form = re.search(rf'href="(/desk/records/{record}/correct\?case={number})"', case)
    assert form, case
    page = desk.get(form[1]).text
    reason = re.search(r'name="reason"[^>]*>([^<]*)</textarea>', page)
    assert reason and "经异议核实：有效期录错" in reason[1] and "13800001234" not in reason[1]
    said = dict(re.findall(r'name="(c-[\w_]+)" type="\w+" value="([^"]*)"', page)) | {
        "c-category": "质量管理体系认证",
        "c-valid_until": "2029-01-09",
        "c-status": "valid",
    }
    answer = send(
        desk,
        f"/desk/records/{record}/correct",
        at=form[1],
        case=hidden(page, "case"),
        reason=reason[1],
        **said,
    )
    assert answer.status_code == 303, answer.text
    return now(house, int(answer.headers["Location"].rpartition("/")[2]))


def test_from_the_decision_to_the_batch_that_mends(house: House, record: str, upheld: str) -> None:
    desk = operator(house)
    assert upheld in desk.get("/desk").text
    for page in (desk.get(f"/desk/cases/{upheld}").text, firm_page(house, upheld)):
        assert "2026-03-04" in page, "two work days after Monday"
        assert "依据：" in page and "条文待核对" in page
    made = corrected(house, desk, record, upheld)
    assert made.changed == 1, (made.failure_zh, made.state)
    reviewer = browser(house, "reviewer@desk.example", Role.REVIEWER)
    handed_in(house, desk, made)
    assert upheld in reviewer.get(f"/desk/submissions/{made.id}").text
    assert "由另一位人员审核" in firm_page(house, upheld)
    assert decided(house, desk, made).status_code == 403, "not by its maker"
    assert decided(house, reviewer, made).status_code == 303
    done = now(house, made.id)
    for page in (desk.get(f"/desk/cases/{upheld}").text, firm_page(house, upheld)):
        assert f"批次 {done.batch}" in page and "已更正或撤下" in page
    assert "更正这条记录" not in desk.get(f"/desk/cases/{upheld}").text
    assert upheld not in desk.get("/desk").text
    assert house.get(f"/certificates/{NUMBER}")["matches"][0]["valid_until"] == "2029-01-09"
    with reading(house.desk.engine) as connection:
        assert list(connection.scalars(select(Letter.kind))).count("case-mended") == 1


def test_it_is_overdue_after_its_last_day_and_says_so_where_it_came_late(
    house: House, record: str, upheld: str
) -> None:
    clock: FixedClock = house.desk.clock
    assert "已超期" not in operator(house).get("/desk").text
    clock.instant += timedelta(days=3)
    desk = operator(house)
    assert "已超期" in desk.get("/desk").text and "已超期" in firm_page(house, upheld)
    handed_in(house, desk, made := corrected(house, desk, record, upheld))
    decided(house, browser(house, "reviewer@desk.example", Role.REVIEWER), made)
    now(house, made.id)
    assert "晚于期限" in firm_page(house, upheld)


def test_a_batch_that_mended_anyhow_is_named_and_one_that_did_not_touch_the_record_is_not(
    house: House, record: str, upheld: str
) -> None:
    house.desk.publish("enterprise", [row(9, "示例丙有限公司", OTHER)])
    desk, path = operator(house), f"/desk/cases/{upheld}"
    elsewhere = house.desk.register.version().number
    assert send(desk, f"{path}/mended", at="/account/claim", batch=elsewhere).status_code == 404
    again = row(
        4, "示例甲有限公司", OWN, number=NUMBER, category="质量管理体系认证", issuer="示例认证有限公司",
        valid_from="2026-01-10", valid_until="2029-01-09", status="valid",
    )  # fmt: skip
    house.desk.publish("certificate", [again])
    mends, desk = house.desk.register.version().number, operator(house)
    assert f'name="batch" value="{mends}"' in desk.get(path).text
    assert send(desk, f"{path}/mended", at="/account/claim", batch="x").status_code == 400
    assert send(desk, f"{path}/mended", at="/account/claim", batch=mends).status_code == 303
    assert f"批次 {mends}" in firm_page(house, upheld)
    assert send(desk, f"{path}/mended", at="/account/claim", batch=mends).status_code == 409
    withdraw(house.desk.engine, house.desk.clock, mends, "误导入")
    assert "更正这条记录" in desk.get(path).text and upheld in desk.get("/desk").text


def test_a_form_can_not_name_an_objection_to_another_record_or_one_that_was_not_upheld(
    house: House, record: str, upheld: str
) -> None:
    fine = row(
        2, "示例甲有限公司", OWN, document_number="示例1号", cause="示例", kinds="罚款", decided_on="2026-01-01",
        subject_kind="organisation", severity="general",
    )  # fmt: skip
    assert house.desk.publish("penalty", [fine]) == []
    other = next(
        each.id for each in house.desk.register.records_between(0, 99) if each.kind.name == "penalty"
    )
    desk, firm = operator(house), browser(house, "two@firm.example", Role.ENTERPRISE, OWN)
    assert desk.get(f"/desk/records/{other}/correct?case={upheld}").status_code == 404
    assert desk.get(f"/desk/records/{other}/remove?case={upheld}").status_code == 404
    open_ = object_to(firm, other).headers["Location"].rpartition("/")[2]
    assert desk.get(f"/desk/records/{other}/correct?case={open_}").status_code == 404
    assert "落实这件异议" not in desk.get(f"/desk/cases/{open_}").text
    assert "落实成立的异议" in desk.get(f"/desk/records/{record}/remove?case={upheld}").text

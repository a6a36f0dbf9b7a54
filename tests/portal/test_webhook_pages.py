"""Webhooks in the browser of an admin; and practitioners, who are in no feed, on no index."""

import re

import pytest
from flask.testing import FlaskClient

from indexer.accounts.roles import Role
from indexer.feed.recording import record
from portal.context import EXTENSION
from tests.accounts.cast import inside, send, somebody
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

GOOD = {"url": "https://hooks.example.cn/x", "name": "示例平台", "mail": "ops@firm.example"}


@pytest.fixture
def admin(house: House) -> FlaskClient:
    accounts = house.app.extensions[EXTENSION].accounts
    return inside(accounts, somebody(accounts, "admin@firm.example", Role.ADMIN), house.client)


def test_a_secret_is_shown_once_and_kept_by_no_cache(house: House, admin: FlaskClient) -> None:
    record(house.desk.register)
    made = send(admin, "/admin/webhooks", **GOOD, kinds="certificate", subjects=uscc(1))
    assert made.status_code == 200 and "no-store" in made.headers["Cache-Control"]
    [secret] = set(re.findall(r"whsec_[A-Za-z0-9+/=]{44}", made.text))
    page = admin.get("/admin/webhooks/1")
    assert "示例平台" in page.text and uscc(1) in page.text and "等待测试" in page.text
    assert "whsec_" not in page.text and "whsec_" not in admin.get("/admin/webhooks").text
    rotated = send(admin, "/admin/webhooks/1", action="rotate")
    assert "whsec_" in rotated.text and secret not in rotated.text


def test_stopping_and_resuming_show_on_the_page(house: House, admin: FlaskClient) -> None:
    send(admin, "/admin/webhooks", **GOOD)
    for action, word in (("stop", "已停止"), ("resume", "等待测试"), ("test", "等待测试")):
        assert send(admin, "/admin/webhooks/1", action=action).status_code == 303
        assert word in admin.get("/admin/webhooks/1").text
    assert send(admin, "/admin/webhooks/1", action="burn").status_code == 400


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://127.0.0.1/"}, "应为 https://"),
        ({"name": " "}, "请填写名称"),
        ({"mail": "ops"}, "完整的邮箱地址"),
        ({"subjects": "12345"}, "不是统一社会信用代码"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(admin: FlaskClient, wrong: dict[str, str], words: str) -> None:
    answer = send(admin, "/admin/webhooks", **(GOOD | wrong))
    assert answer.status_code == 400 and words in answer.text
    assert "示例平台" in answer.text or "name" in wrong  # what was typed is still there


def test_the_page_of_a_practitioner_is_for_no_index(house: House) -> None:
    person = {"person": "张示例", "qualification": "示例员", "number": "示例-1"}
    house.desk.publish("practitioner", [row(2, "示例甲有限公司", uscc(1), **person)])
    house.desk.publish("brand", [row(2, "示例甲有限公司", uscc(1), title="示例精品", level="省级")])
    pages = {
        each.kind.name: house.client.get(f"/records/{each.id}").text
        for each in house.desk.register.records_from("0", "g")
    }
    assert "noindex" in pages["practitioner"] and "noindex" not in pages["brand"]

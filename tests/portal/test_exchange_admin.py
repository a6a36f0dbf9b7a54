"""Partners in the browser of an admin: entered, stopped, begun anew, with a trace of each; what could harm this machine is not to be had here."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from indexer.accounts.audit import Act, Caller
from indexer.accounts.models import AuditEntry
from indexer.accounts.roles import Role
from indexer.exchange.partners import Partner, Partners
from indexer.register.database import reading
from portal.context import EXTENSION
from tests.accounts.cast import inside, send, somebody
from tests.exchange.conftest import PROVINCE, as_toml
from tests.portal.conftest import House

NEW = "/admin/exchange"
GOOD = {
    "name": "county-kunshan",
    "title": "示例县市场监督管理局",
    "level": "county",
    "region": "320583",
    "way": "https",
    "address": "https://exchange.example.cn/zhixin",
    "sends": "penalty",
    "every_minutes": "30",
    "acknowledge_hours": "24",
}


@pytest.fixture
def admin(house: House) -> FlaskClient:
    accounts = house.app.extensions[EXTENSION].accounts
    return inside(accounts, somebody(accounts, "admin@firm.example", Role.ADMIN), house.client)


def partners(house: House) -> Partners:
    found: Partners = house.app.extensions[EXTENSION].exchange.partners
    return found


def acts(house: House) -> list[str]:
    with reading(house.desk.engine) as connection:
        found = connection.execute(select(AuditEntry.act, AuditEntry.about).order_by(AuditEntry.id))
        return [row.act for row in found if row.about == "partner:county-kunshan"]


def test_a_partner_is_entered_seen_stopped_and_gone_on_with(house: House, admin: FlaskClient) -> None:
    assert send(admin, NEW, **GOOD).location == "/desk/exchange/county-kunshan"
    page = admin.get("/desk/exchange/county-kunshan").text
    assert "已登记" in page and "示例县市场监督管理局" in page and "经发布台审核" in page
    it = partners(house).one("county-kunshan").it
    assert it == Partner.model_validate(
        {**{name: said for name, said in GOOD.items() if name != "name"}, "sends": ["penalty"]}
    )
    manage = "/admin/exchange/county-kunshan"
    at = "/desk/exchange/county-kunshan"
    for action, active, word in (("stop", False, "已停用"), ("resume", True, "正常")):
        assert send(admin, manage, at=at, action=action).status_code == 303
        assert partners(house).one("county-kunshan").it.active is active and word in admin.get(at).text
    assert acts(house) == [Act.PARTNER_CHANGED] * 3


def test_a_credential_is_shown_once_proves_the_partner_and_ends_the_one_before(
    house: House, admin: FlaskClient
) -> None:
    send(admin, NEW, **GOOD)
    at = "/desk/exchange/county-kunshan"
    tokens = []
    for _ in range(2):
        made = send(admin, "/admin/exchange/county-kunshan", at=at, action="token")
        assert made.status_code == 200 and "no-store" in made.headers["Cache-Control"]
        tokens += re.findall(r'<p class="code">([^<]+)</p>', made.text)
    assert len(tokens) == 2 and not any(token in admin.get(at).text for token in tokens)
    assert partners(house).proven("county-kunshan", tokens[0]) is None
    assert partners(house).proven("county-kunshan", tokens[1]) is not None


def test_a_partner_begins_anew_only_where_somebody_is_sure(
    house: House, admin: FlaskClient, tmp_path: Path
) -> None:
    partners(house).apply(
        Caller(), as_toml("county-kunshan", PROVINCE.model_copy(update={"address": str(tmp_path)}))
    )
    house.app.extensions[EXTENSION].exchange.run()
    at, manage = "/desk/exchange/county-kunshan", "/admin/exchange/county-kunshan"
    assert send(admin, manage, at=at, action="restart").status_code == 400
    assert send(admin, manage, at=at, action="restart", sure="yes").status_code == 303
    begun = partners(house).one("county-kunshan")
    assert (begun.sequence, begun.through, begun.loaded, begun.scheduled_at) == (0, 0, False, None)
    assert send(admin, manage, at=at, action="resend", delivery="1-000001").status_code == 303
    assert send(admin, manage, at=at, action="resend", delivery="x").status_code == 404
    assert send(admin, manage, at=at, action="burn").status_code == 400
    assert acts(house)[-2:] == [Act.PARTNER_RESTARTED, Act.DELIVERY_REPEATED]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "Kunshan"}, "应为小写字母"),
        ({"title": ""}, "必须填写"),
        ({"level": "village"}, "只能是"),
        ({"region": "江苏"}, "写法不对"),
        ({"address": "http://exchange.example.cn"}, "应以 https://"),
        ({"way": "sftp", "address": "sftp://zhixin@sftp.example.cn/x"}, "并写明主机公钥"),
        ({"address": "https://user:secret@exchange.example.cn/x"}, "不得含密码"),
        ({"way": "folder", "address": "/etc"}, "请选择列表中的一项"),
        ({"sends": "practitioner"}, "写法不对"),
        ({"every_minutes": "0"}, "不能小于 1"),
        ({"acknowledge_hours": "x"}, "写法不对"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_entered(
    house: House, admin: FlaskClient, wrong: dict[str, str], words: str
) -> None:
    answer = send(admin, NEW, **(GOOD | wrong))
    assert answer.status_code == 400 and words in answer.text
    assert GOOD["title"] in answer.text or "title" in wrong  # what was typed is still there
    assert partners(house).all() == []


def test_a_name_is_taken_once(house: House, admin: FlaskClient) -> None:
    send(admin, NEW, **GOOD)
    answer = send(admin, NEW, **(GOOD | {"title": "示例别的单位"}))
    assert answer.status_code == 400 and "已有这个名称" in answer.text
    assert partners(house).one("county-kunshan").it.title == GOOD["title"]


def test_what_could_harm_this_machine_or_pass_by_the_desk_is_not_taken_from_a_page(
    house: House, admin: FlaskClient
) -> None:
    send(admin, NEW, **GOOD, private_network="true", trusted="true", active="false")
    it = partners(house).one("county-kunshan").it
    assert (it.private_network, it.trusted, it.active) == (False, False, True)

"""A lost letter box by the pages: a stranger's way to the form, the proof that few see, the decision at the desk."""

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from indexer.accounts.lost_mail import REST
from indexer.accounts.models import Letter
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from portal.context import EXTENSION
from tests.accounts.cast import Somebody, form_token, inside, send, somebody
from tests.accounts.test_files import PAPER
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

OLD, NEW = "gone@firm.example", "here@firm.example"


@pytest.fixture
def accounts(house: House) -> Accounts:
    found: Accounts = house.app.extensions[EXTENSION].accounts
    return found


def link(accounts: Accounts, mail: str) -> str:
    """The link of the newest letter to an address."""
    asked = select(Letter.content).where(Letter.mail == mail).order_by(Letter.id.desc()).limit(1)
    with accounts.engine.connect() as connection:
        text = accounts.mailbox.seal.open(connection.scalar(asked) or "") or ""
    found = re.search(r"/link/[\w-]+", text)
    assert found, text
    return found[0]


def filed(house: House, accounts: Accounts, old: str = OLD, content: bytes = PAPER) -> TestResponse:
    client = house.client
    assert "收不到信" in client.get("/login").text
    assert send(client, "/mail-lost", mail=NEW).status_code == 200
    led = client.get(link(accounts, NEW))
    assert led.status_code == 302 and "no-store" in led.headers["Cache-Control"]
    path = led.headers["Location"]
    fields = {"csrf_token": form_token(client, path), "old": old, "said": "邮箱属于已离职的同事"}
    sent = fields | {"file": (io.BytesIO(content), "说明.pdf")}
    return client.post(path, data=sent, content_type="multipart/form-data")


def at_desk(house: House, accounts: Accounts, role: Role) -> FlaskClient:
    return inside(accounts, somebody(accounts, f"{role}@desk.example", role), house.client)


def operator_of(accounts: Accounts) -> Somebody:
    [listed] = accounts.people.listed(mail="operator@desk")
    return Somebody(listed.id, listed.mail)


def test_from_the_log_in_page_to_the_new_address(house: House, accounts: Accounts) -> None:
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", uscc(1))])
    firm = somebody(accounts, OLD, Role.ENTERPRISE, uscc(1))
    there = inside(accounts, firm, house.client)
    assert "已提交" in filed(house, accounts).text
    operator, admin = at_desk(house, accounts, Role.OPERATOR), at_desk(house, accounts, Role.ADMIN)
    page = operator.get("/desk/mail-changes").text
    assert OLD in page and NEW in page and "示例甲有限公司" in page and 'value="approve"' not in page
    assert OLD not in admin.get("/admin/mail-changes").text
    proof = operator.get("/desk/mail-changes/1/file")
    assert proof.data == PAPER and proof.headers["Content-Disposition"].startswith("attachment")
    assert admin.get("/admin/mail-changes/1/file").status_code == 404
    early = send(operator, "/desk/mail-changes/1", "/desk/mail-changes", decision="approve")
    assert early.status_code == 409
    house.desk.clock.instant += REST
    again = inside(accounts, operator_of(accounts), house.client)  # three days later the session has ended
    wrong = send(again, "/desk/mail-changes/1", "/desk/mail-changes", decision="refuse")
    assert wrong.status_code == 400 and "请写明理由" in wrong.text
    assert send(again, "/desk/mail-changes/1", "/desk/mail-changes", decision="approve").status_code == 303
    assert accounts.people.one(firm.account).mail == NEW
    assert there.get("/account").status_code == 303, "logged out everywhere"


def test_the_old_letter_box_stops_it_by_its_link(house: House, accounts: Accounts) -> None:
    firm = somebody(accounts, OLD, Role.ENTERPRISE, uscc(1))
    filed(house, accounts)
    path = link(accounts, OLD)
    client = house.client
    assert "终止这项申请" in client.get(path).text
    assert accounts.lost_mail.waiting(staff=False), "opening a link does nothing: mail programs look at links"
    assert send(client, path).status_code == 303
    assert accounts.lost_mail.waiting(staff=False) == []
    assert accounts.people.one(firm.account).mail == OLD


def test_who_asks_learns_nothing_and_what_is_no_proof_is_refused(house: House, accounts: Accounts) -> None:
    somebody(accounts, OLD, Role.ENTERPRISE, uscc(1))
    refused = filed(house, accounts, content=b"<html><script>alert(1)</script>")
    assert refused.status_code == 400 and "只收 PDF" in refused.text and OLD in refused.text
    known, unknown = (filed(house, accounts, old).text for old in (OLD, "nobody@firm.example"))
    without = re.compile(r'nonce="[^"]*"|csrf[^>]*')
    assert without.sub("", known) == without.sub("", unknown)
    assert house.client.get("/mail-lost/" + "x" * 43).status_code == 404

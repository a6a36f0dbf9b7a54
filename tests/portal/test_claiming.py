"""Claiming an enterprise by the pages: what is sent is looked at, seen by few, and given out harmlessly."""

import io

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, stream_encode_multipart

from indexer.accounts.audit import Act, Question, search
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from portal.context import EXTENSION
from portal.pages.audit_words import act_words
from tests.accounts.cast import form_token, inside, send, somebody
from tests.accounts.test_files import PAPER, located
from tests.portal.conftest import House
from tests.register.conftest import row, uscc


@pytest.fixture
def accounts(house: House) -> Accounts:
    found: Accounts = house.app.extensions[EXTENSION].accounts
    return found


def browser(house: House, accounts: Accounts, name: str, role: Role | None = None) -> FlaskClient:
    return inside(accounts, somebody(accounts, f"{name}@firm.example", role), house.client)


def file_claim(
    client: FlaskClient, content: bytes, name: str = "../../授权书.html", code: str = uscc(1)
) -> TestResponse:
    """Send the form with a file, under a name and type that its sender made up."""
    path = "/account/claim"
    fields = MultiDict(
        {
            "csrf_token": form_token(client, path),
            "code": code,
            "file": FileStorage(io.BytesIO(content), name, content_type="text/html"),
        }
    )
    body, _length, boundary = stream_encode_multipart(fields, use_tempfile=False)
    return client.post(path, data=body.read(), content_type=f"multipart/form-data; boundary={boundary}")


def test_a_claim_goes_from_the_form_to_the_role(house: House, accounts: Accounts) -> None:
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", uscc(1))])
    firm, operator = browser(house, accounts, "firm"), browser(house, accounts, "operator", Role.OPERATOR)
    assert firm.get(f"/enterprise/{uscc(1)}/people").status_code == 403
    assert file_claim(firm, PAPER).status_code == 303
    page = operator.get("/desk/claims").text
    assert "示例甲有限公司" in page and "firm@firm.example" in page
    refused = send(operator, "/desk/claims/1", at="/desk/claims", decision="refuse", reason="")
    assert refused.status_code == 400 and "请写明理由" in refused.text
    assert send(operator, "/desk/claims/1", at="/desk/claims", decision="approve").status_code == 303
    assert firm.get(f"/enterprise/{uscc(1)}/people").status_code == 200
    again = operator.post(
        "/desk/claims/1", data={"csrf_token": form_token(operator, "/account/claim"), "decision": "approve"}
    )
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><script>alert(1)</script>", "只收 PDF、JPEG 和 PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "只收 PDF、JPEG 和 PNG"),
        (b"", "文件是空的"),
        (PAPER + bytes(10 * 2**20), "文件太大"),
    ],
    ids=["html", "svg", "empty", "large"],
)
def test_what_is_no_authorisation_is_told_beside_the_box(
    house: House, accounts: Accounts, content: bytes, said: str
) -> None:
    answer = file_claim(browser(house, accounts, "firm"), content)
    assert answer.status_code == 400 and said in answer.text
    assert accounts.claims.waiting() == []


def test_a_body_beyond_all_bounds_is_refused_before_it_is_read(house: House, accounts: Accounts) -> None:
    assert file_claim(browser(house, accounts, "firm"), bytes(11 * 2**20)).status_code == 413


def test_a_file_is_seen_by_its_sender_and_those_who_decide_and_saved_never_shown(
    house: House, accounts: Accounts
) -> None:
    firm, operator = browser(house, accounts, "firm"), browser(house, accounts, "operator", Role.OPERATOR)
    assert file_claim(firm, located()).status_code == 303
    [claim] = accounts.claims.waiting()
    path = f"/files/{claim.file}"
    for client in (firm, operator):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.mimetype == "image/jpeg"
        assert answer.headers["Content-Disposition"] == f"attachment; filename=authorisation-{claim.file}.jpg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert "no-store" in answer.headers["Cache-Control"]
        assert b"script" not in answer.data and b"Exif" not in answer.data
    for name, role in (("other", None), ("reviewer", Role.REVIEWER), ("admin", Role.ADMIN)):
        assert browser(house, accounts, name, role).get(path).status_code == 404
    assert house.client.get(path).status_code == 303
    [seen] = search(accounts.engine, Question(act=Act.FILE_VIEWED), 5)
    assert seen.mail == "operator@firm.example"


def test_an_admin_invites_changes_and_sees_what_was_done(house: House, accounts: Accounts) -> None:
    admin = browser(house, accounts, "admin", Role.ADMIN)
    officer = somebody(accounts, "officer@firm.example", Role.OFFICER)
    wrong = send(admin, "/admin/accounts", mail="x", role="king", scope="")
    assert wrong.status_code == 400 and "请选择角色" in wrong.text
    sent = send(admin, "/admin/accounts", mail="new@firm.example", role="reviewer", scope="")
    assert sent.status_code == 303
    path = f"/admin/accounts/{officer.account}"
    assert send(admin, path, action="disable").status_code == 303
    assert accounts.people.one(officer.account).state == "disabled"
    [own] = [each.id for each in accounts.people.listed(mail="admin@")]
    last = admin.post(
        f"/admin/accounts/{own}", data={"csrf_token": form_token(admin, path), "action": "disable"}
    )
    assert last.status_code == 409 and accounts.people.one(own).state == "active"
    page = admin.get(
        "/admin/audit", query_string={"about": f"account:{officer.account}", "act": "account-disabled"}
    )
    assert (
        page.text.count("admin@firm.example") >= 1 and page.text.count("停用账户") == 2
    )  # in the list to choose from, and in the row


def test_the_audit_is_paged_without_a_gap(house: House, accounts: Accounts) -> None:
    admin = browser(house, accounts, "admin", Role.ADMIN)
    for _ in range(60):
        admin.get("/admin/audit", query_string={"day": "2026-03-01"})
    found = search(accounts.engine, Question(act=Act.AUDIT_VIEWED), 100)
    assert len(found) == 60
    first = admin.get("/admin/audit", query_string={"act": "audit-viewed"})
    assert f"below={found[49].id}" in first.text
    second = admin.get("/admin/audit", query_string={"act": "audit-viewed", "below": found[49].id})
    assert second.text.count("day=2026-03-01") == 10


def test_every_act_of_the_audit_has_words(house: House) -> None:
    with house.app.test_request_context("/"):
        assert [act for act in Act if act_words(act) == act] == []


def test_an_account_names_its_enterprises(house: House, accounts: Accounts) -> None:
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", uscc(1))])
    who = somebody(accounts, "firm@firm.example", Role.ENTERPRISE, uscc(1))
    firm = inside(accounts, who, house.client)
    page = firm.get("/account").text
    assert "我的企业：示例甲有限公司" in page and page.count("示例甲有限公司") == 2
    for path in ("people", "cases"):  # and leads back to them from every page below
        assert (
            f'href="/enterprise/{uscc(1)}">示例甲有限公司' in firm.get(f"/enterprise/{uscc(1)}/{path}").text
        ), path
    admin = browser(house, accounts, "admin", Role.ADMIN)
    for path in ("/admin/accounts", f"/admin/accounts/{who.account}"):
        assert "示例甲有限公司" in admin.get(path).text, path

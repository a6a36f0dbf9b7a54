"""Keys over HTTP: from the form to the first call, what a key may do, who manages it; and the pages say nothing to strangers."""

import re
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from indexer.accounts.audit import Caller
from indexer.accounts.models import Letter
from indexer.accounts.roles import Role
from indexer.keys.plans import SHIPPED, Scope
from portal.context import EXTENSION, Portal
from tests.accounts.cast import inside, send, somebody
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

ONE = uscc(1)
MAIL = "developer@firm.example"
FORM = {"mail": MAIL, "name": "采购系统", "purpose": "核对投标人的资质", "plan": "basic"}
SUBJECT = f"/api/v1/subjects/{ONE}"


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    house = open_house(base_url="http://localhost", rate_limits=("1000/minute",))
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", ONE)])
    return house


def parts(house: House) -> Portal:
    found: Portal = house.app.extensions[EXTENSION]
    return found


def letters(house: House) -> list[str]:
    """What the letters say that were queued."""
    mailbox = parts(house).accounts.mailbox
    with house.desk.engine.connect() as connection:
        found = connection.scalars(select(Letter.content).order_by(Letter.id)).all()
    return [orjson.loads(mailbox.seal.open(each or "") or "")["text"] for each in found]


def link(house: House) -> str:
    found = re.search(r"http://localhost(/keys/\S+)", letters(house)[-1])
    assert found
    return found[1]


def key_on(page: TestResponse) -> str:
    found = re.search(r'id="secret">([^<]+)<', page.text)
    assert found, page.text
    return found[1]


def give(house: House, *scopes: str, plan: str = "basic") -> str:
    """A key that is live."""
    kept = parts(house).keys
    wanted = kept.wanted(MAIL, "采购系统", "核对投标人的资质", plan, list(scopes or ("read", "checks")))
    secret = kept.made(Caller(), wanted).secret
    assert secret
    return secret


def ask(house: House, path: str, key: str, **more: object) -> TestResponse:
    return house.client.open(path, headers={"Authorization": f"Bearer {key}"}, **more)  # type: ignore[arg-type]


def test_from_the_form_to_the_first_call_and_the_end_of_it(house: House) -> None:
    client = house.client
    sent = send(client, "/keys", **FORM, scopes="read")
    assert "请查收邮件" in sent.text
    opened = client.get(confirm := link(house))
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert "采购系统" in opened.text
    given = send(client, confirm)
    assert "no-store" in given.headers["Cache-Control"]
    key = key_on(given)
    assert client.get(confirm).status_code == 404
    first = ask(house, SUBJECT, key)
    assert first.status_code == 200
    assert first.headers["RateLimit-Policy"].startswith('"second";q=50;w=1, "minute";q=1200;w=60')
    send(client, "/keys/own", at="/keys", own_mail=MAIL)
    own = link(house)
    parts(house).key_use.write()
    listed = client.get(own)
    assert key[-4:] in listed.text
    assert key not in listed.text
    assert "最近 30 天的用量" in listed.text
    [held] = parts(house).keys.listed(None, 10)
    rotated = key_on(send(client, own, key=held.id, action="rotate", overlap="day"))
    assert ask(house, SUBJECT, key).status_code == ask(house, SUBJECT, rotated).status_code == 200
    assert send(client, own, key=held.id, action="revoke").status_code == 303
    for ended in (key, rotated):
        assert ask(house, SUBJECT, ended).status_code == 401


@pytest.mark.parametrize("said", ["Bearer nonsense", "Bearer", "Basic eDp5", "zhixin_x"])
def test_what_is_no_key_is_401_and_says_how_to_do_it(house: House, said: str) -> None:
    answer = house.client.get(SUBJECT, headers={"Authorization": said})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.get_json()["type"].endswith("#key-not-valid")


def test_a_page_may_stand_behind_the_password_of_a_proxy(house: House) -> None:
    assert house.client.get("/lists", headers={"Authorization": "Basic eDp5"}).status_code == 200
    assert house.client.get("/lists", headers={"Authorization": "Bearer nobody"}).status_code == 401


def test_a_key_in_the_address_is_no_key(house: House) -> None:
    assert house.client.get(SUBJECT, query_string={"key": give(house)}).status_code == 400


def test_guesses_of_keys_are_counted_for_their_address(open_house: Callable[..., House]) -> None:
    house = open_house(rate_limits=("5/minute",))
    statuses = [ask(house, "/api/v1/lists/red", f"zhixin_{number:036}").status_code for number in range(7)]
    assert statuses == [401] * 5 + [429] * 2


def test_a_key_does_what_its_scopes_say(house: House) -> None:
    reads, checks = give(house, "read"), give(house, "checks")
    check = {"method": "POST", "json": {"bidders": [{"id": ONE, "name": ""}]}}
    assert ask(house, SUBJECT, reads).status_code == 200
    refused = ask(house, "/api/v1/checks", reads, **check)
    assert refused.status_code == 403
    assert refused.get_json()["type"].endswith("#scope-missing")
    assert ask(house, "/api/v1/checks", checks, **check).status_code == 200
    assert ask(house, SUBJECT, checks).status_code == 403


def test_exchange_is_never_done_without_a_key(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.accounts.keys._needed", {"api.one_record": Scope.EXCHANGE})
    path = f"/api/v1/records/{'0' * 24}"
    assert house.client.get(path).status_code == 403
    assert ask(house, path, give(house)).status_code == 403
    assert ask(house, path, give(house, "exchange", plan="partner")).status_code == 404


@pytest.fixture
def plans(tmp_path: Path) -> str:
    """The shipped plans, the first of them with 45 an hour."""
    path = tmp_path / "plans.toml"
    path.write_text(SHIPPED.read_text("utf-8").replace('"50/second"', '"45/hour"'), "utf-8")
    return str(path)


def test_a_key_has_its_own_count_wherever_it_is_used_from(
    open_house: Callable[..., House], plans: str
) -> None:
    house = open_house(rate_limits=("3/hour",), plans=plans)
    key = give(house)
    for _ in range(4):
        last = house.client.get("/api/v1/lists/red")
    assert last.status_code == 429
    for number in range(4):
        answer = house.client.get(
            "/api/v1/lists/red",
            headers={"Authorization": f"Bearer {key}"},
            environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"},
        )
        assert answer.status_code == 200
        assert answer.headers["RateLimit"].startswith(f'"hour";r={44 - number};')


def test_keys_work_where_limits_are_off(open_house: Callable[..., House]) -> None:
    house = open_house()
    assert ask(house, "/api/v1/lists/red", give(house)).status_code == 200
    assert ask(house, "/api/v1/lists/red", "zhixin_nobody").status_code == 401


def test_use_counts_what_requests_cost_and_what_was_refused(
    open_house: Callable[..., House], plans: str
) -> None:
    house = open_house(rate_limits=("1000/minute",), plans=plans)
    key = give(house, "read", "checks")
    bidders = [{"id": "", "name": f"示例{number}号有限公司"} for number in range(40)]
    asked = ask(house, "/api/v1/checks", key, method="POST", json={"bidders": bidders})
    assert asked.status_code == 200, asked.text
    statuses = [ask(house, "/api/v1/lists/red", key).status_code for _ in range(12)]
    parts(house).key_use.write()
    [held] = parts(house).keys.listed(None, 1)
    [use] = parts(house).keys.one(held.id).use
    assert statuses == [200] * 5 + [429] * 7
    assert (use.requests, use.cost, use.refused) == (6, 45, 7)


def test_asking_says_the_same_whatever_the_address_has(house: House) -> None:
    give(house)
    known = send(house.client, "/keys/own", at="/keys", own_mail=MAIL)
    unknown = send(house.client, "/keys/own", at="/keys", own_mail="stranger@firm.example")
    assert known.text.replace(MAIL, "") == unknown.text.replace("stranger@firm.example", "")
    assert len(letters(house)) == 1


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(house: House) -> None:
    answer = send(house.client, "/keys", **(FORM | {"purpose": "查"}), scopes="read")
    assert answer.status_code == 400
    assert "请写明用途" in answer.text
    assert "采购系统" in answer.text


def test_without_an_address_for_links_no_letter_is_promised(open_house: Callable[..., House]) -> None:
    house = open_house()
    page = house.client.get("/keys").text
    assert "本站现在不能发信" in page
    assert 'name="purpose"' not in page


def test_an_admin_approves_changes_and_revokes(house: House) -> None:
    kept = parts(house).keys
    send(house.client, "/keys", **(FORM | {"plan": "partner"}), scopes="exchange")
    waiting = send(house.client, link(house))
    assert "等待管理员批准" in waiting.text
    admin = inside(
        parts(house).accounts, somebody(parts(house).accounts, "admin@firm.example", Role.ADMIN), house.client
    )
    assert "采购系统" in admin.get("/admin/keys?state=waiting").text
    [held] = kept.listed(None, 1)
    path = f"/admin/keys/{held.id}"
    assert send(admin, path, action="refuse", reason="").status_code == 400
    assert send(admin, path, action="approve").status_code == 303
    key = key_on(send(house.client, link(house)))
    assert ask(house, SUBJECT, key).status_code == 403  # it may exchange, nothing else
    assert send(admin, path, action="plan", plan="basic").status_code == 303
    assert ask(house, SUBJECT, key).status_code == 200
    assert send(admin, path, action="revoke", reason="密钥出现在公开的代码里").status_code == 303
    assert ask(house, SUBJECT, key).status_code == 401
    assert "密钥出现在公开的代码里" in letters(house)[-1]
    assert "key-revoked" in admin.get(f"/admin/audit?about=key:{held.id}").text

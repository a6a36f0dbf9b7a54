"""Logging in by the pages, and what others may try with them."""

import re
from collections.abc import Callable
from typing import Any

import orjson
import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from indexer.accounts.audit import Caller
from indexer.accounts.models import Letter
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from portal.accounts.access import local
from portal.context import EXTENSION
from tests.accounts.cast import PASSWORD, code, form_token, inside, send, somebody
from tests.portal.conftest import House
from tests.register.conftest import uscc

MAIL = "one@firm.example"
NEXT = [
    ("/account", "/account"),
    ("/search?q=x", "/search?q=x"),
    ("//evil.example", ""),
    ("/\\evil.example", ""),
    ("https://evil.example/", ""),
    ("javascript:alert(1)", ""),
    ("/\t/evil.example", ""),
    ("/ok\r\nSet-Cookie: x=1", ""),
    ("evil.example", ""),
    ("", ""),
]


@pytest.fixture
def accounts(house: House) -> Accounts:
    found: Accounts = house.app.extensions[EXTENSION].accounts
    return found


def log_in(client: FlaskClient, mail: str = MAIL, password: str = PASSWORD, back: str = "") -> str:
    """Fill the form in; gives where it leads."""
    answer = send(client, "/login", mail=mail, password=password, next=back)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def cookie(client: FlaskClient, name: str = "zhixin") -> str | None:
    found = client.get_cookie(name)
    return found.value if found is not None else None


def test_with_a_password_one_is_in_and_out_again(house: House, accounts: Accounts) -> None:
    somebody(accounts, MAIL)
    client = house.client
    assert log_in(client) == "/account"
    page = client.get("/account")
    assert page.status_code == 200 and MAIL in page.text
    assert "no-store" in page.headers["Cache-Control"]
    old = cookie(client)
    assert send(client, "/logout", at="/account").status_code == 303
    assert cookie(client) is None
    client.set_cookie("zhixin", old or "")
    assert client.get("/account").headers["Location"] == "/login?next=/account"  # the token is worth nothing


def test_an_operator_is_led_to_the_second_step_and_does_nothing_before(
    house: House, accounts: Accounts
) -> None:
    someone = somebody(accounts, MAIL, Role.OPERATOR, two_steps=False)
    client = house.client
    log_in(client)
    assert client.get("/desk/claims").headers["Location"] == "/account/two-steps"
    page = client.get("/account/two-steps")
    secret = re.search(r'class="code">([A-Z2-7 ]+)<', page.text)
    assert secret and "<svg" in page.text
    now = pyotp.TOTP(secret[1].replace(" ", "")).at(accounts.clock.now())
    answer = send(client, "/account/two-steps", code=now)
    assert answer.status_code == 200 and answer.text.count('<li class="code">') == 10
    assert client.get("/desk/claims").status_code == 200
    assert accounts.people.one(someone.account).two_steps


def test_with_two_steps_the_code_is_asked_for(house: House, accounts: Accounts) -> None:
    somebody(accounts, MAIL, Role.OPERATOR)
    client = house.client
    assert log_in(client, back="/desk/claims") == "/login/code"
    assert client.get("/desk/claims").status_code == 303
    assert "验证码不对" in send(client, "/login/code", code="000000").text
    answer = send(client, "/login/code", code=code(accounts))
    assert answer.headers["Location"] == "/desk/claims"
    assert client.get("/desk/claims").status_code == 200


@pytest.mark.parametrize(("said", "taken"), NEXT)
def test_a_log_in_leads_on_within_the_portal_only(
    house: House, accounts: Accounts, said: str, taken: str
) -> None:
    assert local(said) == taken
    somebody(accounts, MAIL)
    assert log_in(house.client, back=said) == (taken or "/account")


def test_a_token_planted_before_the_log_in_is_worth_nothing_after(house: House, accounts: Accounts) -> None:
    somebody(accounts, MAIL)
    client = house.client
    client.set_cookie("zhixin", "planted")
    log_in(client)
    assert cookie(client) != "planted"
    other = house.client
    other.set_cookie("zhixin", "planted")
    assert other.get("/account").status_code == 303


def test_a_form_token_of_before_the_log_in_is_worth_nothing_after(house: House, accounts: Accounts) -> None:
    somebody(accounts, MAIL)
    client = house.client
    planted = form_token(client, "/login")
    log_in(client)
    assert (
        client.post("/account/sessions", data={"csrf_token": planted, "session": "others"}).status_code == 400
    )


def test_the_token_changes_when_rights_change_and_the_page_before_still_loads(
    house: House, accounts: Accounts
) -> None:
    someone = somebody(accounts, MAIL)
    client = house.client
    log_in(client)
    old = cookie(client)
    house.desk.clock.instant = house.desk.clock.instant.replace(minute=5)
    accounts.people.grant(Caller(), someone.account, Role.ENTERPRISE, uscc(1), "admin")
    assert client.get(f"/enterprise/{uscc(1)}/people").status_code == 200
    assert cookie(client) not in (None, old)
    assert client.get("/account").status_code == 200
    late = house.client
    late.set_cookie("zhixin", old or "")
    assert late.get("/account").status_code == 200  # asked for before the new cookie came
    house.desk.clock.instant = house.desk.clock.instant.replace(minute=6)
    assert late.get("/account").status_code == 303


def test_a_role_that_ended_ends_at_once(house: House, accounts: Accounts) -> None:
    someone = somebody(accounts, MAIL, Role.ENTERPRISE, uscc(1))
    client = inside(accounts, someone, house.client)
    path = f"/enterprise/{uscc(1)}/people"
    assert client.get(path).status_code == 200
    [held] = accounts.people.one(someone.account).holdings
    accounts.people.dismiss(Caller(), held.id)
    assert client.get(path).status_code == 403


def test_sessions_are_listed_and_ended(house: House, accounts: Accounts) -> None:
    someone = somebody(accounts, MAIL)
    here, there = house.client, inside(accounts, someone, house.client)
    log_in(here)
    assert here.get("/account").text.count('name="session"') == 3  # two, and all others
    assert send(here, "/account/sessions", at="/account", session="others").status_code == 303
    assert there.get("/account").status_code == 303
    assert here.get("/account").status_code == 200
    other = somebody(accounts, "other@firm.example")
    inside(accounts, other, house.client)
    [theirs] = accounts.sessions.of(other.account)
    answer = send(here, "/account/sessions", at="/account", session=str(theirs.id))
    assert answer.status_code == 404 and accounts.sessions.of(other.account)


def test_a_session_ends_when_idle_and_at_its_end(house: House, accounts: Accounts) -> None:
    client = inside(accounts, somebody(accounts, MAIL), house.client)
    clock = house.desk.clock
    clock.instant += accounts.sessions.idle * 0.9
    assert client.get("/account").status_code == 200
    clock.instant += accounts.sessions.idle * 0.9
    assert client.get("/account").status_code == 200
    clock.instant += accounts.sessions.idle * 1.1
    assert client.get("/account").status_code == 303
    client, end = (
        inside(accounts, somebody(accounts, "two@firm.example"), house.client),
        clock.instant + accounts.sessions.longest,
    )
    while clock.instant < end:
        assert client.get("/account").status_code == 200
        clock.instant += accounts.sessions.idle * 0.9
    assert client.get("/account").status_code == 303


def test_changing_the_password_needs_the_present_one_and_ends_other_sessions(
    house: House, accounts: Accounts
) -> None:
    someone = somebody(accounts, MAIL)
    here, there = house.client, inside(accounts, someone, house.client)
    log_in(here)
    path, new = "/account/password", "four hungry owls at noon"
    assert send(here, path, at="/account", now="a wrong password", password=new).status_code == 400
    assert send(here, path, at="/account", now=PASSWORD, password="password1234").status_code == 400
    assert there.get("/account").status_code == 200
    assert send(here, path, at="/account", now=PASSWORD, password=new).status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert log_in(house.client, password=new) == "/account"


def test_cookies_are_held_to_the_host_where_people_come_by_https(open_house: Callable[..., House]) -> None:
    house = open_house(base_url="https://credit.example.cn")
    accounts = house.app.extensions[EXTENSION].accounts
    somebody(accounts, MAIL)
    client = house.app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    base: dict[str, Any] = {"base_url": "https://credit.example.cn"}
    page = client.get("/login", **base)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    answer = client.post("/login", data={"csrf_token": token[1], "mail": MAIL, "password": PASSWORD}, **base)
    said = page.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    assert {line.partition("=")[0] for line in said} == {
        "__Host-zhixin",
        "__Host-zhixin-browser",
        "__Host-zhixin-form",
    }
    for line in said:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; ")), line
        assert "Domain" not in line


def test_programs_have_no_session(house: House, accounts: Accounts) -> None:
    client = inside(accounts, somebody(accounts, MAIL), house.client)
    answer = client.get("/api/v1/lists/red")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "no-store" not in answer.headers["Cache-Control"]


def test_the_host_that_a_request_names_stands_in_no_letter_and_no_redirect(
    open_house: Callable[..., House],
) -> None:
    house = open_house(base_url="https://credit.example.cn")
    accounts = house.app.extensions[EXTENSION].accounts
    somebody(accounts, MAIL)
    client = house.app.test_client()
    evil: dict[str, Any] = {"base_url": "http://evil.example"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/forgot", **evil).text)
    assert token
    assert client.post("/forgot", data={"csrf_token": token[1], "mail": MAIL}, **evil).status_code == 200
    [letter] = letters(house.app)
    assert "https://credit.example.cn/link/" in letter and "evil" not in letter
    assert client.get("/account", **evil).headers["Location"] == "/login?next=/account"


def test_asking_for_a_letter_says_the_same_whether_there_is_an_account(
    house: House, accounts: Accounts
) -> None:
    somebody(accounts, MAIL)
    for path in ("/forgot", "/register"):
        known, unknown = (
            send(house.client, path, mail=mail).text.replace(mail, "") for mail in (MAIL, "no@firm.example")
        )
        assert known == unknown
    assert len(letters(house.app)) == 3  # none for a password that nobody has


def test_letters_that_anybody_can_cause_are_few(house: House, accounts: Accounts) -> None:
    somebody(accounts, MAIL)
    for _ in range(6):
        assert send(house.client, "/forgot", mail=MAIL).status_code == 200
    assert len(letters(house.app)) == 3


def letters(app: Flask) -> list[str]:
    """The texts that wait to be sent."""
    accounts: Accounts = app.extensions[EXTENSION].accounts
    with accounts.engine.connect() as connection:
        sealed = connection.scalars(select(Letter.content).order_by(Letter.id)).all()
    assert not any("/link/" in (each or "") for each in sealed)
    return [orjson.loads(accounts.mailbox.seal.open(each or "") or "{}")["text"] for each in sealed]


def test_a_new_account_starts_with_a_letter_and_a_link_works_once(house: House, accounts: Accounts) -> None:
    client = house.client
    send(client, "/register", mail="New@Firm.example")
    path = _link(letters(house.app)[0])
    assert "no-store" in client.get(path).headers["Cache-Control"]
    assert send(client, path, name="示例新人", password="short").status_code == 400
    answer = send(client, path, name="示例新人", password=PASSWORD)
    assert answer.headers["Location"] == "/account"
    assert "new@firm.example" in client.get("/account").text
    assert client.get(path).status_code == 404


def test_a_reset_ends_sessions_and_outdates_other_links_and_itself_after_an_hour(
    house: House, accounts: Accounts
) -> None:
    someone = somebody(accounts, MAIL)
    thief = inside(accounts, someone, house.client)
    for _ in range(2):
        send(house.client, "/forgot", mail=MAIL)
    first, second = map(_link, letters(house.app))
    client = house.client
    assert send(client, second, password="four hungry owls at noon").status_code == 303
    assert thief.get("/account").status_code == 303
    assert client.get("/account").status_code == 200
    assert client.get(first).status_code == 404
    send(house.client, "/forgot", mail=MAIL)
    third = _link(letters(house.app)[-1])
    house.desk.clock.instant += accounts.sessions.idle * 1.1
    assert house.client.get(third).status_code == 404


def test_an_invitation_is_for_its_address_alone(house: House, accounts: Accounts) -> None:
    boss = inside(accounts, somebody(accounts, "boss@firm.example", Role.ENTERPRISE, uscc(1)), house.client)
    somebody(accounts, MAIL)
    path = f"/enterprise/{uscc(1)}/people"
    assert (
        send(boss, path, mail=MAIL, role="admin", scope=uscc(2)).status_code == 303
    )  # what the form lacks is not heard
    link = _link(letters(house.app)[0])
    other = inside(accounts, somebody(accounts, "other@firm.example"), house.client)
    assert send(other, link).headers["Location"].startswith("/login")
    invited = house.client
    log_in(invited)
    assert send(invited, link).headers["Location"] == "/account"
    assert MAIL in boss.get(path).text
    [held] = accounts.people.one(accounts.people.known(MAIL) or 0).holdings
    assert (held.role, held.scope) == (Role.ENTERPRISE, uscc(1))


def test_nobody_is_dismissed_by_people_of_another_enterprise(house: House, accounts: Accounts) -> None:
    mine = inside(accounts, somebody(accounts, MAIL, Role.ENTERPRISE, uscc(1)), house.client)
    theirs = somebody(accounts, "other@firm.example", Role.ENTERPRISE, uscc(2))
    [held] = accounts.people.one(theirs.account).holdings
    path = f"/enterprise/{uscc(1)}/people"
    assert send(mine, f"{path}/{held.id}/end", at=path).status_code == 404
    assert accounts.people.one(theirs.account).holdings


def _link(letter: str) -> str:
    found = re.search(r"/link/\S+", letter)
    assert found
    return found[0]

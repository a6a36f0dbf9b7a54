"""Following over HTTP: the form, the letter's link, the page to manage, one click to end it; nothing tells who follows what."""

import re
from collections.abc import Callable

import orjson
import pytest
import structlog
from sqlalchemy import select

from indexer.accounts.models import Letter
from indexer.accounts.roles import Role
from indexer.following.matching import match
from indexer.following.targets import Target
from portal.context import EXTENSION, Portal
from tests.accounts.cast import inside, send, somebody
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

ONE = uscc(1)
MAIL = "reader@firm.example"
FORM = f"/follow?subject={ONE}"
SITE = "https://credit.example.cn"


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    house = open_house(base_url="http://localhost")
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


def link(letter: str) -> str:
    found = re.search(r"http://localhost(/follow/\S+)", letter)
    assert found
    return found[1]


def test_from_the_page_to_the_end_of_it(house: House) -> None:
    client = house.client
    page = client.get(f"/subjects/{ONE}").text
    assert FORM in page
    sent = send(client, FORM, mail=" Reader@Firm.example ")
    assert "请查收邮件" in sent.text
    confirm = link(letters(house)[0])
    opened = client.get(confirm)
    assert "示例甲有限公司" in opened.text
    assert MAIL in opened.text
    assert "no-store" in opened.headers["Cache-Control"]
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert parts(house).followings.overview_of(MAIL).held == []  # opening confirms nothing
    managed = send(client, confirm)
    assert managed.status_code == 303
    manage = managed.headers["Location"]
    listed = client.get(manage).text
    assert "示例甲有限公司" in listed
    [held] = parts(house).followings.overview_of(MAIL).held
    assert send(client, manage, end=str(held.id)).status_code == 303
    assert "没有关注的内容" in client.get(manage).text


def test_one_click_ends_all_without_cookie_or_form(house: House) -> None:
    client = house.client
    send(client, FORM, mail=MAIL)
    manage = send(client, link(letters(house)[0])).headers["Location"]
    mail_program = house.app.test_client(use_cookies=False)
    for _ in range(2):
        answer = mail_program.post(f"{manage}/stop", data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert parts(house).followings.overview_of(MAIL).held == []
    shown = mail_program.get(f"{manage}/stop")
    assert (shown.status_code, shown.headers["Location"]) == (303, manage)


def test_looking_at_the_address_that_ends_all_ends_nothing(house: House) -> None:
    client = house.client
    send(client, FORM, mail=MAIL)
    manage = send(client, link(letters(house)[0])).headers["Location"]
    client.get(f"{manage}/stop")
    assert len(parts(house).followings.overview_of(MAIL).held) == 1


def test_the_answer_is_the_same_whether_an_address_follows_already(house: House) -> None:
    client = house.client
    first = send(client, FORM, mail=MAIL)
    send(client, link(letters(house)[0]))
    again = send(client, FORM, mail=MAIL)
    stranger = send(client, FORM, mail="other@firm.example")
    plain = [answer.text.replace("other@firm.example", MAIL) for answer in (first, again, stranger)]
    assert len(set(plain)) == 1
    assert {answer.status_code for answer in (first, again, stranger)} == {200}


@pytest.mark.parametrize(
    "path", ["/follow", "/follow?list=grey", "/follow?subject=x", "/follow?q=%3F", "/follow?what=x"]
)
def test_what_is_nothing_to_follow_is_refused(house: House, path: str) -> None:
    assert house.client.get(path).status_code == 400


@pytest.mark.parametrize("mail", ["", "x", "a@b", "a@b.c\r\nBcc: d@e.f", "甲@firm.example"])
def test_what_is_no_address_is_told_beside_the_field(house: House, mail: str) -> None:
    answer = send(house.client, FORM, mail=mail)
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert letters(house) == []


def test_without_a_public_address_there_is_only_the_feed(open_house: Callable[..., House]) -> None:
    house = open_house()
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", ONE)])
    page = house.client.get(FORM).text
    assert 'name="mail"' not in page
    assert f"/subjects/{ONE}.atom" in page
    assert send(house.client, FORM, at="/register", mail=MAIL).status_code == 400


def test_an_unknown_token_opens_nothing(house: House) -> None:
    for path in ("/follow/confirm/x", "/follow/x"):
        assert house.client.get(path).status_code == 404
    assert house.client.post("/follow/x/stop").status_code == 404


def test_people_of_an_enterprise_choose_in_their_account(house: House) -> None:
    accounts, client = parts(house).accounts, house.client
    inside(accounts, somebody(accounts, MAIL, Role.ENTERPRISE, ONE), client)
    match(house.desk.register, parts(house).followings)
    match(house.desk.register, parts(house).followings)
    page = client.get("/account/following").text
    assert "本企业的变动" in page
    assert "/account/following" in client.get("/account").text
    assert [held.target for held in parts(house).followings.overview_of(MAIL).held] == [Target("own", ONE)]
    assert send(client, "/account/following", own="off").status_code == 303
    assert parts(house).followings.overview_of(MAIL).own == "off"
    match(house.desk.register, parts(house).followings)
    assert parts(house).followings.overview_of(MAIL).held == []
    assert send(client, "/account/following", own="hourly").status_code == 400


def test_no_token_gets_into_the_log(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    client = house.client
    send(client, FORM, mail=MAIL)
    confirm = link(letters(house)[0])
    manage = send(client, confirm).headers["Location"]
    client.get(manage)
    client.get(f"{confirm}x")
    client.post(f"{manage}x/stop")
    structlog.get_logger().warning("the log works")
    said = "".join(capsys.readouterr())
    assert "the log works" in said
    for secret in (confirm, manage, MAIL):
        assert secret.rpartition("/")[2] not in said

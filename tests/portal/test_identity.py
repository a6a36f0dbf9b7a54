"""Logging in by an identity platform: a real provider, the whole way there and back."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from oidc_provider_mock import User, run_server_in_thread
from werkzeug.test import TestResponse

from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from portal.context import EXTENSION
from tests.accounts.cast import FORM_TOKEN, inside, somebody
from tests.portal.conftest import House
from tests.portal.test_logging_in import letters
from tests.register.conftest import uscc

BASE = "http://credit.example.cn"
PEOPLE = (
    User(sub="s1", claims={"email": "One@firm.example", "name": "示例甲", "uscc": uscc(1)}),
    User(sub="s2", claims={"email": "two@firm.example", "name": "示例乙"}),
    User(sub="s3", claims={"email": "three@firm.example", "email_verified": False}),
    User(sub="s4", claims={"email": "four@firm.example", "uscc": "91320000INVALID000"}),
)


@dataclass(frozen=True)
class Province:
    """A portal that takes part in a platform."""

    house: House
    platform: str

    @property
    def accounts(self) -> Accounts:
        found: Accounts = self.house.app.extensions[EXTENSION].accounts
        return found

    def go(self, client: FlaskClient, back: str = "", link: str = "") -> str:
        """To the platform: the address that it is asked with."""
        asked = {"next": back, "csrf_token": link}
        answer = client.get("/login/identity", query_string=asked, base_url=BASE)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["Location"])

    def consent(self, address: str, who: str) -> str:
        """Log in there; gives the address that it sends back to."""
        answer = requests.post(address, data={"sub": who}, allow_redirects=False, timeout=10)
        assert answer.status_code in (302, 303), answer.text
        return answer.headers["Location"]

    def log_in(self, client: FlaskClient, who: str, back: str = "", link: str = "") -> Any:
        """The whole way."""
        return client.get(self.consent(self.go(client, back, link), who), base_url=BASE)

    def inside(self, mail: str) -> FlaskClient:
        """A browser in which somebody is logged in."""
        client = inside(self.accounts, somebody(self.accounts, mail), self.house.client)
        client.set_cookie("zhixin", client.get_cookie("zhixin").value, domain="credit.example.cn")  # type: ignore[union-attr]
        return client


@pytest.fixture
def province(open_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch) -> Iterator[Province]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the provider of the test speaks no TLS
    with run_server_in_thread(user_claims=PEOPLE, require_nonce=True) as server:
        issuer = f"http://localhost:{server.server_port}"
        house = open_house(
            base_url=BASE, oidc_issuer=issuer, oidc_client_id="zhixin", oidc_client_secret="a secret of both"
        )
        yield Province(house, issuer)


def test_who_the_platform_knows_gets_an_account_and_its_enterprise(province: Province) -> None:
    client = province.house.client
    answer = province.log_in(client, "s1", back=f"/enterprise/{uscc(1)}/people")
    assert answer.headers["Location"] == f"/enterprise/{uscc(1)}/people"
    assert client.get(answer.headers["Location"], base_url=BASE).status_code == 200
    account = province.accounts.people.known("one@firm.example")
    province.log_in(province.house.client, "s1")
    [listed] = province.accounts.people.listed()
    assert listed.id == account
    assert [(held.role, held.scope) for held in listed.holdings] == [(Role.ENTERPRISE, uscc(1))]


def test_the_platform_is_asked_with_code_pkce_state_and_nonce(province: Province) -> None:
    asked = parse_qs(urlsplit(province.go(province.house.client)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{BASE}/login/identity/back"]
    assert asked["state"][0] and asked["nonce"][0] and asked["code_challenge"][0]


def test_an_account_is_never_taken_over_by_its_mail_address(province: Province) -> None:
    somebody(province.accounts, "two@firm.example", Role.ENTERPRISE, uscc(2))
    client = province.house.client
    answer = province.log_in(client, "s2")
    assert answer.status_code == 409 and "先用密码登录" in answer.text
    assert client.get("/account", base_url=BASE).status_code == 303


def test_its_owner_links_it_from_the_account_page_and_comes_by_the_platform_then(province: Province) -> None:
    client = province.inside("owner@firm.example")
    link = re.search(r'/login/identity\?csrf_token=([^"]+)"', client.get("/account", base_url=BASE).text)
    assert link
    assert province.log_in(client, "s2", link=link[1]).headers["Location"] == "/account"
    later = province.house.client
    assert province.log_in(later, "s2").headers["Location"] == "/account"
    assert "owner@firm.example" in later.get("/account", base_url=BASE).text


@pytest.mark.parametrize("link", ["", "made-up"])
def test_nobody_else_can_have_an_identity_linked_to_an_account(province: Province, link: str) -> None:
    client = province.inside("owner@firm.example")
    client.get("/account", base_url=BASE)
    province.log_in(client, "s2", link=link)  # where somebody else is logged in at the platform
    page = province.house.client
    province.log_in(page, "s2")
    assert "two@firm.example" in page.get("/account", base_url=BASE).text


def test_an_answer_is_worth_nothing_in_another_browser_and_the_second_time(province: Province) -> None:
    client = province.house.client
    back = province.consent(province.go(client), "s1")
    assert province.house.client.get(back, base_url=BASE).status_code == 400
    assert client.get(back, base_url=BASE).status_code == 303
    assert client.get(back, base_url=BASE).status_code == 400


def asked_for_mail(province: Province, client: FlaskClient, who: str, mail: str) -> str:
    """Log in where the platform tells no address, and give one; the path of the link that the letter holds, empty where it holds none."""
    answer = province.log_in(client, who)
    assert answer.headers["Location"] == "/login/identity/mail"
    assert province.accounts.people.known(mail) is None or mail == "taken@firm.example"
    page = client.get("/login/identity/mail", base_url=BASE).text
    token = FORM_TOKEN.search(page)
    assert token
    sent = {"csrf_token": token[1], "mail": mail}
    assert client.post("/login/identity/mail", data=sent, base_url=BASE).status_code == 200
    found = re.search(r"/link/\S+", letters(province.house.app)[-1])
    return found[0] if found else ""


def confirm(client: FlaskClient, path: str) -> TestResponse:
    token = FORM_TOKEN.search(client.get(path, base_url=BASE).text)
    assert token
    return client.post(path, data={"csrf_token": token[1]}, base_url=BASE)


@pytest.mark.parametrize("who", ["s3", "nobody"])
def test_who_has_no_address_that_the_platform_vouches_for_gives_one_and_confirms_it(
    province: Province, who: str
) -> None:
    client = province.house.client
    path = asked_for_mail(province, client, who, "mine@firm.example")
    assert province.accounts.people.listed() == [], "nothing before the letter is opened"
    assert confirm(province.house.client, path).status_code == 409, (
        "another browser: whose letter box it is says not who logged in"
    )
    assert province.accounts.people.listed() == []
    assert confirm(client, path).status_code == 303
    assert "mine@firm.example" in client.get("/account", base_url=BASE).text
    again = province.house.client
    assert province.log_in(again, who).headers["Location"] == "/account", "it is asked only once"
    [listed] = province.accounts.people.listed()
    assert listed.mail == "mine@firm.example"
    assert confirm_is_over(client, path)


def confirm_is_over(client: FlaskClient, path: str) -> bool:
    return client.get(path, base_url=BASE).status_code == 404


def test_an_address_that_has_an_account_is_told_to_its_letter_box_alone(province: Province) -> None:
    somebody(province.accounts, "taken@firm.example")
    assert asked_for_mail(province, province.house.client, "nobody", "taken@firm.example") == ""
    assert "已经有了" in letters(province.house.app)[-1]


def test_the_wait_for_the_letter_ends_and_nobody_gets_there_without_the_platform(province: Province) -> None:
    stranger = province.house.client
    assert stranger.get("/login/identity/mail", base_url=BASE).headers["Location"].endswith("/login")
    client = province.house.client
    asked_for_mail(province, client, "nobody", "mine@firm.example")
    province.house.desk.clock.instant += timedelta(hours=1, minutes=1)
    assert client.get("/login/identity/mail", base_url=BASE).headers["Location"].endswith("/login")


def test_a_code_that_is_none_gives_no_role(province: Province) -> None:
    assert province.log_in(province.house.client, "s4").status_code == 303
    [listed] = province.accounts.people.listed()
    assert listed.holdings == ()


def test_an_enterprise_that_the_platform_no_longer_names_is_gone_at_the_next_log_in(
    province: Province,
) -> None:
    province.log_in(province.house.client, "s1")
    moved = {"email": "one@firm.example", "uscc": uscc(2)}
    assert requests.put(f"{province.platform}/users/s1", json=moved, timeout=10).status_code == 204
    province.log_in(province.house.client, "s1")
    [listed] = province.accounts.people.listed()
    assert [held.scope for held in listed.holdings] == [uscc(2)]


def test_a_platform_that_does_not_answer_is_said_so(open_house: Callable[..., House]) -> None:
    house = open_house(
        base_url=BASE, oidc_issuer="http://127.0.0.1:9", oidc_client_id="zhixin", oidc_client_secret="x"
    )
    answer = house.client.get("/login/identity", base_url=BASE)
    assert answer.status_code == 503 and "统一身份认证平台没有应答" in answer.text

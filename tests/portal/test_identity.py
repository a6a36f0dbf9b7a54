"""Logging in by an identity platform: a real provider, the whole way there and back."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from oidc_provider_mock import User, run_server_in_thread

from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from portal.context import EXTENSION
from tests.accounts.cast import inside, somebody
from tests.portal.conftest import House
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


@pytest.mark.parametrize("who", ["s3", "nobody"])
def test_who_has_no_address_that_the_platform_vouches_for_is_not_let_in(province: Province, who: str) -> None:
    assert province.log_in(province.house.client, who).status_code == 400
    assert province.accounts.people.listed() == []


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

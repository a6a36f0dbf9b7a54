"""People for tests: accounts of each role, and browsers that are logged in as them."""

import re
from dataclasses import dataclass
from functools import cache

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.models import Account
from indexer.accounts.opening import Accounts
from indexer.accounts.passwords import keep
from indexer.accounts.people import create, grant
from indexer.accounts.roles import TWO_STEPS, Role
from indexer.accounts.sessions import FULL

PASSWORD = "seven green bicycles leave"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Somebody:
    """A person of the test."""

    account: int
    mail: str


def somebody(
    accounts: Accounts, mail: str, role: Role | None = None, scope: str = "", *, two_steps: bool | None = None
) -> Somebody:
    """Make an account, with a role; with a second step where the role needs one, or as said."""
    with acting(accounts.engine, accounts.clock, Caller()) as act:
        account = create(act, mail, f"示例{mail.partition('@')[0]}", None)
        act.connection.execute(update(Account).where(Account.id == account).values(password=_kept()))
        if role is not None:
            grant(act, account, role, scope, "command")
    if two_steps if two_steps is not None else role in TWO_STEPS:
        accounts.second_step.begin(Caller(), account, SECRET)
        with acting(accounts.engine, accounts.clock, Caller()) as act:
            act.connection.execute(update(Account).where(Account.id == account).values(factor_since=act.now))
    return Somebody(account, mail)


@cache
def _kept() -> str:
    """The hash of everybody's password, made once: it takes long by design."""
    return keep(PASSWORD)


def inside(accounts: Accounts, someone: Somebody, client: FlaskClient) -> FlaskClient:
    """Log somebody in, without the pages of the log-in."""
    with acting(accounts.engine, accounts.clock, Caller()) as act:
        token = accounts.sessions.open(act, someone.account, FULL, "test")
    client.set_cookie("zhixin", token)
    return client


def form_token(client: FlaskClient, path: str) -> str:
    """The token of the first form on a page."""
    answer = client.get(path)
    found = FORM_TOKEN.search(answer.text)
    assert found, (path, answer.status_code, answer.headers.get("Location"))
    return found[1]


def send(client: FlaskClient, path: str, at: str | None = None, **fields: object) -> TestResponse:
    """Send a form from the page `at`, else from the page of its own address."""
    return client.post(path, data={"csrf_token": form_token(client, at or path), **fields})


def code(accounts: Accounts) -> str:
    """The code of now of everybody's second step."""
    return pyotp.TOTP(SECRET).at(accounts.clock.now())

"""Commands about people: the first admin, the list, the end of an account, the audit; and what the demonstration gives away."""

import subprocess
import sys
from pathlib import Path

import pytest

from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.clock import Clock
from indexer.demo.people import PEOPLE, invite
from indexer.register.database import connect, migrate
from indexer.settings import Settings
from tests.cli.command import SECONDS, Ended, Zhixin
from tests.servers import CHECKOUT, portal


def test_the_first_admin_comes_by_a_link_on_a_fresh_database(zhixin: Zhixin) -> None:
    made = run(zhixin, "accounts", "create-admin", "Boss@Example.cn")
    assert made.code == 0
    path = made.out.strip()
    assert path.startswith("/link/")
    accounts = people(zhixin.settings)
    link = accounts.links.read(path.removeprefix("/link/"))
    assert (link.mail, link.role) == ("boss@example.cn", Role.ADMIN)
    audit = run(zhixin, "audit", "verify")
    assert audit.code == 0 and audit.out.startswith("1\t")
    head = audit.out.split()[1]
    assert run(zhixin, "audit", "verify", "--expect", head).code == 0
    assert run(zhixin, "audit", "verify", "--expect", "0" * 63 + "1").code == 1
    accounts.engine.dispose()


def test_an_account_is_listed_and_disabled(zhixin: Zhixin) -> None:
    migrate(zhixin.settings.database_url)
    accounts = people(zhixin.settings)
    invite(accounts)
    assert run(zhixin, "accounts", "disable", "operator@demo.example").code == 0
    listed = run(zhixin, "accounts", "list").out.splitlines()
    assert len(listed) == len(PEOPLE)
    assert "operator@demo.example\tdisabled\t示例经办人员\toperator" in listed
    unknown = run(zhixin, "accounts", "disable", "nobody@demo.example")
    assert unknown.code == 1 and "没有这个账户" in unknown.complaint
    accounts.engine.dispose()


def test_letters_without_a_server_are_told_of(zhixin: Zhixin) -> None:
    assert "ZHIXIN_SMTP_URL" in run(zhixin, "mail", "send").complaint


def test_a_register_in_earnest_with_accounts_of_the_demonstration_is_not_served(
    zhixin: Zhixin, tmp_path: Path
) -> None:
    migrate(zhixin.settings.database_url)
    accounts = people(zhixin.settings)
    invite(accounts)
    accounts.engine.dispose()
    assert "演示账户" in run(zhixin, "serve", "--port", "1").complaint
    environ = {"ZHIXIN_DATA": str(zhixin.settings.data), "ZHIXIN_DATABASE_URL": zhixin.settings.database_url}
    with pytest.raises(RuntimeError, match="ended with 3"), portal(environ, tmp_path / "log"):
        pass


def test_codes_of_the_demonstration_are_given_away_and_no_others(zhixin: Zhixin) -> None:
    settings = zhixin.settings.moved("demo")
    migrate(settings.database_url)
    accounts = people(settings)
    invite(accounts)
    invite(accounts)  # a second start makes none twice
    assert len(accounts.people.listed()) == len(PEOPLE)
    code = run(zhixin, "accounts", "code", "operator@demo.example")
    assert code.code == 0 and code.out.strip().isdecimal() and len(code.out.strip()) == 6
    assert "这不是演示账户" in run(zhixin, "accounts", "code", "nobody@demo.example").complaint
    accounts.engine.dispose()


def run(zhixin: Zhixin, *arguments: str) -> Ended:
    """`zhixin` with all its commands, as it is installed."""
    ended = subprocess.run(
        [sys.executable, "-m", "portal", *arguments],
        env=zhixin.environ,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def people(settings: Settings) -> Accounts:
    return Accounts(connect(settings.database_url), Clock(), settings)

"""The demonstration's accounts (演示账户): one of each role, with a password that everybody knows. They are let in nowhere else."""

from sqlalchemy import update

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.models import Account
from indexer.accounts.opening import Accounts
from indexer.accounts.people import create, grant
from indexer.accounts.roles import TWO_STEPS, Role
from indexer.demo.stories import CLEAN_AAA

PASSWORD = "gingko-lantern-canal-42"  # noqa: S105  known to everybody, and of use in the demonstration alone
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  of the second step; likewise
AGENCY = "示例市公共资源交易中心"

PEOPLE: tuple[tuple[str, str, Role, str], ...] = (
    ("enterprise@demo.example", "示例企业人员", Role.ENTERPRISE, CLEAN_AAA.code),
    ("officer@demo.example", "示例机关人员", Role.OFFICER, AGENCY),
    ("operator@demo.example", "示例经办人员", Role.OPERATOR, ""),
    ("reviewer@demo.example", "示例审核人员", Role.REVIEWER, ""),
    ("admin@demo.example", "示例管理员", Role.ADMIN, ""),
)
"""Address, name, role and of what."""


def invite(accounts: Accounts) -> list[tuple[str, str]]:
    """Make those that there are not yet; gives address and words of each."""
    for mail, name, role, scope in PEOPLE:
        if accounts.people.known(mail) is None:
            _make(accounts, mail, name, role, scope)
    return [
        (
            mail,
            f"{name} {role}{f' {scope}' if scope else ''}{'，两步 two steps' if role in TWO_STEPS else ''}",
        )
        for mail, name, role, scope in PEOPLE
    ]


def _make(accounts: Accounts, mail: str, name: str, role: Role, scope: str) -> None:
    caller = Caller()
    with acting(accounts.engine, accounts.clock, caller) as act:
        account = create(act, mail, name, PASSWORD, demonstration=True)
        grant(act, account, role, scope, "command")
    if role in TWO_STEPS:
        accounts.second_step.begin(caller, account, SECRET)
        with acting(accounts.engine, accounts.clock, caller) as act:
            row = update(Account).where(Account.id == account)
            act.connection.execute(row.values(factor_since=act.now))

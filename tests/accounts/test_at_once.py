"""What two do at the same instant, over each database: one of them does it, and the other gets a plain answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import Any

from sqlalchemy import func, select

from indexer.accounts.login import Admitted
from indexer.accounts.models import Account, Membership, OutsideIdentity
from indexer.accounts.outside import Vouched
from indexer.accounts.roles import Role
from indexer.errors import ZhixinError
from indexer.register.database import reading
from tests.accounts.cast import somebody
from tests.accounts.conftest import HOME, Office
from tests.register.conftest import uscc

ROUNDS, AT_ONCE = 4, 6
ISSUER = "https://id.example.cn"


def at_once(act: Callable[[int], Any], times: int = AT_ONCE) -> list[Any]:
    """What came of an act that several do at the same instant: its answer, or the code of the error."""
    gate = Barrier(times)

    def one(number: int) -> Any:
        gate.wait()
        try:
            return act(number)
        except ZhixinError as error:
            return error.code

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


def ignoring(act: Callable[[], Any]) -> Callable[[int], Any]:
    """An act that is the same for all."""
    return lambda _number: act()


def count(office: Office, table: Any) -> int:
    with reading(office.accounts.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_first_log_ins_by_a_platform_at_the_same_instant_are_one_account(office: Office) -> None:
    for turn in range(ROUNDS):
        said = Vouched(ISSUER, f"s{turn}", f"person{turn}@firm.example", "示例", uscc(turn))
        admit = partial(office.accounts.outside.admit, HOME, said, "", "test")
        admitted = at_once(ignoring(admit))
        assert all(isinstance(each, Admitted) for each in admitted), admitted
    assert (count(office, Account), count(office, OutsideIdentity), count(office, Membership)) == (
        ROUNDS,
    ) * 3


def test_two_persons_of_a_platform_with_one_address_are_told_and_one_gets_in(office: Office) -> None:
    def admit(number: int) -> Admitted:
        said = Vouched(ISSUER, f"s{number}", "one@firm.example", "示例", "")
        return office.accounts.outside.admit(HOME, said, "", "test")

    answers = at_once(admit)
    assert answers.count("conflict") == AT_ONCE - 1
    assert count(office, OutsideIdentity) == 1


def test_equal_roles_given_at_the_same_instant_are_one(office: Office) -> None:
    account = somebody(office.accounts, "one@firm.example").account
    for turn in range(ROUNDS):
        given = partial(office.accounts.people.grant, HOME, account, Role.ENTERPRISE, uscc(turn), "admin")
        assert at_once(ignoring(given)) == [None] * AT_ONCE
    assert count(office, Membership) == ROUNDS


def test_one_identity_linked_from_two_windows_is_linked_once(office: Office) -> None:
    account = somebody(office.accounts, "one@firm.example").account
    caller = replace(HOME, account=account)
    said = Vouched(ISSUER, "s1", "", "", uscc(1))
    assert at_once(lambda _n: office.accounts.outside.link(caller, said)) == [None] * AT_ONCE
    assert count(office, OutsideIdentity) == 1

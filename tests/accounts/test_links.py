"""Links sent by mail: used once, whoever is quick; kept as digests; over in time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from indexer.accounts.links import LinkEnded
from indexer.accounts.models import MailLink
from indexer.accounts.people import Conflict
from indexer.accounts.roles import Role
from tests.accounts.cast import PASSWORD, somebody
from tests.accounts.conftest import HOME, Office

MAIL = "new@firm.example"


def invited(office: Office, role: Role = Role.OPERATOR) -> str:
    return office.accounts.links.made(HOME, MAIL, role).removeprefix("/link/")


def test_a_form_sent_several_times_at_once_makes_one_account(office: Office) -> None:
    token = invited(office)

    def send(_: int) -> str:
        try:
            office.accounts.links.new_account(HOME, token, "示例新人", PASSWORD, "", "test")
        except (LinkEnded, Conflict):
            return "late"
        return "made"

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(send, range(4))) == ["late", "late", "late", "made"]
    [listed] = office.accounts.people.listed()
    assert [held.role for held in listed.holdings] == [Role.OPERATOR]


def test_the_database_holds_no_token(office: Office) -> None:
    token = invited(office)
    with office.accounts.engine.connect() as connection:
        [row] = connection.execute(select(MailLink.__table__)).all()
    assert token not in repr(row)


def test_an_invitation_lasts_seven_days(office: Office) -> None:
    token = invited(office)
    office.wait(days=6, hours=23)
    assert office.accounts.links.read(token).mail == MAIL
    office.wait(hours=1)
    with pytest.raises(LinkEnded):
        office.accounts.links.read(token)


def test_a_link_for_a_password_makes_no_account_and_an_invitation_sets_no_password(office: Office) -> None:
    links, someone = office.accounts.links, somebody(office.accounts, MAIL)
    token = invited(office, Role.ADMIN)
    with pytest.raises(LinkEnded):
        links.new_password(HOME, token, PASSWORD, "", "test")
    with pytest.raises(LinkEnded):
        links.new_account(HOME, token, "示例", PASSWORD, "", "test")
    with pytest.raises(LinkEnded):
        links.accept(HOME, token, somebody(office.accounts, "other@firm.example").account)
    links.accept(HOME, token, someone.account)
    assert [held.role for held in office.accounts.people.one(someone.account).holdings] == [Role.ADMIN]


def test_the_last_admin_can_not_be_taken_away(office: Office) -> None:
    people = office.accounts.people
    one = somebody(office.accounts, MAIL, Role.ADMIN)
    [held] = people.one(one.account).holdings
    with pytest.raises(Conflict):
        people.switch(HOME, one.account, "disabled")
    with pytest.raises(Conflict):
        people.dismiss(HOME, held.id)
    somebody(office.accounts, "two@firm.example", Role.ADMIN)
    people.dismiss(HOME, held.id)
    assert people.one(one.account).holdings == ()

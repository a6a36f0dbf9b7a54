"""An account's address is changed only when the old and the new letter box have both confirmed, whatever is tried besides."""

import re
from dataclasses import replace

import orjson
import pytest
from sqlalchemy import select

from indexer.accounts.addresses import Addresses
from indexer.accounts.audit import Caller
from indexer.accounts.links import LinkEnded
from indexer.accounts.login import WrongPassword
from indexer.accounts.models import Letter
from indexer.accounts.people import Conflict
from indexer.errors import InvalidParameter
from indexer.following.followings import Followings
from indexer.following.targets import Target
from tests.accounts.cast import PASSWORD, Somebody, somebody
from tests.accounts.conftest import HOME, Office
from tests.accounts.test_at_once import at_once
from tests.register.conftest import uscc

OLD, NEW = "old@firm.example", "new@firm.example"


@pytest.fixture
def someone(office: Office) -> Somebody:
    return somebody(office.accounts, OLD)


def caller(someone: Somebody) -> Caller:
    return replace(HOME, account=someone.account)


def addresses(office: Office) -> Addresses:
    return office.accounts.addresses


def links(office: Office) -> dict[str, str]:
    """Address → the token of the newest letter to it, empty where that holds no link."""
    with office.accounts.engine.connect() as connection:
        rows = connection.execute(select(Letter.mail, Letter.content).order_by(Letter.id)).all()
    found = {}
    for mail, content in rows:
        text = orjson.loads(office.accounts.mailbox.seal.open(content or "") or "")["text"]
        link = re.search(r"/link/(\S+)", text)
        found[mail] = link[1] if link else ""
    return found


def mail_of(office: Office, someone: Somebody) -> str:
    return office.accounts.people.one(someone.account).mail


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_both_confirm_in_any_order(office: Office, someone: Somebody, order: tuple[str, str]) -> None:
    addresses(office).ask(caller(someone), NEW.upper(), PASSWORD)
    sent = links(office)
    assert addresses(office).confirm(HOME, sent[order[0]]) is False
    assert mail_of(office, someone) == OLD
    with pytest.raises(LinkEnded):
        addresses(office).confirm(HOME, sent[order[0]])
    assert addresses(office).confirm(HOME, sent[order[1]]) is True
    assert mail_of(office, someone) == NEW
    assert office.accounts.login.with_password(HOME, NEW, PASSWORD, "", "test")
    with pytest.raises(WrongPassword):
        office.accounts.login.with_password(HOME, OLD, PASSWORD, "", "test")


def test_two_letters_confirmed_at_the_same_instant_change_it_once(office: Office, someone: Somebody) -> None:
    addresses(office).ask(caller(someone), NEW, PASSWORD)
    sent = list(links(office).values())
    assert sorted(at_once(lambda n: addresses(office).confirm(HOME, sent[n]), 2)) == [False, True]
    assert mail_of(office, someone) == NEW


def test_the_password_is_asked_for_and_what_is_no_new_address_refused(
    office: Office, someone: Somebody
) -> None:
    with pytest.raises(WrongPassword):
        addresses(office).ask(caller(someone), NEW, "not it")
    for wrong in (OLD, "nothing"):
        with pytest.raises(InvalidParameter):
            addresses(office).ask(caller(someone), wrong, PASSWORD)
    assert links(office) == {}


def test_a_second_wish_ends_the_first(office: Office, someone: Somebody) -> None:
    addresses(office).ask(caller(someone), "first@firm.example", PASSWORD)
    first = links(office)
    addresses(office).confirm(HOME, first["first@firm.example"])
    office.wait(minutes=20)
    addresses(office).ask(caller(someone), NEW, PASSWORD)
    with pytest.raises(LinkEnded):
        addresses(office).confirm(HOME, first[OLD])
    assert addresses(office).confirm(HOME, links(office)[OLD]) is False, (
        "of this wish the new box has not confirmed"
    )
    assert mail_of(office, someone) == OLD


def test_one_accounts_letter_confirms_nothing_of_another(office: Office, someone: Somebody) -> None:
    """Two accounts want the same new address: its owner opens the letter of one, and the other gets nothing."""
    thief = somebody(office.accounts, "thief@firm.example")
    addresses(office).ask(caller(someone), NEW, PASSWORD)
    mine = links(office)[NEW]
    office.wait(minutes=20)
    addresses(office).ask(caller(thief), NEW, PASSWORD)
    theirs = links(office)
    addresses(office).confirm(HOME, mine)
    assert addresses(office).confirm(HOME, theirs["thief@firm.example"]) is False
    assert mail_of(office, thief) == "thief@firm.example"


def test_an_address_that_somebody_has_meanwhile_stays_theirs(office: Office, someone: Somebody) -> None:
    addresses(office).ask(caller(someone), NEW, PASSWORD)
    sent = links(office)
    owner = somebody(office.accounts, NEW)
    addresses(office).confirm(HOME, sent[OLD])
    with pytest.raises(Conflict):
        addresses(office).confirm(HOME, sent[NEW])
    assert (mail_of(office, owner), mail_of(office, someone)) == (NEW, OLD)
    office.wait(minutes=20)
    addresses(office).ask(caller(someone), NEW, PASSWORD)
    assert links(office)[NEW] == "", "its letter box alone is told that there is an account"


def test_these_links_make_no_account_and_set_no_password(office: Office, someone: Somebody) -> None:
    addresses(office).ask(caller(someone), NEW, PASSWORD)
    for token in links(office).values():
        with pytest.raises(LinkEnded):
            office.accounts.links.new_account(HOME, token, "示例", PASSWORD, "", "test")
        with pytest.raises(LinkEnded):
            office.accounts.links.new_password(HOME, token, PASSWORD, "", "test")


def test_what_is_followed_goes_along_and_nothing_twice(office: Office, someone: Somebody) -> None:
    followings = Followings(office.accounts)
    for mail, targets in ((OLD, (1, 2)), (NEW, (2, 3))):
        for number in targets:
            followings.ask(HOME, mail, Target("subject", uscc(number)))
            office.wait(hours=1)
            link = re.search(r"/follow/confirm/(\S+)", _newest(office))
            assert link
            followings.confirm(HOME, link[1])
    addresses(office).ask(caller(someone), NEW, PASSWORD)
    sent = links(office)
    for mail in (OLD, NEW):
        addresses(office).confirm(HOME, sent[mail])
    held = followings.overview_of(NEW).held
    assert sorted(each.target.key for each in held) == sorted(uscc(number) for number in (1, 2, 3))


def _newest(office: Office) -> str:
    with office.accounts.engine.connect() as connection:
        content = connection.scalar(select(Letter.content).order_by(Letter.id.desc()).limit(1))
    return str(orjson.loads(office.accounts.mailbox.seal.open(content or "") or "")["text"])

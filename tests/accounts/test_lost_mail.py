"""An address whose letter box is lost: another one after a proof, a rest and a decision; the old one is told and can stop it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller, Question, search
from indexer.accounts.files import look
from indexer.accounts.links import LinkEnded
from indexer.accounts.lost_mail import REST, MailChange
from indexer.accounts.models import Letter, StoredFile
from indexer.accounts.people import Conflict
from indexer.accounts.roles import Role
from indexer.errors import InvalidParameter, NotFound
from tests.accounts.cast import Somebody, somebody
from tests.accounts.conftest import HOME, Office
from tests.accounts.test_files import PAPER
from tests.register.conftest import uscc

OLD, NEW = "gone@firm.example", "here@firm.example"


def letters(office: Office, mail: str) -> list[tuple[str, str]]:
    """Kind and text of what waits for an address."""
    with office.accounts.engine.connect() as connection:
        rows = connection.execute(select(Letter.kind, Letter.content).where(Letter.mail == mail)).all()
    return [(row.kind, office.accounts.mailbox.seal.open(row.content) or "") for row in rows]


def token_of(text: str) -> str:
    found = re.search(r"/link/([\w-]+)", text)
    assert found
    return found[1]


def filed(office: Office, old: str = OLD, new: str = NEW) -> None:
    office.accounts.lost_mail.ask(HOME, new)
    [kind, text] = letters(office, new)[-1]
    assert kind == "mail-lost"
    office.accounts.lost_mail.file(HOME, token_of(text), old, "原邮箱属于已离职的同事", look(PAPER))


@pytest.fixture
def firm(office: Office) -> Somebody:
    return somebody(office.accounts, OLD, Role.ENTERPRISE, uscc(1))


@pytest.fixture
def operator(office: Office) -> Caller:
    return Caller(somebody(office.accounts, "operator@desk.example", Role.OPERATOR).account)


def waiting(office: Office, *, staff: bool = False) -> MailChange:
    [change] = office.accounts.lost_mail.waiting(staff=staff)
    return change


def test_after_its_rest_an_approved_change_moves_the_account_and_ends_its_sessions(
    office: Office, firm: Somebody, operator: Caller
) -> None:
    lost = office.accounts.lost_mail
    filed(office)
    change = waiting(office)
    assert (change.account, change.old, change.new) == (firm.account, OLD, NEW)
    assert lost.proof(operator, change.id, staff=False).id == change.file
    with pytest.raises(Conflict, match="72"):
        lost.decide(operator, change.id, True, "", staff=False)
    office.clock.instant += REST
    with acting(office.accounts.engine, office.clock, HOME) as act:
        office.accounts.sessions.open(act, firm.account, "full", "test")
    lost.decide(operator, change.id, True, "", staff=False)
    assert office.accounts.people.one(firm.account).mail == NEW
    assert office.accounts.sessions.of(firm.account) == []
    assert [kind for kind, _ in letters(office, OLD)] == ["mail-stop", "changed"]
    assert letters(office, NEW)[-1][0] == "mail-change"
    acts = [
        entry.act for entry in search(office.accounts.engine, Question(about=f"account:{firm.account}"), 9)
    ]
    assert {Act.MAIL_CHANGE_FILED, Act.MAIL_CHANGE_DECIDED, Act.MAIL_CHANGED} <= set(acts)
    with pytest.raises(Conflict):
        lost.decide(operator, change.id, False, "晚了", staff=False)


def test_whoever_reads_the_old_letter_box_stops_it(office: Office, firm: Somebody, operator: Caller) -> None:
    filed(office)
    change = waiting(office)
    [(kind, text)] = letters(office, OLD)
    assert kind == "mail-stop" and NEW in text
    office.accounts.lost_mail.stop(HOME, token_of(text))
    with pytest.raises(LinkEnded):
        office.accounts.lost_mail.stop(HOME, token_of(text))
    office.clock.instant += REST
    with pytest.raises(Conflict):
        office.accounts.lost_mail.decide(operator, change.id, True, "", staff=False)
    assert office.accounts.people.one(firm.account).mail == OLD
    with pytest.raises(NotFound):
        office.accounts.lost_mail.proof(operator, change.id, staff=False)


def test_an_operator_gives_no_account_of_the_desk_away(office: Office, operator: Caller) -> None:
    lost = office.accounts.lost_mail
    reviewer = somebody(office.accounts, OLD, Role.REVIEWER)
    admin = Caller(somebody(office.accounts, "admin@desk.example", Role.ADMIN).account)
    filed(office)
    office.clock.instant += REST
    assert lost.waiting(staff=False) == []
    change = waiting(office, staff=True)
    for refused in (True, False):
        with pytest.raises(NotFound):
            lost.decide(operator, change.id, refused, "理由", staff=False)
    with pytest.raises(NotFound):
        lost.proof(operator, change.id, staff=False)
    lost.decide(admin, change.id, True, "", staff=True)
    assert office.accounts.people.one(reviewer.account).mail == NEW
    assert office.accounts.people.one(reviewer.account).two_steps, "the second step stays"


def test_nothing_tells_whether_there_is_an_account(office: Office, firm: Somebody, operator: Caller) -> None:
    filed(office, old="nobody@firm.example")
    assert office.accounts.lost_mail.waiting(staff=False) == []
    with office.accounts.engine.connect() as connection:
        assert connection.execute(select(StoredFile.id)).all() == [], "what proves nothing is not kept"
    office.accounts.lost_mail.ask(HOME, OLD)
    assert [kind for kind, _ in letters(office, OLD)] == ["known"]
    filed(office)
    filed(office)  # it waits already, which nobody is told
    assert waiting(office).new == NEW


def test_whoever_asks_first_in_anothers_name_does_not_hinder_the_owner(
    office: Office, firm: Somebody, operator: Caller
) -> None:
    lost = office.accounts.lost_mail
    filed(office, new="stranger@elsewhere.example")
    filed(office)
    office.clock.instant += REST
    stranger, own = lost.waiting(staff=False)
    lost.decide(operator, own.id, True, "", staff=False)
    assert office.accounts.people.one(firm.account).mail == NEW
    with pytest.raises(Conflict, match="已经换过"):
        lost.decide(operator, stranger.id, True, "", staff=False)
    lost.decide(operator, stranger.id, False, "证明是伪造的", staff=False)
    assert lost.waiting(staff=False) == [] and office.accounts.people.one(firm.account).mail == NEW


def test_a_refusal_says_why_and_nobody_decides_on_their_own(office: Office, operator: Caller) -> None:
    lost = office.accounts.lost_mail
    own = somebody(office.accounts, OLD, Role.ENTERPRISE, uscc(1))
    filed(office)
    change = waiting(office)
    office.clock.instant += REST
    with pytest.raises(InvalidParameter):
        lost.decide(operator, change.id, False, " ", staff=False)
    with pytest.raises(Conflict):
        lost.decide(Caller(own.account), change.id, True, "", staff=False)
    lost.decide(operator, change.id, False, "印章看不清", staff=False)
    assert "印章看不清" in letters(office, NEW)[-1][1]
    filed(office, new="second@firm.example")
    assert waiting(office).new == "second@firm.example"


def test_of_two_operators_at_once_one_decides(office: Office, firm: Somebody) -> None:
    desk = [Caller(somebody(office.accounts, f"o{n}@desk.example", Role.OPERATOR).account) for n in range(4)]
    filed(office)
    change = waiting(office)
    office.clock.instant += REST

    def decide(caller: Caller) -> str:
        try:
            office.accounts.lost_mail.decide(caller, change.id, True, "", staff=False)
        except Conflict:
            return "late"
        return "decided"

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(decide, desk)) == ["decided", "late", "late", "late"]


def test_an_address_that_somebody_took_meanwhile_is_not_given(
    office: Office, firm: Somebody, operator: Caller
) -> None:
    filed(office)
    somebody(office.accounts, NEW)
    office.clock.instant += REST
    with pytest.raises(Conflict, match="新邮箱已经有账户"):
        office.accounts.lost_mail.decide(operator, waiting(office).id, True, "", staff=False)
    assert office.accounts.people.one(firm.account).mail == OLD


def test_other_links_open_nothing_here_and_its_links_nothing_elsewhere(
    office: Office, firm: Somebody
) -> None:
    links, lost = office.accounts.links, office.accounts.lost_mail
    invitation = links.made(HOME, NEW, Role.OPERATOR).removeprefix("/link/")
    with pytest.raises(LinkEnded):
        lost.new_address(invitation)
    with pytest.raises(LinkEnded):
        lost.stop(HOME, invitation)
    lost.ask(HOME, "third@firm.example")
    token = token_of(letters(office, "third@firm.example")[-1][1])
    with pytest.raises(LinkEnded):
        links.new_account(HOME, token, "示例", "seven green bicycles leave", "", "test")
    with pytest.raises(LinkEnded):
        lost.stop(HOME, token)

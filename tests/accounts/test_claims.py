"""Claiming an enterprise: decided once, by somebody else, with a reason."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.accounts.audit import Act, Caller, Question, search
from indexer.accounts.files import look
from indexer.accounts.people import Conflict
from indexer.accounts.roles import Role
from indexer.errors import InvalidParameter, NotFound
from tests.accounts.cast import Somebody, somebody
from tests.accounts.conftest import Office
from tests.accounts.test_files import PAPER
from tests.register.conftest import uscc


@pytest.fixture
def firm(office: Office) -> Somebody:
    return somebody(office.accounts, "firm@firm.example")


def claim(office: Office, who: Somebody, number: int = 1) -> int:
    return office.accounts.claims.file(Caller(who.account), uscc(number).lower(), look(PAPER))


def test_an_approved_claim_gives_the_role_and_a_letter(office: Office, firm: Somebody) -> None:
    operator = somebody(office.accounts, "operator@firm.example", Role.OPERATOR)
    number = claim(office, firm)
    assert [each.code for each in office.accounts.claims.waiting()] == [uscc(1)]
    office.accounts.claims.decide(Caller(operator.account), number, True, "")
    [held] = office.accounts.people.one(firm.account).holdings
    assert (held.role, held.scope) == (Role.ENTERPRISE, uscc(1))
    assert office.accounts.claims.waiting() == []
    [entry] = search(office.accounts.engine, Question(act=Act.CLAIM_DECIDED), 5)
    assert (entry.mail, entry.about, entry.after) == (operator.mail, f"claim:{number}", "approved")


def test_a_refusal_says_why_and_another_claim_may_follow(office: Office, firm: Somebody) -> None:
    operator = somebody(office.accounts, "operator@firm.example", Role.OPERATOR)
    number = claim(office, firm)
    with pytest.raises(Conflict):
        claim(office, firm)
    with pytest.raises(InvalidParameter):
        office.accounts.claims.decide(Caller(operator.account), number, False, "  ")
    office.accounts.claims.decide(Caller(operator.account), number, False, "印章看不清")
    assert office.accounts.people.one(firm.account).holdings == ()
    assert office.accounts.claims.one(number).reason == "印章看不清"
    assert claim(office, firm) != number


def test_nobody_decides_a_claim_of_ones_own(office: Office) -> None:
    both = somebody(office.accounts, "both@firm.example", Role.OPERATOR)
    number = claim(office, both)
    with pytest.raises(Conflict):
        office.accounts.claims.decide(Caller(both.account), number, True, "")
    with pytest.raises(NotFound):
        office.accounts.claims.decide(Caller(both.account), number + 1, True, "")


def test_of_two_operators_at_once_one_decides(office: Office, firm: Somebody) -> None:
    operators = [somebody(office.accounts, f"o{n}@firm.example", Role.OPERATOR) for n in range(4)]
    number = claim(office, firm)

    def decide(operator: Somebody) -> str:
        try:
            approved = operator.account % 2 == 0
            office.accounts.claims.decide(Caller(operator.account), number, approved, "理由")
        except Conflict:
            return "late"
        return "decided"

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(decide, operators)) == ["decided", "late", "late", "late"]
    assert len(search(office.accounts.engine, Question(act=Act.CLAIM_DECIDED), 5)) == 1

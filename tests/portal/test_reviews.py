"""What two persons decide: the one who proposes does not confirm, at the pages either."""

from indexer.accounts.audit import Caller
from indexer.accounts.roles import Role
from indexer.cases.case import Filing
from portal.context import EXTENSION
from tests.accounts.cast import Somebody, inside, somebody
from tests.enterprise.conftest import FINE, PROMISE
from tests.portal.conftest import House
from tests.portal.test_objections import OWN, browser, do, hidden
from tests.register.conftest import row


def filed(house: House, by: Somebody) -> str:
    """The number of an application for the repair of a fine that can be repaired."""
    for kind, values in (("penalty", FINE), ("declaration", PROMISE)):
        assert house.desk.publish(kind, [row(2, "示例甲有限公司", OWN, digest=None, **values)]) == []
    fine = house.desk.register.records_between(0, 1)[0].id
    content = {"text": "已改正。", "corrected_on": "2025-04-01"}
    filing = Filing("repair", "示例修复", content, "once-of-a-repair", subject_code=OWN, record_id=fine)
    cases = house.app.extensions[EXTENSION].room.cases
    number: str = cases.file(Caller(by.account), filing).number
    return number


def test_a_proposal_waits_for_a_second_person_who_may_give_it_back(house: House) -> None:
    parts = house.app.extensions[EXTENSION]
    someone = somebody(parts.accounts, "own@firm.example", Role.ENTERPRISE, OWN)
    number = filed(house, someone)
    case, review = f"/desk/cases/{number}", f"/desk/reviews/{number}"
    operator = browser(house, "operator@office.example", Role.OPERATOR)
    reviewer = browser(house, "reviewer@office.example", Role.REVIEWER)
    assert reviewer.get(review).status_code == 404
    do(operator, case, "take")
    assert do(operator, case, "decide", outcome="approved", text="符合条件。").status_code == 409
    assert do(operator, case, "propose", outcome="approved", text="符合条件。").status_code == 303
    firm = inside(parts.accounts, someone, house.client)
    assert "准予修复" not in firm.get(f"/enterprise/{OWN}/cases/{number}").text
    assert number in reviewer.get("/desk/reviews").text and "准予修复" in reviewer.get(review).text
    assert do(reviewer, review, "return", text="缺信用承诺。").status_code == 303
    assert do(operator, case, "propose", outcome="approved", text="已补齐。").status_code == 303
    assert operator.get(review).status_code == 403
    assert do(reviewer, review, "confirm").status_code == 303
    page = firm.get(f"/enterprise/{OWN}/cases/{number}").text
    assert "准予修复" in page and "已补齐。" in page and "缺信用承诺" not in page


def test_who_proposed_finds_nothing_to_press_as_a_reviewer(house: House) -> None:
    """Somebody who is both proposes at the desk and may look at the review, no more."""
    parts = house.app.extensions[EXTENSION]
    firm = somebody(parts.accounts, "own@firm.example", Role.ENTERPRISE, OWN)
    number = filed(house, firm)
    both = somebody(parts.accounts, "both@office.example", Role.OPERATOR)
    parts.accounts.people.grant(Caller(), both.account, Role.REVIEWER, "", "command")
    client = inside(parts.accounts, both, house.client)
    do(client, f"/desk/cases/{number}", "take")
    do(client, f"/desk/cases/{number}", "propose", outcome="rejected", text="不符合条件。")
    page = client.get(f"/desk/reviews/{number}").text
    assert "不予修复" in page and 'value="confirm"' not in page and 'value="return"' not in page
    token = hidden(client.get("/account/claim").text, "csrf_token")
    sent = {"csrf_token": token, "once": "x" * 32, "version": "3", "move": "confirm"}
    assert client.post(f"/desk/reviews/{number}", data=sent).status_code == 409

"""An objection marks its record everywhere at once, until it is decided; nobody objects to what is another's."""

import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.accounts.roles import Role
from portal.context import EXTENSION
from tests.accounts.cast import form_token, inside, somebody
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

OWN, OTHER = uscc(1), uscc(2)
NUMBER = "99926Q10001R0S"
MARK = "异议处理中"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1]


@pytest.fixture
def record(house: House) -> str:
    """The id of a certificate of the enterprise."""
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", OWN), row(3, "示例乙有限公司", OTHER)])
    certificate = row(
        4, "示例甲有限公司", OWN, number=NUMBER, category="质量管理体系认证", issuer="示例认证有限公司",
        valid_from="2026-01-10", status="valid",
    )  # fmt: skip
    assert house.desk.publish("certificate", [certificate]) == []
    return str(house.get(f"/certificates/{NUMBER}")["matches"][0]["id"])


def browser(house: House, mail: str, role: Role, scope: str = "") -> FlaskClient:
    accounts = house.app.extensions[EXTENSION].accounts
    return inside(accounts, somebody(accounts, mail, role, scope), house.client)


def object_to(client: FlaskClient, record: str, code: str = OWN, **given: object) -> TestResponse:
    """Send the form of an objection."""
    path = f"/enterprise/{code}/objections/new"
    page = client.get(path, query_string={"record": record})
    fields = {
        "csrf_token": form_token(client, "/account/claim"),
        "once": hidden(page.text, "once") if page.status_code == 200 else "x" * 32,
        "record": record,
        "text": "证书的有效期录错了，应当到 2029 年。",
        "files": (BytesIO(PNG), "证明.png"),
    }
    return client.post(path, data=fields | given, content_type="multipart/form-data")


def do(client: FlaskClient, path: str, move: str, **given: object) -> TestResponse:
    """Send one of the forms of a case at the desk."""
    page = client.get(path).text
    once, version = hidden(page, "once"), hidden(page, "version")
    fields = {"csrf_token": hidden(page, "csrf_token"), "move": move, "once": once, "version": version}
    return client.post(path, data=fields | given)


def marks(house: House, record: str) -> list[bool]:
    """Where it says so: record, credit file, list of one kind, verification, search; then the API's record, file and certificate."""
    house.sync()
    client = house.client
    pages = (
        f"/records/{record}", f"/subjects/{OWN}", f"/subjects/{OWN}?kind=certificate", f"/verify/{NUMBER}",
        f"/search?q={NUMBER}",
    )  # fmt: skip
    said = [MARK in client.get(page).text for page in pages]
    file = house.get(f"/subjects/{OWN}")["records"]["certificate"]["records"][0]
    found = (house.get(f"/records/{record}"), file, house.get(f"/certificates/{NUMBER}")["matches"][0])
    return said + [each["disputed_since"] == "2026-03-02" for each in found]


def test_from_an_objection_to_its_outcome_in_the_history(house: House, record: str) -> None:
    assert marks(house, record) == [False] * 8
    firm = browser(house, "own@firm.example", Role.ENTERPRISE, OWN)
    filed = object_to(firm, record)
    assert filed.status_code == 303
    assert marks(house, record) == [True] * 8
    case = firm.get(filed.headers["Location"]).text
    assert "2026-03-11" in case and "附件 1" in case  # seven work days after Monday, 2 March
    assert house.get(f"/records/{record}/history")["objections"][0]["outcome"] is None

    desk = browser(house, "operator@office.example", Role.OPERATOR)
    number = filed.headers["Location"].rpartition("/")[2]
    path = f"/desk/cases/{number}"
    assert number in desk.get("/desk/cases").text
    assert do(desk, path, "take").status_code == 303
    assert do(desk, path, "decide", outcome="", text="已核实").status_code == 400
    assert (
        do(desk, path, "decide", outcome="upheld", text="录入有误，联系人 13800001234。").status_code == 303
    )
    assert marks(house, record) == [False] * 8
    history = house.client.get(f"/records/{record}/history").text
    assert "异议成立" in history and "录入有误" in history and "13800001234" not in history
    ended = house.get(f"/records/{record}/history")["objections"]
    assert [each["outcome"] for each in ended] == ["upheld"] and "13800001234" not in str(ended)
    assert "异议成立" in firm.get(filed.headers["Location"]).text


def test_a_check_of_bidders_notes_it(house: House, record: str) -> None:
    asked = {"bidders": [{"id": OWN}]}

    def notes() -> list[str]:
        result = house.client.post("/api/v1/checks", json=asked).get_json()
        return [note["code"] for note in result["bidders"][0]["match"]["notes"]]

    assert "records-disputed" not in notes()
    object_to(browser(house, "own@firm.example", Role.ENTERPRISE, OWN), record)
    assert "records-disputed" in notes()


def test_an_objection_is_extended_once_with_a_reason(house: House, record: str) -> None:
    firm = browser(house, "own@firm.example", Role.ENTERPRISE, OWN)
    number = object_to(firm, record).headers["Location"].rpartition("/")[2]
    desk, path = browser(house, "operator@office.example", Role.OPERATOR), f"/desk/cases/{number}"
    do(desk, path, "take")
    assert do(desk, path, "extend").status_code == 400
    assert do(desk, path, "extend", text="需向发证机构核实。").status_code == 303
    page = firm.get(f"/enterprise/{OWN}/cases/{number}").text
    assert "2026-03-20" in page and "需向发证机构核实。" in page
    assert do(desk, path, "extend", text="还要再等。").status_code == 409


def test_nobody_objects_to_the_record_of_another_or_reads_their_case(house: House, record: str) -> None:
    firm = browser(house, "own@firm.example", Role.ENTERPRISE, OWN)
    other = browser(house, "other@firm.example", Role.ENTERPRISE, OTHER)
    assert object_to(other, record, OTHER).status_code == 404
    assert object_to(other, record, OWN).status_code == 403
    filed = object_to(firm, record)
    case = filed.headers["Location"]
    number = case.rpartition("/")[2]
    file = re.search(r"/files/(\d+)", firm.get(case).text)
    assert file
    assert firm.get(f"{case}/files/{file[1]}").data.startswith(b"\x89PNG")
    for path in (case, f"{case}/files/{file[1]}"):
        assert other.get(path).status_code == 403
        assert other.get(path.replace(OWN, OTHER)).status_code == 404
    assert other.get(f"/files/{file[1]}").status_code == 404
    assert number not in other.get(f"/enterprise/{OTHER}/cases").text
    token = {"csrf_token": form_token(other, "/account/claim"), "once": "x" * 32, "move": "withdraw"}
    assert other.post(case.replace(OWN, OTHER), data=token).status_code == 404
    assert marks(house, record)[0]


def test_the_same_form_sent_twice_is_one_objection(house: House, record: str) -> None:
    firm = browser(house, "own@firm.example", Role.ENTERPRISE, OWN)
    once = "a" * 32
    sent = [object_to(firm, record, once=once).headers["Location"] for _ in range(2)]
    assert sent[0] == sent[1]
    assert object_to(firm, record).status_code == 409  # another one to the same record


def test_a_withdrawn_objection_takes_its_mark_along(house: House, record: str) -> None:
    firm = browser(house, "own@firm.example", Role.ENTERPRISE, OWN)
    case = object_to(firm, record).headers["Location"]
    page = firm.get(case).text
    fields = {"csrf_token": hidden(page, "csrf_token"), "once": "w" * 32, "move": "withdraw"}
    assert firm.post(case, data=fields).status_code == 303
    assert marks(house, record) == [False] * 8


def test_what_is_not_for_a_form_changes_nothing(house: House, record: str) -> None:
    """Mass assignment: a case takes from a form what the form asks for."""
    firm = browser(house, "own@firm.example", Role.ENTERPRISE, OWN)
    filed = object_to(
        firm, record, state="ended", outcome="upheld", subject_code=OTHER, filed_by="1", late="1"
    )
    room = house.app.extensions[EXTENSION].room
    case = room.docket.one(filed.headers["Location"].rpartition("/")[2])
    assert (case.state, case.outcome, case.subject_code, case.late) == ("accepted", None, OWN, False)

"""Guessing ids (越权): what belongs to another enterprise is, at one's own address, as unknown as what there is not; and forms give no more than they ask for.

The matrix of test_access asks for things that nobody has. Here they are real: each route below /enterprise/<code>/ that names one, none missing.
"""

import re
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from indexer.accounts.audit import Act, Caller, Question, search
from indexer.accounts.files import look
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.cases.case import Filing
from indexer.enterprise.declaring import checked
from portal.context import EXTENSION, Portal
from tests.accounts.cast import PASSWORD, form_token, inside, send, somebody
from tests.accounts.test_files import PAPER
from tests.portal.conftest import House
from tests.portal.test_access import routes
from tests.register.conftest import row, uscc

OWN, OTHER = uscc(1), uscc(2)
ROUTES = """
GET  /enterprise/<code>/records/<identity>                     record
GET  /enterprise/<code>/repairs/<identity>                     penalty
POST /enterprise/<code>/repairs/<identity>                     penalty
GET  /enterprise/<code>/objections/new?record=                 record
POST /enterprise/<code>/objections/new?record=                 record
GET  /enterprise/<code>/cases/<number>                         case
GET  /enterprise/<code>/cases/<number>/files/<int:identity>    file
POST /enterprise/<code>/cases/<number>                         case
POST /enterprise/<code>/declarations/<identity>/withdraw       declaration
POST /enterprise/<code>/people/<int:membership>/end            membership
"""
ALONE = {"people", "cases", "declarations", "repairs", "report"}
"""Pages of the enterprise that name no thing of it."""


@dataclass(frozen=True)
class Theirs:
    """What the other enterprise has; `accounts` of the portal, both browsers."""

    things: dict[str, str]
    own: FlaskClient
    other: FlaskClient


@pytest.fixture
def parts(house: House) -> Portal:
    found: Portal = house.app.extensions[EXTENSION]
    return found


@pytest.fixture
def theirs(house: House, parts: Portal) -> Theirs:
    name = "示例乙有限公司"
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", OWN), row(3, name, OTHER)])
    house.desk.publish("certificate", [row(2, name, OTHER, number="99926Q00009R0S")])
    house.desk.publish("penalty", [row(2, name, OTHER, document_number="示例罚〔2026〕9号", cause="示例案由",
                                       kinds="没收违法所得", decided_on="2026-02-05", authority="示例局")])  # fmt: skip
    one, two = (
        somebody(parts.accounts, f"{mail}@firm.example", Role.ENTERPRISE, code)
        for mail, code in (("own", OWN), ("other", OTHER))
    )
    caller = Caller(two.account)
    form = {"kind": "promise", "title": "示例质量承诺"}
    parts.declaring.declare(caller, OTHER, checked(form, OTHER, name, house.desk.clock.today()))
    records = house.get(f"/subjects/{OTHER}/records")["results"]
    record, penalty, declaration = (
        next(each["id"] for each in records if each["kind"] == kind)
        for kind in ("certificate", "penalty", "declaration")
    )
    filing = Filing("objection", "示例事由", {"text": "示例"}, "once-" * 5, (look(PAPER),), OTHER, penalty)
    number = parts.room.cases.file(caller, filing).number
    [file] = parts.room.docket.events(parts.room.docket.one(number))[0].files
    [member] = parts.accounts.people.of(Role.ENTERPRISE, OTHER)
    things = {"record": record, "penalty": penalty, "declaration": declaration, "case": number}
    things |= {"file": f"{number}/files/{file}", "membership": str(member.membership)}
    return Theirs(things, *(inside(parts.accounts, who, house.client) for who in (one, two)))


def address(route: str, code: str, thing: str) -> str:
    path = route.replace("<code>", code)
    if path.endswith("="):
        return path + thing
    if "/files/" in path:
        return path[: path.index("<number>")] + thing
    return re.sub(r"<[^>]+>", thing, path)


def asked(client: FlaskClient, method: str, path: str) -> int:
    if method == "GET":
        return client.get(path).status_code
    form = {"csrf_token": form_token(client, "/account/claim"), "move": "withdraw", "once": "x" * 32}
    return client.post(path, data=form | {"record": path.partition("=")[2]}).status_code


def test_the_list_has_every_address_of_an_enterprise_that_names_a_thing(house: House) -> None:
    below = {
        (method, rule)
        for method, rule in routes(house.app)
        if rule.startswith("/enterprise/<code>/") and rule.split("/")[3:] not in ([each] for each in ALONE)
    }
    listed = {tuple(line.split()[:2]) for line in ROUTES.splitlines() if line}
    assert {(method, rule.partition("?")[0]) for method, rule in listed} == below


def test_a_thing_of_another_enterprise_is_as_unknown_as_none(theirs: Theirs) -> None:
    lines = [line.split() for line in ROUTES.splitlines() if line]
    for method, route, what in lines:
        thing = theirs.things[what]
        assert asked(theirs.own, method, address(route, OWN, thing)) == 404, (method, route)
        assert asked(theirs.own, method, address(route, OTHER, thing)) == 403, (method, route)
    # What there is is there, or the claim would be empty. The last act takes the role away.
    for method, route, what in sorted(lines, key=lambda line: line[1].endswith("/end")):
        found = asked(theirs.other, method, address(route, OTHER, theirs.things[what]))
        assert found not in (403, 404), (method, route, found)


@pytest.fixture
def accounts(parts: Portal) -> Accounts:
    return parts.accounts


def test_a_form_gives_no_more_than_it_asks_for(house: House, accounts: Accounts) -> None:
    """Mass assignment: fields that a form does not have are not read, whatever they are called."""
    more = {"role": "admin", "scope": OTHER, "state": "active", "account": "1", "demonstration": "1"}
    link = accounts.links.made(Caller(), "new@firm.example", Role.ENTERPRISE, OWN)
    fields = {"name": "示例新人", "password": PASSWORD, "mail": "admin@firm.example", "purpose": "reset"}
    new = house.client
    assert send(new, link, **more, **fields).status_code == 303
    [listed] = accounts.people.listed()
    assert listed.mail == "new@firm.example" and not listed.demonstration
    assert [(held.role, held.scope) for held in listed.holdings] == [(Role.ENTERPRISE, OWN)]
    assert (
        send(
            new, "/account/password", "/account", now=PASSWORD, password=f"{PASSWORD} too", **more
        ).status_code
        == 303
    )
    assert send(new, f"/enterprise/{OWN}/people", mail="next@firm.example", **more).status_code == 303
    [sent, *_] = search(accounts.engine, Question(act=Act.LINK_SENT), 2)
    assert sent.after == f"invitation enterprise {OWN}"
    assert [(held.role, held.scope) for held in accounts.people.listed()[0].holdings] == [
        (Role.ENTERPRISE, OWN)
    ]

"""Operators and reviewers of an agency or region see and enter their own only; officers handle what the desk hands to their agency."""

import re
from itertools import count

import pytest
from flask.testing import FlaskClient

from indexer.accounts.reach import Reach, joined, reach_of
from indexer.accounts.roles import Role
from indexer.desk.submissions import State
from indexer.register.belonging import Belonging
from indexer.register.handling import find_held
from indexer.text.areas import area_in, area_of, inside
from portal.context import EXTENSION
from tests.accounts.cast import form_token, send, somebody
from tests.accounts.cast import inside as logged_in
from tests.portal.conftest import House
from tests.portal.test_complaints import TEXT, file, follow
from tests.portal.test_desk import brought, decided, desk_of, handed_in, now
from tests.portal.test_objections import do, object_to
from tests.register.conftest import row, uscc

NORTH, SOUTH = "示例北市监局", "示例南市监局"
CITY, COUNTY, TOWN = "江苏省苏州市", "苏州市相城区", "江苏省苏州市相城区渭塘镇"
HEAD = "主体名称,统一社会信用代码,处罚决定书文号,案由,处罚种类,处罚机关,处罚日期,行政区划,数据来源"
_numbers = count()


def fine(number: int, authority: str = NORTH, region: str = "", source: str = "") -> str:
    """A row of a file of fines, of the enterprise `number`."""
    document = f"示例〔2026〕{number}号"
    return f"示例第{number}有限公司,{uscc(number)},{document},示例案由{number},罚款,{authority},2026-02-01,{region},{source}"


def csv(*rows: str) -> bytes:
    return "\n".join((HEAD, *rows, "")).encode()


def person(house: House, role: Role, *scopes: str) -> FlaskClient:
    accounts = house.app.extensions[EXTENSION].accounts
    someone = somebody(accounts, f"p{next(_numbers)}@desk.example", role, scopes[0] if scopes else "")
    return logged_in(accounts, someone, house.client)


@pytest.fixture
def fines(house: House) -> dict[str, str]:
    """Records of two agencies and of places, by what they are of: name → record id."""
    rows = {
        "north": {"authority": NORTH},
        "south": {"authority": SOUTH},
        "city": {"authority": "示例其他局", "region": "江苏省苏州市"},
        "county": {"authority": "示例其他局", "region": "苏州市相城区"},
        "town": {"authority": "示例其他局", "region": TOWN},
        "named": {"authority": "苏州市相城区市场监督管理局"},
    }
    drafts = [
        row(
            at, f"示例第{at}有限公司", uscc(at), document_number=f"示例〔2026〕{at}号", cause=f"案由{name}",
            kinds="罚款", decided_on="2026-02-01", subject_kind="organisation", severity="general", **said,
        )
        for at, (name, said) in enumerate(rows.items(), 1)
    ]  # fmt: skip
    assert house.desk.publish("penalty", drafts) == []
    today = house.desk.clock.today()
    return {name: find_held(house.desk.engine, uscc(at), today, 1)[0].id for at, name in enumerate(rows, 1)}


def test_what_is_inside_of_what() -> None:
    assert (area_of(CITY), area_of(COUNTY), area_of(TOWN)) == ("3205", "320507", "320507/渭塘镇")
    assert (area_of("320507"), area_of("320500"), area_of("江苏省")) == ("320507", "3205", "32")
    assert area_of("苏州市相城区市场监督管理局") is None
    assert area_in("苏州市相城区市场监督管理局") == "320507"
    assert area_of("鼓楼区") is None, "several cities have one"
    assert area_of("南京市鼓楼区") == "320106"
    assert inside("320507", "3205") and inside("320507/渭塘镇", "320507") and inside("3205", "3205")
    assert not inside("3205", "320507") and not inside("320507/渭塘镇新村", "320507/渭塘镇")
    assert not inside(None, "32")


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (NORTH, {"north"}),
        (SOUTH, {"south"}),
        (CITY, {"city", "county", "town", "named"}),
        (COUNTY, {"county", "town", "named"}),
        (TOWN, {"town"}),
    ],
)
def test_each_sees_its_own_records_and_no_other(
    house: House, fines: dict[str, str], scope: str, covers: set[str]
) -> None:
    client = person(house, Role.OPERATOR, scope)
    for at, (name, record) in enumerate(fines.items(), 1):
        expected = 200 if name in covers else 404
        for path in ("", "/correct", "/remove"):
            assert client.get(f"/desk/records/{record}{path}").status_code == expected, (name, path)
        for path in ("correct", "remove", "unrepair"):
            sent = send(client, f"/desk/records/{record}/{path}", at="/account/claim")
            assert sent.status_code == (400 if name in covers else 404), (name, path)
        assert client.get(f"/desk/holdings/{uscc(at)}/{record}").status_code == expected
        found = client.get("/desk/records", query_string={"q": uscc(at)}).text
        assert (record in found) is (name in covers)
    deadlines = client.get("/desk/deadlines").text
    assert (NORTH in deadlines) is ("north" in covers) and (SOUTH in deadlines) is ("south" in covers)
    one = client.get("/desk/deadlines", query_string={"kind": "penalty", "agency": SOUTH})
    assert one.status_code == (200 if "south" in covers else 404)


def test_a_file_may_speak_of_the_own_only(house: House, fines: dict[str, str]) -> None:
    local = person(house, Role.OPERATOR, NORTH)
    made = brought(house, local, csv(fine(21), fine(22)))
    assert (made.state, made.added, made.scope) == (State.DRAFT, 2, NORTH), made.failure_zh
    mixed = brought(house, local, csv(fine(23), fine(24, SOUTH, source=SOUTH)))
    assert mixed.state == State.FAILED and "第 3 行" in (mixed.failure_zh or "")
    unsaid = brought(house, local, csv(fine(25, "")), source="")
    assert (unsaid.state, unsaid.source) == (State.DRAFT, NORTH), "from the agency that brings it"
    taken = brought(house, local, csv(fine(2, NORTH)))
    assert taken.state == State.FAILED or taken.added == 1, "a record of others is not taken over"
    assert find_held(house.desk.engine, uscc(2), house.desk.clock.today(), 1)[0].values["authority"] == SOUTH
    region = person(house, Role.OPERATOR, COUNTY)
    assert brought(house, region, csv(fine(26, "示例其他局", TOWN))).state == State.DRAFT
    assert brought(house, region, csv(fine(27, "示例其他局", "苏州市"))).state == State.FAILED


def test_submissions_are_seen_and_decided_within_their_reach(house: House) -> None:
    local, whole = person(house, Role.OPERATOR, COUNTY), person(house, Role.OPERATOR)
    made = handed_in(house, local, brought(house, local, csv(fine(31, "示例局", COUNTY))))
    other = handed_in(house, whole, brought(house, whole, csv(fine(32, SOUTH))))
    path, others = f"/desk/submissions/{made.id}", f"/desk/submissions/{other.id}"
    for scope, sees in ((COUNTY, 200), (CITY, 200), (TOWN, 404), (NORTH, 404)):
        reviewer = person(house, Role.REVIEWER, scope)
        assert reviewer.get(path).status_code == sees, scope
        assert (path in reviewer.get("/desk").text) is (sees == 200)
        assert reviewer.get(others).status_code == 404 and others not in reviewer.get("/desk").text
        assert decided(house, reviewer, other).status_code == 404
        if sees == 404:
            assert decided(house, reviewer, made).status_code == 404
    assert local.get(others).status_code == 404
    assert send(local, f"{others}/again", at="/account/claim").status_code == 404
    assert person(house, Role.REVIEWER).get(path).status_code == 200
    assert decided(house, person(house, Role.REVIEWER, CITY), made).status_code == 303
    assert now(house, made.id).state == State.PUBLISHED
    assert desk_of(house).submissions.one(other.id).state == State.SUBMITTED
    assert person(house, Role.REVIEWER, CITY).get("/desk/upload").status_code == 403


def test_cases_are_for_the_desk_of_their_record_or_enterprise(house: House, fines: dict[str, str]) -> None:
    firm = {at: person(house, Role.ENTERPRISE, uscc(at)) for at in (1, 2, 5)}
    numbers = {
        name: object_to(firm[at], fines[name], uscc(at)).headers["Location"].rpartition("/")[2]
        for name, at in (("north", 1), ("south", 2), ("town", 5))
    }
    for scope, covers in ((NORTH, {"north"}), (SOUTH, {"south"}), (COUNTY, {"town"}), (CITY, {"town"})):
        client = person(house, Role.OPERATOR, scope)
        listed = client.get("/desk/cases").text
        for name, number in numbers.items():
            assert client.get(f"/desk/cases/{number}").status_code == (200 if name in covers else 404)
            assert (number in listed) is (name in covers), (scope, name)
    everybody = person(house, Role.OPERATOR)
    assert all(number in everybody.get("/desk/cases").text for number in numbers.values())
    assert all(
        number not in person(house, Role.REVIEWER, NORTH).get("/desk/reviews").text for number in numbers
    )


def test_what_somebody_is_given_they_see_wherever_they_belong(house: House, fines: dict[str, str]) -> None:
    accounts = house.app.extensions[EXTENSION].accounts
    town = somebody(accounts, "town@desk.example", Role.OPERATOR, TOWN)
    sent = file(house)
    desk, path = person(house, Role.OPERATOR), f"/desk/cases/{sent.number}"
    local = logged_in(accounts, town, house.client)
    assert local.get(path).status_code == 404
    assert do(desk, path, "assign", account=town.account).status_code == 400, "not of that desk"
    firm = person(house, Role.ENTERPRISE, uscc(5))
    own = object_to(firm, fines["town"], uscc(5)).headers["Location"].rpartition("/")[2]
    assert do(desk, f"/desk/cases/{own}", "assign", account=town.account).status_code == 303
    assert local.get(f"/desk/cases/{own}").status_code == 200


def transferred(house: House, agency: str) -> tuple[str, str, FlaskClient]:
    """A complaint that the desk handed to an agency: number, secret, the operator."""
    sent = file(house, text=f"{TEXT} 电话 13800001234")
    desk, path = person(house, Role.OPERATOR), f"/desk/cases/{sent.number}"
    for move, said in (("take", {}), ("accept", {}), ("transfer", {"text": "请核查", "agency": agency})):
        assert do(desk, path, move, **said).status_code == 303
    return sent.number, sent.secret, desk


def test_an_officer_answers_what_was_handed_to_the_agency_and_its_reporter_reads_it(house: House) -> None:
    number, secret, desk = transferred(house, NORTH)
    officer, other = person(house, Role.OFFICER, NORTH), person(house, Role.OFFICER, SOUTH)
    path = f"/desk/transferred/{number}"
    assert (
        number in officer.get("/desk/transferred").text and number not in other.get("/desk/transferred").text
    )
    page = officer.get(path).text
    assert "13800001234" not in page and "看来信人" not in page
    assert other.get(path).status_code == 404 and officer.get(f"/desk/cases/{number}").status_code == 403
    assert send(other, path, at="/account/claim", move="reply", text="x").status_code == 404
    assert do(officer, path, "reply", text=" ").status_code == 400
    assert do(officer, path, "reply", text="已到现场核查并责令改正。").status_code == 303
    assert "已到现场核查并责令改正。" in follow(house.client, number, secret).text
    assert officer.get(path).status_code == 404, "it is the desk's again"
    assert do(desk, f"/desk/cases/{number}", "decide", outcome="confirmed", text="属实").status_code == 303


def test_an_officer_hands_back_what_is_not_the_agencys(house: House) -> None:
    number, _secret, desk = transferred(house, NORTH)
    officer = person(house, Role.OFFICER, NORTH)
    assert do(officer, f"/desk/transferred/{number}", "hand-back", text="不属本局管辖。").status_code == 303
    page = desk.get(f"/desk/cases/{number}").text
    assert "不属本局管辖。" in page and "转办单位退回" in page
    again = do(desk, f"/desk/cases/{number}", "transfer", text="改转", agency=SOUTH)
    assert again.status_code == 303
    assert number in person(house, Role.OFFICER, SOUTH).get("/desk/transferred").text


def test_agencies_with_officers_are_offered_where_a_case_is_handed_on(house: House) -> None:
    person(house, Role.OFFICER, NORTH)
    sent = file(house)
    desk, path = person(house, Role.OPERATOR), f"/desk/cases/{sent.number}"
    for move in ("take", "accept"):
        do(desk, path, move)
    assert re.search(rf'<option value="{NORTH}">', desk.get(path).text)


def test_who_has_two_scopes_has_both_and_whole_beats_all() -> None:
    both = joined([NORTH, COUNTY])
    assert both.covers(Belonging(NORTH, None, None)) and both.covers(Belonging(None, None, "320507/渭塘镇"))
    assert not both.covers(Belonging(SOUTH, None, "3205"))
    assert joined([NORTH, ""]).whole and not joined([]).whole
    assert reach_of(both.text) == both and reach_of("").whole
    assert not Reach(False).covers(Belonging(NORTH, NORTH, "32")), "no scope at all is nothing"
    assert both.holds(NORTH) and both.holds(both.text) and not both.holds("") and not both.holds(SOUTH)


def test_an_admin_invites_to_a_region_or_to_the_whole(house: House) -> None:
    admin = person(house, Role.ADMIN)
    for scope in ("", COUNTY, NORTH):
        fields = {"csrf_token": form_token(admin, "/admin/accounts"), "role": "operator", "scope": scope}
        mail = f"new{next(_numbers)}@desk.example"
        assert admin.post("/admin/accounts", data=fields | {"mail": mail}).status_code == 303

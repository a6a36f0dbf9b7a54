"""My enterprise: all that is held, to those of the enterprise alone, each look written down; repair and declarations by their forms."""

import html
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from indexer.accounts import audit
from indexer.accounts.audit import Caller, Question
from indexer.accounts.opening import Accounts
from indexer.accounts.people import Conflict
from indexer.accounts.roles import Role
from indexer.cases.case import Doing
from indexer.cases.numbers import new_once
from indexer.cases.paths import By, Move
from indexer.identifiers import parse_codes
from indexer.ingest import Job, ingest
from indexer.kinds import kinds
from indexer.register.holding import held_about
from indexer.setting_values import AT_ONCE
from portal.context import EXTENSION, Portal
from tests.accounts.cast import form_token, inside, somebody
from tests.portal.conftest import API, House
from tests.portal.test_desk import decided, handed_in, now
from tests.portal.test_the_door import _take, walk
from tests.register.conftest import uscc

FIRM, CODE = "示例大道机械有限公司", uscc(1)
OTHER, OTHER_CODE = "示例路电缆厂", uscc(2)
_written = io.BytesIO()
Image.new("RGB", (9, 9), "white").save(_written, "PNG")
PNG = _written.getvalue()
PENALTY = {
    "主体名称": FIRM,
    "统一社会信用代码": CODE,
    "处罚机关": "示例市市场监督管理局",
    "处罚种类": "罚款",
    "罚款金额": "80000元",
    "数据来源": "示例市市场监督管理局",
}
MENDED = PENALTY | {"文号": "示例〔2026〕1号", "案由": "鹤壹虚假宣传", "处罚日期": "2026-04-10"}
WARNED = PENALTY | {
    "文号": "示例〔2026〕2号",
    "案由": "鹤贰",
    "处罚种类": "警告",
    "罚款金额": "",
    "处罚日期": "2026-05-04",
}
FRESH = PENALTY | {"文号": "示例〔2026〕3号", "案由": "鹤叁", "处罚日期": "2026-07-20"}
FIRMS = [{"主体名称": FIRM, "统一社会信用代码": CODE}, {"主体名称": OTHER, "统一社会信用代码": OTHER_CODE}]
CERTIFICATES = [
    {
        "主体名称": FIRM,
        "统一社会信用代码": CODE,
        "证书编号": f"99926Q0000{days}R0S",
        "证书类别": "质量管理体系认证",
        "颁证日期": "2024-01-10",
        "有效期至": until,
    }
    for days, until in (
        (0, "2026-08-01"),
        (3, "2026-08-31"),
        (6, "2026-09-30"),
        (9, "2026-10-30"),
        (99, "2026-10-31"),
    )
]
PROMISE = {
    "主体名称": FIRM,
    "统一社会信用代码": CODE,
    "声明类型": "质量承诺",
    "声明名称": "信用承诺书",
    "声明日期": "2026-07-01",
}


@pytest.fixture
def firm(house: House, tmp_path: Path) -> House:
    """A register of 2026-08-01 with a firm that has a penalty to repair, a hidden one and a fresh one."""
    house.desk.clock.instant = datetime(2026, 8, 1, 0, 0, tzinfo=UTC)
    for name, rows in (
        ("enterprise", FIRMS),
        ("penalty", [MENDED, WARNED, FRESH]),
        ("certificate", CERTIFICATES),
        ("declaration", [PROMISE]),
    ):
        _take(house, tmp_path / f"{name}.csv", rows)
    house.sync()
    return house


def portal_of(house: House) -> Portal:
    found: Portal = house.app.extensions[EXTENSION]
    return found


def accounts(house: House) -> Accounts:
    return portal_of(house).accounts


def as_(house: House, name: str, role: Role, scope: str = "") -> FlaskClient:
    """A browser of somebody new with a role."""
    client = house.client
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    return inside(accounts(house), somebody(accounts(house), f"{name}@firm.example", role, scope), client)


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def record(house: House, cause: str) -> str:
    """The id of the penalty with a cause."""
    holding = held_about(house.desk.register, parse_codes(CODE))
    assert holding is not None
    return next(
        each.id for each in holding.records if each.content is not None and each.content.title == cause
    )


def test_everything_held_is_there_with_why_and_until_when(firm: House) -> None:
    text = page(as_(firm, "own", Role.ENTERPRISE, CODE), f"/enterprise/{CODE}")
    assert "公示至 2027-04-10，次日起自动停止公示" in text
    assert "仅给予警告，依规不公示" in text
    assert "共 3 条，公示中 2 条" in text
    assert "未见限制" in text


def test_certificates_that_end_within_ninety_days_are_told_with_the_days_left(firm: House) -> None:
    text = page(as_(firm, "own", Role.ENTERPRISE, CODE), f"/enterprise/{CODE}")
    [soon] = re.findall("九十天内到期(.*?)共", text)
    assert re.findall(r"2026-\d\d-\d\d|今天|还有 \d+ 天", soon) == [
        *("2026-08-01", "今天", "2026-08-31", "还有 30 天", "2026-09-30", "还有 60 天"),
        *("2026-10-30", "还有 90 天"),
    ]


def test_a_record_tells_its_file_line_edition_and_what_a_repair_lacks(firm: House) -> None:
    own = as_(firm, "own", Role.ENTERPRISE, CODE)
    text = page(own, f"/enterprise/{CODE}/records/{record(firm, '鹤壹虚假宣传')}")
    assert "penalty.csv 第 2 行" in text
    assert "失信程度 一般" in text and "第36号" in text
    assert "最早可申请 2026-07-11" in text
    assert "申请时请填写并附证明材料" in text and "还没有公开作出信用承诺" not in text
    fresh = page(own, f"/enterprise/{CODE}/records/{record(firm, '鹤叁')}")
    assert "最短公示期还没有满，2026-10-21 起可以申请" in fresh


def test_the_calendar_names_the_days_month_by_month(firm: House) -> None:
    text = page(as_(firm, "own", Role.ENTERPRISE, CODE), f"/enterprise/{CODE}/repairs")
    [calendar] = re.findall("修复日历(.*?)修复申请 ", text)
    assert re.findall(r"20\d\d年\d+月|20\d\d-\d\d-\d\d|可以申请修复|公示的最后一天|鹤.", calendar) == [
        *("2026年8月", "2026-08-01", "可以申请修复", "鹤壹"),
        *("2026年10月", "2026-10-21", "可以申请修复", "鹤叁"),
        *("2027年4月", "2027-04-10", "公示的最后一天", "鹤壹"),
        *("2027年7月", "2027-07-20", "公示的最后一天", "鹤叁"),
    ]


def test_the_report_has_every_record_and_is_kept_by_no_cache(firm: House) -> None:
    own = as_(firm, "own", Role.ENTERPRISE, CODE)
    answer = own.get(f"/enterprise/{CODE}/report")
    assert answer.cache_control.no_store
    assert all(cause in answer.text for cause in ("鹤壹虚假宣传", "鹤贰", "鹤叁"))
    assert "不公示的内容，只供本企业使用" in answer.text


def test_each_look_is_written_down_and_nobody_else_gets_one(firm: House) -> None:
    identity = record(firm, "鹤贰")
    own, other = as_(firm, "own", Role.ENTERPRISE, CODE), as_(firm, "other", Role.ENTERPRISE, OTHER_CODE)
    page(own, f"/enterprise/{CODE}/records/{identity}")
    newest = audit.search(accounts(firm).engine, Question(), 1)[0]
    assert (newest.mail, newest.act, newest.about, newest.after) == (
        *("own@firm.example", "record-viewed", f"subject:{CODE}"),
        f"record:{identity}",
    )
    for path in ("", "/report", "/repairs", "/declarations", f"/records/{identity}", f"/repairs/{identity}"):
        assert "鹤" not in page(other, f"/enterprise/{CODE}{path}", 403)
    page(other, f"/enterprise/{OTHER_CODE}/records/{identity}", 404)  # another's record at one's own address
    page(other, f"/enterprise/{OTHER_CODE}/repairs/{identity}", 404)


def apply(client: FlaskClient, identity: str, **filled: object) -> TestResponse:
    """Send an application for repair, complete but for what is said otherwise."""
    path = f"/enterprise/{CODE}/repairs/{identity}"
    usual: dict[str, object] = {
        "csrf_token": form_token(client, path),
        "once": new_once(),
        "corrected_on": "2026-05-01",
        "text": "已缴清罚款，已改正。",
        "files": (io.BytesIO(PNG), "缴款.png"),
    }
    return client.post(path, data=usual | filled, content_type="multipart/form-data")


def move(house: House, who: str, number: str, name: Move, by: By, outcome: str = "") -> None:
    """Do something with a case, as an account that there is."""
    room = portal_of(house).room
    caller = Caller(accounts(house).people.known(f"{who}@firm.example"))
    case = room.docket.one(number)
    room.cases.do(caller, by, case, Doing(name, case.version, new_once(), "材料属实", outcome))


def number_of(firm: House, own: FlaskClient) -> str:
    found = re.search(r"BJ-\d{8}-\w{6}", own.get(f"/enterprise/{CODE}/repairs").text)
    assert found
    return found[0]


def repaired(firm: House) -> tuple[str, str]:
    """Bring a repair from its application to its approval by another person; gives the record and the number of the case."""
    identity = record(firm, "鹤壹虚假宣传")
    own = as_(firm, "own", Role.ENTERPRISE, CODE)
    assert apply(own, identity).status_code == 303
    number = number_of(firm, own)
    as_(firm, "operator", Role.OPERATOR), as_(firm, "reviewer", Role.REVIEWER)
    move(firm, "operator", number, Move.TAKE, By.DESK)
    move(firm, "operator", number, Move.PROPOSE, By.HANDLER, "approved")
    assert firm.client.get(f"/records/{identity}").status_code == 200
    with pytest.raises(Conflict):  # four eyes
        move(firm, "operator", number, Move.CONFIRM, By.SECOND)
    move(firm, "reviewer", number, Move.CONFIRM, By.SECOND)
    firm.sync()
    return identity, number


def test_a_repair_goes_from_application_to_disappearance_by_two_people(firm: House) -> None:
    assert firm.client.get(f"/records/{record(firm, '鹤壹虚假宣传')}").status_code == 200
    identity, _number = repaired(firm)
    assert firm.client.get(f"/records/{identity}").status_code == 404
    text = page(as_(firm, "again", Role.ENTERPRISE, CODE), f"/enterprise/{CODE}/repairs")
    assert "准予修复" in text


def test_no_public_route_has_the_repaired_record(firm: House) -> None:
    identity = record(firm, "鹤壹虚假宣传")
    ways = (
        f"/records/{identity}",
        f"/subjects/{CODE}",
        "/search?q=鹤壹",
        f"{API}/search?q=鹤壹",
        f"{API}/records/{identity}",
    )
    assert all(identity in firm.client.get(way).text for way in ways)
    repaired(firm)
    walked = 0
    for address, answer, said in walk(firm):
        walked += 1
        text = html.unescape(answer)
        for word in (said, *said.split()):
            text = text.replace(word, "") if word else text
        assert "鹤壹" not in text and identity not in text.replace(address, ""), address
    assert walked > 200
    asked = {"bidders": [{"id": CODE}], "as_of": "2026-06-01"}
    check = firm.client.post(f"{API}/checks", json=asked)
    assert check.status_code == 200 and "鹤壹" not in check.text and identity not in check.text


@pytest.mark.parametrize(
    "changed",
    [{}, {"修复日期": ""}, {"修复日期": "", "处罚内容": "罚款八万元"}, {"处罚内容": "罚款八万元"}],
    ids=["the same file", "an empty column", "an empty column and another value", "another value"],
)
def test_the_sources_next_file_does_not_undo_it(firm: House, tmp_path: Path, changed: dict[str, str]) -> None:
    identity, _number = repaired(firm)
    path = tmp_path / "penalty.csv"
    rows = [MENDED | changed, WARNED | changed, FRESH | changed]
    path.write_text("\n".join(",".join(each) for each in [[*rows[0]], *([*row.values()] for row in rows)]))
    [report] = ingest([path], Job(firm.desk.engine, firm.desk.clock, kind=kinds()["penalty"]))
    assert (report.refused, report.rejected, report.rows) == (None, 0, 3)
    firm.sync()
    assert firm.client.get(f"/records/{identity}").status_code == 404
    assert "鹤壹" not in firm.client.get(f"{API}/subjects/{CODE}/records").text


def test_only_a_reversal_by_two_persons_brings_it_back_with_its_reason_in_the_history(firm: House) -> None:
    identity, _number = repaired(firm)
    operator, reviewer = as_(firm, "o2", Role.OPERATOR), as_(firm, "r2", Role.REVIEWER)
    path = f"/desk/holdings/{CODE}/{identity}"
    assert "撤销这次修复" in page(operator, path) and "撤销这次修复" not in page(reviewer, path)
    for client, reason, status in (
        (reviewer, "材料不实", 403),
        (operator, " ", 400),
        (operator, "材料不实", 303),
    ):
        token = form_token(client, "/account/claim")
        asked = f"/desk/records/{identity}/unrepair"
        answer = client.post(asked, data={"csrf_token": token, "reason": reason})
        assert answer.status_code == status, answer.text
    made = now(firm, int(answer.headers["Location"].rpartition("/")[2]))
    assert (made.changed, made.failure_zh) == (1, None)
    made = handed_in(firm, operator, made)
    assert decided(firm, operator, made).status_code == 403
    assert firm.client.get(f"/records/{identity}").status_code == 404, "one person alone does nothing"
    assert decided(firm, reviewer, made).status_code == 303
    now(firm, made.id)
    assert firm.client.get(f"/records/{identity}").status_code == 200
    assert "撤销信用修复：材料不实" in firm.client.get(f"/records/{identity}/history").text
    acts = {
        entry.act for entry in audit.search(accounts(firm).engine, Question(about=f"record:{identity}"), 9)
    }
    assert acts == {"repaired", "repair-taken-back"}
    again = operator.post(
        asked, data={"csrf_token": form_token(operator, "/account/claim"), "reason": "再撤"}
    )
    assert now(firm, int(again.headers["Location"].rpartition("/")[2])).failure_zh == "这条记录没有修复过。"


def test_an_application_that_lacks_something_is_not_taken_and_says_what(firm: House) -> None:
    own = as_(firm, "own", Role.ENTERPRISE, CODE)
    mended, fresh, warned = (record(firm, cause) for cause in ("鹤壹虚假宣传", "鹤叁", "鹤贰"))
    assert "证明材料" in apply(own, mended, files=(io.BytesIO(b""), "")).text
    assert apply(own, mended, text=" ").status_code == 400
    assert apply(own, mended, corrected_on="2026-08-02").status_code == 400
    assert apply(own, mended, files=(io.BytesIO(b"<html>"), "a.html")).status_code == 400
    early = own.get(f"/enterprise/{CODE}/repairs/{fresh}")
    assert "2026-10-21 起可以申请" in early.text and "提交申请" not in early.text
    token = form_token(own, f"/enterprise/{CODE}/declarations")
    data = {
        "csrf_token": token,
        "once": new_once(),
        "corrected_on": "2026-07-22",
        "text": "已改正",
        "files": (io.BytesIO(PNG), "a.png"),
    }
    assert own.post(f"/enterprise/{CODE}/repairs/{fresh}", data=data).status_code == 409
    assert "本来就不公示" in own.get(f"/enterprise/{CODE}/repairs/{warned}").text
    assert "BJ-" not in own.get(f"/enterprise/{CODE}/repairs").text


def test_there_is_one_application_for_a_record_at_a_time(firm: House) -> None:
    own, identity = as_(firm, "own", Role.ENTERPRISE, CODE), record(firm, "鹤壹虚假宣传")
    assert apply(own, identity).status_code == 303
    assert apply(own, identity).status_code == 409


def declare(client: FlaskClient, code: str = CODE, **filled: Any) -> TestResponse:
    path = f"/enterprise/{code}/declarations"
    return client.post(path, data={"csrf_token": form_token(client, path), "once": new_once(), **filled})


STANDARD = {"kind": "standard", "title": "鹤标准", "number": "Q/XX 1-2026", "product": "电缆"}


def test_a_declaration_is_public_once_an_operator_has_looked_with_the_enterprise_as_its_source(
    firm: House,
) -> None:
    own = as_(firm, "own", Role.ENTERPRISE, CODE)
    as_(firm, "operator", Role.OPERATOR)
    assert declare(own, **STANDARD).status_code == 303
    assert "鹤标准" not in firm.client.get(f"/subjects/{CODE}").text
    found = re.search(r"BJ-\d{8}-\w{6}", own.get(f"/enterprise/{CODE}/declarations").text)
    assert found
    move(firm, "operator", found[0], Move.TAKE, By.DESK)
    move(firm, "operator", found[0], Move.DECIDE, By.HANDLER, "approved")
    [declared] = [each for each in firm.get(f"/subjects/{CODE}/records")["results"] if each["kind"] == "declaration"
                  and each["title"] == "鹤标准"]  # fmt: skip
    assert declared["source"] == FIRM


def test_a_refused_declaration_is_not_public(firm: House) -> None:
    own = as_(firm, "own", Role.ENTERPRISE, CODE)
    as_(firm, "operator", Role.OPERATOR)
    declare(own, **STANDARD)
    found = re.search(r"BJ-\d{8}-\w{6}", own.get(f"/enterprise/{CODE}/declarations").text)
    assert found
    move(firm, "operator", found[0], Move.TAKE, By.DESK)
    move(firm, "operator", found[0], Move.DECIDE, By.HANDLER, "rejected")
    assert "鹤标准" not in firm.client.get(f"/subjects/{CODE}").text


@pytest.mark.parametrize(
    ("filled", "reason"),
    [
        ({}, "请选择声明类型"),
        ({"kind": "standard", "title": "鹤标准"}, "请填写这一栏"),
        (STANDARD | {"declared_on": "2026-08-09"}, "还没有到"),
        (STANDARD | {"declared_on": "2026-02-30"}, "2026-02-30"),
        (STANDARD | {"title": "长" * 501}, "最多"),
    ],
)
def test_a_declaration_is_checked_like_a_row_of_a_file(
    firm: House, filled: dict[str, str], reason: str
) -> None:
    answer = declare(as_(firm, "own", Role.ENTERPRISE, CODE), **filled)
    assert answer.status_code == 400 and reason in answer.text


def test_a_declaration_is_public_at_once_where_the_setting_says_so(
    open_house: Callable[..., House], tmp_path: Path
) -> None:
    house = open_house(declarations=AT_ONCE)
    house.desk.clock.instant = datetime(2026, 8, 1, 0, 0, tzinfo=UTC)
    _take(house, tmp_path / "enterprise.csv", FIRMS)
    own = as_(house, "own", Role.ENTERPRISE, CODE)
    assert declare(own, **STANDARD).status_code == 303
    assert "鹤标准" in house.client.get(f"/subjects/{CODE}").text
    again = declare(own, **STANDARD)
    assert again.status_code == 400 and "已有同样的记录" in again.text


def withdraw(client: FlaskClient, identity: str, code: str = CODE, **given: str) -> TestResponse:
    token = form_token(client, "/account/claim")
    path = f"/enterprise/{code}/declarations/{identity}/withdraw"
    return client.post(path, data={"csrf_token": token, **given})


def declared_of(house: House, code: str, title: str) -> dict[str, Any]:
    [found] = [each for each in house.get(f"/subjects/{code}/records")["results"] if each["title"] == title]
    return dict(found)


def test_a_declaration_comes_with_its_document_which_goes_when_it_is_taken_back(firm: House) -> None:
    own, other = as_(firm, "own", Role.ENTERPRISE, CODE), as_(firm, "other", Role.ENTERPRISE, uscc(2))
    operator = as_(firm, "operator", Role.OPERATOR)
    report = {"kind": "annual_report", "title": "鹤年报"}
    assert declare(own, **report).status_code == 400, "a report needs its document"
    assert declare(own, **report, file=(io.BytesIO(b"<html>"), "a.pdf")).status_code == 400
    assert declare(own, **report, file=(io.BytesIO(PNG), "a.png")).status_code == 303
    found = re.search(r"BJ-\d{8}-\w{6}", own.get(f"/enterprise/{CODE}/declarations").text)
    assert found
    assert "附件 1" in operator.get(f"/desk/cases/{found[0]}").text, "an operator sees it before it is public"
    move(firm, "operator", found[0], Move.TAKE, By.DESK)
    move(firm, "operator", found[0], Move.DECIDE, By.HANDLER, "approved")
    identity = declared_of(firm, CODE, "鹤年报")["id"]
    assert f"/records/{identity}/file" in firm.client.get(f"/records/{identity}").text
    file = firm.client.get(f"/records/{identity}/file")
    assert file.data.startswith(b"\x89PNG") and "attachment" in file.headers["Content-Disposition"]
    assert firm.client.get(f"/records/{record(firm, '鹤叁')}/file").status_code == 404
    assert withdraw(other, identity, uscc(2)).status_code == 404
    assert withdraw(own, record(firm, "鹤叁")).status_code == 404, "what a source has sent is objected to"
    assert withdraw(own, identity, reason="数字有误").status_code == 303
    assert firm.client.get(f"/records/{identity}").status_code == 404
    assert firm.client.get(f"/records/{identity}/file").status_code == 404
    assert "企业自行撤回：数字有误" in page(own, f"/enterprise/{CODE}/records/{identity}")
    assert withdraw(own, identity).status_code == 404


def test_an_enterprise_of_which_nothing_is_held_has_a_page_and_declares(
    open_house: Callable[..., House],
) -> None:
    house = open_house(declarations=AT_ONCE)
    code = uscc(77)
    own = as_(house, "own", Role.ENTERPRISE, code)
    for path in ("", "/report", "/repairs", "/declarations", "/cases", "/people"):
        assert code in page(own, f"/enterprise/{code}{path}"), path
    assert "还没有关于本企业的记录" in page(own, f"/enterprise/{code}")
    promise = {"kind": "promise", "title": "质量承诺书"}
    nameless = declare(own, code, **promise)
    assert nameless.status_code == 400 and "请填写企业名称" in nameless.text
    sent = declare(own, code, **promise, name="示例新设有限公司", file=(io.BytesIO(PNG), "a.png"))
    assert sent.status_code == 303
    assert "示例新设有限公司" in page(own, f"/enterprise/{code}") + house.client.get(f"/subjects/{code}").text
    identity = declared_of(house, code, "质量承诺书")["id"]
    assert house.client.get(f"/records/{identity}/file").status_code == 200
    assert withdraw(own, identity, code).status_code == 303
    assert house.client.get(f"/records/{identity}/file").status_code == 404

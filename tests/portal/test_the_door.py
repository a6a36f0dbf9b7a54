"""The one door: of everything that may not be shown, nothing is found on any route, in the search index or in the logs.

Each forbidden thing carries a word of its own. Every address of the application is asked for, with everything that could be filled in;
a route that is added later is walked without a change here.
"""

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.routing import Rule

from indexer.documents import documents
from indexer.ingest import Job, ingest
from indexer.kinds import kinds
from indexer.register.models import Batch, Version
from indexer.register.withdrawing import withdraw
from portal.api.operations import OPERATIONS
from tests.portal.conftest import API, House
from tests.reconciliation.protocol import Client
from tests.register.conftest import uscc

FIRM, SOLE, SHOP = "示例大道机械有限公司", "示例区小店经营部", "示例路电缆厂"
FIRM_CODE, SHOP_CODE = uscc(1), uscc(2)
SOLE_CODE = "92" + FIRM_CODE[2:]

PENALTY = {
    "主体名称": FIRM,
    "统一社会信用代码": FIRM_CODE,
    "处罚机关": "示例市市场监督管理局",
    "处罚日期": "2026-05-04",
}
LISTING = {
    "主体名称": FIRM,
    "统一社会信用代码": FIRM_CODE,
    "名单名称": "严重违法失信名单",
    "列入日期": "2026-05-04",
}
CERTIFICATE = {
    "主体名称": FIRM,
    "统一社会信用代码": FIRM_CODE,
    "证书类别": "质量管理体系认证",
    "颁证日期": "2026-01-10",
}

FILES: dict[str, list[dict[str, str]]] = {
    "enterprise": [
        {"主体名称": FIRM, "统一社会信用代码": FIRM_CODE, "联系电话": "鹤零一", "企业信用风险分类": "鹤零二"},
        {"主体名称": SHOP, "统一社会信用代码": SHOP_CODE, "银行账号": "鹤零三", "举报人": "鹤零四"},
    ],
    "enterprise-sole": [
        {
            "主体名称": SOLE,
            "统一社会信用代码": SOLE_CODE,
            "法定代表人": "欧阳鹤零五",
            "企业类型": "个体工商户",
            "住所": "江苏省示例市示例区样本路鹤零六号302室",
            "法定代表人手机": "鹤零七",
        }
    ],
    "penalty": [
        PENALTY | {"文号": "示例〔2026〕1号", "案由": "鹤壹一", "处罚种类": "警告"},
        PENALTY | {"文号": "示例〔2026〕2号", "案由": "鹤壹二", "处罚种类": "罚款", "罚款金额": "500元", "处罚程序": "简易程序"},
        PENALTY | {"文号": "示例〔2026〕3号", "案由": "鹤壹三", "处罚种类": "罚款", "罚款金额": "80000元", "修复日期": "2026-05-20"},
        PENALTY | {"文号": "示例〔2026〕4号", "案由": "鹤壹四", "处罚种类": "没收违法所得", "公示截止": "2026-05-30"},
        PENALTY | {"文号": "示例〔2026〕5号", "案由": "鹤壹五", "处罚种类": "没收违法所得", "状态": "撤销"},
        PENALTY | {"文号": "示例〔2026〕6号", "案由": "鹤壹六", "处罚种类": "没收违法所得", "失信程度": "轻微"},
        PENALTY | {"文号": "示例〔2026〕7号", "案由": "鹤壹七", "处罚种类": "没收违法所得", "行政相对人类别": "自然人"},
        PENALTY | {"文号": "示例〔2020〕8号", "案由": "鹤壹八", "处罚种类": "没收违法所得", "处罚日期": "2020-01-06"},
        PENALTY
        | {
            "文号": "示例〔2026〕9号",
            "案由": "生产不合格电缆",
            "处罚种类": "没收违法所得",
            "违法事实": "当事人身份证号11010519491231002X，电话13812341234，卡号6222020200112233440，邮箱hering@example.cn。",
            "处罚内容": "没收违法所得，联系电话0512-65221234。",
            "身份证号": "鹤壹九",
            "联系电话": "鹤壹十",
            "当事人住址": "鹤贰一",
            "护照号码": "鹤贰二",
            "企业信用风险分类": "鹤贰三",
        },
    ],
    "penalty-person": [
        {
            "行政相对人名称": "司马鹤叁",
            "CF_XDR_LB": "自然人",
            "CF_XDR_SFZ": "320102198001019999",
            "CF_WSH": "示例〔2026〕10号",
            "CF_WFXW": "鹤叁一",
            "CF_CFLB": "没收违法所得",
            "CF_NR": "鹤叁二",
            "CF_JDRQ": "2026-05-04",
            "CF_CFJG": "示例市市场监督管理局",
        }
    ],
    "listing": [
        LISTING | {"文号": "示例列〔2026〕1号", "列入事由": "鹤肆一", "移出日期": "2026-05-25", "移出原因": "鹤肆二"},
        LISTING | {"文号": "示例列〔2026〕2号", "列入事由": "鹤肆三", "行政相对人类别": "自然人"},
        LISTING | {"文号": "示例列〔2026〕3号", "列入事由": "鹤肆四", "列入期满日": "2026-05-29"},
        LISTING | {"文号": "示例列〔2019〕4号", "列入事由": "鹤肆五", "列入日期": "2019-05-06"},
        LISTING
        | {"文号": "示例列〔2026〕5号", "列入事由": "公开的事由，电话13987654321", "法定代表人": "诸葛鹤肆六", "身份证号": "鹤肆七"},
    ],
    "practitioner": [
        {"姓名": "慕容鹤伍", "证号": "示例人员证001", "资格": "电梯检验员", "所在机构": FIRM, "统一社会信用代码": FIRM_CODE,
         "身份证号": "鹤伍一", "手机号码": "鹤伍二"}
    ],
    "certificate": [
        CERTIFICATE | {"证书编号": "99926Q00001R0S", "家庭住址": "鹤陆一", "联系人电话": "鹤陆二", "certiStatus": "01", "showtemp": "鹤陆三"}
    ],
}  # fmt: skip
WITHDRAWN = [
    CERTIFICATE | {"证书编号": "99926Q00009R0S", "认证范围": "鹤柒一", "发证机构": "鹤柒二认证有限公司"}
]

FORBIDDEN = re.compile(
    "鹤[零壹贰叁肆伍陆柒][一二三四五六七八九十]?|"
    "11010519491231002X|320102198001019999|13812341234|13987654321|65221234|6222020200112233440|hering@",
    re.IGNORECASE,
)
PUBLIC = ("生产不合格电缆", "公开的事由", "慕容*", "99926Q00001R0S", SOLE)
"""What must be found, or the walk went nowhere."""


@pytest.fixture
def walled(house: House, tmp_path: Path) -> House:
    """A house whose register holds everything that may not be shown, and a little that may."""
    house.desk.clock.instant = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    for name, rows in FILES.items():
        _take(house, tmp_path / f"{name}.csv", rows)
    _take(house, tmp_path / "certificate-wrong.csv", WITHDRAWN)
    house.sync()
    batch = house.desk.register.version().number
    house.desk.clock.instant += timedelta(hours=1)
    withdraw(house.desk.engine, house.desk.clock, batch, "该批次有误")
    house.sync()
    house.desk.clock.instant += timedelta(hours=1)
    return house


def _take(house: House, path: Path, rows: list[dict[str, str]]) -> None:
    header = list(dict.fromkeys(name for each in rows for name in each))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows(rows)
    house.desk.clock.instant += timedelta(hours=1)
    kind = kinds()[path.stem.partition("-")[0]]
    [report] = ingest([path], Job(house.desk.engine, house.desk.clock, kind=kind))
    assert (report.refused, report.rejected, report.added) == (None, 0, len(rows)), report


def known(house: House) -> dict[str, list[str]]:
    """Whatever an address may be filled with, public or not."""
    with house.desk.engine.connect() as connection:
        records = list(connection.scalars(select(Version.record_id).distinct()))
        numbers = [each for each in connection.scalars(select(Version.number).distinct()) if each]
        names = [each for each in connection.scalars(select(Version.name).distinct()) if each]
    codes = [FIRM_CODE, SHOP_CODE, SOLE_CODE, FIRM_CODE[8:17]]
    lists = ["red", "black", "watch", "abnormal"]
    return {
        "id": codes + records,
        "number": numbers,
        "name": lists + names,
        "other": codes + records + numbers + lists,
    }


def questions(house: House) -> list[dict[str, str]]:
    """Arguments of every sort: words of public and hidden things, days and instants."""
    with house.desk.engine.connect() as connection:
        instants = [each for each in connection.scalars(select(Batch.recorded_at).order_by(Batch.id)) if each]
    words = ["示例", "没收违法所得", "慕容", "电话", " ".join(_markers())]
    return [
        {},
        {"as_of": "2026-05-10"},
        {"known_at": instants[-2].isoformat()},  # before the withdrawal
        *({"q": word} for word in words),
        *({"number": number, "holder": FIRM} for number in ("99926Q00001R0S", "99926Q00009R0S")),
    ]


def _markers() -> list[str]:
    return list(dict.fromkeys(FORBIDDEN.findall(repr([FILES, WITHDRAWN]))))


def walk(house: House) -> Iterator[tuple[str, str, str]]:
    """Every address with every sort of filling and question: the address, what it answered, and what was asked."""
    fillings, asked = known(house), questions(house)
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint == "static" or "GET" not in (rule.methods or ()):
            continue
        for path, part in addresses(rule, fillings):
            for question in asked:
                if not _takes(rule, question):
                    continue
                answer = house.client.get(path, query_string=question)
                said = " ".join((part, *question.values()))
                text = answer.data.decode("utf-8", "replace")  # a template to download is no text
                yield f"{path} {question}", f"{answer.headers}{text}", said


def _takes(rule: Rule, question: dict[str, str]) -> bool:
    """Whether a route may know the arguments: of the API's we are told, and a page whose address says whom asks for no more words."""
    fields = [set(each.question.model_fields) for each in OPERATIONS if rule.rule == API + each.path]
    known = fields[0] if fields else {"as_of", "known_at"} if rule.arguments else set(question)
    return set(question) <= known - set(rule.arguments)


def addresses(rule: Rule, fillings: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """The addresses that a rule makes, each with what was filled in."""
    if not rule.arguments:
        yield rule.rule, ""
        return
    arguments = re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
    several = [fillings.get(argument, fillings["other"]) for argument in arguments]
    for at in range(max(len(values) for values in several)):
        chosen = [values[at % len(values)] for values in several]
        path = re.sub("<[^>]+>", "{}", rule.rule)
        yield path.format(*(quote(value, safe="") for value in chosen)), " ".join(chosen)


def test_no_route_shows_what_may_not_be_shown(walled: House, capfd: pytest.CaptureFixture[str]) -> None:
    walked, missing = 0, set(PUBLIC)
    for address, answer, said in walk(walled):
        walked += 1
        text = unquote(html.unescape(answer))
        for word in (said, *said.split()):  # to repeat what was asked is no news to the one who asked
            text = text.replace(word, "") if word else text
        leaked = FORBIDDEN.findall(text)
        assert not leaked, (address, leaked, text)
        missing -= {word for word in missing if word in text}
    assert walked > 200
    assert not missing
    out, err = capfd.readouterr()
    assert not FORBIDDEN.search(out + err)


def test_searching_for_what_is_hidden_finds_nothing(walled: House) -> None:
    for marker in [*_markers(), "司马鹤叁", "慕容鹤伍", "欧阳鹤零五", "13812341234", "11010519491231002X"]:
        found = [hit["id"] for hit in walled.get("/search", q=f'"{marker}"')["results"]]
        for identity in found:
            assert not FORBIDDEN.search(walled.client.get(f"{API}/records/{identity}").text)
        assert not FORBIDDEN.search(repr(walled.get("/suggest", q=marker)["suggestions"]))


def test_a_degraded_search_shows_nothing_of_it_either(walled: House) -> None:
    walled.cut_off()
    cells = {cell for rows in FILES.values() for row in rows for cell in row.values()}
    found = set()
    for asked in [*cells, *_markers()]:
        for path in (f"{API}/search", "/search"):
            answer = walled.client.get(path, query_string={"q": asked})
            assert answer.status_code == 200, asked
            said = unquote(html.unescape(answer.text))
            for word in (asked, *asked.split()):  # what was asked is no news to the one who asked
                said = said.replace(word, "")
            assert not FORBIDDEN.search(said), (asked, said)
        found |= {hit["id"] for hit in walled.get("/search", q=asked)["results"]}
    register = walled.desk.register
    assert found == {record.id for record in register.records_between(0, register.last_version())}


def test_the_search_index_holds_nothing_that_may_not_be_shown(walled: House) -> None:
    register = walled.desk.register
    found = list(documents(register, register.records_between(0, register.last_version())))
    assert len(found) == 7  # three subjects, a penalty, a list entry, a practitioner, a certificate
    for document in found:
        assert not FORBIDDEN.search(repr(document)), document


def test_the_restriction_status_does_not_tell_of_hidden_facts(walled: House) -> None:
    answer = walled.get(f"/restrictions/{FIRM_CODE}")
    causes = {cause["record"] for domain in answer["domains"] for cause in domain["because"]}
    shown = {each["id"] for each in walled.get(f"/subjects/{FIRM_CODE}/records")["results"]}
    assert causes and causes <= shown


def test_a_file_that_holds_only_hidden_records_is_as_unknown_as_none(house: House, tmp_path: Path) -> None:
    house.desk.clock.instant = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    _take(house, tmp_path / "penalty.csv", [FILES["penalty"][0]])
    for path in ("/subjects/{}", "/subjects/{}/records", "/restrictions/{}"):
        same = {"X-Request-Id": "one-and-the-same"}
        hidden: Any = house.client.get(API + path.format(FIRM_CODE), headers=same)
        nobody: Any = house.client.get(API + path.format(SHOP_CODE), headers=same)
        assert hidden.status_code == nobody.status_code == 404
        assert hidden.text.replace(FIRM_CODE, "") == nobody.text.replace(SHOP_CODE, "")


def test_a_name_that_only_a_hidden_record_states_is_not_the_subjects_name(
    house: House, tmp_path: Path
) -> None:
    house.desk.clock.instant = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    person = FILES["penalty"][6] | {"主体名称": "司马鹤叁"}
    _take(house, tmp_path / "penalty.csv", [person])
    _take(house, tmp_path / "certificate.csv", [FILES["certificate"][0]])
    house.sync()
    for path in (f"/subjects/{FIRM_CODE}", f"/restrictions/{FIRM_CODE}", "/search?q=99926Q00001R0S"):
        assert not FORBIDDEN.search(house.client.get(API + path).text), path


def test_a_check_of_many_shows_nothing_of_it_on_any_of_its_ways(walled: House) -> None:
    codes = [{"id": code} for code in (FIRM_CODE, SHOP_CODE, SOLE_CODE)]
    required = [{"certificate_kind": "质量管理体系认证"}]
    asked = {"as_of": "2026-05-10", "bidders": [*codes, {"name": FIRM}], "requirements": required}
    answer: Any = walled.client.post(f"{API}/checks", json=asked)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["bidders"][0]["match"]["code"] == FIRM_CODE
    receipt = answer.get_json()["receipt"]
    key = receipt["key"]
    ways = (
        f"/checks/{key}",
        f"/checks/{key}/changes",
        f"{API}/checks/{key}/changes",
        f"/verify/{receipt['number']}",
    )
    for text in (answer.text, *(walled.client.get(path).text for path in ways)):
        assert not FORBIDDEN.search(unquote(html.unescape(text)))
    book = load_workbook(io.BytesIO(walled.client.get(f"/checks/{key}/result.xlsx").data))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert FIRM in cells and not FORBIDDEN.search(" ".join(cells))


def test_a_spreadsheet_that_is_matched_and_extended_gets_nothing_of_it(walled: House) -> None:
    client = Client(walled.client)
    names = [FIRM, SHOP, SOLE, "司马鹤叁", "慕容鹤伍", *_markers()]
    found = client.match({f"q{at}": {"query": name} for at, name in enumerate(names[:100])})
    assert found["q0"][0].match and not found["q3"]
    proposed = [each.id for each in client.propose("enterprise").properties]
    told = client.extend([FIRM_CODE, SHOP_CODE, SOLE_CODE], *proposed)
    assert told.rows[FIRM_CODE]["penalties"][0].model_dump() == {"int": 1}
    pages = [walled.client.get(client.preview(code)).text for code in (FIRM_CODE, SHOP_CODE, SOLE_CODE)]
    offered = [client.suggest("entity", marker) for marker in _markers()]
    assert not FORBIDDEN.search(html.unescape(repr([found, told, pages, offered])))

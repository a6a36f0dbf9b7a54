"""The rules desk by its forms alone: prepared, previewed, approved by another, in force on its day; what was answered before stays as it was."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from indexer.accounts.audit import Caller
from indexer.register.database import connect
from indexer.rulebook.editions import FRESH
from indexer.settings import Settings
from portal.app import create_app
from portal.context import EXTENSION, Portal
from portal.restrictions.rule_form import numbered, rule_from
from portal.restrictions.writing import plain_rules, with_rule
from tests.accounts.cast import Somebody, form_token, inside
from tests.portal.conftest import API
from tests.register.conftest import Desk, uscc
from tests.register.statements import statements
from tests.rulebook.conftest import HONOURS, SHIPPED, WITHOUT, Library, library_over
from tests.servers import Databases

FIRM = uscc(1)


@dataclass
class Hall:
    """A library with its portal, and browsers of its people."""

    library: Library
    parts: Portal
    client: FlaskClient
    browsers: dict[str, FlaskClient]
    people: dict[str, Caller]

    def enter(self) -> None:
        """Log everybody in."""
        for name, who in self.people.items():
            inside(self.parts.accounts, Somebody(who.account or 0, ""), self.browsers[name])

    def wait(self, **time: float) -> None:
        """Let time pass; sessions end meanwhile."""
        self.library.wait(**time)
        self.enter()

    def page(self, who: str, path: str, status: int = 200) -> str:
        """The text of a page."""
        got = (self.browsers[who] if who else self.client).get(path, headers={"Accept-Language": "zh-CN"})
        assert got.status_code == status, (path, got.status_code, got.text[-500:])
        return html.unescape(got.text)

    def fill(self, who: str, path: str, at: str, status: int = 303, **fields: object) -> TestResponse:
        """Send a form of the page `at`."""
        client = self.browsers[who]
        got = client.post(path, data={"csrf_token": form_token(client, at), **fields})
        assert got.status_code == status, (path, got.status_code, got.text[-800:])
        return got

    def ask(self, **asked: object) -> Any:
        """The firm's restrictions."""
        answer = self.client.get(f"{API}/restrictions/{FIRM}", query_string=asked)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def begin(self, who: str = "operator", number: int = 1) -> str:
        """The address of a new draft from an edition."""
        got = self.fill(who, "/desk/rules", "/desk/rules", **{"from": number})
        return got.headers["Location"]

    def propose(self, path: str, who: str = "operator", days: int = 0) -> None:
        """Preview a draft for a day and propose it."""
        day = self.library.today + timedelta(days=days)
        self.fill(who, path, path, action="preview", effective_from=day.isoformat(), reason="示例办法修订")
        self.parts.rules.work()
        self.fill(who, path, path, action="propose", effect=self.effect(who, path))

    def effect(self, who: str, path: str) -> str:
        """The preview that a page shows."""
        found = re.search(r'name="effect" value="([0-9a-f]{64})"', self.page(who, path))
        assert found
        return found[1]

    def approve(self, path: str, who: str = "reviewer") -> str:
        """Approve what the page shows; gives the address of the edition."""
        got = self.fill(who, f"{path}/decide", path, decision="approve", effect=self.effect(who, path))
        return got.headers["Location"]


@pytest.fixture
def hall(databases: Databases, tmp_path: Path) -> Iterator[Hall]:
    """A register with three enterprises on a black list."""
    with databases.fresh("sqlite") as url:
        desk = Desk(connect(url))
        library = library_over(desk, tmp_path / "var", url)
        library.list_firms(1, 2, 3)
        settings = Settings(
            data=tmp_path / "var", database_url=url, rate_limits=(), secret_key="a key for this test"
        )
        app = create_app(settings, desk.clock)
        parts: Portal = app.extensions[EXTENSION]
        people = {"operator": library.operator, "other": library.other, "reviewer": library.reviewer}
        hall = Hall(library, parts, app.test_client(), {name: app.test_client() for name in people}, people)
        hall.enter()
        yield hall
        desk.engine.dispose()
        parts.register.engine.dispose()


class Fields(HTMLParser):
    """What a browser would send of the form on a page with the most fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[MultiDict[str, str]] = []
        self.area = self.select = ""
        self.text, self.chosen = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(MultiDict())
        if not self.forms:
            return
        form, name = self.forms[-1], given.get("name", "")
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given) and name:
            form.add(name, given.get("value", ""))
        elif tag == "textarea":
            self.area, self.text = name, ""
        elif tag == "select":
            self.select, self.chosen = name, "no option"
        elif tag == "option" and ("selected" in given or self.chosen == "no option"):
            self.chosen = given["value"]

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.forms[-1].add(self.area, self.text)
        elif tag == "select":
            self.forms[-1].add(self.select, self.chosen)


def fields(page: str) -> "MultiDict[str, str]":
    """The fields of the largest form of a page."""
    reader = Fields()
    reader.feed(page)
    return max(reader.forms, key=len)


def test_the_whole_way_of_a_change_to_a_rule(hall: Hall) -> None:
    paper = hall.client.post(
        f"{API}/checks",
        json={"as_of": hall.library.today.isoformat(), "bidders": [{"id": FIRM}], "domains": ["honours"]},
    ).get_json()
    key = paper["receipt"]["key"]
    before = hall.client.get(f"{API}/checks/{key}").data
    known_at = hall.library.desk.clock.now().isoformat()

    path = hall.begin()
    assert "严重违法失信名单" in hall.page("operator", f"{path}/rules/{HONOURS}")
    form = fields(hall.browsers["operator"].get(f"{path}/rules/{HONOURS}").text)
    form.setlist("domains", ["licensing"])
    hall.browsers["operator"].post(f"{path}/rules/{HONOURS}", data=form)
    hall.propose(path, days=5)
    page = hall.page("reviewer", path)
    assert "这一修改将新增限制 0 家企业，解除限制 3 家" in page
    assert "评先评优" in page and "行政许可" in page and "示例1有限公司" in page
    edition = hall.approve(path)
    assert "待生效" in hall.page("operator", edition)

    assert hall.ask(domain="honours")["restricted"] is True
    hall.wait(days=5)
    after = hall.ask(domain="honours")
    assert after["restricted"] is False and after["evidence"]["rules_edition"] == 2
    then = hall.ask(domain="honours", known_at=known_at)
    assert then["restricted"] is True and then["evidence"]["rules_edition"] == 1
    assert then["evidence"]["rules_version"] != after["evidence"]["rules_version"]
    assert "第 2 版" in hall.page("", f"/restrictions/{FIRM}")
    assert hall.client.get(f"{API}/checks/{key}").data == before
    now = hall.client.post(
        f"{API}/checks", json={"as_of": "2026-03-03", "bidders": [{"id": FIRM}], "domains": ["honours"]}
    ).get_json()
    assert now["evidence"]["rules_edition"] == 2 and now["bidders"][0]["restricted"] is False
    past = hall.client.post(
        f"{API}/checks",
        json={"as_of": "2026-03-03", "known_at": known_at, "bidders": [{"id": FIRM}], "domains": ["honours"]},
    ).get_json()
    assert past["evidence"]["rules_edition"] == 1 and past["bidders"][0]["restricted"] is True
    changed = hall.client.get(f"{API}/checks/{key}/changes").get_json()
    assert [(each["what"], each["which"]) for each in changed["changes"]] == [("domain", "honours")]


def test_the_form_of_each_shipped_rule_says_that_rule(hall: Hall) -> None:
    path = hall.begin()
    for rule in plain_rules(SHIPPED):
        page = hall.browsers["operator"].get(f"{path}/rules/{rule['id']}").text
        found = rule_from(fields(page), rule["trigger"]["kind"]) | {"id": rule["id"]}
        assert numbered(found, [rule]) is rule


def test_a_new_rule_is_told_all_that_is_wrong_and_then_kept(hall: Hall) -> None:
    path = hall.begin()
    assert "行政处罚" in hall.page("operator", f"{path}/rule")
    page = hall.browsers["operator"].get(f"{path}/rule?kind=penalty").text
    form = fields(page)
    form["id"] = "Not An Id"
    form.setlist("yuan", ["很多", ""])
    got = hall.browsers["operator"].post(f"{path}/rule", data=form)
    assert got.status_code == 400
    told = html.unescape(got.text)
    for said in ("domains 没有填写", "basis 没有填写", "source 没有填写", "yuan 应当是", "id 应当由小写字母"):
        assert said in told
    assert "很多" in told and 'value="Not An Id"' in told
    given = {
        "id": "a-new-rule",
        "basis": "示例办法第一条",
        "source": "示例",
        "zh": "期限：{until}。",
        "en": "{until}.",
    }
    for name, value in given.items():
        form[name] = value
    form.setlist("domains", ["honours"])
    form.setlist("yuan", ["5000", ""])
    form["duration"], form["years"] = "years", "2"
    got = hall.browsers["operator"].post(f"{path}/rule", data=form)
    assert got.status_code == 303, re.findall(r"<li>.*?</li>", got.text)
    kept = hall.parts.rules.drafts.one(int(path.rpartition("/")[2]))
    [added] = [each for each in plain_rules(kept.content) if each["id"] == "a-new-rule"]
    assert added["trigger"]["fine_at_least"] == [{"yuan": 5000}] and added["version"] == 1
    assert "a-new-rule" in hall.page("operator", path)
    form = fields(hall.browsers["operator"].get(f"{path}/rules/a-new-rule").text)
    form.add("action", "remove")
    hall.browsers["operator"].post(f"{path}/rules/a-new-rule", data=form)
    assert hall.parts.rules.drafts.one(kept.id).content == SHIPPED


def test_the_whole_table_is_refused_with_every_fault_at_once_and_given_back(hall: Hall) -> None:
    path = hall.begin()
    wrong = SHIPPED.replace('"honours"', '"honour"').replace("verified = true", 'verified = "ja"', 1)
    got = hall.fill("operator", f"{path}/table", f"{path}/table", 400, content=wrong)
    told = html.unescape(got.text)
    assert "规则有 2 处错误" in told and "不认识的领域 honour" in told and "verified 应当是 true" in told
    assert 'verified = "ja"' in told
    hall.fill("operator", f"{path}/table", f"{path}/table", content=WITHOUT.replace("\n", "\r\n"))
    assert hall.parts.rules.drafts.one(int(path.rpartition("/")[2])).content == WITHOUT
    assert "删除" in hall.page("operator", path)


def test_what_has_changed_since_a_preview_is_said(hall: Hall) -> None:
    path, other = hall.begin(), hall.begin("other")
    hall.fill("operator", f"{path}/table", f"{path}/table", content=WITHOUT)
    hall.propose(path)
    assert "登记簿又有了新批次" not in hall.page("reviewer", path)
    hall.library.list_firms(4)
    hall.enter()
    assert "登记簿又有了新批次" in hall.page("reviewer", path)
    hall.fill("other", f"{other}/table", f"{other}/table", content=with_rule(SHIPPED, "practice-ban", None))
    hall.propose(other, "other", days=2)
    hall.approve(other)
    page = hall.page("reviewer", path)
    assert "第 2 版已批准，将于" in page and "须重新生成预览" not in page
    hall.wait(days=2)
    page = hall.page("reviewer", path)
    assert "须重新生成预览" in page and 'value="approve"' not in page
    hall.fill("reviewer", f"{path}/again", path)
    hall.parts.rules.work()
    page = hall.page("reviewer", path)
    assert "须重新生成预览" not in page and "与第 2 版的差异" in page and "解除限制 4 家" in page
    assert hall.approve(path).endswith("/3")


def test_an_edition_to_come_is_withdrawn_and_an_older_one_begun_again(hall: Hall) -> None:
    path = hall.begin()
    hall.fill("operator", f"{path}/table", f"{path}/table", content=WITHOUT)
    hall.propose(path, days=3)
    edition = hall.approve(path)
    assert "撤回这一版" not in hall.page("operator", edition)
    got = hall.fill("reviewer", edition, edition, 400, reason=" ")
    assert "请写明理由" in got.text
    hall.fill("reviewer", edition, edition, reason="依据推迟施行")
    page = hall.page("operator", edition)
    assert "生效前已撤回" in page and "依据推迟施行" in page
    hall.wait(days=4)
    assert hall.ask()["evidence"]["rules_edition"] == 1
    again = hall.begin(number=2)
    assert hall.parts.rules.drafts.one(int(again.rpartition("/")[2])).content == WITHOUT
    assert "随程序发布的规则表" in hall.page("reviewer", "/desk/rules")


def test_the_preparer_is_offered_no_decision_and_others_no_edit(hall: Hall) -> None:
    path = hall.begin()
    hall.fill("operator", f"{path}/table", f"{path}/table", content=WITHOUT)
    hall.page("other", f"{path}/table", 404)
    hall.page("other", f"{path}/rules/{HONOURS}", 404)
    hall.propose(path)
    assert "自己不能批准" in hall.page("operator", path)
    hall.page("operator", f"{path}/table", 404)
    for who in ("operator", "other"):
        assert 'value="approve"' not in hall.page(who, path)
    got = hall.fill("reviewer", f"{path}/decide", path, 400, decision="refuse", reason="")
    assert "请写明理由" in got.text
    hall.fill("reviewer", f"{path}/decide", path, decision="refuse", reason="依据写到条款")
    assert "依据写到条款" in hall.page("operator", path)


def test_a_refused_day_or_button_stays_on_the_page(hall: Hall) -> None:
    path = hall.begin()
    for day, said in (("", "请填写日期"), ("2026-02-30", "应为日期"), ("2026-01-01", "不能早于今天")):
        got = hall.fill("operator", path, path, 400, action="preview", effective_from=day, reason="理由")
        assert said in got.text
    hall.fill("operator", path, path, 400, action="approve")
    hall.fill("operator", "/desk/rules", "/desk/rules", 400, **{"from": "x"})
    hall.fill("operator", "/desk/rules", "/desk/rules", 404, **{"from": "77"})


def test_the_rules_cost_no_statement_while_they_are_fresh(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.ask()
    with statements(hall.parts.register.engine) as fresh:
        hall.ask()
    monkeypatch.setattr("indexer.rulebook.editions.FRESH", 0.0)
    with statements(hall.parts.register.engine) as stale:
        hall.ask()
    assert len(stale) <= len(fresh) + 2 and FRESH > 1  # the tag and the answer each look

"""The desk and the public pages of draws: a draw from its rule to its results by forms alone, and nothing internal in public."""

import html
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.accounts.audit import Act, Question, search
from indexer.accounts.roles import Role
from indexer.identifiers import parse_codes
from indexer.register.database import connect
from indexer.settings import Settings
from indexer.supervision.draw_files import verify
from indexer.sync import sync
from portal.app import create_app
from portal.context import EXTENSION
from tests.accounts.cast import Somebody, inside, send, somebody
from tests.portal.test_the_door import addresses
from tests.register.conftest import Desk, uscc
from tests.register.statements import statements
from tests.servers import Databases
from tests.supervision.conftest import AGENCY, ALL, RULE, Bureau, bureau_over

SHARP = RULE.replace('grades = ["A", "B", "C", "D"]', 'grades = ["甲密级", "乙密级", "丙密级", "丁密级"]')
for _old, _new in zip("ABCD", "甲乙丙丁", strict=True):
    SHARP = re.sub(rf'(\w+ = )"{_old}"(?=[,\s}}])', rf'\1"{_new}密级"', SHARP)
INTERNAL = re.compile(r"[甲乙丙丁]密级|密单|密由|密员|密避")


@dataclass
class Town:
    """A bureau with its portal, and browsers of its people."""

    bureau: Bureau
    client: FlaskClient
    browsers: dict[str, FlaskClient]

    def page(self, who: str, path: str, status: int = 200) -> str:
        """The text of a page."""
        got = (self.browsers[who] if who else self.client).get(path)
        assert got.status_code == status, (path, got.status_code, got.text[-500:])
        return html.unescape(got.text)

    def fill(self, who: str, path: str, at: str, status: int = 303, **fields: object) -> TestResponse:
        """Send a form of the page `at`."""
        got = send(self.browsers[who], path, at=at, **fields)
        assert got.status_code == status, (
            path,
            got.status_code,
            re.findall(r'class="wrong".*?</p>', got.text, re.S),
            got.text[-300:],
        )
        return got


@pytest.fixture
def town(databases: Databases, tmp_path: Path) -> Iterator[Town]:
    """Six enterprises, of which two make cement; people of each role."""
    with databases.fresh("sqlite") as url:
        desk = Desk(connect(url))
        bureau = bureau_over(desk, tmp_path / "var", url)
        bureau.firms(*range(1, 7))
        for number in (1, 2):
            bureau.license(number, "水泥")
        settings = Settings(
            data=tmp_path / "var", database_url=url, rate_limits=(), secret_key="a key for this test"
        )
        app = create_app(settings, desk.clock)
        accounts = app.extensions[EXTENSION].accounts
        people: dict[str, Somebody] = {
            role.value: Somebody(bureau.people[role.value].account or 0, "")
            for role in (Role.OPERATOR, Role.REVIEWER, Role.OFFICER)
        }
        people["other"] = somebody(accounts, "other@bureau.example", Role.OFFICER, "示例别局")
        people["firm"] = somebody(accounts, "firm@firm.example", Role.ENTERPRISE, uscc(1))
        browsers = {name: inside(accounts, who, app.test_client()) for name, who in people.items()}
        yield Town(bureau, app.test_client(), browsers)
        desk.engine.dispose()
        app.extensions[EXTENSION].register.engine.dispose()


def test_from_a_rule_to_a_public_result_by_forms_alone(town: Town) -> None:
    base = "/desk/supervision"
    town.fill("operator", f"{base}/refresh", base)
    shown = town.fill("operator", f"{base}/rule", f"{base}/rule", 200, content=RULE, action="preview")
    assert "2 家定为 C" in shown.text and "4 家定为 A" in shown.text
    fields: dict[str, Any] = {
        "content": RULE,
        "action": "propose",
        "effective_from": town.bureau.today.isoformat(),
        "reason": "试行",
    }
    town.fill("operator", f"{base}/rule", f"{base}/rule", **fields)
    assert "您提出的" not in town.page("reviewer", f"{base}/rule/1")
    town.fill("reviewer", f"{base}/rule/1", f"{base}/rule/1", decision="approve")
    assert "电线电缆" in town.page("operator", f"{base}/rule")
    assert "水泥 × 无等级 × 高 → C" in town.page("operator", f"{base}/enterprises/{uscc(1)}")
    for number in ("T1", "T2", "T3"):
        town.fill(
            "operator",
            f"{base}/inspectors",
            f"{base}/inspectors",
            number=number,
            name="示例员",
            agency=AGENCY,
        )
    town.fill(
        "operator",
        f"{base}/inspectors/1",
        f"{base}/inspectors",
        action="exclude",
        code=uscc(1),
        reason="亲属",
    )
    asked: dict[str, Any] = {
        "title": "示例春季抽查",
        "agency": AGENCY,
        "count": "6",
        "each": "2",
        "reason": "年度",
        "weight_C": "3",
    }
    town.fill("operator", f"{base}/draws", f"{base}/draws", **asked)
    town.fill("reviewer", f"{base}/draws/1", f"{base}/draws/1", decision="approve")
    drawing = town.client.application.extensions[EXTENSION].drawing
    drawing.begin(30)
    number = f"{town.bureau.today.year}-0001"
    before = town.page("", f"/draws/{number}")
    assert "名录已封存" in before and "种子登记时刻" not in before
    town.fill("operator", f"{base}/draws/1/seed", f"{base}/draws/1")
    drawing.begin(30)
    day = town.bureau.today
    plan: dict[str, Any] = {
        "title": "示例春季抽查",
        "item": "产品质量",
        "starts": day,
        "ends": day + timedelta(days=30),
        "public_from": day,
        "reason": "年度",
    }
    assert "示例1有限公司" not in town.page("", f"/draws/{number}")
    town.fill("operator", f"{base}/draws/1/plan", f"{base}/draws/1", **plan)
    town.fill("reviewer", "/desk/plans/1", "/desk/plans/1", decision="approve")
    assert "示例1有限公司" in town.page("", f"/draws/{number}")
    assert number in town.page("", "/draws")
    complete = town.browsers["operator"].get(f"{base}/draws/1/complete.json").data
    assert verify(complete).whole and set(verify(complete).steps.values()) == {True}
    [task] = [each for each in json.loads(complete)["assigned"] if "T1" not in each][:1]
    assert task
    entered: dict[str, Any] = {
        "result": "不合格",
        "failed": "yes",
        "failed_items": "标识",
        "inspected_on": day,
        "seen": "",
    }
    town.fill("officer", "/desk/inspections/1", "/desk/inspections/1", **entered)
    town.page("other", "/desk/plans/1", 404)
    town.page("other", "/desk/inspections/1", 404)
    form = town.browsers["officer"].get("/desk/plans/1/results.csv").data.decode("utf-8-sig")
    rows = [
        line if at in (0, 1) else line.replace(",,,,,", f",未发现问题,否,,{day},")
        for at, line in enumerate(form.splitlines())
    ]
    file = (BytesIO("\n".join(rows).encode("utf-8-sig")), "结果.csv")
    town.fill("officer", "/desk/plans/1/file", "/desk/plans/1", file=file)
    town.fill("reviewer", "/desk/plans/1/publish", "/desk/plans/1")
    while town.bureau.supervision.releases.of(1)[0].waits:  # done by a thread of the portal
        time.sleep(0.05)
    assert "各次公布" in (page := town.page("reviewer", "/desk/plans/1")) and "正在公布" not in page
    assert "产品质量" in town.page("", f"/subjects/{uscc(1)}")
    assert "等待后处理结果" in town.page("operator", "/desk/plans")
    acts = {entry.act for entry in search(town.bureau.desk.engine, Question(), 100)}
    assert {
        Act.RULE_DECIDED,
        Act.DRAW_SEEDED,
        Act.PLAN_DECIDED,
        Act.RESULTS_PUBLISHED,
        Act.GRADES_VIEWED,
        Act.EXPORTED,
    } <= acts


def test_a_form_that_is_filled_in_wrongly_says_so_beside_its_field(town: Town) -> None:
    base = "/desk/supervision"
    wrong = town.fill("operator", f"{base}/rule", f"{base}/rule", 400, content="grades = 3", action="preview")
    assert "规则有误" in wrong.text
    got = town.fill("operator", f"{base}/lists", f"{base}/lists", 400, list="重点", codes="1", reason="密")
    assert 'aria-invalid="true"' in got.text
    got = town.fill(
        "operator", f"{base}/draws", f"{base}/draws", 400, title="x", agency="y", count="0", reason="z"
    )
    assert "应为 1 到" in got.text
    for path in (
        f"{base}/rule/9",
        f"{base}/draws/9",
        "/desk/plans/9",
        "/desk/inspections/9",
        f"{base}/enterprises/9",
    ):
        town.page("operator", path, 404)


def internal_facts(town: Town) -> None:
    """Grades, weights, lists, inspectors and their exclusions, each with a word that stands nowhere else."""
    bureau = town.bureau
    bureau.refresh()
    bureau.rule(SHARP)
    lists = bureau.supervision.key_lists
    lists.decide(
        bureau.reviewer, lists.propose_by_hand(bureau.operator, "密单", uscc(1), None, "密由"), True, ""
    )
    for number in ("密员1", "密员2", "密员3"):
        bureau.supervision.inspectors.add(bureau.operator, number, "示例员", AGENCY)
    bureau.supervision.inspectors.exclude(bureau.operator, 1, uscc(2), "密避")
    weighted: dict[str, Any] = {"weights": {"丙密级": 7}}
    for wanted in (weighted, {}):
        bureau.plan(bureau.drawn(6, criteria=ALL, **wanted))


def test_nothing_internal_is_on_a_page_in_the_api_in_a_search_document_or_a_file(town: Town) -> None:
    internal_facts(town)
    app = town.client.application
    parts = app.extensions[EXTENSION]
    sync(town.bureau.desk.register, parts.search)
    numbers = [draw.number for draw in parts.supervision.draws.some(public=True)]
    fillings = {"other": [uscc(1), uscc(2)], "id": [uscc(1)], "number": numbers}
    [file] = town.bureau.desk.register.credit_file(parse_codes(uscc(1)))
    records = [record.id for record in file.records]
    fillings["id"] += records
    fillings["name"] = ["red", "black", "watch", "abnormal"]
    walked, fed = 0, set()
    for who in ("", "firm", "officer"):
        client = town.browsers[who] if who else town.client
        for rule in app.url_map.iter_rules():
            if rule.endpoint == "static" or "GET" not in (rule.methods or ()) or len(rule.arguments) > 1:
                continue
            if who == "officer" and rule.rule.startswith("/desk/plans"):
                continue  # an officer sees who inspects; the next test says what not
            for path, _filled in addresses(rule, fillings):
                got = client.get(
                    path,
                    query_string={"q": "示例1有限公司"}
                    if path.endswith(("search", "suggest", "search.atom"))
                    else None,
                )
                text = html.unescape(got.data.decode("utf-8", "replace"))
                assert not INTERNAL.search(text), (who, path, INTERNAL.findall(text))
                walked += 1
                if got.status_code == 200 and got.mimetype == "application/atom+xml":
                    fed.add(rule.rule)
    assert walked > 150
    assert fed == {rule.rule for rule in app.url_map.iter_rules() if rule.rule.endswith(".atom")}
    shown = town.page("operator", "/desk/supervision")
    assert "丙密级" in shown, "the words are there, only not in public"


def test_an_officer_sees_plans_and_no_grade_weight_or_key_list(town: Town) -> None:
    internal_facts(town)
    for path in (
        "/desk/plans",
        "/desk/plans/1",
        "/desk/plans/1/results.csv",
        "/desk/inspections/1",
        "/account",
    ):
        text = town.page("officer", path)
        assert not re.search("[甲乙丙丁]密级|密单|密由|密避|/desk/supervision", text), path


def test_a_population_that_rests_on_weights_is_in_no_public_file(town: Town) -> None:
    internal_facts(town)
    numbers = [draw.number for draw in town.bureau.supervision.draws.some(public=True)]
    files = [json.loads(town.client.get(f"/draws/{number}/file.json").data) for number in numbers]
    assert [file["population"]["public"] for file in files] == [True, False]
    assert [("enterprises" in file, "salt" in file) for file in files] == [(True, True), (False, False)]
    assert {weight for _code, _name, weight in files[0]["enterprises"]} == {1}
    assert [verify(json.dumps(file).encode()).whole for file in files] == [True, False]


def test_a_page_costs_the_same_number_of_statements_however_much_it_lists(town: Town) -> None:
    internal_facts(town)
    base, engine = "/desk/supervision", town.client.application.extensions[EXTENSION].register.engine
    desk = (
        base,
        f"{base}/lists",
        f"{base}/inspectors",
        f"{base}/draws",
        f"{base}/draws/1",
        "/desk/plans",
        "/desk/plans/1",
    )

    def costs() -> dict[str, int]:
        operator = Somebody(town.bureau.operator.account or 0, "")
        inside(
            town.bureau.accounts, operator, town.browsers["operator"]
        )  # hours have passed with the batches
        found = {}
        for who, path in [*(("operator", path) for path in desk), ("", "/draws"), ("", "/draws/2026-0002")]:
            with statements(engine) as seen:
                town.page(who, path)
            found[path] = len(seen)
        return found

    few = costs()
    town.bureau.firms(*range(20, 60))
    town.bureau.refresh()
    for number in range(4, 12):
        town.bureau.inspectors(f"密员{number}")
    town.bureau.plan(town.bureau.drawn(30))
    assert costs() == few

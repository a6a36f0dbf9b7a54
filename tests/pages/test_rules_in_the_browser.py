"""A change to a restriction rule with four eyes, from the form to the answer, in a real browser; an older receipt stays word for word."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.accounts.sessions import FULL
from indexer.clock import Clock
from indexer.ingest import Job, ingest
from indexer.register.database import connect, migrate
from indexer.settings import Settings
from tests import servers
from tests.accounts.cast import somebody
from tests.register.conftest import uscc

KEY = "a key that only this test knows"
PHONE = {"width": 390, "height": 844}
RULE = "honours-serious-violation"
HEADER = "统一社会信用代码,主体名称,名单,名单名称,列入机关,文号,列入日期,主体类别\n"


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[tuple[str, Page, Page]]:
    """A portal over three listed enterprises: its address, an operator's browser without script and a reviewer's telephone."""
    settings, clock = Settings(data=tmp_path / "var", secret_key=KEY), Clock()
    migrate(settings.database_url)
    engine = connect(settings.database_url)
    listed = [
        f"{uscc(n)},示例{n}号有限公司,黑名单,严重违法失信名单,示例市场监督管理局,示例列〔2026〕{n}号,{clock.today()},法人及非法人组织\n"
        for n in (1, 2, 3)
    ]
    (file := tmp_path / "名单.csv").write_text(HEADER + "".join(listed), "utf-8")
    assert [report.added for report in ingest([file], Job(engine, clock), lambda path, rows: None)] == [3]
    accounts = Accounts(engine, clock, settings)
    tokens = []
    for name, role in (("operator", Role.OPERATOR), ("reviewer", Role.REVIEWER)):
        someone = somebody(accounts, f"{name}@desk.example", role)
        with acting(engine, clock, Caller()) as act:
            tokens.append(accounts.sessions.open(act, someone.account, FULL, "test"))
    engine.dispose()
    environ = {"ZHIXIN_DATA": str(settings.data), "ZHIXIN_RATE_LIMITS": "off", "ZHIXIN_SECRET_KEY": KEY}
    with servers.portal(environ, tmp_path / "gunicorn.log", workers=2) as portal:
        contexts = [
            browser.new_context(locale="zh-CN", java_script_enabled=False),
            browser.new_context(locale="zh-CN", viewport=PHONE),  # type: ignore[arg-type]
        ]
        for context, token in zip(contexts, tokens, strict=True):
            context.add_cookies([{"name": "zhixin", "value": token, "url": portal.url}])
        yield portal.url, contexts[0].new_page(), contexts[1].new_page()
        for context in contexts:
            context.close()


def read(request: "str | urllib.request.Request") -> bytes:
    """The body of an answer."""
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  our own address
        body: bytes = answer.read()
        return body


def narrow(page: Page) -> bool:
    """Whether a page is no wider than its screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_change_to_a_rule_with_four_eyes(opened: tuple[str, Page, Page]) -> None:
    url, operator, reviewer = opened
    asked = {"as_of": str(Clock().today()), "bidders": [{"id": uscc(1)}], "domains": ["honours"]}
    filed = json.loads(
        read(
            urllib.request.Request(  # noqa: S310  our own address
                f"{url}/api/v1/checks", json.dumps(asked).encode(), {"Content-Type": "application/json"}
            )
        )
    )
    paper = f"{url}/api/v1/checks/{filed['receipt']['key']}"
    before = read(paper)
    assert filed["bidders"][0]["restricted"] is True

    operator.goto(f"{url}/account")
    operator.get_by_role("link", name="限制规则").click()
    operator.get_by_role("button", name="起草修订").click()
    operator.get_by_role("link", name=RULE).click()
    operator.get_by_label("评先评优").uncheck()
    operator.get_by_role("button", name="存入草稿").click()
    expect(operator.get_by_text("domains 没有填写")).to_be_visible()
    operator.get_by_label("行政许可").check()
    operator.get_by_role("button", name="存入草稿").click()
    operator.get_by_label("理由").fill("依据示例办法修订")
    operator.get_by_role("button", name="生成预览").click()
    expect(operator.get_by_text("新增限制 0 家企业，解除限制 3 家")).to_be_visible(timeout=30_000)
    operator.get_by_role("button", name="提交复核").click()
    expect(operator.get_by_text("自己不能批准")).to_be_visible()
    assert operator.get_by_role("button", name="批准").count() == 0

    reviewer.goto(f"{url}/desk/rules")
    assert narrow(reviewer)
    reviewer.get_by_role("link", name="依据示例办法修订").click()
    expect(
        reviewer.get_by_role("cell", name="示例1号有限公司")
        .or_(reviewer.get_by_role("rowheader", name="示例1号有限公司"))
        .first
    ).to_be_visible()
    expect(reviewer.get_by_text("解除限制 3 家")).to_be_visible()
    assert narrow(reviewer)
    reviewer.get_by_role("button", name="批准").click()
    expect(reviewer.get_by_text("已批准，成为第 2 版")).to_be_visible()
    assert narrow(reviewer)

    public = f"{url}/restrictions/{uscc(1)}"
    expect(reviewer.get_by_text("待生效").or_(reviewer.get_by_text("生效中")).first).to_be_visible()
    for _ in range(60):
        reviewer.goto(public)
        if reviewer.get_by_text("第 2 版").count():
            break
        reviewer.wait_for_timeout(500)
    expect(reviewer.locator(".tile", has_text="评先评优")).to_contain_text("未见限制")
    for _ in range(8):  # every worker of the portal
        answer = json.loads(read(f"{url}/api/v1/restrictions/{uscc(1)}?domain=honours"))
        assert (answer["restricted"], answer["evidence"]["rules_edition"]) == (False, 2)
    assert read(paper) == before
    then = json.loads(
        read(
            f"{url}/api/v1/restrictions/{uscc(1)}?domain=honours&known_at={filed['checked_at'].replace('+', '%2B')}"
        )
    )
    assert (then["restricted"], then["evidence"]["rules_edition"]) == (True, 1)

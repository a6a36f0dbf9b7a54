"""An operator's import with four eyes, from the upload to the public page, in a real browser."""

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
from indexer.register.database import connect, migrate
from indexer.settings import Settings
from tests import servers
from tests.accounts.cast import somebody
from tests.desk.conftest import certificate, csv

KEY = "a key that only this test knows"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[tuple[str, Page, Page]]:
    """A portal over an empty register: its address, an operator's browser and a reviewer's telephone."""
    settings = Settings(data=tmp_path / "var", secret_key=KEY)
    migrate(settings.database_url)
    engine = connect(settings.database_url)
    accounts = Accounts(engine, Clock(), settings)
    tokens = []
    for name, role in (("operator", Role.OPERATOR), ("reviewer", Role.REVIEWER)):
        someone = somebody(accounts, f"{name}@desk.example", role)
        with acting(engine, accounts.clock, Caller()) as act:
            tokens.append(accounts.sessions.open(act, someone.account, FULL, "test"))
    engine.dispose()
    environ = {"ZHIXIN_DATA": str(settings.data), "ZHIXIN_RATE_LIMITS": "off", "ZHIXIN_SECRET_KEY": KEY}
    with servers.portal(environ, tmp_path / "gunicorn.log") as portal:
        contexts = [browser.new_context(locale="zh-CN"), browser.new_context(locale="zh-CN", viewport=PHONE)]  # type: ignore[arg-type]
        for context, token in zip(contexts, tokens, strict=True):
            context.add_cookies([{"name": "zhixin", "value": token, "url": portal.url}])
        yield portal.url, contexts[0].new_page(), contexts[1].new_page()
        for context in contexts:
            context.close()


def test_an_operators_import_with_four_eyes(opened: tuple[str, Page, Page]) -> None:
    url, operator, reviewer = opened
    operator.goto(f"{url}/desk")
    operator.get_by_role("link", name="上传文件").click()
    content = csv(certificate(1), certificate(2), certificate(3, until="2019-01-01"))
    operator.get_by_label("文件", exact=True).set_input_files(
        {"name": "三月证书.csv", "mimeType": "text/csv", "buffer": content}
    )
    operator.get_by_label("数据来源").fill("示例市市场监督管理局")
    operator.get_by_role("button", name="上传并预览").click()
    expect(operator.get_by_role("heading", name="预览")).to_be_visible(timeout=30_000)
    expect(operator.get_by_text("新增 2").first).to_be_visible()
    expect(operator.get_by_text("示例第1有限公司").first).to_be_visible()
    operator.get_by_role("link", name="退回的行 1", exact=True).click()
    expect(operator.get_by_text("早于有效期起")).to_be_visible()
    operator.get_by_label("给审核人的说明").fill("三月报送")
    operator.get_by_role("button", name="提交审核").click()
    expect(operator.get_by_text("自己不能批准")).to_be_visible()
    assert operator.get_by_role("button", name="批准").count() == 0

    public = reviewer.context.browser.new_page()  # type: ignore[union-attr]
    public.goto(f"{url}/verify/03410001Q10286R0S")
    expect(public.get_by_text("示例认证中心")).to_have_count(0)

    reviewer.goto(f"{url}/account")
    reviewer.get_by_role("link", name="发布台").click()
    reviewer.get_by_role("link", name="三月证书.csv").click()
    expect(reviewer.get_by_text("三月报送")).to_be_visible()
    assert reviewer.evaluate("document.documentElement.scrollWidth <= innerWidth")
    reviewer.get_by_role("button", name="批准").click()
    expect(reviewer.locator("main .badge").first).to_have_text("已发布", timeout=30_000)

    public.goto(f"{url}/verify/03410001Q10286R0S")
    expect(public.get_by_text("示例认证中心").first).to_be_visible()
    reviewer.goto(f"{url}/desk/batches")
    expect(reviewer.get_by_text("示例operator → 示例reviewer")).to_be_visible()
    assert reviewer.evaluate("document.documentElement.scrollWidth <= innerWidth")
    public.close()

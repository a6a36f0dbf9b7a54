"""Somebody with a telephone and no script follows an enterprise, confirms it from the letter, and ends it again, in a real browser."""

import re
from pathlib import Path

import orjson
from playwright.sync_api import Browser
from sqlalchemy import select

from indexer.accounts.letters import Mailbox
from indexer.accounts.models import Letter
from indexer.accounts.tokens import Seal
from indexer.register.database import connect, migrate
from indexer.settings import Settings
from tests.conftest import StartPortal
from tests.pages.test_in_the_browser import FITS, UNNAMED_INPUTS, WITHOUT_NAME
from tests.register.conftest import Desk, row, uscc

SITE = "http://credit.example"


def link(settings: Settings) -> str:
    """The path of the link in the letter."""
    engine = connect(settings.database_url)
    with engine.connect() as connection:
        sealed = connection.execute(select(Letter.content)).scalar_one()
    engine.dispose()
    mailbox = Mailbox(Seal(settings.signing_key(), "zhixin letters"), SITE)
    found = re.search(rf"{SITE}(/follow/\S+)", orjson.loads(mailbox.seal.open(sealed or "") or "")["text"])
    assert found
    return found[1]


def test_from_the_button_to_the_end_of_it(browser: Browser, gunicorn: StartPortal, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "var", secret_key="a key for this test")
    migrate(settings.database_url)
    engine = connect(settings.database_url)
    Desk(engine).publish("enterprise", [row(2, "示例甲有限公司", uscc(1))])
    engine.dispose()
    portal = gunicorn({"ZHIXIN_BASE_URL": SITE, "ZHIXIN_SECRET_KEY": settings.secret_key})
    opened = browser.new_context(
        locale="zh-CN", java_script_enabled=False, viewport={"width": 390, "height": 780}
    )
    page = opened.new_page()

    def sound() -> None:
        for wrong in (UNNAMED_INPUTS, WITHOUT_NAME):
            assert page.evaluate(wrong) == 0
        assert page.evaluate(FITS)
        assert page.locator("h1").count() == 1

    try:
        page.goto(f"{portal.url}/subjects/{uscc(1)}")
        page.get_by_role("link", name="关注").click()
        sound()
        page.get_by_label("邮箱").fill("reader@firm.example")
        page.get_by_role("button", name="发确认信给我").click()
        assert "请查收邮件" in page.inner_text("h1")
        page.goto(portal.url + link(settings))
        sound()
        page.get_by_role("button", name="确认关注").click()
        assert "已关注。" in page.inner_text("main")
        sound()
        assert page.get_by_role("link", name="示例甲有限公司").count() == 1
        page.get_by_role("button", name="取消关注 示例甲有限公司").click()
        assert "没有关注的内容" in page.inner_text("main")
    finally:
        opened.close()

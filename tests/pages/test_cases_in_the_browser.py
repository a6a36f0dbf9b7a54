"""A complaint from a phone-size screen to its end, and an objection of an enterprise, in a real browser through gunicorn."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.opening import Accounts
from indexer.accounts.roles import Role
from indexer.accounts.sessions import FULL
from indexer.clock import Clock
from indexer.register.database import connect, migrate
from indexer.settings import Settings
from tests.accounts.cast import somebody
from tests.conftest import StartPortal
from tests.pages.test_in_the_browser import BROKEN_ANCHORS, FITS, REPEATED_IDS, UNNAMED_INPUTS, WITHOUT_NAME
from tests.portal.test_objections import PNG
from tests.register.conftest import Desk, row, uscc

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
OWN = uscc(1)


@dataclass
class Street:
    """A portal over a register of one enterprise, and browsers of people who come to it."""

    url: str
    accounts: Accounts
    desk: Desk
    browser: Browser
    opened: list[Page]

    def come(
        self,
        size: ViewportSize,
        role: Role | None = None,
        scope: str = "",
        *,
        mail: str = "",
        script: bool = True,
    ) -> Page:
        """Somebody with a browser, logged in where a role or an address is named."""
        context = self.browser.new_context(locale="zh-CN", viewport=size, java_script_enabled=script)
        if role is not None or mail:
            someone = somebody(self.accounts, mail or f"{role}@office.example", role, scope)
            with acting(self.accounts.engine, self.accounts.clock, Caller()) as act:
                token = self.accounts.sessions.open(act, someone.account, FULL, "test")
            context.add_cookies([{"name": "zhixin", "value": token, "url": self.url}])
        page = context.new_page()
        self.opened.append(page)
        return page


def go(page: Page, selector: str) -> None:
    """Click on what leads to another page, and wait until that is there."""
    with page.expect_navigation():
        page.click(selector)


@pytest.fixture
def street(gunicorn: StartPortal, browser: Browser, tmp_path: Path) -> Iterator[Street]:
    settings = Settings(data=tmp_path / "var")
    settings.data.mkdir()
    migrate(settings.database_url)
    engine = connect(settings.database_url)
    desk = Desk(engine)
    desk.publish("enterprise", [row(2, "示例甲有限公司", OWN)])
    made = Street(gunicorn({}).url, Accounts(engine, Clock(), settings), desk, browser, [])
    yield made
    for page in made.opened:
        page.context.close()
    engine.dispose()


def sound(page: Page) -> None:
    """The page fits and is for everybody."""
    assert page.locator("h1").count() == 1
    for said in (UNNAMED_INPUTS, WITHOUT_NAME, REPEATED_IDS, BROKEN_ANCHORS):
        assert page.evaluate(said) == 0, (page.url, said)
    assert page.evaluate(FITS), page.url


def acts(page: Page, what: str, **fields: str) -> None:
    """Unfold one of the things that can be done with a case, fill it in and send it."""
    form = page.locator("details", has=page.locator(f"summary:text-is('{what}')"))
    form.locator("summary").click()
    for name, value in fields.items():
        box = form.locator(f"[name={name}]")
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(label=value)
        else:
            box.fill(value)
    with form.page.expect_navigation():
        form.locator("button").click()
    assert "已办" in page.inner_text("[role=status]")


def test_a_complaint_from_a_phone_without_script_to_its_end(street: Street, tmp_path: Path) -> None:
    phone = street.come(PHONE, script=False)
    phone.goto(street.url)
    go(phone, "footer >> text=投诉举报与咨询")
    sound(phone)
    photo = tmp_path / "现场.png"
    photo.write_bytes(PNG)
    phone.fill("[name=title]", "示例商场的插座没有认证标志")
    phone.fill("[name=text]", "上周买的，包装上没有 CCC 标志。")
    phone.fill("[name=about]", "示例甲有限公司")
    phone.fill("[name=name]", "示例举报人")
    phone.set_input_files("[name=files]", photo)
    go(phone, "main button:text-is('提交')")
    sound(phone)
    number, secret = phone.inner_text("#number"), phone.inner_text("#secret")
    go(phone, "text=查询办理情况 >> nth=0")
    phone.fill("[name=number]", number)
    phone.fill("[name=secret]", secret)
    go(phone, "main button:text-is('查询')")
    sound(phone)
    assert "待受理" in phone.inner_text("main")

    desk = street.come(DESKTOP, Role.OPERATOR)
    desk.goto(f"{street.url}/account")
    go(desk, "main >> text=办件")
    sound(desk)
    go(desk, "main >> text=示例商场的插座没有认证标志")
    sound(desk)
    assert "示例举报人" not in desk.content()
    acts(desk, "认领办理")
    go(desk, "text=看来信人的联系方式")
    assert "示例举报人" in desk.inner_text("main")
    with desk.expect_download() as loading:
        desk.click("main >> text=附件 1")
    assert loading.value.suggested_filename.startswith("case-")
    acts(desk, "受理")
    acts(desk, "转办", text="由属地核查。", agency="示例区市场监督管理局")
    acts(desk, "转办单位已回复", text="属地回复：属实。")
    acts(desk, "答复", text="经查属实，已责令下架。")
    acts(desk, "办结", text="已责令下架并立案。", outcome="属实，已处理")
    sound(desk)
    desk.set_viewport_size(PHONE)
    sound(desk)

    phone.reload()
    text = phone.inner_text("main")
    assert "已办结" in text and "属实，已处理" in text and "经查属实，已责令下架。" in text
    assert "示例区市场监督管理局" in text and phone.locator("textarea").count() == 0
    sound(phone)
    go(phone, "text=看完了，退出")
    assert "示例商场" not in phone.inner_text("main")


def test_an_enterprise_claims_itself_objects_and_is_answered(street: Street, tmp_path: Path) -> None:
    firm, desk = street.come(PHONE, mail="firm@firm.example"), street.come(DESKTOP, Role.OPERATOR)
    firm.goto(f"{street.url}/enterprise/{OWN}")
    assert "没有权限" in firm.inner_text("main")
    go(firm, "main >> text=我的账户")
    go(firm, "main >> text=认领企业")
    sound(firm)
    paper = tmp_path / "授权书.png"
    paper.write_bytes(PNG)
    firm.fill("[name=code]", OWN)
    firm.set_input_files("[name=file]", paper)
    go(firm, "main button:text-is('提交')")
    assert "审核中" in firm.inner_text("main")
    desk.goto(f"{street.url}/account")
    go(desk, "main >> text=待审核的企业认领")
    sound(desk)
    assert "示例甲有限公司" in desk.inner_text("main")
    go(desk, "main button:text-is('通过')")
    firm.reload()
    go(firm, "main >> text=我的企业：示例甲有限公司")
    sound(firm)

    firm.goto(f"{street.url}/subjects/{OWN}")
    record = street.desk.register.records_between(0, 99)[0].id
    firm.goto(f"{street.url}/records/{record}")
    go(firm, "text=内容有误？")
    sound(firm)
    firm.fill("[name=text]", "住所已于去年变更。")
    go(firm, "main button:text-is('提交异议')")
    sound(firm)
    stranger = street.come(PHONE)
    stranger.goto(f"{street.url}/records/{record}")
    assert "异议处理中" in stranger.inner_text("main")
    sound(stranger)

    desk.goto(f"{street.url}/desk/cases")
    go(desk, "main .table a")
    acts(desk, "认领办理")
    acts(desk, "办结", text="登记机关的数据无误。", outcome="异议不成立")
    firm.reload()
    assert "异议不成立" in firm.inner_text("main") and "登记机关的数据无误。" in firm.inner_text("main")
    stranger.reload()
    assert "异议处理中" not in stranger.inner_text("main")
    stranger.goto(f"{street.url}/records/{record}/history")
    assert "异议不成立" in stranger.inner_text("main")
    sound(stranger)

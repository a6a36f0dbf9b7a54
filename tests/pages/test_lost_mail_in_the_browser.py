"""A lost letter box in a real browser: from the log-in page to the desk, and stopped from the old address."""

import re
from pathlib import Path

from sqlalchemy import select

from indexer.accounts.models import Letter
from indexer.accounts.roles import Role
from tests.accounts.cast import somebody
from tests.pages.test_cases_in_the_browser import DESKTOP, OWN, PHONE, Street, go, sound, street
from tests.portal.test_objections import PNG

assert street  # a fixture


def letter(street: Street, mail: str) -> str:
    """The address that the newest letter to somebody names."""
    asked = select(Letter.content).where(Letter.mail == mail).order_by(Letter.id.desc()).limit(1)
    with street.accounts.engine.connect() as connection:
        text = street.accounts.mailbox.seal.open(connection.scalar(asked) or "") or ""
    found = re.search(r"/link/[\w-]+", text)
    assert found, text
    return f"{street.url}{found[0]}"


def test_a_lost_letter_box_from_the_phone_to_the_desk_and_stopped(street: Street, tmp_path: Path) -> None:
    somebody(street.accounts, "gone@firm.example", Role.ENTERPRISE, OWN)
    paper = tmp_path / "说明.png"
    paper.write_bytes(PNG)
    phone = street.come(PHONE, script=False)
    phone.goto(f"{street.url}/login")
    go(phone, "main >> text=登录邮箱收不到信了")
    sound(phone)
    phone.fill("[name=mail]", "here@firm.example")
    go(phone, "main button:text-is('发信给我')")
    phone.goto(letter(street, "here@firm.example"))
    sound(phone)
    phone.fill("[name=old]", "gone@firm.example")
    phone.fill("[name=said]", "原邮箱属于已离职的同事")
    phone.set_input_files("[name=file]", paper)
    go(phone, "main button:text-is('提交')")
    sound(phone)
    assert "已提交" in phone.inner_text("h1")

    desk = street.come(DESKTOP, Role.OPERATOR)
    desk.goto(f"{street.url}/account")
    go(desk, "main >> text=更换邮箱的申请")
    for size in (PHONE, DESKTOP):
        desk.set_viewport_size(size)
        sound(desk)
    text = desk.inner_text("main")
    assert "示例甲有限公司" in text and "最早的通过时间" in text
    assert desk.locator("button:text-is('通过')").count() == 0

    phone.goto(letter(street, "gone@firm.example"))
    sound(phone)
    go(phone, "main button:text-is('终止这项申请')")
    assert "已终止，邮箱不变" in phone.inner_text("main")
    desk.reload()
    assert "没有更换邮箱的申请" in desk.inner_text("main")

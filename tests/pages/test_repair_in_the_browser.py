"""A repair from the promise and the application to its disappearance everywhere, in a real browser through gunicorn."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Page

from indexer.accounts.roles import Role
from indexer.clock import Clock
from indexer.register.reading import Register
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.sync import follow
from tests.pages.test_cases_in_the_browser import (
    DESKTOP,
    OWN,
    PHONE,
    Street,
    acts,
    sound,
    street,
)
from tests.portal.test_objections import PNG
from tests.register.conftest import row

__all__ = ["street"]  # a fixture

CAUSE = "虚假宣传示例电缆"
WITHIN = 60  # seconds


@pytest.fixture
def followed(street: Street) -> Iterator[Street]:
    """A street with a penalty that can be repaired, and an index that follows its register."""
    decided = Clock().today() - timedelta(days=200)
    values = {
        "document_number": "示例〔2026〕1号",
        "cause": CAUSE,
        "kinds": "罚款",
        "severity": "general",
        "authority": "示例市市场监督管理局",
        "decided_on": decided.isoformat(),
        "subject_kind": "organisation",
    }
    assert street.desk.publish("penalty", [row(2, "示例甲有限公司", OWN, digest=None, **values)]) == []
    settings, stop = street.accounts.settings, Event()
    register = Register(street.desk.engine, Clock())
    thread = Thread(
        target=follow, args=(register, EmbeddedEngine(settings.search_folder), stop.is_set, 0.2), daemon=True
    )
    thread.start()
    yield street
    stop.set()
    thread.join()


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something, no longer than people are told."""
    deadline = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def places(page: Page, url: str) -> dict[str, str]:
    """What the public reads of the enterprise and its penalty, by address."""
    addresses = (
        f"/subjects/{OWN}",
        f"/restrictions/{OWN}",
        f"/search?q={CAUSE}",
        f"/api/v1/search?q={CAUSE}",
        f"/api/v1/suggest?q={CAUSE}",
        f"/api/v1/subjects/{OWN}",
        f"/api/v1/subjects/{OWN}/records",
        "/lists/black",
        "/",
    )
    return {address: page.request.get(url + address).text() for address in addresses}


def test_a_repair_from_its_application_to_its_disappearance_everywhere(
    followed: Street, tmp_path: Path
) -> None:
    url, anybody = followed.url, followed.come(DESKTOP)
    anybody.goto(f"{url}/subjects/{OWN}")
    anybody.click("main >> text=示例〔2026〕1号")
    public = anybody.url.removeprefix(url)
    identity = public.removeprefix("/records/")
    assert len(identity) == 24, public
    until(lambda: identity in places(anybody, url)[f"/search?q={CAUSE}"], "the penalty is found")

    firm = followed.come(PHONE, Role.ENTERPRISE, OWN, script=False)
    firm.goto(f"{url}/account")
    firm.click("main >> text=我的企业")
    sound(firm)
    firm.click(f"main >> text={CAUSE}")
    sound(firm)
    assert "还没有公开作出信用承诺" in firm.inner_text("main")
    firm.goto(f"{url}/enterprise/{OWN}/declarations")
    sound(firm)
    firm.select_option("[name=kind]", "promise")
    firm.fill("[name=title]", "信用承诺书")
    firm.click("main >> text=提交声明 >> nth=1")
    assert "声明已提交" in firm.inner_text("[role=status]")

    desk = followed.come(DESKTOP, Role.OPERATOR)
    desk.goto(f"{url}/desk/cases")
    desk.click("main >> text=信用承诺书")
    acts(desk, "认领办理")
    acts(desk, "办结", outcome="准予公示", text="内容完整")
    assert "信用承诺书" in anybody.request.get(f"{url}/subjects/{OWN}").text()

    firm.goto(f"{url}/enterprise/{OWN}/repairs")
    sound(firm)
    firm.click("main >> text=现在可以申请修复")
    sound(firm)
    proof = tmp_path / "缴款凭证.png"
    proof.write_bytes(PNG)
    firm.fill("[name=corrected_on]", (Clock().today() - timedelta(days=100)).isoformat())
    firm.fill("[name=text]", "罚款已缴清，宣传已更正。")
    firm.set_input_files("[name=files]", proof)
    firm.click("main >> text=提交申请")
    assert "修复申请已提交" in firm.inner_text("[role=status]")
    sound(firm)

    desk.goto(f"{url}/desk/cases")
    desk.click(f"main >> text={CAUSE}")
    sound(desk)
    acts(desk, "认领办理")
    desk.click("text=看这条记录")
    sound(desk)
    desk.go_back()
    acts(desk, "提请复核", outcome="准予修复", text="材料属实")
    assert public in places(anybody, url)[f"/subjects/{OWN}"]  # one person alone changes nothing

    reviewer = followed.come(DESKTOP, Role.REVIEWER)
    reviewer.goto(f"{url}/desk/reviews")
    reviewer.click(f"main >> text={CAUSE}")
    sound(reviewer)
    acts(reviewer, "同意，办结")

    assert anybody.request.get(url + public).status == 404
    assert anybody.request.get(f"{url}/api/v1{public}").status == 404
    until(
        lambda: not any(identity in text for text in places(anybody, url).values()), "it is gone everywhere"
    )
    for address, text in places(anybody, url).items():
        assert CAUSE not in text.replace(f'value="{CAUSE}"', "") or "search" in address, address
    check = anybody.request.post(f"{url}/api/v1/checks", data={"bidders": [{"id": OWN}]})
    assert check.status == 200 and identity not in check.text() and CAUSE not in check.text()

    firm.goto(f"{url}/enterprise/{OWN}")
    assert "已修复" in firm.inner_text("main") and CAUSE in firm.inner_text("main")
    firm.goto(f"{url}/enterprise/{OWN}/repairs")
    assert "准予修复" in firm.inner_text("main")

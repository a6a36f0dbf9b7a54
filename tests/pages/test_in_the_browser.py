"""Every page in a real browser: it says what it must, fits a phone, needs no script and breaks no rule of its own."""

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import ViewportSize

from indexer.clock import Clock
from indexer.demo.stories import (
    BANNED_FOR_LIFE,
    BLACKLISTED,
    CLEAN_AAA,
    EXPIRED_YESTERDAY,
    NOT_YET_VALID,
    OLD_NUMBER,
    RENAMED_TWICE,
    REVOKED,
    SUSPENDED,
    Story,
)
from indexer.demo.story_facts import certificates_of
from tests.pages.conftest import Visitor


def number_of(story: Story) -> str:
    """The number of the story's certificate."""
    return certificates_of(story, Clock().today())[0].number


PAGES = {
    "/": ("证书真不真", "查企业信用档案", "示例数据，均为虚构", "红名单", "数据截至"),
    "/search": ("想查什么",),
    f"/search?q={quote('玩具')}": ("条结果", "种类", "名称含“玩具”", "统一代码"[2:]),
    f"/search?q={quote('示例')}&kind=certificate&status=valid": ("种类：认证证书", "状态：有效", "全部取消"),
    f"/search?q={quote('恒润电气 证书')}": ("只看：认证证书",),
    f"/search?q={quote('示例甲有限公司；示例乙有限公司')}": ("查询词里有 2 个名称或代码",),
    "/verify": ("这张证书是真的吗", "证书编号"),
    f"/verify/{quote(number_of(SUSPENDED))}": (
        "暂停",
        "登记簿版本",
        "查询时刻",
        "管理体系证书不证明产品质量",
    ),
    "/subjects": ("查企业信用档案",),
    f"/subjects?q={quote('玩具')}": ("请选择企业",),
    f"/subjects/{CLEAN_AAA.code}": (CLEAN_AAA.name, CLEAN_AAA.code, "认证证书", "AAA", "未见限制"),
    f"/subjects/{CLEAN_AAA.code}?kind=certificate": ("返回完整的信用档案", "认证证书"),
    f"/subjects/{RENAMED_TWICE.code}": ("曾用名",),
    f"/subjects/{OLD_NUMBER.code}": (OLD_NUMBER.name, "工商注册号"),
    "/restrictions": ("查限制状态",),
    f"/restrictions/{BLACKLISTED.code}": ("部分领域禁止", "严重违法失信名单", "法律依据", "信用中国"),
    f"/restrictions/{BANNED_FOR_LIFE.code}": ("终身",),
    f"/restrictions/{CLEAN_AAA.code}?as_of=2026-01-05": ("未见限制",),
    "/check": ("一次核查许多投标人", "下载模板", "政府采购"),
    "/lists": ("红名单", "黑名单", "重点关注", "经营异常"),
    "/lists/black": ("黑名单", "列入事由", BLACKLISTED.name),
    "/docs": ("两个时间", "异议与信用修复", "信用中国"),
    "/docs/api": ("/api/v1/certificates/{number}", "known_at", "OpenAPI"),
    "/docs/problems": ("invalid-parameter", "too-many-requests"),
}

PHONE: ViewportSize = {"width": 360, "height": 780}
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
UNNAMED_INPUTS = """[...document.querySelectorAll('input:not([type=hidden])')].filter(input => !input.labels.length).length"""
WITHOUT_NAME = """[...document.querySelectorAll('a, button')].filter(e => !(e.getAttribute('aria-label') || e.textContent.trim())).length"""
REPEATED_IDS = """(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.length - new Set(ids).size })()"""
BROKEN_ANCHORS = """[...document.querySelectorAll('a[href^="#"]')].filter(a => !document.getElementById(a.getAttribute('href').slice(1))).length"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_it_must_fits_a_phone_is_accessible_and_breaks_no_policy(
    visitor: Visitor, path: str
) -> None:
    answer = visitor.visit(path)
    assert answer.status == 200
    assert [said for said in PAGES[path] if said not in visitor.text] == []
    page = visitor.page
    assert page.locator("h1").count() == 1
    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert page.locator("img:not([alt])").count() == 0
    assert page.title().endswith("质信")
    assert page.evaluate(UNNAMED_INPUTS) == 0
    assert page.evaluate(WITHOUT_NAME) == 0
    assert page.evaluate(REPEATED_IDS) == 0
    assert page.evaluate(BROKEN_ANCHORS) == 0
    assert page.locator("form[role=search]").count() == 1
    assert page.locator("[style], [onclick], [onload], script:not([src])").count() == 0
    page.set_viewport_size(PHONE)
    assert page.evaluate(FITS)
    assert visitor.complaints == []
    assert answer.headers["vary"] and "Accept-Language" in answer.headers["vary"]


def test_all_pages_say_the_same_without_script(scriptless: Visitor) -> None:
    for path, said in PAGES.items():
        assert scriptless.visit(path).status == 200
        assert [each for each in said if each not in scriptless.text] == [], path


@pytest.mark.parametrize(
    ("story", "answer"),
    [
        (CLEAN_AAA, "有效"),
        (SUSPENDED, "暂停"),
        (REVOKED, "撤销"),
        (EXPIRED_YESTERDAY, "过期失效"),
        (NOT_YET_VALID, "未生效"),
    ],
)
def test_a_certificate_is_answered_in_one_word(scriptless: Visitor, story: Story, answer: str) -> None:
    scriptless.visit(f"/verify/{quote(number_of(story))}?holder={quote(story.name)}")
    assert scriptless.page.inner_text("h1 b") == answer
    assert "持证人与登记一致" in scriptless.text


def test_the_form_leads_to_the_answer_with_what_the_paper_says(scriptless: Visitor) -> None:
    page = scriptless.page
    scriptless.visit("/verify")
    page.get_by_label("证书编号").fill(number_of(CLEAN_AAA).lower())
    page.get_by_label("持证人名称").fill(BLACKLISTED.name)
    page.get_by_text("再核对纸面上的其他内容").click()
    page.get_by_label("有效期至").fill("2031-01-01")
    page.get_by_role("button", name="核验").click()
    assert page.inner_text("h1 b") == "有效，但与纸面不符"
    assert "持证人与登记不一致" in scriptless.text
    row = page.locator("tr", has_text="有效期至")
    assert "2031-01-01" in row.inner_text() and "不一致" in row.inner_text()
    assert page.get_by_label("持证人名称").input_value() == BLACKLISTED.name


def test_a_wrong_day_is_told_beside_its_field_and_nothing_typed_is_lost(scriptless: Visitor) -> None:
    answer = scriptless.visit("/verify?number=AB12&holder=X&as_of=2026-02-30")
    assert answer.status == 400
    page = scriptless.page
    assert page.get_by_label("证书编号").input_value() == "AB12"
    assert page.get_by_label("查询哪一天的状态").get_attribute("aria-invalid") == "true"
    assert "应为 YYYY-MM-DD 形式的日期" in scriptless.text


def test_an_unknown_number_is_no_forgery_and_near_ones_are_offered(scriptless: Visitor) -> None:
    number = number_of(SUSPENDED)
    answer = scriptless.visit(f"/verify/{quote(number[:-1])}")
    assert answer.status == 404
    assert scriptless.page.inner_text("h1 b") == "未查到"
    assert "没查到，不等于是假证" in scriptless.text and "cx.cnca.cn" in scriptless.text
    scriptless.page.get_by_role("link", name=number, exact=True).click()
    assert scriptless.page.inner_text("h1 b") == "暂停"


def test_a_search_can_be_narrowed_and_widened_again(scriptless: Visitor) -> None:
    page = scriptless.page
    scriptless.visit("/")
    page.get_by_role("searchbox").fill("示例")
    page.get_by_role("button", name="搜索").click()
    page.locator(".facets").get_by_role("link", name="认证证书").click()
    assert "kind=certificate" in page.url
    page.get_by_role("link", name="下一页").click()
    assert "cursor=" in page.url and page.locator(".hit").count() == 20
    page.locator(".chips").get_by_role("link", name="种类：认证证书").click()
    assert "kind=" not in page.url and "cursor=" not in page.url


def test_a_mistyped_code_leads_to_the_one_that_was_meant(scriptless: Visitor) -> None:
    wrong = CLEAN_AAA.code[:-1] + ("7" if CLEAN_AAA.code[-1] != "7" else "8")
    assert scriptless.visit(f"/restrictions/{wrong}").status == 404
    scriptless.page.get_by_role("link", name=CLEAN_AAA.code).click()
    assert CLEAN_AAA.name in scriptless.text


def test_a_code_in_the_look_up_box_opens_the_file(scriptless: Visitor) -> None:
    scriptless.visit(f"/subjects?q={CLEAN_AAA.code.lower()}")
    assert scriptless.page.inner_text("h1") == CLEAN_AAA.name


def test_typing_brings_suggestions(visitor: Visitor) -> None:
    visitor.visit("/")
    visitor.page.get_by_role("searchbox").or_(visitor.page.get_by_role("combobox")).press_sequentially(
        "示例市恒润"
    )
    visitor.page.wait_for_selector(".suggestions li", timeout=10_000)
    assert CLEAN_AAA.name in visitor.page.inner_text(".suggestions")
    assert visitor.complaints == []


def suggestions_asked(visitor: Visitor) -> list[str]:
    """The requests for suggestions from now on."""
    asked: list[str] = []
    visitor.page.on("request", lambda sent: asked.append(sent.url) if "/suggest" in sent.url else None)
    return asked


def test_nothing_is_asked_while_an_input_method_composes(visitor: Visitor) -> None:
    visitor.visit("/")
    page, asked = visitor.page, suggestions_asked(visitor)
    page.get_by_role("combobox").focus()
    keyboard = page.context.new_cdp_session(page)
    for letters in ("s", "sh", "shi", "shi l", "shi li"):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)},
        )
        page.wait_for_timeout(200)  # longer than the pause after which plain typing asks
    assert page.get_by_role("combobox").input_value() == "shi li"
    assert asked == []
    keyboard.send("Input.insertText", {"text": "示例市恒润"})
    page.wait_for_selector(".suggestions li", timeout=10_000)
    assert [quote("示例市恒润") in url for url in asked] == [True]


def test_suggestions_are_walked_and_taken_with_the_keyboard(visitor: Visitor) -> None:
    visitor.visit("/")
    page, box = visitor.page, visitor.page.get_by_role("combobox")
    box.press_sequentially("示例市恒")
    page.wait_for_selector(".suggestions li", timeout=10_000)
    chosen = page.locator(".suggestions li[aria-selected=true]")
    assert (box.get_attribute("aria-expanded"), chosen.count()) == ("true", 0)
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        box.press(key)
    assert chosen.get_attribute("id") == box.get_attribute("aria-activedescendant")
    first = page.locator(".suggestions li").first.inner_text()
    assert chosen.inner_text() == first
    box.press("Escape")
    assert (box.get_attribute("aria-expanded"), box.input_value()) == ("false", "示例市恒")
    box.press_sequentially("润")
    page.wait_for_selector(".suggestions li", timeout=10_000)
    box.press("ArrowDown")
    taken = chosen.inner_text()
    box.press("Enter")
    page.wait_for_url(f"**/search?q={quote(taken)}*")
    assert visitor.complaints == []


@pytest.mark.parametrize(
    "hostile", ['"><script>alert(1)</script>', "{{7*7}}", "' OR 1=1 --", "<img src=x onerror=alert(1)>"]
)
def test_what_is_typed_is_shown_and_never_run(visitor: Visitor, hostile: str) -> None:
    visitor.page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    for path in ("/search?q=", "/subjects?q=", "/verify?holder="):
        assert visitor.visit(path + quote(hostile)).status == 200
        assert visitor.page.locator("main script, main img").count() == 0
        assert hostile in [box.input_value() for box in visitor.page.locator("main input").all()]
    assert visitor.complaints == []


def test_english_readers_get_english(foreigner: Visitor) -> None:
    foreigner.visit(f"/verify/{quote(number_of(SUSPENDED))}")
    assert foreigner.page.inner_text("h1 b") == "Suspended"
    assert foreigner.page.get_attribute("html", "lang") == "en"
    foreigner.page.set_viewport_size(PHONE)
    assert foreigner.page.evaluate(FITS)


def test_a_list_that_is_pasted_becomes_a_result_whose_number_anybody_can_confirm(scriptless: Visitor) -> None:
    scriptless.visit("/check")
    page = scriptless.page
    page.fill(
        "textarea", f"1. {CLEAN_AAA.name}\n{BLACKLISTED.code}\t{BLACKLISTED.name}\n示例天外来客有限公司"
    )
    page.fill("[name=project]", "示例采-2026-118")
    page.fill("[name=certificate_kind_1]", "质量管理体系认证")
    page.click("text=开始核查")
    result, text = page.url, scriptless.text
    assert "/checks/" in result
    assert "1 家禁止，1 家未能确定" in text and "示例采-2026-118" in text
    assert "严重违法失信名单" in text and "法律依据" in text and "信用中国" in text
    assert page.evaluate(FITS) and page.locator("svg.qr path").count() > 0
    number = page.inner_text("#receipt .code")
    page.set_viewport_size(PHONE)
    assert page.evaluate(FITS)
    with page.expect_download() as loading:
        page.click("text=下载 XLSX")
    assert loading.value.suggested_filename == f"{number}.xlsx"

    page.click("text=现在再查一次")
    assert "没有变化" in scriptless.text
    page.click("text=按现在的情况另开一份回执")
    assert page.url != result and page.inner_text("#receipt .code") != number

    scriptless.visit(f"/verify/{number.lower()}")
    assert "回执存在" in scriptless.text and number in scriptless.text
    assert BLACKLISTED.name not in scriptless.text and "示例采" not in scriptless.text
    assert scriptless.complaints == []


def test_a_list_from_the_template_is_read_and_what_is_wrong_stands_beside_its_field(
    scriptless: Visitor, tmp_path: Path
) -> None:
    scriptless.visit("/check")
    page = scriptless.page
    with page.expect_download() as loading:
        page.click("text=下载模板")
    loading.value.save_as(tmp_path / "template.xlsx")
    page.set_input_files("[type=file]", tmp_path / "template.xlsx")
    page.fill("textarea", CLEAN_AAA.code)
    page.click("text=开始核查")
    assert "只选一种" in page.inner_text("#wrong-file") and page.input_value("textarea") == CLEAN_AAA.code
    page.fill("textarea", "")
    page.fill("[name=as_of]", "2099-01-01")
    page.set_input_files("[type=file]", tmp_path / "template.xlsx")
    page.click("text=开始核查")
    assert "将来" in page.inner_text("#f-as_of-about")
    page.fill("[name=as_of]", "")
    page.set_input_files("[type=file]", tmp_path / "template.xlsx")
    page.click("text=开始核查")
    assert "2 家投标人" in scriptless.text

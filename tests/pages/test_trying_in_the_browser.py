"""Trying the API on /docs/api in a real browser: what is sent is what the fields say, and what is shown is what was answered."""

import json
import shlex
import subprocess
from urllib.parse import parse_qsl, unquote, urlsplit

from playwright.sync_api import Locator, ViewportSize

from indexer.demo.stories import CLEAN_AAA
from portal.api.operations import OPERATIONS
from tests.pages.conftest import Visitor

PHONE: ViewportSize = {"width": 390, "height": 844}
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def opened(visitor: Visitor, name: str) -> Locator:
    """The form of an operation, open."""
    visitor.visit("/docs/api")
    box = visitor.page.locator(f"#{name} [data-try]")
    box.locator("summary").click()
    return box


def sent(box: Locator) -> str:
    """Send the form; gives the line of the status."""
    box.get_by_role("button", name="发出请求").click()
    box.locator("[data-status]").wait_for()
    return box.locator("[data-status]").inner_text()


def test_an_answer_is_shown_with_its_status_its_headers_and_the_line_for_a_shell(visitor: Visitor) -> None:
    box = opened(visitor, "credit_file")
    box.locator("[name=id]").fill(CLEAN_AAA.code)
    box.locator("[name=fields]").fill("subject.name")
    assert sent(box).startswith("200 ")
    shown = box.locator("[data-body]").inner_text()
    assert json.loads(shown)["subject"] == {"name": CLEAN_AAA.name}
    assert "\n  " in shown
    told = dict(zip(box.locator("dt").all_inner_texts(), box.locator("dd").all_inner_texts(), strict=True))
    assert told["ETag"].startswith(('"', 'W/"')) and told["X-Request-Id"]
    line = shlex.split(box.locator("[data-line]").inner_text())
    answer = subprocess.run([*line, "--silent"], capture_output=True, check=True, text=True).stdout
    head, _, body = answer.partition("\n\n")
    assert " 200 " in head.splitlines()[0] and json.loads(body) == json.loads(shown)
    assert visitor.complaints == []


def test_what_was_typed_reaches_the_operation_whatever_it_is(visitor: Visitor) -> None:
    box = opened(visitor, "verify_certificate")
    number, holder = "示例/1 (2)?&#'\"%", "甲'$(x) & 乙+"
    box.locator("[name=number]").fill(number)
    box.locator("[name=holder]").fill(holder)
    with visitor.page.expect_request("**/certificates/**") as asked:
        assert sent(box).startswith("404 ")
    line = shlex.split(box.locator("[data-line]").inner_text())
    assert len(line) == 3 and line[2] == asked.value.url
    parts = urlsplit(asked.value.url)
    assert unquote(parts.path) == f"/api/v1/certificates/{number}"
    assert dict(parse_qsl(parts.query)) == {"holder": holder}
    told = json.loads(box.locator("[data-body]").inner_text())
    assert told["status"] == 404 and told["type"].endswith("not-found")


def test_a_refusal_is_shown_like_an_answer_and_markup_in_it_stays_text(visitor: Visitor) -> None:
    box = opened(visitor, "search_records")
    box.locator("[name=q]").fill("示例")
    box.locator("[name=region]").fill("<img src=x onerror=alert(1)>")
    box.locator("[name=limit]").fill("1000")
    assert sent(box).startswith("400 ")
    assert json.loads(box.locator("[data-body]").inner_text())["errors"][0]["where"] == "limit"
    assert box.locator("img").count() == 0
    assert all("400" in said for said in visitor.complaints)  # the browser notes every refusal


def test_every_operation_that_only_asks_can_be_tried_and_fits_a_phone(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PHONE)
    visitor.visit("/docs/api")
    boxes = visitor.page.locator("[data-try]")
    assert boxes.count() == sum(each.method == "GET" for each in OPERATIONS) > 10
    for box in boxes.all():
        box.locator("summary").click()
    assert visitor.page.evaluate(FITS)
    box = visitor.page.locator("#search_records [data-try]")
    assert sent(box).startswith("200 ")
    assert visitor.page.evaluate(FITS)


def test_without_script_there_is_nothing_to_try_and_all_else(scriptless: Visitor) -> None:
    scriptless.visit("/docs/api")
    assert scriptless.page.locator("[data-try]").count() > 10
    assert not scriptless.page.locator("[data-try]").first.is_visible()
    assert "发出请求" not in scriptless.text and "curl" in scriptless.text

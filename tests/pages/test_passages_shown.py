"""Passages and the state of a document, as people see them."""

import pytest

from indexer.sync import sync
from portal.context import EXTENSION
from tests.pages.conftest import House, Visitor
from tests.register.conftest import row

BODY = "第一章 总则\n\n第一条 适用于本市企业。\n\n第二条 <b>黑名单</b>自列入之日起公布三年。"


def publish(house: House, **values: str) -> None:
    house.desk.publish("policy", [row(1, "", title="示例市信用办法", text=BODY, **values)])
    sync(house.desk.register, house.client.application.extensions[EXTENSION].search)


def test_a_passage_stands_under_its_hit_with_heading_and_marks_and_markup_stays_text(house: House) -> None:
    publish(house, effect="in_force")
    page = house.page("/search", q="黑名单公布三年")
    assert '<span class="place-heading">第一章 总则</span>' in page
    assert "&lt;b&gt;<mark>黑名单</mark>&lt;/b&gt;" in page
    assert "不能再作为依据" not in page


@pytest.mark.parametrize(
    ("effect", "word", "caution"),
    [
        ("lapsed", "失效", "已经失效，不能再作为依据"),
        ("repealed", "废止", "已经废止，不能再作为依据"),
        ("not_yet_in_force", "尚未施行", "尚未施行，施行之前不能作为依据"),
    ],
)
def test_a_document_out_of_force_says_so_in_words_wherever_it_is_shown(
    house: House, effect: str, word: str, caution: str
) -> None:
    publish(house, effect=effect)
    found = house.page("/search", q="黑名单公布三年")
    assert caution in found and f"</svg>{word}</span>" in found
    identity = house.client.get("/api/v1/search", query_string={"q": "黑名单"}).get_json()["results"][0]["id"]
    assert caution in house.page(f"/records/{identity}")
    english = house.client.get(f"/records/{identity}", headers={"Accept-Language": "en"}).text
    assert "basis for anything" in english


def test_a_document_whose_day_of_lapse_is_past_does_not_call_itself_in_force(house: House) -> None:
    publish(house, effect="in_force", lapsed_on="2026-01-01")
    identity = house.client.get("/api/v1/search", query_string={"q": "黑名单"}).get_json()["results"][0]["id"]
    page = house.page(f"/records/{identity}")
    assert "已经失效" in page and "</svg>有效</span>" not in page and "<dd>有效</dd>" not in page


def test_passages_fit_a_phone(scriptless: Visitor) -> None:
    scriptless.visit("/search?q=严厉打击伪造冒用认证证书的行为&kind=policy")
    scriptless.page.set_viewport_size({"width": 390, "height": 844})
    assert scriptless.page.locator(".places mark").count() > 0
    assert scriptless.page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )

"""What the words of a query ask for is offered, and never applied by itself."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from portal.api.operations import OPERATIONS
from tests.portal.conftest import House
from tests.register.conftest import row, uscc

FIRM, OTHER = "示例市明远仪表有限公司", "示例市新源铸造有限公司"


@pytest.fixture
def stocked(house: House) -> House:
    """Two enterprises of two regions, one with a certificate."""
    firms = [
        row(1, FIRM, uscc(1), status="active", region="江苏"),
        row(2, OTHER, uscc(2), status="active", region="浙江省"),
    ]
    assert house.desk.publish("enterprise", firms) == []
    certificate = row(
        1,
        FIRM,
        uscc(1),
        number="79926Q00001R0S",
        category="质量管理体系认证",
        issuer="示例认证中心有限公司",
        issued_on="2026-01-10",
        valid_until="2029-01-09",
        status="valid",
    )
    assert house.desk.publish("certificate", [certificate]) == []
    house.sync()
    return house


def offered(house: House, q: str, **asked: Any) -> list[dict[str, str]]:
    answer = house.get("/search", q=q, **asked)
    model = next(each.answer for each in OPERATIONS if each.name == "search_records")
    model.model_validate(answer)
    offers: list[dict[str, str]] = answer["offers"]
    return offers


def test_a_word_offers_its_filter_and_narrows_nothing(stocked: House) -> None:
    typed = f"{FIRM} 證書"
    assert offered(stocked, typed) == [
        {"field": "kind", "value": "certificate", "label": "认证证书", "words": "證書", "wider": False}
    ]
    kinds = stocked.get("/search", q=typed)["facets"]["kind"]
    assert {each["value"] for each in kinds} == {"enterprise", "certificate"}
    assert stocked.get("/search", q=typed)["query"] == typed


def test_a_filter_that_is_set_is_not_offered_again(stocked: House) -> None:
    assert offered(stocked, f"{FIRM} 证书", kind="certificate") == []
    assert offered(stocked, f"{FIRM} 证书", kind="penalty") == []
    assert [each["field"] for each in offered(stocked, f"{FIRM} 2026年 证书", kind="certificate")] == ["year"]


def test_a_region_is_offered_as_the_records_hold_it_and_only_where_they_do(stocked: House) -> None:
    assert [each["value"] for each in offered(stocked, "示例市 江苏")] == ["江苏"]
    assert [each["value"] for each in offered(stocked, "示例市 浙江")] == ["浙江省"]
    assert offered(stocked, "示例市 安徽") == []


def test_several_names_are_told_apart(stocked: House) -> None:
    assert stocked.get("/search", q=f"{FIRM}；{OTHER}")["names"] == [FIRM, OTHER]
    assert stocked.get("/search", q=FIRM)["names"] == []


def test_a_degraded_answer_offers_too(stocked: House) -> None:
    stocked.cut_off()
    answer = stocked.get("/search", q=f"{FIRM} 是不是黑名单")
    assert answer["degraded"] is True
    assert [each["value"] for each in answer["offers"]] == ["listing"]


def page(house: House, language: str = "zh-CN", **asked: str) -> str:
    answer = house.client.get("/search", query_string=asked, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


def test_the_page_offers_a_chip_that_keeps_the_text_and_other_filters(stocked: House) -> None:
    typed = f"{FIRM} 2026年 证书"
    shown = page(stocked, q=typed, region="江苏")
    assert f"kind=certificate&amp;q={quote(typed, safe='')}&amp;region=".replace("%20", "+") in _sorted(shown)
    assert "只看：认证证书" in shown and "只看：年份 2026" in shown
    assert "Only: Certificates" in page(stocked, "en", q=typed)
    set_ = page(stocked, q=typed, kind="certificate")
    assert "只看：认证证书" not in set_ and "种类：认证证书" in set_
    assert "只看" not in page(stocked, q=FIRM)


def test_a_standard_is_offered_as_a_phrase_and_not_once_it_is_quoted(stocked: House) -> None:
    typed = f"{FIRM} ISO9001"
    assert offered(stocked, typed)[1] == {
        "field": "phrase",
        "value": "ISO 9001",
        "label": "ISO 9001",
        "words": "ISO9001",
        "wider": False,
    }
    shown = page(stocked, q=typed)
    assert "只看：提到“ISO 9001”的" in shown
    quoted = f"{typed} “ISO 9001”"
    assert f"/search?q={quote(quoted, safe='').replace('%20', '+')}" in shown
    assert [offer["field"] for offer in offered(stocked, quoted)] == ["kind"]
    assert "Only what mentions “ISO 9001”" in page(stocked, "en", q=typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [("无锡的仪表 示例市", "无锡"), ("无锡市的仪表 示例市", "无锡市"), ("示例市 昆山", "昆山")],
)
def test_a_city_offers_its_province_where_records_hold_provinces_and_says_so(
    stocked: House, typed: str, words: str
) -> None:
    assert [each | {"label": ""} for each in offered(stocked, typed)] == [
        {"field": "region", "value": "江苏", "label": "", "words": words, "wider": True}
    ]
    assert offered(stocked, typed)[0]["label"] == f"江苏（{words}所在地区）"
    assert f"只看：地区 江苏（{words}所在地区）" in page(stocked, q=typed)
    assert f"江苏, where {words} is" in page(stocked, "en", q=typed)
    assert offered(stocked, typed, region="江苏") == []


def test_a_city_offers_itself_where_records_hold_it(stocked: House) -> None:
    firm = row(3, "示例市无锡路桥有限公司", uscc(3), status="active", region="江苏省无锡市")
    assert stocked.desk.publish("enterprise", [firm]) == []
    stocked.sync()
    [offer] = offered(stocked, "示例市 无锡")
    assert offer["value"] == "江苏省无锡市"
    assert not offer["wider"]


def test_a_place_of_no_record_found_is_not_offered(stocked: House) -> None:
    assert offered(stocked, "示例市 昆明") == []


def _sorted(html: str) -> str:
    """The addresses of the page with their arguments in order."""

    def in_order(found: re.Match[str]) -> str:
        return "?" + "&amp;".join(sorted(found[1].split("&amp;")))

    return re.sub(r'\?([^"]+)', in_order, html)


def test_the_page_leads_from_several_names_to_each(stocked: House) -> None:
    shown = page(stocked, q=f"{FIRM}、{OTHER}")
    assert "查询词里有 2 个名称或代码" in shown
    for name in (FIRM, OTHER):
        assert f'href="/search?q={quote(name)}">{name}</a>' in shown
    assert "There are 2 names or codes in your query" in page(stocked, "en", q=f"{FIRM}、{OTHER}")


def test_several_names_lead_to_the_check_of_bidders_with_the_list_filled_in(stocked: House) -> None:
    pasted = f"{FIRM}、{OTHER}"
    shown = page(stocked, q=pasted)
    [href] = re.findall(r'href="(/check\?[^"]+)">一起核查这 2 家</a>', shown)
    form = stocked.client.get(href.replace("&amp;", "&")).text
    assert f"{FIRM}\n{OTHER}</textarea>" in form


def test_many_names_have_links_up_to_a_number_that_is_said(stocked: House) -> None:
    codes = " ".join(uscc(n) for n in range(1, 53))
    shown = page(stocked, q=codes)
    assert "查询词里有 52 个名称或代码" in shown and "这里列出前 50 个" in shown


def test_what_is_typed_stays_text(stocked: House) -> None:
    assert "<b>x" not in page(stocked, q="<b>x有限公司；<b>y有限公司")

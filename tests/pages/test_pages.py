"""What pages say of a few records, and that addresses and arguments are read as strictly as by the API."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from portal.api.operations import OPERATIONS
from portal.pages.api_docs import _about, _arguments
from tests.pages.conftest import House
from tests.register.conftest import row, uscc

NAME = "示例市明远仪表有限公司"
MAIN = "79926Q00001R0S"


def certificate(
    house: House, number: str = MAIN, line: int = 1, of: int = 1, name: str = NAME, **values: Any
) -> None:
    usual: dict[str, Any] = {
        "category": "质量管理体系认证",
        "standard": "GB/T 19001-2016",
        "scope": "仪表的设计和生产",
        "issuer": "示例认证中心有限公司",
        "issued_on": "2026-01-10",
        "valid_from": "2026-01-10",
        "valid_until": "2029-01-09",
        "status": "valid",
    }
    assert (
        house.desk.publish("certificate", [row(line, name, uscc(of), number=number, **(usual | values))])
        == []
    )


def answer(page: str) -> str:
    """The one word on top."""
    found = re.search(r"<b>([^<]+)</b></h1>", page)
    assert found is not None
    return found[1]


def test_the_last_day_counts_and_the_day_after_does_not(house: House) -> None:
    certificate(house)
    assert answer(house.page(f"/verify/{MAIN}", as_of="2029-01-09")) == "有效"
    assert answer(house.page(f"/verify/{MAIN}", as_of="2029-01-10")) == "过期失效"
    assert answer(house.page(f"/verify/{MAIN}", as_of="2026-01-09")) == "未生效"


def test_a_sub_certificate_shares_the_fate_of_its_main_one_and_shows_it(house: House) -> None:
    certificate(house, status="suspended", status_changed_on="2026-02-01", status_reason="未按期接受监督审核")
    certificate(house, f"{MAIN}-1", line=2)
    page = house.page(f"/verify/{MAIN}-1")
    assert answer(page) == "暂停"
    assert f'href="/verify/{MAIN}"' in page and "子证书" in page


def test_a_number_with_a_slash_and_chinese_has_an_address(house: House) -> None:
    number = "苏XK00114E22766R2L/3502（补）"
    certificate(house, number)
    assert answer(house.page(f"/verify/{quote(number)}")) == "有效"
    moved = house.client.get("/verify", query_string={"number": number, "holder": NAME, "scope": ""})
    assert moved.status_code == 302
    assert "持证人与登记一致" in house.page(moved.headers["Location"])


def test_one_number_of_two_holders_is_answered_with_the_gravest_and_says_so(house: House) -> None:
    certificate(house)
    certificate(
        house, line=2, of=2, name="示例市明达仪表有限公司", status="revoked", status_changed_on="2026-02-01"
    )
    page = house.page(f"/verify/{MAIN}")
    assert answer(page) == "撤销" and "这个编号对应 2 张证书" in page
    assert answer(house.page(f"/verify/{MAIN}", holder=NAME)) == "有效"


def test_a_suspension_is_told_with_its_days_and_reason(house: House) -> None:
    certificate(house)
    certificate(house, status="suspended", status_changed_on="2026-02-01", status_reason="未按期接受监督审核")
    page = house.page(f"/verify/{MAIN}")
    assert "未按期接受监督审核" in page and "2026-01-31" in page and "2026-02-01" in page


def test_a_change_is_shown_with_before_and_after(house: House) -> None:
    certificate(house)
    certificate(house, scope="仪表的设计、生产和服务")
    identity = re.search(r"/records/([0-9a-f]{24})", house.page(f"/subjects/{uscc(1)}"))
    assert identity is not None
    history = house.page(f"/records/{identity[1]}/history")
    assert re.findall("</svg>(变更|发布)</span>", history) == ["变更", "发布"]
    assert "仪表的设计和生产" in history and "仪表的设计、生产和服务" in history
    record = house.page(f"/records/{identity[1]}")
    assert "仪表的设计、生产和服务" in record and "仪表的设计和生产" not in record


def test_more_than_ten_records_of_a_kind_have_a_page_of_their_own(house: House) -> None:
    drafts = [
        row(
            n,
            NAME,
            uscc(1),
            number=f"X{n:03}",
            category="服务认证",
            issued_on=f"2026-01-{n % 28 + 1:02}",
            status="valid",
        )
        for n in range(1, 61)
    ]
    assert house.desk.publish("certificate", drafts) == []
    file = house.page(f"/subjects/{uscc(1)}")
    assert file.count('<tr role="row"><th scope="row"') + file.count('rowheader">') == 10
    more = house.page(f"/subjects/{uscc(1)}", kind="certificate")
    following = re.search(r'href="([^"]+)" rel="next"', more)
    assert following is not None and more.count('rowheader">') == 50
    assert house.page(following[1].replace("&amp;", "&")).count('rowheader">') == 10


def test_pages_about_a_sole_trader_ask_not_to_be_indexed(house: House) -> None:
    from indexer.identifiers import uscc_check

    first = f"92{uscc(1)[2:17]}"
    trader = first + uscc_check(first)
    assert house.desk.publish("enterprise", [row(1, "示例市老街面馆", trader, status="active")]) == []
    certificate(house, of=2)
    assert 'content="noindex"' in house.page(f"/subjects/{trader}")
    assert 'content="noindex"' not in house.page(f"/subjects/{uscc(2)}")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/search?q=a&page=2", 400),
        ("/search?q=a&q=b", 400),
        ("/search?q=a&kind=cat", 400),
        (f"/search?q={'长' * 1001}", 413),
        ("/search?q=%00", 400),
        ("/search?q=%ff", 400),
        ("/lists/grey", 400),
        ("/lists/black?since=yesterday", 400),
        ("/lists/black?cursor=AAAA", 400),
        ("/subjects/hello", 400),
        (f"/subjects/{uscc(9)}", 404),
        (f"/restrictions/{uscc(1)}?as_of=2026-02-30", 400),
        (f"/restrictions/{uscc(1)}?known_at=2999-01-01", 400),
        (f"/restrictions/{uscc(1)}?domain=bidding", 400),
        ("/records/xyz", 400),
        (f"/records/{'0' * 24}", 404),
        (f"/verify/{'9' * 101}", 400),
        ("/verify/---", 400),
        ("/nowhere", 404),
    ],
)
def test_a_question_that_means_nothing_meets_a_page_that_says_why(
    house: House, path: str, status: int
) -> None:
    certificate(house)
    page = house.page(path, status)
    assert "<h1" in page and "Traceback" not in page


def test_only_marks_are_explained_without_asking_the_index(house: House) -> None:
    assert "没有可查的字" in house.page("/search?q=，。！")


def test_an_empty_register_has_pages_too(house: House) -> None:
    for path in ("/", "/lists/red", "/docs", "/verify"):
        page = house.page(path)
        assert "示例数据，均为虚构" not in page


def test_every_operation_and_argument_is_explained_in_chinese(house: House) -> None:
    page = house.page("/docs/api")
    for operation in OPERATIONS:
        assert _about()[operation.name] in page
    with house.client.application.test_request_context():
        asked = {name for operation in OPERATIONS for name in operation.question.model_fields}
        assert asked == set(_arguments())


def test_every_error_type_has_its_anchor(house: House) -> None:
    page = house.page("/docs/problems")
    for code in (
        "invalid-parameter",
        "query-too-long",
        "not-found",
        "service-unavailable",
        "method-not-allowed",
        "too-many-requests",
        "bad-request",
        "error",
    ):
        assert f'id="{code}"' in page


def listed(house: House, **values: Any) -> None:
    usual: dict[str, Any] = {
        "list": "black",
        "scheme": "严重违法失信名单",
        "document_number": "示例列〔2026〕1号",
        "listed_on": "2026-01-15",
        "status": "listed",
        "subject_kind": "organisation",
        "authority": "示例市市场监督管理局",
    }
    assert house.desk.publish("listing", [row(1, NAME, uscc(1), **(usual | values))]) == []


def test_the_timeline_says_in_its_drawing_and_in_its_table_the_same_days(house: House) -> None:
    listed(house, until="2027-06-30")
    page = house.page(f"/restrictions/{uscc(1)}", as_of="2026-03-01")
    drawn = page[page.index('<svg class="chart-drawing"') : page.index("<details")]
    named = re.search(r'aria-labelledby="(\S+) (\S+)"', drawn)
    assert named is not None
    assert f'<title id="{named[1]}">' in drawn and f'<desc id="{named[2]}">' in drawn
    bars = re.findall(r"<g><title>([^：]+)：受限，2026-01-15 至 2027-06-30</title>", drawn)
    table = page[page.index("<details") : page.index("</details>")]
    assert len(bars) == 7 and "<script" not in drawn and "style=" not in drawn
    for label in bars:
        assert re.search(rf"{label}</th>.*?2026-01-15.*?2027-06-30", table, re.S)
    assert 'datetime="2027-07-01"' in page, "the next change"


def test_a_clear_enterprise_has_no_timeline(house: House) -> None:
    certificate(house)
    assert "chart" not in house.page(f"/restrictions/{uscc(1)}")


def test_a_place_that_is_not_known_is_told_beside_its_field(house: House) -> None:
    listed(house)
    page = house.page(f"/restrictions/{uscc(1)}", status=400, place="示例省")
    assert 'id="f-place-about"' in page and "不认识的地区 示例省" in page
    assert "只看在“江苏”适用的规则" in house.page(f"/restrictions/{uscc(1)}", place="江苏")

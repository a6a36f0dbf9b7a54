"""An answer costs the same number of statements however many records it is made of."""

from typing import Any
from urllib.parse import quote

import pytest

from portal.context import EXTENSION
from tests.portal.conftest import API, House
from tests.register.conftest import row, uscc
from tests.register.statements import statements


def cost(house: House, path: str) -> int:
    house.client.get(API + path)  # which edition of the rules is in force is asked once in two seconds
    with statements(house.app.extensions[EXTENSION].register.engine) as seen:
        answer = house.client.get(API + path)
    assert answer.status_code == 200, answer.text
    return len(seen)


def fill(house: House, first: int, many: int) -> None:
    """That many more records of the firm, of several kinds, and one more certificate of number 示例001."""
    lines = range(first, first + many)
    values: Any = {"issuer": "示例认证中心有限公司", "valid_from": "2026-01-10", "issued_on": "2026-01-10"}
    rows = [
        row(n, "示例甲有限公司", uscc(1), number=f"99926Q{n:05d}R0S", category="质量管理体系认证", **values)
        for n in lines
    ]
    rows += [row(n + 5000, f"示例{n}有限公司", uscc(n + 10), number="示例001", **values) for n in lines]
    assert house.desk.publish("certificate", rows) == []
    listing: Any = {
        "list": "black",
        "scheme": "严重违法失信名单",
        "listed_on": "2026-01-15",
        "status": "listed",
    }
    listing["subject_kind"] = "organisation"
    house.desk.publish(
        "listing",
        [row(n, "示例甲有限公司", uscc(1), document_number=f"示例〔2026〕{n}号", **listing) for n in lines],
    )
    house.sync()


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (f"/subjects/{uscc(1)}", 3),
        (f"/subjects/{uscc(1)}/records?limit=200", 3),
        (f"/restrictions/{uscc(1)}", 3),
        ("/certificates/99926Q00002R0S", 2),
        ("/certificates/%E7%A4%BA%E4%BE%8B001", 2),
        ("/lists/black?limit=200", 2),
        ("/search?q=%E7%A4%BA%E4%BE%8B%E7%94%B2&limit=100", 1),
        ("/suggest?q=%E7%A4%BA%E4%BE%8B", 1),
    ],
)
def test_the_number_of_statements_does_not_grow_with_the_records(house: House, path: str, most: int) -> None:
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", uscc(1))])
    fill(house, 2, 2)
    few = cost(house, path)
    fill(house, 100, 60)
    assert cost(house, path) == few <= most


@pytest.mark.parametrize("asked", ["示例甲有限公司", uscc(1), "示例001"])
def test_the_number_of_statements_of_a_degraded_search_does_not_grow_either(house: House, asked: str) -> None:
    path = f"/search?q={quote(asked)}&limit=100"
    house.desk.publish("enterprise", [row(2, "示例甲有限公司", uscc(1))])
    fill(house, 2, 2)
    house.cut_off()
    few = cost(house, path)
    house.reindex()
    fill(house, 100, 60)
    house.cut_off()
    assert cost(house, path) == few <= 5

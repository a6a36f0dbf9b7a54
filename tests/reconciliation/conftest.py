"""A register of a few invented enterprises with a service over it."""

from collections.abc import Callable

import pytest

from tests.portal.conftest import House, house, open_house
from tests.reconciliation.protocol import Client
from tests.register.conftest import row, uscc

__all__ = ["house", "open_house"]

PLANT, BRANCH, TWIN_ONE, TWIN_TWO, LISTED, BODY = (uscc(number) for number in range(1, 7))


def furnish(house: House) -> None:
    """An enterprise that was renamed, its branch, two of one name, one on a black list, and a certification body."""
    house.desk.publish("enterprise", [row(2, "示例旧名电缆厂", PLANT, province="江苏省")])
    house.desk.publish(
        "enterprise",
        [
            row(
                2,
                "示例恒通电缆（江苏）有限公司",
                PLANT,
                region="江苏省苏州市",
                registered_on="2001-03-04",
                status="active",
            ),
            row(3, "示例恒通电缆（江苏）有限公司示例分公司", BRANCH, region="江苏省", parent_code=PLANT),
            row(4, "示例双星商贸有限公司", TWIN_ONE, region="江苏省"),
            row(5, "示例双星商贸有限公司", TWIN_TWO, region="浙江省"),
            row(6, "示例失信玩具有限公司", LISTED, region="浙江省", status="cancelled"),
        ],
    )
    house.desk.publish("institution", [row(2, "示例质量认证中心", BODY, category="认证机构")])
    house.desk.publish(
        "certificate",
        [
            row(
                2,
                "示例恒通电缆（江苏）有限公司",
                PLANT,
                number=number,
                category="质量管理体系认证",
                valid_until=until,
            )
            for number, until in (("99926Q00001R0S", "2028-01-01"), ("99926Q00002R0S", "2025-01-01"))
        ],
    )
    house.desk.publish(
        "listing",
        [
            row(2, "示例失信玩具有限公司", LISTED, list="black", reason="示例事由", authority="示例市市场监督管理局",
                document_number="示例列〔2026〕1号", listed_on="2026-02-02", scheme="严重违法失信名单")
        ],
    )  # fmt: skip
    house.sync()


@pytest.fixture
def client(house: House) -> Client:
    """A client of a service over the furnished register."""
    furnish(house)
    return Client(house.client)


@pytest.fixture
def furnished(open_house: Callable[..., House]) -> Callable[..., House]:
    """Makes a furnished house; settings may be named."""

    def build(**settings: object) -> House:
        made = open_house(**settings)
        furnish(made)
        return made

    return build

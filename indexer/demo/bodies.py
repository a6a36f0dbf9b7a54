"""Invented authorities (机关) and technical institutions (机构): who certifies, tests, lists and punishes in
the demonstration.
"""

from dataclasses import dataclass

from indexer.demo.codes import unified_code
from indexer.demo.facts import Holder, Institution
from indexer.demo.names import CITIES, PROVINCE, City

OFFICES = ("市场监督管理局", "税务局", "财政局", "人民法院")


@dataclass(frozen=True, slots=True)
class Authority:
    """An invented authority with its unified code and the short form in its document numbers (示港市监)."""

    name: str
    code: str
    short: str


@dataclass(frozen=True, slots=True)
class Certifier:
    """An invented certification body: name, and the body code its certificate numbers begin with.

    Codes from 7990 on are far above those given out.
    """

    name: str
    code: str
    fields: str  # letters of the schemes it certifies; P stands for products, O for organic

    @property
    def approval_number(self) -> str:
        return f"CNCA-R-2020-{self.code}"


CERTIFIERS = (
    Certifier("示例认证中心有限公司", "7999", "QESNJP"),
    Certifier("示例质量认证集团有限公司", "7998", "QESFHITP"),
    Certifier("江苏示例联合认证有限公司", "7997", "QESJM"),
    Certifier("示例食品农产品认证有限公司", "7996", "QFHO"),
    Certifier("示例信息安全认证有限公司", "7995", "QITV"),
    Certifier("示例服务认证有限公司", "7994", "QVES"),
)

CCC_BODY = "99"
"""Two digits in numbers of 强制性产品认证 (CCC); 01 is the real one, this is nobody's."""

CCC_CERTIFIER = Certifier("示例产品认证中心有限公司", "7993", "C")

_KINDS = (
    (
        "检验检测机构",
        ("产品质量监督检验所", "食品检测有限公司", "环境检测有限公司", "建设工程质量检测有限公司"),
        "CMA",
    ),
    ("特种设备检验机构", ("特种设备安全监督检验研究所",), "TS7"),
    ("计量检定机构", ("计量测试所",), "计授"),
    ("机动车安检机构", ("机动车检测有限公司", "安捷机动车检测站有限公司"), "CMA"),
)

_PUBLIC = ("所", "研究所")


def authority(city: str, office: str) -> Authority:
    """The `office` (市场监督管理局 …) of an invented city."""
    at = next(index for index, each in enumerate(CITIES) if each.name == city)
    serial = 501 + at * len(OFFICES) + OFFICES.index(office)
    short = "示" + city.removeprefix("示例").removesuffix("市")
    return Authority(city + office, unified_code("11", serial), short)


def institutions() -> list[Institution]:
    """All technical institutions: certification bodies and, in each city, laboratories, inspection and
    verification bodies.
    """
    serial = 1001
    found = []
    for certifier in (*CERTIFIERS, CCC_CERTIFIER):
        holder = Holder(unified_code("91", serial), certifier.name, _region(CITIES[0]))
        found.append(Institution(holder, "认证机构", certifier.approval_number))
        serial += 1
    for city in CITIES:
        for category, words, prefix in _KINDS:
            for word in words:
                code = unified_code("12" if word.endswith(_PUBLIC) else "91", serial)
                holder = Holder(code, city.name + word, _region(city))
                found.append(Institution(holder, category, _approval(prefix, serial)))
                serial += 1
    return found


def _approval(prefix: str, serial: int) -> str:
    """Numbers in the forms of domain.md 2.1; CMA: year, 10 = 江苏, field, sector, serial."""
    if prefix == "CMA":
        return f"2310{serial % 20:02d}34{serial:04d}"
    if prefix == "TS7":
        return f"TS7132{serial % 1000:03d}-2029"
    return f"（苏）法计（2023）{serial:05d}号"


def _region(city: City) -> str:
    return PROVINCE + city.name

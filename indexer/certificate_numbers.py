"""Numbers of certificates and licences (证书编号、许可证编号): the form they are compared in, their parts,
near numbers.

Pure. A number that fits no pattern is `opaque` and as good as any other: foreign bodies use schemes of
their own, so nothing is refused here. Patterns and parts: domain.md 2.1, each named beside its entry of
`_PATTERNS`; widths of management system numbers are unverified, so they are read generously.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from stdnum.iso7064 import mod_11_10

_LONGEST = 64  # characters; no scheme comes near it, and near() of longer text would be noise
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("〔【［〖「『[{", "("),
        **dict.fromkeys("〕】］〗」』]}", ")"),
        **dict.fromkeys("\u2212\u2043\u02d7", "-"),
    }
)
_blank = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
_dash = re.compile(r"[\u2010-\u2015\ufe58\ufe63]")

SYSTEM_SCHEMES: dict[str, tuple[str, str]] = {
    "Q": ("质量管理体系", "GB/T 19001 / ISO 9001"),
    "E": ("环境管理体系", "GB/T 24001 / ISO 14001"),
    "S": ("职业健康安全管理体系", "GB/T 45001 / ISO 45001"),
    "F": ("食品安全管理体系", "GB/T 22000 / ISO 22000"),
    "FSMS": ("食品安全管理体系", "GB/T 22000 / ISO 22000"),
    "H": ("危害分析与关键控制点体系", "HACCP"),
    "HACCP": ("危害分析与关键控制点体系", "HACCP"),
    "EN": ("能源管理体系", "GB/T 23331 / ISO 50001"),
    "ENMS": ("能源管理体系", "GB/T 23331 / ISO 50001"),
    "I": ("信息安全管理体系", "GB/T 22080 / ISO/IEC 27001"),
    "IS": ("信息安全管理体系", "GB/T 22080 / ISO/IEC 27001"),
    "ISMS": ("信息安全管理体系", "GB/T 22080 / ISO/IEC 27001"),
    "IT": ("信息技术服务管理体系", "GB/T 24405.1 / ISO/IEC 20000-1"),
    "ITSM": ("信息技术服务管理体系", "GB/T 24405.1 / ISO/IEC 20000-1"),
    "IP": ("知识产权管理体系", "GB/T 29490"),
    "IPMS": ("知识产权管理体系", "GB/T 29490"),
    "QJ": ("工程建设施工企业质量管理体系", "GB/T 50430"),
}
"""Letters of a management system number: name and standard. Unverified [U]: they only check the record's
own category.
"""

# fmt: off
CMA_ISSUERS: tuple[str, ...] = (
    "国家认监委", "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海",
    "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东",
    "广西", "海南", "重庆", "四川", "贵州", "云南", "西藏", "陕西", "甘肃", "青海",
    "宁夏", "新疆",
)
"""Issuer of a CMA number by its two digits 00–31; these are not the region codes of GB/T 2260."""

CMA_FIELDS: tuple[str, ...] = (
    "食品", "建筑工程", "建材", "卫生计生", "农林牧渔", "机动车安检", "公安刑事", "司法鉴定",
    "机械", "电子信息", "轻工", "纺织服装", "环境", "水质", "化工", "医疗器械",
    "采矿冶金", "能源", "医学", "生物安全", "综合", "其他",
)
# fmt: on
"""Field of a CMA number by its two digits 00–21."""

KINDS: dict[str, str] = {
    "body_approval": "认证机构批准号",
    "system": "管理体系认证证书",
    "system_scheme": "GAP、HACCP、FSMS 认证证书",
    "ccc": "强制性产品认证（CCC）证书",
    "voluntary": "自愿性产品认证证书",
    "organic": "有机产品认证证书",
    "organic_label": "有机码",
    "green_food": "绿色食品标志编号",
    "green_food_firm": "绿色食品企业信息码",
    "industrial": "工业产品生产许可证",
    "food": "食品生产许可证（SC）",
    "food_qs": "食品生产许可证（QS，旧）",
    "special_equipment": "特种设备许可证（TS）",
    "cma": "检验检测机构资质认定（CMA）证书",
    "type_approval": "计量器具型式批准",
    "measuring_maker": "制造计量器具许可证（2017年取消）",
    "enterprise_standard": "企业标准编号",
    "opaque": "其他编号",
}
"""Kinds that `parse` tells apart, with their Chinese names."""


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """A number taken apart: `kind` is a key of `KINDS`, `parts` depend on it (years as they stand, two
    digits or four).

    `parent` is the number of the certificate that this is a sub-certificate (子证书) of: it is shown under
    its parent and shares its fate. `flags`: "check" (check digit wrong), "unknown-scheme", "unknown-class",
    "unknown-issuer", "unknown-field".
    """

    kind: str
    parts: dict[str, str] = field(default_factory=dict)
    parent: str | None = None
    flags: tuple[str, ...] = ()


def normal(text: str) -> str:
    """`text` as numbers are stored for comparison and looked up.

    NFKC (full width to ASCII), upper case, without blanks and invisible characters, every sort of bracket
    as ( ) and every hyphen as -. Certification bodies have to report their numbers in upper case without
    blanks.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    while (folded := _fold(text)) != text:  # a blank gone may let an accent join its letter
        text = folded
    return text


def _fold(text: str) -> str:
    compatible = unicodedata.normalize("NFKC", text).translate(_FOLDED)
    return _dash.sub("-", _blank.sub("", compatible)).upper()


def _food_flags(parts: dict[str, str], number: str) -> Iterator[str]:
    if not mod_11_10.is_valid(number[2:]):
        yield "check"
    if parts["type"] not in "12" or not 1 <= int(parts["class"]) <= 31:
        yield "unknown-class"


def _system_flags(parts: dict[str, str], number: str) -> Iterator[str]:
    if parts["scheme"] not in SYSTEM_SCHEMES:
        yield "unknown-scheme"


def _cma_flags(parts: dict[str, str], number: str) -> Iterator[str]:
    if int(parts["issuer"]) >= len(CMA_ISSUERS):
        yield "unknown-issuer"
    if int(parts["field"]) >= len(CMA_FIELDS):
        yield "unknown-field"


_Flags = Callable[[dict[str, str], str], Iterator[str]]
_HAN = "\u4e00-\u9fff"

_PATTERNS: tuple[tuple[str, re.Pattern[str], _Flags | None], ...] = tuple(
    (kind, re.compile(pattern, re.ASCII), flags)
    for kind, pattern, flags in (
        # Approval number of a certification body: R domestic, RF foreign; the body's code is the last part
        # [S5].
        ("body_approval", r"CNCA-(?P<origin>RF?)-(?P<year>\d{4})-(?P<body>\d+)", None),
        # Body, scheme, year, serial [K]; before `system`, which would take HACCP for no scheme at all.
        (
            "system_scheme",
            r"(?P<body>\d{3,4})(?P<scheme>GAP|HACCP|FSMS)(?P<year>\d{2})(?P<serial>\d{5})(?P<sub>-\d+)?",
            None,
        ),
        # Body, year of (re)certification, scheme, serial, cycle, size [S6]; widths [U].
        (
            "system",
            r"(?P<body>\d{3,4})(?P<year>\d{2})(?P<scheme>[A-Z]{1,5})(?P<serial>\d{4,6})R(?P<cycle>\d+)(?P<size>[LMS])?(?P<sub>[-/]\d+)?",
            _system_flags,
        ),
        # Year of first issue, body (01 CQC), class and group, serial [S7].
        ("ccc", r"(?P<year>20\d{2})(?P<body>\d{2})(?P<class>\d{4})(?P<serial>\d{6})", None),
        # The body's own number; there is no national form [K].
        ("voluntary", r"(?P<body>CQC)(?P<serial>\d{8,17})", None),
        # Body (4 digits since 2022; before 3, or F and 2), year, serial [S5].
        ("organic", r"(?P<body>F\d{2}|\d{3,4})OP(?P<year>\d{2})(?P<serial>\d{5})(?P<sub>-\d+)?", None),
        ("organic_label", r"(?P<body>\d{3})(?P<year>\d{2})(?P<random>\d{12})", None),  # [S5]
        ("green_food", r"LB-(?P<class>\d{2})-(?P<serial>\d{10})(?P<grade>AA?)", None),  # [S8]
        ("green_food_firm", r"GF(?P<region>\d{6})(?P<year>\d{2})(?P<serial>\d{4})", None),  # [S8]
        # Trade, product, firm; the bracket names the province that issued it [S9].
        (
            "industrial",
            rf"(?:\((?P<province>[{_HAN}])\))?XK(?P<trade>\d{{2}})-(?P<product>\d{{3}})-(?P<serial>\d{{5}})",
            None,
        ),
        # 1 food or 2 additive, class 01–31, region, serial, check by ISO 7064 MOD 11,10 [S10].
        (
            "food",
            r"SC(?P<type>\d)(?P<class>\d{2})(?P<region>\d{6})(?P<serial>\d{4})(?P<check>\d)",
            _food_flags,
        ),
        ("food_qs", r"QS(?P<office>\d{4})(?P<product>\d{4})(?P<serial>\d{4})", None),  # [S10]
        # Kind, region (10 national), serial, year of expiry [K].
        (
            "special_equipment",
            r"TS(?P<type>\d{2})(?P<region>[0-9A-Z]{2})(?P<serial>[0-9A-Z]{3})-(?P<expires>\d{4})",
            None,
        ),
        # Year, issuer, field, sector, serial [S12].
        (
            "cma",
            r"(?P<year>\d{2})(?P<issuer>\d{2})(?P<field>\d{2})(?P<sector>\d{2})(?P<serial>\d{4})",
            _cma_flags,
        ),
        ("type_approval", r"CPA(?P<year>\d{2})-?(?P<class>[A-Z])(?P<serial>\d{3})", None),  # [S13]
        ("measuring_maker", rf"(?P<province>[{_HAN}])制(?P<serial>\d{{8}})号?", None),  # [U]
        # 企业代号, serial, year [K]. Blanks are gone, so the serial begins after the last character that is
        # no digit.
        (
            "enterprise_standard",
            r"Q/(?P<enterprise>.*[^\d.])(?P<serial>\d+(?:\.\d+)?)-(?P<year>\d{4})",
            None,
        ),
    )
)


def parse(number: str) -> ParsedNumber:
    """`number`, already `normal`, taken apart; kind "opaque" without parts when it fits no pattern."""
    if len(number) > _LONGEST:
        return ParsedNumber("opaque")
    for kind, pattern, flags_of in _PATTERNS:
        match = pattern.fullmatch(number)
        if match is None:
            continue
        parts = {name: part for name, part in match.groupdict().items() if part is not None}
        parent = number[: match.start("sub")] if "sub" in parts else None
        if parent is not None:
            parts["sub"] = parts["sub"][1:]
        return ParsedNumber(kind, parts, parent, tuple(flags_of(parts, number)) if flags_of else ())
    return ParsedNumber("opaque")


def body_code(approval_number: str) -> str | None:
    """The code of a certification body (机构代码), by its approval number: "CNCA-R-2002-001" gives "001"."""
    parsed = parse(normal(approval_number))
    return parsed.parts["body"] if parsed.kind == "body_approval" else None


def food_check(first13: str) -> str:
    """The 14th digit of an SC number (ISO 7064 MOD 11,10): "1530825001410" gives "9"."""
    return str(mod_11_10.calc_check_digit(first13))


_ALIKE = {"0": "ODQ", "1": "IL7", "2": "Z", "3": "8", "5": "S6", "6": "G5", "7": "1", "8": "B3", "9": "6"}
_ALIKE |= {"O": "0Q", "D": "0", "Q": "0O", "I": "1L", "L": "1I", "Z": "2", "S": "5", "G": "6", "B": "8"}
_ALIKE |= {"M": "N", "N": "M", "E": "F", "F": "E", "P": "R", "R": "P", "U": "V", "V": "U"}


def near(number: str) -> tuple[str, ...]:
    """Numbers that `number` (as somebody wrote it) may have been meant to be, to be looked up; never
    `number` itself.

    One look-alike character, two neighbours swapped, a sub-certificate's parent, hyphens left out. Those
    come first that have a known form, with a right check digit where there is one. Some hundred at most;
    empty for text too long to be a number.
    """
    wanted = normal(number)
    if not 4 <= len(wanted) <= _LONGEST:
        return ()
    variants = [variant for variant in dict.fromkeys(_variants(wanted)) if variant != wanted]
    return tuple(sorted(variants, key=_unlikeliness))


def _variants(number: str) -> Iterator[str]:
    parent = parse(number).parent
    if parent is not None:
        yield parent
    yield number.replace("-", "")
    for i, character in enumerate(number):
        for other in _ALIKE.get(character, ""):
            yield number[:i] + other + number[i + 1 :]
    for i in range(len(number) - 1):
        if number[i] != number[i + 1]:
            yield number[:i] + number[i + 1] + number[i] + number[i + 2 :]


def _unlikeliness(number: str) -> int:
    parsed = parse(number)
    return 2 if parsed.kind == "opaque" else 1 if parsed.flags else 0

"""Amounts of money as registers write them (金额): `1,913.2157(万元人民币)`, `512.6万人民币`, `100万美元`."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from indexer.kinds.base import Money

CURRENCIES: dict[str, tuple[str, ...]] = {
    "CNY": ("人民币", "人民币元", "元人民币", "RMB", "¥", "￥"),
    "USD": ("美元", "美金", "元美元", "$", "US$"),
    "EUR": ("欧元", "欧", "€"),
    "JPY": ("日元", "日圆", "日币"),
    "HKD": ("港元", "港币", "香港元", "港圆", "香港币", "元港元", "HK$"),
    "GBP": ("英镑", "£"),
    "DEM": ("德国马克", "马克", "西德马克"),
    "SGD": ("新加坡元", "新元", "新加坡币"),
    "DKK": ("丹麦克郎", "丹麦克朗"),
    "AUD": ("澳大利亚元", "澳元", "澳币"),
    "CAD": ("加拿大元", "加元"),
    "NZD": ("新西兰元", "纽元"),
    "CHF": ("瑞士法郎", "瑞郎"),
    "FRF": ("法国法郎",),
    "ITL": ("意大利里拉",),
    "NLG": ("荷兰盾",),
    "BEF": ("比利时法郎",),
    "ATS": ("奥地利先令",),
    "SEK": ("瑞典克朗", "瑞典克郎"),
    "NOK": ("挪威克朗", "挪威克郎"),
    "FIM": ("芬兰马克",),
    "TWD": ("新台币", "台币", "台湾元"),
    "MOP": ("澳门元", "澳门币", "葡币"),
    "KRW": ("韩元", "韩国元", "韩圆", "韩币"),
    "THB": ("泰铢", "泰国铢"),
    "MYR": ("马来西亚林吉特", "林吉特", "马来西亚元", "马币"),
    "PHP": ("菲律宾比索",),
    "INR": ("印度卢比",),
    "RUB": ("卢布", "俄罗斯卢布"),
    "ZAR": ("南非兰特",),
}
"""ISO 4217 code -> words for it in Chinese registers. Currencies since replaced (DEM, FRF …) stay: capital was paid in them."""

_SCALES = {
    "": 0,
    "十": 1,
    "百": 2,
    "千": 3,
    "万": 4,
    "十万": 5,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "万亿": 12,
}  # powers of ten
_BY_WORD = {word.upper(): code for code, words in CURRENCIES.items() for word in (code, *words)}
_words = "|".join(sorted(map(re.escape, _BY_WORD), key=len, reverse=True))
_unit = rf"(万亿|[十百千]?万|亿|千|百|十)?(?:元整?|圆整?)?({_words})?(?:元|圆)?整?"
_amount = re.compile(rf"({_words})?(-?)(\d{{1,3}}(?:,\d{{3}})+|\d+)(\.\d+)?{_unit}").fullmatch
_unit_alone = re.compile(_unit).fullmatch

_LONGEST = 24  # digits; the money of the world has 16


def parse_amount(text: str, unit: str = "元") -> Money:
    """The amount that `text` (not empty) says: exact, in whole units of its currency (元, not 万元), at least two decimals.

    `unit` is what the column's heading says of bare numbers ("元", "万元", "万美元"); what the cell itself says wins. Without any
    word for it the currency is CNY. Raises `ValueError` with a reason in Chinese.
    """
    value, currency = _parse(text, unit)
    return {"value": value, "currency": currency}


def is_unit(text: str) -> bool:
    """Whether `text`, such as the bracket in a heading `注册资本（万元）`, is a unit of money."""
    return bool(text) and _unit_alone(_folded(text)) is not None


@lru_cache(maxsize=1 << 15)
def _parse(text: str, unit: str) -> tuple[str, str]:
    match = _amount(_folded(text))
    if match is None:
        shown = text if len(text) <= 40 else text[:40] + "…"
        raise ValueError(f"“{shown}”不是金额，请写成 1000.50 或 100万元 这样的数字加单位。")
    before, sign, whole, decimals, scale, after = match.groups()
    if sign:
        raise ValueError("金额不能是负数，请核对后重新填写。")
    if before and after and _BY_WORD[before] != _BY_WORD[after]:
        raise ValueError(f"金额写了两种货币（{before}、{after}），请只留一种。")
    digits = whole.replace(",", "") + (decimals or "")
    if len(digits) > _LONGEST:
        raise ValueError("金额的位数过多，请核对后重新填写。")
    word = before or after
    if not word and not scale and not _says_unit(text):
        scale, word = _of_unit(unit)
    value = Decimal(digits).scaleb(_SCALES[scale or ""])
    return _plain(value), _BY_WORD[word] if word else "CNY"


def _folded(text: str) -> str:
    """Half width, upper case, without blanks and brackets."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(
        character for character in folded if not character.isspace() and character not in "()[]【】〔〕"
    )


def _says_unit(text: str) -> bool:
    return "元" in text or "圆" in text


def _of_unit(unit: str) -> tuple[str | None, str | None]:
    match = _unit_alone(_folded(unit))
    if match is None:
        raise ValueError(f"列名中的金额单位“{unit}”无法识别，请改为 元 或 万元。")
    return match[1], match[2]


def _plain(value: Decimal) -> str:
    """`value` without exponent, at least two decimals, no zeros beyond them."""
    whole, _, decimals = f"{value:f}".partition(".")
    return f"{whole.lstrip('0') or '0'}.{decimals.rstrip('0').ljust(2, '0')}"

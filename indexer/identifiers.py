"""The numbers that name a subject (主体): unified code, organisation code, registration number, tax number.

Pure functions without input or output. A code of the right form whose check character is wrong is
*flagged*, not refused: 58 of 1.1 million real unified codes fail their own check. What can not be any code
is refused, with what was probably meant.

Sources: GB 32100-2015 (统一社会信用代码), GB 11714-1997 (组织机构代码), GS15-2006 (工商注册号, ISO 7064 MOD
11,10), GB 11643 (居民身份证号, recognised only so as to refuse it). python-stdnum's `cn.uscc` is not used:
it refuses bodies of departments A, N and Y.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from operator import mul

from stdnum.cn import ric
from stdnum.iso7064 import mod_11_10

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: a character's value is its index; I, O, S, V and Z never occur."""

_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_USCC_WEIGHTS_AND_CHECK = (*_USCC_WEIGHTS, 1)
_USCC_CHECKS = tuple(USCC_ALPHABET[-remainder % 31] for remainder in range(31))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHECKS = "0X987654321"  # by the sum's remainder modulo 11

# Code point -> value, one table for each standard. GB 11714 counts A=10 … Z=35, not by the alphabet of GB
# 32100.
_USCC_VALUES = bytes(max(USCC_ALPHABET.find(chr(i)), 0) for i in range(256))
_ORGANISATION_VALUES = bytes(int(chr(i), 36) if chr(i).isalnum() and i < 128 else 0 for i in range(256))

_uscc_form = re.compile(rf"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}").fullmatch
_organisation_form = re.compile(r"[0-9A-Z]{8}[0-9X]").fullmatch
_registration_form = re.compile(r"[0-9]{15}").fullmatch
_tax_form = re.compile(r"[0-9]{6}[0-9A-Z]{8}[0-9X]").fullmatch
_cooperative_form = re.compile(r"[0-9]{6}N[A-Z][0-9]{6}X").fullmatch  # 农民专业合作社, before unified codes
_opaque_form = re.compile(r"[0-9]{10,13}|企[合独作股][\u4e00-\u9fff]{1,6}字第[0-9]{6}").fullmatch
_resident_form = re.compile(r"[0-9]{17}[0-9X]").fullmatch

_LONGEST = 200  # characters of raw input; nobody writes a code wider than this
_CENTURIES = ("19", "20")  # of birth
_province = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]").match  # GB/T 2260

BODIES: dict[str, tuple[str, str]] = {
    department_code + kind_code: (department, kind)
    for department_code, department, kinds in (
        ("1", "机构编制", {"1": "机关", "2": "事业单位", "3": "群众团体", "9": "其他"}),
        ("2", "外交", {"1": "外国常驻新闻机构", "9": "其他"}),
        (
            "3",
            "司法行政",
            {
                "1": "律师执业机构",
                "2": "公证处",
                "3": "基层法律服务所",
                "4": "司法鉴定机构",
                "5": "仲裁委员会",
                "9": "其他",
            },
        ),
        ("4", "文化", {"1": "外国在华文化中心", "9": "其他"}),
        ("5", "民政", {"1": "社会团体", "2": "民办非企业单位", "3": "基金会", "9": "其他"}),
        (
            "6",
            "旅游",
            {"1": "外国旅游部门常驻代表机构", "2": "港澳台地区旅游部门常驻内地代表机构", "9": "其他"},
        ),
        ("7", "宗教", {"1": "宗教活动场所", "2": "宗教院校", "9": "其他"}),
        ("8", "工会", {"1": "基层工会", "9": "其他"}),
        ("9", "市场监管", {"1": "企业", "2": "个体工商户", "3": "农民专业合作社", "9": "其他"}),
        ("A", "军委编制", {"1": "军队事业单位", "9": "其他"}),
        (
            "N",
            "农业",
            {"1": "组级集体经济组织", "2": "村级集体经济组织", "3": "乡镇级集体经济组织", "9": "其他"},
        ),
        ("Y", "其他", {"1": "其他"}),
    )
    for kind_code, kind in kinds.items()
}
"""Positions 1–2 of a unified code: registering department (登记管理部门) and kind of body (机构类别)."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What a written code can mean; at least one of the four is set.

    `organisation_code` is 9 characters without hyphen: of a `uscc` its positions 9–17, of a tax number its
    last nine. A 15-digit code may be a registration number or a tax number: both are then set, and
    `registration_number` is the likelier. `opaque` are old registration numbers without a check, of 10–13
    digits or like 企合苏总字第000063号. `flags`: "uscc-check", "organisation-check", "registration-check"
    (the check character is wrong), "unknown-body" (positions 1–2 are no known pair), "organisation-private"
    (PDY…, GB 11714 private use).
    """

    uscc: str | None
    organisation_code: str | None
    registration_number: str | None
    opaque: str | None
    flags: tuple[str, ...]


class InvalidCode(ValueError):
    """The text can not be any code. `zh` and `en` are for people, `suggestions` are codes that were
    probably meant.

    `personal` is True when it is a resident identity number (居民身份证号): the messages then do not repeat
    it, and neither may a log or a page.
    """

    def __init__(self, zh: str, en: str, suggestions: tuple[str, ...] = (), personal: bool = False) -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en
        self.suggestions = suggestions
        self.personal = personal


def clean(text: str) -> str:
    """`text` as codes are compared: NFKC (full width to ASCII), upper case, without blanks, hyphens or
    invisible characters.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    while (folded := _fold(text)) != text:  # a blank gone may let an accent join its letter
        text = folded
    return text


def _fold(text: str) -> str:
    compatible = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in compatible if not _is_filler(character))


def _is_filler(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cf", "Pd")
        or character in "\t\n\v\f\r\u2212\u2043\u02d7"
    )


def uscc_check(first17: str) -> str:
    """The 18th character of a unified code (GB 32100-2015). `first17` is upper-case and of its alphabet."""
    total: int = sum(map(mul, first17.encode().translate(_USCC_VALUES), _USCC_WEIGHTS))
    return _USCC_CHECKS[total % 31]


def organisation_check(first8: str) -> str:
    """The 9th character of an organisation code (GB 11714-1997). `first8` is upper-case, 0–9 and A–Z."""
    total: int = sum(map(mul, first8.encode().translate(_ORGANISATION_VALUES), _ORGANISATION_WEIGHTS))
    return _ORGANISATION_CHECKS[total % 11]


def valid_uscc(code: str) -> bool:
    """Whether `code`, already clean, has the form of a unified code and the right 18th character.

    Neither the check of the organisation code inside it nor the kind of body is asked: real codes break both.
    """
    return _uscc_form(code) is not None and uscc_check(code[:17]) == code[17]


def valid_organisation_code(code: str) -> bool:
    """Whether `code`, already clean, is an organisation code with the right 9th character."""
    return _organisation_form(code) is not None and organisation_check(code[:8]) == code[8]


def valid_registration(code: str) -> bool:
    """Whether `code`, already clean, is a 15-digit registration number with the right last digit
    (GS15-2006).
    """
    return _registration_form(code) is not None and bool(mod_11_10.is_valid(code))


def valid_resident_number(code: str) -> bool:
    """Whether `code` is an 18-character resident identity number: province, day of birth and check (GB
    11643).
    """
    return _like_resident_number(code) and bool(ric.calc_check_digit(code) == code[17])


def _like_resident_number(code: str) -> bool:
    """Whether `code` has province and day of birth where an identity number has them, whatever its check
    character.
    """
    if _resident_form(code) is None or _province(code) is None or code[6:8] not in _CENTURIES:
        return False
    return _is_day(int(code[6:10]), code[10:14])


def _like_old_resident_number(code: str) -> bool:
    """The same for the 15 digits that were issued until 1999: region, YYMMDD, serial."""
    return bool(
        _registration_form(code) is not None
        and _province(code) is not None
        and _is_day(1900 + int(code[6:8]), code[8:12])
    )


def _is_day(year: int, month_day: str) -> bool:
    try:
        date(year, int(month_day[:2]), int(month_day[2:]))
    except ValueError:
        return False
    return True


def parse_codes(text: str) -> Codes:
    """What the code `text`, as somebody wrote it, can be.

    Any case, width, spacing and hyphens. A wrong check character is a flag. Raises `InvalidCode` when it
    can not be any code, or is a person's identity number (居民身份证号), which no register of enterprises
    is searched by.
    """
    if _uscc_form(text) is not None:
        return _parse_uscc(text)
    code = _checked(text)
    length = len(code)
    if _uscc_form(code) is not None:
        return _parse_uscc(code)
    if length == 9 and _organisation_form(code) is not None:
        return Codes(None, code, None, None, _organisation_flags(code))
    if length == 15:
        return _parse_15(code)
    code = code.removesuffix("号")
    if _opaque_form(code) is not None:
        return Codes(None, None, None, code, ())
    raise _refusal(code)


def _checked(text: str) -> str:
    """`text` cleaned; refused when too long to be looked at, or empty."""
    code = clean(text) if len(text) <= _LONGEST else ""
    if code:
        return code
    if text.strip():
        raise InvalidCode("代码过长，请只填写代码本身。", "This is too long for a code; give the code alone.")
    raise InvalidCode("没有填写代码。", "The code is empty.")


def _parse_uscc(code: str) -> Codes:
    """`code` has the form of a unified code. Written for speed: every row of a file comes this way."""
    raw = code.encode()
    organisation_code = code[8:17]
    sound = sum(map(mul, raw.translate(_USCC_VALUES), _USCC_WEIGHTS_AND_CHECK)) % 31 == 0
    organisation_sum = sum(map(mul, raw[8:16].translate(_ORGANISATION_VALUES), _ORGANISATION_WEIGHTS))
    # An identity number that passes as a unified code is a person's all the same; the reverse is no person's.
    if code[6:8] in _CENTURIES and _like_resident_number(code) and (valid_resident_number(code) or not sound):
        raise _personal()
    if sound and code[:2] in BODIES and _ORGANISATION_CHECKS[organisation_sum % 11] == code[16]:
        return Codes(code, organisation_code, None, None, ())
    flags: tuple[str, ...] = () if sound else ("uscc-check",)
    if code[:2] not in BODIES:
        flags += ("unknown-body",)
    return Codes(code, organisation_code, None, None, flags + _organisation_flags(organisation_code))


def _parse_15(code: str) -> Codes:
    """A registration number (15 digits), a tax number (6 region + organisation code) or both."""
    if _cooperative_form(code) is not None:
        return Codes(None, None, None, code, ())
    if _tax_form(code) is None:
        raise _refusal(code)
    organisation_code = code[6:]
    is_tax_number = organisation_check(code[6:14]) == code[14]
    if not code.isdecimal():
        return Codes(None, organisation_code, None, None, _organisation_flags(organisation_code))
    if is_tax_number:
        return Codes(None, organisation_code, code, None, ())
    if valid_registration(code):
        return Codes(None, None, code, None, ())
    if _like_old_resident_number(code):
        raise _personal()
    return Codes(None, None, code, None, ("registration-check",))


def _organisation_flags(code: str) -> tuple[str, ...]:
    flags: tuple[str, ...] = () if valid_organisation_code(code) else ("organisation-check",)
    return (*flags, "organisation-private") if code.startswith("PDY") else flags


def _personal() -> InvalidCode:
    return InvalidCode(
        "这像是居民身份证号。本系统不按身份证号查询，也不保存；请填写单位的统一社会信用代码。",
        "This looks like a resident identity number. It is neither searched nor kept; "
        "give the unified social credit code of the organisation.",
        personal=True,
    )


def _refusal(code: str) -> InvalidCode:
    """Why `code` can not be any code. The message does not repeat the code, so it can not leak a person's
    number.
    """
    if any(_like_resident_number(code[start : start + 18]) for start in range(len(code) - 17)):
        return _personal()
    if len(code) == 18:
        return InvalidCode(
            "不是统一社会信用代码：其中不会有字母 I、O、S、V、Z，第3至8位应为数字。请核对后重新填写。",
            "Not a unified social credit code: it never has the letters I, O, S, V, Z, "
            "and its positions 3 to 8 are digits.",
            likely_intended(code),
        )
    return InvalidCode(
        f"无法识别的代码（{len(code)}位）。请填写18位统一社会信用代码、9位组织机构代码或15位工商注册号。",
        f"Not a code ({len(code)} characters). Give an 18-character unified social credit code, "
        "a 9-character organisation code or a 15-digit registration number.",
        likely_intended(code),
    )


# What is taken for what: letters outside the alphabet first, then pairs that look or sound alike on paper
# and in scans.
_NEVER_IN_USCC = str.maketrans({"O": "0", "I": "1", "Z": "2", "S": "5", "V": "U"})
_TO_DIGIT = str.maketrans(
    {"O": "0", "D": "0", "Q": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
)
_ALIKE = {"0": "ODQ", "1": "IL7", "2": "Z7", "3": "8", "5": "S6", "6": "G5", "7": "1", "8": "B3", "9": "G"}
_ALIKE |= {
    "A": "4",
    "4": "A",
    "B": "8",
    "C": "G",
    "D": "0",
    "E": "F",
    "F": "E",
    "G": "6C",
    "I": "1",
    "K": "X",
}
_ALIKE |= {
    "L": "1",
    "M": "N",
    "N": "M",
    "O": "0Q",
    "P": "R",
    "Q": "0",
    "R": "P",
    "S": "5",
    "U": "V",
    "V": "UWY",
}
_ALIKE |= {"W": "V", "X": "K", "Y": "V", "Z": "2"}


def likely_intended(code: str) -> tuple[str, ...]:
    """Codes with a valid check that `code` was probably meant to be: at most 10, the likeliest first.

    Tried in this order: characters that can not stand there replaced by what they look like, one
    look-alike, two neighbours swapped, the check character alone. Of unified codes those come first in
    which the organisation code's own check holds too.
    """
    code = clean(code) if len(code) <= _LONGEST else ""
    if len(code) == 18:
        region = code[2:8].translate(_TO_DIGIT)
        start = (code[:2] + region + code[8:]).translate(_NEVER_IN_USCC)
        tried = [
            *_near(start),
            *_near(code),
            *((start[:17] + uscc_check(start[:17]),) if start.isascii() else ()),
        ]
        found = [
            each for each in dict.fromkeys(tried) if valid_uscc(each) and each != code and each[:2] in BODIES
        ]
        found.sort(key=lambda each: organisation_check(each[8:16]) != each[16])
    elif len(code) == 15:
        start = code.translate(_TO_DIGIT)
        tried = [*_near(start)]
        if _registration_form(start) is not None:
            tried.append(start[:14] + str(mod_11_10.calc_check_digit(start[:14])))
        found = [each for each in dict.fromkeys(tried) if valid_registration(each) and each != code]
    elif len(code) == 9 and code.isascii() and code.isalnum():
        tried = [*_near(code[:8] + code[8].translate(_TO_DIGIT)), code[:8] + organisation_check(code[:8])]
        found = [each for each in dict.fromkeys(tried) if valid_organisation_code(each) and each != code]
    else:
        found = []
    return tuple(found[:10])


def _plausible(uscc: str) -> bool:
    """Whether kind of body and province (10: national) exist, so that only such codes are offered."""
    return uscc[:2] in BODIES and (uscc[2:4] == "10" or _province(uscc[2:4]) is not None)


def _near(code: str) -> Iterator[str]:
    """`code`, then with one look-alike, then with two neighbours swapped."""
    yield code
    for i, character in enumerate(code):
        for other in _ALIKE.get(character, ""):
            yield code[:i] + other + code[i + 1 :]
    for i in range(len(code) - 1):
        if code[i] != code[i + 1]:
            yield code[:i] + code[i + 1] + code[i] + code[i + 2 :]


def region_of(uscc: str) -> str:
    """The six digits of the office that registered the body (登记管理机关行政区划码); "100000" is national.

    The office, not the address, and as it was named then: use a record's own region where there is one.
    """
    return uscc[2:8]


def body_of(uscc: str) -> tuple[str, str] | None:
    """Department and kind of body in Chinese, by positions 1–2: ("市场监管", "企业"); None for an unknown
    pair.
    """
    return BODIES.get(uscc[:2])

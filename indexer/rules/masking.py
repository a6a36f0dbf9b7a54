"""Masking of persons (个人信息脱敏): names, numbers of persons, addresses, and a scan of free text for such
numbers.

Sources: 个人信息保护法 arts 6, 13, 28; 政府信息公开条例 arts 14–15; 市场监督管理行政处罚信息公示规定
(总局令45) arts 5–6; defaults of domain.md part 6. Everything works on text alone and is applied before the
index and the logs. In doubt a number that looks like a person's goes: an entry that is masked too much can
be asked for, one that leaked can not be called back.
"""

import re
import unicodedata
from collections.abc import Callable

from stdnum import luhn

from indexer.identifiers import valid_resident_number, valid_uscc

COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文"
        "司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生左丘"
        "东门西门第五梁丘贺兰纳兰完颜淳于单于",
    )
)
"""Surnames of two characters (复姓); kept whole when a given name follows."""

_between_names = re.compile(r"([、,，;；/／|]+)")
_blanks = re.compile(r"\s+")
_name_joints = "·•・. -*＊"

ID_HIDDEN = "[身份证号已隐去]"
"""What the public sees in place of an identity number."""


def mask_person(name: str) -> str:
    """A person's name with the given name hidden: 张三 → 张*, 欧阳娜娜 → 欧阳**. Several names may stand
    with 、 or commas between.

    A name of one character is hidden whole. A name already masked stays as it is.
    """
    return "".join(
        part if _between_names.fullmatch(part) else _mask_one(part) for part in _between_names.split(name)
    )


def _mask_one(name: str) -> str:
    name = name.strip()
    if not name.isascii():
        name = _blanks.sub("", name)  # 张　三, as tables set names to one width
    if len(name) == 1:
        return "*"
    kept = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:kept] + "".join(each if each in _name_joints else "*" for each in name[kept:])


def mask_phone(number: str) -> str:
    """A telephone number: 13812341234 → 138****1234, 0512-65221234 → 0512-****1234; others keep their last
    four digits.
    """
    digits = "".join(each for each in number if each.isdecimal())
    landline = re.match(r"\s*[(（]?(0\d{2,3})[)）\-\s]+", number)
    if landline is not None:
        return f"{landline[1]}-****{digits[-4:]}"
    if len(digits) > 11 and digits.startswith(("86", "0086")):
        digits = digits[-11:]
    if len(digits) < 7:
        return "****"
    return f"{digits[:3] if len(digits) == 11 else ''}****{digits[-4:]}"


def mask_id(number: str) -> str:
    """An identity number as staff may see it: the first three and the last four characters. The public sees
    `ID_HIDDEN`.
    """
    number = _blanks.sub("", number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:] if len(number) >= 15 else "*" * len(number)


def mask_bank_card(number: str) -> str:
    """A bank card or account number: only the last four digits stay, 6222021234567890123 →
    ***************0123.
    """
    digits = "".join(each for each in number if each.isdecimal())
    return "*" * (len(digits) - 4) + digits[-4:] if len(digits) >= 8 else "*" * len(digits)


_places = re.compile(
    r"(?:[^省市区县州盟旗]{1,10}(?:省|自治区|特别行政区))?(?:[^省市区县盟旗]{1,12}(?:市|自治州|地区|盟))?"
    r"(?:[^省市区县盟旗]{1,14}(?:自治县|区|县|市|旗)){0,2}"
)
_street = re.compile(r"[^0-9０-９]*?(?:街道|大道|大街|[镇乡路街巷弄村])")


def mask_address(text: str) -> str:
    """An address to street level (街道): 苏州市相城区元和街道春申湖路1号 → 苏州市相城区元和街道***."""
    text = text.strip()
    place = _places.match(text)
    end = place.end() if place is not None else 0
    street = _street.match(text, end)
    kept = text[: street.end() if street is not None else end]
    return kept if kept == text else kept + "***"


# Scan of free text. Matching is done on a shadow of the text, of the same length, with full-width
# characters as ASCII.

_digit_or_at = re.compile(r"[\d@＠]").search
_invisible = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_other_digit = re.compile(r"(?![0-9])\d")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_CARD = r"(?:[3456]\d|2[2-7]|95|81)\d\d"
_NO_AMOUNT = r"(?!\d|\.\d|\s*(?:[百千]?[万亿]|[美欧日]?元(?!旦)))"
_NOT_IN_CODE = r"(?<![A-Za-z0-9])(?<!\d\.)(?<![A-Za-z][-/])"
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"


# Seven digits with what may stand between them, a mail address or a number plate: without these no rule can
# match.
_suspicious = re.compile(rf"(?:\d[ ()*-]*){{7}}|\d{{6}} *\*|@|[{_PLATES}][A-Za-z]").search


def _compact(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def _if_resident(found: str) -> str | None:
    return ID_HIDDEN if valid_resident_number(_compact(found)) else None


def _if_bank_card(found: str) -> str | None:
    digits = _compact(found)
    usual = digits.startswith("62") or len(digits) in (16, 19)
    return mask_bank_card(digits) if usual and luhn.is_valid(digits) and not valid_uscc(digits) else None


def _if_plate(found: str) -> str | None:
    return f"{found[:2]}****" if re.search(r"\d", found) else None


def _mail(found: str) -> str:
    return f"{found[0]}***{found[found.index('@') :]}"


_Mask = Callable[[str], str | None]

_WORD_THEN = r"[\s:：为是.(]*"
_ID_WORD = r"(?:身份证|居民证|证件)(?:件)?(?:号码|号|编号)?"
_ACCOUNT_WORD = r"(?:银行卡|账户?|帐户?|卡)(?:号码|号|户)"
_PHONE_WORD = r"(?:电话|手机|座机|传真|热线|联系方式|微信|QQ|(?<![a-z])(?:tel|phone|mobile|fax))(?:号码|号)?"
_PLATE_REST = (
    r"(?:[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳试超])(?![A-Z0-9])"
)

_RULES: tuple[tuple[re.Pattern[str], _Mask], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), mask)
    for pattern, mask in (
        # What a word says is a person's number, whatever its check. The word stays, group 1 goes.
        (
            rf"{_ID_WORD}{_WORD_THEN}(\d{{6}}[\d *-]{{6,14}}[\dx*]|\d{{14}}[\dx])(?![0-9a-z])",
            lambda _: ID_HIDDEN,
        ),
        (rf"{_ACCOUNT_WORD}{_WORD_THEN}(\d[\d -]{{6,34}}\d)(?![0-9a-z])", mask_bank_card),
        (rf"{_PHONE_WORD}{_WORD_THEN}(\+?\d[\d ()-]{{5,18}}\d)(?![0-9a-z])", mask_phone),
        # 18 characters: province, day of birth and check are proof enough to look inside longer runs, too.
        (rf"({_PROVINCE}\d{{4}}(?:19|20)\d\d{_MONTH_DAY}\d{{3}}[\dx])", _if_resident),
        (
            rf"(?<![0-9a-z])({_PROVINCE}\d{{4}}[ -]?(?:19|20)\d\d[ -]?{_MONTH_DAY}[ -]?\d{{3}}[\dx])",
            _if_resident,
        ),
        # 15 characters, without check; nobody with one was born before 1920.
        (
            rf"(?<![0-9a-z])({_PROVINCE}\d{{4}}[2-9]\d{_MONTH_DAY}\d{{3}})(?![0-9a-z]|\.\d)",
            lambda _: ID_HIDDEN,
        ),
        (
            rf"(?<![0-9a-z])(?<!\d\.)({_CARD}(?:[ -]?\d{{4}}){{3}}(?:[ -]?\d{{1,3}})?)(?![0-9a-z]|\.\d)",
            _if_bank_card,
        ),
        (
            rf"{_NOT_IN_CODE}(?:\+?(?:00)?86[ -]?)?(1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}){_NO_AMOUNT}(?![a-z])",
            mask_phone,
        ),
        (rf"{_NOT_IN_CODE}([(]?0[1-9]\d{{1,2}}[) -]{{1,2}}[2-9]\d{{6,7}}){_NO_AMOUNT}(?![a-z])", mask_phone),
        (rf"([{_PLATES}][A-HJ-NP-Z][ ·•・-]?{_PLATE_REST})", _if_plate),
        (r"([a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4})", _mail),
    )
)


def scan(text: str) -> str:
    """`text` without numbers of persons: identity numbers, telephones, bank cards, number plates; mail
    addresses cut short.

    Unified codes, certificate and document numbers, amounts and dates stay as they are, and a text without
    digits and @ is given back unchanged. Full-width digits are seen too; invisible characters, which could
    part a number, are taken out.
    """
    if _digit_or_at(text) is None:
        return text
    text = _invisible.sub("", text)
    shadow = text if text.isascii() else _shadow(text)
    if _suspicious(shadow) is None:
        return text
    hidden: list[tuple[int, int, str]] = []
    for pattern, mask in _RULES:
        match = pattern.search(shadow)
        while match is not None:
            start, end = match.span(1)
            shown = mask(match[1])
            if shown is not None:
                hidden.append((start, end, shown))
                shadow = shadow[:start] + "\0" * (end - start) + shadow[end:]
            match = pattern.search(shadow, end if shown is not None else match.start() + 1)
    return _with(text, hidden) if hidden else text


def _shadow(text: str) -> str:
    """`text` with full-width characters and foreign digits as ASCII, character by character."""
    return _other_digit.sub(lambda match: str(unicodedata.decimal(match[0])), text.translate(_HALF_WIDTH))


def _with(text: str, hidden: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, shown in sorted(hidden):
        parts += (text[position:start], shown)
        position = end
    return "".join((*parts, text[position:]))


_personal_header = re.compile(
    r"身份证|证件号|护照|电话|手机|座机|传真|联系方式|联系人|邮箱|微信|银行[卡账帐]|[账帐]号|卡号|开户|车牌|号牌|住址|家庭|户籍|"
    r"出生|生日|民族|婚姻|健康|病历|病情|监护|举报人|投诉人|"
    r"zjhm|sfz|idcard|identity|passport|phone|mobile|bankcard|bankaccount|accountno|plate|birth|email|wechat|(?<![a-z])(?:tel|fax|qq)(?![a-z])"
).search


def personal_header(header: str) -> bool:
    """Whether an unknown column of this header is never shown: numbers and ways to reach, recognise or find
    a person (domain.md 6).
    """
    folded = unicodedata.normalize("NFKC", header).casefold()
    return _personal_header(folded) is not None or _personal_header(re.sub(r"[\s_-]", "", folded)) is not None

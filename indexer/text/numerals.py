"""Numbers in Chinese and in digits (数字写法): one writing where it is certain that a number is meant, nothing touched elsewhere.

    after 第, and before 局 处 厂 院 所 队 公司 …    第3建筑, 第叁建筑 → 第三建筑    中铁12局 → 中铁十二局
    before 号                                       一百二十三号, 壹佰贰拾叁号 → 123号    第三号 → 第3号
    digit by digit, over a zero or before 年         二〇二六, 二○二六, 二零二六 → 2026    四0二队 → 402队    一九九八年 → 1998年

In Chinese where names have them so: registered names are written in characters (企业名称登记管理规定, 2020, art. 5), so their words and
Pinyin stay and whoever types digits is brought to them. In digits before 号, as document numbers are.

一, 三, 万, 百 are characters like any other in 三一重工, 一汽, 万科, 百度, 三星. Therefore these are not folded: a single numeral before 号
(一号店); digits of three figures after 第 (104 is said 一百零四 or 一〇四); digits without a zero (五八, 三六五); 万 and 亿; and what nobody
writes as a number (三百五号). 零 is a digit only between digits or before 年: 三一零部件 stays.
"""

import re
from collections.abc import Iterator

_PLAIN = "零一二三四五六七八九"
_TO_PLAIN = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_TO_COUNT = str.maketrans("两〇○0", "二零零零")
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NAMED_UNITS = ("", *_UNITS)

_NUMERAL = "〇○零一二三四五六七八九十百千两壹贰叁肆伍陆柒捌玖拾佰仟"
_LONGER = f"{_NUMERAL}万亿兆0-9a-z"
"""What beside a number makes it a part of something longer."""

_HINT = re.compile("[0-9〇○零第号年]")
_NUMBER = re.compile(
    rf"""[第1-9{_NUMERAL}]  # one set first: the rest of a text is passed over quickly
    (?: (?<=第) (?: [{_NUMERAL}][{_NUMERAL}0]* | [1-9][0-9]?(?=\W*[^\W{_LONGER}号]) )
      | (?<=[\u4e00-\u9fff][1-9]) (?<![第{_LONGER}].) [0-9]?
        (?=局|处|厂|院|所|队|中学|小学|医院|公司|分公司|分局|分厂)
      | (?<=[{_NUMERAL}]) (?<![{_LONGER}].) [{_NUMERAL}0]+(?![{_LONGER}])
    )""",
    re.VERBOSE,
)


def folded(text: str) -> str:
    """`text`, normalised otherwise, with its numbers in the one writing. Doing it twice changes nothing."""
    if not _HINT.search(text):
        return text
    return _NUMBER.sub(_written, text)


def folds(text: str) -> Iterator[tuple[int, int, str]]:
    """What `folded` replaces, in order: from where, to where, by what."""
    for found in _NUMBER.finditer(text):
        if (written := _written(found)) != found[0]:
            yield found.start(), found.end(), written


def _written(found: re.Match[str]) -> str:
    """The one writing of what may be a number."""
    number = found[0].removeprefix("第")
    head = "第" if number != found[0] else ""
    if number.isascii():
        return head + _chinese(int(number))
    plain = number.translate(_TO_PLAIN)
    behind = found.string[found.end() : found.end() + 1]
    if _digit_by_digit(plain, behind):
        return head + "".join(str(_PLAIN.index(digit)) for digit in plain.translate(_TO_COUNT))
    if behind == "号" and (head or len(plain) > 1) and (value := _value(plain)):
        return head + str(value)
    return head + plain if head else number


def _digit_by_digit(plain: str, behind: str) -> bool:
    """Whether a run is read so: three digits and more over a zero, or four before 年."""
    digits = plain.translate(_TO_COUNT)
    if "两" in plain or len(digits) < 3 or digits.startswith("零") or not set(digits) <= set(_PLAIN):
        return False
    if behind == "年" and len(digits) == 4:
        return True
    return "零" in digits and not plain.endswith("零") and re.fullmatch(f"[{_LONGER}]", behind) is None


def _value(plain: str) -> int:
    """The value of a number below ten thousand as it is properly written, 0 for anything else."""
    counted = plain.translate(_TO_COUNT)
    total = digit = 0
    for character in counted:
        if unit := _UNITS.get(character):
            total, digit = total + (digit or 1) * unit, 0
        else:
            digit = _PLAIN.index(character)
    total += digit
    proper = counted[1:] if counted.startswith("一十") else counted
    return total if total < 10_000 and _chinese(total) == proper else 0


def _chinese(number: int) -> str:
    """A number from 1 to 9,999 in Chinese: 12 is 十二, 120 一百二十, 1005 一千零五; "" for 0."""
    digits = str(number)
    written = "".join(
        "零" if digit == "0" else _PLAIN[int(digit)] + _NAMED_UNITS[len(digits) - place]
        for place, digit in enumerate(digits, 1)
    )
    written = re.sub("零+", "零", written).rstrip("零")
    return written[1:] if written.startswith("一十") else written

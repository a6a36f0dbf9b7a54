"""One row of a list of bidders (名单的一行): what in it is a code and what a name, and what spreadsheets did to them, explained."""

import re
from collections.abc import Iterable, Iterator

from indexer.errors import InvalidParameter
from indexer.identifiers import InvalidCode, clean, parse_codes, valid_organisation_code
from indexer.rules.masking import scan
from indexer.sources.cells import EMPTY_WORDS, fold, is_damaged_number, unusual
from indexer.sources.table import legible, spoilt_reason
from indexer.text.names import FORMS
from indexer.text.normalise import key
from portal.checks.first_rows import FirstRows
from portal.checks.model import Bidder, Note

BIDDERS_MOST = 100_000
"""Bidders of one check. More are refused, not cut."""

LONGEST_CODE, LONGEST_NAME = 64, 300  # characters, as for the columns of the register
_SHOWN = 40  # characters of a cell that a note quotes

_wrapped = re.compile(r"""=\s*"([^"]*)"|["'’‘`]+(.*?)["'’‘`]*""", re.DOTALL).fullmatch
_with_zeros = re.compile(r"([0-9]{8,20})\.0+").fullmatch
_thousands = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.0+)?").fullmatch
_many_digits = re.compile(r"[0-9]{16,}").fullmatch
_day = re.compile(
    r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
).fullmatch
_no_code_mark = re.compile(r"[^0-9A-Za-z \-－—–]").search
_old_number = re.compile(r"企[合独作股][\u4e00-\u9fff]{1,6}字第[0-9]{6}号?").fullmatch
_hidden = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_trailing_bracket = re.compile(r"\s*[(（\[【][^()（）\[\]【】]*[)）\]】]\s*$")
_ideographs = re.compile("[\u3400-\u9fff]")
_latin_company = re.compile(
    r"(?i)\b(?:co\.?,? ?ltd|ltd|limited|inc|llc|corp|gmbh|plc|ag|s\.a)\b\.?\s*$"
).search
_ends = (
    *FORMS,
    *(
        "医院",
        "学校",
        "大学",
        "学院",
        "研究院",
        "研究所",
        "设计院",
        "勘察院",
        "事务所",
        "检测所",
        "协会",
        "学会",
        "委员会",
        "局",
    ),
)
_LABEL = r"(?:(?:统一)?(?:社会)?信用代码|组织机构代码|(?:工商)?注册号|代码|(?i:uscc|code))"
_embedded = re.compile(
    rf"[(（\[【]?[ \t]{{0,3}}{_LABEL}?[ \t]{{0,3}}[:：]?[ \t]{{0,3}}"
    r"(?<![0-9A-Za-z])([0-9A-Za-z]{18}|[0-9]{15}|[0-9A-Za-z]{8}-[0-9Xx])(?:\.0)?(?![0-9A-Za-z])[ \t]{0,3}[)）\]】]?"
)
_name_label = re.compile(r"^(?:投标人|投标单位|供应商|单位|企业|公司)?(?:名称)?[:：]\s*")


def bidders(found: Iterable[tuple[str, str, tuple[Note, ...]]], where: str) -> Iterator[Bidder]:
    """Bidders numbered from 1, each from a code, a name ("" where there is none) and what is known about its row already.

    Every element gives one bidder. Codes that a spreadsheet lost, persons' identity numbers and the like are left out and noted; so is
    a bidder that stood further up. Raises `InvalidParameter(where)` when there are none, or more than `BIDDERS_MOST`.
    """
    seen = _Seen()
    row = 0
    for row, (given_code, given_name, before) in enumerate(found, 1):
        if row > BIDDERS_MOST:
            raise InvalidParameter(
                where,
                f"投标人超过 {BIDDERS_MOST:,} 个，请分几次核查。",
                f"more than {BIDDERS_MOST:,} bidders; check them in several turns",
            )
        notes = [*before]
        code, name = _code(given_code, bool(given_name.strip()), notes), _name(given_name, notes)
        if not code and not name:
            notes.append(_NOTHING)
        first = seen.before(code, name, row)
        if first is not None:
            notes.append(_repeated(first))
        yield Bidder(row, code, name, tuple(notes))
    if not row:
        raise InvalidParameter(
            where,
            "没有读到投标人。请每行填写一个：统一社会信用代码、名称，或两者都有。",
            "no bidders were found; give one a row: its code, its name or both",
        )


class _Seen:
    """Where each bidder stood first."""

    def __init__(self) -> None:
        self._rows = FirstRows()

    def before(self, code: str, name: str, row: int) -> int | None:
        """The row where the same bidder stood before this one, None where it did not.

        Different codes are different bidders, whatever their names; a name alone is whoever had that name first.
        """
        first = self._rows.first(clean(code), row) if code else row
        if name and first == row:
            by_name = self._rows.first(key(name), row)
            first = first if code else by_name
        return first if first != row else None


def _code(given: str, has_name: bool, notes: list[Note]) -> str:
    """The code of a row, "" with a note where what stands there can not be one any more."""
    if given.isascii() and given.isalnum() and len(given) == 18 and not given.isdecimal():
        return given if not _is_personal(given) else _left_out(notes, _PERSONAL)
    if spoilt_reason(given) is not None:
        return _left_out(notes, _spoilt(legible(given), has_name))
    text = fold(_hidden.sub("", legible(given))).strip()
    if text in EMPTY_WORDS:
        return ""
    plain = _mended(text)
    if is_damaged_number(plain) or _is_rounded(plain):
        return _left_out(notes, _lost(text, has_name))
    if _day(plain):
        return _left_out(notes, _is_day(text))
    if len(plain) > LONGEST_CODE:
        return _left_out(notes, _too_long(plain, "代码", "code", LONGEST_CODE))
    if _is_personal(plain):
        return _left_out(notes, _PERSONAL)
    if plain != text:
        notes.append(_read_as(text, plain))
    return plain


def _name(given: str, notes: list[Note]) -> str:
    """The name of a row in one line, "" with a note where it is no name."""
    if not given:
        return ""
    if spoilt_reason(given) is not None:
        return _left_out(notes, _spoilt(legible(given), False))
    text = given.strip()
    if unusual(text):
        shown = legible(text)
        if shown != text or "\ufffd" in text or _hidden.search(text):
            notes.append(_DAMAGED)
        text = _hidden.sub("", shown)
    if len(text) > LONGEST_NAME:
        return _left_out(notes, _too_long(text, "名称", "name", LONGEST_NAME))
    if "\n" in text and (text.count("\n") > 2 or _embedded.search(text.partition("\n")[2])):
        notes.append(_SEVERAL_LINES)
    text = " ".join(_mended(text).split())
    if text in EMPTY_WORDS:
        return ""
    if text and not any(map(str.isalpha, text)):
        return _left_out(notes, _no_name(text))
    masked = scan(text)
    if masked != text:
        notes.append(_PERSONAL)
    return masked


def _mended(text: str) -> str:
    """Without what keeps a spreadsheet from calculating (`'`, `="…"`), thousands separators and `.0`."""
    if len(text) > LONGEST_NAME:
        return text
    if wrapped := _wrapped(text):
        text = (wrapped[1] if wrapped[1] is not None else wrapped[2]).strip()
    if _thousands(text):
        text = text.replace(",", "")
    if zeros := _with_zeros(text):
        text = zeros[1]
    return text


def _is_rounded(text: str) -> bool:
    """Whether digits are a code cut to the 15 that spreadsheets keep: `913205000000000000`.

    A true code may end so too; it then has both its check characters right, as one in 341 cut ones has by chance.
    """
    if not _many_digits(text) or not text.endswith("0" * (len(text) - 15)) or _is_personal(text):
        return False
    try:
        return len(text) != 18 or bool(parse_codes(text).flags)
    except InvalidCode:
        return True


def _is_personal(text: str) -> bool:
    try:
        parse_codes(text)
    except InvalidCode as error:
        return error.personal
    return False


def is_code(cell: str) -> bool:
    """Whether a cell holds a code and nothing else: a unified code even if mistyped or lost to a number, an organisation code with the
    right check character or a hyphen, a registration number. Telephone numbers, amounts and days are none.
    """
    if spoilt_reason(cell) is not None:
        return is_damaged_number(legible(cell)) or bool(_many_digits(legible(cell)))
    text = _mended(fold(cell).strip())
    if len(text) > LONGEST_CODE or _no_code_mark(text):
        return is_damaged_number(text) or _old_number(text) is not None
    code = clean(text)
    if not code.isascii() or _day(text):
        return False
    digits = sum(map(str.isdecimal, code))
    if len(code) == 9:
        return digits >= 4 and (text[-2:-1] == "-" or valid_organisation_code(code))
    return (15 <= len(code) <= 20 and digits >= 8) or is_damaged_number(text)


def likeness(cell: str) -> int:
    """How much a cell looks like a bidder's name: 3 with a legal form or the like at its end, 2 for some length, 1 for text, 0 for none."""
    if spoilt_reason(cell) is not None or not any(map(str.isalpha, cell)) or is_code(cell):
        return 0
    text = _trailing_bracket.sub("", cell[: LONGEST_NAME + 1]).strip()
    if (text.endswith(_ends) and len(text) >= 4) or _latin_company(text):
        return 3
    return 2 if len(_ideographs.findall(text)) >= 4 else 1


def told_apart(code: str, name: str) -> tuple[str, str]:
    """Code and name of a row in which they may stand in the wrong cell, or both in one (`示例公司（91…）`)."""
    if len(code) == 18 and code.isascii() and code.isalnum() and (not name or name[0] > "\x7f"):
        return code, name  # as nearly all stand
    if (is_code(name) and not is_code(code)) or (likeness(code) > 1 and not name.strip()):
        code, name = name, code
    if not code.strip() and name.strip():
        return split(name)
    return code, name


def split(cell: str) -> tuple[str, str]:
    """The code within a text and the rest as the name; ("", cell) where it has none."""
    if is_code(cell):
        return cell, ""
    if len(cell) > LONGEST_CODE + LONGEST_NAME or spoilt_reason(cell) is not None:
        return "", cell
    text = fold(cell)
    for found in _embedded.finditer(text):
        if is_code(found[1]):
            return found[1], _name_label.sub("", f"{text[: found.start()]} {text[found.end() :]}".strip())
    return "", _name_label.sub("", cell.strip())


def shown(cell: str) -> str:
    """A cell as a note may quote it: one short line, without numbers of persons."""
    text = " ".join(_hidden.sub("", scan(legible(cell[:1000]))).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _left_out(notes: list[Note], note: Note) -> str:
    notes.append(note)
    return ""


_NOTHING = Note(
    "nothing-to-look-up",
    "这一行没有可用的代码和名称，无法查找。合并的单元格只有第一行有内容，请取消合并后逐行填写。",
    "This row has neither a usable code nor a name and can not be looked up. Merged cells have content in their first row only: "
    "unmerge them and fill in each row.",
)
_PERSONAL = Note(
    "personal-number",
    "这一行有像是个人号码（身份证、电话等）的内容，未予保存和查询。请填写单位的统一社会信用代码和名称。",
    "This row has what looks like a person's number (identity, telephone); it is neither kept nor searched. Give the organisation's "
    "unified code and name.",
)
_DAMAGED = Note(
    "damaged-text",
    "名称里有无法显示的字符，可能是文字编码不一致，请核对读到的名称。",
    "The name has characters that can not be shown, perhaps of another encoding; check it as it was read.",
)


_SEVERAL_LINES = Note(
    "several-lines",
    "名称一格里有多行内容，可能有引号没有成对，把几个投标人并进了一格。请检查这一行。",
    "The cell of the name has several lines; a quote may not be closed, so that several bidders fell into one cell. Check this row.",
)


def _repeated(first: int) -> Note:
    return Note("repeated", f"与第 {first} 个投标人相同。", f"The same bidder as number {first}.")


def _lost(text: str, has_name: bool) -> Note:
    zh, en = (
        ("本行改按名称查找。", "This row is looked up by its name.")
        if has_name
        else ("本行没有名称，无法查找。", "This row has no name and can not be looked up.")
    )
    return Note(
        "code-lost",
        f"代码“{shown(text)}”被电子表格存成了数值，后几位已经丢失，无法还原。请先把这一列设为“文本”格式，再重新填写完整代码。{zh}",
        f"The spreadsheet saved the code as the number {shown(text)}; its last digits are lost. Format the column as text first, then "
        f"enter the whole code again. {en}",
    )


def _spoilt(text: str, has_name: bool) -> Note:
    if is_damaged_number(text) or _many_digits(text):
        return _lost(text, has_name)
    return Note(
        "formula",
        f"单元格里的公式（{shown(text)}）没有结果或结果是错误，未采用。请改为填写内容本身（复制后“选择性粘贴”为数值）。",
        f"The formula in the cell ({shown(text)}) has no result or an error and is not used. Enter the content itself (copy, then paste "
        "special as values).",
    )


def _is_day(text: str) -> Note:
    return Note(
        "code-is-a-date",
        f"代码一栏里是日期（{shown(text)}），未采用。",
        f"There is a date where the code should be ({shown(text)}); it is not used.",
    )


def _too_long(text: str, zh: str, en: str, most: int) -> Note:
    return Note(
        "too-long",
        f"{zh}超过 {most} 个字符（{shown(text)}），未采用；可能有引号没有成对，后面的行被并进了这一格。",
        f"The {en} has more than {most} characters ({shown(text)}) and is not used; a quote may not be closed, so that following lines "
        "fell into this cell.",
    )


def _no_name(text: str) -> Note:
    return Note(
        "no-name",
        f"名称一栏里的“{shown(text)}”不是名称，未采用。",
        f"What stands as the name ({shown(text)}) is none and is not used.",
    )


def _read_as(text: str, plain: str) -> Note:
    return Note(
        "code-mended",
        f"代码“{shown(text)}”按“{shown(plain)}”读取。",
        f"The code {shown(text)} was read as {shown(plain)}.",
    )

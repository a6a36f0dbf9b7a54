"""A check as a workbook (核查结果 XLSX), to be read on the screen, printed and filed; and the empty one that bidders are entered in."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from indexer.clock import SHANGHAI
from portal.checks.model import Bidder, Candidate, Certainty, Match, Met, Note

Standing = Literal["clear", "restricted", "banned", "unknown"]
"""Where a bidder stands in a domain; `unknown` where it is not known who it is."""


@dataclass(frozen=True, slots=True)
class DomainCell:
    """The status in one domain. `until`: the last day; None with `restricted` no known end, with `banned` for life."""

    status: Standing
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RequirementCell:
    """Whether one requirement is met, and the text: the certificate's number, or why not."""

    met: Met
    text: str = ""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One bidder's line. `domains` and `requirements` stand in the order of `About`; `reasons` and `ties` are sentences, one a line."""

    bidder: Bidder
    match: Match
    domains: tuple[DomainCell, ...]
    requirements: tuple[RequirementCell, ...] = ()
    reasons: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What stands over the whole result. `domains` and `requirements` are the headings of their columns, in the reader's language.

    `known_at` and `made_at` are aware instants, shown in Beijing time; `verify_url` is where the receipt's `number` can be confirmed, "" where
    there is no such page.
    """

    project: str
    as_of: date
    known_at: datetime
    made_at: datetime
    register_version: str
    rule_version: str
    number: str
    hash: str
    domains: tuple[str, ...]
    requirements: tuple[str, ...] = ()
    verify_url: str = ""
    english: bool = False


_CELL_MOST = 32_000  # characters; Excel takes 32,767
_HEADER_ROWS = 1
_unprintable = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

# A sign, a word and a fill that differ without colour too: none, hatched, solid dark with white letters.
_SIGNS = {"clear": "○", "restricted": "▲", "banned": "■", "unknown": "？"}
_STANDINGS = {
    "clear": ("无限制", "clear"),
    "restricted": ("受限", "restricted"),
    "banned": ("禁止", "banned"),
    "unknown": ("未核查", "not checked"),
}
_STYLE_OF_STANDING = {"clear": "text", "restricted": "warn", "banned": "bad", "unknown": "open"}
_METS = {
    "met": ("✓ 符合", "✓ met"),
    "not_met": ("✗ 不符合", "✗ not met"),
    "unknown": ("？ 无法判断", "？ not known"),
}
_STYLE_OF_MET = {"met": "text", "not_met": "warn", "unknown": "open"}
_CERTAINTIES: dict[Certainty, tuple[str, str]] = {
    "exact": ("代码一致", "by code"),
    "certain": ("名称唯一对应", "by name, one subject only"),
    "uncertain": ("？ 不能确定，请核对", "？ uncertain, please check"),
    "none": ("？ 没有找到", "？ not found"),
}
_HEADINGS = (
    ("序号", "No.", 6),
    ("填写的代码", "Code as given", 22),
    ("填写的名称", "Name as given", 28),
    ("识别结果", "Match", 16),
    ("统一社会信用代码", "Unified code", 22),
    ("主体名称", "Subject", 28),
    ("总体", "Overall", 12),
)
_AFTER = (
    ("受限原因", "Reasons", 60),
    ("备注", "Notes", 40),
    ("投标人之间的关联（仅供核实）", "Ties to look into", 36),
)
_DOMAIN_WIDTH, _REQUIREMENT_WIDTH = 14, 26
_STATUTORY = (
    "本结果依据公开记录生成，供核查参考。法定查询渠道仍是“信用中国”（www.creditchina.gov.cn）和中国政府采购网（www.ccgp.gov.cn）。",
    (
        "This result is made from public records, for reference. The statutory channels remain 信用中国 (Credit China, "
        "www.creditchina.gov.cn) and 中国政府采购网 (China Government Procurement Network, www.ccgp.gov.cn)."
    ),
)


def workbook(about: About, rows: Iterable[ResultRow]) -> bytes:
    """The result as XLSX: first a sheet on the check as a whole, then one line for each of `rows`, written as they come."""
    book = Workbook(write_only=True)
    for style in _styles():
        book.add_named_style(style)
    _explanation(book.create_sheet("About" if about.english else "说明"), about)
    sheet = book.create_sheet("Result" if about.english else "核查结果")
    headings = [*_HEADINGS, *((label, label, _DOMAIN_WIDTH) for label in about.domains)]
    headings += [(label, label, _REQUIREMENT_WIDTH) for label in about.requirements]
    headings += _AFTER
    _set_up(sheet, [width for _, _, width in headings], about)
    sheet.append([_cell(sheet, heading[about.english], "head") for heading in headings])
    last = _HEADER_ROWS
    for row in rows:
        sheet.append([_cell(sheet, text, style) for text, style in _line(row, about.english)])
        last += 1
    sheet.auto_filter.ref = f"A{_HEADER_ROWS}:{get_column_letter(len(headings))}{last}"
    return _bytes(book)


def template(*, english: bool = False) -> bytes:
    """An XLSX to enter bidders in: the code column holds text, so that no code becomes a number; two examples; a sheet that explains."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Bidders" if english else "投标人"
    for style in _styles():
        book.add_named_style(style)
    sheet.append(["uscc", "name"] if english else ["统一社会信用代码", "投标人名称"])
    for row in _EXAMPLES:
        sheet.append(list(row))
    for cell in sheet[1]:
        cell.style = "zhixin head"
    for letter, width in (("A", 26), ("B", 44)):
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].number_format = "@"
        for number in range(2, _TEMPLATE_ROWS):
            sheet[f"{letter}{number}"].number_format = "@"
    sheet.freeze_panes = "A2"
    notes = book.create_sheet("Instructions" if english else "填写说明")
    notes.column_dimensions["A"].width = 100
    for text in _INSTRUCTIONS:
        notes.append([text[english]])
    for (cell,) in notes.iter_rows():
        cell.style = "zhixin text"
    return _bytes(book)


_EXAMPLES = (("91329900PDY0010126", "示例建设有限公司"), ("", "示例电器有限公司"))
_TEMPLATE_ROWS = 1000  # formatted one by one; some programs pass over the format of a whole column
_INSTRUCTIONS = (
    (
        "每行填写一个投标人：代码、名称，或两者都填。有代码时以代码为准，名称用于核对。",
        "One bidder a row: its code, its name or both. Where there is a code it decides, and the name is compared with it.",
    ),
    (
        "代码可以是 18 位统一社会信用代码、9 位组织机构代码或 15 位工商注册号。",
        "A code is the unified code of 18 characters, the organisation code of 9 or the registration number of 15 digits.",
    ),
    (
        "代码列已设为“文本”格式，请勿改动：电子表格把长号码当作数值时，后几位会丢失且无法还原。",
        "The column of codes is formatted as text; leave it so. Where a spreadsheet takes a long code for a number, its last digits are lost.",
    ),
    (
        "从别处复制时，请用“选择性粘贴—数值”（或“匹配目标格式”），以保留文本格式。",
        "When you copy from elsewhere, paste values only, so that the format stays.",
    ),
    (
        "前两行是示例，请删除。列的先后不限，也可以保留自己的其他列。",
        "The first two rows are examples; delete them. Columns may stand in any order, and others may stay.",
    ),
    ("一次最多 100,000 个。", "At most 100,000 in one check."),
)


def _line(row: ResultRow, english: bool) -> Iterator[tuple[str | int, str]]:
    """Text and style of each cell of a bidder's line."""
    bidder, match = row.bidder, row.match
    known = match.certainty in ("exact", "certain")
    yield bidder.row, "text"
    yield bidder.id, "text"
    yield bidder.name, "text"
    yield _CERTAINTIES[match.certainty][english], "text" if known else "open"
    yield match.code or "", "text"
    yield match.name or "", "text"
    overall = _worst(row.domains) if known else "unknown"
    yield f"{_SIGNS[overall]} {_STANDINGS[overall][english]}", _STYLE_OF_STANDING[overall]
    for domain in row.domains:
        yield _standing(domain, english), _STYLE_OF_STANDING[domain.status]
    for requirement in row.requirements:
        yield (
            "\n".join(filter(None, (_METS[requirement.met][english], requirement.text))),
            _STYLE_OF_MET[requirement.met],
        )
    yield "\n".join(row.reasons), "text"
    yield "\n".join(_notes(bidder.notes + match.path, match.candidates, english)), "text"
    yield "\n".join(row.ties), "text"


def _worst(domains: Sequence[DomainCell]) -> Standing:
    """The gravest status; a domain that was not checked is graver than a clear one, since something may hide there."""
    order: tuple[Standing, ...] = ("banned", "restricted", "unknown")
    return next(
        (status for status in order if any(each.status == status for each in domains)),
        "clear" if domains else "unknown",
    )


def _standing(domain: DomainCell, english: bool) -> str:
    text = f"{_SIGNS[domain.status]} {_STANDINGS[domain.status][english]}"
    if domain.status not in ("restricted", "banned"):
        return text
    if domain.until is not None:
        return f"{text}\n{'until' if english else '至'} {domain.until.isoformat()}"
    if domain.status == "banned":
        return f"{text}\n{'for life' if english else '终身'}"
    return f"{text}\n{'no known end' if english else '期限未定'}"


def _notes(notes: Sequence[Note], candidates: Sequence[Candidate], english: bool) -> Iterator[str]:
    for note in notes:
        yield note.en if english else note.zh
    for each in candidates:
        why = each.why_en if english else each.why_zh
        yield f"{'Candidate' if english else '可能是'} {each.name} {each.code} ({each.score:.2f}) {why}".rstrip()


def _explanation(sheet: Worksheet, about: About) -> None:
    english = about.english
    _print(sheet, about)
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 96
    title = "Bidder check" if english else "投标人信用核查结果"
    sheet.append([_cell(sheet, title, "title")])
    for zh, en, value in (
        ("项目编号", "Project number", about.project or "—"),
        ("核查日", "As of", about.as_of.isoformat()),
        ("所据公开信息截至", "Public as known at", _instant(about.known_at)),
        ("生成时间", "Made at", _instant(about.made_at)),
        ("登记库版本", "Register version", about.register_version),
        ("规则版本", "Rule version", about.rule_version),
        ("回执编号", "Receipt number", about.number),
        ("回执校验值（SHA-256）", "Receipt hash (SHA-256)", about.hash),
        ("核验地址", "To be confirmed at", about.verify_url or "—"),
    ):
        sheet.append([_cell(sheet, en if english else zh, "head"), _cell(sheet, value, "text")])
    sheet.append([])
    sheet.append(
        [
            _cell(sheet, "Statutory channels" if english else "法定渠道", "head"),
            _cell(sheet, _STATUTORY[english], "text"),
        ]
    )
    sheet.append([])
    sheet.append([_cell(sheet, "Signs" if english else "图例", "head")])
    for status, style in _STYLE_OF_STANDING.items():
        sign = f"{_SIGNS[status]} {_STANDINGS[status][english]}"
        sheet.append([_cell(sheet, sign, style), _cell(sheet, _LEGEND[status][english], "text")])


_LEGEND = {
    "clear": ("在核查日没有公开的限制。", "No public restriction on that day."),
    "restricted": (
        "在核查日受限；原因和依据见“受限原因”。",
        "Restricted on that day; reasons and legal bases are under Reasons.",
    ),
    "banned": (
        "在核查日被禁止参加；原因和依据见“受限原因”。",
        "Banned on that day; reasons and legal bases are under Reasons.",
    ),
    "unknown": (
        "不能确定是哪一个主体，或没有核查；不表示没有限制。",
        "It is not certain which subject it is, or it was not checked; this does not say that there is no restriction.",
    ),
}


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} (UTC+8)"


def _set_up(sheet: Worksheet, widths: Sequence[int], about: About) -> None:
    """Screen and print of the result: the header stays in sight and stands on every page."""
    for index, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = f"D{_HEADER_ROWS + 1}"  # number, code and name stay too
    sheet.print_title_rows = f"1:{_HEADER_ROWS}"
    _print(sheet, about)


def _print(sheet: Worksheet, about: About) -> None:
    """A4 across, as wide as the page, with page numbers and the receipt's number on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer = sheet.oddFooter
    assert footer is not None
    page = "Page &P of &N" if about.english else "第 &P 页，共 &N 页"
    texts = (_plain(about.number).replace("&", "&&"), page, about.as_of.isoformat())
    for part, text in zip((footer.left, footer.center, footer.right), texts, strict=True):
        assert part is not None
        part.text = text


def _styles() -> list[NamedStyle]:
    thin = Side(style="thin", color="FF808080")
    border = Border(left=thin, right=thin, top=thin, bottom=thin)
    wrapped = Alignment(wrap_text=True, vertical="top")
    looks = {
        "title": (Font(bold=True, size=16), None),
        "head": (Font(bold=True), PatternFill("solid", fgColor="FFD9E2EC")),
        "text": (Font(), None),
        "open": (Font(italic=True), PatternFill("lightGray", fgColor="FF7F7F7F", bgColor="FFFFFFFF")),
        "warn": (Font(bold=True), PatternFill("lightUp", fgColor="FFE69F00", bgColor="FFFFFFFF")),
        "bad": (Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor="FF7A1F00")),
    }
    return [
        NamedStyle(
            f"zhixin {name}",
            font=font,
            fill=fill or PatternFill(),
            border=border if name != "title" else Border(),
            alignment=wrapped if name != "title" else Alignment(),
            number_format="@",
        )
        for name, (font, fill) in looks.items()
    ]


def _cell(sheet: Worksheet, value: str | int, style: str) -> Cell:
    """A cell that is a number or text, never a formula. Text that begins like one keeps Excel's mark for text when it is edited."""
    if isinstance(value, int):
        cell = WriteOnlyCell(sheet, value)
    else:
        text = _plain(value)
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
    cell.style = f"zhixin {style}"
    if isinstance(value, str) and value.startswith(_FORMULA):
        cell.quotePrefix = True
    return cell


def _plain(text: str) -> str:
    """`text` as XML and Excel can hold it."""
    text = _unprintable.sub("�", text)
    return text if len(text) <= _CELL_MOST else f"{text[:_CELL_MOST]}…"


def _bytes(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()

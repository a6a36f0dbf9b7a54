"""The result as a workbook: read back, everything stands where it should, as text, in signs that need no colour."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from portal.checks.model import Bidder, Candidate, Match, Note
from portal.checks.sheets import read_file
from portal.checks.workbook import About, DomainCell, RequirementCell, ResultRow, template, workbook

CODE = "91329900PDY0010126"
ABOUT = About(
    project="示例-2026-001",
    as_of=date(2026, 11, 23),
    known_at=datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
    made_at=datetime(2026, 11, 23, 1, 31, tzinfo=UTC),
    register_version="批次 17",
    rule_version="2026-11",
    number="ZX-7K2M-9QF4",
    hash="0123456789abcdef" * 4,
    domains=("招投标", "政府采购"),
    requirements=("质量管理体系认证 ISO 9001",),
    verify_url="https://zhixin.example/verify/ZX-7K2M-9QF4",
)
CLEAR, UNTIL, OPEN, LIFE, UNKNOWN = (
    DomainCell("clear"),
    DomainCell("restricted", date(2027, 3, 5)),
    DomainCell("restricted"),
    DomainCell("banned"),
    DomainCell("unknown"),
)
EXACT = Match("exact", CODE, "示例建设有限公司")
ROWS = (
    ResultRow(
        Bidder(1, CODE, "示例建设有限公司"),
        EXACT,
        (CLEAR, CLEAR),
        (RequirementCell("met", "99926Q10001R0S"),),
    ),
    ResultRow(
        Bidder(2, "", "示例电器有限公司"),
        Match(
            "certain",
            CODE,
            "示例电器有限公司",
            (Note("former-name", "按曾用名找到。", "Found by an earlier name."),),
        ),
        (UNTIL, LIFE),
        (RequirementCell("not_met", "2026-11-11 到期"),),
        ("招投标：甲。", "政府采购：乙。"),
        ("与第 1 个投标人住所相同。",),
    ),
    ResultRow(
        Bidder(3, "", "示例科技公司", (Note("code-lost", "代码丢失。", "Code lost."),)),
        Match("uncertain", candidates=(Candidate(CODE, "示例科技有限公司", 0.912, "字号相同", "same core"),)),
        (UNKNOWN, UNKNOWN),
        (RequirementCell("unknown"),),
    ),
    ResultRow(Bidder(4, "x", ""), Match("none"), (OPEN, CLEAR), (RequirementCell("unknown"),)),
)


def sheets(content: bytes) -> tuple[Worksheet, Worksheet]:
    first, second = load_workbook(io.BytesIO(content)).worksheets
    return first, second


def line(sheet: Worksheet, number: int) -> dict[str, Cell]:
    """The cells of a row by their headings."""
    pairs = zip(sheet[1], sheet[number], strict=True)
    return {str(head.value): cell for head, cell in pairs if isinstance(cell, Cell)}


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.fixture(scope="module")
def result() -> tuple[Worksheet, Worksheet]:
    return sheets(workbook(ABOUT, iter(ROWS)))


def test_the_first_sheet_says_what_the_check_is(result: tuple[Worksheet, Worksheet]) -> None:
    about, _ = result
    assert about.title == "说明"
    said = texts(about)
    for expected in (
        ABOUT.project,
        "2026-11-23",
        ABOUT.register_version,
        ABOUT.rule_version,
        ABOUT.number,
        ABOUT.hash,
        ABOUT.verify_url,
    ):
        assert expected in said
    assert "2026-11-23 09:30:00 (UTC+8)" in said  # Beijing time
    [statutory] = [text for text in said if "法定查询渠道" in text]
    assert "信用中国" in statutory and "中国政府采购网" in statutory


def test_every_bidder_has_its_line(result: tuple[Worksheet, Worksheet]) -> None:
    _, sheet = result
    assert sheet.max_row == 1 + len(ROWS)
    first, second, third, fourth = (
        {head: cell.value for head, cell in line(sheet, n).items()} for n in range(2, 6)
    )
    assert (first["序号"], first["填写的代码"], first["统一社会信用代码"], first["识别结果"]) == (
        1,
        CODE,
        CODE,
        "代码一致",
    )
    assert (first["招投标"], first["总体"]) == ("○ 无限制", "○ 无限制")
    assert first["质量管理体系认证 ISO 9001"] == "✓ 符合\n99926Q10001R0S"
    assert (second["招投标"], second["政府采购"]) == ("▲ 受限\n至 2027-03-05", "■ 禁止\n终身")
    assert (second["总体"], second["受限原因"]) == ("■ 禁止", "招投标：甲。\n政府采购：乙。")
    assert second["备注"] == "按曾用名找到。"
    assert second["投标人之间的关联（仅供核实）"] == "与第 1 个投标人住所相同。"
    assert str(third["备注"]).splitlines() == [
        "代码丢失。",
        f"可能是 示例科技有限公司 {CODE} (0.91) 字号相同",
    ]
    assert (third["统一社会信用代码"], third["总体"]) == (None, "？ 未核查")
    assert fourth["招投标"] == "▲ 受限\n期限未定"
    assert (fourth["识别结果"], fourth["总体"]) == (
        "？ 没有找到",
        "？ 未核查",
    )  # whatever its cells say: nobody was found


def test_in_english_there_are_the_same_lines_in_english() -> None:
    english = About(**{name: getattr(ABOUT, name) for name in ABOUT.__slots__} | {"english": True})
    about, sheet = sheets(workbook(english, ROWS))
    assert (about.title, sheet.title) == ("About", "Result")
    assert any("statutory channels" in text and "信用中国" in text for text in texts(about))
    second = line(sheet, 3)
    assert second["Notes"].value == "Found by an earlier name."
    assert second["政府采购"].value == "■ banned\nfor life"


def test_no_two_states_differ_by_colour_alone(result: tuple[Worksheet, Worksheet]) -> None:
    _, sheet = result
    clear, restricted, banned = line(sheet, 2)["招投标"], line(sheet, 3)["招投标"], line(sheet, 3)["政府采购"]
    unknown = line(sheet, 4)["招投标"]
    cells = (clear, restricted, banned, unknown)
    assert len({str(cell.value)[0] for cell in cells}) == len({cell.fill.fill_type for cell in cells}) == 4
    assert (clear.fill.fill_type, restricted.fill.fill_type, banned.fill.fill_type) == (
        None,
        "lightUp",
        "solid",
    )
    assert (
        luminance(banned.font.color.rgb) - luminance(banned.fill.fgColor.rgb) > 0.7
    )  # white on dark, on grey paper too
    assert banned.font.bold and restricted.font.bold and not clear.font.bold


def luminance(argb: str) -> float:
    red, green, blue = (int(argb[at : at + 2], 16) / 255 for at in (2, 4, 6))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_it_can_be_read_filtered_and_printed(result: tuple[Worksheet, Worksheet]) -> None:
    about, sheet = result
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == f"A1:{get_column_letter(sheet.max_column)}{len(ROWS) + 1}"
    assert sheet.print_title_rows == "$1:$1"
    for each in (about, sheet):
        assert (each.page_setup.orientation, str(each.page_setup.paperSize)) == ("landscape", "9")
        assert each.sheet_properties.pageSetUpPr is not None and each.sheet_properties.pageSetUpPr.fitToPage
        assert (each.page_setup.fitToWidth, each.page_setup.fitToHeight) == (1, 0)
        assert each.oddFooter is not None and each.oddFooter.center is not None
        assert each.oddFooter.center.text == "第 &P 页，共 &N 页"
    reasons = line(sheet, 3)["受限原因"]
    assert reasons.alignment.wrap_text and reasons.alignment.vertical == "top"
    assert sheet.column_dimensions[reasons.column_letter].width >= 40


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "\t=1", "\r=1", "=", "#REF!", "1", "2026-01-01"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(text: str) -> None:
    row = ResultRow(
        Bidder(1, text, text, (Note("n", text, text),)),
        Match("exact", text, text),
        (CLEAR, CLEAR),
        (RequirementCell("met", text),),
        (text,),
        (text,),
    )
    about = About(
        **{name: getattr(ABOUT, name) for name in ABOUT.__slots__}
        | {"project": text, "number": text, "requirements": (text,)}
    )
    content = workbook(about, [row])
    for sheet in sheets(content):
        assert all(cell.data_type in ("s", "n") for line in sheet.iter_rows() for cell in line)
        assert not any(isinstance(cell.value, float) for line in sheet.iter_rows() for cell in line)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "worksheets" in name)
    given = sheets(content)[1]["C2"]
    assert str(given.value) == text.replace("\r", "�")
    assert given.quotePrefix == text.startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=30)
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_can_be_written_and_comes_back(text: str) -> None:
    content = workbook(
        ABOUT, [ResultRow(Bidder(1, "", text), Match("none"), (CLEAR, CLEAR), reasons=(text * 1000,))]
    )
    back = str(sheets(content)[1]["C2"].value or "")
    assert len(back) == len(text)
    assert all(ours == theirs for ours, theirs in zip(back, text, strict=True) if ours != "�")


def test_a_check_of_nobody_is_a_workbook_too() -> None:
    assert sheets(workbook(ABOUT, []))[1].auto_filter.ref is not None


@pytest.mark.parametrize("english", [False, True])
def test_the_template_is_read_back_as_it_stands(english: bool) -> None:
    found = list(read_file(io.BytesIO(template(english=english)), "template.xlsx"))
    assert [(each.id, each.name, each.notes) for each in found] == [
        (CODE, "示例建设有限公司", ()),
        ("", "示例电器有限公司", ()),
    ]


def test_codes_typed_into_the_template_stay_text() -> None:
    first, notes = sheets(template())
    assert {first[f"A{number}"].number_format for number in range(2, 1000)} == {"@"}
    assert first.column_dimensions["A"].number_format == "@"
    assert first.freeze_panes == "A2"
    assert any("“文本”" in text for text in texts(notes))


def test_rows_are_taken_as_they_come() -> None:
    taken: list[int] = []

    def rows() -> Iterator[ResultRow]:
        for number in range(300):
            taken.append(number)
            yield ROWS[1]

    assert sheets(workbook(ABOUT, rows()))[1].max_row == 301
    assert taken == list(range(300))

"""Bidders are read from what people have; what a spreadsheet spoilt is said on its row, and no row is lost in silence."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from indexer.demo.codes import registration_number, unified_code
from indexer.errors import InvalidParameter
from portal.checks import entries
from portal.checks.model import Bidder
from portal.checks.sheets import read_file, read_paste, read_rows

A, B, C = (unified_code("91", serial) for serial in (1, 2, 3))
FIRM_A, FIRM_B, FIRM_C = "示例建设有限公司", "示例电器有限公司", "示例（苏州）科技股份有限公司"
PLAIN = [(A, FIRM_A), (B, FIRM_B), (C, FIRM_C)]
OPENING = datetime.fromisoformat("2026-11-23T09:30")  # of bids; cells know no zone
RESIDENT = "11010519491231002X"  # the example of GB 11643


def pairs(bidders: Sequence[Bidder]) -> list[tuple[str, str]]:
    assert [each.row for each in bidders] == list(range(1, len(bidders) + 1))
    return [(each.id, each.name) for each in bidders]


def codes_of_notes(bidder: Bidder) -> list[str]:
    assert all(note.zh and note.en.isprintable() and note.zh != note.en for note in bidder.notes)
    return [note.code for note in bidder.notes]


def from_bytes(content: bytes, name: str = "名单.csv") -> tuple[Bidder, ...]:
    return tuple(read_file(io.BytesIO(content), name))


def from_csv(text: str) -> tuple[Bidder, ...]:
    return from_bytes(text.encode())


def xlsx(*sheets: Sequence[Sequence[object]], merged: str = "") -> bytes:
    book = Workbook()
    for number, rows in enumerate(sheets, 1):
        sheet = book.active if number == 1 else book.create_sheet()
        assert sheet is not None
        sheet.title = f"表{number}"
        for row in rows:
            sheet.append(list(row))
        if merged:
            sheet.merge_cells(merged)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def refusal(content: bytes, name: str = "名单.csv") -> InvalidParameter:
    with pytest.raises(InvalidParameter) as caught:
        from_bytes(content, name)
    assert caught.value.where == "file" and caught.value.zh and caught.value.en
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{code}\t{name}" for code, name in PLAIN),
        "\r\n".join(f"{name},{code}" for code, name in PLAIN),
        "\n\n".join(f"{code}，{name}" for code, name in PLAIN),
        "\r".join(f"{name}、{code}" for code, name in PLAIN),
        "\n".join(f"{number}. {name} {code}" for number, (code, name) in enumerate(PLAIN, 1)),
        "\n".join(
            f"({number})\t{name}\t{code.lower()}" for number, (code, name) in enumerate(PLAIN, 1)
        ).replace("pdy", "PDY"),
        "\n".join(
            f"{number}\t{code}\t{name}\t张三\t13800000000" for number, (code, name) in enumerate(PLAIN, 1)
        ),
        "\n".join(f"{name}（统一社会信用代码：{code}）" for code, name in PLAIN),
        "投标人,统一社会信用代码\n" + "\n".join(f"{name},{code}" for code, name in PLAIN),
        "供应商名称\t地址\t代码\n" + "\n".join(f"{name}\t示例市示例路1号\t{code}" for code, name in PLAIN),
        "bidder;uscc\n" + "\n".join(f"{code};{name}" for code, name in PLAIN),  # the columns mixed up
        "；".join(f"{name}、{code}" for code, name in PLAIN),
        f"{A},{FIRM_A}\n{FIRM_B}\t{B}\n3、{FIRM_C} {C}",
    ],
)
def test_pasted_lines_are_read_in_any_order_and_separation(text: str) -> None:
    found = read_paste(text)
    assert [(code.upper(), name) for code, name in pairs(found)] == PLAIN
    assert all(set(codes_of_notes(each)) <= {"not-used"} for each in found)


def test_names_alone_and_codes_alone_are_bidders() -> None:
    assert pairs(read_paste(f"{FIRM_A}\n{B}\n{registration_number(7)}")) == [
        ("", FIRM_A),
        (B, ""),
        (registration_number(7), ""),
    ]


def test_several_companies_on_a_line_are_several_bidders() -> None:
    assert pairs(read_paste(f"{FIRM_A}、{FIRM_B}、{FIRM_C}")) == [("", name) for _, name in PLAIN]
    assert pairs(read_paste(f"投标人\n{FIRM_A}、{FIRM_B}")) == [("", FIRM_A), ("", FIRM_B)]


def test_what_is_not_used_of_a_line_is_named() -> None:
    [found] = read_paste("示例甲、示例乙")
    assert found.name == "示例甲"
    [note] = found.notes
    assert note.code == "not-used" and "示例乙" in note.zh and "示例乙" in note.en


def test_an_english_name_keeps_its_comma() -> None:
    assert pairs(read_paste(f"Example Widgets Co., Ltd., {A}")) == [(A, "Example Widgets Co., Ltd.")]


HEADED = [
    "统一社会信用代码,投标人",
    "信用代码,供应商",
    "社会信用代码,单位名称",
    "组织机构代码,企业名称",
    "注册号,公司名称",
    "代码,名称",
    "uscc,name",
    "ID, Bidder ",
    "信用代码/组织机构代码,投标人（全称）",
]


@pytest.mark.parametrize("header", HEADED)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_headings_and_encodings(header: str, encoding: str) -> None:
    text = f"{header}\n" + "".join(f"{code},{name}\n" for code, name in PLAIN)
    assert pairs(from_bytes(text.encode(encoding))) == PLAIN


def test_the_header_is_found_below_titles_and_columns_stand_anywhere() -> None:
    rows = [
        ("示例项目投标人名单",),
        ("开标日期", OPENING),
        ("序号", "投标人", "报价", "备注", "统一社会信用代码"),
        *((number, name, 123.5, None, code) for number, (code, name) in enumerate(PLAIN, 1)),
    ]
    assert pairs(from_bytes(xlsx(rows), "名单.xlsx")) == PLAIN


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_without_a_header_columns_are_told_by_what_they_hold(order: tuple[int, ...]) -> None:
    rows = [(str(number), name, code) for number, (code, name) in enumerate(PLAIN, 1)]
    text = "".join(",".join(row[at] for at in order) + "\n" for row in rows)
    assert pairs(from_csv(text)) == PLAIN
    assert pairs(from_bytes(xlsx([[row[at] for at in order] for row in rows]), "x.xlsx")) == PLAIN


def test_an_id_that_only_counts_the_rows_is_no_code() -> None:
    assert pairs(from_csv(f"id,name\n1,{FIRM_A}\n2,{FIRM_B}\n")) == [("", FIRM_A), ("", FIRM_B)]
    assert pairs(from_csv(f"id,name,uscc\n1,{FIRM_A},{A}\n2,{FIRM_B},\n")) == [(A, FIRM_A), ("", FIRM_B)]


def test_a_header_repeated_on_every_page_is_no_bidder() -> None:
    text = f"uscc,name\n{A},{FIRM_A}\nuscc,name\n{B},{FIRM_B}\n"
    assert pairs(from_csv(text)) == pairs(read_paste(text)) == PLAIN[:2]


def test_the_first_sheet_with_bidders_is_read_and_the_others_are_named() -> None:
    notice = [("投标须知",), ("请于规定时间提交",)]
    lot1, lot2 = [("代码", "名称"), PLAIN[0]], [("代码", "名称"), PLAIN[1]]
    [only] = from_bytes(xlsx(notice, lot1), "x.xlsx")
    assert (only.id, only.notes) == (A, ())
    [first] = from_bytes(xlsx(notice, lot1, lot2), "x.xlsx")
    assert first.id == A and codes_of_notes(first) == ["other-sheets"]
    assert "表3" in first.notes[0].zh and "表1" not in first.notes[0].zh


@pytest.mark.parametrize(
    "lost",
    ["9.13205E+17", "9.13205000000000E+17", "913205000000000000", "913205000000000000.0", "9.13205e17"],
)
def test_codes_that_excel_read_as_numbers_are_explained_and_the_name_is_used(lost: str) -> None:
    named, alone = from_csv(f"代码,名称\n{lost},{FIRM_A}\n{lost},\n")
    assert (named.id, named.name, codes_of_notes(named)) == ("", FIRM_A, ["code-lost"])
    assert (
        "“文本”" in named.notes[0].zh and "按名称" in named.notes[0].zh and "by its name" in named.notes[0].en
    )
    assert codes_of_notes(alone) == ["code-lost", "nothing-to-look-up"]
    assert "按名称" not in alone.notes[0].zh
    [pasted] = read_paste(f"{FIRM_A}\t{lost}")
    assert (pasted.id, pasted.name, codes_of_notes(pasted)) == ("", FIRM_A, ["code-lost"])


@pytest.mark.parametrize("number", [913205000000000000, 9.13205e17, 91320500123456789.0])
@pytest.mark.parametrize("header", [True, False])
def test_number_cells_of_a_workbook_are_lost_codes(number: float, header: bool) -> None:
    rows: list[tuple[object, ...]] = [(FIRM_A, number), (FIRM_B, number)]
    found = from_bytes(xlsx([("名称", "代码"), *rows] if header else rows), "x.xlsx")
    assert pairs(found) == [("", FIRM_A), ("", FIRM_B)]
    assert codes_of_notes(found[0]) == ["code-lost"]


def test_a_true_code_of_digits_that_ends_in_zeros_is_taken() -> None:
    true = next(code for serial in range(10**6) if (code := _of_digits(serial)).endswith("000"))
    [found] = read_rows([(true, "")])
    assert (found.id, found.notes) == (true, ())


def _of_digits(serial: int) -> str:
    from indexer.identifiers import organisation_check, uscc_check

    first16 = f"91329900{serial:08d}"
    first17 = first16 + organisation_check(first16[8:])
    return first17 + uscc_check(first17) if first17.isdecimal() else ""


@pytest.mark.parametrize("written", [f"'{A}", f"’{A}", f'="{A}"', f" {A} ", f'"{A}"'])
def test_signs_that_keep_excel_from_calculating_are_no_part_of_a_code(written: str) -> None:
    [found] = read_rows([(written, "")])
    assert found.id == A
    assert codes_of_notes(found) == ([] if written.strip() == A else ["code-mended"])


def test_a_registration_number_with_a_decimal_or_thousands_is_read_whole() -> None:
    number = registration_number(7)
    grouped = f"{int(number):,}"
    assert [each.id for each in read_rows([(f"{number}.0", ""), (grouped, "")])] == [number, number]
    [found] = from_bytes(xlsx([("注册号", "名称"), (int(number), FIRM_A)]), "x.xlsx")
    assert (found.id, found.notes) == (number, ())


def test_formulas_give_their_result_or_a_note() -> None:
    link = f'=HYPERLINK("https://example.invalid","{FIRM_A}")'
    rows = [("代码", "名称"), (A, link), ("#REF!", FIRM_B)]
    first, second = from_bytes(xlsx(rows), "x.xlsx")
    assert (first.id, first.name, codes_of_notes(first)) == (A, "", ["formula"])
    assert (second.id, second.name) == ("", FIRM_B)
    calculated = _with_result(xlsx(rows), link, FIRM_A)
    assert pairs(from_bytes(calculated, "x.xlsx"))[0] == (A, FIRM_A)


def _with_result(content: bytes, formula: str, result: str) -> bytes:
    """The workbook with the stored result of its one formula, as office programs save it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                text = part.decode()
                text, count = re.subn(
                    r'(<c r="B2")( t="[a-z]+")?>(<f>.*?</f>)<v ?/?>(</v>)?',
                    rf'\1 t="str">\3<v>{result}</v>',
                    text,
                )
                assert count == 1, text
                part = text.encode()
            new.writestr(name, part)
    return target.getvalue()


def test_merged_cells_leave_a_note_and_no_row_is_lost() -> None:
    rows = [("代码", "名称", "标段"), (A, FIRM_A, "一标段"), (None, None, "二标段"), (B, FIRM_B, "一标段")]
    found = from_bytes(xlsx(rows, merged="A2:A3"), "x.xlsx")
    assert pairs(found) == [PLAIN[0], ("", ""), PLAIN[1]]
    assert codes_of_notes(found[1]) == ["nothing-to-look-up"] and "合并" in found[1].notes[0].zh
    pasted = read_paste(f"代码\t名称\t标段\n{A}\t{FIRM_A}\t一标段\n\t\t二标段\n")
    assert pairs(pasted) == [PLAIN[0], ("", "")]


def test_a_date_with_a_time_is_no_code() -> None:
    [found] = from_bytes(xlsx([("代码", "名称"), (OPENING, FIRM_A)]), "x.xlsx")
    assert (found.id, found.name, codes_of_notes(found)) == ("", FIRM_A, ["code-is-a-date"])


def test_two_thousand_columns_are_read_and_more_refused() -> None:
    wide = [*(f"列{number}" for number in range(1998)), "代码", "名称"]
    cells = [*("" for _ in range(1998)), A, FIRM_A]
    assert pairs(from_csv(",".join(wide) + "\n" + ",".join(cells) + "\n")) == [PLAIN[0]]
    assert "2,000" in refusal((",".join(wide) + ",x\n" + ",".join(cells) + ",x\n").encode()).en


def test_the_same_bidder_twice_stays_two_rows_and_names_the_first() -> None:
    found = read_paste(
        f"{A} {FIRM_A}\n{B}\n{A.lower().replace('pdy', 'PDY')}\n{FIRM_B}\n示例（甲）公司\n示例(甲)公司\n{C} {FIRM_A}"
    )
    assert [codes_of_notes(each) for each in found] == [[], [], ["repeated"], [], [], ["repeated"], []]
    assert "第 1 个" in found[2].notes[0].zh and "number 5" in found[5].notes[0].en


def test_a_persons_number_is_neither_kept_nor_repeated() -> None:
    found = [
        *read_rows([(RESIDENT, "示例张三经营部"), ("", f"张三{RESIDENT}")]),
        *read_paste(f"张三 {RESIDENT}"),
    ]
    assert all("personal-number" in codes_of_notes(each) for each in found)
    assert RESIDENT not in repr(found)


@pytest.mark.parametrize("blank", ["", " ", "无", "/", "-", "N/A", "\u200b"])
def test_what_people_write_for_nothing_is_nothing(blank: str) -> None:
    assert pairs(tuple(read_rows([(blank, FIRM_A), (A, blank)]))) == [("", FIRM_A), (A, "")]


def test_damage_within_a_name_is_shown_and_named() -> None:
    content = (
        f"代码,名称\n{A},{FIRM_A}\n{B},".encode()
        + "示例电器有限公司\n".encode("gb18030")
        + f"{C},示例\x07公司\n".encode()
    )
    found = from_bytes(content)
    assert pairs(found) == [PLAIN[0], PLAIN[1], (C, "示例公司")]
    assert [codes_of_notes(each) for each in found] == [[], ["damaged-text"], ["damaged-text"]]


def test_a_quote_that_is_not_closed_is_said_on_its_row() -> None:
    [found] = from_csv(f'名称,代码\n"{FIRM_A},{A}\n{FIRM_B},{B}\n')
    assert codes_of_notes(found) == ["several-lines"]
    [swallowed] = from_csv(f'名称,代码\n"{FIRM_A},{A}\n' + f"{FIRM_B},{B}\n" * 50)
    assert codes_of_notes(swallowed) == ["too-long", "nothing-to-look-up"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (bytes(range(256)) * 40_000, ""),
        (b"asdf " * 2_000_000, "longer than"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08\x00", "archive"),
        (b"PK\x03\x04" + b"\0" * 100, ""),
        (b"<html><body><table>", "HTML"),
        ("代码,名称\n".encode(), "no bidders"),
    ],
    ids=["empty", "bytes", "one-line", "pdf", "gzip", "broken-zip", "html", "header-alone"],
)
def test_what_is_no_list_is_refused_in_both_languages(content: bytes, said: str) -> None:
    assert said in refusal(content).en


def test_an_archive_is_refused_with_what_to_do() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("名单.csv", "代码\n")
    assert "解开" in refusal(target.getvalue(), "../../etc/名单.zip").zh
    assert "etc" not in refusal(target.getvalue(), "../../etc/名单.zip").zh


def test_ten_megabytes_of_words_are_read_or_refused_by_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "BIDDERS_MOST", 1000)
    assert "1,000" in refusal(b"asdf qwer\n" * 1_000_000).en
    with pytest.raises(InvalidParameter) as caught:
        read_paste("示例 asdf\n" * 1_000_000)
    assert caught.value.where == "bidders"
    assert len(read_paste("示例 asdf\n" * 1000)) == 1000


def test_a_path_and_a_stream_give_the_same(tmp_path: Path) -> None:
    content = xlsx([("代码", "名称"), *PLAIN])
    (tmp_path / "a").write_bytes(content)
    assert tuple(read_file(tmp_path / "a", "名单.xlsx")) == from_bytes(content)


WORDS = st.sampled_from(
    [
        A,
        B,
        FIRM_A,
        FIRM_B,
        "示例",
        "1.",
        "9.13205E+17",
        "代码",
        "名称",
        "无",
        "——",
        RESIDENT,
        "'",
        '="',
        "Co., Ltd.",
    ]
)
GLUE = st.sampled_from(
    ["\t", ",", "，", "、", ";", " ", "|", "（", "）", "\u3000", "\0", '"', "\ud800", "：", "/"]
)
LINES = st.lists(st.one_of(WORDS, GLUE, st.text(max_size=8)), max_size=10).map("".join)
_breaks = re.compile(r"\r\n|\r|\n|\u2028|\u2029")


@given(st.lists(LINES, max_size=8).map("\n".join))
@example("代码/名称\n名称,,代码\n,，、\n" + "'" * 400)
def test_any_paste_gives_a_row_or_a_note_for_every_line(text: str) -> None:
    lines = [line for line in _breaks.split(text.removeprefix("\ufeff")) if line.strip()]
    for line in lines:  # one by one: no line of a paste vanishes, but a header
        try:
            found = read_paste(line)
        except InvalidParameter:
            assert not re.search(r"[A-Z0-9]{18}|示例", line)
            continue
        assert all(each.id or each.name or each.notes for each in found)
    try:
        whole = read_paste(text)
    except InvalidParameter:
        assert not any(re.search(r"[A-Z0-9]{18}|示例", line) for line in lines)
        return
    heads = sum(bool(re.search("代码|名称|(?i:id|code|name|bidder|uscc)", line)) for line in lines)
    assert len(whole) >= len(lines) - heads
    assert pairs(whole)
    for each in whole:
        each.name.encode(), each.id.encode()
        assert RESIDENT not in repr(each)


@given(
    st.lists(st.lists(st.one_of(WORDS, st.text(max_size=8)), min_size=1, max_size=4), min_size=1, max_size=8)
)
def test_a_json_list_gives_a_row_for_each(rows: list[list[str]]) -> None:
    found = tuple(read_rows((row[0], row[-1]) for row in rows))
    assert len(pairs(found)) == len(rows)
    assert all(each.id or each.name or each.notes for each in found)


@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        found = from_bytes(content)
    except InvalidParameter:
        return
    assert all(each.id or each.name or each.notes for each in found)

"""Files of every format and encoding become rows, and bad ones a clear refusal."""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook

from indexer.errors import FileRefused
from indexer.sources.files import Row, open_tables
from indexer.sources.limits import Limits
from indexer.sources.table import legible, spoilt_reason

HEADER = "统一社会信用代码,主体名称,证书编号,有效期至\n"
LINE = "91329900MA00000012,示例电器有限公司,TEST-{0},2027-03-05\n"
TEXT = HEADER + "".join(LINE.format(number) for number in range(5))
SMALL = Limits(unpacked=20 << 20, ratio=100, ratio_from=1 << 20, members=20, line=100_000, cells=100)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """A function that makes a file of that name and content."""

    def make(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


Write = Callable[[str, bytes], Path]


def rows_of(path: Path, limits: Limits = SMALL) -> list[Row]:
    return [row for table in open_tables(path, limits) for row in table]


def refusal(path: Path, limits: Limits = SMALL) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        rows_of(path, limits)
    assert any("\u4e00" <= character <= "\u9fff" for character in caught.value.zh)
    assert caught.value.en.isascii() or path.name in caught.value.en
    return caught.value


def workbook(*rows: tuple[object, ...], title: str = "Sheet1") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]
)
def test_text_in_any_encoding_gives_the_same_rows(write: Write, encoding: str) -> None:
    rows = rows_of(write("a.csv", TEXT.encode(encoding)))
    assert [row.line for row in rows] == [2, 3, 4, 5, 6]
    assert rows[0].cells == ["91329900MA00000012", "示例电器有限公司", "TEST-0", "2027-03-05"]


def test_encoding_is_found_after_megabytes_of_ascii(write: Write) -> None:
    ascii_part = "uscc,name\n" + "91329900MA00000012,EXAMPLE\n" * 60_000
    path = write("a.csv", (ascii_part + "91329900MA00000012,示例电器有限公司\n").encode("gb18030"))
    assert rows_of(path)[-1].cells[1] == "示例电器有限公司"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_end_are_found(write: Write, delimiter: str, end: str) -> None:
    rows = rows_of(write("a.csv", TEXT.replace(",", delimiter).replace("\n", end).encode()))
    assert rows[4].cells[2] == "TEST-4"
    assert rows[4].line == 6


def test_quoted_line_break_stays_in_its_cell_and_lines_are_counted(write: Write) -> None:
    text = HEADER + '91329900MA00000012,"示例\n电器",A,2027-01-01\n' + LINE.format(1)
    rows = rows_of(write("a.csv", text.encode()))
    assert rows[0].cells[1] == "示例\n电器"
    assert [row.line for row in rows] == [2, 4]


def test_packed_files_read_as_unpacked_ones(write: Write) -> None:
    content = TEXT.encode()
    plain = rows_of(write("a.csv", content))
    assert rows_of(write("a.csv.gz", gzip.compress(content))) == plain
    assert rows_of(write("two.gz", gzip.compress(content[:80]) + gzip.compress(content[80:]))) == plain
    archive = write(
        "a.zip",
        packed({"b.csv": content, "__MACOSX/._b.csv": b"x", "子目录/c.json": b'[{"uscc":"1","name":"2"}]'}),
    )
    tables = [(table.path, list(table)) for table in open_tables(archive, SMALL)]
    assert tables[0] == ("a.zip/b.csv", plain)
    assert tables[1] == ("a.zip/子目录/c.json", [Row(1, ["1", "2"])])


def test_workbook_in_an_archive_is_read(write: Write) -> None:
    book = workbook(("uscc", "name"), ("91329900MA00000012", "示例电器有限公司"))
    for path in (
        write("a.zip", packed({"b.xlsx": book})),
        write("b.xlsx.gz", gzip.compress(book)),
        write("b.xlsx", book),
    ):
        assert rows_of(path) == [Row(2, ["91329900MA00000012", "示例电器有限公司"])]


def test_member_names_are_never_used_as_paths(write: Write, tmp_path: Path) -> None:
    path = write("a.zip", packed({"../../evil.csv": TEXT.encode(), "/evil.csv": TEXT.encode()}))
    assert len(rows_of(path)) == 10
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.zip"]


def test_title_rows_above_the_header_are_passed_over(write: Write) -> None:
    above = "××局行政处罚信息公示表,,,\n,,,\n填报单位：示例局,,填报日期：,2026-01-01\n"
    (table,) = open_tables(write("a.csv", (above + TEXT).encode()), SMALL)
    assert table.header == ("统一社会信用代码", "主体名称", "证书编号", "有效期至")
    assert next(iter(table)).line == 5


def test_merged_two_row_header_is_read_as_one(write: Write) -> None:
    book = workbook(
        ("获证情况表",),
        ("序号", "主体名称", "统一社会信用代码", "证书信息", None, None),
        (None, None, None, "证书编号", "颁证日期", "有效期至"),
        (1, "示例电器有限公司", "91329900MA00000012", "A", date(2026, 3, 5), date(2029, 3, 4)),
    )
    (table,) = open_tables(write("a.xlsx", book), SMALL)
    assert table.header == ("序号", "主体名称", "统一社会信用代码", "证书编号", "颁证日期", "有效期至")
    assert list(table) == [
        Row(4, ["1", "示例电器有限公司", "91329900MA00000012", "A", "2026-03-05", "2029-03-04"])
    ]


def test_workbook_values_become_plain_text(write: Write) -> None:
    book = workbook(
        ("uscc", "name", "registered_on", "capital", "备注", "scope"),
        (
            "91329900MA00000012",
            "示例",
            datetime.combine(date(2018, 3, 5), time()),
            158.0,
            12.5,
            datetime.combine(date(2018, 3, 5), time(8, 30)),
        ),
        (None, None, None, None),
        (913299001234567890.0, 320500000012345, 43164, True, None, "文字  "),
    )
    first, second = rows_of(write("a.xlsx", book))
    assert first == Row(2, ["91329900MA00000012", "示例", "2018-03-05", "158", "12.5", "2018-03-05 08:30:00"])
    assert second.line == 4
    assert list(second.cells[1:]) == ["320500000012345", "43164", "TRUE", "", "文字  "]
    assert "后几位已经丢失" in (spoilt_reason(second.cells[0]) or "")


def test_notes_and_dictionary_sheets_are_passed_over(write: Write) -> None:
    book = Workbook()
    notes = book.active
    assert notes is not None
    notes.append(("填表说明", "请认真填写"))
    for title in ("一月", "二月"):
        sheet = book.create_sheet(title)
        sheet.append(("uscc", "name"))
        sheet.append(("91329900MA00000012", title))
    book.create_sheet("空")
    hidden = book.create_sheet("字典")
    hidden.append(("uscc", "name"))
    hidden.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    path = write("a.xlsx", target.getvalue())
    assert [table.path for table in open_tables(path, SMALL)] == ["a.xlsx/一月", "a.xlsx/二月"]


def test_json_array_and_wrapped_array_are_tables(write: Write) -> None:
    records = [
        {"uscc": "1", "name": "甲", "n": 1.50, "deep": {"a": [1, "二"]}},
        {"name": "乙", "other": None, "yes": True},
    ]
    for content in (records, {"msg": "", "data": records, "success": True}, {"result": {"rows": records}}):
        (table,) = open_tables(write("a.json", json.dumps(content, ensure_ascii=False).encode()), SMALL)
        assert table.header == ("uscc", "name", "n", "deep", "other", "yes")
        assert [list(row.cells) for row in table] == [
            ["1", "甲", "1.5", '{"a": [1, "二"]}', "", ""],
            ["", "乙", "", "", "", "true"],
        ]


def test_rounded_number_in_json_is_marked(write: Write) -> None:
    (row,) = rows_of(write("a.json", b'[{"uscc": 9.13205E+17, "name": 913205107806881320}]'))
    assert spoilt_reason(row.cells[0])
    assert row.cells[1] == "913205107806881320"


def test_json_lines_keep_good_lines_beside_a_bad_one(write: Write) -> None:
    text = '{"uscc":"1","name":"甲"}\n\n{"uscc": "2", "name": \n{"name":"丙","new":"x"}\n'
    for name, encoding in (("a.jsonl", "utf-8"), ("a.ndjson", "gb18030")):
        rows = rows_of(write(name, text.encode(encoding)))
        assert [row.line for row in rows] == [1, 3, 4]
        assert "不是有效的 JSON" in (spoilt_reason(rows[1].cells[0]) or "")
        assert list(rows[2].cells) == ["", "丙", "x"]


def test_json_lines_are_known_without_their_ending(write: Write) -> None:
    assert len(rows_of(write("a.json", b'{"uscc":"1","name":"a"}\n{"uscc":"2","name":"b"}\n'))) == 2


@pytest.mark.parametrize("content", [b"", b"\n\n \n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty_file_is_refused(write: Write, content: bytes) -> None:
    assert "空" in refusal(write("a.csv", content)).zh
    assert "空" in refusal(write("b.csv.gz", gzip.compress(content))).zh


def test_header_alone_is_a_table_without_rows(write: Write) -> None:
    assert rows_of(write("a.csv", HEADER.encode())) == []


def test_renamed_csv_is_read_as_what_it_is(write: Write) -> None:
    assert len(rows_of(write("a.xlsx", TEXT.encode()))) == 5
    assert len(rows_of(write("b.txt", TEXT.replace(",", "\t").encode()))) == 5
    assert len(rows_of(write("c.csv", workbook(("uscc", "name"), ("1", "2"))))) == 1


@pytest.mark.parametrize(
    "start",
    ["<html>", "<!DOCTYPE html>", "\n<TABLE border=1>", '<?xml version="1.0"?><html>', "\ufeff<head>"],
)
def test_workbook_that_is_really_html_is_refused(write: Write, start: str) -> None:
    assert "HTML" in refusal(write("a.xlsx", f"{start}<table><tr><td>企业名称</td></tr></table>".encode())).zh


def test_protected_and_old_workbooks_are_told_apart(write: Write) -> None:
    case = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    assert "密码" in refusal(write("a.xlsx", case + "EncryptedPackage".encode("utf-16-le") + bytes(100))).zh
    assert "旧版" in refusal(write("a.xls", case)).zh


@pytest.mark.parametrize("magic", [b"%PDF-1.7", b"Rar!\x1a\x07", b"\x89PNG\r\n", b"BZh91AY"])
def test_other_formats_are_named(write: Write, magic: bytes) -> None:
    assert "请提交" in refusal(write("a.csv", magic + bytes(100))).zh


def test_encrypted_zip_is_refused(write: Write) -> None:
    content = bytearray(packed({"a.csv": TEXT.encode()}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "密码" in refusal(write("a.zip", bytes(content))).zh


def test_nested_archives_are_refused(write: Write) -> None:
    inner = packed({"a.csv": TEXT.encode()})
    for path in (
        write("a.zip", packed({"b.zip": inner})),
        write("b.zip", packed({"b.gz": gzip.compress(b"a")})),
        write("c.gz", gzip.compress(inner)),
        write("d.gz", gzip.compress(gzip.compress(TEXT.encode()))),
    ):
        assert "压缩包里还有压缩包" in refusal(path).zh


def test_bombs_are_refused_before_they_unfold(write: Write) -> None:
    zeros = b"uscc,name\n" + b"0,0\n" * (4 << 20)
    assert "炸弹" in refusal(write("a.csv.gz", gzip.compress(zeros))).zh
    assert "炸弹" in refusal(write("a.zip", packed({"a.csv": zeros}))).zh
    assert (
        "上限"
        in refusal(write("b.csv.gz", gzip.compress(zeros * 2)), Limits(unpacked=20 << 20, ratio=10**6)).zh
    )
    many = packed({f"{number}.csv": TEXT.encode() for number in range(21)})
    assert "最多 20 个" in refusal(write("c.zip", many)).zh


def test_workbook_bombs_are_refused(write: Write) -> None:
    book = workbook(("uscc", "name"), ("1", "2"))
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    inflated = packed(files | {"xl/sharedStrings.xml": b"<sst>" + b" " * (10 << 20)})
    assert "炸弹" in refusal(write("a.xlsx", inflated)).zh
    small = Limits(xlsx_strings=1 << 20)
    assert "另存为 CSV" in refusal(write("b.xlsx", inflated), small).zh
    laughs = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
    assert "损坏" in refusal(write("c.xlsx", packed(files | {"xl/workbook.xml": laughs}))).zh


def test_truncated_archives_are_refused(write: Write) -> None:
    content = "".join(LINE.format(zlib.crc32(str(number).encode())) for number in range(5000)).encode()
    whole = gzip.compress(HEADER.encode() + content)
    assert "不完整" in refusal(write("a.csv.gz", whole[: len(whole) // 2])).zh
    assert "不完整" in refusal(write("b.csv.gz", whole[:-4])).zh
    assert "不完整" in refusal(write("c.csv.gz", whole[:-8] + bytes(8))).zh
    archive = packed({"a.csv": HEADER.encode() + content})
    assert "不完整" in refusal(write("a.zip", archive[: len(archive) // 2])).zh
    book = workbook(("uscc", "name"), *((str(number), "a") for number in range(2000)))
    assert "不完整" in refusal(write("a.xlsx", book[: len(book) // 2])).zh
    assert "不是完整有效的 JSON" in refusal(write("a.json", b'{"data": [{"uscc": "1"}, {"usc')).zh


def test_endless_line_is_refused_by_its_number(write: Write) -> None:
    body = HEADER + LINE.format(1) + "x" * 300_000
    for name, content in (
        ("a.csv", body),
        ("b.csv", body + "\n" + LINE.format(2)),
        ("c.csv", body.replace("x", "示")),
    ):
        assert "第 3 行过长" in refusal(write(name, content.encode())).zh
        assert "第 3 行过长" in refusal(write(f"gb-{name}", content.encode("gb18030"))).zh
    assert "过长" in refusal(write("a.jsonl", b'{"uscc":"' + b"x" * 300_000 + b'"}')).zh
    assert "过长" in refusal(write("a.json", b'[{"uscc":"' + b"x" * 900_000 + b'"}]')).zh
    assert "列数超过" in refusal(write("d.csv", (HEADER + "," * 500 + "x\n").encode())).zh


def test_quote_that_is_never_closed_is_refused_by_its_line(write: Write) -> None:
    text = HEADER + LINE.format(1) + '91329900MA00000012,"示例' + LINE.format(2) * 3000
    assert "第 3 行过长" in refusal(write("a.csv", text.encode())).zh


def test_memory_stays_bounded_on_a_200_mb_line(write: Write, tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(HEADER.encode())
        for _ in range(200):
            file.write(b"x" * (1 << 20))
    tracemalloc.start()
    assert "第 2 行过长" in refusal(path, Limits()).zh
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_mixed_encodings_spoil_only_their_own_rows(write: Write) -> None:
    good, foreign = LINE.format(1), LINE.format(2)
    for main, other in (("utf-8", "gb18030"), ("gb18030", "utf-8")):
        content = HEADER.encode(main) + (good.encode(main) * 3) + foreign.encode(other) + good.encode(main)
        rows = rows_of(write("a.csv", content))
        assert len(rows) == 5
        assert [row.cells[1] for row in rows if row.line != 5] == ["示例电器有限公司"] * 4
        assert legible(rows[3].cells[1]) == "示例电器有限公司"
        assert rows[3].cells[1] != "示例电器有限公司"


def test_bytes_of_no_encoding_are_refused(write: Write) -> None:
    noise = b"".join(zlib.compress(bytes([number]) * 40)[2:] + b"\xff\xff\n" for number in range(200))
    assert "编码" in refusal(write("a.csv", b"\x81\x20\xff" + noise.replace(b"\0", b"\xff"))).zh


def test_missing_file_is_refused_without_its_path(tmp_path: Path) -> None:
    error = refusal(tmp_path / "nothing.csv")
    assert str(tmp_path) not in error.zh + error.en


def test_json_without_a_table_is_refused(write: Write) -> None:
    for content in (b'{"a": 1}', b"[1, 2, 3]", b"[]", b"[" * 100_000, b'{"a":' * 5000):
        refusal(write("a.json", content))
    assert "不止一个" in refusal(write("a.json", b'{"a": [{"x": 1}], "b": [{"y": 2}]}')).zh


@pytest.mark.parametrize("deep", [b'[{"uscc": "1", "x": ' + b"[" * 50_000, b"[" * 50_000 + b'{"uscc": 1}'])
def test_json_nested_without_end_is_refused(write: Write, deep: bytes) -> None:
    refusal(write("a.json", deep))

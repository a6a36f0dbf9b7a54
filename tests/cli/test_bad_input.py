"""Every kind of bad file meets a clear answer: what is wrong, where, what to do; the good rows around it go in.

All the files go in with one command, as an operator drops a folder of them; the tests look at what it said of each.
"""

import gzip
import io
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from indexer.identifiers import parse_codes
from tests.cli.command import (
    COLUMNS,
    Ended,
    Zhixin,
    certificate,
    csv_text,
    peak_memory,
    read_rejects,
    uscc,
    write,
)

MIB = 1 << 20
GOOD = certificate(1)
WRONG_CHECK = uscc(77)[:-1] + ("0" if uscc(77)[-1] != "0" else "1")
SWAPPED = uscc(123)[:13] + uscc(123)[14] + uscc(123)[13] + uscc(123)[15:]  # two neighbours changed places


def xlsx(rows: list[list[object]]) -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def zipped(members: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def encrypted(content: bytes) -> bytes:
    """A zip whose members say that they are encrypted (bit 0 of the flags in both headers)."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(mark, at + 4)
    return bytes(changed)


def xlsx_bomb() -> bytes:
    """A workbook whose one sheet unpacks to 80 MiB of blanks."""
    with zipfile.ZipFile(io.BytesIO(xlsx([list(COLUMNS)]))) as sound:
        members = {name: sound.read(name) for name in sound.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            with archive.open(name, "w") as member:
                if name.endswith("sheet1.xml"):
                    head, _, tail = content.partition(b"</sheetData>")
                    member.write(head)
                    for _ in range(80):
                        member.write(b" " * MIB)
                    member.write(b"</sheetData>" + tail)
                else:
                    member.write(content)
    return target.getvalue()


def rows_of(*rows: Mapping[str, str]) -> bytes:
    return csv_text(rows).encode()


def without(column: str) -> bytes:
    header = [name for name in COLUMNS if name != column]
    return csv_text([{name: GOOD[name] for name in header}], header).encode()


def mixed_encodings() -> bytes:
    """Ten lines in UTF-8 and two that a program appended in GB18030."""
    lines = csv_text([certificate(n) for n in range(1, 13)]).splitlines(keepends=True)
    return b"".join(line.encode("gb18030" if at > 10 else "utf-8") for at, line in enumerate(lines))


HTML = (
    "<html><head><meta charset='utf-8'></head><body><table><tr><td>证书编号</td></tr></table></body></html>"
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(
    1024
)  # how Office packs what has a password, and files before 2007


def bombs() -> dict[str, bytes]:
    """80 MB each, unpacked; made only where they are wanted."""
    blanks = rows_of(GOOD) + (b" " * 1_000_000 + b"\n") * 80
    return {
        "bomb.zip": zipped({"a.csv": blanks}),
        "bomb.csv.gz": gzip.compress(blanks),
        "bomb.xlsx": xlsx_bomb(),
    }


FILES: dict[str, bytes] = {
    "unknown-columns.csv": "颜色,尺寸,味道\n红,大,甜\n".encode(),
    "no-header.csv": csv_text([certificate(n) for n in (1, 2)]).encode().split(b"\r\n", 1)[1],
    "no-code-column.csv": "企业名称,企业类型,注册资本\n示例甲公司,有限责任公司,100\n".encode(),
    "no-number-column.csv": without("证书编号"),
    "empty.csv": b"",
    "binary.csv": bytes(range(256)) * 16,
    "html.xlsx": HTML.encode(),
    "renamed.xlsx": rows_of(certificate(41)),
    "password.xlsx": OLE + "EncryptedPackage".encode("utf-16-le") + bytes(1024),
    "old.xls": OLE,
    "password.zip": encrypted(zipped({"a.csv": rows_of(GOOD)})),
    "truncated.csv.gz": gzip.compress(rows_of(GOOD))[:-12],
    "wrong-check.csv": rows_of(GOOD, certificate(78, 统一社会信用代码=WRONG_CHECK)),
    "swapped.csv": rows_of(certificate(123, 统一社会信用代码=SWAPPED)),
    "enterprise-wrong-check.csv": f"统一社会信用代码,企业名称,注册资本\n{WRONG_CHECK},示例疑码公司,100万元\n".encode(),
    "nul.csv": rows_of(GOOD, certificate(2, 主体名称="示例\0公司")),
    "mixed.csv": mixed_encodings(),
    "no-such-day.csv": rows_of(GOOD, certificate(2, 有效期至="2018-02-30")),
    "end-before-start.csv": rows_of(GOOD, certificate(2, 颁证日期="2024-03-01", 有效期至="2023-03-01")),
    "long-number.csv": rows_of(GOOD, certificate(2, 证书编号="9" * 500)),
    "contradiction.csv": rows_of(
        certificate(31), certificate(32), certificate(31, 证书状态="暂停"), certificate(32)
    ),
    "formulas.csv": rows_of(
        certificate(33, 主体名称='=HYPERLINK("http://example.org","示例")', 有效期至="+1"),
        certificate(34, 主体名称="@示例", 有效期至="-2"),
    ),
}


@pytest.fixture(scope="module")
def zhixin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zhixin]:
    zhixin = Zhixin(tmp_path_factory.mktemp("bad"))
    yield zhixin
    zhixin.close()


@pytest.fixture(scope="module")
def ended(zhixin: Zhixin) -> Ended:
    folder = zhixin.folder / "in"
    folder.mkdir()
    files = FILES | bombs()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return zhixin.ingest(*(folder / name for name in files))


@pytest.fixture(scope="module")
def reports(ended: Ended) -> dict[str, dict[str, Any]]:
    assert ended.code == 1
    return {Path(report["path"]).name: report for report in ended.files}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unknown-columns.csv", "没有一列是认识的：颜色、尺寸、味道"),
        ("no-header.csv", "没有找到表头"),
        ("no-code-column.csv", "统一社会信用代码"),
        ("no-number-column.csv", "证书编号"),
        ("empty.csv", "空"),
        ("binary.csv", ""),
        ("html.xlsx", "网页"),
        ("password.xlsx", "密码"),
        ("password.zip", "密码"),
        ("old.xls", "旧版 Office"),
        ("bomb.zip", "压缩炸弹"),
        ("bomb.csv.gz", "压缩炸弹"),
        ("bomb.xlsx", "压缩炸弹"),
        ("truncated.csv.gz", "不完整"),
    ],
)
def test_a_file_of_which_nothing_can_be_taken_is_refused_in_one_line(
    ended: Ended, reports: dict[str, dict[str, Any]], name: str, said: str
) -> None:
    report = reports[name]
    assert said in report["error"]["zh"]
    assert (report["rows"], report["added"], report["rejects_path"]) == (0, 0, None)
    lines = [line for line in ended.err.splitlines() if report["error"]["zh"] in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"zhixin: {name.removesuffix('.gz')}")


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("nul.csv", "3", ["主体名称", "空字符"]),
        ("no-such-day.csv", "3", ["有效期至", "2018-02-30"]),
        ("end-before-start.csv", "3", ["2023-03-01", "早于", "2024-03-01"]),
        ("long-number.csv", "3", ["证书编号", "500 个字符"]),
        ("contradiction.csv", "4", ["第 2 行", "内容不同"]),
        ("wrong-check.csv", "3", ["校验位不对"]),
    ],
)
def test_a_bad_row_is_given_back_with_its_line_and_reason(
    reports: dict[str, dict[str, Any]], name: str, line: str, said: list[str]
) -> None:
    report = reports[name]
    assert report["rejected"] == 1
    [row] = read_rejects(report)
    assert row["行号"] == line
    assert all(word in row["原因"] for word in said), row["原因"]
    assert set(COLUMNS) < set(row)


def test_a_code_with_two_neighbours_swapped_comes_back_with_the_one_that_was_meant(
    reports: dict[str, dict[str, Any]],
) -> None:
    [row] = read_rejects(reports["swapped.csv"])
    assert uscc(123) in row["原因"]
    assert row["统一社会信用代码"] == SWAPPED


def test_an_enterprise_whose_code_fails_its_check_is_kept_and_flagged(
    zhixin: Zhixin, reports: dict[str, dict[str, Any]]
) -> None:
    assert reports["enterprise-wrong-check.csv"]["added"] == 1
    [credit] = zhixin.register().credit_file(parse_codes(WRONG_CHECK))
    assert credit.subject.name == "示例疑码公司"
    assert "uscc-check" in credit.records[0].notes


def test_a_renamed_csv_is_read_as_what_it_is(zhixin: Zhixin, reports: dict[str, dict[str, Any]]) -> None:
    assert reports["renamed.xlsx"]["added"] == 1
    assert "SL0000041Q" in zhixin.contents()


def test_rows_in_another_encoding_than_the_file_do_not_enter_as_wrong_characters(
    zhixin: Zhixin, reports: dict[str, dict[str, Any]]
) -> None:
    report = reports["mixed.csv"]
    assert (report["rows"], report["rejected"]) == (12, 2)
    rejects = read_rejects(report)
    assert [row["行号"] for row in rejects] == ["12", "13"]
    assert all("编码" in row["原因"] for row in rejects)
    assert rejects[0]["主体名称"] == "示例11号制造有限公司"
    assert zhixin.contents()["SL0000010Q"][0] == "示例10号制造有限公司"


def test_of_rows_that_contradict_each_other_the_first_stays(
    zhixin: Zhixin, reports: dict[str, dict[str, Any]]
) -> None:
    report = reports["contradiction.csv"]
    assert (report["added"], report["unchanged"], report["rejected"]) == (2, 1, 1)
    assert zhixin.contents()["SL0000031Q"][1] == "valid"
    before = zhixin.contents()
    again = zhixin.ingest(report["path"]).files[0]
    assert (again["changed"], again["unchanged"], again["rejected"], again["batch"]) == (0, 3, 1, None)
    assert zhixin.contents() == before


def test_formula_cells_come_out_of_the_rejects_file_as_text(reports: dict[str, dict[str, Any]]) -> None:
    first, second = read_rejects(reports["formulas.csv"])
    assert first["主体名称"] == """'=HYPERLINK("http://example.org","示例")"""
    assert (first["有效期至"], second["有效期至"]) == ("'+1", "'-2")
    assert second["主体名称"] == "'@示例"
    raw = Path(reports["formulas.csv"]["rejects_path"]).read_text("utf-8-sig")
    cells = [cell.strip('"') for line in raw.splitlines() for cell in line.split(",")]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_what_was_refused_left_nothing_in_the_register(
    zhixin: Zhixin, reports: dict[str, dict[str, Any]]
) -> None:
    stored = sum(report["added"] for report in reports.values())
    assert len(zhixin.contents()) == stored


def test_a_line_of_200_mb_is_refused_in_bounded_memory(zhixin: Zhixin, tmp_path: Path) -> None:
    small, huge = write(tmp_path / "small.csv", [GOOD]), tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.write(rows_of(GOOD))
        piece = "示".encode() * (MIB // 3)
        for _ in range(200):
            file.write(piece)
    _, base = peak_memory(zhixin, "ingest", "--dry-run", small)
    code, peak = peak_memory(zhixin, "ingest", huge)
    shutil.rmtree(tmp_path)
    assert code == 1
    print(f"200 MB line: {peak >> 10} MiB, a small file {base >> 10} MiB")
    assert peak - base < 60 << 10

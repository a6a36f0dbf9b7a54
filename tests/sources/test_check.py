"""A row becomes a draft, or a rejection that says why."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.identifiers import organisation_check, uscc_check
from indexer.kinds import kinds
from indexer.kinds.base import Value
from indexer.sources.check import Checker, Draft, Rejection, row_digest
from indexer.sources.files import open_tables
from indexer.sources.rejects import RejectsFile
from indexer.sources.table import Row, spoilt

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
TODAY = date(2026, 11, 23)


def example_code(serial: int) -> str:
    """A sound unified code of a region that does not exist."""
    body = f"MA{serial:06}"
    first = f"91329900{body}{organisation_check(body)}"
    return first + uscc_check(first)


CODE = example_code(1)
WRONG = CODE[:17] + ("0" if CODE[17] != "0" else "1")
# A made-up identity number of a region that does not exist any more, with the right check character.
PERSON = "11010119900307" + "8515"


def checked(kind: str, **cells: str) -> Draft | Rejection:
    header = tuple(cells)
    return Checker(kinds()[kind], header, TODAY).check(Row(7, tuple(cells.values())))


def draft(kind: str, **cells: str) -> Draft:
    found = checked(kind, **cells)
    assert isinstance(found, Draft), found
    return found


def reasons(kind: str, **cells: str) -> str:
    found = checked(kind, **cells)
    assert isinstance(found, Rejection), found
    assert found.line == 7
    return "；".join(f"{problem.column}：{problem.zh}" for problem in found.reasons)


def certificate(**cells: str) -> dict[str, str]:
    return {"uscc": CODE, "name": "示例电器有限公司", "number": "TEST-1"} | cells


def test_row_becomes_values_of_its_kind() -> None:
    found = draft(
        "enterprise",
        uscc=CODE.lower(),
        name=" 示例电器有限公司 ",
        registered_on="2018年3月5日",
        capital="1,913.2157(万元人民币)",
        region="329900",
        备考="好",
        空栏="",
    )
    expected: dict[str, Value] = {
        "registered_on": "2018-03-05",
        "capital": {"value": "19132157.00", "currency": "CNY"},
        "region": "329900",
    }
    assert found.values == expected
    assert found.codes is not None
    assert found.codes.uscc == CODE
    assert (found.name, found.line, found.extra, found.warnings) == (
        "示例电器有限公司",
        7,
        {"备考": "好"},
        (),
    )


def test_full_width_digits_are_folded_and_chinese_punctuation_stays() -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in CODE)
    found = draft(
        "certificate",
        **certificate(
            uscc=wide,
            number="ＣＱＣ（２０２６）",
            scope="电器、Ａ类；空调，２台。",
            issued_on="２０１８－３－５",
        ),
    )
    assert found.codes is not None
    assert found.codes.uscc == CODE
    assert found.values["number"] == "CQC（2026）"
    assert found.values["scope"] == "电器、A类；空调，2台。"
    assert found.values["issued_on"] == "2018-03-05"


@pytest.mark.parametrize("nothing", ["", " ", "N/A", "NULL"])
def test_nothing_is_no_value(nothing: str) -> None:
    found = draft("certificate", **certificate(scope=nothing, issued_on=nothing, status=nothing))
    assert not {"scope", "issued_on"} & set(found.values)


@pytest.mark.parametrize("word", ["-", "无", "/"])
def test_words_for_nothing_are_answers_in_text_only(word: str) -> None:
    found = draft("certificate", **certificate(scope=word, issued_on=word))
    assert found.values["scope"] == word
    assert "issued_on" not in found.values


def test_open_end_is_no_end_but_no_beginning_is_open() -> None:
    assert "valid_until" not in draft("certificate", **certificate(valid_until="长期")).values
    assert "不能填“长期”" in reasons("certificate", **certificate(issued_on="长期"))


def test_impossible_day_is_rejected_by_its_column() -> None:
    assert "有效期至：没有“2018-02-30”这一天" in reasons(
        "certificate", **certificate(valid_until="2018-02-30")
    )


def test_end_before_start_is_rejected() -> None:
    zh = reasons("certificate", **certificate(valid_from="2026-01-02", valid_until="2026-01-01"))
    assert "2026-01-01 早于" in zh
    draft("certificate", **certificate(valid_from="2026-01-02", valid_until="2026-01-02"))


def test_certificate_number_of_500_characters_is_rejected() -> None:
    assert "证书编号：有 500 个字符，最多" in reasons("certificate", **certificate(number="A" * 500))


def test_required_cell_must_be_filled() -> None:
    assert "证书编号：没有填写" in reasons("certificate", **certificate(number=" "))


def test_unknown_word_is_rejected_with_the_words_there_are() -> None:
    zh = reasons("certificate", **certificate(status="良好"))
    assert "不认识“良好”。可填：有效、暂停、撤销" in zh
    assert draft("certificate", **certificate(status="已撤销")).values["status"] == "revoked"


def test_all_reasons_are_told_at_once() -> None:
    zh = reasons("certificate", **certificate(number="", issued_on="明天", status="良好"))
    assert zh.count("；") >= 2


def test_cell_that_is_no_text_is_rejected() -> None:
    for bad in ("示例\0", "示例\x07", "示例\x1b[31m", "示例\udc81", "示例\ufffd", "示例\x85"):
        assert reasons("certificate", **certificate(scope=bad)).startswith("scope：")


def test_rounded_number_is_rejected_wherever_it_was_rounded() -> None:
    assert "科学计数法" in reasons("certificate", **certificate(uscc="9.13205E+17"))
    assert "后几位" in reasons("certificate", **certificate(uscc=spoilt("后几位已经丢失", "9.1E+17")))


def test_wrong_check_character_rejects_but_for_the_register_itself() -> None:
    zh = reasons("certificate", **certificate(uscc=WRONG))
    assert "校验位不对" in zh
    assert CODE in zh
    assert draft("enterprise", uscc=WRONG, name="示例", registered_on="").warnings == ("uscc-check",)


def test_record_without_code_hangs_on_its_name_and_an_enterprise_can_not() -> None:
    found = draft("certificate", **certificate(uscc="N/A"))
    assert (found.codes, found.name) == (None, "示例电器有限公司")
    assert "没有可用的代码，无法建档" in reasons("enterprise", uscc="无", name="示例", registered_on="")
    assert "不知道是谁的记录" in reasons("certificate", **certificate(uscc="", name=""))


def test_code_that_can_be_none_offers_what_was_meant() -> None:
    zh = reasons("certificate", **certificate(uscc=CODE.replace("0", "O")))
    assert CODE in zh


def test_first_filled_code_column_keys_the_row() -> None:
    header = {"组织机构代码": CODE[8:17], "统一社会信用代码": "/", "name": "示例", "number": "A"}
    found = draft("certificate", **header)
    assert found.codes is not None
    assert (found.codes.uscc, found.codes.organisation_code) == (None, CODE[8:17])


def test_two_columns_of_one_meaning_stand_side_by_side() -> None:
    found = draft(
        "certificate", **certificate(产品="空调", 产品名称="冰箱", 颁证日期="", 发证日期="2026-01-01")
    )
    assert found.values["product"] in ("空调；冰箱", "冰箱；空调")
    assert found.values["issued_on"] == "2026-01-01"
    assert found.extra == {}


def test_private_columns_never_become_unknown_ones() -> None:
    found = draft("certificate", **certificate(电话="13800000000", 手机="13900000000", 身份证号=PERSON))
    assert found.extra == {}


@pytest.mark.parametrize("count", [2, 4])
def test_ragged_row_is_rejected(count: int) -> None:
    checker = Checker(kinds()["certificate"], ("uscc", "name", "number"), TODAY)
    found = checker.check(Row(2, [CODE] * count))
    assert isinstance(found, Rejection)
    assert f"这一行有 {count} 列，表头有 3 列" in found.reasons[0].zh


def test_digest_tells_every_row_from_every_other() -> None:
    digest = row_digest("medal", ("a", "b"))
    rows = [
        ["1", "2"],
        ["12", ""],
        ["", "12"],
        ["1\x1f2", ""],
        ["1", "2", ""],
        ["1"],
        ["1\x1f2"],
        ["\udc81", ""],
        ["a,b", "'"],
    ]
    assert len({digest(row) for row in rows}) == len(rows)
    assert {len(digest(row)) for row in rows} == {24}
    assert digest(["1", "2"]) == digest(("1", "2")) == row_digest("medal", ["a", "b"])(["1", "2"])
    assert digest(["1", "2"]) != row_digest("cup", ("a", "b"))(["1", "2"])
    assert digest(["1", "2"]) != row_digest("medal", ("a", "c"))(["1", "2"])


@given(st.lists(st.text(max_size=40), min_size=4, max_size=4))
def test_any_row_is_a_draft_or_has_a_reason(cells: list[str]) -> None:
    header = ("uscc", "name", "number", "valid_until")
    found = Checker(kinds()["certificate"], header, TODAY).check(Row(2, cells))
    if isinstance(found, Rejection):
        assert found.reasons
    else:
        assert found.digest == row_digest("certificate", header)(cells)


def rejected(folder: Path, name: str, header: tuple[str, ...], *rows: tuple[str, ...]) -> RejectsFile:
    checker = Checker(kinds()["certificate"], header, TODAY)
    with RejectsFile(folder, name, header) as rejects:
        for line, cells in enumerate(rows, 2):
            found = checker.check(Row(line, cells))
            assert isinstance(found, Rejection)
            rejects.write(found)
    return rejects


def test_rejects_file_keeps_columns_line_and_reason(tmp_path: Path) -> None:
    header = ("uscc", "name", "number", "scope")
    link = '=HYPERLINK("http://example.invalid","点")'
    rejects = rejected(
        tmp_path,
        "a.zip/../b.csv",
        header,
        (CODE, link, "", "+1"),
        (CODE, "\udcb2\udce2", "1", "-"),
        (CODE, "x"),
    )
    assert rejects.path is not None
    assert rejects.path.parent == tmp_path
    assert rejects.path.name == "a.zip_.._b.csv.rejects.csv"
    assert rejects.path.read_bytes().startswith(b"\xef\xbb\xbf")
    with rejects.path.open(encoding="utf-8-sig", newline="") as file:
        first, *rows = csv.reader(file)
    assert first == [*header, "行号", "原因"]
    assert rows[0][:5] == [CODE, f"'{link}", "", "'+1", "2"]
    assert "证书编号：没有填写" in rows[0][5]
    assert rows[1][1:5] == ["测", "1", "-", "3"]
    assert rows[2][:5] == [CODE, "x", "", "", "4"]


def test_identity_number_in_a_code_column_is_rejected_and_masked(tmp_path: Path) -> None:
    rejects = rejected(tmp_path, "a.csv", ("uscc", "name", "number"), (PERSON, "示例", "A"))
    assert rejects.path is not None
    text = rejects.path.read_text(encoding="utf-8-sig")
    assert PERSON not in text
    assert "110***********8515" in text
    assert "身份证号" in text


def test_nothing_rejected_leaves_no_file_and_neither_does_a_failure(tmp_path: Path) -> None:
    assert rejected(tmp_path, "a.csv", ("uscc", "name", "number")).path is None
    checker = Checker(kinds()["certificate"], ("uscc", "name", "number"), TODAY)
    found = checker.check(Row(2, ["", "", ""]))
    assert isinstance(found, Rejection)
    with pytest.raises(OSError, match="disk"):
        _fail_after(found, tmp_path)
    with RejectsFile(tmp_path, "a.csv", ("uscc", "name", "number"), keep=False) as rejects:
        rejects.write(found)
    assert list(tmp_path.iterdir()) == []


def _fail_after(rejection: Rejection, folder: Path) -> None:
    with RejectsFile(folder, "a.csv", ("uscc", "name", "number")) as rejects:
        rejects.write(rejection)
        raise OSError("disk full")


def test_mended_rejects_file_is_taken_as_the_file_it_came_from(tmp_path: Path) -> None:
    header = ("uscc", "name", "number")
    rejects = rejected(tmp_path, "a.csv", header, (CODE, "示例", ""))
    assert rejects.path is not None
    text = rejects.path.read_text(encoding="utf-8-sig").replace("示例,", "示例,TEST-1")
    rejects.path.write_text(text, encoding="utf-8-sig")
    (table,) = open_tables(rejects.path)
    found = [Checker(kinds()["certificate"], table.header, TODAY).check(row) for row in table]
    assert [each.extra for each in found if isinstance(each, Draft)] == [{}]


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is absent")
    return path


def test_real_enterprises_are_taken_but_for_those_without_a_code() -> None:
    (table,) = open_tables(shared("enterprises_jiangsu_tianjin.csv.gz"))
    checker = Checker(kinds()["enterprise"], table.header, TODAY)
    found = [checker.check(row) for row in table]
    bad = [each for each in found if isinstance(each, Rejection)]
    assert len(found) == 112_523
    assert len(bad) <= 20
    assert all(each.reasons[0].column in ("uscc", "统一社会信用代码") for each in bad)


def test_real_certificates_of_the_national_platform_are_taken_as_they_are() -> None:
    (table,) = open_tables(shared("cnca_certificates.json"))
    found = [Checker(kinds()["certificate"], table.header, TODAY).check(row) for row in table]
    drafts = [each for each in found if isinstance(each, Draft)]
    assert len(drafts) == len(found) == 4
    assert drafts[0].name == "漳州灿坤实业有限公司"
    assert drafts[0].codes is None
    assert drafts[0].values["number"] == "00114E22766R2L/3502"
    assert (drafts[0].values["issued_on"], drafts[0].values["valid_until"]) == ("2017-01-03", "2017-12-01")
    assert [each.values["status"] for each in drafts] == ["valid", "valid", "valid", "suspended"]
    assert [each.extra for each in drafts] == [{}] * 4


def test_real_policies_say_their_number_issuer_and_effect() -> None:
    folder = shared("policies")
    values = []
    for path in sorted(folder.glob("*.txt")):
        (table,) = open_tables(path)
        (row,) = table
        found = Checker(kinds()["policy"], table.header, TODAY).check(row)
        assert isinstance(found, Draft)
        values.append(found.values)
    assert [each.get("document_number") for each in values] == [
        "相市管〔2018〕45号",
        None,
        "通政办发〔2015〕126号",
        "苏政办发〔2012〕123号",
        "津滨政发〔2019〕16号",
    ]
    assert [each.get("issued_on") for each in values] == [
        "2018-03-29",
        "2018-10-01",
        "2015-08-07",
        "2012-06-21",
        "2019-07-18",
    ]
    assert [each.get("effect") for each in values] == [None, None, None, "lapsed", "in_force"]
    assert values[0]["title"] == "关于印发《2018年全区质量管理与监督、认证监管工作意见》的通知"
    assert values[1]["issuer"] == "江蘇省人民政府"

"""The demonstration's files: the same every time, nobody's codes, every kind, columns that ingest knows."""

import csv
import gzip
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from indexer.demo.generate import generate
from indexer.demo.stories import (
    BANNED_FOR_LIFE,
    BLACKLISTED,
    CLEAN_AAA,
    EXPIRED_YESTERDAY,
    HEAVY_FINE,
    NOT_YET_VALID,
    OLD_NUMBER,
    ONLY_WARNED,
    RENAMED_TWICE,
    REPAIRED,
    REVOKED,
    STORIES,
    SUSPENDED,
)
from indexer.demo.story_facts import certificates_of
from indexer.identifiers import (
    parse_codes,
    valid_organisation_code,
    valid_registration,
    valid_resident_number,
    valid_uscc,
)
from indexer.kinds import kinds
from indexer.kinds.base import Column, Type, Value
from indexer.sources.columns import detect_kind, match_header
from indexer.sources.dates import iso_date

TODAY = date(2026, 11, 23)

KIND_OF = {
    "enterprises.csv": "enterprise",
    "institutions.xlsx": "institution",
    "practitioners.csv": "practitioner",
    "certificates.csv.gz": "certificate",
    "certificates-platform.json": "certificate",
    "licences-xk.csv": "licence",
    "licences-changed.csv": "licence",
    "ratings.csv": "rating",
    "brands.csv": "brand",
    "declarations.jsonl.gz": "declaration",
    "listings.jsonl": "listing",
    "penalties-cf.csv": "penalty",
    "penalties.xlsx": "penalty",
    "inspections.zip": "inspection",
    "alerts.xlsx": "alert",
}
ENCODINGS = {"practitioners.csv": "gb18030", "licences-xk.csv": "gb18030", "brands.csv": "utf-8-sig"}
NAMES = ("主体名称", "name", "orgName", "XK_XDR_MC", "CF_XDR_MC", "所在机构")
CODES = ("统一社会信用代码", "uscc", "XK_XDR_SHXYM", "CF_XDR_SHXYM", "CF_CFJGDM", "CF_SJLYDM")

Rows = list[dict[str, str]]


def rows_of(path: Path) -> Rows:
    """A file's rows by heading, read with the standard library and openpyxl alone."""
    content = path.read_bytes()
    if path.suffix == ".xlsx":
        return _sheet(content)
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [row for name in archive.namelist() for row in _csv(archive.read(name).decode())]
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    text = content.decode(ENCODINGS.get(path.name, "utf-8"))
    if path.name == "certificates-platform.json":
        return [dict(row) for row in json.loads(text)["data"]]
    if ".jsonl" in path.name:
        return [dict(json.loads(line)) for line in text.splitlines()]
    return _csv(text)


def _csv(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _sheet(content: bytes) -> Rows:
    page = load_workbook(io.BytesIO(content)).worksheets[0]
    cells = [["" if cell is None else str(cell) for cell in row] for row in page.iter_rows(values_only=True)]
    header = next(at for at, row in enumerate(cells) if all(row))
    return [dict(zip(cells[header], row, strict=True)) for row in cells[header + 1 :]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo")
    generate(target, TODAY)
    return target


@pytest.fixture(scope="module")
def tables(folder: Path) -> dict[str, Rows]:
    return {name: rows_of(folder / name) for name in KIND_OF}


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """Each file's name and all its text."""
    for path in sorted(folder.rglob("*")):
        if path.name in KIND_OF:
            yield path.name, "\n".join(",".join(row.values()) for row in rows_of(path))
        elif path.is_file():
            yield path.name, path.read_text(encoding="utf-8")


def of(tables: dict[str, Rows], kind: str, code: str) -> Rows:
    """All rows of a kind about one subject."""
    found = (row for name, rows in tables.items() if KIND_OF[name] == kind for row in rows)
    return [row for row in found if code in (row.get(heading) for heading in CODES)]


def test_same_day_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    first = generate(tmp_path / "a", TODAY, enterprises=200, records=500)
    second = generate(tmp_path / "b", TODAY, enterprises=200, records=500)
    assert [path.relative_to(tmp_path / "a") for path in first] == [
        path.relative_to(tmp_path / "b") for path in second
    ]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_another_seed_gives_other_enterprises(tmp_path: Path) -> None:
    generate(tmp_path / "a", TODAY, enterprises=100, records=50)
    generate(tmp_path / "b", TODAY, seed=7, enterprises=100, records=50)
    names = [{row["主体名称"] for row in rows_of(tmp_path / part / "enterprises.csv")} for part in ("a", "b")]
    assert names[0] != names[1]


@pytest.mark.parametrize("other", [date(2027, 2, 1), date(2028, 2, 29)])
def test_another_day_changes_nothing_but_dates(tmp_path: Path, other: date) -> None:
    generate(tmp_path / "a", TODAY, enterprises=200, records=500)
    generate(tmp_path / "b", other, enterprises=200, records=500)
    digits = re.compile(r"[0-9]+")
    shapes = [
        [(name, digits.sub("#", text)) for name, text in everything(tmp_path / part)] for part in ("a", "b")
    ]
    assert shapes[0] == shapes[1]
    codes = [
        [(row["统一社会信用代码"], row["主体名称"]) for row in rows_of(tmp_path / part / "enterprises.csv")]
        for part in ("a", "b")
    ]
    assert codes[0] == codes[1]


def test_there_are_2000_enterprises_and_10000_records_of_every_kind(
    folder: Path, tables: dict[str, Rows]
) -> None:
    counts = Counter(dict.fromkeys(KIND_OF.values(), 0))
    for name, rows in tables.items():
        counts[KIND_OF[name]] += len(rows)
    counts["policy"] = len(list((folder / "policies").glob("*.txt")))
    assert counts["enterprise"] >= 2000
    assert counts.total() - counts["enterprise"] >= 10_000
    assert min(counts.values()) >= 10
    assert len(counts) == 13


def test_every_kind_of_the_register_is_there() -> None:
    assert set(KIND_OF.values()) | {"policy"} <= set(kinds())


@pytest.mark.parametrize("name", KIND_OF)
def test_the_columns_of_each_file_are_known_to_its_kind(tables: dict[str, Rows], name: str) -> None:
    header = list(dict.fromkeys(heading for row in tables[name] for heading in row))
    kind = detect_kind(header)
    assert kind.name == KIND_OF[name]
    assert [heading for _, heading in match_header(header, kind).unknown] == []


def test_every_code_is_valid_and_of_the_region_329900(tables: dict[str, Rows]) -> None:
    codes = {row.get(heading, "") for rows in tables.values() for row in rows for heading in CODES} - {""}
    for code in codes:
        assert not parse_codes(code).flags
        if len(code) == 15:
            assert valid_registration(code)
            assert code.startswith("329900")
        else:
            assert valid_uscc(code)
            assert valid_organisation_code(code[8:17])
            assert code[2:8] == "329900"
            assert code[8:11] == "PDY"


def test_nothing_that_looks_like_a_unified_code_is_of_another_region(folder: Path) -> None:
    form = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z])")
    for name, text in everything(folder):
        others = [code for code in form.findall(text) if valid_uscc(code) and code[2:8] != "329900"]
        assert not others, name


def test_no_resident_identity_number_stands_anywhere(folder: Path) -> None:
    for name, text in everything(folder):
        found = re.findall(r"(?=([0-9]{17}[0-9X]))", text)
        assert not [number for number in found if valid_resident_number(number)], name


def test_no_telephone_number_stands_anywhere(folder: Path) -> None:
    for name, text in everything(folder):
        assert not re.search(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])", text), name


def test_every_organisation_is_named_an_example(tables: dict[str, Rows]) -> None:
    for name, rows in tables.items():
        for row in rows:
            subject = next(row[heading] for heading in NAMES if heading in row)
            has_code = any(row.get(heading) for heading in CODES[:4])
            person = (
                not has_code
                and len(subject) <= 4
                and name in ("penalties-cf.csv", "penalties.xlsx", "listings.jsonl")
            )
            assert "示例" in subject or person, (name, subject)


def test_every_authority_and_issuer_is_named_an_example(tables: dict[str, Rows]) -> None:
    headings = (
        *("发证机构", "发证机关", "issuer", "授予机关", "列入机关", "处罚机关", "检查机关", "发布机关"),
        *("rzjgIdName", "XK_XKJG", "CF_CFJG"),
    )
    said = {
        row[heading] for rows in tables.values() for row in rows for heading in headings if heading in row
    }
    assert len(said) > 30
    assert not [name for name in said if "示例" not in name]


def test_enterprise_names_are_all_different(tables: dict[str, Rows]) -> None:
    names = [row["主体名称"] for row in tables["enterprises.csv"]]
    assert len(names) == len(set(names))


def test_certificate_numbers_are_all_different(tables: dict[str, Rows]) -> None:
    numbers = [row["证书编号"] for row in tables["certificates.csv.gz"]]
    numbers += [row["certNumber"] for row in tables["certificates-platform.json"]]
    assert len(numbers) == len(set(numbers))


def test_certificates_stand_in_every_state(tables: dict[str, Rows]) -> None:
    rows = tables["certificates.csv.gz"]
    assert {row["证书状态"] for row in rows} == {"有效", "暂停", "撤销", "注销"}
    assert any(row["有效期至"] == "2026-11-22" for row in rows)
    assert any("2026-11-23" <= row["有效期至"] <= "2026-12-23" for row in rows)
    assert any(row["颁证日期"] > "2026-11-23" for row in rows)
    assert any(re.search(r"R1S$", row["证书编号"]) for row in rows)
    assert any(re.search(r"R\d[SML]-1$", row["证书编号"]) for row in rows)
    assert any(re.search(r"R\d[SML]/\d{4}$", row["证书编号"]) for row in rows)
    for row in rows:
        assert not row["状态变更日期"] or row["颁证日期"] <= row["状态变更日期"] <= "2026-11-23"


def test_nobody_is_on_the_red_and_the_black_list(tables: dict[str, Rows]) -> None:
    by_list: dict[str, set[str]] = {}
    for row in tables["listings.jsonl"]:
        by_list.setdefault(row["名单"], set()).add(row.get("统一社会信用代码", ""))
    assert set(by_list) == {"红名单", "黑名单", "重点关注", "经营异常"}
    assert not (by_list["红名单"] & by_list["黑名单"]) - {""}


def test_list_entries_are_current_ended_and_removed(tables: dict[str, Rows]) -> None:
    rows = tables["listings.jsonl"]
    assert any("移出日期" in row for row in rows)
    assert any(row.get("列入期满日", "9") < "2026-11-23" for row in rows)
    assert any("移出日期" not in row and row.get("列入期满日", "") > "2026-11-23" for row in rows)
    assert all(row["列入日期"] <= row.get("移出日期", "2026-11-23") <= "2026-11-23" for row in rows)


def test_grades_reach_from_aaa_to_d_and_some_have_lapsed(tables: dict[str, Rows]) -> None:
    assert {row["grade"] for row in tables["ratings.csv"]} == {"AAA", "AA", "A", "B", "C", "D"}
    assert any(row["valid_until"] < "2026-11-23" for row in tables["ratings.csv"])


def test_penalties_are_of_persons_sole_traders_and_organisations(tables: dict[str, Rows]) -> None:
    parties = Counter(row["CF_XDR_LB"] for row in tables["penalties-cf.csv"])
    assert set(parties) == {"自然人", "个体工商户", "法人及非法人组织"}
    assert all(not row["CF_XDR_SHXYM"] for row in tables["penalties-cf.csv"] if row["CF_XDR_LB"] == "自然人")


def test_sounds_and_twins_are_there_for_search_to_show(tables: dict[str, Rows]) -> None:
    names = " ".join(row["主体名称"] for row in tables["enterprises.csv"])
    assert all(word in names for word in ("华晟", "华盛", "华胜"))
    stems = Counter(re.sub(r"^示例.?市", "", row["主体名称"]) for row in tables["enterprises.csv"])
    assert stems.most_common(1)[0][1] >= 2


def test_stories_keep_code_and_name(tables: dict[str, Rows]) -> None:
    register = {row["统一社会信用代码"]: row["主体名称"] for row in tables["enterprises.csv"]}
    assert {story.code: story.name for story in STORIES}.items() <= register.items()


def test_the_clean_story_has_valid_certificates_an_aaa_and_nothing_adverse(tables: dict[str, Rows]) -> None:
    assert {row["证书状态"] for row in of(tables, "certificate", CLEAN_AAA.code)} == {"有效"}
    assert [row["grade"] for row in of(tables, "rating", CLEAN_AAA.code)] == ["AAA"]
    assert [row["名单"] for row in of(tables, "listing", CLEAN_AAA.code)] == ["红名单"]
    assert not of(tables, "penalty", CLEAN_AAA.code)


def test_the_restricted_stories_have_what_restricts_them(tables: dict[str, Rows]) -> None:
    assert [row["名单名称"] for row in of(tables, "listing", BLACKLISTED.code)] == ["严重违法失信名单"]
    assert float(of(tables, "penalty", HEAVY_FINE.code)[0]["CF_NR_FK"]) >= 200
    (ban,) = of(tables, "listing", BANNED_FOR_LIFE.code)
    assert "终身" in ban["列入事由"]
    assert "列入期满日" not in ban
    assert "限制从业" in of(tables, "penalty", BANNED_FOR_LIFE.code)[0]["CF_CFLB"]


def test_the_certificate_stories_are_in_their_states() -> None:
    states = {
        story: certificates_of(story, TODAY)[0]
        for story in (SUSPENDED, REVOKED, EXPIRED_YESTERDAY, NOT_YET_VALID)
    }
    assert states[SUSPENDED].status == "暂停"
    assert states[REVOKED].status == "撤销"
    assert states[EXPIRED_YESTERDAY].valid_until == date(2026, 11, 22)
    assert states[NOT_YET_VALID].issued_on == date(2026, 12, 3)


def test_the_other_stories_show_what_they_say(tables: dict[str, Rows]) -> None:
    (renamed,) = of(tables, "enterprise", RENAMED_TWICE.code)
    assert len(renamed["曾用名"].split("；")) == 2
    assert len(OLD_NUMBER.code) == 15
    assert [row["CF_CFLB"] for row in of(tables, "penalty", ONLY_WARNED.code)] == ["警告"]
    assert all(row["移出日期"] for row in of(tables, "listing", REPAIRED.code))
    assert len(of(tables, "penalty", REPAIRED.code)) == 2


def test_no_row_has_a_problem_and_no_two_are_the_same_record(tables: dict[str, Rows]) -> None:
    seen: set[tuple[str, ...]] = set()
    for name, rows in tables.items():
        kind = kinds()[KIND_OF[name]]
        header = list(dict.fromkeys(heading for row in rows for heading in row))
        fields = match_header(header, kind).fields
        for row in rows:
            values = {
                field.column.name: value
                for field in fields
                if (value := cell(field.column, row.get(field.heading, "")))
            }
            assert list(kind.check(values, TODAY)) == [], (name, row)
            start, end = (str(values.get(column or "", "")) for column in (kind.valid_from, kind.valid_until))
            assert not start or not end or start <= end, (name, row)
            subject = str(values.get("uscc") or values.get("name", ""))
            key = (kind.name, subject, *(str(values.get(column, "")) for column in kind.key))
            assert key not in seen, key
            seen.add(key)


def cell(column: Column, text: str) -> Value:
    """A cell as the check of its kind gets it; amounts are left as text."""
    if column.type is Type.DATE and text:
        return iso_date(text)
    if column.type is Type.CHOICE and text and column.choices is not None:
        term = column.choices.find(text)
        assert term is not None, text
        return term.code
    return text


@pytest.mark.parametrize("seed", range(12))
def test_a_handful_of_records_is_made_as_well(tmp_path: Path, seed: int) -> None:
    files = generate(tmp_path, TODAY, seed=seed, enterprises=len(STORIES) + 1, records=1 + seed)
    assert all(path.stat().st_size for path in files)


def test_too_few_enterprises_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="enterprises must be over"):
        generate(tmp_path, TODAY, enterprises=3)

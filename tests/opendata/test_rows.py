"""Rows of an export: every heading means its column, nothing is a formula, and what was written is read back."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.ingest import Job, ingest
from indexer.kinds.base import Kind
from indexer.opendata.export import export
from indexer.opendata.persons import leaving
from indexer.opendata.rows import header, public_columns
from indexer.register.database import connect, migrate
from indexer.sources import own_columns
from indexer.sources.columns import detect_kind, match_header
from tests.register.conftest import Desk, row, uscc

FORMULAS = ("=1+1", "+86", "-3", "@SUM(A1)", "＝1", "\t=1", "'=1", "''@x")
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@pytest.mark.parametrize("kind", leaving().values(), ids=lambda kind: kind.name)
def test_the_header_of_every_kind_is_read_as_that_kind_column_by_column(kind: Kind) -> None:
    found = detect_kind(header(kind.name))
    assert found is kind
    plan = match_header(header(found.name), found)
    read = {field.index: field.column for field in plan.fields}
    assert [read[at] for at in range(len(read))] == list(public_columns(found))
    assert not plan.unknown
    assert set(plan.own) == own_columns.ADDED - {own_columns.CHANGE}


@given(st.one_of(texts, st.sampled_from(FORMULAS), st.builds(str.__add__, st.sampled_from(FORMULAS), texts)))
def test_no_cell_begins_like_a_formula_and_every_cell_is_read_back(text: str) -> None:
    written = own_columns.safe(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert own_columns.plain(written) == text


@given(st.dictionaries(texts, texts))
def test_further_columns_are_read_back_from_their_one_cell(more: dict[str, str]) -> None:
    assert own_columns.read(own_columns.written(more)) == more


@given(
    st.lists(st.one_of(texts, st.sampled_from(FORMULAS)), min_size=3, max_size=3),
    st.dictionaries(texts, texts),
)
def test_a_row_survives_csv(cells: list[str], more: dict[str, str]) -> None:
    row = [*map(own_columns.safe, cells), own_columns.written(more)]
    file = io.StringIO(newline="")
    csv.writer(file).writerow(row)
    [read] = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert [*map(own_columns.plain, read[:3]), own_columns.read(read[3])] == [*cells, more]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_formulas_and_further_columns_come_back_from_an_export(desk: Desk, tmp_path: Path, form: str) -> None:
    drafts = [
        row(n, "示例甲有限公司", uscc(1), number=f"示例{n:03}", scope=text, category="=HYPERLINK(1)")
        for n, text in enumerate(FORMULAS)
        if not text.startswith("\t")
    ]
    drafts[0].extra = {"备注一": "＝2", "备注（２）": "甲\n乙"}
    drafts[1].values["status"] = "suspended"
    assert desk.publish("certificate", drafts) == []
    [file] = export(desk.register, ["certificate"], form, tmp_path)
    url = f"sqlite:///{tmp_path / 'again.sqlite3'}"
    migrate(url)
    again = Desk(connect(url))
    again.clock.instant = desk.clock.instant
    [report] = ingest([file.path], Job(again.engine, again.clock))
    assert (report.refused, report.rejected, report.added) == (None, 0, len(drafts))
    one, other = (
        {each.id: (each.values, each.extra, each.status) for each in of.register.records_between(0, 99)}
        for of in (desk, again)
    )
    assert one == other
    again.engine.dispose()


def test_an_export_whose_further_columns_were_tampered_with_is_rejected_by_row(
    desk: Desk, tmp_path: Path
) -> None:
    desk.publish("certificate", [row(2, "示例甲有限公司", uscc(1), number="示例001", category="x")])
    [file] = export(desk.register, ["certificate"], "csv", tmp_path)
    rows = list(csv.reader(io.StringIO(file.path.read_text(encoding="utf-8-sig"), newline="")))
    at = rows[0].index(own_columns.MORE)
    for wrong in ("{", "[1]", '{"a": 1}', '{"身份证号": "1"}', '{"证书编号": "1"}'):
        rows[1][at] = wrong
        with file.path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
        [report] = ingest([file.path], Job(desk.engine, desk.clock))
        assert report.rejected == 1, wrong

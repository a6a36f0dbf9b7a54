"""Every operation against a real portal: what the client gives is all of what the portal said."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl import Workbook, load_workbook

from indexer.clock import Clock
from indexer.demo.stories import BLACKLISTED, CLEAN_AAA
from indexer.demo.story_facts import certificates_of
from tests.portal.conftest import Program
from tests.servers import CHECKOUT
from zhixin_client import BadRequest, Client, File, NotFound
from zhixin_client.models import BatchBody, BidderGiven, CheckAnswer, CheckBody, Model, RequirementGiven
from zhixin_client.operations import Operations

TODAY = Clock().today()
NUMBER = certificates_of(CLEAN_AAA, TODAY)[0].number
BIDDERS = CheckBody(
    bidders=[BidderGiven(id=CLEAN_AAA.code), BidderGiven(name=BLACKLISTED.name)],
    requirements=[RequirementGiven(certificate_kind="质量管理体系认证")],
    as_of=TODAY - timedelta(days=1),
)


@pytest.fixture(scope="module")
def filed(program: Program) -> CheckAnswer:
    """A check that was made."""
    with Client(f"http://{program.host}") as asking:
        return asking.finished(asking.ask_check(BIDDERS))


def same(answer: Model, said: Any) -> None:
    """That a model has all of a JSON, word for word, but for what tells only of the moment of asking."""
    ours = answer.model_dump(mode="json", by_alias=True)
    for passing in ("took_ms", "checked_at", "known_at"):
        ours.pop(passing, None), said.pop(passing, None)
    assert ours == said


def test_every_operation_that_reads_gives_all_that_the_portal_said(
    client: Client, program: Program, filed: CheckAnswer
) -> None:
    record = client.subject_records(CLEAN_AAA.code, kind="certificate", limit=1).results[0]
    day = TODAY - timedelta(days=30)
    asked: dict[str, tuple[Model, str]] = {
        "search_records": (client.search_records("示例", kind="penalty", limit=3), "/search?q=示例&kind=penalty&limit=3"),
        "suggest": (client.suggest("示例市恒"), "/suggest?q=示例市恒"),
        "credit_file": (client.credit_file(CLEAN_AAA.code), f"/subjects/{CLEAN_AAA.code}"),
        "subject_records": (client.subject_records(CLEAN_AAA.code), f"/subjects/{CLEAN_AAA.code}/records"),
        "verify_certificate": (client.verify_certificate(NUMBER, as_of=day), f"/certificates/{NUMBER}?as_of={day}"),
        "restrictions": (client.restrictions(BLACKLISTED.code), f"/restrictions/{BLACKLISTED.code}"),
        "list_entries": (client.list_entries("black", limit=5), "/lists/black?limit=5"),
        "one_record": (client.one_record(record.id), f"/records/{record.id}"),
        "record_history": (client.record_history(record.id), f"/records/{record.id}/history"),
        "read_check_again": (client.read_check_again(filed.receipt.key), f"/checks/{filed.receipt.key}"),
        "check_changes": (client.check_changes(filed.receipt.key), f"/checks/{filed.receipt.key}/changes"),
        "changes": (client.changes(limit=5), "/changes?limit=5"),
        "statistics": (client.statistics(by="kind"), "/statistics?by=kind"),
        "confirm_receipt": (client.confirm_receipt(filed.receipt.number), f"/receipts/{filed.receipt.number}"),
    }  # fmt: skip
    for answer, path in asked.values():
        said = program.fetch("/api/v1" + quote(path, safe="/?&="))
        assert said.status == 200, path
        same(answer, said.json)
    public = {name for name in vars(Operations) if not name.startswith("_")}
    untried = public - asked.keys() - {"ask_check"}
    assert untried <= OTHERS, f"no test asks {untried}"


OTHERS = frozenset({"credit_files"})
"""Operations that are tried elsewhere."""


def test_many_files_at_once_are_those_that_are_read_one_by_one(client: Client) -> None:
    codes = [CLEAN_AAA.code, BLACKLISTED.code]
    found = client.credit_files(BatchBody(ids=[*codes, "91329900MA00000001"]))
    assert [each.status for each in found.results] == [200, 200, 404]
    assert [each.file for each in found.results[:2]] == [client.credit_file(code) for code in codes]


def test_a_check_says_who_is_restricted_and_which_certificate_is_held(filed: CheckAnswer) -> None:
    clean, listed = filed.bidders
    assert (clean.restricted, listed.restricted) == (False, True)
    assert clean.requirements[0].met == "met"
    assert filed.as_of == TODAY - timedelta(days=1)


def test_all_pages_together_are_all_there_is(client: Client) -> None:
    one_by_one = [each.id for each in client.each(client.list_entries, "black", limit=7)]
    assert len(one_by_one) > 14 and len(set(one_by_one)) == len(one_by_one)
    at_once = client.list_entries("black", limit=200)
    assert one_by_one[: len(at_once.results)] == [each.id for each in at_once.results]
    first = [
        each.id
        for _, each in zip(range(5), client.each(client.search_records, "示例", limit=2), strict=False)
    ]
    assert first == [each.id for each in client.search_records("示例", limit=5).results]


def test_what_nobody_has_is_told_with_what_is_near(client: Client) -> None:
    wrong = CLEAN_AAA.code[:16] + CLEAN_AAA.code[17] + CLEAN_AAA.code[16]
    with pytest.raises(NotFound) as unknown:
        client.credit_file(wrong)
    assert unknown.value.code == "not-found" and CLEAN_AAA.code in unknown.value.suggestions


def test_a_refused_argument_is_named(client: Client) -> None:
    with pytest.raises(BadRequest) as refused:
        client.restrictions(CLEAN_AAA.code, domain="nonsense")  # type: ignore[arg-type]
    assert [each.where for each in refused.value.errors] == ["domain"]


def test_a_number_with_every_sort_of_character_arrives_as_it_is(client: Client) -> None:
    for number in ("00114E22766R2L/3502", "(苏)XK13-001 00001", "a?b#c%2F", "示例 + 编号&x=1"):
        with pytest.raises(NotFound) as unknown:
            client.verify_certificate(number)
        assert unknown.value.status == 404
    for dots in ("", ".", ".."):
        with pytest.raises(ValueError, match="address"):
            client.one_record(dots)


def test_the_example_checks_a_list_from_excel_and_writes_the_result(program: Program, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["投标人", "代码"],
        [CLEAN_AAA.name, CLEAN_AAA.code],
        [BLACKLISTED.name, None],
        ["=示例无此公司", None],
    ):
        sheet.append(row)
    sheet["A4"].data_type = "s"
    book.save(tmp_path / "bidders.xlsx")
    command = ["clients/python/examples/check_bidders.py", f"http://{program.host}"]
    day = TODAY - timedelta(days=1)
    made = subprocess.run(
        [sys.executable, *command, tmp_path / "bidders.xlsx", tmp_path / "result.xlsx", "--as-of", str(day)],
        cwd=CHECKOUT,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT / "clients" / "python")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    rows = list(load_workbook(tmp_path / "result.xlsx").active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert rows[0][:5] == ("所填代码", "所填名称", "是谁", "代码", "登记名称") and "行政许可" in rows[0]
    assert rows[1][3] == CLEAN_AAA.code and "受限" not in rows[1]
    assert rows[2][3] == BLACKLISTED.code and "受限" in rows[2]
    assert rows[3][3] is None and not str(rows[3][1]).startswith("=")
    assert any(str(day) in str(row[0]) for row in rows[4:]) and any(
        "信用中国" in str(row[0]) for row in rows[4:]
    )


def test_the_example_says_plainly_what_is_wrong(program: Program, tmp_path: Path) -> None:
    (tmp_path / "bidders.csv").write_text("", encoding="utf-8")
    command = [sys.executable, "clients/python/examples/check_bidders.py"]
    for portal in (f"http://{program.host}", "http://127.0.0.1:9", "nonsense"):
        made = subprocess.run(
            [*command, portal, tmp_path / "bidders.csv", tmp_path / "result.xlsx"],
            cwd=CHECKOUT,
            env=os.environ | {"PYTHONPATH": str(CHECKOUT / "clients" / "python")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 1 and made.stderr.strip() and "Traceback" not in made.stderr


def test_a_file_that_is_no_list_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.xlsx"):
        File.read(tmp_path / "list.pdf")
    assert date.fromisoformat("2026-03-01")

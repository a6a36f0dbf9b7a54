"""Bidder checks as programs use them: asked in every form, kept word for word, worked off when long, confirmed by number."""

import csv
import hashlib
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import update

from indexer.clock import Clock
from indexer.demo.stories import BANNED_FOR_LIFE, BLACKLISTED, CLEAN_AAA
from indexer.ingest import Job, ingest
from indexer.register.canonical import canonical
from indexer.register.database import connect, writing
from indexer.register.models import Receipt
from indexer.register.receipts import Receipts
from indexer.register.withdrawing import withdraw
from portal.api import check_schemas
from portal.checks.office import AT_ONCE
from portal.context import EXTENSION
from portal.uploads import XLSX
from tests.conftest import StartPortal
from tests.portal.conftest import API, House, Program
from tests.portal.test_contract import strict
from tests.register.conftest import row, uscc

BIDDERS = [
    {"id": CLEAN_AAA.code, "name": CLEAN_AAA.name},
    {"id": BLACKLISTED.code},
    {"name": BANNED_FOR_LIFE.name},
    {"name": "示例天外来客有限公司"},
]


def ask(house: House, **asked: Any) -> Any:
    return house.client.post(f"{API}/checks", json=asked)


@pytest.fixture
def filled(house: House) -> House:
    """A house with a firm on the black list and one without a blemish."""
    house.desk.publish("enterprise", [row(n, f"示例{n}号机械有限公司", uscc(n)) for n in (1, 2)])
    house.desk.publish("listing", [_listing()])
    house.sync()
    return house


def _listing(**values: Any) -> Any:
    return row(
        1,
        "示例1号机械有限公司",
        uscc(1),
        **{
            "list": "black",
            "scheme": "严重违法失信名单",
            "listed_on": "2026-02-01",
            "status": "listed",
            "document_number": "示例列〔2026〕1号",
            "subject_kind": "organisation",
        }
        | values,
    )


def test_a_check_is_answered_as_described_and_again_byte_for_byte(program: Program) -> None:
    import http.client

    body = json.dumps(
        {
            "as_of": Clock().today().isoformat(),
            "project": "示例采-2026-1",
            "bidders": BIDDERS,
            "requirements": [{"certificate_kind": "质量管理体系认证"}],
        }
    )
    connection = http.client.HTTPConnection(program.host, timeout=30)
    connection.request("POST", f"{API}/checks", body.encode(), {"Content-Type": "application/json"})
    first = connection.getresponse()
    answer, said = json.loads(text := first.read()), dict(first.headers)
    connection.close()
    assert first.status == 200, text
    described = check_schemas.CheckAnswer.model_validate_json(text)
    assert (
        described.model_dump(mode="json", by_alias=True) == answer
    )  # no field, however deep, that is not described
    found = [each["match"]["certainty"] for each in answer["bidders"]]
    assert found[:3] == ["exact", "exact", "certain"] and found[3] in ("none", "uncertain")
    assert answer["bidders"][1]["restricted"] and answer["bidders"][1]["domains"][0]["because"][0]["basis"]
    assert answer["bidders"][0]["requirements"][0]["met"] == "met"
    assert answer["summary"]["bidders"] == 4 and answer["project"] == "示例采-2026-1"
    assert said["Cache-Control"] == "no-store" and said["Referrer-Policy"] == "no-referrer"

    receipt = answer.pop("receipt")
    assert hashlib.sha256(canonical(answer)).hexdigest() == receipt["hash"]
    again = program.get(f"/checks/{receipt['key']}")
    assert (again.status, again.body) == (200, text)
    confirmed = program.get(f"/receipts/{receipt['number']}")
    assert confirmed.json["hash"] == receipt["hash"] and confirmed.json["state"] == "done"
    for hidden in (CLEAN_AAA.name, BLACKLISTED.code, "示例采", receipt["key"], "restricted"):
        assert hidden not in confirmed.text
    page = program.fetch(f"/verify/{receipt['number']}")
    assert page.status == 200 and receipt["hash"] in page.text
    assert BLACKLISTED.code not in page.text and receipt["key"] not in page.text


def test_json_form_csv_and_xlsx_mean_the_same(filled: House) -> None:
    names = [("统一社会信用代码", "投标人名称"), (uscc(1), "示例1号机械有限公司"), (uscc(2), "")]
    book = Workbook()
    for cells in names:
        book.worksheets[0].append(cells)
    book.save(xlsx := io.BytesIO())
    csv.writer(text := io.StringIO()).writerows(names)
    client, path = filled.client, f"{API}/checks"
    day = {"as_of": "2026-02-10"}
    bidders = [{"id": uscc(1), "name": "示例1号机械有限公司"}, {"id": uscc(2)}]
    form = {"question": json.dumps(day), "file": (io.BytesIO(xlsx.getvalue()), "名单.xlsx")}
    answers = [
        client.post(path, json=day | {"bidders": bidders}),
        client.post(path, data=text.getvalue().encode(), content_type="text/csv", query_string=day),
        client.post(path, data=xlsx.getvalue(), content_type=XLSX, query_string=day),
        client.post(path, data=form),
    ]
    assert [each.status_code for each in answers] == [200] * 4, [each.text[:300] for each in answers]
    told = [each.get_json() for each in answers]
    assert told[0]["as_of"] == "2026-02-10" and told[0]["summary"]["restricted"] == 1
    assert all(each["bidders"] == told[0]["bidders"] for each in told)


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({}, ["bidders"]),
        ({"bidders": []}, ["bidders"]),
        ({"bidders": [{"id": uscc(1)}], "asof": "2026-02-01"}, ["asof"]),
        ({"bidders": [{"id": uscc(1), "nmae": "x"}]}, ["bidders.0.nmae"]),
        ({"bidders": [{"id": 913299}]}, ["bidders.0.id"]),
        ({"bidders": [{"id": uscc(1)}], "as_of": "2026-W10-1"}, ["as_of"]),
        ({"bidders": [{"id": uscc(1)}], "as_of": "2026-03-03"}, ["as_of"]),
        ({"bidders": [{"id": uscc(1)}], "known_at": "2099-01-01T00:00:00Z"}, ["known_at"]),
        ({"bidders": [{"id": uscc(1)}], "domains": ["sports"]}, ["domains"]),
        ({"bidders": [{"id": uscc(1)}], "requirements": [{}]}, ["requirements"]),
        ({"bidders": [{"id": uscc(1)}], "requirements": [{"valid_on": "x"}]}, ["requirements.0.valid_on"]),
        ({"bidders": [{"id": uscc(1)}], "project": "a\nb"}, ["project"]),
        ({"bidders": [{"id": uscc(1)}], "project": "示" * 201}, ["project"]),
        ([1], ["body"]),
    ],
)
def test_what_is_wrong_with_a_check_is_refused_by_name(house: House, asked: Any, wrong: list[str]) -> None:
    answer = house.client.post(f"{API}/checks", json=asked)
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/problem+json"
    named = [each["where"] for each in answer.get_json()["errors"]]
    assert named == wrong or (wrong == ["body"] and len(named) == 1)


@pytest.mark.parametrize(
    ("data", "media", "where"),
    [
        (b"\xff\xfe{}", "application/json", "body"),
        (b'{"bidders":[{"id":"1","id":"2"}]}', "application/json", "id"),
        (b"[" * 100_000, "application/json", "body"),
        (b'{"a":NaN}', "application/json", "body"),
        (b"", "text/csv", "file"),
        (b"PK\x03\x04nonsense", XLSX, "file"),
        (b"\x00" * 1000, "text/csv", "file"),
        (b"x", "text/html", "Content-Type"),
        (b"x", "multipart/form-data; boundary=y", "file"),
    ],
)
def test_a_body_that_is_nothing_of_the_kind_is_refused(
    house: House, data: bytes, media: str, where: str
) -> None:
    answer = house.client.post(f"{API}/checks", data=data, content_type=media)
    assert answer.status_code == (415 if where == "Content-Type" else 400), answer.text
    assert [each["where"] for each in answer.get_json()["errors"]] == [where]


def test_a_body_that_is_too_long_is_413(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.uploads.LARGEST", 1000)
    answer = house.client.post(f"{API}/checks", data=b" " * 1001, content_type="application/json")
    assert answer.status_code == 413
    assert answer.get_json()["type"].endswith("#too-large")


def test_a_check_after_correction_and_withdrawal_gives_the_old_receipt_word_for_word(
    house: House, tmp_path: Path
) -> None:
    house.desk.clock.instant = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    listing = {
        "主体名称": "示例大道机械有限公司",
        "统一社会信用代码": uscc(1),
        "名单名称": "严重违法失信名单",
        "列入日期": "2026-05-04",
        "文号": "示例列〔2026〕1号",
        "列入机关": "示例市市场监督管理局",
    }
    _take(house, tmp_path / "listing.csv", [listing])
    firm = {k: listing[k] for k in ("主体名称", "统一社会信用代码")} | {
        "企业类型": "有限责任公司",
        "登记状态": "存续",
    }
    _take(house, tmp_path / "enterprise.csv", [firm])
    house.sync()
    first = ask(house, as_of="2026-05-20", bidders=[{"id": uscc(1)}])
    answer = first.get_json()
    key = answer["receipt"]["key"]
    assert answer["bidders"][0]["restricted"] is True

    removal = {"移出日期": "2026-05-10", "移出原因": "列入有误，予以更正"}
    _take(house, tmp_path / "listing.csv", [listing | removal])
    house.sync()
    corrected = ask(house, as_of="2026-05-20", bidders=[{"id": uscc(1)}])
    fresh = corrected.get_json()
    assert fresh["bidders"][0]["restricted"] is False
    assert fresh["receipt"]["hash"] != answer["receipt"]["hash"]
    assert house.client.get(f"{API}/checks/{key}").data == first.data
    changed = house.get(f"/checks/{key}/changes")
    assert {each["which"] for each in changed["changes"]} >= {"bidding", "government_procurement"}
    assert all("严重违法失信名单" in each["before"]["zh"] for each in changed["changes"])
    assert {each["after"]["zh"] for each in changed["changes"]} == {"无限制"}

    house.desk.clock.instant += timedelta(hours=1)
    withdraw(house.desk.engine, house.desk.clock, house.desk.register.version().number, "该批次有误")
    house.sync()
    assert ask(house, as_of="2026-05-20", bidders=[{"id": uscc(1)}]).get_json()["bidders"][0]["restricted"]
    assert house.get(f"/checks/{key}/changes")["changes"] == []
    assert house.client.get(f"{API}/checks/{key}").data == first.data
    assert house.client.get(f"{API}/checks/{fresh['receipt']['key']}").data == corrected.data


def _take(house: House, path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    house.desk.clock.instant += timedelta(hours=1)
    [report] = ingest([path], Job(house.desk.engine, house.desk.clock))
    assert (report.refused, report.rejected) == (None, 0), report


def test_a_key_that_opens_nothing_is_404_and_tells_nothing(house: House) -> None:
    for path in ("/checks/no-key", "/checks/no-key/changes", "/receipts/ZX-20260302-222222", "/receipts/x"):
        answer = house.client.get(API + path)
        assert answer.status_code == 404, path
        assert "no-key" not in answer.text


def test_a_mistyped_number_is_told_from_an_unknown_one(filled: House) -> None:
    number = ask(filled, bidders=[{"id": uscc(1)}]).get_json()["receipt"]["number"]
    wrong = number[:-1] + ("2" if number[-1] != "2" else "3")
    assert "抄错" in filled.client.get(f"{API}/receipts/{wrong}").text
    assert "抄错" in filled.client.get(f"/verify/{wrong}").text
    assert filled.client.get(f"/verify/{number.lower()}").status_code == 200


def test_the_key_is_in_no_log_and_asks_to_be_kept_by_nobody(
    filled: House, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ask(filled, bidders=[{"id": uscc(1)}]).get_json()["receipt"]["key"]
    for path in (
        f"{API}/checks/{key}",
        f"/checks/{key}",
        f"/checks/{key}/changes",
        f"/checks/{key}/result.xlsx",
    ):
        answer = filled.client.get(path)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    office = filled.app.extensions[EXTENSION].office
    monkeypatch.setattr(type(office), "open", lambda *_: 1 / 0)
    assert filled.client.get(f"{API}/checks/{key}").status_code == 500
    said = "".join(capfd.readouterr())
    assert "ZeroDivisionError" in said and key not in said


def many(number: int) -> list[dict[str, str]]:
    return [{"id": uscc(1 + each % 2)} for each in range(number)]


def test_a_long_check_is_202_with_progress_and_then_whole(filled: House) -> None:
    answer = ask(filled, as_of="2026-02-10", bidders=many(AT_ONCE + 1))
    assert answer.status_code == 202
    check_schemas.CheckPending.model_validate_json(answer.data)
    where, pending = answer.headers["Location"], answer.get_json()
    assert int(answer.headers["Retry-After"]) > 0 and pending["progress"]["of"] == AT_ONCE + 1
    deadline = time.monotonic() + 60
    while (answer := filled.client.get(where)).status_code == 202 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert answer.status_code == 200, answer.text
    whole = answer.get_json()
    strict(check_schemas.CheckAnswer).model_validate_json(answer.data)
    assert [each["row"] for each in whole["bidders"]] == list(range(1, AT_ONCE + 2))
    receipt = whole.pop("receipt")
    assert receipt["number"] == pending["receipt"]["number"]
    assert hashlib.sha256(canonical(whole)).hexdigest() == receipt["hash"]
    pages = [filled.client.get(f"/checks/{receipt['key']}", query_string={"page": n}) for n in (1, 6, 7)]
    assert [each.status_code for each in pages] == [200, 200, 404]
    assert filled.client.get(f"{API}/checks/{receipt['key']}/changes").status_code == 400


def test_what_is_wrong_with_a_long_check_is_told_at_once(filled: House) -> None:
    answer = ask(filled, as_of="2099-01-01", bidders=many(AT_ONCE + 1))
    assert (answer.status_code, answer.get_json()["errors"][0]["where"]) == (400, "as_of")


def test_a_check_whose_process_is_killed_is_taken_over_by_another(
    demonstration: Path, gunicorn: StartPortal, tmp_path: Path
) -> None:
    import shutil

    shutil.copytree(demonstration, tmp_path / "var")
    environ = {"ZHIXIN_DATA": str(tmp_path / "var")}
    first = gunicorn(environ)
    body = json.dumps({"bidders": [{"id": CLEAN_AAA.code}, {"id": BLACKLISTED.code}] * 10_000}).encode()
    pending = _post(Program(first.url), body)
    engine = connect(f"sqlite:///{tmp_path / 'var' / 'register.sqlite3'}")
    receipts = Receipts(engine, Clock())
    key = pending["receipt"]["key"]
    deadline = time.monotonic() + 60
    while (at := receipts.by_key(key)) is not None and not at.checked and time.monotonic() < deadline:
        time.sleep(0.02)
    assert at is not None and at.state == "running" and 0 < at.checked < 20_000
    import os
    import signal

    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()
    with writing(engine) as connection:  # instead of waiting half a minute
        old = Clock().now() - timedelta(seconds=31)
        connection.execute(update(Receipt).where(Receipt.state == "running").values(heartbeat=old))
    other = Program(gunicorn(environ).url)
    deadline = time.monotonic() + 120
    while (answer := other.get(f"/checks/{key}")).status == 202 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert answer.status == 200, answer.text[:500]
    whole = answer.json
    receipt = whole.pop("receipt")
    assert len(whole["bidders"]) == 20_000 and whole["summary"]["restricted"] == 10_000
    assert hashlib.sha256(canonical(whole)).hexdigest() == receipt["hash"]
    assert receipt["number"] == pending["receipt"]["number"]
    engine.dispose()


def _post(program: Program, body: bytes) -> Any:
    import http.client

    connection = http.client.HTTPConnection(program.host, timeout=60)
    connection.request("POST", f"{API}/checks", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status == 202, text
    return json.loads(text)


def test_a_check_costs_as_much_as_it_has_bidders(open_house: Callable[..., House]) -> None:
    house = open_house(rate_limits=("8/minute",))
    house.desk.publish("enterprise", [row(1, "示例1号机械有限公司", uscc(1))])
    house.sync()
    first = ask(house, bidders=many(4))
    assert first.status_code == 200 and first.headers["RateLimit"].startswith('"minute";r=4;')
    refused = ask(house, bidders=many(5))
    assert refused.status_code == 429 and refused.content_type == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert ask(house, bidders=many(3)).status_code == 200  # the one that was refused cost 1, that it was read
    assert ask(house, bidders=many(1)).status_code == 429


def test_a_check_that_no_window_of_the_plan_holds_is_refused_for_good(
    open_house: Callable[..., House],
) -> None:
    house = open_house(rate_limits=("5/minute", "20/day"))
    refused = ask(house, bidders=many(21))
    assert refused.status_code == 403 and refused.get_json()["type"].endswith("#beyond-plan")
    assert "Retry-After" not in refused.headers
    assert (
        ask(house, bidders=many(6)).status_code == 200
    )  # more than a minute holds: it takes what is left of it
    assert ask(house, bidders=many(1)).status_code == 429


def test_a_receipt_is_kept_for_its_time(filled: House) -> None:
    receipt = ask(filled, bidders=many(1)).get_json()["receipt"]
    assert date.fromisoformat(receipt["keep_until"]) == date(2042, 3, 2)

"""/data: what is given to download, to whom nothing is, and that what was removed is gone at once."""

import csv
import gzip
import hashlib
import html
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from indexer.feed import recording
from indexer.opendata.downloads import GRACE, Downloads
from indexer.opendata.export import export
from indexer.opendata.manifest import FORMATS
from indexer.opendata.persons import leaving
from indexer.register.database import writing
from indexer.register.removing import remove_within
from indexer.sources import own_columns
from portal import downloads as served
from portal.context import EXTENSION
from tests.portal.conftest import House
from tests.portal.test_the_door import FORBIDDEN, SOLE, walled
from tests.register.conftest import row, uscc

assert walled  # a fixture

CERTIFICATE = "/data/certificate.jsonl.gz"


@pytest.fixture
def stocked(house: House) -> House:
    """A house with some certificates, the first of an id that is known, and downloads of them."""
    drafts = [
        row(n, "示例甲有限公司", uscc(1), number=f"99926Q{n:05d}R0S", category="质量管理体系认证")
        for n in range(40)
    ]
    house.desk.publish("certificate", drafts)
    refresh(house)
    return house


def refresh(house: House) -> int:
    """What the background job does, a little later."""
    house.desk.clock.instant += timedelta(minutes=2)
    parts = house.app.extensions[EXTENSION]
    return Downloads(parts.register, parts.settings.downloads_folder, block=2).refresh()


def fetched(house: House, path: str, **headers: str) -> Any:
    with house.client.get(path, headers=headers) as answer:
        assert answer.data is not None
        return answer


def lines(house: House, path: str = CERTIFICATE) -> list[dict[str, Any]]:
    answer = fetched(house, path)
    assert answer.status_code == 200
    return [json.loads(line) for line in gzip.decompress(answer.data).splitlines()]


def test_a_download_is_what_the_index_says_of_it_and_its_records_are_those_of_the_api(stocked: House) -> None:
    index = fetched(stocked, "/data/index.json").get_json()
    [dataset] = [each for each in index["dataset"] if each["identifier"] == "certificate"]
    assert (dataset["records"], dataset["left_out"], dataset["updating"]) == (40, 0, False)
    for each in dataset["distribution"]:
        answer = fetched(stocked, each["downloadURL"].removeprefix("http://localhost"))
        assert len(answer.data) == each["byteSize"] == answer.content_length
        assert hashlib.sha256(answer.data).hexdigest() == each["sha256"] == answer.get_etag()[0]
    read = lines(stocked)
    assert [each["id"] for each in read] == sorted(each["id"] for each in read)
    for each in read[::13]:
        answer = stocked.get(f"/records/{each['id']}")
        shared = each.keys() & answer.keys()
        assert len(shared) >= 18
        assert {name: each[name] for name in shared} == {name: answer[name] for name in shared}


def test_the_csv_is_the_one_that_is_exported(stocked: House, tmp_path: Path) -> None:
    [exported] = export(stocked.desk.register, ["certificate"], "csv", tmp_path)
    content = gzip.decompress(fetched(stocked, "/data/certificate.csv.gz").data)
    assert content == exported.path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    index = fetched(stocked, "/data/index.json").get_json()
    columns = next(each["columns"] for each in index["dataset"] if each["identifier"] == "certificate")
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert [each["heading"] for each in columns] == head
    assert len(rows) == 40


def test_part_of_a_download_and_one_that_has_not_changed_cost_no_more_than_that(stocked: House) -> None:
    whole = fetched(stocked, CERTIFICATE)
    for asked, start, stop in (("bytes=0-9", 0, 10), ("bytes=700-1500", 700, 1501), ("bytes=-20", -20, None)):
        part = fetched(stocked, CERTIFICATE, Range=asked)
        assert (part.status_code, part.data) == (206, whole.data[start:stop])
        assert part.headers["Content-Range"].endswith(f"/{len(whole.data)}")
    assert fetched(stocked, CERTIFICATE, Range="bytes=99999999-").status_code == 416
    same = fetched(stocked, CERTIFICATE, **{"If-None-Match": whole.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    changed = fetched(stocked, CERTIFICATE, Range="bytes=0-9", **{"If-Range": '"another"'})
    assert (changed.status_code, changed.data) == (200, whole.data)
    head = stocked.client.head(CERTIFICATE)
    assert (head.status_code, head.content_length, head.data) == (200, len(whole.data), b"")


def test_a_record_that_was_removed_is_given_out_by_no_download_from_that_moment(stocked: House) -> None:
    gone, *_ = [each["id"] for each in lines(stocked)]
    before = {path.name for path in folder(stocked).glob("certificate/*.gz")}
    with writing(stocked.desk.engine) as connection:
        remove_within(connection, stocked.desk.clock, gone, "测试")
    answer = fetched(stocked, CERTIFICATE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "15")
    assert fetched(stocked, "/data/brand.csv.gz").status_code == 200
    assert "正在更新" in fetched(stocked, "/data").text
    assert refresh(stocked) < 10  # of forty
    assert gone not in [each["id"] for each in lines(stocked)] and len(lines(stocked)) == 39
    after = {path.name for path in folder(stocked).glob("certificate/*.gz")}
    assert before <= after  # downloads that have begun go on
    assert len(after - before) <= 2  # of one block, where anything is left in it
    stocked.desk.clock.instant += GRACE
    stocked.desk.publish("certificate", [row(2, "示例甲有限公司", uscc(1), number="示例1", category="x")])
    refresh(stocked)
    for _ in range(2):
        assert gone not in "".join(
            gzip.decompress(path.read_bytes()).decode() for path in folder(stocked).glob("certificate/*.gz")
        )


def test_publicity_that_ends_at_midnight_ends_in_downloads_at_midnight(house: House) -> None:
    values: dict[str, Any] = {
        "kinds": "没收违法所得",
        "decided_on": "2026-02-20",
        "subject_kind": "organisation",
    }
    drafts = [
        row(
            n,
            "示例甲有限公司",
            uscc(1),
            document_number=f"示例〔2026〕{n}号",
            public_until=until,
            cause="x",
            **values,
        )
        for n, until in enumerate(("2026-03-02", "2026-03-20"))
    ]
    house.desk.publish("penalty", drafts)
    refresh(house)
    assert len(lines(house, "/data/penalty.jsonl.gz")) == 2
    house.desk.clock.instant += timedelta(hours=12)
    assert house.desk.clock.today().isoformat() == "2026-03-02"
    assert fetched(house, "/data/penalty.jsonl.gz").status_code == 200
    house.desk.clock.instant += timedelta(hours=2)
    assert fetched(house, "/data/penalty.jsonl.gz").status_code == 503
    refresh(house)
    assert [each["number"] for each in lines(house, "/data/penalty.jsonl.gz")] == ["示例〔2026〕1号"]


def folder(house: House) -> Path:
    found: Path = house.app.extensions[EXTENSION].settings.downloads_folder
    return found


def test_a_block_that_was_lost_is_made_again(stocked: House) -> None:
    whole = fetched(stocked, CERTIFICATE).data
    for path in list(folder(stocked).glob("certificate/[0-9a-f]*.jsonl.gz"))[:3]:
        path.unlink()
    stocked.desk.publish("brand", [row(2, "示例甲有限公司", uscc(1), title="示例名牌")])
    refresh(stocked)
    assert fetched(stocked, CERTIFICATE).data == whole


def test_before_the_first_run_and_when_the_job_has_stopped_the_page_says_so(stocked: House) -> None:
    assert "还没有文件" not in fetched(stocked, "/data").text
    stocked.desk.publish("certificate", [row(2, "示例甲有限公司", uscc(1), number="示例1", category="x")])
    stocked.desk.clock.instant += timedelta(minutes=9)
    assert "文件不是最新的" not in fetched(stocked, "/data").text
    stocked.desk.clock.instant += timedelta(minutes=2)
    assert "文件不是最新的" in fetched(stocked, "/data").text
    assert len(lines(stocked)) == 40  # what there is is still given out
    for path in sorted(folder(stocked).rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert "还没有文件" in fetched(stocked, "/data").text
    assert fetched(stocked, CERTIFICATE).status_code == 503
    assert fetched(stocked, "/data/index.json").status_code == 503


@pytest.mark.parametrize(
    "name", ["practitioner.csv", "certificate.xlsx", "nothing.csv", "..%2Fmanifest.json"]
)
def test_there_is_no_download_of_anything_else(stocked: House, name: str) -> None:
    assert fetched(stocked, f"/data/{name}.gz").status_code == 404


def test_only_some_are_given_out_at_once(stocked: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "BUFFER", 100)
    begun: list[Iterator[Any]] = []
    answers = []
    for _ in range(served.AT_ONCE):
        answer = stocked.client.get(CERTIFICATE, buffered=False)
        begun.append(answer.iter_encoded())
        next(begun[-1])
        answers.append(answer)
    assert fetched(stocked, CERTIFICATE).status_code == 503
    assert stocked.client.head(CERTIFICATE).status_code == 200
    for answer in answers:
        answer.close()
    assert fetched(stocked, CERTIFICATE).status_code == 200


def test_nothing_that_may_not_be_shown_leaves_in_bulk(walled: House, tmp_path: Path) -> None:
    refresh(walled)
    said = []
    for kind in leaving():
        for form in ("csv", "jsonl"):
            said.append(gzip.decompress(fetched(walled, f"/data/{kind}.{form}.gz").data).decode())
    for form in ("csv", "jsonl"):
        for file in export(walled.desk.register, list(leaving()), form, tmp_path, None):
            said.append(file.path.read_text(encoding="utf-8"))
        since = walled.desk.clock.today() - timedelta(days=3)
        for file in export(walled.desk.register, list(leaving()), form, tmp_path, since):
            said.append(file.path.read_text(encoding="utf-8"))
    assert any("生产不合格电缆" in text for text in said)
    for text in said:
        assert not FORBIDDEN.search(text)
        assert SOLE not in text and "慕容" not in text


def test_of_what_is_public_no_more_changes_name_the_id_and_nothing_else(
    stocked: House, tmp_path: Path
) -> None:
    gone = lines(stocked)[0]["id"]
    stocked.desk.clock.instant += timedelta(days=1)
    since = stocked.desk.clock.today()
    with writing(stocked.desk.engine) as connection:
        remove_within(connection, stocked.desk.clock, gone, "测试")
    [file] = export(stocked.desk.register, ["certificate"], "csv", tmp_path, since)
    head, *rows = csv.reader(io.StringIO(file.path.read_text(encoding="utf-8-sig"), newline=""))
    [removed] = rows
    assert {name: cell for name, cell in zip(head, removed, strict=True) if cell} == {
        own_columns.RECORD: gone,
        own_columns.CHANGE: "不再公示",
    }
    [file] = export(stocked.desk.register, ["certificate"], "jsonl", tmp_path, since)
    assert json.loads(file.path.read_text()) == {"change": "removed", "id": gone, "kind": "certificate"}
    assert (file.removed, file.added, file.changed) == (1, 0, 0)


def test_index_page_and_file_name_the_position_from_which_the_feed_goes_on(stocked: House) -> None:
    nothing = {"position": None, "accessURL": None}
    assert fetched(stocked, "/data/index.json").get_json()["change_feed"] == nothing
    assert "X-Zhixin-Change-Position" not in fetched(stocked, CERTIFICATE).headers
    recording.record(stocked.desk.register)
    refresh(stocked)
    feed = fetched(stocked, "/data/index.json").get_json()["change_feed"]
    assert feed["position"] == fetched(stocked, CERTIFICATE).headers["X-Zhixin-Change-Position"]
    assert html.escape(feed["accessURL"]) in stocked.client.get("/data").text
    following = feed["accessURL"].removeprefix("http://localhost")
    later = row(99, "示例乙有限公司", uscc(2), number="99926Q99999R0S", category="质量管理体系认证")
    stocked.desk.publish("certificate", [later])
    recording.record(stocked.desk.register)
    answer = stocked.client.get(following).get_json()
    assert "99926Q99999R0S" in {each["record"]["number"] for each in answer["results"]}


@pytest.mark.parametrize("form", FORMATS)
def test_the_file_of_a_kind_without_records_is_a_gzip_file(stocked: House, form: str) -> None:
    packed = fetched(stocked, f"/data/brand.{form}.gz").data
    assert packed[:2] == b"\x1f\x8b"
    assert len(gzip.decompress(packed).splitlines()) == (1 if form == "csv" else 0)

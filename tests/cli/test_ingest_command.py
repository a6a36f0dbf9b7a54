"""A file of certificates goes in, is found, is corrected, is taken back: the main way, as a user goes it."""

import gzip
import json
from pathlib import Path

from tests.cli.command import Zhixin, certificate, csv_text, read_rejects, write

COUNTS = ("rows", "added", "changed", "unchanged", "rejected")
CONTRACT = {"path", "kind", *COUNTS, "rejects_path", "seconds"}


def counts(report: dict[str, object]) -> tuple[object, ...]:
    return tuple(report[name] for name in COUNTS)


def test_certificates_go_in_are_found_and_corrected(zhixin_on_each: Zhixin, tmp_path: Path) -> None:
    zhixin = zhixin_on_each
    file = write(tmp_path / "证书 1.csv", [certificate(n) for n in range(1, 6)])

    ended = zhixin.ingest(file)
    assert ended.code == 0
    [report] = ended.files
    assert set(report) >= CONTRACT
    assert report["path"] == str(file)
    assert report["kind"] == "certificate"
    assert report["rejects_path"] is None
    assert report["seconds"] >= 0
    assert counts(report) == (5, 5, 0, 0, 0)

    assert zhixin("sync").code == 0
    found = zhixin.register().records(zhixin.found("SL0000003Q"))
    assert [record.name for record in found.values()][:1] == ["示例3号制造有限公司"]
    assert zhixin.found("示例3号制造")

    [again] = zhixin.ingest(file).files
    assert counts(again) == (5, 0, 0, 5, 0)
    assert zhixin.register().version().number == 1

    corrected = [certificate(n) for n in range(1, 6)]
    corrected[1]["证书状态"], corrected[3]["有效期至"] = "暂停", "2098-01-01"
    write(file, corrected)
    ended = zhixin.ingest("--dry-run", file)
    [tried] = ended.files
    assert counts(tried) == (5, 0, 2, 3, 0)
    assert "证书状态" in ended.err or "status" in ended.err
    assert "valid → suspended" in ended.err
    assert zhixin.register().version().number == 1
    [report] = zhixin.ingest(file).files
    assert counts(report) == (5, 0, 2, 3, 0)

    register = zhixin.register()
    lengths = {
        record.number: len(register.history(record.id))
        for record in register.records_between(0, register.last_version())
    }
    assert lengths == {f"SL000000{n}Q": 2 if n in (2, 4) else 1 for n in range(1, 6)}

    assert zhixin("batch", "withdraw", 2, "--reason", "发错文件").code == 0
    assert zhixin("sync").code == 0
    [suspended] = register.records(zhixin.found("SL0000002Q")).values()
    assert suspended.status == "valid"
    listed = zhixin("batch", "list").out.splitlines()
    assert [line.split("\t")[0] for line in listed] == ["3", "2", "1"]
    assert "已被批次 3 撤回" in listed[1]


def test_rejected_rows_come_back_with_line_and_reason_and_go_in_once_mended(
    zhixin: Zhixin, tmp_path: Path
) -> None:
    rows = [certificate(n) for n in range(1, 5)]
    rows[1]["有效期至"] = "2018-02-30"
    rows[2]["证书编号"] = ""
    folder = tmp_path / "退回"

    ended = zhixin.ingest("--rejects", folder, write(tmp_path / "c.csv", rows))
    assert ended.code == 3
    [report] = ended.files
    assert counts(report) == (4, 2, 0, 0, 2)
    assert Path(report["rejects_path"]).parent == folder
    rejects = read_rejects(report)
    assert [{name: row[name] for name in rows[1]} for row in rejects] == rows[1:3]
    assert [row["行号"] for row in rejects] == ["3", "4"]
    assert "有效期至" in rejects[0]["原因"]
    assert "证书编号" in rejects[1]["原因"]

    mended = Path(report["rejects_path"])
    text = mended.read_text("utf-8-sig").replace("2018-02-30", "2099-02-28")
    mended.write_text(text.replace("\r\n,", "\r\nSL0000003Q,").replace("\n,", "\nSL0000003Q,"), "utf-8-sig")
    ended = zhixin.ingest(mended)
    assert ended.code == 0, ended.files
    assert counts(ended.files[0]) == (2, 2, 0, 0, 0)
    assert set(zhixin.contents()) == {f"SL000000{n}Q" for n in range(1, 5)}
    assert counts(zhixin.ingest(write(tmp_path / "c.csv", [certificate(n) for n in range(1, 5)])).files[0])[
        :3
    ] == (
        4,
        0,
        0,
    )


def test_a_dry_run_of_a_new_file_stores_nothing_and_leaves_no_rejects(zhixin: Zhixin, tmp_path: Path) -> None:
    rows = [certificate(1), certificate(2, 有效期至="2018-02-30")]
    ended = zhixin.ingest("--dry-run", write(tmp_path / "c.csv", rows))
    assert ended.code == 3
    assert counts(ended.files[0]) == (2, 1, 0, 0, 1)
    assert zhixin.contents() == {}
    assert [path.name for path in tmp_path.iterdir() if path.name != "var"] == ["c.csv"]
    assert zhixin("sync").code == 0
    assert zhixin.search().count() == 0


def test_what_can_not_be_understood_is_told_in_one_line(zhixin: Zhixin, tmp_path: Path) -> None:
    not_made = zhixin("batch", "withdraw", 7, "--reason", "试")
    assert not_made.code == 1
    assert "zhixin init" in not_made.complaint

    file = write(tmp_path / "c.csv", [certificate(1)])
    unknown_kind = zhixin("ingest", "--kind", "certificat", file)
    assert unknown_kind.code == 1
    assert "certificate（认证证书）" in unknown_kind.complaint

    missing = zhixin("ingest", tmp_path / "没有这个文件.csv")
    assert missing.code == 1
    assert "没有这个文件.csv" in missing.complaint

    unknown_option = zhixin("ingest", "--frobnicate", file)
    assert unknown_option.code == 2
    assert "--frobnicate" in unknown_option.complaint

    wrong = {"ZHIXIN_DATABASE_URL": "mysql://x", "ZHIXIN_RATE_LIMITS": "many", "ZHIXIN_LOG_LEVELS": "INFO"}
    settings = zhixin("sync", environ=wrong)
    assert settings.code == 1
    assert all(name in settings.complaint for name in wrong)

    down = zhixin("sync", environ={"ZHIXIN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    assert down.code == 1
    assert "登记库暂时无法访问" in down.complaint


def test_a_refused_file_keeps_no_other_out_and_is_told_in_the_summary(zhixin: Zhixin, tmp_path: Path) -> None:
    good, bad = write(tmp_path / "好.csv", [certificate(1)]), tmp_path / "\x1b[31m坏\n.csv"
    bad.write_text("颜色,尺寸\n红,大\n", encoding="utf-8")
    ended = zhixin.ingest(bad, good)
    assert ended.code == 1
    refused, taken = ended.files
    assert refused["error"]["code"] == "file-refused"
    assert "颜色" in refused["error"]["zh"]
    assert counts(refused) == (0, 0, 0, 0, 0)
    assert counts(taken) == (1, 1, 0, 0, 0)
    assert "\x1b" not in ended.err
    assert sum(line.startswith("zhixin: ") for line in ended.err.splitlines()) == 1


def test_kind_and_source_named_by_the_operator_are_kept(zhixin: Zhixin, tmp_path: Path) -> None:
    file = tmp_path / "c.csv.gz"
    file.write_bytes(gzip.compress(csv_text([certificate(1)]).encode("gb18030")))
    ended = zhixin.ingest("--kind", "认证证书", "--source", "示例局", file)
    assert ended.code == 0
    assert ended.files[0]["path"] == str(file)
    register = zhixin.register()
    records = register.records_between(0, register.last_version())
    assert [record.source for record in records] == ["示例局"]
    assert json.loads(ended.out)["files"][0]["kind"] == "certificate"

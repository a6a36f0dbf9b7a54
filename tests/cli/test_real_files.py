"""The shared real files through the command line: what is dirty in them is said, the rest goes in."""

import gzip
from collections import Counter
from itertools import islice
from pathlib import Path

from indexer.identifiers import parse_codes
from tests.cli.command import Zhixin, read_rejects

ROWS = 20_000


def first_rows(packed: Path, target: Path) -> Path:
    """The first rows of a packed file, packed again."""
    with gzip.open(packed, "rb") as source, gzip.open(target, "wb", compresslevel=1) as file:
        file.writelines(islice(source, ROWS + 1))
    return target


def test_real_files_go_in_and_their_dirt_comes_back_with_reasons(zhixin: Zhixin, shared: Path) -> None:
    data = shared / "data"
    files = [
        first_rows(data / f"{name}.csv.gz", zhixin.folder / f"{name}.csv.gz")
        for name in ("enterprises_jiangsu_tianjin", "enterprises_national")
    ]
    policies = sorted((data / "policies").iterdir())
    rejects = zhixin.folder / "rejects"
    ended = zhixin.ingest("--rejects", rejects, *files, data / "cnca_certificates.json", *policies)
    assert ended.code in (0, 3), ended.err
    jiangsu, national, certificates, *documents = ended.files

    for report in (jiangsu, national):
        assert report["kind"] == "enterprise"
        assert report["rows"] == ROWS
        parts = (report["added"], report["changed"], report["unchanged"], report["rejected"])
        assert sum(parts) == ROWS
        assert report["rejected"] < ROWS / 100
        rejected = read_rejects(report) if report["rejected"] else []
        assert len(rejected) == report["rejected"]
        assert all(row["原因"] and int(row["行号"]) > 1 for row in rejected)
        reasons = Counter(row["原因"].partition("：")[0] for row in rejected)
        print(f"{report['path']}: {parts} {report['seconds']} s, rejected for {dict(reasons)}")

    assert (certificates["kind"], certificates["added"], certificates["rejected"]) == ("certificate", 4, 0)
    assert [report["kind"] for report in documents] == ["policy"] * len(policies)
    assert sum(report["added"] for report in documents) == len(policies)

    assert zhixin("sync").code == 0
    register = zhixin.register()
    records, _ = register.by_number(["00114E22766R2L/3502"])
    assert [record.name for record in records] == ["漳州灿坤实业有限公司"]
    assert records[0].status == "expired"
    assert zhixin.search().count() == sum(register.counts().values())
    with gzip.open(files[0], "rt", encoding="utf-8") as file:
        header, line = next(file), next(file)
    assert header.count(",") > 2
    code = next(cell for cell in line.split(",") if len(cell) == 18 and cell.isalnum())
    assert register.credit_file(parse_codes(code))
    assert zhixin.found(code)

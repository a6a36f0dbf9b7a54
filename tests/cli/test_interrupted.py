"""Killed, or out of room: nothing is half done, and the same command afterwards gives the whole result."""

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.command import Zhixin, certificate, no_file_over, peak_memory, write

ROWS = 12_000
BAD = 5
SQLITE_CACHE = 64 << 10  # KiB


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file whose last rows are rejected, so that a rejects file is being written near its end."""
    rows = [
        certificate(n) if n <= ROWS - BAD else certificate(n, 有效期至="2018-02-30")
        for n in range(1, ROWS + 1)
    ]
    return write(tmp_path_factory.mktemp("large") / "large.csv", rows)


def written(zhixin: Zhixin) -> int:
    """Bytes that the database and its log hold; the log may come and go between two looks."""
    held = 0
    for path in (zhixin.folder / "var").glob("register.sqlite3*"):
        with suppress(FileNotFoundError):
            held += path.stat().st_size
    return held


def test_an_ingest_killed_at_any_moment_leaves_nothing_and_can_be_run_again(
    zhixin: Zhixin, large: Path
) -> None:
    file = zhixin.folder / "large.csv"
    os.link(large, file)
    assert zhixin("init").code == 0
    empty = written(zhixin)
    moments = []
    for grown in (1, 2 << 20, 5 << 20):
        process = zhixin.start("ingest", file)
        while process.poll() is None and written(zhixin) < empty + grown:
            time.sleep(0.002)
        moments.append(written(zhixin) - empty)
        process.kill()
        process.communicate()
        assert zhixin.register().version().number in (0, 1)
        if zhixin.register().version().number == 0:
            assert zhixin.contents() == {}
        zhixin.close()
    print(f"killed when {moments} bytes had been written")

    ended = zhixin.ingest(file)
    assert ended.code == 3
    [report] = ended.files
    assert report["rejected"] == BAD
    assert report["added"] + report["unchanged"] == ROWS - BAD
    assert len(zhixin.contents()) == ROWS - BAD
    assert zhixin.register().version().number == 1
    assert [path.name for path in file.parent.glob("*.csv")] == ["large.csv", "large.csv.rejects.csv"] or len(
        list(file.parent.glob("*.csv"))
    ) == 2


def test_a_full_disk_is_told_plainly_and_nothing_of_the_file_is_stored(zhixin: Zhixin, large: Path) -> None:
    file = write(zhixin.folder / "small.csv", [certificate(900_000)])
    assert zhixin("ingest", file).code == 0
    full = zhixin("ingest", large, limit=no_file_over(3 << 20))
    assert full.code == 1
    assert "磁盘空间不足" in full.complaint
    assert set(zhixin.contents()) == {"SL0900000Q"}
    assert not large.with_name("large.csv.rejects.csv").exists()
    ended = zhixin.ingest("--rejects", zhixin.folder, large)
    assert ended.code == 3
    assert ended.files[0]["added"] == ROWS - BAD
    assert len(zhixin.contents()) == ROWS - BAD + 1


def test_rejects_that_can_not_be_written_keep_the_whole_file_out(zhixin: Zhixin) -> None:
    file = write(zhixin.folder / "c.csv", [certificate(1), certificate(2, 有效期至="2018-02-30")])
    (zhixin.folder / "occupied").write_text("a file, no folder", encoding="utf-8")
    ended = zhixin("ingest", "--rejects", zhixin.folder / "occupied", file)
    assert ended.code == 1
    assert "退回文件" in ended.complaint
    assert zhixin.contents() == {}


def test_memory_does_not_grow_with_the_file(zhixin: Zhixin) -> None:
    """Ten times the rows, at most 1.3 times the memory beside the cache that SQLite may fill (`cache_size` in `connect`)."""
    peaks = []
    for rows in (10_000, 100_000):
        file = write(zhixin.folder / f"{rows}.csv", (certificate(n) for n in range(rows)))
        code, peak = peak_memory(zhixin, "ingest", "--dry-run", file)
        assert code == 0
        peaks.append(peak)
    print(f"peak memory: 10,000 rows {peaks[0] >> 10} MiB, 100,000 rows {peaks[1] >> 10} MiB")
    assert peaks[1] <= 1.3 * peaks[0] + SQLITE_CACHE

"""The command line as a user has it: another process, settings in the environment, what it wrote and how it ended."""

import csv
import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from indexer.clock import Clock
from indexer.identifiers import organisation_check, uscc_check
from indexer.register.database import connect
from indexer.register.reading import Register
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.search.query import Query
from indexer.settings import Settings
from tests.servers import CHECKOUT

SECONDS = 240
COLUMNS = (
    "证书编号",
    "统一社会信用代码",
    "主体名称",
    "证书类别",
    "发证机构",
    "颁证日期",
    "有效期至",
    "证书状态",
)

Row = Mapping[str, str]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def files(self) -> list[dict[str, Any]]:
        """What `ingest --json` said of each file."""
        said = json.loads(self.out)
        assert list(said) == ["files"]
        return list(said["files"])

    @property
    def complaint(self) -> str:
        """The one line on standard error that a failing command leaves."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("zhixin: ")
        assert "Traceback" not in self.err
        return lines[0]


@dataclass(frozen=True)
class Zhixin:
    """The command `zhixin` over the embedded parts in `folder / "var"`, or over the database at `database_url`."""

    folder: Path
    database_url: str = ""
    engines: list[Engine] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZHIXIN_")}
        data = {"ZHIXIN_DATA": str(self.folder / "var")}
        return inherited | data | ({"ZHIXIN_DATABASE_URL": self.database_url} if self.database_url else {})

    def start(
        self,
        *arguments: object,
        environ: Mapping[str, str] | None = None,
        limit: Callable[[], None] | None = None,
    ) -> "subprocess.Popen[str]":
        """Start a command; `limit` runs in the new process before it."""
        return subprocess.Popen(
            [sys.executable, "-m", "indexer", *map(str, arguments)],
            cwd=CHECKOUT,
            env=self.environ | dict(environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            preexec_fn=limit,
        )

    def __call__(
        self,
        *arguments: object,
        environ: Mapping[str, str] | None = None,
        limit: Callable[[], None] | None = None,
    ) -> Ended:
        """Run a command to its end."""
        with self.start(*arguments, environ=environ, limit=limit) as process:
            out, err = process.communicate(timeout=SECONDS)
        assert "Traceback" not in err, err
        return Ended(process.returncode, out, err)

    def ingest(self, *arguments: object) -> Ended:
        """`zhixin ingest --json`, well or with rejected rows."""
        return self("ingest", "--json", *arguments)

    @cached_property
    def settings(self) -> Settings:
        return Settings.from_environ(self.environ)

    def register(self, clock: Clock | None = None) -> Register:
        """The register that the commands wrote, read in this process."""
        if not self.engines:
            self.engines.append(connect(self.settings.database_url))
        return Register(self.engines[0], clock or Clock())

    def close(self) -> None:
        """Let go of the database."""
        for engine in self.engines:
            engine.dispose()
        self.engines.clear()

    def search(self) -> EmbeddedEngine:
        """The search index that the commands wrote."""
        return EmbeddedEngine(self.settings.search_folder)

    def found(self, text: str) -> list[str]:
        """The ids that a search finds, best first."""
        return [hit.id for hit in self.search().search(Query(text)).hits]

    def contents(self) -> dict[str, tuple[str | None, str | None]]:
        """Every certificate's and enterprise's name and state by its number, as the public sees them."""
        register = self.register()
        return {
            record.number or record.id: (record.name, record.status)
            for record in register.records_between(0, register.last_version())
        }


def uscc(number: int) -> str:
    """The unified code of an invented enterprise."""
    body = f"MA{number:06d}"
    first17 = f"91329900{body}{organisation_check(body)}"
    return first17 + uscc_check(first17)


def certificate(number: int, **changed: str) -> dict[str, str]:
    """A row of an invented certificate; `changed` columns by their Chinese names."""
    row = {
        "证书编号": f"SL{number:07d}Q",
        "统一社会信用代码": uscc(number % 900_000),
        "主体名称": f"示例{number}号制造有限公司",
        "证书类别": "质量管理体系认证",
        "发证机构": "示例认证有限公司",
        "颁证日期": "2024-03-01",
        "有效期至": "2099-02-28",
        "证书状态": "有效",
    }
    return row | changed


def csv_text(rows: Iterable[Row], header: Sequence[str] = COLUMNS) -> str:
    """A CSV of rows."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, header)
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def write(path: Path, rows: Iterable[Row], header: Sequence[str] = COLUMNS) -> Path:
    """A CSV file of rows, in UTF-8."""
    path.write_text(csv_text(rows, header), encoding="utf-8", newline="")
    return path


def read_rejects(report: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of the rejects file that a report names."""
    with Path(report["rejects_path"]).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


PEAK = """
import resource, subprocess, sys
ended = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
print(ended.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_memory(zhixin: Zhixin, *arguments: object) -> tuple[int, int]:
    """Exit code and peak resident memory (KiB) of one command. A process of its own counts, as the peak is that of all children."""
    command = [sys.executable, "-c", PEAK, sys.executable, "-m", "indexer", *map(str, arguments)]
    ended = subprocess.run(
        command, cwd=CHECKOUT, env=zhixin.environ, check=True, capture_output=True, text=True, timeout=SECONDS
    )
    code, peak = ended.stdout.split()
    return int(code), int(peak)


def no_file_over(size: int) -> Callable[[], None]:
    """For `limit`: the process can write no file beyond `size` bytes, which is what a full disk does to it."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

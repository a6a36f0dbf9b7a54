"""A partner written from docs/exchange.md alone: it reads the folder with the standard library and keeps what it should have."""

import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Key = tuple[str, str, str]
CODE = {
    "penalty": "CF_XDR_SHXYM",
    "licence": "XK_XDR_SHXYM",
    "listing": "统一社会信用代码",
    "rating": "统一社会信用代码",
}
NUMBER = {"penalty": "CF_WSH", "licence": "XK_WSH", "listing": "文号", "rating": "公布文号"}


@dataclass
class Mirror:
    """What a partner holds of us, by kind, code and number of the document. `reject` names a row that it does not take."""

    folder: Path
    reject: Callable[[dict[str, str]], str] = lambda row: ""
    held: dict[Key, dict[str, str]] = field(default_factory=dict)
    older: set[Key] = field(default_factory=set)
    place: tuple[int, int] = (0, 0)
    seen: list[str] = field(default_factory=list)
    removed: list[Key] = field(default_factory=list)
    complete: bool = False

    def read(self, *, acknowledge: bool = True) -> int:
        """Take every delivery that lies there whole and is the next one; gives how many."""
        taken = 0
        while (folder := self._next()) is not None:
            content = (folder / "manifest.json").read_bytes()
            manifest = json.loads(content)
            self._take(folder, manifest, content, acknowledge)
            taken += 1
        return taken

    def _next(self) -> Path | None:
        series, sequence = self.place
        for numbers in ((series, sequence + 1), (series + 1, 1)):
            folder = self.folder / "from-zhixin" / f"{numbers[0]}-{numbers[1]:06d}"
            if (folder / "manifest.json").is_file():
                return folder
        return None

    def _take(self, folder: Path, manifest: dict[str, Any], content: bytes, acknowledge: bool) -> None:
        assert manifest["previous"] == manifest["sequence"] - 1
        if manifest["series"] != self.place[0]:
            self.older, self.complete = set(self.held), False
        for each in manifest["files"]:
            body = (folder / each["name"]).read_bytes()
            assert (len(body), hashlib.sha256(body).hexdigest()) == (each["bytes"], each["sha256"])
        rejected = []
        for each in sorted(manifest["files"], key=lambda file: file["kind"] != "removals"):
            with (folder / each["name"]).open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            assert len(rows) == each["rows"]
            line = 2
            for row in rows:
                at = line
                line += 1 + sum(max(len(cell.splitlines()) - 1, 0) for cell in row.values())
                if each["kind"] == "removals":
                    self._drop(row)
                elif why := self.reject(row):
                    rejected.append(
                        {"file": each["name"], "line": at, "faults": [{"column": "", "message": why}]}
                    )
                else:
                    key = (each["kind"], row[CODE[each["kind"]]], row[NUMBER[each["kind"]]])
                    self.held[key] = row
                    self.older.discard(key)
        if manifest["complete"] and not self.complete:
            for key in self.older:
                del self.held[key]
            self.older, self.complete = set(), True
        self.place = (manifest["series"], manifest["sequence"])
        self.seen.append(folder.name)
        if acknowledge:
            self.acknowledge(folder.name, content, rejected)

    def _drop(self, row: dict[str, str]) -> None:
        key = (row["记录种类"], row["统一社会信用代码"], row["文号"])
        self.held.pop(key, None)
        self.older.discard(key)
        self.removed.append(key)

    def acknowledge(
        self, delivery: str, manifest: bytes, rejected: list[dict[str, Any]] | None = None, **more: Any
    ) -> None:
        """Put an acknowledgement."""
        said = {
            "format": "zhixin-acknowledgement/1",
            "series": int(delivery.split("-")[0]),
            "sequence": int(delivery.split("-")[1]),
            "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
            "status": "partial" if rejected else "accepted",
            "at": "2026-06-01T10:00:00+08:00",
            "rejected": len(rejected or ()),
            "rejected_rows": rejected or [],
        } | more
        folder = self.folder / "to-zhixin"
        folder.mkdir(exist_ok=True)
        aside = folder / ".part"
        aside.write_text(json.dumps(said), encoding="utf-8")
        aside.replace(folder / f"acknowledgement-{delivery}.json")

"""What a partner puts for us, written from docs/exchange.md alone."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.exchange.conftest import PENALTY_HEAD

HEADS = {
    "penalty": PENALTY_HEAD,
    "removals": "记录种类,统一社会信用代码,文号,原因代码,原因",
}


def delivery(
    files: Mapping[str, Sequence[str]], series: int = 1, sequence: int = 1, **more: Any
) -> dict[str, bytes]:
    """The files of a delivery by name, the manifest last."""
    bodies = {f"{kind}.csv": "\r\n".join((HEADS[kind], *rows, "")).encode() for kind, rows in files.items()}
    listed = [
        {
            "name": name,
            "kind": name.removesuffix(".csv"),
            "rows": len(files[name.removesuffix(".csv")]),
            "bytes": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        for name, body in bodies.items()
    ]
    manifest = {
        "format": "zhixin-delivery/1",
        "sender": "示例县",
        "series": series,
        "sequence": sequence,
        "previous": sequence - 1,
        "made_at": "2026-06-01T09:00:00+08:00",
        "complete": True,
        "acknowledge": True,
        "files": listed,
    } | more
    return bodies | {"manifest.json": json.dumps(manifest, ensure_ascii=False).encode()}


def put_delivery(
    folder: Path, files: Mapping[str, Sequence[str]], series: int = 1, sequence: int = 1, **more: Any
) -> Path:
    """Put a delivery into the folder of the exchange."""
    target = folder / "to-zhixin" / f"{series}-{sequence:06d}"
    target.mkdir(parents=True, exist_ok=True)
    for name, body in delivery(files, series, sequence, **more).items():
        (target / name).write_bytes(body)
    return target


def answer(folder: Path, series: int = 1, sequence: int = 1) -> dict[str, Any] | None:
    """What we said became of it."""
    path = folder / "from-zhixin" / f"acknowledgement-{series}-{sequence:06d}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

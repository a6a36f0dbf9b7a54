"""Generated records on the codes of the real enterprises, for throw-away registers only: certificates, penalties and entries of lists.

Nothing in them is true, so they are never loaded into a register that anybody reads, and are deleted with its folder.
"""

import csv
import gzip
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from indexer.clock import Clock
from indexer.identifiers import valid_uscc

Holder = tuple[str, str]
"""Code and name."""

TODAY = Clock().today()
ISSUER = "示例认证中心有限公司"
AUTHORITY = "示例市市场监督管理局"
STANDARDS = ("GB/T 19001-2016", "GB/T 24001-2016")


def holders(file: Path) -> list[Holder]:
    """The enterprises of a register's file that have a sound code."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
        return [(row["uscc"], row["name"]) for row in csv.DictReader(rows) if valid_uscc(row["uscc"])]


def certificates(path: Path, held: Iterable[Holder], turn: int = 0) -> Path:
    """One certificate of each holder, another with each `turn`."""
    since = TODAY - timedelta(days=500 + turn)
    days = (since.isoformat(), (since + timedelta(days=1095)).isoformat())
    return _written(
        path,
        ("uscc", "name", "number", "standard", "issuer", "issued_on", "valid_until", "status"),
        held,
        lambda at: (f"999{26 + turn}Q{at:07d}R0M", STANDARDS[turn % len(STANDARDS)], ISSUER, *days, "有效"),
    )


def penalties(path: Path, held: Sequence[Holder]) -> Path:
    """One penalty of each holder that the public sees: a fine, of every twentieth a stop of its business."""
    decided = (TODAY - timedelta(days=200)).isoformat()
    return _written(
        path,
        ("uscc", "name", "document_number", "cause", "kinds", "content", "fine", "authority", "decided_on"),
        held,
        lambda at: (
            f"示例市监罚〔2026〕{at}号",
            "生产不符合标准的产品",
            "罚款、责令停产停业" if at % 20 == 0 else "罚款",
            "罚款五万元",
            "50000",
            AUTHORITY,
            decided,
        ),
    )


def listings(path: Path, held: Sequence[Holder]) -> Path:
    """One entry of each holder on a list: of every tenth on the black one, else as operating abnormally."""
    listed = (TODAY - timedelta(days=300)).isoformat()
    return _written(
        path,
        ("uscc", "name", "scheme", "reason", "authority", "document_number", "listed_on"),
        held,
        lambda at: (
            "严重违法失信名单" if at % 10 == 0 else "经营异常名录",
            "未按照规定公示年度报告",
            AUTHORITY,
            f"示例市监列〔2026〕{at}号",
            listed,
        ),
    )


def _written(
    path: Path, header: Sequence[str], held: Iterable[Holder], row: Callable[[int], Sequence[str]]
) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows((*holder, *row(at)) for at, holder in enumerate(held))
    return path

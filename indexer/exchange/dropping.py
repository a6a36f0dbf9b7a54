"""What a partner takes back (对方的撤下通知): rows of its `removals.csv`, each of a record that came from this very partner."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from indexer.certificate_numbers import normal
from indexer.errors import FileRefused
from indexer.exchange.intake import Checked
from indexer.exchange.partners import Standing
from indexer.kinds import kinds
from indexer.kinds.base import Column, Kind, Problem
from indexer.register.models import Batch, Version
from indexer.register.publishing import record_id
from indexer.sources.files import open_tables
from indexer.sources.limits import Limits

COLUMNS = {
    "document_number": "文号",
    "number": "编号",
    "list": "名单",
    "scheme": "名称",
    "title": "名称",
    "issuer": "机构",
    "rated_on": "日期",
    "listed_on": "日期",
}
"""Column of a kind's key → the heading of a removal that says it."""

_identity = re.compile(r"[0-9a-f]{24}").fullmatch


@dataclass(frozen=True, slots=True)
class Drop:
    """A record to take down, and why in the partner's words."""

    record: str
    reason: str


def read_drops(
    connection: Connection, path: Path, partner: Standing, found: Checked, limits: Limits
) -> list[Drop]:
    """The records that a file of removals names. One that is not there any more is done already; one of another source is rejected.

    Raises FileRefused where the columns are others.
    """
    drops: list[Drop] = []
    for table in open_tables(path, limits):
        if missing := {"记录种类", "统一社会信用代码"} - set(table.header):
            named = "、".join(sorted(missing))
            raise FileRefused(f"撤下文件缺少列：{named}。", f"The file of removals lacks {named}.")
        for row in table:
            found.rows += 1
            said = {heading: cell.strip() for heading, cell in zip(table.header, row.cells, strict=False)}
            problem = _add(connection, said, partner, drops)
            if problem is not None:
                found.reject(path.name, row.line, (problem,))
    return drops


def _add(
    connection: Connection, said: Mapping[str, str], partner: Standing, drops: list[Drop]
) -> Problem | None:
    kind = kinds().get(said["记录种类"])
    if kind is None or kind.name not in partner.it.sends:
        return Problem("记录种类", "没有这个种类，或不在报送范围内。")
    record = said.get("记录号", "")
    record = record if _identity(record) else _computed(kind, said)
    asked = (
        select(Version.change, Batch.source)
        .join(Batch, Batch.id == Version.recorded_in)
        .where(Version.record_id == record, Version.superseded_in.is_(None))
    )
    row = connection.execute(asked).first()
    if row is None:
        return Problem("", "没有这条记录。")
    if row.change == "withdrawn":
        return None
    if row.source != partner.it.title:
        return Problem("", "这条记录不是由报送单位提供的，请由原单位撤下。")
    drops.append(Drop(record, f"{partner.it.title}：{said.get('原因') or '撤下'}"))
    return None


def _computed(kind: Kind, said: Mapping[str, str]) -> str:
    """The address of the record that code and key make."""
    columns = {column.name: column for column in kind.columns}
    key = [_key(columns[name], said.get(COLUMNS.get(name, ""), ""), kind) for name in kind.key]
    return record_id(kind.name, said["统一社会信用代码"], key)


def _key(column: Column, text: str, kind: Kind) -> str:
    if column.choices is not None and (term := column.choices.find(text)) is not None:
        return term.code
    return normal(text) if column.name == kind.number else text

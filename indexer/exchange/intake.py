"""What a partner may deliver (接收校验): each row is checked as any file's, and must be of the partner's region and authorities.

Rows that pass are written into a file of their own, which goes to the publishing desk or, from a trusted partner, into the register; the others
are named in the acknowledgement with their reasons.
"""

import csv
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from indexer.exchange.manifest import MOST_REJECTED, Fault, RejectedRow
from indexer.exchange.partners import Partner
from indexer.exchange.regions import belongs
from indexer.kinds.base import Find, Kind, Problem, text_in
from indexer.register.draft import Draft
from indexer.register.timeliness import RULES, due_day
from indexer.sources.check import Checker
from indexer.sources.files import open_tables
from indexer.sources.limits import Limits
from indexer.sources.table import Row

ELSEWHERE = "记录的行政区划不在报送单位的辖区内，请由所在地报送。"
NOT_THEIRS = "作出机关不在报送单位登记的机关之列。"
LONGEST_REASON = 200


@dataclass
class Checked:
    """What the check of a delivery found, over all its files. `reasons` counts by column and reason."""

    rows: int = 0
    rejected: int = 0
    named: list[RejectedRow] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    late: int = 0
    latest_by: int = 0

    def reject(self, file: str, line: int, problems: tuple[Problem, ...]) -> None:
        """Count a row that is not taken, and name it as long as there is room."""
        self.rejected += 1
        self.reasons.update({f"{each.column}：{_reason(each.zh)}" for each in problems})
        if len(self.named) < MOST_REJECTED:
            faults = tuple(Fault(column=each.column[:200], message=each.zh[:2000]) for each in problems[:50])
            self.named.append(RejectedRow(file=file, line=line, faults=faults))


@dataclass(frozen=True, slots=True)
class Clean:
    """The rows of one file that pass: where they lie, how many, and which line of the partner's file each came from."""

    path: Path
    kind: Kind
    rows: int
    lines: dict[int, int]


def check_file(
    path: Path, kind: Kind, partner: Partner, received_on: date, found: Checked, into: Path, limits: Limits
) -> Clean:
    """Check one file of a delivery. Raises FileRefused where it can not be read as a table of its kind."""
    lines: dict[int, int] = {}
    at, target = 2, into / path.with_suffix(".csv").name
    with target.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        for number, table in enumerate(open_tables(path, limits)):
            if number:
                break  # a delivery's file has one table
            checker = Checker(kind, table.header, received_on)
            out.writerow(table.header)
            for row in table:
                found.rows += 1
                problems = _problems(checker, row, kind, partner, received_on, found)
                if problems:
                    found.reject(path.name, row.line, problems)
                    continue
                lines[at] = row.line
                at += 1 + sum(max(len(cell.splitlines()) - 1, 0) for cell in row.cells)
                out.writerow(row.cells)
    return Clean(target, kind, len(lines), lines)


def _problems(
    checker: Checker, row: Row, kind: Kind, partner: Partner, received_on: date, found: Checked
) -> tuple[Problem, ...]:
    checked = checker.check(row)
    if not isinstance(checked, Draft):
        return checked.reasons
    problems = _foreign(checked, kind, partner)
    if not problems:
        _count_late(checked, kind, received_on, found)
    return problems


def _foreign(draft: Draft, kind: Kind, partner: Partner) -> tuple[Problem, ...]:
    """What is wrong with where a row comes from."""
    problems = []
    region, uscc = text_in(draft.values, "region"), draft.codes.uscc if draft.codes else None
    if not belongs((partner.region,), region, uscc):
        problems.append(Problem("行政区划", ELSEWHERE))
    if partner.authorities and not authorities_of(kind, draft.values).intersection(partner.authorities):
        problems.append(Problem("机关", NOT_THEIRS))
    return tuple(problems)


def authorities_of(kind: Kind, values: dict[str, object] | object) -> set[str]:
    """Who made a decision, by name and by code."""
    assert isinstance(values, dict)
    named = [column.name for column in kind.columns if column.find is Find.ISSUER]
    return {str(values[name]) for name in (*named, "authority_code", "issuer_code") if name in values}


def _count_late(draft: Draft, kind: Kind, received_on: date, found: Checked) -> None:
    """Count a decision that came later than it should be online (双公示: 7 work days)."""
    day = text_in(draft.values, kind.dated) if kind.dated else ""
    if kind.name in RULES and day:
        due = due_day(kind.name, date.fromisoformat(day)).date
        if received_on > due:
            found.late += 1
            found.latest_by = max(found.latest_by, (received_on - due).days)


def _reason(text: str) -> str:
    """A reason without what was in the cell, so that alike ones are counted together."""
    bare = "".join("…" if character.isdigit() else character for character in text)
    while "……" in bare:
        bare = bare.replace("……", "…")
    return bare[:LONGEST_REASON]

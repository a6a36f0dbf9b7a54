"""The statistics (统计): the counts of now, kept by each process and, for one that starts, in a file."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import orjson

from indexer.register.counting import Cell, Cube, counted
from indexer.register.reading import Register
from indexer.register.versions import RegisterVersion

Dimension = Literal["kind", "region", "year", "status"]
DIMENSIONS: Sequence[Dimension] = ("kind", "region", "year", "status")
Key = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by one or two dimensions, the most first; `rest` is how many records the groups have that were left off, `groups` all groups."""

    by: Sequence[Dimension]
    rows: Sequence[tuple[Key, int]]
    total: int
    groups: int
    rest: int
    day: date
    version: RegisterVersion


class Statistics:
    """The counts of one register. Always those of its present state: what was recorded since the last question is added to them first."""

    def __init__(self, register: Register, file: Path) -> None:
        self.register, self.file = register, file
        self._cube: Cube | None = None
        self._lock = threading.Lock()

    def cube(self) -> Cube:
        """The counts of now."""
        with self._lock:
            self._cube = counted(self.register, self._cube or self._kept())
            return self._cube

    def table(
        self,
        by: Sequence[Dimension],
        kind: str | None = None,
        region: str | None = None,
        limit: int | None = None,
    ) -> Table:
        """How many public records there are by some dimensions, of one kind, of one region."""
        cube = self.cube()
        groups: Counter[Key] = Counter()
        for cell, number in cube.cells.items():
            if kind in (None, cell.kind) and region in (None, cell.region):
                groups[tuple(getattr(cell, dimension) for dimension in by)] += number
        rows = sorted(groups.items(), key=lambda group: (-group[1], *map(_order, group[0])))
        shown = rows[:limit]
        total = groups.total()
        rest = total - sum(number for _, number in shown)
        return Table(by, shown, total, len(rows), rest, cube.day, cube.version)

    def keep(self) -> int:
        """Write the counts of now into the file, for processes that start; gives how many cells, 0 where they stand there already."""
        before = self._kept()
        cube = self.cube()
        if cube == before:
            return 0
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_name(f".{self.file.name}.part")
        fresh.write_bytes(_written(cube))
        fresh.replace(self.file)
        return len(cube.cells)

    def _kept(self) -> Cube | None:
        try:
            return _read(self.file.read_bytes())
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None


def _order(value: str | int | None) -> tuple[bool, str]:
    return value is None, str(value)


def _written(cube: Cube) -> bytes:
    return orjson.dumps(
        {
            "version": cube.version.number,
            "recorded_at": cube.version.recorded_at,
            "day": cube.day,
            "cells": [[*cell, number] for cell, number in cube.cells.items()],
        }
    )


def _read(content: bytes) -> Cube:
    said = orjson.loads(content)
    recorded = datetime.fromisoformat(said["recorded_at"]) if said["recorded_at"] else None
    cells = {Cell(kind, region, year, status): number for kind, region, year, status, number in said["cells"]}
    return Cube(RegisterVersion(said["version"], recorded), date.fromisoformat(said["day"]), cells)

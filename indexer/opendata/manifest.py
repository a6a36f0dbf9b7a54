"""What the downloads are made of (下载清单): one file that names every block, swapped whole, so that a download is of one state of the register.

A download is the blocks of its kind one after another. Each is a gzip member of its own, of the records whose ids begin alike; members that
stand one behind another are one gzip file (RFC 1952, 2.2). A block's file is named by its content and never changed.
"""

import os
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import orjson

from indexer.register.versions import RegisterVersion
from indexer.register.wholesale import Point

LAYOUT = 1
"""Raise it when rows are written otherwise: everything is then made anew."""

NAME = "manifest.json"
FORMATS = ("csv", "jsonl")


@dataclass(frozen=True, slots=True)
class Piece:
    """One block of a download: the file's name in the folder, and its bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Block:
    """The records of one kind whose ids begin alike: how many, how many more were left out, and its piece of each format."""

    records: int
    left_out: int
    pieces: dict[str, Piece]


@dataclass(frozen=True)
class Whole:
    """The downloads of one kind."""

    heads: dict[str, Piece]
    blocks: dict[str, Block]
    sha256: dict[str, str]

    @cached_property
    def records(self) -> int:
        """How many records it has."""
        return sum(block.records for block in self.blocks.values())

    @cached_property
    def left_out(self) -> int:
        """How many public records are not in it, since they are persons'."""
        return sum(block.left_out for block in self.blocks.values())

    def pieces(self, form: str) -> list[Piece]:
        """What a download is made of, in order."""
        first = [self.heads[form]] if form in self.heads else []
        return [*first, *(self.blocks[prefix].pieces[form] for prefix in sorted(self.blocks))]

    def size(self, form: str) -> int:
        """Bytes of a download."""
        return sum(piece.size for piece in self.pieces(form))


@dataclass(frozen=True, slots=True)
class Manifest:
    """One consistent set of downloads: of which state of the register, by how many digits it is cut, the kinds, and files that are no longer
    named, each with the instant since when. `position`: where the change feed goes on from the set; None where the feed had not told all of
    it yet, and in a set of a release that did not ask.
    """

    at: Point
    digits: int
    kinds: dict[str, Whole]
    retired: dict[str, datetime] = field(default_factory=dict)
    layout: int = LAYOUT
    position: str | None = None

    def names(self) -> set[str]:
        """Every file that is part of it."""
        return {
            piece.name for whole in self.kinds.values() for form in FORMATS for piece in whole.pieces(form)
        }

    def age(self, now: datetime) -> timedelta:
        """How long ago it was made."""
        return now - self.at.instant

    def written(self) -> bytes:
        """As it stands in its file."""
        return orjson.dumps(
            {
                "layout": self.layout,
                "register_version": self.at.version.number,
                "recorded_at": self.at.version.recorded_at,
                "day": self.at.day,
                "made_at": self.at.instant,
                "digits": self.digits,
                "position": self.position,
                "kinds": {
                    name: {
                        "heads": _packed(whole.heads),
                        "blocks": {
                            prefix: [block.records, block.left_out, _packed(block.pieces)]
                            for prefix, block in whole.blocks.items()
                        },
                        "sha256": whole.sha256,
                    }
                    for name, whole in self.kinds.items()
                },
                "retired": self.retired,
            }
        )

    @classmethod
    def read(cls, content: bytes) -> Self:
        """What `written` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        said = orjson.loads(content)
        recorded = said["recorded_at"]
        version = RegisterVersion(
            said["register_version"], datetime.fromisoformat(recorded) if recorded else None
        )
        return cls(
            Point(version, date.fromisoformat(said["day"]), datetime.fromisoformat(said["made_at"])),
            said["digits"],
            {
                name: Whole(
                    _unpacked(whole["heads"]),
                    {
                        prefix: Block(records, left_out, _unpacked(pieces))
                        for prefix, (records, left_out, pieces) in whole["blocks"].items()
                    },
                    whole["sha256"],
                )
                for name, whole in said["kinds"].items()
            },
            {name: datetime.fromisoformat(since) for name, since in said["retired"].items()},
            said["layout"],
            said.get("position"),
        )


def _packed(pieces: dict[str, Piece]) -> dict[str, list[Any]]:
    return {form: [piece.name, piece.size] for form, piece in pieces.items()}


def _unpacked(pieces: dict[str, list[Any]]) -> dict[str, Piece]:
    return {form: Piece(*each) for form, each in pieces.items()}


class Shelf:
    """The folder that the downloads stand in; the manifest is read again only when it was swapped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: tuple[tuple[int, int, int], Manifest] | None = None

    def manifest(self) -> Manifest | None:
        """The set that is given out now; None where none was made yet, or one of another release."""
        path = self.folder / NAME
        try:
            with path.open("rb") as file:
                stat = os.fstat(file.fileno())
                mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
                if self._read is None or self._read[0] != mark:
                    self._read = (mark, Manifest.read(file.read()))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        found = self._read[1]
        return found if found.layout == LAYOUT else None

    def swap(self, manifest: Manifest) -> None:
        """Give out another set from now on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f".{NAME}.part"
        with fresh.open("wb") as file:
            file.write(manifest.written())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / NAME)

    def path(self, piece: Piece) -> Path:
        """Where a block stands."""
        return self.folder / piece.name

    def has(self, piece: Piece) -> bool:
        """Whether a block is there and whole."""
        try:
            return self.path(piece).stat().st_size == piece.size
        except FileNotFoundError:
            return False

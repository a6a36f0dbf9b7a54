"""Files that are brought to the desk: kept byte for byte in a folder of their own each, with the preview and the rejected rows beside.

The folder stands below the data folder; where the portal runs on several machines they have to share it.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from indexer.errors import FileRefused, NotFound

LARGEST = 512 * 2**20  # bytes; a million rows of CSV have about 300 MB, packed a tenth of that
PIECE = 2**20
LONGEST_NAME = 120  # bytes
_unsafe = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept: its folder, its name for people, its size in bytes and the SHA-256 of its bytes."""

    stored: str
    name: str
    size: int
    digest: str


def plain_name(text: str) -> str:
    """What a file is called here: the last part of what its sender called it, without what file systems and pages take amiss.

    The ending stays, since the reader looks at it.
    """
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(character for character in last if character.isprintable())
    stem, dot, ending = _unsafe.sub("_", shown).strip(". ").rpartition(".")
    if not stem:
        stem, dot, ending = ending, "", ""
    room = LONGEST_NAME - len(f"{dot}{ending}".encode()[:20])
    cut = stem.encode()[:room].decode(errors="ignore")
    return f"{cut or 'file'}{dot}{ending[:19]}"


class Uploads:
    """All files of the desk, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, stream: IO[bytes], name: str) -> Kept:
        """Keep what a stream gives. Raises FileRefused where that is nothing, or more than `LARGEST`."""
        stored, called = self.room(), plain_name(name)
        hashed, size = hashlib.sha256(), 0
        path = self.path(stored, called)
        path.parent.mkdir()
        try:
            with path.open("xb") as file:
                while piece := stream.read(PIECE):
                    size += len(piece)
                    if size > LARGEST:
                        raise FileRefused(
                            f"文件太大，最多 {LARGEST // 2**20} MB。请压缩或分成几个文件。",
                            f"The file is too large: {LARGEST // 2**20} MB at most. Pack it or send it in parts.",
                        )
                    hashed.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if not size:
                raise FileRefused("文件是空的，请重新选择。", "The file is empty.")
        except BaseException:
            self.drop(stored)
            raise
        return Kept(stored, called, size, hashed.hexdigest())

    def room(self) -> str:
        """A new folder, for a submission; gives its name, which nobody can guess."""
        stored = secrets.token_hex(20)
        (self.folder / stored).mkdir(parents=True, mode=0o700)
        return stored

    def path(self, stored: str, name: str) -> Path:
        """Where the file itself lies."""
        return self.folder / stored / "file" / name

    def preview(self, stored: str) -> Path:
        """Where its preview lies, when it is made."""
        return self.folder / stored / "preview"

    def rejects(self, stored: str) -> Path:
        """The folder of the rows that are not taken."""
        return self.folder / stored / "rejects"

    def reject_files(self, stored: str) -> list[Path]:
        """The files of rows that are not taken, by name."""
        folder = self.rejects(stored)
        return sorted(folder.glob("*.rejects.csv")) if folder.is_dir() else []

    def forget_rejects(self, stored: str) -> None:
        """Remove what an earlier preview did not take."""
        shutil.rmtree(self.rejects(stored), ignore_errors=True)

    def digest(self, stored: str, name: str) -> str:
        """The SHA-256 of the file as it lies there now. Raises NotFound where the folder has lost it."""
        hashed = hashlib.sha256()
        for piece in self._pieces(self.path(stored, name)):
            hashed.update(piece)
        return hashed.hexdigest()

    def note_progress(self, stored: str, rows: int) -> None:
        """Write down how many rows have been read; the database can not say it while the dry run holds it."""
        with suppress(OSError):
            (self.folder / stored / "progress").write_text(str(rows), encoding="ascii")

    def progress(self, stored: str) -> int:
        """How many rows have been read so far."""
        try:
            return int((self.folder / stored / "progress").read_text(encoding="ascii") or 0)
        except (OSError, ValueError):
            return 0

    def drop(self, stored: str) -> None:
        """Remove a folder with all that is in it; nothing where there is no name, as of what retention has removed."""
        if stored:
            shutil.rmtree(self.folder / stored, ignore_errors=True)

    def _pieces(self, path: Path) -> Iterator[bytes]:
        try:
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except FileNotFoundError:
            raise NotFound("文件已不在，请重新上传。", "The file is gone: send it again.") from None

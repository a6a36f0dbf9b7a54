"""A folder that both ends reach (文件交换目录): files appear whole, by renaming."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from indexer.exchange.manifest import LARGEST_MANIFEST, MANIFEST, PIECE, numbers_in
from indexer.exchange.ways import OURS, THEIRS, acknowledgement_name, unreachable


class FolderSession:
    """The two halves of a folder."""

    def __init__(self, root: Path) -> None:
        self._ours, self._theirs = root / OURS, root / THEIRS

    def put_file(self, delivery: str, path: Path) -> None:
        try:
            folder = self._ours / delivery
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("rb") as source:
                _write(folder / path.name, iter(lambda: source.read(PIECE), b""))
        except OSError as error:
            _fail(error)

    def put_acknowledgement(self, delivery: str, content: bytes) -> None:
        try:
            self._ours.mkdir(parents=True, exist_ok=True)
            _write(self._ours / acknowledgement_name(delivery), iter([content]))
        except OSError as error:
            _fail(error)

    def acknowledgement(self, delivery: str) -> bytes | None:
        return self._small(self._theirs / acknowledgement_name(delivery))

    def manifest(self, delivery: str) -> bytes | None:
        return self._small(self._theirs / delivery / MANIFEST)

    def _small(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                return file.read(LARGEST_MANIFEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            _fail(error)

    def deliveries(self) -> list[str]:
        try:
            if not self._theirs.is_dir():
                return []
            return [each.name for each in self._theirs.iterdir() if numbers_in(each.name)]
        except OSError as error:
            _fail(error)

    def pieces(self, delivery: str, name: str) -> Iterator[bytes]:
        try:
            with (self._theirs / delivery / name).open("rb") as file:
                yield from iter(lambda: file.read(PIECE), b"")
        except OSError as error:
            _fail(error)


@contextmanager
def open_folder(root: Path) -> Iterator[FolderSession]:
    """The folder. Raises Unreachable where it is not there: a share that is not mounted must not be made anew on our disk."""
    if not root.is_dir():
        raise unreachable("交换目录不存在或未挂载。", "The folder is not there, or not mounted.")
    yield FolderSession(root)


def _write(target: Path, pieces: Iterator[bytes]) -> None:
    aside = target.with_name(f".{target.name}.part")
    with aside.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(target)
    parent = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(parent)  # the name, too
    finally:
        os.close(parent)


def _fail(error: OSError) -> NoReturn:
    raise unreachable("交换目录无法读写。", "The folder can not be read or written.") from error

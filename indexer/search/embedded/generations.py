"""The folder of the embedded index: one generation (一代索引) a subfolder, a pointer to the live one, one writer at a time.

    folder/current       the name of the live generation, replaced atomically
    folder/writer.lock   held (flock) by whoever writes; the kernel lets go of it when the process ends
    folder/g000001/      a Tantivy index and schema.json, which says what it was built from

A rebuild makes the next generation and moves the pointer; the generation before stays until the next rebuild, so that readers that
have it open keep answering, and as a way back.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import ServiceUnavailable
from indexer.search.failures import IndexUnusable, damaged, missing, none_before, outdated

_NAME = re.compile(r"g\d{6,}")


class Generations:
    """The generations in one folder, all built from what `built_from` (which gives a fingerprint) names."""

    def __init__(self, folder: Path, built_from: Callable[[], str]) -> None:
        self.folder = folder
        self.built_from = built_from
        self._pointer = folder / "current"

    def current(self) -> Path | None:
        """The live generation, None when there never was one."""
        try:
            name = self._pointer.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise damaged() from None
        if not _NAME.fullmatch(name):
            raise damaged()
        return self.folder / name

    def checked(self) -> Path:
        """The live generation, known to be of this release. Raises IndexUnusable."""
        generation = self.current()
        if generation is None:
            raise missing()
        self.check(generation)
        return generation

    def check(self, generation: Path) -> None:
        """Raise IndexUnusable unless a generation was built by this release."""
        try:
            schema = json.loads((generation / "schema.json").read_text(encoding="utf-8"))
            built_from = schema["built_from"]
        except (OSError, ValueError, KeyError, TypeError):
            raise damaged() from None
        if built_from != self.built_from():
            raise outdated()

    def begin(self) -> Path:
        """An empty new generation beside the live one. To be called with the lock held."""
        live = self.current_or_none()
        numbers = [int(path.name[1:]) for path in self.folder.iterdir() if _NAME.fullmatch(path.name)]
        generation = self.folder / f"g{max(numbers, default=0) + 1:06d}"
        self._drop_all_but(live)
        generation.mkdir()
        (generation / "schema.json").write_text(
            json.dumps({"built_from": self.built_from()}), encoding="utf-8"
        )
        return generation

    def make_live(self, generation: Path) -> None:
        """Move the pointer, at once and durably."""
        aside = self.folder / "current.new"
        with aside.open("w", encoding="ascii") as file:
            file.write(generation.name)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._pointer)

    def previous(self) -> Path:
        """The generation that the last rebuild replaced. Raises ServiceUnavailable when there is none of this release."""
        live = self.current()
        others = [path for path in self.folder.iterdir() if _NAME.fullmatch(path.name) and path != live]
        if not others:
            raise none_before()
        self.check(others[0])
        return others[0]

    def current_or_none(self) -> Path | None:
        """The live generation, None also when the pointer is damaged: a rebuild starts from anything."""
        try:
            return self.current()
        except IndexUnusable:
            return None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one writer. Raises ServiceUnavailable at once when another is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "writer.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ServiceUnavailable(
                    "另一个进程正在写入检索库，请等它结束后再试。",
                    "Another process is writing the search index; try again when it has finished.",
                ) from None
            yield

    def _drop_all_but(self, kept: Path | None) -> None:
        for path in self.folder.iterdir():
            if _NAME.fullmatch(path.name) and path != kept:
                shutil.rmtree(path, ignore_errors=True)

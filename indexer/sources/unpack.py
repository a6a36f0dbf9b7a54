"""Files and what is packed in them (解压): plain, `.gz` and `.zip`, always as a stream, always within limits.

Members of an archive are never written under their names; where a reader needs to seek (XLSX) the bytes go to an unnamed temporary
file.
"""

import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from indexer.errors import FileRefused
from indexer.sources.limits import Limits

CHUNK = 1 << 18  # bytes at a time

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_damaged = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Source:
    """Unpacked bytes that can be read again: `name` for people (`a.zip/b.csv`), `chunks` opens them from the start."""

    name: str
    chunks: Callable[[], Iterator[bytes]]
    limits: Limits

    def head(self, size: int = CHUNK) -> bytes:
        """The first bytes, up to `size`."""
        got = b""
        for chunk in self.chunks():
            got += chunk
            if len(got) >= size:
                break
        return got[:size]


def plain(path: Path, limits: Limits) -> Source:
    """A file as it lies on the disk. Raises `FileRefused` when it can not be read."""

    def chunks() -> Iterator[bytes]:
        try:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError:
            raise FileRefused(
                f"{path.name}：文件无法读取，请检查它是否存在、是否有读取权限。",
                f"{path.name} can not be read.",
            ) from None

    return Source(path.name, chunks, limits)


def gunzipped(source: Source) -> Source:
    """What a `.gz` holds. Several gzip members one after another are one stream, as with `gzip -d`."""
    name, limits = source.name, source.limits

    def chunks() -> Iterator[bytes]:
        packed = unpacked = 0
        engine = zlib.decompressobj(wbits=31)
        begun = False
        for chunk in source.chunks():
            packed += len(chunk)
            while chunk:
                if engine.eof:
                    if not chunk.strip(b"\0"):
                        break  # padding at the end, as tapes have it
                    engine = zlib.decompressobj(wbits=31)
                try:
                    piece = engine.decompress(chunk, CHUNK)
                except zlib.error:
                    raise damaged(name) from None
                begun = True
                chunk = engine.unused_data if engine.eof else engine.unconsumed_tail
                unpacked += len(piece)
                _measure(name, unpacked, packed, limits)
                if piece:
                    yield piece
        if not begun or not engine.eof:
            raise damaged(name)

    return Source(name.removesuffix(".gz"), chunks, limits)


def members(path: Path, limits: Limits) -> list[Source]:
    """What a `.zip` holds, each member a source. Raises `FileRefused` for encrypted, nested, damaged and over-large archives."""
    name = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [
                info for info in archive.infolist() if not info.is_dir() and not _is_litter(info.filename)
            ]
    except (*_damaged, OSError, ValueError):
        raise damaged(name) from None
    check_archive(name, infos, limits)
    return [_member(path, info, f"{name}/{_display(info)}", limits) for info in infos]


def check_archive(name: str, infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuses an archive by its directory: nothing is unpacked for it. (A directory that lies is met again while unpacking.)"""
    if not infos:
        raise FileRefused(f"{name}：压缩包里没有文件。", f"{name}: the archive is empty.")
    if len(infos) > limits.members:
        raise FileRefused(
            f"{name}：压缩包里有 {len(infos):,} 个文件，最多 {limits.members:,} 个。请分几个压缩包提交。",
            f"{name}: {len(infos):,} members, at most {limits.members:,} are taken.",
        )
    if any(info.flag_bits & 1 for info in infos):
        raise FileRefused(
            f"{name}：文件加了密码，无法读取。请去掉密码后重新提交。",
            f"{name} is encrypted; remove the password.",
        )
    unpacked, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    _measure(name, unpacked, packed, limits)


def _member(path: Path, info: zipfile.ZipInfo, name: str, limits: Limits) -> Source:
    def chunks() -> Iterator[bytes]:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(info) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except _damaged:
            raise damaged(name) from None

    return Source(name, chunks, limits)


def _is_litter(filename: str) -> bool:
    """What packing programs add on their own."""
    return filename.startswith("__MACOSX/") or filename.rsplit("/", 1)[-1] in (".DS_Store", "Thumbs.db")


def _display(info: zipfile.ZipInfo) -> str:
    """A member's name for people: Chinese Windows packs names in GBK, which `zipfile` takes for cp437. Never used as a path."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    return "".join(character if character.isprintable() else "�" for character in name)[:200]


def _measure(name: str, unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.unpacked:
        raise FileRefused(
            f"{name}：解压后超过 {limits.unpacked >> 20:,} MB 的上限。请拆分后重新提交。",
            f"{name}: more than {limits.unpacked >> 20:,} MB when unpacked.",
        )
    if unpacked > limits.ratio_from and unpacked > packed * limits.ratio:
        raise FileRefused(
            f"{name}：解压后是原来的 {limits.ratio} 倍以上，疑似压缩炸弹，未予读取。请直接提交未压缩的文件。",
            f"{name}: unpacks to more than {limits.ratio} times its size, as bombs do. Send it unpacked.",
        )


def damaged(name: str) -> FileRefused:
    """The refusal of an archive that ends early or fails its own check."""
    return FileRefused(
        f"{name}：压缩文件不完整或已损坏，未导入任何内容。请重新压缩或重新传输后再提交。",
        f"{name}: the archive is truncated or damaged; nothing of it was taken.",
    )


@contextmanager
def seekable(source: Source, path: Path | None) -> Iterator[IO[bytes]]:
    """The bytes as a file that can seek: `path` itself when nothing is packed, else an unnamed temporary copy."""
    if path is not None:
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as copy:
        for chunk in source.chunks():
            copy.write(chunk)
        copy.seek(0)
        yield copy

"""Files that people send (附件): checked by content, cleaned, kept in the data folder under random names, given out as attachments only.

PDF, JPEG and PNG are taken. Pictures are written anew, which takes places, names of devices (EXIF) and anything hidden behind the picture
away; a PDF is kept as it is, and refused where it holds programs or is encrypted so that nobody can see.
"""

import hashlib
import io
import os
import re
import secrets
import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import Engine, insert, select

from indexer.accounts.acting import Acting
from indexer.accounts.models import StoredFile as Row
from indexer.clock import day_of
from indexer.errors import FileRefused, NotFound
from indexer.register.database import reading

LARGEST = 10 * 2**20  # bytes
PIXELS = 50_000_000  # a sheet of A4 at 600 dpi has 35 million
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
_active = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA|Encrypt)\b")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was looked at: its bytes as they will be kept, and what they are."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept. `account` sent it, None where nobody was logged in."""

    id: int
    name: str
    account: int | None
    purpose: str
    media_type: str
    size: int
    digest: str
    stored_at: datetime
    removed_at: datetime | None = None  # when its time was over: indexer/leftovers.py

    @property
    def download_name(self) -> str:
        """What the file is called where it is saved; never what its sender called it."""
        return f"{self.purpose}-{self.id}.{ENDINGS[self.media_type]}"


def look(content: bytes) -> Checked:
    """Look at what somebody sent, before any transaction. Raises FileRefused."""
    if not content:
        raise FileRefused("文件是空的，请重新选择。", "The file is empty.")
    if len(content) > LARGEST:
        raise FileRefused(
            f"文件太大，最多 {LARGEST // 2**20} MB。",
            f"The file is too large: {LARGEST // 2**20} MB at most.",
        )
    if content.startswith((b"%PDF-1.", b"%PDF-2.")):
        return _pdf(content)
    if content.startswith(b"\xff\xd8\xff"):
        return Checked(_again(content, "JPEG"), JPEG)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Checked(_again(content, "PNG"), PNG)
    raise FileRefused("只收 PDF、JPEG 和 PNG 文件。", "Only PDF, JPEG and PNG are taken.")


class Files:
    """All files of the portal: rows in the database, bytes below `folder`, which several machines have to share."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder

    def store(self, act: Acting, checked: Checked, purpose: str) -> int:
        """Keep a file within a transaction; gives its id. Where the transaction fails, bytes that nobody knows stay behind."""
        name = secrets.token_hex(20)
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:  # mode 0600
            file.write(checked.content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).rename(path)
        return act.connection.execute(
            insert(Row)
            .values(
                name=name,
                account_id=act.caller.account,
                purpose=purpose,
                media_type=checked.media_type,
                size=len(checked.content),
                digest=checked.digest,
                stored_at=act.now,
            )
            .returning(Row.id)
        ).scalar_one()

    def one(self, identity: int) -> Kept:
        """What is known of a file. Raises NotFound. Who may have it is for the caller to say."""
        with reading(self.engine) as connection:
            row = connection.execute(select(Row).where(Row.id == identity)).first()
        if row is None:
            raise NotFound("没有这个文件。", "There is no such file.")
        return Kept(
            *(
                row.id,
                row.name,
                row.account_id,
                row.purpose,
                row.media_type,
                row.size,
                row.digest,
                row.stored_at,
                row.removed_at,
            )
        )

    def shown(self, digest: str, purpose: str) -> Kept:
        """A file of a purpose by the SHA-256 of its bytes. Raises NotFound."""
        there = (Row.digest == digest) & (Row.purpose == purpose) & Row.removed_at.is_(None)
        asked = select(Row.id).where(there).order_by(Row.id).limit(1)
        with reading(self.engine) as connection:
            found = connection.scalar(asked)
        if found is None:
            raise NotFound("没有这个文件。", "There is no such file.")
        return self.one(found)

    def content(self, kept: Kept) -> bytes:
        """The bytes of a file. Raises NotFound where they were removed since their time was over, or the folder has lost them."""
        if kept.removed_at is not None:
            day = day_of(kept.removed_at)
            raise NotFound(
                f"这个文件保存期满，已于 {day} 清除。当时的 SHA-256：{kept.digest}",
                f"This file was kept until its time was over and removed on {day}. Its SHA-256 was {kept.digest}",
            )
        try:
            return self._path(kept.name).read_bytes()
        except FileNotFoundError:
            raise NotFound("文件已不在，请告诉管理员。", "The file is gone; tell the operators.") from None

    def drop(self, name: str) -> None:
        """Remove the bytes of a file, of which the row says that they were."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name


def _pdf(content: bytes) -> Checked:
    if b"%%EOF" not in content[-2048:]:
        raise FileRefused("PDF 文件不完整，请重新导出。", "The PDF is not complete; export it again.")
    if _active.search(content):
        raise FileRefused(
            "PDF 加了密，或含有脚本、附件或动态表单，请打印成普通 PDF 再传。",
            "The PDF is encrypted or holds scripts, attachments or a dynamic form: print it to a plain PDF.",
        )
    return Checked(content, PDF)


def _again(content: bytes, format_: str) -> bytes:
    """A picture written anew: its points as they are looked at, and nothing else."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # a tenth of a second that others need not wait

    refused = FileRefused(
        "图片损坏或太大，请重新拍照或导出。", "The picture is damaged or too large; make it again."
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a bomb is a warning at first
            with Image.open(io.BytesIO(content), formats=[format_]) as opened:
                if opened.width * opened.height > PIXELS:
                    raise refused
                turned = ImageOps.exif_transpose(opened)
                plain = Image.new("RGB", turned.size, "white")
                if "A" in turned.mode or "transparency" in turned.info:
                    seen = turned.convert("RGBA")
                    plain.paste(seen, mask=seen.getchannel("A"))
                else:
                    plain.paste(turned.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Warning, UnidentifiedImageError, Image.DecompressionBombError):
        raise refused from None
    written = io.BytesIO()
    plain.save(written, format_, **({"quality": 90} if format_ == "JPEG" else {"optimize": False}))
    return written.getvalue()

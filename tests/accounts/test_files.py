"""Files that people send: looked at by content, cleaned, kept apart."""

import io
import zipfile

import pytest
from PIL import Image

from indexer.accounts.acting import acting
from indexer.accounts.audit import Caller
from indexer.accounts.files import JPEG, LARGEST, PDF, PNG, look
from indexer.errors import FileRefused, NotFound
from tests.accounts.cast import somebody
from tests.accounts.conftest import Office

PAPER = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def picture(format_: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **more: object) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "red").save(written, format_, **more)
    return written.getvalue()


def located() -> bytes:
    """A photograph that says where it was taken, turned on its side, with a page behind its end."""
    exif = Image.Exif()
    exif[0x0110] = "Camera of 示例"
    exif[0x0112] = 6  # to be shown turned by 90 degrees
    exif.get_ifd(0x8825)[2] = (31.0, 59.0, 0.0)
    return picture("JPEG", exif=exif, comment=b"secret comment") + b"<script>alert(1)</script>"


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb", bytes(10_000_000))
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"MZ\x90\x00 a program",
        b"\x7fELF a program",
        b"#!/bin/sh\nrm -rf /",
        b"GIF89a",
        archive(),
        b"\xff\xd8\xff not a picture",
        b"\x89PNG\r\n\x1a\n not a picture",
        picture("PNG")[:60],
        picture("JPEG", (30, 20))[:200],
        PAPER.replace(b"%%EOF", b""),
        PAPER.replace(b"/Type", b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> /Type"),
        PAPER.replace(b"/Type", b"/AA << /Launch (calc.exe) >> /Type"),
        PAPER.replace(b"/Root", b"/Encrypt 5 0 R /Root"),
        PAPER + b" " * LARGEST,
        b"<html>" + PAPER,
    ],
    ids=lambda content: repr(
        content[:10]
    ),  # the same in every process: an archive tells the second it was made in
)
def test_what_is_no_sound_document_or_picture_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        look(content)


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused(format_: str) -> None:
    bomb = picture(format_, (16000, 16000), "1" if format_ == "PNG" else "L")
    assert len(bomb) < LARGEST
    with pytest.raises(FileRefused):
        look(bomb)


def test_a_photograph_loses_place_camera_comment_and_what_hangs_behind_it() -> None:
    checked = look(located())
    assert checked.media_type == JPEG
    for said in (b"Camera", b"secret", b"script", b"Exif"):
        assert said not in checked.content
    with Image.open(io.BytesIO(checked.content)) as seen:
        assert not seen.getexif()
        assert seen.size == (30, 40)  # turned as it is looked at


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "1", "I;16"])
def test_a_png_of_any_sort_is_taken_and_shows_what_it_showed(mode: str) -> None:
    made = Image.new(mode, (20, 10), 0 if mode not in ("RGBA", "LA") else None)
    written = io.BytesIO()
    made.save(written, "PNG")
    checked = look(written.getvalue())
    assert checked.media_type == PNG
    with Image.open(io.BytesIO(checked.content)) as seen:
        assert seen.size == (20, 10) and seen.mode == "RGB"


def test_a_plain_pdf_is_kept_as_it_is() -> None:
    assert look(PAPER).content == PAPER and look(PAPER).media_type == PDF


def test_a_file_is_kept_under_a_random_name_that_only_its_owner_opens(office: Office) -> None:
    files, someone = office.accounts.files, somebody(office.accounts, "one@firm.example")
    with acting(office.accounts.engine, office.clock, Caller(someone.account)) as act:
        identity = files.store(act, look(PAPER), "authorisation")
    kept = files.one(identity)
    assert files.content(kept) == PAPER
    assert (kept.account, kept.size, kept.download_name) == (
        someone.account,
        len(PAPER),
        f"authorisation-{identity}.pdf",
    )
    [path] = [each for each in files.folder.rglob("*") if each.is_file()]
    assert path.name == kept.name and len(kept.name) == 40 and path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    with pytest.raises(NotFound):
        files.content(kept)

"""The two documents of the exchange (交接单与回执), the same in both directions: what a delivery holds, and what became of it.

Their form is told to partners in docs/exchange.md; a change that an older reader can not take raises the number in `format`.
"""

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.errors import FileRefused

MANIFEST = "manifest.json"
REMOVALS = "removals.csv"
LARGEST_MANIFEST = 1 << 20  # bytes
MOST_REJECTED = 1000  # rows that an acknowledgement names; it always counts all
PIECE = 1 << 20

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=10**9)]
Number = Annotated[int, Field(ge=1, le=10**6)]
FileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}\.(csv|xlsx|json|jsonl)$")]
_address = re.compile(r"([1-9][0-9]{0,5})-([0-9]{6})").fullmatch


class Strict(BaseModel):
    """A document of a stranger: nothing in it that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class FileEntry(Strict):
    """One file: its kind of records (`removals` for what is to be dropped), rows without the header, bytes and SHA-256."""

    name: FileName
    kind: Annotated[str, Field(max_length=64)]
    rows: Count
    bytes: Count
    sha256: Digest


class Manifest(Strict):
    """What a delivery holds; it comes last, so that what it names is all there. `previous` is the sequence number before, 0 at first.

    `complete`: with this delivery the receiver has all of the series; the first that says so ends what was held of earlier series.
    """

    format: Literal["zhixin-delivery/1"] = "zhixin-delivery/1"
    sender: Annotated[str, Field(max_length=200)]
    series: Number
    sequence: Number
    previous: Count
    made_at: datetime
    complete: bool
    acknowledge: bool
    files: Annotated[tuple[FileEntry, ...], Field(max_length=200)]

    @property
    def address(self) -> str:
        """The name of the delivery: series and sequence."""
        return address_of(self.series, self.sequence)

    @property
    def content(self) -> str:
        """A digest over all files, whatever the delivery is numbered."""
        listed = sorted(f"{each.kind} {each.sha256}" for each in self.files)
        return hashlib.sha256("\n".join(listed).encode()).hexdigest()

    def to_bytes(self) -> bytes:
        """As it is sent."""
        return self.model_dump_json(indent=1).encode()


class Fault(Strict):
    """What is wrong with a row: the column as its header has it (empty for the whole row), and a sentence."""

    column: Annotated[str, Field(max_length=200)]
    message: Annotated[str, Field(max_length=2000)]


class RejectedRow(Strict):
    """A row that was not taken: file, line (the header is line 1) and why."""

    file: Annotated[str, Field(max_length=100)]
    line: Count
    faults: Annotated[tuple[Fault, ...], Field(max_length=50)]


Document = TypeVar("Document", bound=Strict)
Status = Literal["pending", "accepted", "partial", "refused"]


class Acknowledgement(Strict):
    """What became of a delivery. `pending`: it arrived whole and somebody still has to decide; the others are final.

    `refused`: nothing of it was taken, `message` says why, and with `expected` which number has to come first.
    """

    format: Literal["zhixin-acknowledgement/1"] = "zhixin-acknowledgement/1"
    series: Number
    sequence: Number
    manifest_sha256: Digest
    status: Status
    at: datetime
    accepted: Count = 0
    rejected: Count = 0
    rejected_rows: Annotated[tuple[RejectedRow, ...], Field(max_length=MOST_REJECTED)] = ()
    expected: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}-[0-9]{6}$")] | None = None
    message: Annotated[str, Field(max_length=1000)] = ""

    @property
    def final(self) -> bool:
        """Whether nothing more will be said of the delivery."""
        return self.status != "pending"

    def to_bytes(self) -> bytes:
        """As it is sent."""
        return self.model_dump_json(indent=1, exclude_none=True).encode()


def address_of(series: int, sequence: int) -> str:
    """The name of a delivery in folders and addresses: `1-000012`."""
    return f"{series}-{sequence:06d}"


def numbers_in(address: str) -> tuple[int, int] | None:
    """Series and sequence of a name, None where it is none."""
    found = _address(address)
    return (int(found[1]), int(found[2])) if found and int(found[2]) else None


def read_manifest(content: bytes) -> Manifest:
    """A manifest. Raises FileRefused naming what is wrong with it."""
    return _read(Manifest, content, "交接单", "manifest")


def read_acknowledgement(content: bytes) -> Acknowledgement:
    """An acknowledgement. Raises FileRefused naming what is wrong with it."""
    return _read(Acknowledgement, content, "回执", "acknowledgement")


def _read(model: type[Document], content: bytes, zh: str, en: str) -> Document:
    if len(content) > LARGEST_MANIFEST:
        raise FileRefused(f"{zh}太大。", f"The {en} is too large.")
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"])) or "JSON"
        raise FileRefused(f"{zh}有误：{where}。", f"The {en} is wrong at {where}.") from None


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

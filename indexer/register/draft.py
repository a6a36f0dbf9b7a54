"""What a checked row hands to the register."""

from dataclasses import dataclass, field

from indexer.identifiers import Codes
from indexer.kinds.base import Value


@dataclass(slots=True)
class Draft:
    """One row of a file after its check, not yet published.

    `line` is its place in the file, `digest` the fingerprint of the raw row, `values` the kind's columns with source and region,
    `extra` the file's unknown columns, `warnings` the codes of what was odd but kept.
    """

    line: int
    digest: str
    codes: Codes | None
    name: str | None
    values: dict[str, Value]
    extra: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

"""How much of a file is taken before it is refused (上限): against bombs and damaged files, never against honest large ones."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one input file. Memory stays within a small multiple of `line` and `xlsx_strings`, whatever the file.

    `unpacked` counts the bytes of one archive after unpacking; `ratio` (unpacked to packed) is asked only beyond `ratio_from`
    bytes, as small repetitive files pack very well without being bombs.
    """

    unpacked: int = 4096 * MIB
    ratio: int = 300
    ratio_from: int = 64 * MIB
    members: int = 1000
    line: int = MIB  # characters of a text line; bytes of a JSON object
    cells: int = 2000  # in one row
    xlsx_part: int = 2048 * MIB  # one sheet, unpacked
    xlsx_strings: int = 256 * MIB  # the shared strings are held in memory
    policy: int = 8 * MIB  # bytes of one policy text
    header_rows: int = 20  # how far down the header may stand

"""Numbers of receipts (回执编号), short enough to be read over the telephone: `ZX-20261123-7K3M9Q`.

The day of the check in Asia/Shanghai, five characters by chance and a check character, of an alphabet without 0, 1, I, L and O. With weights
that differ modulo the prime 31 one wrong character and two that changed places are always found.
"""

import re
import secrets
import unicodedata
from datetime import date

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CHANCE = 5  # characters: 28 million numbers a day

_looks_like_one = re.compile(r"ZX-?([0-9]{8})-?([0-9A-Z]{6})").fullmatch


def new_number(day: date) -> str:
    """A number for a check of `day`."""
    return written(day, "".join(secrets.choice(ALPHABET) for _ in range(CHANCE)))


def written(day: date, chance: str) -> str:
    """The number with its check character."""
    digits = f"{day:%Y%m%d}"
    return f"ZX-{digits}-{chance}{_check(digits, chance)}"


def is_receipt_number(text: str) -> bool:
    """Whether a text is meant as the number of a receipt, mistyped or not; no certificate's number is written so."""
    return _looks_like_one(_upright(text)) is not None


def normal(text: str) -> str | None:
    """The number as it is kept, from one typed in any case and width, with blanks or without hyphens; None where it can not be one."""
    found = _looks_like_one(_upright(text))
    if found is None:
        return None
    digits, rest = found[1], found[2]
    if not set(rest) <= set(ALPHABET) or _check(digits, rest[:CHANCE]) != rest[CHANCE]:
        return None
    return f"ZX-{digits}-{rest}"


def _upright(text: str) -> str:
    folded = "".join(unicodedata.normalize("NFKC", text).upper().split())
    return re.sub("[‐‑‒–—−]", "-", folded)


def _check(digits: str, chance: str) -> str:
    values = [int(digit) for digit in digits] + [ALPHABET.index(each) for each in chance]
    return ALPHABET[sum(weight * value for weight, value in enumerate(values, 1)) % len(ALPHABET)]

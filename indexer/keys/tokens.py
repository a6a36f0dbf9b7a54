"""What a key looks like: `zhixin_`, thirty random letters and digits (178 bits), and six that are their CRC-32.

Scanners that look for leaked secrets know it by `zhixin_[0-9A-Za-z]{36}`, and tell it from a look-alike by the check, without asking anybody.
"""

import re
import secrets
import string
import zlib

PREFIX = "zhixin_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM, CHECK = 30, 6
_shaped = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM + CHECK}}}").fullmatch


def new_key() -> str:
    """A key that nobody has."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return f"{PREFIX}{body}{_check(body)}"


def is_key(text: str) -> bool:
    """Whether a text could be a key: whether anybody has it, only the database knows."""
    return _shaped(text) is not None and text[-CHECK:] == _check(text[len(PREFIX) : -CHECK])


def _check(body: str) -> str:
    number = zlib.crc32(f"{PREFIX}{body}".encode())
    digits = []
    for _ in range(CHECK):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))

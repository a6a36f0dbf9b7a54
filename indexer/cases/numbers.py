"""Numbers of cases (办件编号), like `BJ-20261123-7K3M9Q`: built and checked as those of receipts are.

A number names a case and opens nothing: who filed it holds an account or a secret. A secret has 79 random bits, to be copied by hand.
"""

import hashlib
import hmac
import secrets
import unicodedata
from datetime import date

from indexer.register import receipt_numbers
from indexer.register.receipt_numbers import ALPHABET

PREFIX, OTHER = "BJ", "ZX"
GROUPS, GROUP = 4, 4  # characters of a secret


def new_number(day: date) -> str:
    """A number for a case filed on `day`."""
    return PREFIX + receipt_numbers.new_number(day).removeprefix(OTHER)


def normal(text: str) -> str | None:
    """The number as it is kept, from one typed in any case and width; None where it can not be one."""
    folded = "".join(unicodedata.normalize("NFKC", text).upper().split())
    if not folded.startswith(PREFIX):
        return None
    found = receipt_numbers.normal(OTHER + folded.removeprefix(PREFIX))
    return PREFIX + found.removeprefix(OTHER) if found is not None else None


def secret_for(once: str, signing_key: str) -> str:
    """The secret (查询密码) of a case that was filed with a form: the same for the same form, so that a form sent twice shows it again."""
    made = hmac.new(signing_key.encode(), f"zhixin case secret {once}".encode(), hashlib.sha256).digest()
    number, characters = int.from_bytes(made), []
    for _ in range(GROUPS * GROUP):
        number, place = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[place])
    text = "".join(characters)
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def normal_secret(text: str) -> str:
    """A secret without what people add or leave out when they type it."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in folded if character in ALPHABET)


def secret_digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(normal_secret(secret).encode()).hexdigest()


def new_once() -> str:
    """A token for a form, so that it is done once however often it is sent."""
    return secrets.token_urlsafe(24)

"""Passwords (口令): which are taken, how they are kept and compared.

NIST SP 800-63B-4 part 3.1.1: length counts and rules of composition do not; Unicode is normalised; common and expected ones are refused;
nothing makes people change them by the calendar. It asks for 15 characters where a password stands alone; here 12, with an estimate of the
guesses that it withstands, since long ones that everybody chooses are no better.
"""

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from indexer.errors import InvalidParameter

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST, MOST = 12, 128  # characters; longer ones only cost time
ENOUGH = 3  # of zxcvbn's 0 to 4: more than 10^8 guesses
ESTIMATED = 72  # characters that zxcvbn takes
SITE = ("zhixin", "质信", "credit")


class PasswordRefused(InvalidParameter):
    """A password that is too short, too long or too easily guessed."""

    code = "password-refused"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__("password", zh, en)


def normal(password: str) -> str:
    """The one writing of a password that keyboards write differently (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, mail: str) -> None:
    """Refuse a password that others would guess. Raises PasswordRefused."""
    kept = normal(password)
    if len(kept) < LEAST:
        raise PasswordRefused(
            f"密码至少要 {LEAST} 个字符，可以是一句话。",
            f"Use at least {LEAST} characters; a sentence will do.",
        )
    if len(password) > MOST or len(kept) > MOST:
        raise PasswordRefused(f"密码最多 {MOST} 个字符。", f"Use at most {MOST} characters.")
    from zxcvbn import zxcvbn  # its lists take a quarter of a second to read

    local, _, host = mail.partition("@")
    expected = [mail, local, *host.split("."), *SITE]
    if zxcvbn(kept[:ESTIMATED], user_inputs=expected)["score"] < ENOUGH:
        raise PasswordRefused(
            "这个密码容易被猜到：请避开常用密码、邮箱和本站名称，换成几个不相干的词。",
            "This password is easily guessed: avoid common ones, your address and the name of this site; take some unrelated words.",
        )


def keep(password: str) -> str:
    """What is stored of a password: argon2id with its parameters and salt."""
    return _hasher().hash(normal(password))


def right(kept: str | None, password: str) -> bool:
    """Whether a password is the one that is kept. Takes as long where none is kept, and for a password that is too long."""
    from argon2.exceptions import InvalidHashError, VerificationError

    asked = normal(password[: MOST + 1])
    try:
        return _hasher().verify(kept or _nobodys(), asked) and kept is not None and len(asked) <= MOST
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a right password should be kept anew, with today's parameters."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    """A hash to compare with where there is no account, so that the time tells nothing."""
    return _hasher().hash("nobody has this one")

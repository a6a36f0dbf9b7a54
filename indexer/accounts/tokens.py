"""Secrets that are given out: random tokens of which only the digest is kept, and texts that are kept sealed."""

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def new_token() -> str:
    """256 random bits as text for an address or a cookie."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token, SHA-256 in hexadecimal. Enough for random tokens, never for passwords."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class Seal:
    """Keeps a text unread without the key: whoever copies the database alone reads nothing.

    The key is made from the signing key of the settings, so machines that share that share this.
    """

    def __init__(self, signing_key: str, purpose: str) -> None:
        self._secret = signing_key
        self._purpose = purpose

    def close(self, text: str) -> str:
        """The text sealed."""
        return self._fernet().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The text again; None where it was sealed with another key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _fernet(self) -> "Fernet":  # imported here: most commands seal nothing
        from cryptography.fernet import Fernet
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(SHA256(), 32, salt=None, info=self._purpose.encode()).derive(self._secret.encode())
        return Fernet(base64.urlsafe_b64encode(derived))

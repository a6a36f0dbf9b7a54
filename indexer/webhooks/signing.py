"""Signatures of webhooks (签名), as the specification Standard Webhooks (standardwebhooks.com, 1.0) has them: HMAC-SHA256 with a shared secret."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
BYTES = 32  # of a secret; the specification asks for 24 to 64


def new_secret() -> str:
    """A secret as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """One signature over the id of a message, the second of sending and the body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secret_texts: Sequence[str], message: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The three headers of a message; with a signature for each secret, so that one can be rotated."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(each, message, timestamp, body) for each in secret_texts),
    }

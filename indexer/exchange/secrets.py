"""Secrets of the exchange (密钥文件): files below the data folder, readable by their owner alone, named for the partner.

`NAME.password` or `NAME.key` for SFTP; `NAME.token` (bearer) or `NAME.pem` (client certificate and key) for HTTPS, and `NAME.ca.pem` where
the partner's certificate is of an authority of its own.
"""

from pathlib import Path

from indexer.errors import ZhixinError

LONGEST = 64 * 1024  # bytes


class SecretMissing(ZhixinError):
    """A way needs a secret that is not there, or that others may read."""

    code = "secret-missing"


class Secrets:
    """The folder of secrets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, partner: str, what: str) -> Path | None:
        """The file of one secret, None where there is none. Raises SecretMissing where others may read it."""
        path = self.folder / f"{partner}.{what}"
        if not path.is_file():
            return None
        if path.stat().st_mode & 0o077 and what != "ca.pem":
            raise SecretMissing(
                f"密钥文件 {path.name} 他人可读，请 chmod 600。",
                f"Others may read the secret {path.name}: chmod 600.",
            )
        return path

    def text(self, partner: str, what: str) -> str | None:
        """A secret in one line."""
        path = self.path(partner, what)
        return path.read_text(encoding="utf-8")[:LONGEST].strip() if path is not None else None

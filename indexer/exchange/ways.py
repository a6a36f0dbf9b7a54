"""Ways to a partner (传输方式): put a delivery there, read what became of it, and see what the partner has put for us.

All three have the same layout, told in docs/exchange.md: what goes from here stands below `from-zhixin`, what comes below `to-zhixin`; a
delivery is a folder named for its number, whose manifest comes last; an acknowledgement is one file.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from indexer.errors import ServiceUnavailable
from indexer.exchange.manifest import MANIFEST
from indexer.exchange.partners import Standing
from indexer.exchange.secrets import Secrets

OURS, THEIRS = "from-zhixin", "to-zhixin"
SECONDS = 30
"""How long a partner may say nothing."""


class Unreachable(ServiceUnavailable):
    """A partner can not be reached, or its end does not do what it should; tried again later."""

    code = "partner-unreachable"


class Session(Protocol):
    """A connection to one partner. Everything raises Unreachable."""

    def put_file(self, delivery: str, path: Path) -> None:
        """Put one file of a delivery, whole or not at all; put again, it is the same."""

    def put_acknowledgement(self, delivery: str, content: bytes) -> None:
        """Put what became of a delivery of the partner, in place of what was said before."""

    def acknowledgement(self, delivery: str) -> bytes | None:
        """What the partner says became of a delivery of ours, None as long as it says nothing."""

    def deliveries(self) -> list[str]:
        """The names of the partner's deliveries, also of those that are not whole yet."""

    def manifest(self, delivery: str) -> bytes | None:
        """The manifest of one of them, no more of it than one may have; None as long as it is not there."""

    def pieces(self, delivery: str, name: str) -> Iterator[bytes]:
        """The bytes of one file of a partner's delivery."""


def deliver(session: Session, delivery: str, folder: Path) -> None:
    """Put a whole delivery, its manifest last. Raises Unreachable."""
    own = (each for each in folder.iterdir() if each.name != MANIFEST and not each.name.startswith("."))
    for path in sorted(own):
        session.put_file(delivery, path)
    session.put_file(delivery, folder / MANIFEST)


def acknowledgement_name(delivery: str) -> str:
    """The file that says what became of a delivery."""
    return f"acknowledgement-{delivery}.json"


def open_way(partner: Standing, secrets: Secrets) -> AbstractContextManager[Session]:
    """A connection to a partner by its way. Raises Unreachable, SecretMissing."""
    if partner.it.way == "folder":
        from indexer.exchange.folder import open_folder

        return open_folder(Path(partner.it.address))
    if partner.it.way == "sftp":
        from indexer.exchange.sftp import open_sftp  # its library takes long to load

        return open_sftp(partner, secrets)
    from indexer.exchange.https import open_https

    return open_https(partner, secrets)


def unreachable(zh: str, en: str) -> Unreachable:
    """A failure told without what a library says of it: that may hold an address with more in it than anybody should read."""
    return Unreachable(zh, en)

"""Sending (发送): one POST to an address that was checked, bounded in time and size, following nothing.

The connection goes to the very address that was checked, and the certificate has to be that of the name. No proxy of the environment is used.
"""

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Timer

from indexer.errors import InvalidParameter
from indexer.webhooks.addresses import Address, Network, Refused, Resolve, Target, checked, read_url, resolve

CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 15.0  # from the first packet to the last, however slowly a receiver drips
LONGEST_ANSWER = 1024  # bytes of an answer that are read; nobody looks at them


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went: the status of the answer, else why there was none in a word that the ledger keeps."""

    status: int | None
    failure: str = ""

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300

    def __str__(self) -> str:
        return str(self.status) if self.status is not None else self.failure


class Sender:
    """Sends messages to receivers. `ca` is a file of certificates that are trusted besides the machine's own."""

    def __init__(self, inside: Sequence[Network], ca: str = "", names: Resolve = resolve) -> None:
        self.inside, self.ca, self.names = inside, ca, names

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send a body; never raises for what a receiver or the network does."""
        try:
            target = read_url(url, self.inside)
            addresses = checked(target, self.inside, self.names)
        except (Refused, InvalidParameter):
            return Outcome(None, "address-refused")
        except (OSError, UnicodeError):
            return Outcome(None, "no-such-host")
        return self._exchange(_Pinned(target, addresses, self._context(target)), target, headers, body)

    def _context(self, target: Target) -> ssl.SSLContext | None:
        if not target.tls:
            return None
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca:
            context.load_verify_locations(cadata=Path(self.ca).read_text(encoding="ascii"))
        return context

    def _exchange(
        self, connection: "_Pinned", target: Target, headers: Mapping[str, str], body: bytes
    ) -> Outcome:
        watch = Timer(WHOLE_SECONDS, connection.cut)
        watch.daemon = True
        watch.start()
        try:
            connection.request(
                "POST", target.path, body, {"Host": target.authority, "Connection": "close", **headers}
            )
            answer = connection.getresponse()
            if connection.was_cut:  # what was cut off reads like an end
                raise TimeoutError
            with suppress(OSError, HTTPException):  # it has answered; what it says besides is polite to hear
                answer.read(LONGEST_ANSWER)
            return Outcome(answer.status)
        except ssl.SSLCertVerificationError:
            return Outcome(None, "certificate")
        except (OSError, HTTPException) as error:
            late = connection.was_cut or isinstance(error, TimeoutError)
            return Outcome(None, "timeout" if late else _word(error))
        finally:
            watch.cancel()
            connection.close()


class _Pinned(HTTPConnection):
    """A connection to addresses that were checked; the name is only for the certificate."""

    def __init__(self, target: Target, addresses: Sequence[Address], context: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self._target, self._addresses, self._context = target, addresses, context
        self.was_cut = False

    def connect(self) -> None:
        """Connect to the first of the addresses that answers."""
        for at, address in enumerate(self._addresses, 1):
            try:
                self.sock = socket.create_connection((str(address), self._target.port), CONNECT_SECONDS)
                break
            except OSError:
                if at == len(self._addresses) or self.was_cut:
                    raise
        if self.was_cut:
            raise TimeoutError
        if self._context is not None:
            self.sock = self._context.wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def cut(self) -> None:
        """End it from another thread; whoever reads or writes is woken."""
        self.was_cut = True
        if self.sock is not None:
            with suppress(OSError):  # it has ended by itself
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # not TLS's own, which would wait


def _word(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionRefusedError):
        return "connection-refused"
    return "bad-answer" if isinstance(error, HTTPException) else "connection-broken"

"""Where webhooks may go (地址检查): HTTPS to an address on the public internet, or to networks that the operator has named.

A name is resolved once for each try, every address it has is checked, and the connection goes to one that was checked, so a name that
changes its answer in between gains nothing. Addresses: the special-purpose registries of IANA (RFC 6890 and its successors), and the two
addresses of cloud platforms' metadata that lie outside of them. An IPv6 address that carries an IPv4 one is refused whole.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from indexer.errors import InvalidParameter

LONGEST_URL = 500
LONGEST_NAME = 253  # characters of a host, RFC 1035

_PUBLIC_6 = IPv6Network("2000::/3")  # all that IANA has given out for use between networks
_REFUSED = tuple(
    ip_network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # the metadata of one cloud, in its own public range
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a name; raises OSError."""


class Refused(Exception):
    """An address that nothing is sent to."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address on the web, taken apart: `host` in ASCII, `path` with its question."""

    tls: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def networks(named: Sequence[str]) -> tuple[Network, ...]:
    """The networks of the setting ZHIXIN_WEBHOOK_NETWORKS."""
    return tuple(ip_network(each) for each in named)


def read_url(text: str, inside: Sequence[Network]) -> Target:
    """Take an address apart. Raises InvalidParameter `url`.

    Plain HTTP is taken for this machine alone, and only where the operator has named its network: for trying things out.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode() if _plain(text) else ""
    except (ValueError, UnicodeError):
        raise _malformed() from None
    plain_http = parts.scheme == "http" and any(network.is_loopback for network in inside)
    plain_path = parts.path.isascii() and parts.query.isascii()  # what is not has to be written %XX
    strange = (
        not plain_path
        or parts.username is not None
        or parts.password is not None
        or bool(parts.fragment)
        or port == 0
    )
    if not host or len(host) > LONGEST_NAME or strange or (parts.scheme != "https" and not plain_http):
        raise _malformed()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    tls = parts.scheme == "https"
    return Target(tls, host, port or (443 if tls else 80), path)


def checked(target: Target, inside: Sequence[Network], resolve: Resolve) -> list[Address]:
    """The addresses of a target, each of which may be connected to. Raises Refused where any may not, OSError where there is none."""
    found = [ip_address(text.partition("%")[0]) for text in resolve(target.host, target.port)]
    for address in found:
        if not allowed(address, inside) or not (target.tls or address.is_loopback):
            raise Refused
    if not found:
        raise OSError
    return list(dict.fromkeys(found))


def allowed(address: Address, inside: Sequence[Network]) -> bool:
    """Whether something may be sent to an address: one of the public internet, or of a network that the operator has named."""
    if any(address in network for network in inside):
        return True
    if isinstance(address, IPv6Address) and address not in _PUBLIC_6:
        return False
    return not any(address in network for network in _REFUSED)


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that the machine's resolver gives for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def _plain(text: str) -> bool:
    return len(text) <= LONGEST_URL and text.isprintable() and not any(c in ' "<>\\^`{|}' for c in text)


def _malformed() -> InvalidParameter:
    return InvalidParameter(
        "url",
        "应为 https:// 开头的完整网址，不带用户名、密码和 # 部分。",
        "must be a whole address that begins with https://, without user, password and fragment",
    )

"""HTTPS: each file is put at an address of the partner's, the manifest last. TLS is verified, redirects are not followed.

PUT {address}/deliveries/{number}/{file}, GET {address}/acknowledgements/{number}. Partners are entered by operators; all the same a name that
leads to an internal network is refused unless its entry says so, and the connection is held to the address that was looked at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from indexer.exchange.manifest import LARGEST_MANIFEST, MANIFEST, digest_of
from indexer.exchange.partners import Standing
from indexer.exchange.secrets import SecretMissing, Secrets
from indexer.exchange.ways import SECONDS, unreachable
from indexer.webhooks.addresses import allowed, resolve


class HttpsSession:
    """Requests to one partner. It fetches what is ours from a portal; here nothing lies, so there are no deliveries to look for."""

    def __init__(self, session: requests.Session, address: str) -> None:
        self._session, self._address = session, address.rstrip("/")

    def put_file(self, delivery: str, path: Path) -> None:
        headers = {"Content-Type": "application/json" if path.name == MANIFEST else "text/csv"}
        headers["Idempotency-Key"] = f"{delivery}-{digest_of(path)}"
        with path.open("rb") as body:
            self._ask("PUT", f"/deliveries/{delivery}/{path.name}", data=body, headers=headers)

    def put_acknowledgement(self, delivery: str, content: bytes) -> None:
        """The partner asks for it here: what it sent was answered with where."""

    def acknowledgement(self, delivery: str) -> bytes | None:
        answer = self._ask("GET", f"/acknowledgements/{delivery}", missing=True)
        return (
            answer.raw.read(LARGEST_MANIFEST + 1, decode_content=True) if answer.status_code == 200 else None
        )

    def deliveries(self) -> list[str]:
        return []

    def manifest(self, delivery: str) -> bytes | None:
        return None

    def pieces(self, delivery: str, name: str) -> Iterator[bytes]:
        raise unreachable("HTTPS 方式由对方上传。", "By HTTPS the partner uploads.")

    def _ask(self, method: str, path: str, *, missing: bool = False, **more: Any) -> requests.Response:
        try:
            answer = self._session.request(
                method,
                self._address + path,
                timeout=SECONDS,
                allow_redirects=False,
                stream=True,
                **more,
            )
        except requests.exceptions.SSLError as error:
            raise unreachable(
                "对方证书无法验证。", "The partner's certificate can not be verified."
            ) from error
        except (requests.RequestException, OSError) as error:
            raise unreachable("对方接口无法访问。", "The partner can not be reached.") from error
        if answer.status_code in (200, 201, 202, 204) or (missing and answer.status_code == 404):
            return answer
        raise unreachable(
            f"对方接口回答 {answer.status_code}。", f"The partner answers {answer.status_code}."
        )


class _Held(HTTPAdapter):
    """Connects to one address, and proves the name all the same."""

    def __init__(self, address: str, name: str) -> None:
        self._at, self._name = address, name
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        host["host"] = self._at
        held: dict[str, Any] = {**pool, "server_hostname": self._name, "assert_hostname": self._name}
        return host, held


@contextmanager
def open_https(partner: Standing, secrets: Secrets) -> Iterator[HttpsSession]:
    """Requests with a bearer token or a client certificate. Raises Unreachable, SecretMissing."""
    parts = urlsplit(partner.it.address)
    name, port = parts.hostname or "", parts.port or 443
    certificate, token = secrets.path(partner.name, "pem"), secrets.text(partner.name, "token")
    if certificate is None and token is None:
        raise SecretMissing(
            f"缺少密钥文件 {partner.name}.token 或 {partner.name}.pem。",
            f"There is neither {partner.name}.token nor {partner.name}.pem among the secrets.",
        )
    address = _looked_up(name, port, internal=partner.it.private_network)
    authority = secrets.path(partner.name, "ca.pem")
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no .netrc of whoever runs this
        session.verify = str(authority) if authority is not None else True
        if certificate is not None:
            session.cert = str(certificate)
        if token is not None:
            session.headers["Authorization"] = f"Bearer {token}"
        session.mount("https://", _Held(address, name))
        yield HttpsSession(session, partner.it.address)


def _looked_up(name: str, port: int, *, internal: bool) -> str:
    """The one address to connect to. Raises Unreachable where the name has none, or leads inside."""
    try:
        found = resolve(name, port)
    except OSError as error:
        raise unreachable("对方域名无法解析。", "The partner's name leads nowhere.") from error
    if not internal and not all(allowed(ip_address(each.partition("%")[0]), ()) for each in found):
        raise unreachable(
            "对方地址在内部网络；如确需使用，请登记 private_network = true。",
            "The partner's address is internal; enter private_network = true if that is meant.",
        )
    return found[0]

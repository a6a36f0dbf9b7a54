"""HTTPS between two portals: one puts to the other over TLS that is verified, and is answered; and what a stranger gets."""

import datetime
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from indexer.clock import FixedClock
from indexer.exchange.partners import Partner
from portal.app import create_app
from tests.exchange.conftest import PROVINCE, START, Office, penalty
from tests.exchange.sending import delivery


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of its own for 127.0.0.1, with its key, and alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + pem)
    (folder / "alone.pem").write_bytes(pem)
    return folder / "both.pem", folder / "alone.pem"


@dataclass
class Province:
    """The province's office with its portal over TLS."""

    office: Office
    port: int
    authority: Path
    token: str

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}/api/exchange/city"


SENDER = Partner(
    title="示例市",
    level="city",
    region="32",
    way="https",
    address="https://city.example.cn/api/exchange/province",
    sends=("penalty", "licence"),
    trusted=True,
)


@pytest.fixture
def province_portal(open_office: Callable[..., Office], tmp_path: Path) -> Iterator[Province]:
    office = open_office("province", clock=FixedClock(START))
    office.enter("city", SENDER)
    token = office.exchange.partners.new_token(office.operator, "city")
    both, alone = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    app = create_app(office.accounts.settings, office.clock)
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Province(office, server.server_port, alone, token)
    server.shutdown()
    server.server_close()
    thread.join(20)
    from portal.context import EXTENSION

    app.extensions[EXTENSION].register.engine.dispose()


def city_towards(
    open_office: Callable[..., Office], province: Province, *, trusts: bool = True, **more: Any
) -> Office:
    city = open_office("city", clock=province.office.clock)
    folder = city.exchange.secrets.folder
    folder.mkdir(parents=True)
    (folder / "province.token").write_text(province.token)
    if trusts:
        (folder / "province.ca.pem").write_bytes(province.authority.read_bytes())
    for path in folder.iterdir():
        path.chmod(0o600)
    values = {"way": "https", "address": province.address, "private_network": True, "every_minutes": 1}
    city.enter("province", PROVINCE.model_copy(update=values | more))
    return city


def test_one_portal_delivers_to_another_and_learns_that_it_was_taken(
    open_office: Callable[..., Office], province_portal: Province
) -> None:
    city = city_towards(open_office, province_portal)
    city.take_in(penalty(1), penalty(2, firm=2))
    city.exchange.run()
    assert city.deliveries()[0].state == "sent"
    province_portal.office.exchange.run()
    city.exchange.run()
    assert province_portal.office.public() == city.public()
    assert city.deliveries()[0].state == "settled"


def test_a_certificate_that_cannot_be_verified_gets_nothing(
    open_office: Callable[..., Office], province_portal: Province
) -> None:
    city = city_towards(open_office, province_portal, trusts=False)
    city.take_in(penalty(1))
    city.exchange.run()
    assert city.partner("province").hindered == "对方证书无法验证。"
    assert city.deliveries()[0].state == "waiting"


def test_an_internal_address_is_refused_unless_it_is_meant(
    open_office: Callable[..., Office], province_portal: Province
) -> None:
    city = city_towards(open_office, province_portal, private_network=False)
    city.take_in(penalty(1))
    city.exchange.run()
    assert "private_network" in (city.partner("province").hindered or "")


@pytest.fixture
def asking(open_office: Callable[..., Office]) -> Iterator[tuple[Office, FlaskClient, dict[str, str]]]:
    """A portal without TLS in between, and what proves the partner."""
    from portal.context import EXTENSION

    office = open_office("province")
    office.enter("city", SENDER)
    token = office.exchange.partners.new_token(office.operator, "city")
    app = create_app(office.accounts.settings, office.clock)
    yield office, app.test_client(), {"Authorization": f"Bearer {token}"}
    app.extensions[EXTENSION].register.engine.dispose()


def put(client: FlaskClient, proof: dict[str, str], number: str, files: dict[str, bytes]) -> Any:
    """Put all files of a delivery; gives the answer to the last."""
    answer: Any = None
    for name, body in files.items():
        answer = client.put(
            f"/api/exchange/city/deliveries/{number}/{name}", data=body, headers=proof, base_url="https://x"
        )
    return answer


Asking = tuple[Office, FlaskClient, dict[str, str]]


def test_a_delivery_that_is_put_twice_is_taken_once(asking: Asking) -> None:
    office, client, proof = asking
    files = delivery({"penalty": [penalty(1)]})
    first, again = put(client, proof, "1-000001", files), put(client, proof, "1-000001", files)
    assert (first.status_code, again.status_code) == (202, 202)
    office.exchange.run()
    after = client.get(first.headers["Location"], headers=proof, base_url="https://x")
    assert after.get_json()["status"] == "accepted"
    assert put(client, proof, "1-000001", files).get_json()["status"] == "accepted"
    [receipt] = office.receipts()
    assert (receipt.again, receipt.added, len(office.public())) == (2, 1, 1)


def test_another_delivery_under_the_same_number_and_one_out_of_turn_are_refused(asking: Asking) -> None:
    office, client, proof = asking
    assert put(client, proof, "1-000001", delivery({"penalty": [penalty(1)]})).status_code == 202
    other = put(client, proof, "1-000001", delivery({"penalty": [penalty(2)]}))
    assert other.status_code == 409 and "编号" in other.get_json()["detail"]
    early = put(client, proof, "1-000003", delivery({"penalty": [penalty(2)]}, sequence=3))
    assert early.status_code == 409 and "1-000002" in early.get_json()["detail"]
    assert office.events("city") == ["<arrived", "<refused", "<gap"]


def test_whoever_does_not_prove_to_be_the_partner_gets_nothing(asking: Asking) -> None:
    office, client, proof = asking
    files = delivery({"penalty": [penalty(1)]})
    for wrong in ({}, {"Authorization": "Bearer " + "x" * 43}, {"Authorization": "Basic eDp4"}):
        answer = put(client, wrong, "1-000001", files)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.mimetype == "application/problem+json"
    office.exchange.partners.new_token(office.operator, "city")
    assert put(client, proof, "1-000001", files).status_code == 401
    assert office.receipts() == []


@pytest.mark.parametrize(
    ("name", "status"), [("../x.csv", 404), ("x.exe", 400), (".hidden.csv", 400), ("Ä.csv", 400)]
)
def test_no_file_is_kept_under_a_name_that_leads_elsewhere(asking: Asking, name: str, status: int) -> None:
    _office, client, proof = asking
    path = f"/api/exchange/city/deliveries/1-000001/{name}"
    assert client.put(path, data=b"x", headers=proof, base_url="https://x").status_code == status


def test_a_manifest_whose_files_are_not_there_is_refused(asking: Asking) -> None:
    office, client, proof = asking
    files = delivery({"penalty": [penalty(1)]})
    del files["penalty.csv"]
    answer = put(client, proof, "1-000001", files)
    assert answer.status_code == 400 and "SHA-256" in answer.get_json()["detail"]
    assert office.receipts() == []

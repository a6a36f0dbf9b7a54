"""Nothing is sent to an internal address, however it is written, resolved or turned."""

import ssl
from ipaddress import ip_address

import pytest

from indexer.errors import InvalidParameter
from indexer.webhooks import sending
from indexer.webhooks.addresses import Refused, allowed, checked, networks, read_url
from indexer.webhooks.sending import Sender
from tests.webhooks.conftest import HOST, LOOPBACK, Authority, Listening, Names, slowly

INTERNAL = [
    "0.0.0.0",  # noqa: S104  refused, not bound to
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.0.9",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "223.5.5.5",
    "2400:3200::1",
    "2606:4700::1111",
]


@pytest.mark.parametrize("text", INTERNAL)
def test_internal_addresses_are_refused(text: str) -> None:
    assert not allowed(ip_address(text), ())
    with pytest.raises(Refused):
        checked(read_url("https://a.example.cn", ()), (), lambda *_: [text])


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_taken(text: str) -> None:
    assert allowed(ip_address(text), ())


def test_one_internal_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refused):
        checked(read_url("https://a.example.cn", ()), (), lambda *_: ["1.1.1.1", "10.0.0.1"])


def test_networks_that_the_operator_names_are_taken_and_no_others() -> None:
    inside = networks(("10.20.0.0/16", "fd12::/16"))
    assert allowed(ip_address("10.20.3.4"), inside) and allowed(ip_address("fd12::1"), inside)
    assert not allowed(ip_address("10.21.0.1"), inside)
    assert not allowed(ip_address("::ffff:10.20.3.4"), inside)


@pytest.mark.parametrize(
    "text",
    [
        *("", "hooks.example.cn", "ftp://a.example.cn/", "http://a.example.cn/", "https://", "https:///x"),
        *(
            "https://u:p@a.example.cn/",
            "https://u@a.example.cn/",
            "https://a.example.cn/#x",
            "//a.example.cn/",
        ),
        *(
            "https://a.example.cn:0/",
            "https://a.example.cn:99999/",
            "https://a b.example.cn/",
            "https://[::1/",
        ),
        *(
            "https://a.example.cn/\r\nX: y",
            "https://a.example.cn/\x00",
            "https://" + "a" * 600,
            "javascript:x",
        ),
        *(
            "https://a..cn/",
            "https://a.example.cn/钩",
            "file:///etc/passwd",
            "https://a.example.cn\\@127.0.0.1/",
            "https://ex\u200bample.cn\n/",
        ),
    ],
)
def test_what_is_no_plain_https_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match="https"):
        read_url(text, ())


def test_http_is_only_for_this_machine_and_only_where_that_is_named() -> None:
    inside = networks(LOOPBACK)
    assert checked(read_url("http://localhost:8080/x", inside), inside, lambda *_: ["127.0.0.1"])
    with pytest.raises(Refused):
        checked(read_url("http://a.example.cn/", inside), inside, lambda *_: ["1.1.1.1"])


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", "[::1]", "[::ffff:7f00:1]"]
)
def test_other_ways_to_write_this_machine_are_seen_through_by_the_real_resolver(host: str) -> None:
    assert str(Sender(()).post(f"https://{host}:9/", {}, b"")) in ("address-refused", "no-such-host")


def test_a_name_that_changes_its_answer_is_asked_once_and_the_checked_address_is_used(
    authority: Authority, listening: Listening
) -> None:
    inside = networks(("127.0.0.2/32",))
    good = listening(address="127.0.0.2")
    evil = listening(address="127.0.0.1", port=good.port)
    names = Names({HOST: [["127.0.0.2"], ["127.0.0.1"]]})
    sender = Sender(inside, authority.ca, names)
    assert sender.post(good.url(), {}, b"{}").status == 204
    assert names.asked == 1 and len(good.caught) == 1
    assert str(sender.post(good.url(), {}, b"{}")) == "address-refused"  # what it answers now
    assert names.asked == 2 and evil.caught == [] and len(good.caught) == 1


def test_the_certificate_has_to_be_that_of_the_name(authority: Authority, listening: Listening) -> None:
    inside, names = networks(LOOPBACK), Names({HOST: [["127.0.0.1"]], "other.example.cn": [["127.0.0.1"]]})
    catcher = listening()
    sender = Sender(inside, authority.ca, names)
    assert sender.post(catcher.url(), {}, b"{}").taken
    assert str(sender.post(catcher.url("other.example.cn"), {}, b"{}")) == "certificate"
    assert str(Sender(inside, "", names).post(catcher.url(), {}, b"{}")) == "certificate"
    assert len(catcher.caught) == 1
    plain = listening(host=None)
    assert str(sender.post(plain.url(), {}, b"{}")) in ("tls", "connection-broken")
    assert plain.caught == []


def test_redirects_are_not_followed(authority: Authority, listening: Listening) -> None:
    target, catcher = listening(), listening()
    catcher.say(307, Location=target.url())
    sender = Sender(networks(LOOPBACK), authority.ca, Names({HOST: [["127.0.0.1"]]}))
    outcome = sender.post(catcher.url(), {}, b"{}")
    assert outcome.status == 307 and not outcome.taken
    assert target.caught == [] and len(catcher.caught) == 1


def test_the_request_says_what_it_should(authority: Authority, listening: Listening) -> None:
    catcher = listening()
    sender = Sender(networks(LOOPBACK), authority.ca, Names({HOST: [["127.0.0.1"]]}))
    sender.post(catcher.url(), {"webhook-id": "msg_1"}, b'{"a":1}')
    [(path, headers, body)] = catcher.caught
    assert (path, body) == ("/hook?of=zhixin", b'{"a":1}')
    assert headers["Host"] == f"{HOST}:{catcher.port}" and headers["webhook-id"] == "msg_1"


def test_a_receiver_that_drips_is_cut_off(
    authority: Authority, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "WHOLE_SECONDS", 0.5)
    catcher = listening()
    catcher.answer = slowly
    sender = Sender(networks(LOOPBACK), authority.ca, Names({HOST: [["127.0.0.1"]]}))
    assert str(sender.post(catcher.url(), {}, b"{}")) == "timeout"


def test_of_a_long_answer_little_is_read(authority: Authority, listening: Listening) -> None:
    catcher, written = listening(), list[int]()

    def endless(handler: object) -> None:
        write = handler.wfile.write  # type: ignore[attr-defined]
        write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        try:
            while len(written) < 100_000:
                write(b"x" * 1024)
                written.append(1)
        except (OSError, ssl.SSLError):
            return

    catcher.answer = endless
    sender = Sender(networks(LOOPBACK), authority.ca, Names({HOST: [["127.0.0.1"]]}))
    assert sender.post(catcher.url(), {}, b"{}").taken
    assert len(written) < 50_000


def test_nobody_there_is_told_in_a_word(authority: Authority) -> None:
    inside = networks(LOOPBACK)
    assert str(Sender(inside).post("https://127.0.0.1:1/", {}, b"")) == "connection-refused"
    assert str(Sender(inside).post("https://no-such-name.invalid/", {}, b"")) == "no-such-host"

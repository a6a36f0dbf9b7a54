"""Who sends slowly, half or nonsense holds nobody up and gets a 4xx: real sockets against gunicorn as `gunicorn.conf.py` sets it up."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from indexer.demo.stories import CLEAN_AAA
from tests.portal.conftest import API, Program

CROWD = 60  # connections; the worker has four threads
PATIENCE = 8.0  # seconds in which everybody else is answered; one thread that waits for one of them waits ten

HEAD = b"Host: zhixin\r\nContent-Type: application/json\r\n"
BATCH = f"POST {API}/subjects/batch HTTP/1.1\r\n".encode() + HEAD
CHECKS = f"POST {API}/checks HTTP/1.1\r\n".encode() + HEAD
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def connect(program: Program) -> socket.socket:
    at = urlsplit(f"http://{program.host}")
    return socket.create_connection((str(at.hostname), at.port or 80), timeout=30)


@contextlib.contextmanager
def crowd(program: Program, first: bytes) -> Iterator[list[socket.socket]]:
    """Many connections that have each said the same."""
    with contextlib.ExitStack() as open_ones:
        sockets = [open_ones.enter_context(connect(program)) for _ in range(CROWD)]
        for each in sockets:
            if first:
                each.sendall(first)
        yield sockets


def answer_of(sock: socket.socket) -> tuple[int, bytes]:
    """The status and body of the first answer that comes, read to the end of the connection."""
    received = b""
    while piece := sock.recv(65536):
        received += piece
    while received.startswith(b"HTTP/1.1 100"):
        received = received.partition(b"\r\n\r\n")[2]
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def talk(program: Program, *pieces: bytes, pause: float = 0.0) -> tuple[int, bytes]:
    """Send pieces, then no more, and hear the answer."""
    with connect(program) as sock:
        for piece in pieces:
            with contextlib.suppress(OSError):
                sock.sendall(piece)
            time.sleep(pause)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
        return answer_of(sock)


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"", b""),
        (b"GET / HT", b""),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"a"),
        (BATCH + b"Content-Length: 5000\r\n\r\n{", b" "),
        (CHECKS + b"Content-Length: 5000000\r\n\r\n{", b" "),
        (CHECKS + CHUNKED + b"5", b"0"),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET / HT", b"T"),
        (f"GET {API}/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 4, b""),
    ],
    ids=[
        "silent",
        "request-line",
        "header",
        "small-body",
        "upload",
        "chunks",
        "second-request",
        "never-reads",
    ],
)
def test_a_crowd_that_sends_slowly_holds_nobody_up(program: Program, first: bytes, drip: bytes) -> None:
    with crowd(program, first) as sockets:
        for _ in range(3):
            for each in sockets:
                if drip:
                    with contextlib.suppress(OSError):
                        each.send(drip)
            asked = time.monotonic()
            assert program.of("/subjects", CLEAN_AAA.code).status == 200
            body = json.dumps({"ids": [CLEAN_AAA.code]}).encode()
            assert program.post(f"{API}/subjects/batch", body, "application/json").status == 200
            assert time.monotonic() - asked < PATIENCE


def test_more_silent_connections_than_there_is_room_for_make_room(program: Program) -> None:
    with contextlib.ExitStack() as open_ones:
        for _ in range(12):
            open_ones.enter_context(crowd(program, b"GET / HT"))
        asked = time.monotonic()
        assert program.get("/lists/red", limit=1).status == 200
        assert time.monotonic() - asked < PATIENCE


@pytest.mark.parametrize("pieces", [1, 7, 50])
def test_a_request_in_pieces_is_answered_as_a_whole_one(program: Program, pieces: int) -> None:
    body = json.dumps({"ids": [CLEAN_AAA.code]}).encode()
    whole = BATCH + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    size = len(whole) // pieces + 1
    parts = [whole[at : at + size] for at in range(0, len(whole), size)]
    status, text = talk(program, *parts, pause=0.002)
    assert status == 200 and json.loads(text)["results"][0]["status"] == 200


def test_a_body_in_sound_chunks_is_read(program: Program) -> None:
    body = json.dumps({"ids": [CLEAN_AAA.code]}).encode()
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(body[at : at + 10]), body[at : at + 10]) for at in range(0, len(body), 10)
    )
    status, text = talk(program, BATCH + b"Connection: close\r\n" + CHUNKED, chunks, b"0\r\n\r\n")
    assert status == 200 and json.loads(text)["results"][0]["id"] == CLEAN_AAA.code


def test_two_requests_at_once_are_answered_one_after_another(program: Program) -> None:
    one = f"GET {API}/lists/red?limit=1 HTTP/1.1\r\nHost: a\r\n".encode()
    with connect(program) as sock:
        sock.sendall(one + b"\r\n" + one + b"Connection: close\r\n\r\n")
        received = b""
        while piece := sock.recv(65536):
            received += piece
    assert received.count(b"HTTP/1.1 200 OK") == 2


def test_who_waits_for_leave_to_send_gets_it(program: Program) -> None:
    body = json.dumps({"ids": [CLEAN_AAA.code]}).encode()
    with connect(program) as sock:
        sock.sendall(
            BATCH + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 100 Continue")
        sock.sendall(body)
        assert answer_of(sock)[0] == 200


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"-1\r\n{}\r\n0\r\n\r\n",
        b"5\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}0\r\n\r\n",
        b"2\r\n{}\r\n",
        b"2;" + b"x" * 20_000 + b"\r\n{}\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\n{}",
        b"\r\n" * 100,
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"2\n{}\n0\n\n",
    ],
)
def test_chunks_that_are_nonsense_are_a_400_that_names_the_body(program: Program, chunks: bytes) -> None:
    status, text = talk(program, BATCH + CHUNKED, chunks)
    assert status == 400, text
    assert json.loads(text)["errors"][0]["where"] == "body"


def test_a_body_that_is_cut_off_is_a_400(program: Program) -> None:
    status, text = talk(program, CHECKS + b"Content-Length: 100000\r\n\r\n{")
    assert status == 400 and json.loads(text)["errors"][0]["where"] == "body"


def test_a_body_without_end_is_refused_at_its_limit(program: Program) -> None:
    endless = (b"10000\r\n" + b" " * 0x10000 + b"\r\n",) * 4
    status, text = talk(program, BATCH + CHUNKED, *endless)
    assert status == 413 and json.loads(text)["errors"][0]["where"] == "body"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 1e3\r\n\r\n",
        b"Content-Length: +2\r\n\r\n{}",
        b"Content-Length : 2\r\n\r\n{}",
        b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
        b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        b"X: a\r\n folded\r\n\r\n",
        b"X: a\x00b\r\n\r\n",
        b"X y: a\r\n\r\n",
        b": nothing\r\n\r\n",
        b"X: " + b"a" * 20_000 + b"\r\n\r\n",
        b"".join(b"X%d: a\r\n" % n for n in range(500)) + b"\r\n",
    ],
)
def test_heads_that_mean_two_things_or_nothing_are_refused(program: Program, head: bytes) -> None:
    status, text = talk(program, BATCH + head)
    assert 400 <= status < 500 or status == 501, text
    assert b"Traceback" not in text


def test_the_log_has_no_traceback_after_all_this(program: Program) -> None:
    assert b"Traceback" not in program.log.read_bytes()

"""The gunicorn worker of the portal: threads, of which none ever waits for somebody who sends slowly (slowloris).

gunicorn's own threaded worker gives a connection to a thread before it knows that a request will come of it: eight that send a byte every few
seconds are as many threads, and nobody else is answered. Here the head of a request, and a body of the size of a form, are gathered in
the main loop, where a thousand may wait, and a thread gets a request that is whole. Longer bodies are read by threads of their own with a
clock beside them: who uploads slowly keeps other uploads waiting, and no reader.

`gunicorn.conf.py` names this class. TLS is not served here but by the proxy in front (docs/deploy.md).
"""

import errno
import re
import selectors
import socket
import time
from collections import OrderedDict
from concurrent import futures
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_SECONDS = 10.0
"""In which a request's head, and a body that is gathered with it, have to arrive."""

LONGEST_HEAD = 192 * 1024
"""Bytes; beyond that gunicorn's parser refuses what there is. The longest address is 128 KiB (gunicorn.conf.py)."""

GATHERED_BODY = 64 * 1024
"""Bytes of a body that is gathered in the main loop: the longest that pages and questions take."""

MOST_WAITING = 500
"""Connections of which no whole request has come yet; the one that has been silent longest makes room."""

UPLOAD_THREADS = 2
UPLOAD_SECONDS = 20.0
LEAST_RATE = 32 * 1024  # bytes a second that an upload has to keep up after its first seconds
ANSWER_SECONDS = 20.0
"""In which a client has to take a piece of an answer."""

CLOSE_SECONDS = 2.0
PIECE = 64 * 1024

_body = re.compile(
    rb"\r\n(?:content-length[ \t]*:[ \t]*([0-9]{1,18})[ \t]*\r\n|(transfer-encoding)[ \t]*:)", re.IGNORECASE
)
_expects = re.compile(rb"\r\nexpect[ \t]*:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class Inbox:
    """What has come on a connection. To gunicorn's parser it is the socket: it gives what was gathered, then what an upload still brings."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.gathered = bytearray()
        self.given = b""
        self.uploading = False
        self.deadline = 0.0
        self.leave_given = False

    def missing(self) -> int | None:
        """How many bytes the first request still lacks; None while its head is not whole, -1 for a body that is not gathered here."""
        end = self.gathered.find(b"\r\n\r\n")
        if end < 0:
            return -1 if len(self.gathered) > LONGEST_HEAD else None
        found = _body.search(self.gathered, 0, end + 2)
        if found is None:
            return 0
        if found[2] is not None or int(found[1]) > GATHERED_BODY:
            return -1
        return max(0, end + 4 + int(found[1]) - len(self.gathered))

    def hand_over(self, *, uploading: bool) -> None:
        """Give the parser the first request; what an upload lacks comes from the socket, within its time."""
        self.uploading, self.leave_given = uploading, False
        if uploading:
            size, self.deadline = len(self.gathered), time.monotonic() + UPLOAD_SECONDS
        else:
            end = self.gathered.find(b"\r\n\r\n") + 4
            found = _body.search(self.gathered, 0, end - 2)
            size = end + (int(found[1]) if found is not None else 0)
        self.given += bytes(self.gathered[:size])
        del self.gathered[:size]

    def give_leave(self) -> None:
        """Tell a client that waits to be told so (Expect: 100-continue) that it may send the body."""
        end = self.gathered.find(b"\r\n\r\n")
        if not self.leave_given and _expects.search(self.gathered, 0, end + 2) is not None:
            self.leave_given = True
            with suppress(OSError):
                self.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def recv(self, size: int) -> bytes:
        """Bytes for the parser. Raises NoMoreData where there are none in time, as where a connection breaks off."""
        if self.given:
            piece, self.given = self.given[:size], self.given[size:]
            return piece
        if not self.uploading:
            return b""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise NoMoreData(b"")
        self.sock.settimeout(left)
        try:
            piece = self.sock.recv(size)
        except OSError:
            raise NoMoreData(b"") from None
        finally:
            self.sock.settimeout(ANSWER_SECONDS)
        self.deadline += len(piece) / LEAST_RATE
        return piece


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker with requests that are gathered first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: OrderedDict[TConn, float] = OrderedDict()
        self.closing: OrderedDict[TConn, float] = OrderedDict()
        self.uploads = futures.ThreadPoolExecutor(UPLOAD_THREADS, "upload")

    def accept(self, listener: Any) -> None:
        """Take a connection, and wait in the main loop for what it asks."""
        try:
            sock, address = listener.accept()
        except OSError as error:  # mostly that another worker has it
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._make_room()
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, sock, address, listener.getsockname())
        conn.inbox = Inbox(sock)
        conn.parser = http.get_parser(self.cfg, conn.inbox, address)
        conn.initialized = conn.data_ready = True
        if len(self.waiting) >= MOST_WAITING:
            self._make_room()
        self._wait(conn)

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """The next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._wait(conn)
        self._readable(conn, client)

    def enqueue_req(self, conn: TConn) -> None:
        """Have a thread answer; uploads have their own."""
        pool = self.uploads if conn.inbox.uploading else self.tpool
        pool.submit(self.handle, conn).add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer, to a client that takes the answer in time."""
        conn.sock.settimeout(ANSWER_SECONDS)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            raise StopIteration from None

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """After an answer: go on with what came behind its question, wait for the next, or let the client close."""
        kept = not fs.cancelled() and fs.exception() is None and bool(fs.result())
        if kept and self.alive and conn.inbox.gathered:
            self._wait(conn)
            self._gather(conn)
        elif kept:
            super().finish_request(conn, fs)
        else:
            self._close(conn)

    def murder_pending(self) -> None:
        """Close what has been silent for too long; gunicorn calls this every second. One that stops waits for no new question."""
        now = time.monotonic()
        for held, limit in ((self.waiting, now if self.alive else float("inf")), (self.closing, now)):
            while held and next(iter(held.values())) <= limit:
                self._drop(held.popitem(last=False)[0])

    def _wait(self, conn: TConn) -> None:
        conn.sock.setblocking(False)
        self.waiting[conn] = time.monotonic() + HEAD_SECONDS
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._readable, conn))

    def _readable(self, conn: TConn, _sock: Any) -> None:
        try:
            piece = conn.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if piece:
            conn.inbox.gathered += piece
            self._gather(conn)
        else:
            del self.waiting[conn]
            self._drop(conn)

    def _gather(self, conn: TConn) -> None:
        """Hand a request over as soon as it is whole."""
        missing = conn.inbox.missing()
        if missing is None:
            return
        if missing > 0:
            conn.inbox.give_leave()
            return
        del self.waiting[conn]
        self.poller.unregister(conn.sock)
        conn.inbox.hand_over(uploading=missing < 0)
        self.enqueue_req(conn)

    def _close(self, conn: TConn) -> None:
        """Close once the client has read the answer: what it still sends would make the kernel throw the answer away (RFC 9112, 9.6)."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._discard, conn))
        except OSError:
            self._drop(conn)
        else:
            self.closing[conn] = time.monotonic() + CLOSE_SECONDS

    def _discard(self, conn: TConn, _sock: Any) -> None:
        try:
            more = conn.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            del self.closing[conn]
            self._drop(conn)

    def _make_room(self) -> None:
        """Let go of the connection that has asked nothing for longest."""
        if self.waiting:
            self._drop(self.waiting.popitem(last=False)[0])

    def _drop(self, conn: TConn) -> None:
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

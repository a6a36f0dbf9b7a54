"""Files to download (数据下载): the public records of a kind, gzip over CSV or JSON Lines, with ETag and ranges; and the index that programs read."""

import hashlib
import io
import threading
from collections.abc import Callable, Sequence
from typing import BinaryIO, cast

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from indexer.errors import ServiceUnavailable
from indexer.opendata.manifest import Piece, Shelf
from portal.context import portal
from portal.data_index import catalogue

AT_ONCE = 2
"""Downloads that one process gives out side by side: each holds a thread as long as its reader takes, and others come to ask too."""

BUFFER = 64 * 1024  # bytes
AGAIN = 15  # seconds
TYPE = "application/gzip"

blueprint = Blueprint("data", __name__, url_prefix="/data")
_slots = threading.BoundedSemaphore(AT_ONCE)


class TooManyDownloads(ServiceUnavailable):
    """As many downloads as one process gives out are under way."""

    code = "downloads-busy"

    def __init__(self) -> None:
        super().__init__(
            "正在下载的人较多，请稍后再取。", "Several downloads are under way; come back in a moment."
        )


class Pieces(io.RawIOBase):
    """Blocks one after another, as one file to read and to seek in; `done` is called once it has been read to its end or closed."""

    def __init__(self, shelf: Shelf, pieces: Sequence[Piece]) -> None:
        self._shelf, self._pieces = shelf, pieces
        self.done: Callable[[], None] | None = None
        self._at = self._place = 0
        self._open: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place counted from the beginning."""
        if whence != io.SEEK_SET or offset < 0:
            raise io.UnsupportedOperation("counted from the beginning only")
        self._leave()
        self._at, rest = 0, offset
        while self._at < len(self._pieces) and rest >= self._pieces[self._at].size:
            rest -= self._pieces[self._at].size
            self._at += 1
        if self._at < len(self._pieces) and rest:
            self._open = self._shelf.path(self._pieces[self._at]).open("rb")
            self._open.seek(rest)
        self._place = offset
        return offset

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]  # the buffer that read() makes
        while self._at < len(self._pieces):
            if self._open is None:
                self._open = self._shelf.path(self._pieces[self._at]).open("rb")
            if count := self._open.readinto(into):  # type: ignore[attr-defined]  # a file's
                self._place += count
                return int(count)
            self._leave()
            self._at += 1
        self._finish()
        return 0

    def _leave(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _finish(self) -> None:
        done, self.done = self.done, None
        if done is not None:
            done()

    def close(self) -> None:
        self._leave()
        self._finish()
        super().close()


@blueprint.get("/index.json")
def index() -> Response:
    """What there is to download, for programs: DCAT as JSON-LD."""
    site = portal().settings.base_url or request.url_root.rstrip("/")
    content = orjson.dumps(catalogue(portal().downloads, site), option=orjson.OPT_INDENT_2)
    response = Response(content, content_type="application/ld+json")
    response.set_etag(hashlib.blake2b(content, digest_size=12).hexdigest())
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@blueprint.get("/<kind>.<form>.gz")
def download(kind: str, form: str) -> Response:
    """The public records of one kind. Raises NotFound, BeingUpdated, TooManyDownloads, ServiceUnavailable."""
    manifest, whole, pieces = portal().downloads.ready(kind, form)
    size = whole.size(form)
    file = Pieces(portal().downloads.shelf, pieces)
    response = Response(FileWrapper(cast(BinaryIO, file), BUFFER), mimetype=TYPE, direct_passthrough=True)
    response.content_length = size
    response.set_etag(whole.sha256[form])
    response.last_modified = manifest.at.instant
    response.cache_control.no_cache = True
    response.headers.set("Content-Disposition", "attachment", filename=f"{kind}.{form}.gz")
    response.headers["X-Zhixin-Register-Version"] = str(manifest.at.version.number)
    if manifest.position is not None:
        response.headers["X-Zhixin-Change-Position"] = manifest.position
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    if request.method == "GET" and response.status_code in (200, 206):
        if not _slots.acquire(blocking=False):
            raise TooManyDownloads
        file.done = _slots.release
    return response


@blueprint.after_request
def _come_back(response: Response) -> Response:
    if response.status_code == 503:
        response.headers["Retry-After"] = str(AGAIN)
    return response

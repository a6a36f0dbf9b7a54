"""Health: `/healthz` says that the process lives, `/readyz` that it can answer."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

from flask import Blueprint, Response, current_app, jsonify

from indexer.errors import ZhixinError
from indexer.search.protocol import SearchEngine
from portal.context import portal

PATIENCE = 1.0  # seconds that an answer waits for the search engine; orchestrators give up on one after a few

blueprint = Blueprint("health", __name__)


class Watch:
    """Asks a search engine whether it answers, in a thread of its own: one that hangs holds nobody up and is asked once."""

    def __init__(self, search: SearchEngine) -> None:
        self._search = search
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(1, "search-ready")
        self._asking: Future[bool] | None = None

    def ready(self) -> bool:
        """Whether it says so within `PATIENCE`."""
        with self._lock:
            if self._asking is None or self._asking.done():
                self._asking = self._threads.submit(self._search.ready)
            asking = self._asking
        try:
            return asking.result(PATIENCE)
        except TimeoutError:
            return False


def watch() -> Watch:
    """The one that watches over the search engine of this process."""
    found: Watch = current_app.extensions.setdefault("zhixin-watch", Watch(portal().search))
    return found


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Whether the register answers, which all answers are read from; 503 when not.

    Search that is down takes no portal out of service: all else is answered, and search by whole names, codes and numbers
    ("degraded").
    """
    register = _register_ready()
    search = "ok" if watch().ready() else "degraded" if register else "down"
    return jsonify(register="ok" if register else "down", search=search), 200 if register else 503


def _register_ready() -> bool:
    try:
        portal().register.version()
    except ZhixinError:
        return False
    return True

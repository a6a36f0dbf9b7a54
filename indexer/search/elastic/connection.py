"""The connection to Elasticsearch: one client a process, and every failure of it told as one of our errors.

The cluster's own words go to the log only. What can be asked again without harm is asked again, after a while that doubles.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from elasticsearch import ApiError, Elasticsearch, OrjsonSerializer, SSLError, TransportError

from indexer.errors import ServiceUnavailable
from indexer.search.failures import SearchUnavailable, unavailable

P = ParamSpec("P")
T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds
PATIENCE = 60.0
"""Seconds that a write is tried again while the cluster is busy, elects a master or moves a shard."""


class Ask(Protocol):
    """How a request is made: `patiently` or `once`."""

    def __call__(self, ask: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T: ...


log = logging.getLogger(__name__)


class SearchRefused(ServiceUnavailable):
    """The cluster answers but does not let us in, or does not let us do this, or we do not trust it."""

    code = "search-refused"


class IndexReadOnly(SearchUnavailable):
    """The cluster takes no writes, as its disks are nearly full."""

    code = "search-read-only"


def untrusted() -> SearchRefused:
    """What is told when the cluster's certificate is signed by nobody we know, or there is no TLS."""
    return SearchRefused(
        "无法与检索集群建立可信的 TLS 连接，请核对 ZHIXIN_SEARCH_URL，并用 ZHIXIN_SEARCH_CA 指明签发其证书的 CA。",
        "No trusted TLS connection to the search cluster: check ZHIXIN_SEARCH_URL, and name the authority of its certificate in "
        "ZHIXIN_SEARCH_CA.",
    )


def read_only() -> IndexReadOnly:
    """What operators are told when the disks are nearly full."""
    return IndexReadOnly(
        "检索集群磁盘将满，已停止写入。请清理或扩充磁盘；有空间后会自动继续，不会丢失数据。",
        "The search cluster's disks are nearly full, it takes no writes. Free some space: writing goes on by itself, nothing is lost.",
    )


@dataclass(frozen=True)
class Address:
    """Where the cluster is and how to come in. `login` is user and password; `ca` a file of certificates to trust."""

    nodes: tuple[str, ...]
    login: tuple[str, str] | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    ca: Path | None = None
    timeout: float = 5.0  # seconds for one question
    connections: int = 8  # to each node: as many as a process has threads


def client(address: Address) -> Elasticsearch:
    """A client for a cluster. Opens nothing yet, so a server may fork after it was made.

    A node that does not answer, or not in time, is left alone for a while, and the question goes to the next one, once: else each
    time that a node which is cut off is tried again would cost somebody an error.
    """
    secure = address.nodes[0].startswith("https")
    return Elasticsearch(
        list(address.nodes),
        basic_auth=address.login if address.api_key is None else None,
        api_key=address.api_key,
        **({"ca_certs": str(address.ca)} if secure and address.ca else {}),  # type: ignore[arg-type]
        request_timeout=address.timeout,
        connections_per_node=address.connections,
        max_retries=1 if len(address.nodes) > 1 else 0,
        retry_on_timeout=True,
        dead_node_backoff_factor=0.5,
        max_dead_node_backoff=10,
        serializers={"application/vnd.elasticsearch+json": OrjsonSerializer()},
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what the client raises into an error of ours."""
    try:
        yield
    except ApiError as error:
        log.warning("elasticsearch: %s", error)
        raise _told(error) from None
    except SSLError as error:
        log.warning("elasticsearch: %s", error)
        raise untrusted() from None
    except TransportError as error:
        log.warning("elasticsearch: %s", error)
        raise unavailable() from None


def _told(error: ApiError) -> ServiceUnavailable:
    if "cluster_block_exception" in str(error) and "read-only" in str(error):
        return read_only()
    if error.status_code in (401, 403):
        return SearchRefused(
            "检索集群拒绝了我们的账号或权限，请核对 ZHIXIN_SEARCH_URL、ZHIXIN_SEARCH_API_KEY 和角色（见 docs/elasticsearch.md）。",
            "The search cluster refuses our login or role: check ZHIXIN_SEARCH_URL, ZHIXIN_SEARCH_API_KEY and the role (docs/elasticsearch.md).",
        )
    return unavailable()


def busy(error: Exception) -> bool:
    """Whether the same request may well succeed a little later."""
    if isinstance(error, ApiError):
        return error.status_code in (408, 429, 502, 503, 504) and not isinstance(_told(error), IndexReadOnly)
    return isinstance(error, TransportError) and not isinstance(error, SSLError)


def patiently(ask: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """What `ask` gives; tried again while the cluster is busy. Only for what may be done twice. Raises ServiceUnavailable."""
    until = time.monotonic() + PATIENCE
    for pause in pauses():
        try:
            return ask(*arguments, **options)
        except (ApiError, TransportError) as error:
            if not busy(error) or time.monotonic() + pause > until:
                with told_plainly():
                    raise
        time.sleep(pause)
    raise AssertionError("pauses never end")


def once(ask: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """What `ask` gives at the first try, for people who wait. Raises ServiceUnavailable."""
    with told_plainly():
        return ask(*arguments, **options)


def pauses() -> Iterator[float]:
    """Seconds to wait before the next try: twice as long each time, and never the same for two processes."""
    pause = FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.5, 1.0)
        pause = min(2 * pause, LONGEST_PAUSE)

"""`/metrics` for Prometheus (运行指标): what `measures` counted, and the state of the register, its queues and its jobs at the time of asking.

Not public: with ZHIXIN_METRICS_TOKEN whoever shows it (Authorization: Bearer), without it a process of this machine that asks directly. To
anybody else there is nothing at this address.
"""

import hmac
import ipaddress
from collections.abc import Iterator
from importlib.metadata import version as installed
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from flask_limiter import Limiter
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from indexer.errors import NotFound, ZhixinError
from indexer.register.queue import Queue
from indexer.register.successes import successes
from portal import measures
from portal.context import Portal, portal
from portal.health import watch
from portal.limits import LIMITER

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
MOST_WAITING = 1_000_000
"""Entries of the outbox that are counted; more are told as so many."""

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures of now. Raises NotFound for whoever may not see them."""
    if not _may_see():
        raise NotFound("没有这个地址，请检查网址。", "There is nothing at this address.")
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:  # no folder that workers share: this process is all there is
        for each in measures.ALL:
            registry.register(each)
    registry.register(State(portal()))
    answer = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    answer.cache_control.no_store = True
    return answer


@blueprint.record_once
def _uncounted(state: BlueprintSetupState) -> None:
    """Whoever may read the figures is not counted: a busy neighbour at the same address shall not blind the operator. All others are."""
    limiter: Limiter = state.app.extensions[LIMITER]
    limiter.request_filter(lambda: request.endpoint == f"{blueprint.name}.{metrics.__name__}" and _may_see())


def _may_see() -> bool:
    settings = portal().settings
    if settings.metrics_token:
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(
            shown.encode("utf-8", "surrogateescape"), settings.metrics_token.encode()
        )
    # A proxy on this machine that says nothing of itself looks like this machine: it is recognised by the names it is asked under.
    direct = not settings.trusted_proxies and not any(name in request.headers for name in FORWARDED)
    site = urlsplit(settings.base_url).hostname if settings.base_url else None
    names = [request.remote_addr, urlsplit(f"//{request.host}").hostname, *([site] if site else [])]
    return direct and all(map(_is_here, names))


def _is_here(name: str | None) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False


class State(Collector):
    """What the database says when it is asked; without it only that it does not answer."""

    def __init__(self, parts: Portal) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        """The gauges."""
        build = GaugeMetricFamily("zhixin_build_info", "The release.", labels=["version"])
        build.add_metric([installed("zhixin")], 1)
        yield build
        yield _gauge("zhixin_search_up", "Whether the search engine answers.", watch().ready())
        try:
            found = list(self._of_register())
        except ZhixinError:
            found = []
        yield _gauge("zhixin_register_up", "Whether the register's database answers.", bool(found))
        yield from found

    def _of_register(self) -> Iterator[Metric]:
        parts, now = self._parts, self._parts.clock.now()
        version = parts.register.version()
        yield _gauge("zhixin_register_version", "The register's version.", version.number)
        if version.recorded_at is not None:
            age = (now - version.recorded_at).total_seconds()
            yield _gauge(
                "zhixin_register_version_age_seconds", "How long ago the register was last changed.", age
            )
        waiting = Queue(parts.register.engine).waiting(MOST_WAITING)
        yield _gauge("zhixin_outbox_waiting", "Records that wait for the search index.", waiting)
        done = successes(parts.register.engine)
        synced = done.get("sync")
        if not waiting or synced is not None:
            lag = (now - synced).total_seconds() if waiting and synced is not None else 0
            yield _gauge(
                "zhixin_outbox_age_seconds", "What waits for the index waits no longer than this.", lag
            )
        letters = parts.accounts.post.waiting()
        yield _gauge("zhixin_letters_waiting", "Letters that are to be sent.", letters.due)
        yield _gauge("zhixin_letters_late", "Letters that have waited for over an hour.", letters.late)
        yield _gauge("zhixin_letters_set_aside", "Letters that could not be sent.", letters.set_aside)
        jobs = GaugeMetricFamily(
            "zhixin_job_last_success_timestamp_seconds",
            "When a background job last ended well.",
            labels=["job"],
        )
        for name, instant in done.items():
            jobs.add_metric([name], instant.timestamp())
        yield jobs
        if (manifest := parts.downloads.shelf.manifest()) is not None:
            yield _gauge(
                "zhixin_downloads_late",
                "Whether the downloads have not followed the register.",
                parts.downloads.late(manifest),
            )


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=float(value))

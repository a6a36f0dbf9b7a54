"""What is measured of requests (指标): counters that all workers of one gunicorn share. Labels are routes, never addresses, words or persons."""

from functools import lru_cache

from prometheus_client import Counter, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the histogram: most answers take some milliseconds, a check of a thousand bidders some seconds."""

REQUESTS = Counter(
    "zhixin_http_requests",
    "Requests answered, by the route's template; 429 are those over a limit.",
    ["route", "method", "status"],
    registry=None,
)
LATENCY = Histogram(
    "zhixin_http_request_seconds",
    "Seconds until an answer began, by the route's template.",
    ["route"],
    buckets=SECONDS,
    registry=None,
)
DEGRADED = Counter(
    "zhixin_search_degraded",
    "Searches answered by the register alone, by why: the engine failed, or the breaker did not ask it.",
    ["reason"],
    registry=None,
)
ALL = (REQUESTS, LATENCY, DEGRADED)


def count(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request that was answered."""
    requests, latency = _of(route, method, status)
    requests.inc()
    latency.observe(seconds)


@lru_cache(maxsize=4096)
def _of(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Looking a label up takes longer than counting."""
    return REQUESTS.labels(route, method, str(status)), LATENCY.labels(route)

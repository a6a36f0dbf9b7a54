"""Rate limits: one anonymous plan per address, counted in Redis/Valkey when there are several processes, in memory otherwise.

Headers are those of the IETF draft: `RateLimit-Policy: "minute";q=120;w=60` names each window, `RateLimit: "minute";r=118;t=52` the one
nearest its end, with what remains and the seconds until it begins anew. 429 carries `Retry-After`.
"""

import ipaddress
import time

from flask import Flask, Response, request
from flask_limiter import Limiter
from limits import RateLimitItem

from indexer.settings import Settings

EXEMPT = ("static", "health.alive", "health.ready")


def visitor() -> str:
    """Whom a request is counted for: an IPv4 address, or the /64 of an IPv6 one, since a household has 2^64 of these."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def init_limits(app: Flask, settings: Settings) -> Limiter:
    """Limit every route of `app` but static files and health checks by the plan of the settings."""
    limiter = Limiter(
        visitor,
        app=app,
        enabled=bool(settings.rate_limits),
        application_limits=[";".join(settings.rate_limits)] if settings.rate_limits else [],
        storage_uri=settings.redis_url or "memory://",
        strategy="fixed-window",
        in_memory_fallback_enabled=bool(settings.redis_url),
        headers_enabled=False,
    )
    if settings.rate_limits:
        limiter.request_filter(lambda: request.endpoint in EXEMPT)
        app.after_request(lambda response: _headers(limiter, response))
    return limiter


def _headers(limiter: Limiter, response: Response) -> Response:
    windows = limiter.current_limits
    if not windows:
        return response
    now = time.time()
    nearest = min(windows, key=lambda window: (not window.breached, window.remaining))
    resets = min(
        max(0, round(nearest.reset_at - now)), nearest.limit.get_expiry()
    )  # the counter rounds up, past the window
    response.headers["RateLimit-Policy"] = ", ".join(
        f'"{_name(w.limit)}";q={w.limit.amount};w={w.limit.get_expiry()}' for w in windows
    )
    response.headers["RateLimit"] = f'"{_name(nearest.limit)}";r={nearest.remaining};t={resets}'
    if response.status_code == 429:
        response.headers["Retry-After"] = str(max(1, resets))
    return response


def _name(limit: RateLimitItem) -> str:
    return str(limit.GRANULARITY.name)

"""Rate limits: one anonymous plan per address, counted in Redis/Valkey when there are several processes, in memory otherwise.

Headers are those of the IETF draft: `RateLimit-Policy: "minute";q=120;w=60` names each window, `RateLimit: "minute";r=118;t=52` the one
nearest its end, with what remains and the seconds until it begins anew. 429 carries `Retry-After`.
"""

import ipaddress
import time

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour

from indexer.errors import ZhixinError
from indexer.settings import Settings

BIDDERS = RateLimitItemPerDay(200_000)
"""Bidders that one visitor may have checked in a day, whatever the plan for requests: a check of many costs what it is worth."""

FILINGS = RateLimitItemPerHour(10)
"""Complaints and questions that one visitor may file in an hour; an office behind one address has a few."""

LIMITER = "zhixin-limits"

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
    app.extensions[LIMITER] = limiter
    if settings.rate_limits:
        limiter.request_filter(lambda: request.endpoint in EXEMPT)
        app.after_request(lambda response: _headers(limiter, response))
    return limiter


class TooManyBidders(ZhixinError):
    """This visitor had as many bidders checked today as one may."""

    code = "too-many-requests"
    status = 429


def charge(bidders: int) -> None:
    """Count bidders for the visitor of this request. Raises TooManyBidders; nothing is counted then."""
    limiter: Limiter = current_app.extensions[LIMITER]
    if not limiter.enabled:
        return
    kept = limiter.limiter
    if not kept.test(BIDDERS, "bidders", visitor(), cost=bidders):
        raise TooManyBidders(
            f"一个来访地址一天最多核查 {BIDDERS.amount:,} 个投标人，请明天再来。",
            f"One visitor may have {BIDDERS.amount:,} bidders checked in a day; come back tomorrow.",
        )
    kept.hit(BIDDERS, "bidders", visitor(), cost=bidders)


class TooManyFilings(ZhixinError):
    """This visitor has filed as many complaints and questions as one may."""

    code = "too-many-requests"
    status = 429


def count_filing() -> None:
    """Count a complaint or question for the visitor of this request. Raises TooManyFilings."""
    limiter: Limiter = current_app.extensions[LIMITER]
    if limiter.enabled and not limiter.limiter.hit(FILINGS, "filings", visitor()):
        raise TooManyFilings(
            f"一个来访地址一小时最多提交 {FILINGS.amount} 件，请稍后再来。",
            f"One visitor may file {FILINGS.amount} in an hour; come back later.",
        )


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

"""Limits (访问限额): how much a visitor may ask, by the plan of its key, else by its address; shared through Redis/Valkey by all workers.

A request costs 1; what is worth more says so with `charge`. Headers are those of the IETF draft (draft-ietf-httpapi-ratelimit-headers):
`RateLimit-Policy: "minute";q=120;w=60` names each window, `RateLimit: "minute";r=118;t=52` the one nearest its end, with what remains and
the seconds until it is empty again. 429 carries `Retry-After`, after which, and not a second earlier, the same request is let in.
While the store does not answer, each process counts for itself. See docs/keys.md.
"""

import ipaddress
import math
from functools import lru_cache
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from indexer.errors import ZhixinError
from indexer.keys.plans import Plan, Window, window
from indexer.serving import Seen, Serving
from indexer.settings import Settings
from portal.counters import Counters, Left, Shared, Taken
from portal.counting import OnePlanLimiter, PlanLimit, Ticket, WholePlan

FILINGS = (window("10/hour"),)
"""Complaints and questions that one visitor may file in an hour; an office behind one address has a few."""

LIMITER, STORE = "zhixin-limits", "zhixin-limits-store"
EXEMPT = frozenset({"static", "health.alive", "health.ready"})
STORE_SECONDS = 1  # that a request waits for the store before it is held to be down
RELOADED = 60  # seconds after which a page that was refused is asked for again by the browser
log = structlog.get_logger()


class TooManyRequests(ZhixinError):
    """The windows of this visitor's plan are used up."""

    code = "too-many-requests"
    status = 429

    def __init__(self, wait: int) -> None:
        super().__init__(
            f"请求过于频繁，请按 Retry-After 所示，过 {wait} 秒再试。要整库数据，请到 /data 下载，比逐页查询快得多；"
            "要更高的限额，请到 /keys 申请密钥。",
            f"Too many requests: come back after the {wait} s in Retry-After. The whole register is faster had from /data than page by page; "
            "a key from /keys allows more.",
        )


class TooManyAtOnce(ZhixinError):
    """As many requests of this visitor are under way as may be."""

    code = "too-many-at-once"
    status = 429

    def __init__(self, at_once: int) -> None:
        super().__init__(
            f"您同时进行的请求已有 {at_once} 个，请等其中一个完成后再发。",
            f"{at_once} requests of yours are under way: wait for one of them to end.",
        )


class BeyondPlan(ZhixinError):
    """A request that costs more than the plan allows in its longest window: coming back would not help."""

    code = "beyond-plan"
    status = 403

    def __init__(self, cost: int, longest: Window) -> None:
        super().__init__(
            f"这个请求计 {cost:,} 次，而您的方案每 {_UNITS_ZH[longest.name]}最多 {longest.amount:,} 次。请分几次进行，或到 /keys 申请密钥。",
            f"This request counts as {cost:,}, and your plan allows {longest.amount:,} a {longest.name}: send it in parts, "
            "or ask for a key at /keys.",
        )


class TooManyFilings(ZhixinError):
    """This visitor has filed as many complaints and questions as one may."""

    code = "too-many-requests"
    status = 429

    def __init__(self) -> None:
        most = FILINGS[0].amount
        super().__init__(
            f"一个来访地址一小时最多提交 {most} 件，请稍后再来。",
            f"One visitor may file {most} in an hour; come back later.",
        )


_UNITS_ZH = {"second": "秒", "minute": "分钟", "hour": "小时", "day": "天"}


def visitor() -> str:
    """The network that a request comes from: an IPv4 address, or the /64 of an IPv6 one, since a household has 2^64 of these."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def count_as(who: str, plan: Plan) -> None:
    """Have the current request counted for `who`, the holder of a key, by its plan."""
    g.counted_as = (who, plan)


def init_limits(app: Flask, settings: Settings, anonymous: Plan) -> None:
    """Limit every route of `app` but static files and health checks: by the plan of a key (`count_as`), else by `anonymous`."""

    def ticket() -> Ticket:
        who, plan = g.get("counted_as") or (visitor(), anonymous)
        g.ticket = Ticket(who, plan.windows, plan.at_once)
        return g.ticket  # type: ignore[no-any-return]

    patience: dict[str, Any] = {
        "socket_timeout": STORE_SECONDS,
        "socket_connect_timeout": STORE_SECONDS,
        "retry": Retry(NoBackoff(), 1),  # once, for what a restart has closed: its default waits for seconds
    }
    limiter = app.extensions[LIMITER] = OnePlanLimiter(
        PlanLimit(ticket),
        app=app,
        enabled=bool(settings.rate_limits),
        storage_uri=settings.redis_url or "memory://",
        storage_options=patience if settings.redis_url else {},
        in_memory_fallback_enabled=bool(settings.redis_url),
        headers_enabled=False,
    )
    app.register_error_handler(RateLimitExceeded, _refuse)
    app.after_request(_tell)
    app.extensions[STORE] = _Store(settings)
    if settings.rate_limits:
        limiter.request_filter(lambda: request.endpoint in EXEMPT)
        app.teardown_request(_over)


def charge(cost: int) -> None:
    """Say what the current request costs in all, once it is known: a check of 500 bidders 500, a batch read of 50 records 50.

    1 was taken when the request came; the rest is taken now, from all windows of the visitor's plan or from none. Called at most once in a
    request, before the work. Raises TooManyRequests, and BeyondPlan for what the plan never allows.
    """
    ticket: Ticket | None = g.get("ticket")
    if ticket is None or ticket.counters is None or cost <= 1:
        return
    if cost > ticket.windows[-1].amount:
        raise BeyondPlan(cost, ticket.windows[-1])
    try:
        taken = ticket.counters.take(ticket.visitor, ticket.windows, cost - 1, whole=cost)
    except RedisError:
        return  # it went down just now: the next request is counted in memory
    assert ticket.taken is not None
    ticket.taken = Taken(taken.allowed, taken.windows, slot=ticket.taken.slot)
    if not taken.allowed:
        g.wait = taken.wait
        raise TooManyRequests(taken.wait)
    g.cost = cost


def count_filing() -> None:
    """Count a complaint or question for the visitor of this request. Raises TooManyFilings."""
    limiter: Limiter = current_app.extensions[LIMITER]
    if not limiter.enabled:
        return
    strategy = limiter.limiter
    assert isinstance(strategy, WholePlan)
    try:
        taken = strategy.counters.take(f"filings:{visitor()}", FILINGS)
    except RedisError:
        return
    if not taken.allowed:
        g.wait = taken.wait
        raise TooManyFilings


def _refuse(error: RateLimitExceeded) -> Response:
    ticket: Ticket = g.ticket
    assert ticket.taken is not None
    crowded = ticket.taken.crowded and not any(each.closed for each in ticket.taken.windows)
    g.wait = ticket.taken.wait
    refusal = TooManyAtOnce(ticket.at_once) if crowded else TooManyRequests(g.wait)
    return current_app.make_response(current_app.handle_user_exception(refusal))


def _tell(response: Response) -> Response:
    """Say in headers what is left, and count the request as over when its answer is made, or sent where it is made while it is sent."""
    ticket: Ticket | None = g.get("ticket")
    if ticket is None or ticket.taken is None:
        return response
    taken = ticket.taken
    nearest = min(taken.windows, key=lambda each: (not each.closed, each.left))
    response.headers.add("RateLimit-Policy", _policy(ticket.windows))
    response.headers.add("RateLimit", f'"{nearest.window.name}";r={nearest.left};t={_seconds(nearest)}')
    if response.status_code == 429 and "wait" in g:
        response.headers["Retry-After"] = str(g.wait)
        if request.method == "GET" and not request.path.startswith("/api/") and g.wait <= RELOADED:
            response.headers["Refresh"] = str(g.wait)  # whoever waits for the result of a large check gets it
    current_app.extensions[STORE].seen(ticket.counters)
    if taken.slot and response.is_streamed:
        g.ticket = None
        response.call_on_close(lambda: _leave(ticket, taken.slot))
    return response


@lru_cache(maxsize=256)
def _policy(windows: tuple[Window, ...]) -> str:
    return ", ".join(f'"{each.name}";q={each.amount};w={each.seconds}' for each in windows)


def _seconds(left: Left) -> int:
    return min(math.ceil(left.seconds), left.window.seconds)


def _over(_error: BaseException | None) -> None:
    ticket: Ticket | None = g.get("ticket")
    if ticket is not None and ticket.taken is not None and ticket.taken.slot:
        _leave(ticket, ticket.taken.slot)


class _Store:
    """Says, once each time, in the log and to the doctor, how this process counts and what it sees of proxies."""

    def __init__(self, settings: Settings) -> None:
        self._serving = Serving(settings.data)
        self._shared, self._proxies = bool(settings.redis_url), settings.trusted_proxies
        self._now = Seen(alone=not settings.redis_url)

    def seen(self, counters: Counters | None) -> None:
        """How a request was counted."""
        shared = isinstance(counters, Shared)
        if shared != self._shared:
            log.warning("limits-shared" if shared else "limits-in-memory")
            self._shared = shared
        if not self._now.forwarded and "HTTP_X_FORWARDED_FOR" in request.environ:
            self._now = Seen(self._now.alone, self._forwarded())
        if self._serving.said is not self._now:
            self._serving.say(self._now)

    def _forwarded(self) -> str:
        named = len(request.environ["HTTP_X_FORWARDED_FOR"].split(","))
        if self._proxies:
            return "short" if named < self._proxies else ""
        return "untrusted" if _near(request.remote_addr or "") else ""


def _near(address: str) -> bool:
    """Whether an address is one of this network, as that of a proxy is: from afar, anybody may send such a header."""
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


def _leave(ticket: Ticket, slot: str) -> None:
    assert ticket.counters is not None
    try:
        ticket.counters.leave(ticket.visitor, slot)
    except RedisError:
        log.debug("slot-left-to-expire")

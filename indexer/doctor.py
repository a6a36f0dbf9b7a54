"""The doctor (体检): do the services answer, does anything wait that should not, does the index hold what the register says?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from indexer.accounts.opening import Accounts
from indexer.batches import batched
from indexer.comparing import Drift, drifts, drifts_among
from indexer.errors import ZhixinError
from indexer.register.queue import Queue
from indexer.register.reading import Register
from indexer.search.protocol import SearchEngine
from indexer.serving import serving
from indexer.settings import Settings
from indexer.sync import sync

SHOWN = 1000  # drifts and refused documents that a finding lists; all are counted
MANY = 100_000  # records that wait for the index: more is worth a word
CHUNK = 4000


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that is wrong, and what to do about it."""

    code: str
    zh: str
    en: str


@dataclass(slots=True)
class Finding:
    """What the doctor saw: `compared` records of the register, `drifted` of which the index has otherwise; the first of them listed.

    `warnings`: what makes no answer wrong, but is not as it should be in earnest.
    """

    complaints: list[Complaint] = field(default_factory=list)
    warnings: list[Complaint] = field(default_factory=list)
    compared: int = 0
    drifted: int = 0
    repaired: int = 0
    drifts: list[Drift] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong (any more)."""
        return not self.complaints and self.drifted == self.repaired


def examine(
    register: Register,
    search: SearchEngine,
    settings: Settings,
    repair: bool,
    tell: Callable[[Drift], None] = lambda drift: None,
    progress: Callable[[int], None] = lambda done: None,
) -> Finding:
    """Look at everything; with `repair` bring up what differs. `tell` gets each drift at once, `progress` the records compared."""
    found = Finding()
    queue = Queue(register.engine)
    try:
        register.version()
        if repair:
            sync(register, search)
        _waiting(queue, found)
        _letters(register, settings, found)
        if search.ready():
            _compare(register, search, queue, found, repair, tell, progress)
        else:
            found.complaints.append(_SEARCH_DOWN)
    except ZhixinError as error:
        found.complaints.append(Complaint(error.code, error.zh, error.en))
    found.warnings += _limits(settings)
    if settings.redis_url and (complaint := _redis(settings.redis_url)):
        found.complaints.append(complaint)
    return found


def _compare(
    register: Register,
    search: SearchEngine,
    queue: Queue,
    found: Finding,
    repair: bool,
    tell: Callable[[Drift], None],
    progress: Callable[[int], None],
) -> None:
    def compared(done: int) -> None:
        found.compared = done
        progress(done)

    for some in batched(drifts(register, search, compared), CHUNK):
        for drift in some:
            tell(drift)
        found.drifted += len(some)
        found.drifts += some[: SHOWN - len(found.drifts)]
        if repair:
            # Queued like any change: its place in the queue is later than that of whatever the index holds.
            ids = [drift.id for drift in some]
            queue.put(ids)
            sync(register, search)
            found.repaired += len(ids) - len(drifts_among(register, search, ids))
    if repair and found.repaired < found.drifted:
        found.complaints.append(
            Complaint(
                "not-mended",
                "有些不一致修复不了：索引可能属于另一个登记库。请运行 zhixin reindex 重建。",
                "Some differences can not be mended: the index may be that of another register. Run `zhixin reindex`.",
            )
        )


def _waiting(queue: Queue, found: Finding) -> None:
    if refused := queue.unindexed(SHOWN):
        first, reason = next(iter(refused.items()))
        found.complaints.append(
            Complaint(
                "unindexed",
                f"检索引擎拒收了 {len(refused)} 条记录，检索不到它们；第一条：{first}（{reason}）。记录更正后会自动重试。",
                f"The search engine refused {len(refused)} records, which can not be found; the first: {first} ({reason}). "
                "They are tried again when they change.",
            )
        )
    if queue.waiting(MANY) == MANY:
        found.complaints.append(
            Complaint(
                "behind",
                f"等待进入索引的记录超过 {MANY:,} 条；请检查 zhixin sync --follow 是否在运行。",
                f"More than {MANY:,} records wait for the index; see whether `zhixin sync --follow` runs.",
            )
        )


def _letters(register: Register, settings: Settings, found: Finding) -> None:
    post = Accounts(register.engine, register.clock, settings).post.waiting()
    if post.set_aside:
        found.complaints.append(
            Complaint(
                "letters-set-aside",
                f"有 {post.set_aside:,} 封信多次发送失败，已搁置。请检查收信地址和发信服务器。",
                f"{post.set_aside:,} letters could not be sent and were set aside. See to their addresses and the server for mail.",
            )
        )
    if post.late:
        found.complaints.append(
            Complaint(
                "letters-late",
                f"有 {post.late:,} 封信等了一小时以上；请检查 ZHIXIN_SMTP_URL，以及 zhixin mail send --follow 是否在运行。",
                f"{post.late:,} letters have waited for over an hour; see to ZHIXIN_SMTP_URL and whether `zhixin mail send --follow` runs.",
            )
        )


_SEARCH_DOWN = Complaint(
    "search",
    "检索引擎没有应答，或还没有可用的索引。请检查检索服务；如服务正常，请运行 zhixin reindex。",
    "The search engine does not answer, or has no usable index. See to the service; if it is well, run `zhixin reindex`.",
)


def _limits(settings: Settings) -> Iterator[Complaint]:
    """Where limits can not be right: they are off, several processes count each for itself, visitors are told apart by the wrong address."""
    if not settings.rate_limits:
        yield Complaint(
            "limits-off",
            "ZHIXIN_RATE_LIMITS=off：任何人都可以不限次数地访问，仅供压力测试。",
            "ZHIXIN_RATE_LIMITS=off: anybody may ask without limit, which is for load tests only.",
        )
    processes = list(serving(settings.data))
    alone = sum(each.alone for each in processes)
    if settings.rate_limits and alone > 1:
        yield Complaint(
            "limits-not-shared",
            f"有 {alone} 个进程各自计数访问次数，实际限额是所设的 {alone} 倍。请设置 ZHIXIN_REDIS_URL，或只用一个进程（--workers 1）。",
            f"{alone} processes count limits each for itself, so visitors may ask {alone} times as much: set ZHIXIN_REDIS_URL, "
            "or serve with one process (--workers 1).",
        )
    saw = {each.forwarded for each in processes}
    if "untrusted" in saw or (settings.https and not settings.trusted_proxies):
        yield Complaint(
            "proxy-not-trusted",
            "网站前面有反向代理，而 ZHIXIN_TRUSTED_PROXIES 为 0：所有来访者被当作一个地址计数。请设为代理的层数。",
            "A proxy stands in front and ZHIXIN_TRUSTED_PROXIES is 0, so all visitors count as one address: set it to the number of proxies.",
        )
    if "short" in saw:
        yield Complaint(
            "proxies-too-many",
            "有请求的 X-Forwarded-For 少于 ZHIXIN_TRUSTED_PROXIES 所设的层数：层数设多了，或者可以绕过代理直接访问，那样来访者能冒充任何地址。",
            "Requests came with fewer addresses in X-Forwarded-For than ZHIXIN_TRUSTED_PROXIES: it is too large, or the portal can be reached "
            "past the proxy, and then visitors can pretend to any address.",
        )


def _redis(url: str) -> Complaint | None:
    from redis import Redis, RedisError  # a tenth of a second that the other commands need not wait

    try:
        with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as redis:
            redis.ping()
    except (RedisError, ValueError):
        return Complaint(
            "redis",
            "ZHIXIN_REDIS_URL 所指的服务没有应答；此时各进程自行计数访问次数。",
            "The service at ZHIXIN_REDIS_URL does not answer; meanwhile each process counts visits for itself.",
        )
    return None

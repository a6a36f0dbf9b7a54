"""What runs in the background (后台任务): one table, each job at its interval and each also alone.

A job does what has come up since it last ran and ends; run late, it catches up, run twice it does nothing twice. So a machine may run all of
them in one process, or several machines some of them each.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from indexer.accounts.opening import Accounts
from indexer.desk.opening import PublishingDesk
from indexer.errors import NotFound, ServiceUnavailable, ZhixinError
from indexer.exchange.running import Exchange
from indexer.feed.recording import TURNS, record
from indexer.following.followings import Followings
from indexer.following.matching import match
from indexer.following.telling import tell
from indexer.opendata.downloads import Downloads
from indexer.opendata.statistics import Statistics
from indexer.register.database import alone
from indexer.register.reading import Register
from indexer.register.successes import note_success
from indexer.retention import retain
from indexer.search.protocol import SearchEngine
from indexer.settings import Settings
from indexer.supervision.draw_work import work
from indexer.supervision.draws import Draws
from indexer.supervision.grading import Grading
from indexer.supervision.releases import Releases
from indexer.sync import sync
from indexer.webhooks.delivering import Deliveries, Form, bare

log = logging.getLogger(__name__)

NOTED_EVERY = 30.0
"""Seconds after which a job's success is written down again."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What jobs work on."""

    settings: Settings
    register: Register
    search: SearchEngine
    accounts: Accounts
    form: Form = bare  # how webhooks write a change


@dataclass(frozen=True, slots=True)
class Job:
    """One job: its name on the command line, the seconds from one run to the next, what it does in words, and the function that does it.

    `run` gives how much it did. `wanted` says by the settings whether there is anything to do at all.
    """

    name: str
    every: float
    zh: str
    en: str
    run: Callable[[Parts], int]
    wanted: Callable[[Settings], bool] = lambda settings: True


def _sync(parts: Parts) -> int:
    return sync(parts.register, parts.search)


def _letters(parts: Parts) -> int:
    return parts.accounts.post.send().sent


def _followings(parts: Parts) -> int:
    followings = Followings(parts.accounts)
    return match(parts.register, followings) + tell(parts.register, followings)


def _retention(parts: Parts) -> int:
    with alone(parts.register.engine, "retention"):
        return sum(done.removed for done in retain(parts.accounts))


def _grades(parts: Parts) -> int:
    grading = Grading(parts.register.engine, parts.register.clock)
    return max(grading.refresh(), default=0) if grading.outdated() else 0


def _publish(parts: Parts) -> int:
    return PublishingDesk(parts.accounts).worker.work()


def _draws(parts: Parts) -> int:
    engine, clock = parts.register.engine, parts.register.clock
    return work(Draws(engine, clock, Grading(engine, clock)))


@lru_cache(maxsize=2)
def _data(register: Register, settings: Settings) -> tuple[Downloads, Statistics]:
    """What remembers from run to run what it has read."""
    return Downloads(register, settings.downloads_folder), Statistics(register, settings.statistics_file)


def _downloads(parts: Parts) -> int:
    return _data(parts.register, parts.settings)[0].refresh()


def _statistics(parts: Parts) -> int:
    return _data(parts.register, parts.settings)[1].keep()


def _changes(parts: Parts) -> int:
    return record(parts.register, TURNS)


def _webhooks(parts: Parts) -> int:
    return Deliveries(parts.register, parts.accounts, parts.form).work()


def _exchange(parts: Parts) -> int:
    return Exchange(parts.accounts).run()


def _results(parts: Parts) -> int:
    return Releases(parts.register.engine, parts.register.clock).work()


JOBS: Sequence[Job] = (
    Job("sync", 0.5, "检索索引跟上登记库", "the search index follows the register", _sync),
    Job(
        *("letters", 5, "发出等待的信件", "letters that wait are sent", _letters),
        wanted=lambda settings: bool(settings.smtp_url),
    ),
    Job("followings", 60, "把变动告诉关注的人", "who follows something is told of changes", _followings),
    Job("publish", 5, "发布台上到时的发布出去", "what is due at the desk is published", _publish),
    Job("draws", 5, "封存抽取名录、抽出企业", "populations of draws are frozen, and drawn from", _draws),
    Job("grades", 24 * 3600, "更新分类监管的依据", "what supervision grades are made from", _grades),
    Job("downloads", 5, "更新下载文件", "the files to download follow the register", _downloads),
    Job("statistics", 60, "更新统计", "the counts follow the register", _statistics),
    Job("exchange", 60, "与对接单位交换数据", "data is exchanged with partners", _exchange),
    Job("retention", 6 * 3600, "清除保存期满的内容", "what is kept no longer is removed", _retention),
    Job("changes", 1, "记录公示的变动，供镜像", "changes of what is public are told to mirrors", _changes),
    Job("webhooks", 2, "把变动推送给接收方", "changes are sent to receivers", _webhooks),
    Job("results", 5, "公布检查结果", "results of inspections are published", _results),
)
"""All background jobs. One that is added here runs with the others: `zhixin work`."""


def named(names: Sequence[str]) -> list[Job]:
    """The jobs with some names, all where none is named. Raises NotFound."""
    known = {job.name: job for job in JOBS}
    if wrong := [name for name in names if name not in known]:
        raise NotFound(
            f"没有名为 {wrong[0]} 的任务，可选：{'、'.join(known)}。",
            f"There is no job {wrong[0]}; there are {', '.join(known)}.",
        )
    return [known[name] for name in dict.fromkeys(names)] or list(JOBS)


def once(parts: Parts, job: Job) -> int:
    """Run one job once; gives how much it did. Raises what hinders it."""
    return job.run(parts) if job.wanted(parts.settings) else 0


def succeeded(parts: Parts, job: Job) -> None:
    """Write down that a job has ended well; where the database is busy, the next time does."""
    with suppress(ServiceUnavailable):
        note_success(parts.register.engine, job.name, parts.register.clock.now())


def keep_running(parts: Parts, jobs: Sequence[Job], stopped: threading.Event) -> None:
    """Run jobs side by side, each at its interval, until `stopped` is set; returns when the last has ended.

    What hinders one (a database that is restarted, a server for mail that is down) is logged once and waited for.
    """
    threads = [
        threading.Thread(target=_keep, args=(parts, job, stopped), name=job.name)
        for job in jobs
        if job.wanted(parts.settings)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _keep(parts: Parts, job: Job, stopped: threading.Event) -> None:
    hindered = ""
    noted = -NOTED_EVERY
    while not stopped.is_set():
        try:
            once(parts, job)
            hindered = ""
            if time.monotonic() - noted >= NOTED_EVERY:
                succeeded(parts, job)
                noted = time.monotonic()
        except ZhixinError as error:
            if error.en != hindered:
                log.warning("%s waits: %s", job.name, error.en)
            hindered = error.en
        except Exception as error:  # the job of tomorrow may go well; the others go on
            if repr(error) != hindered:
                log.exception("%s failed", job.name)
            hindered = repr(error)
        stopped.wait(job.every)

"""What runs in the background (后台任务): one table, each job at its interval and each also alone.

A job does what has come up since it last ran and ends; run late, it catches up, run twice it does nothing twice. So a machine may run all of
them in one process, or several machines some of them each.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.accounts.opening import Accounts
from indexer.desk.opening import PublishingDesk
from indexer.errors import NotFound, ZhixinError
from indexer.exchange.running import Exchange
from indexer.following.followings import Followings
from indexer.following.matching import match
from indexer.following.telling import tell
from indexer.register.database import alone
from indexer.register.reading import Register
from indexer.retention import retain
from indexer.search.protocol import SearchEngine
from indexer.settings import Settings
from indexer.supervision.grading import Grading
from indexer.sync import sync

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What jobs work on."""

    settings: Settings
    register: Register
    search: SearchEngine
    accounts: Accounts


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
        return sum(done.removed for done in retain(parts.register.engine, parts.register.clock))


def _grades(parts: Parts) -> int:
    grading = Grading(parts.register.engine, parts.register.clock)
    return max(grading.refresh(), default=0) if grading.outdated() else 0


def _publish(parts: Parts) -> int:
    return PublishingDesk(parts.accounts).worker.work()


def _exchange(parts: Parts) -> int:
    return Exchange(parts.accounts).run()


JOBS: Sequence[Job] = (
    Job("sync", 0.5, "检索索引跟上登记库", "the search index follows the register", _sync),
    Job(
        *("letters", 5, "发出等待的信件", "letters that wait are sent", _letters),
        wanted=lambda settings: bool(settings.smtp_url),
    ),
    Job("followings", 60, "把变动告诉关注的人", "who follows something is told of changes", _followings),
    Job("publish", 5, "发布台上到时的发布出去", "what is due at the desk is published", _publish),
    Job("grades", 24 * 3600, "更新分类监管的依据", "what supervision grades are made from", _grades),
    Job("exchange", 60, "与对接单位交换数据", "data is exchanged with partners", _exchange),
    Job("retention", 6 * 3600, "清除保存期满的内容", "what is kept no longer is removed", _retention),
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
    while not stopped.is_set():
        try:
            once(parts, job)
            hindered = ""
        except ZhixinError as error:
            if error.en != hindered:
                log.warning("%s waits: %s", job.name, error.en)
            hindered = error.en
        except Exception as error:  # the job of tomorrow may go well; the others go on
            if repr(error) != hindered:
                log.exception("%s failed", job.name)
            hindered = repr(error)
        stopped.wait(job.every)

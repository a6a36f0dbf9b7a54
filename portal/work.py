"""Commands of what runs in the background: `zhixin work`, `zhixin retention`."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import click

from indexer.cli import App, one_line, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.jobs import Job, Parts


@click.command()
@click.argument("jobs", nargs=-1)
@click.option("--once", "only_once", is_flag=True, help="Run each once and end.")
@click.pass_obj
def work(app: App, jobs: Sequence[str], only_once: bool) -> None:
    """Run the background JOBS (后台任务), all where none is named, each at its interval, until stopped.

    sync: the search index follows the register. letters: letters that wait are sent. followings: who follows something is told of
    changes. publish: what was approved at the desk and is due is published, and previews that wait are made. draws: populations of draws
    that were approved are frozen, and drawn from once there is a seed. grades: what supervision grades are made from is brought up.
    downloads, statistics: the files of /data and the counts follow the register. exchange: partners get what is new and what to drop, and
    what they delivered is taken in. retention: what is kept no longer is removed. changes: changes of what is public are told to mirrors.
    webhooks: they are sent to receivers. results: what was found by inspections is published once a second person has asked for it. Each catches up with what it missed; several machines may run them.
    """
    from indexer.jobs import named, once, succeeded

    chosen = named(jobs)
    app.register.version()  # says at once when the database is not there
    if only_once:
        parts = _parts(app)
        for job in chosen:
            click.echo(f"{job.name}\t{once(parts, job)}")
            succeeded(parts, job)
        return
    run(app, chosen)


def run(app: App, jobs: Sequence[Job]) -> None:
    """Run jobs until whoever runs the command stops it, or is gone."""
    from indexer.jobs import keep_running

    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    threading.Thread(target=_end_with_parent, args=(stopped,), daemon=True).start()
    keep_running(_parts(app), jobs, stopped)


def _end_with_parent(stopped: threading.Event) -> None:
    """Whoever started the worker may be killed; it then ends by itself."""
    parent = os.getppid()
    while os.getppid() == parent:
        stopped.wait(0.5)
    stopped.set()


def _parts(app: App) -> Parts:
    from indexer.jobs import Parts
    from portal.api.change_views import written

    return Parts(app.settings, app.register, app.search, app.accounts, written)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.pass_obj
def retention(app: App, dry_run: bool) -> None:
    """Remove what is kept no longer (保存期满): old letters, links, sessions, receipts, audit … never records of the register.

    A line for each rule: its name, how many rows, the first day that is still kept, and on which basis. What is removed leaves a trace.
    """
    from indexer.register.database import alone
    from indexer.retention import retain

    with alone(app.register.engine, "retention"):
        for done in retain(app.accounts, dry_run=dry_run):
            click.echo("\t".join((done.rule, str(done.removed), str(done.kept_from), one_line(done.basis))))
    if dry_run:
        told.print("试运行，没有清除。Nothing was removed.")

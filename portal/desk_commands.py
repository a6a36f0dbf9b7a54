"""The command of the publishing desk: `zhixin publish`."""

from __future__ import annotations

import os
import signal
import time

import click

from indexer.cli import App, told
from indexer.desk.opening import PublishingDesk
from indexer.errors import ZhixinError

EVERY = 5.0  # seconds between two looks
NAP = 0.2


@click.command()
@click.option("--follow", "following", is_flag=True, help="Keep on publishing until stopped.")
@click.pass_obj
def publish(app: App, following: bool) -> None:
    """Publish what was approved at the desk and is due, also what was missed; make the previews that wait."""
    desk = PublishingDesk(app.accounts)
    if following:
        _follow(desk)
        return
    done = desk.worker.work()
    told.print(f"办理了 {done:,} 件。{done:,} dealt with.")


def _follow(desk: PublishingDesk) -> None:
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    parent = os.getppid()
    hindered = ""
    while not stopped and os.getppid() == parent:
        try:
            desk.worker.work()
            hindered = ""
        except ZhixinError as error:  # the register is busy or away: what is due waits
            if error.en != hindered:
                told.print(f"{error.zh} {error.en}", markup=False)
            hindered = error.en
        waited = time.monotonic() + EVERY
        while not stopped and time.monotonic() < waited:
            time.sleep(NAP)

"""Commands of the change feed and of webhooks: `zhixin changes`, `zhixin webhooks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from indexer.cli import App, one_line, told

if TYPE_CHECKING:
    from indexer.webhooks.receivers import Receivers

LEDGER = 20  # messages that `show` prints


@click.group()
def changes() -> None:
    """The change feed (变更流) that mirrors read at /api/v1/changes."""


@changes.command()
@click.pass_obj
def position(app: App) -> None:
    """Print the position behind the newest change: from there a mirror goes on that was filled from a copy made after this."""
    from indexer.feed.reading import Changes

    click.echo(str(Changes(app.register).newest()))


@changes.command()
@click.pass_obj
def recheck(app: App) -> None:
    """Compare every record with what was told of it last, and tell what differs: after a release that shows records differently."""
    from indexer.feed import recording

    recording.recheck(app.register.engine)
    told.print("后台任务 changes 会逐条核对。The job `changes` goes through all records now.")


@changes.command()
@click.confirmation_option(prompt="所有镜像都要重新取起，继续吗？All mirrors will begin anew. Go on?")
@click.pass_obj
def restart(app: App) -> None:
    """Begin the feed anew, after a backup was brought back: positions given out before are answered with 410, mirrors begin again."""
    from indexer.feed import recording

    recording.restart(app.register.engine, app.clock.today())
    told.print("变更流已重新开始。The feed begins anew.")


@click.group()
def webhooks() -> None:
    """Receivers that changes are sent to (变更推送); also at /admin/webhooks."""


@webhooks.command("list")
@click.pass_obj
def list_command(app: App) -> None:
    """A line for each receiver: number, state, since when it fails, name, address."""
    for each in _receivers(app).all():
        failing = each.failing_since.isoformat(timespec="seconds") if each.failing_since else "-"
        click.echo("\t".join((str(each.id), each.state, failing, one_line(each.name), each.url)))


@webhooks.command()
@click.argument("url")
@click.option("--name", required=True, help="What it is called here.")
@click.option("--mail", required=True, help="Who is told when it is stopped.")
@click.option("--kind", "kinds", multiple=True, help="Only changes of this kind; may be repeated.")
@click.option("--list", "lists", multiple=True, help="Listings of this list (red, black, watch, abnormal).")
@click.option("--subject", "subjects", multiple=True, help="Only changes about this unified code.")
@click.pass_obj
def add(
    app: App,
    url: str,
    name: str,
    mail: str,
    kinds: tuple[str, ...],
    lists: tuple[str, ...],
    subjects: tuple[str, ...],
) -> None:
    """Send changes to URL from now on, once it has taken a test. Prints its number and, this once, its secret."""
    from indexer.accounts.audit import Caller
    from indexer.webhooks.receivers import Wish

    wish = Wish(url, name, mail, kinds, lists, subjects)
    number, secret = _receivers(app).register(Caller(network="command"), wish)
    click.echo(f"{number}\t{secret}")


@webhooks.command()
@click.argument("number", type=int)
@click.pass_obj
def rotate(app: App, number: int) -> None:
    """Give a receiver a new secret, printed this once; the one before signs beside it for a day."""
    from indexer.accounts.audit import Caller

    click.echo(_receivers(app).rotate(Caller(network="command"), number))


@webhooks.command()
@click.argument("number", type=int)
@click.argument("action", type=click.Choice(["test", "stop", "resume"]))
@click.pass_obj
def switch(app: App, number: int, action: str) -> None:
    """Send a receiver a test, stop sending to it, or resume where it stopped."""
    from indexer.accounts.audit import Caller

    receivers = _receivers(app)
    {"test": receivers.test, "stop": receivers.stop, "resume": receivers.resume}[action](
        Caller(network="command"), number
    )


@webhooks.command()
@click.argument("number", type=int)
@click.pass_obj
def ledger(app: App, number: int) -> None:
    """A line for each of the newest messages to a receiver: when it was made, its id, what it is, tries, how the last one went."""
    receivers = _receivers(app)
    receivers.one(number)
    for each in receivers.ledger(number, LEDGER):
        made = each.created_at.isoformat(timespec="seconds")
        click.echo("\t".join((made, each.message, each.what, str(each.tries), each.outcome or "-")))


def _receivers(app: App) -> Receivers:
    from indexer.webhooks.receivers import Receivers

    return Receivers(app.accounts)

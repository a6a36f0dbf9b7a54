"""Commands of the exchange: `zhixin exchange`, for whoever runs the portal. See docs/exchange.md."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from indexer.accounts.audit import Caller
from indexer.cli import REFUSED, App, one_line, told
from indexer.errors import FileRefused

BY_COMMAND = Caller(network="command")
WORDS = {"added": "新登记 added", "changed": "已更改 changed", "unchanged": "没有变化 unchanged"}


@click.group()
def exchange() -> None:
    """Exchange with other systems (数据交换): partners, deliveries, what became of them."""


@exchange.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def apply(app: App, file: Path) -> None:
    """Take over FILE, a TOML of partners; each change goes into the audit.

    Partners that it does not name stay as they are; `active = false` ends the exchange with one. Another range of kinds or regions begins a
    new series, in which the partner gets everything anew.
    """
    from indexer.exchange.partners import Partners

    try:
        content = file.read_bytes()
    except OSError:
        raise FileRefused(f"文件 {file.name} 无法读取。", f"The file {file.name} can not be read.") from None
    for name, done in Partners(app.register.engine, app.clock).apply(BY_COMMAND, content):
        click.echo(f"{name}\t{WORDS[done]}")


@exchange.command()
@click.pass_obj
def partners(app: App) -> None:
    """A line for each partner: how it stands. Ends with 1 where one is late or can not be reached."""
    from indexer.exchange.partners import Partners
    from indexer.exchange.state import states

    now = app.clock.now()
    found = states(app.register.engine, Partners(app.register.engine, app.clock).all(), now)
    for each in found:
        who = each.partner
        fields = (
            who.name,
            who.it.title,
            f"{who.it.way}{'' if who.it.active else ' 停用 inactive'}",
            f"最近送达 sent {each.last_sent or '-'}",
            f"最近确认 acknowledged {each.last_settled or '-'}",
            f"在途 waiting {each.waiting}",
            f"逾期 late {each.late}",
            f"不合模板 unsent {each.unsent}",
            f"收到 received {each.last_received or '-'}",
            who.hindered or "",
        )
        click.echo("\t".join(map(one_line, fields)).rstrip())
    if any(each.partner.it.active and (each.late or each.partner.hindered) for each in found):
        sys.exit(REFUSED)


@exchange.command("run")
@click.argument("name", required=False)
@click.pass_obj
def run_now(app: App, name: str | None) -> None:
    """Do now what `zhixin work exchange` does each minute, for all partners or the one that is named."""
    from indexer.exchange.running import Exchange

    click.echo(Exchange(app.accounts).run(name))


@exchange.command()
@click.argument("name")
@click.pass_obj
def token(app: App, name: str) -> None:
    """Print a new token with which a partner proves itself to this portal; the one before is worth nothing any more."""
    from indexer.exchange.partners import Partners

    made = Partners(app.register.engine, app.clock).new_token(BY_COMMAND, name)
    told.print("只显示这一次，请以安全的方式交给对方。Shown this once.")
    click.echo(made)


@exchange.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restart(app: App, name: str, yes: bool) -> None:
    """Begin a new series for a partner that has lost what it had: it gets everything anew."""
    from indexer.exchange.partners import Partners

    if not yes:
        click.confirm("对方将重新收到全部记录。Everything is sent anew. 继续 go on?", abort=True)
    click.echo(Partners(app.register.engine, app.clock).restart(BY_COMMAND, name))


@exchange.command()
@click.argument("name")
@click.argument("delivery")
@click.pass_obj
def resend(app: App, name: str, delivery: str) -> None:
    """Put the deliveries of a partner that are not settled again, from number DELIVERY (1-000012) on, also those given up."""
    from indexer.exchange.running import Exchange

    click.echo(Exchange(app.accounts).send_again(BY_COMMAND, name, delivery))


@exchange.command()
@click.argument("name")
@click.pass_obj
def unsent(app: App, name: str) -> None:
    """As CSV, the records that are not at a partner, with why: the template's column and what is wrong."""
    from indexer.exchange.partners import Partners
    from indexer.exchange.state import unsent as not_there

    partner = Partners(app.register.engine, app.clock).one(name)
    out, after = csv.writer(sys.stdout), ""
    out.writerow(("record", "kind", "by", "column", "reason"))
    while found := not_there(app.register.engine, partner.id, after, 1000):
        for each in found:
            by = "partner" if each.by_partner else "template"
            out.writerows((each.record, each.kind, by, column, zh) for column, zh in each.reasons)
        after = found[-1].record

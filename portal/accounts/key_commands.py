"""Commands about keys of the API: `zhixin keys`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from indexer.cli import App, one_line, told
from portal.accounts.commands import BY_COMMAND

if TYPE_CHECKING:
    from indexer.keys.keeping import Keys

AT_ONCE = 500  # keys that are read together


@click.group()
def keys() -> None:
    """Keys of the API (接口密钥): plans, a list, one handed over without a letter, an end."""


@keys.command("plans")
@click.pass_obj
def plans_command(app: App) -> None:
    """The plans that the settings name (ZHIXIN_PLANS), a line each; says what is wrong with a table before the portal reads it."""
    for plan in _keys(app).plans.named.values():
        windows = " ".join(f"{each.amount}/{each.name}" for each in plan.windows)
        given = "approved" if plan.approved else "at-once"
        words = (plan.name, plan.zh, windows, f"{plan.at_once} at once", " ".join(plan.scopes), given)
        click.echo("\t".join(words))


@keys.command("list")
@click.option("--mail", default="", help="Only those of this address.")
@click.option("--state", default="", help="Only those in this state: waiting, live, revoked …")
@click.pass_obj
def list_keys(app: App, mail: str, state: str) -> None:
    """All keys, newest first: number, address, name, plan, scopes, state, last day, last use."""
    kept, below = _keys(app), None
    while found := kept.listed(below, AT_ONCE, mail.strip().lower(), state):
        for each in found:
            ends = each.ends_at.date().isoformat() if each.ends_at else ""
            used = each.used_at.date().isoformat() if each.used_at else ""
            words = (
                str(each.id),
                each.mail,
                each.name,
                each.plan,
                " ".join(each.scopes),
                each.state,
                ends,
                used,
            )
            click.echo("\t".join(map(one_line, words)))
        below = found[-1].id


@keys.command()
@click.argument("mail")
@click.option("--name", required=True, help="What it is called.")
@click.option("--plan", required=True, help="One of the plans.")
@click.option("--purpose", default="由管理员发放 given by the operators", help="What for.")
@click.option("--scope", "scopes", multiple=True, help="read, checks or exchange; default all of the plan.")
@click.pass_obj
def create(app: App, mail: str, name: str, plan: str, purpose: str, scopes: tuple[str, ...]) -> None:
    """Print a new key for MAIL: this is the only time that it is shown."""
    kept = _keys(app)
    chosen = kept.plans.named.get(plan)
    wanted = kept.wanted(mail, name, purpose, plan, list(scopes or (chosen.scopes if chosen else ())))
    given = kept.made(BY_COMMAND, wanted)
    told.print(f"第 {given.key} 号，只显示这一次。Key {given.key}, shown only now.")
    click.echo(given.secret)


@keys.command()
@click.argument("key", type=click.IntRange(1))
@click.pass_obj
def approve(app: App, key: int) -> None:
    """Approve KEY, which waits for that; its owner gets a letter."""
    _keys(app).decide(BY_COMMAND, key, True, "")
    told.print("已批准。Approved.")


@keys.command()
@click.argument("key", type=click.IntRange(1))
@click.option("--reason", required=True, help="Why; its owner reads it.")
@click.pass_obj
def revoke(app: App, key: int, reason: str) -> None:
    """Revoke KEY, in all processes from the next request on."""
    _keys(app).revoke(BY_COMMAND, key, reason)
    told.print("已吊销。Revoked.")


def _keys(app: App) -> Keys:
    from indexer.keys.keeping import Keys
    from indexer.keys.plans import load_plans  # Pydantic; other commands need not wait

    return Keys(app.accounts, load_plans(app.settings))

"""Commands about people: `zhixin accounts`, `zhixin mail`, `zhixin audit`."""

from __future__ import annotations

import sys

import click

from indexer.accounts.audit import Caller, verify
from indexer.accounts.people import no_account, normal_mail
from indexer.accounts.post import NoServer
from indexer.accounts.roles import Role
from indexer.cli import REFUSED, App, one_line, told
from indexer.errors import ZhixinError
from indexer.register.database import migrate
from indexer.settings import DEMONSTRATION
from portal.work import run

BY_COMMAND = Caller(network="command")


class DemonstrationOnly(ZhixinError):
    """What only the demonstration gives away."""

    code = "demonstration-only"


@click.group()
def accounts() -> None:
    """Accounts of people (账户): the first admin, a list, an end."""


@accounts.command("create-admin")
@click.argument("mail")
@click.pass_obj
def create_admin(app: App, mail: str) -> None:
    """Print a link with which MAIL becomes an admin; it can be used once, within seven days.

    Whoever opens it chooses the password, or accepts with the account that there is.
    """
    migrate(app.settings.database_url)
    path = app.accounts.links.made(BY_COMMAND, mail, Role.ADMIN)
    told.print("请打开下面的网址（七天内有效，只能用一次）。Open this within seven days; it works once.")
    click.echo(f"{app.settings.base_url}{path}")


@accounts.command("list")
@click.pass_obj
def list_accounts(app: App) -> None:
    """All accounts with their roles."""
    after = 0
    while found := app.accounts.people.listed(after, 500):
        for each in found:
            roles = ", ".join(f"{held.role} {held.scope}".strip() for held in each.holdings)
            click.echo("\t".join(map(one_line, (each.mail, each.state, each.name, roles))))
        after = found[-1].id


@accounts.command()
@click.argument("mail")
@click.pass_obj
def disable(app: App, mail: str) -> None:
    """Disable an account and end its sessions."""
    account = app.accounts.people.known(normal_mail(mail))
    if account is None:
        raise no_account()
    app.accounts.people.switch(BY_COMMAND, account, "disabled")
    told.print("账户已停用。The account is disabled.")


@accounts.command()
@click.argument("mail")
@click.pass_obj
def code(app: App, mail: str) -> None:
    """Print the present code of the second step of one of the demonstration's accounts."""
    if not app.settings.demonstration:
        app.settings = app.settings.moved(DEMONSTRATION)
    account = app.accounts.people.known(normal_mail(mail))
    if account is None or not app.accounts.people.one(account).demonstration:
        raise DemonstrationOnly(
            "这不是演示账户；其他账户的验证码只在各人的手机上。",
            "This is none of the demonstration's accounts; codes of others are on their telephones alone.",
        )
    click.echo(app.accounts.second_step.current(account) or "")


@click.group()
def mail() -> None:
    """Letters (信件) that wait to be sent."""


@mail.command()
@click.option("--follow", "following", is_flag=True, help="Keep on sending until stopped.")
@click.pass_obj
def send(app: App, following: bool) -> None:
    """Send the letters that are due. Ends with 1 where some were set aside."""
    post = app.accounts.post
    if following:
        from indexer.jobs import named  # all that jobs work with; other commands need not wait

        if not app.settings.smtp_url:
            raise NoServer
        run(app, named(["letters"]))
        return
    done = post.send()
    told.print(
        f"已发 {done.sent:,} 封，推迟 {done.postponed:,} 封，搁置 {done.set_aside:,} 封。"
        f"{done.sent:,} sent, {done.postponed:,} postponed, {done.set_aside:,} set aside."
    )
    waiting = post.waiting()
    if waiting.set_aside:
        told.print(f"共有 {waiting.set_aside:,} 封搁置。{waiting.set_aside:,} are set aside.")
        sys.exit(REFUSED)


@click.group()
def audit() -> None:
    """The audit (审计记录): who did what."""


@audit.command("verify")
@click.option("--expect", default="", help="A head that was noted before: it has to be in the chain.")
@click.pass_obj
def verify_command(app: App, expect: str) -> None:
    """Go along the chain of the audit; print how many rows there are and the last hash, to be noted elsewhere.

    Ends with 1 where a row was changed or taken out, or where the expected head is not there.
    """
    found = verify(app.register.engine, expect.strip().lower())
    if found.wrong is not None:
        told.print(f"✗ 第 {found.wrong} 行与前一行接不上。Row {found.wrong} does not follow the one before.")
        sys.exit(REFUSED)
    click.echo(f"{found.rows}\t{found.head}")
    if not found.known:
        told.print(
            "✗ 没有给出的那个哈希，末尾的记录可能被删。The expected head is missing: rows may have been cut off."
        )
        sys.exit(REFUSED)

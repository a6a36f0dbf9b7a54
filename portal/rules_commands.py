"""Commands about restriction rules (限制规则): `zhixin rules`, for those who edit a table as a file, and what the doctor asks of the rule book."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from indexer.accounts.roles import ALLOWED, Permission, Role
from indexer.cli import REFUSED, App, counting, one_line, told
from indexer.doctor import Complaint
from indexer.errors import ZhixinError

if TYPE_CHECKING:
    from portal.restrictions.preview import Preview
    from portal.rules_desk import RulesDesk

SHOWN = 100
"""Changes that `preview` lists by default; the sums always count all."""

DAY = click.DateTime(["%Y-%m-%d"])


class NotYours(ZhixinError):
    """An account that may not prepare rules."""

    code = "forbidden"


@click.group()
def rules() -> None:
    """Restriction rules: check a table, see what it would change, send it in for a second person to approve."""


@rules.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say whether a table of rules is sound, or all that is wrong with it at once.

    Ends with 0 when the portal would take it, else with 1. The version names exactly this content: whoever reviews the table compares it.
    """
    from portal.restrictions.rules import (
        RulesRefused,
        load_rules,
    )  # the kinds' tables; other commands need not wait

    try:
        table = load_rules(file)
    except RulesRefused as error:
        _refused(error.problems)
    click.echo(f"规则表正确：{len(table.rules)} 条规则，版本 {table.version}。The table is sound.")
    for rule in table.rules:
        if not rule.verified:
            click.echo(f"  尚待与官方文本核对 unverified: {rule.id}")


@rules.command()
@click.argument("edition", type=click.IntRange(1), required=False)
@click.pass_obj
def show(app: App, edition: int | None) -> None:
    """Print the table of an EDITION, by default of the one in force, to be edited as a file."""
    editions = _desk(app).editions
    click.echo(editions.content(edition or editions.at(app.clock.now())), nl=False)


@rules.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as-of", type=DAY, help="The day to judge; default today.")
@click.option("--limit", default=SHOWN, show_default=True, type=click.IntRange(0), help="Lines to list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def preview(app: App, file: Path, as_of: datetime | None, limit: int, as_json: bool) -> None:
    """Say whom an edited table would newly restrict and whom it would free, against the edition in force on that day.

    Goes through the whole register; changes nothing. For a rule with a `valid_from` to come, ask with --as-of that day.
    """
    from portal.restrictions.rules import load_rules
    from portal.rules_desk import previewed

    day = as_of.date() if as_of else app.clock.today()
    desk, after = _desk(app), load_rules(file)
    before = desk.book.edition(desk.drafts.base_of(day)[0])
    progress, task = counting("比较 compare %")
    with progress:
        found = previewed(
            app.register, before, after, day, limit, lambda done: progress.update(task, completed=done)
        ).found
    if as_json:
        click.echo(orjson.dumps(_summary(found, before.version, after.version, day)).decode())
    else:
        _tell(found, before.version, after.version, day)


@rules.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--by", "mail", required=True, help="The account of who prepared it; it needs the role of an operator."
)
@click.option("--reason", required=True, help="Why, for the second person and for good.")
@click.option("--from", "effective", type=DAY, required=True, help="From which day it shall hold.")
@click.pass_obj
def submit(app: App, file: Path, mail: str, reason: str, effective: datetime) -> None:
    """Send a table in: previewed for the day on which it shall hold, it waits at /desk/rules for another person's approval.

    Nothing holds before that. A table that can not be taken is refused with all that is wrong.
    """
    from indexer.accounts.audit import Caller
    from portal.restrictions.rules import RulesRefused, read_rules, rules_file

    caller = Caller(_account(app, mail), network="command")
    try:
        text = rules_file(file)
        table = read_rules(text, file.name)
    except RulesRefused as error:
        _refused(error.problems)
    desk = _desk(app)
    number = desk.drafts.begin(caller, text, table.version, None)
    try:
        desk.drafts.ask_preview(caller, number, effective.date(), reason)
    except ZhixinError:
        desk.drafts.discard(caller, number)
        raise
    desk.work()
    draft = desk.drafts.one(number)
    address = f"{app.settings.base_url}/desk/rules/drafts/{number}"
    if draft.effect is None:
        told.print(f"预览还没有完成，请在页面上提交复核：{address}", markup=False)
        told.print("The preview is not finished; propose it on the page.")
        return
    desk.drafts.propose(caller, number, draft.effect)
    sums = (draft.preview or {})["enterprises"]
    newly, freed = sums.get("restricted", 0), sums.get("freed", 0)
    click.echo(
        f"已提交，等待另一人复核：新增限制 {newly:,} 家，解除限制 {freed:,} 家。{address}\n"
        f"It waits for another person: it would newly restrict {newly:,} enterprises and free {freed:,}."
    )


def examine(app: App) -> list[Complaint]:
    """What is wrong with the rule book: editions in force or to come that this release can not read."""
    try:
        found = _desk(app).book.unreadable()
    except ZhixinError as error:
        return [Complaint(error.code, error.zh, error.en)]
    return [
        Complaint(
            "rules-unreadable",
            f"第 {number} 版限制规则与这一版程序不相容：{'；'.join(error.problems)} 请换回原来的程序版本，或提交改好的规则表。",
            f"Edition {number} of the restriction rules does not suit this release: go back to the release of before, or propose a mended "
            f"table. {'; '.join(error.problems)}",
        )
        for number, error in found
    ]


def _desk(app: App) -> RulesDesk:
    from portal.rules_desk import RulesDesk

    return RulesDesk(app.register)


def _account(app: App, mail: str) -> int:
    """The account that prepares. Raises NotFound, NotYours."""
    from indexer.accounts.people import no_account, normal_mail

    account = app.accounts.people.known(normal_mail(mail))
    if account is None:
        raise no_account()
    someone = app.accounts.people.one(account)
    allowed = any(Permission.RULES_PREPARE in ALLOWED[Role(held.role)] for held in someone.holdings)
    if someone.state != "active" or not allowed:
        raise NotYours(
            "这个账户没有起草限制规则的权限（经办人员）。",
            "This account may not prepare rules: it is no operator's.",
        )
    return account


def _refused(problems: tuple[str, ...]) -> None:
    for problem in problems:
        click.echo(f"zhixin: {one_line(problem)}", err=True)
    sys.exit(REFUSED)


def _summary(found: Preview, before: str, after: str, day: date) -> dict[str, Any]:
    return {
        "as_of": day,
        "before": before,
        "after": after,
        "enterprises": dict(found.enterprises),
        "domains": [
            {"domain": domain, "what": what, "enterprises": count}
            for (domain, what), count in found.in_domains.items()
        ],
        "changes": [asdict(change) for change in found.listed],
    }


def _tell(found: Preview, before: str, after: str, day: date) -> None:
    from portal.restrictions.preview import WORDS

    newly, freed = found.enterprises["restricted"], found.enterprises["freed"]
    click.echo(
        f"{day}：改用新表（{before} → {after}），新增限制 {newly:,} 家，解除限制 {freed:,} 家。"
        f"This change would newly restrict {newly:,} enterprises and free {freed:,}."
    )
    for (domain, what), count in sorted(found.in_domains.items()):
        click.echo(f"  {domain}\t{WORDS[what]}\t{count:,} 家")
    for change in found.listed:
        fields = (change.code, change.name, change.label, WORDS[change.what], "、".join(change.rules))
        click.echo("\t".join(map(one_line, fields)))
    left = sum(found.in_domains.values()) - len(found.listed)
    if left:
        click.echo(f"还有 {left:,} 处没有列出，可用 --limit 多列。{left:,} more are not listed; see --limit.")

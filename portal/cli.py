"""The command `zhixin`: the commands of `indexer.cli`, and with them those that need the portal's rules and those about people.

Commands for operators who edit the table of restriction rules (限制规则表). See docs/decisions/0010-the-command-starts-in-the-portal.md.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from indexer.cli import REFUSED, App, counting, main, one_line
from portal import assistant_commands, supervision_commands, work
from portal.accounts import commands

if TYPE_CHECKING:
    from portal.restrictions.preview import Preview

__all__ = ["main"]

for group in (
    commands.accounts,
    commands.mail,
    commands.audit,
    work.work,
    work.retention,
    supervision_commands.supervision,
    supervision_commands.draw,
    assistant_commands.mcp,
):
    main.add_command(group)

SHOWN = 100
"""Changes that `preview` lists by default; the sums always count all."""


@main.group()
def rules() -> None:
    """Restriction rules: look at an edited table before the portal uses it (ZHIXIN_RULES)."""


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
        for problem in error.problems:
            click.echo(f"zhixin: {one_line(problem)}", err=True)
        sys.exit(REFUSED)
    click.echo(f"规则表正确：{len(table.rules)} 条规则，版本 {table.version}。The table is sound.")
    for rule in table.rules:
        if not rule.verified:
            click.echo(f"  尚待与官方文本核对 unverified: {rule.id}")


@rules.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge; default today.")
@click.option("--limit", default=SHOWN, show_default=True, type=click.IntRange(0), help="Lines to list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def preview(app: App, file: Path, as_of: datetime | None, limit: int, as_json: bool) -> None:
    """Say whom an edited table would newly restrict and whom it would free, against the table in use.

    Goes through the whole register; changes nothing. For a rule with a `valid_from` to come, ask with --as-of that day.
    """
    from indexer.register.sweeping import subject_records
    from portal.restrictions.preview import Preview, kinds_asked
    from portal.restrictions.preview import preview as previewed
    from portal.restrictions.rules import load_rules

    before = load_rules(Path(app.settings.rules) if app.settings.rules else None)
    after = load_rules(file)
    day = as_of.date() if as_of else app.clock.today()
    kinds = kinds_asked(before, after)
    found = Preview()
    progress, task = counting("比较 compare")
    with progress:
        for found in previewed(
            app.register, subject_records(app.register, kinds, day), before, after, day, limit
        ):
            progress.update(task, completed=found.looked_at)
    if as_json:
        click.echo(orjson.dumps(_summary(found, before.version, after.version, day)).decode())
    else:
        _tell(found, before.version, after.version, day)


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

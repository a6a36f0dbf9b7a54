"""Commands about supervision: `zhixin supervision`, for whoever runs the portal, and `zhixin draw`, for anybody who holds the file of a draw."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from indexer.cli import REFUSED, App, counting, told
from indexer.errors import FileRefused

WORDS = {
    "population": ("企业名录与封存的哈希", "population and its hash"),
    "inspectors": ("检查人员名录与封存的哈希", "inspectors and their hash"),
    "drawn": ("抽中的企业", "enterprises drawn"),
    "assigned": ("各家的检查人员", "inspectors of each"),
}


@click.group()
def supervision() -> None:
    """Supervision (分类监管): keep what grades are made from up with the register."""


@supervision.command()
@click.pass_obj
def refresh(app: App) -> None:
    """Read from the register what supervision grades are made from; daily, or after a large file."""
    from indexer.supervision.grading import Grading

    done = 0
    progress, task = counting("更新 refresh")
    with progress:
        for done in Grading(app.register.engine, app.clock).refresh():
            progress.update(task, completed=done)
    told.print(f"分级数据已更新：{done:,} 家企业。{done:,} enterprises are up to date.")


@click.group()
def draw() -> None:
    """Random draws (双随机抽取): run one again."""


@draw.command()
@click.argument("file", type=click.Path(path_type=Path))
def verify(file: Path) -> None:
    """Run a draw again from its published FILE and say whether everything in it agrees. Needs no database.

    Ends with 0 when the enterprises were drawn again alike, else with 1: also where the file does not hold what that takes.
    """
    from indexer.supervision.draw_files import verify as run_again

    try:
        found = run_again(file.read_bytes())
    except OSError:
        raise FileRefused(f"文件 {file.name} 无法读取。", f"The file {file.name} can not be read.") from None
    signs = {True: "一致 agrees", False: "不一致 DIFFERS", None: "文件中没有 not in the file"}
    for step, agrees in found.steps.items():
        zh, en = WORDS[step]
        click.echo(f"{zh} {en}: {signs[agrees]}")
    if not found.whole:
        click.echo("没有完整验证。Not verified as a whole.", err=True)
        if found.steps["drawn"] is None and False not in found.steps.values():
            click.echo(
                "抽中的企业还没有公布（在抽取页面随抽查计划公布），公布后请重新下载再验证。"
                "The enterprises drawn are not published yet: download the file again when they are.",
                err=True,
            )
        sys.exit(REFUSED)
    click.echo("抽取可以重现。The draw was run again with the same outcome.")

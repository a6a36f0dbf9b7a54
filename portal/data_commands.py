"""The command `zhixin export`: the public data as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.cli import App, counting, one_line, told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@click.command()
@click.argument("kinds", metavar="KIND...", nargs=-1, required=True)
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl", "xlsx"]), default="csv", show_default=True
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only what was added, changed or removed since the beginning of this day (Asia/Shanghai).",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder for the files; default: this one.",
)
@click.pass_obj
def export(app: App, kinds: Sequence[str], form: str, since: datetime | None, output: Path) -> None:
    """Write the public records of each KIND (certificate, 认证证书 …) into a file, as anyone may see them today.

    Columns are those that `zhixin ingest` takes, so an export can be taken in again elsewhere. Records of natural persons and sole traders do
    not leave in bulk: they are left out and counted. With --since, what is no longer public is a row of its id and nothing more.
    Last comes the position of the change feed from which a mirror goes on that begins with these files; none while the feed is behind.
    """
    from indexer.opendata.export import export as exported
    from indexer.opendata.export import kinds_named

    names = kinds_named(kinds)
    app.register.version()  # says at once when the database is not there
    progress, task = counting("导出 export")
    with progress:
        files = exported(
            app.register,
            names,
            form,
            output,
            since.date() if since else None,
            lambda rows: progress.update(task, completed=rows),
        )
    for file in files:
        what = (
            f"新增 {file.added:,}，变更 {file.changed:,}，不再公示 {file.removed:,}"
            if since
            else f"{file.rows:,} 条"
        )
        left = f"；自然人和个体工商户的 {file.left_out:,} 条未导出" if file.left_out else ""
        told.print(
            f"{one_line(str(file.path))}：{what}{left}。{file.rows:,} rows, {file.left_out:,} left out.",
            markup=False,
        )
    if since is None:
        position = files[0].position or "变更流尚未跟上，没有位置 none, the feed is behind"
        told.print(f"变更流位置 change feed position：{position}", markup=False)

"""Writes the pages that are made from code; with `--check` only says which of them are stale, and ends with 1."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from docs.examples import examples_json
from indexer import settings
from portal.cli import main as zhixin

FOLDER = Path(__file__).parent
WIDTH = 100


def command_line() -> str:
    """The reference of the command line, from the help texts that the commands themselves print."""
    head = (
        "# 命令行 · Command line\n\n"
        "由 `make docs` 从各命令的 `--help` 生成，请勿手改。\n\n"
        "Made by `make docs` from each command's `--help`; do not edit.\n"
    )
    return head + "".join(_sections(zhixin, "zhixin", None))


def _sections(command: click.Command, path: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(
        command, info_name=path.rpartition(" ")[2], parent=parent, max_content_width=WIDTH
    )
    context.terminal_width = WIDTH
    yield f"\n## `{path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (below := command.get_command(context, name)) and not below.hidden:
                yield from _sections(below, f"{path} {name}", context)


PAGES = {
    "settings.md": settings.reference,
    "cli.md": command_line,
    "../portal/api/examples.json": examples_json,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; gives the exit code."""
    stale = []
    for name, make in PAGES.items():
        page = FOLDER / name
        text = make()
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        if arguments == ["--check"]:
            stale.append(name)
        else:
            page.write_text(text, encoding="utf-8")
            print(f"docs/{name} 已更新 written")
    if stale:
        print(f"与代码不符，请运行 make docs：{'、'.join(stale)}. Stale: run make docs.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

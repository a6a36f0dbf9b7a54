"""The command `zhixin mcp`: a model-context server for AI assistants, over standard input and output."""

from __future__ import annotations

import sys

import click

from indexer.cli import REFUSED, App

NOT_INSTALLED = (
    "没有安装 mcp，请在安装目录运行：.venv/bin/python -m pip install 'mcp>=2.3' "
    "(mcp is not installed: run that in the folder of the installation)"
)


@click.command()
@click.option("--url", help="The portal to ask; default ZHIXIN_BASE_URL, else http://127.0.0.1:8000.")
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="Of labels and reasons.",
)
@click.pass_obj
def mcp(app: App, url: str | None, language: str) -> None:
    """Let an AI assistant ask a portal: verify certificates, restriction status, credit files, lists; with sources, read-only.

    Speaks the Model Context Protocol on standard input and output; an assistant starts it, see docs/mcp.md. It asks the HTTP API like
    everybody else, with the key in ZHIXIN_API_KEY or under the anonymous limit. Needs no database.
    """
    try:
        from portal.assistant.server import server
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        click.echo(f"zhixin: {NOT_INSTALLED}", err=True)
        sys.exit(REFUSED)
    from importlib.metadata import version

    from zhixin_client import Client

    base = url or app.settings.base_url or "http://127.0.0.1:8000"
    try:
        client = Client(base, app.settings.api_key or None, application="zhixin-mcp", language=language)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--url") from None
    with client:
        server(client, base, version("zhixin")).run("stdio")

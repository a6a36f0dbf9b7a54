"""An assistant: the SDK's own client, which starts `zhixin mcp` as assistants do and talks to it over its standard input and output."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult, ListToolsResult

from tests.portal.conftest import Program, program
from tests.servers import CHECKOUT

__all__ = ["program"]

SECONDS = 60


@dataclass(frozen=True)
class Assistant:
    """A conversation with a server of its own."""

    loop: BlockingPortal
    client: Client
    log: Path

    def result(self, tool: str, **arguments: Any) -> CallToolResult:
        """What a tool gives."""

        async def ask() -> CallToolResult:
            return await asyncio.wait_for(self.client.call_tool(tool, arguments), SECONDS)

        return self.loop.call(ask)

    def call(self, tool: str, **arguments: Any) -> Any:
        """What a tool says, as structured content; it must not fail."""
        result = self.result(tool, **arguments)
        assert not result.is_error, result.content
        return result.structured_content

    def fails(self, tool: str, **arguments: Any) -> str:
        """What a tool says where it must fail."""
        result = self.result(tool, **arguments)
        assert result.is_error
        return " ".join(part.text for part in result.content if part.type == "text")

    def tools(self) -> ListToolsResult:
        """The tools that there are."""
        return self.loop.call(self.client.list_tools)


@contextmanager
def conversation(url: str, log: Path, *options: str) -> Iterator[Assistant]:
    """Starts `zhixin mcp` and talks to it; `log` gets what it writes beside the conversation."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ZHIXIN_")}
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "portal", "mcp", "--url", url, *options],
        cwd=CHECKOUT,
        env=clean | {"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'clients' / 'python'}"},
    )
    with (
        log.open("a", encoding="utf-8") as written,
        start_blocking_portal() as loop,
        loop.wrap_async_context_manager(Client(stdio_client(server, errlog=written))) as client,
    ):
        yield Assistant(loop, client, log)


@pytest.fixture(scope="module")
def assistant(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant that asks the portal over the demonstration."""
    with conversation(f"http://{program.host}", tmp_path_factory.mktemp("mcp") / "mcp.log") as talking:
        yield talking

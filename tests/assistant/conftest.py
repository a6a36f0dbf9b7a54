"""An assistant: the SDK's own client, which starts `zhixin mcp` as assistants do and talks to it over its standard input and output."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.portal.conftest import Program, demonstration, program
from tests.servers import CHECKOUT

__all__ = ["demonstration", "program"]

T = TypeVar("T")
SECONDS = 60

Ask = Callable[[Client], Awaitable[T]]


class Assistant:
    """Starts the server anew for each conversation."""

    def __init__(self, url: str, log: Path, *options: str, **environ: str) -> None:
        self._log = log
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ZHIXIN_")}
        self._server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "portal", "mcp", "--url", url, *options],
            cwd=CHECKOUT,
            env=clean | {"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'clients' / 'python'}"} | environ,
        )

    def talk(self, ask: Ask[T]) -> T:
        """What a conversation comes to."""

        async def conversation() -> T:
            with self._log.open("a", encoding="utf-8") as log:
                async with Client(stdio_client(self._server, errlog=log)) as client:
                    return await asyncio.wait_for(ask(client), SECONDS)

        return asyncio.run(conversation())

    def call(self, tool: str, **arguments: Any) -> Any:
        """What a tool says, as structured content; it must not fail."""
        result = self.talk(lambda client: client.call_tool(tool, arguments))
        assert not result.is_error, result.content
        return result.structured_content

    def fails(self, tool: str, **arguments: Any) -> str:
        """What a tool says where it must fail."""
        result = self.talk(lambda client: client.call_tool(tool, arguments))
        assert result.is_error
        return " ".join(part.text for part in result.content if part.type == "text")

    @property
    def log(self) -> str:
        """What the server wrote beside the conversation."""
        return self._log.read_text(encoding="utf-8")


@pytest.fixture
def assistant(program: Program, tmp_path: Path) -> Assistant:
    """An assistant that asks the portal over the demonstration."""
    return Assistant(f"http://{program.host}", tmp_path / "mcp.log")

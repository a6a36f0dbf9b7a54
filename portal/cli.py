"""The command `zhixin`: the commands of `indexer.cli`, and with them those that need the portal's rules and those about people.

See docs/decisions/0010-the-command-starts-in-the-portal.md.
"""

from indexer.cli import App, main
from portal import (
    assistant_commands,
    data_commands,
    exchange_commands,
    rules_commands,
    supervision_commands,
    webhook_commands,
    work,
)
from portal.accounts import commands, key_commands

__all__ = ["main"]

App.examiners = (rules_commands.examine,)
for group in (
    commands.accounts,
    commands.mail,
    commands.audit,
    work.work,
    work.retention,
    supervision_commands.supervision,
    supervision_commands.draw,
    rules_commands.rules,
    key_commands.keys,
    data_commands.export,
    webhook_commands.changes,
    webhook_commands.webhooks,
    exchange_commands.exchange,
    assistant_commands.mcp,
):
    main.add_command(group)

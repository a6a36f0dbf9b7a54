"""What every request needs, made once in `create_app`: settings, register, search engine, rules, clock, checks, accounts, supervision."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from indexer.accounts.opening import Accounts
from indexer.clock import Clock
from indexer.register.reading import Register
from indexer.search.protocol import SearchEngine
from indexer.settings import Settings
from indexer.supervision.opening import Supervision
from portal.checks.office import Office
from portal.restrictions.rules import RuleSet

EXTENSION = "zhixin"


@dataclass(frozen=True, slots=True)
class Portal:
    """The parts that answers are made from."""

    settings: Settings
    clock: Clock
    register: Register
    search: SearchEngine
    rules: RuleSet
    office: Office
    accounts: Accounts
    supervision: Supervision


def portal() -> Portal:
    """The parts of the application that serves the current request."""
    return cast(Portal, current_app.extensions[EXTENSION])

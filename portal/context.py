"""What every request needs, made once in `create_app`: the parts that answers and acts are made from."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from indexer.accounts.opening import Accounts
from indexer.cases.opening import CaseRoom
from indexer.clock import Clock
from indexer.enterprise.declaring import Declaring
from indexer.enterprise.repairs import Repairs
from indexer.exchange.running import Exchange
from indexer.following.followings import Followings
from indexer.register.reading import Register
from indexer.search.protocol import SearchEngine
from indexer.settings import Settings
from indexer.supervision.opening import Supervision
from portal.checks.office import Office
from portal.desk_work import DeskWork
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
    room: CaseRoom
    repairs: Repairs
    declaring: Declaring
    followings: Followings
    desk: DeskWork
    supervision: Supervision
    exchange: Exchange


def portal() -> Portal:
    """The parts of the application that serves the current request."""
    return cast(Portal, current_app.extensions[EXTENSION])

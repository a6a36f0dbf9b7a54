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
from indexer.feed.reading import Changes
from indexer.following.followings import Followings
from indexer.keys.keeping import Keys
from indexer.keys.plans import Plans
from indexer.keys.using import Use
from indexer.opendata.downloads import Downloads
from indexer.opendata.statistics import Statistics
from indexer.register.reading import Register
from indexer.rules.workdays import Calendar
from indexer.search.protocol import SearchEngine
from indexer.settings import Settings
from indexer.supervision.opening import Supervision
from indexer.webhooks.receivers import Receivers
from portal.background import Background
from portal.checks.office import Office
from portal.desk_work import DeskWork
from portal.rules_desk import RulesDesk

EXTENSION = "zhixin"


@dataclass(frozen=True, slots=True)
class Portal:
    """The parts that answers are made from."""

    settings: Settings
    clock: Clock
    register: Register
    search: SearchEngine
    rules: RulesDesk
    office: Office
    accounts: Accounts
    room: CaseRoom
    repairs: Repairs
    declaring: Declaring
    followings: Followings
    desk: DeskWork
    supervision: Supervision
    calendar: Calendar
    drawing: Background
    releasing: Background
    plans: Plans
    keys: Keys
    key_use: Use
    downloads: Downloads
    statistics: Statistics
    changes: Changes
    receivers: Receivers
    exchange: Exchange


def portal() -> Portal:
    """The parts of the application that serves the current request."""
    return cast(Portal, current_app.extensions[EXTENSION])

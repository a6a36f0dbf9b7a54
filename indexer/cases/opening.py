"""Everything about cases over one database, made in one place."""

from collections.abc import Mapping
from functools import cached_property

from indexer.accounts.opening import Accounts
from indexer.accounts.tokens import Seal
from indexer.cases.answers import Answers
from indexer.cases.cases import Cases, Effect
from indexer.cases.mending import Mendings
from indexer.cases.objections import MarksRecord
from indexer.cases.reading import Docket
from indexer.cases.reporters import Reporters
from indexer.rules.workdays import Calendar, load_calendar


class CaseRoom:
    """Cases and those who look at them, by the settings of the portal. Opens nothing until it is asked.

    `effects`: what kinds of cases do besides, for those that stand on cases and come with their own.
    """

    def __init__(self, accounts: Accounts, effects: Mapping[str, Effect] | None = None) -> None:
        self.accounts = accounts
        self.docket = Docket(accounts.engine)
        self.answers = Answers(accounts.engine, accounts.clock)
        self._effects: dict[str, Effect] = {"objection": MarksRecord(), **(effects or {})}

    @cached_property
    def reporters(self) -> Reporters:
        """Who filed without an account."""
        seal = Seal(self.accounts.settings.signing_key(), "zhixin reporters")
        return Reporters(self.accounts.engine, self.accounts.clock, seal)

    @cached_property
    def calendar(self) -> Calendar:
        """The work days that deadlines are counted by."""
        return load_calendar(self.accounts.settings.holidays_file)

    @cached_property
    def mendings(self) -> Mendings:
        """Records that have to be mended after an objection."""
        return Mendings(self.accounts.engine, self.accounts.clock, self.accounts.mailbox)

    @cached_property
    def cases(self) -> Cases:
        """The engine."""
        accounts = self.accounts
        return Cases(
            accounts.engine,
            accounts.clock,
            accounts.files,
            accounts.mailbox,
            self.reporters,
            accounts.settings.signing_key(),
            self._effects,
            self.calendar,
        )

"""Everything about people over one database, made in one place."""

from functools import cached_property

from sqlalchemy import Engine

from indexer.accounts.claims import Claims
from indexer.accounts.files import Files
from indexer.accounts.letters import Mailbox
from indexer.accounts.links import Links
from indexer.accounts.login import Login
from indexer.accounts.outside import Outside
from indexer.accounts.people import People
from indexer.accounts.post import Post
from indexer.accounts.second_step import SecondStep
from indexer.accounts.sessions import Sessions
from indexer.accounts.tokens import Seal
from indexer.clock import Clock
from indexer.settings import Settings


class Accounts:
    """People and what they do, by the settings of the portal. Opens nothing until it is asked."""

    def __init__(self, engine: Engine, clock: Clock, settings: Settings) -> None:
        self.engine, self.clock, self.settings = engine, clock, settings
        self.people = People(engine, clock)
        self.sessions = Sessions(engine, clock, settings)
        self.files = Files(engine, settings.files_folder)

    @cached_property
    def mailbox(self) -> Mailbox:
        """Where letters are put."""
        return Mailbox(Seal(self.settings.signing_key(), "zhixin letters"), self.settings.base_url)

    @cached_property
    def second_step(self) -> SecondStep:
        """Second steps of log-ins."""
        return SecondStep(self.engine, self.clock, Seal(self.settings.signing_key(), "zhixin second step"))

    @cached_property
    def login(self) -> Login:
        """The way in."""
        return Login(
            self.engine,
            self.clock,
            self.sessions,
            self.second_step,
            demonstration=self.settings.demonstration,
        )

    @cached_property
    def links(self) -> Links:
        """Links that are sent by mail."""
        return Links(self.engine, self.clock, self.mailbox, self.login)

    @cached_property
    def claims(self) -> Claims:
        """Who says to act for an enterprise."""
        return Claims(self.engine, self.clock, self.files, self.mailbox)

    @cached_property
    def outside(self) -> Outside:
        """Log-ins by way of an identity platform."""
        return Outside(self.engine, self.clock, self.login)

    @cached_property
    def post(self) -> Post:
        """Sends letters."""
        return Post(self.engine, self.clock, self.settings, self.mailbox.seal)

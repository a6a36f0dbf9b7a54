"""Everything about people over one database, made in one place."""

from contextlib import suppress
from functools import cached_property

from sqlalchemy import Engine

from indexer.accounts.addresses import Addresses, Moved
from indexer.accounts.claims import Claims
from indexer.accounts.files import Files
from indexer.accounts.letters import Mailbox
from indexer.accounts.links import Links
from indexer.accounts.login import Login
from indexer.accounts.lost_mail import LostMail
from indexer.accounts.outside import Outside
from indexer.accounts.people import People
from indexer.accounts.post import Post
from indexer.accounts.second_step import SecondStep
from indexer.accounts.sessions import Sessions
from indexer.accounts.tokens import Seal
from indexer.clock import Clock
from indexer.errors import ServiceUnavailable, ZhixinError
from indexer.settings import Settings


class DemonstrationAccounts(ZhixinError):
    """A register in earnest holds accounts whose passwords everybody knows."""

    code = "demonstration-accounts"


class Accounts:
    """People and what they do, by the settings of the portal. Opens nothing until it is asked."""

    def __init__(self, engine: Engine, clock: Clock, settings: Settings) -> None:
        self.engine, self.clock, self.settings = engine, clock, settings
        self.people = People(engine, clock)
        self.sessions = Sessions(engine, clock, settings)
        self.files = Files(engine, settings.files_folder)
        self.mail_moved: list[Moved] = []

    def refuse_strangers(self) -> None:
        """Raise DemonstrationAccounts where a register that is not the demonstration holds its accounts.

        A database that does not answer is passed over: those accounts are let in nowhere but in the demonstration anyhow.
        """
        with suppress(ServiceUnavailable):
            if not self.settings.demonstration and self.people.of_demonstration():
                raise DemonstrationAccounts(
                    "这个登记库里有演示账户，密码人人都知道，因此不能启动。请改用正式的登记库。",
                    "This register holds the demonstration's accounts, whose passwords everybody knows, so it is not served.",
                )

    @cached_property
    def mailbox(self) -> Mailbox:
        """Where letters are put."""
        return Mailbox(Seal(self.settings.signing_key(), "zhixin letters"), self.settings.base_url)

    @cached_property
    def second_step(self) -> SecondStep:
        """Second steps of log-ins."""
        return SecondStep(
            self.engine, self.clock, Seal(self.settings.signing_key(), "zhixin second step"), self.mailbox
        )

    @cached_property
    def login(self) -> Login:
        """The way in."""
        return Login(
            self.engine,
            self.clock,
            self.sessions,
            self.second_step,
            self.mailbox,
            demonstration=self.settings.demonstration,
        )

    @cached_property
    def links(self) -> Links:
        """Links that are sent by mail."""
        return Links(self.engine, self.clock, self.mailbox, self.login)

    @cached_property
    def addresses(self) -> Addresses:
        """Addresses that are to become others."""
        parts = (self.mailbox, self.login, self.links, self.mail_moved)
        return Addresses(self.engine, self.clock, *parts)

    @cached_property
    def lost_mail(self) -> LostMail:
        """Addresses whose letter boxes are lost."""
        return LostMail(self.engine, self.clock, self.files, self.mailbox, self.links, self.mail_moved)

    @cached_property
    def claims(self) -> Claims:
        """Who says to act for an enterprise."""
        return Claims(self.engine, self.clock, self.files, self.mailbox)

    @cached_property
    def outside(self) -> Outside:
        """Log-ins by way of an identity platform."""
        return Outside(self.engine, self.clock, self.login, self.mailbox, self.links)

    @cached_property
    def post(self) -> Post:
        """Sends letters."""
        return Post(self.engine, self.clock, self.settings, self.mailbox.seal)

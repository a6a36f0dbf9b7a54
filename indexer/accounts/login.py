"""Logging in (登录): the password, then the second step. Who can not log in is told the same whatever the reason, after about the same time."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from indexer.accounts import passwords, throttle
from indexer.accounts.acting import Acting, acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.letters import Mailbox
from indexer.accounts.models import Account, KnownBrowser
from indexer.accounts.models import Session as SessionRow
from indexer.accounts.second_step import SecondStep, WrongCode
from indexer.accounts.sessions import FULL, HALF, Sessions, ended_others, renewed
from indexer.accounts.throttle import Counter
from indexer.accounts.tokens import digest, new_token
from indexer.clock import Clock
from indexer.errors import InvalidParameter
from indexer.register.database import reading

KNOWN_MOST = 20  # browsers that are remembered of one account


class WrongPassword(InvalidParameter):
    """No such account, another password, or a disabled account: one answer for all."""

    code = "wrong-password"

    def __init__(self) -> None:
        super().__init__("password", "邮箱或密码不对。", "The address or the password is wrong.")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A log-in that went well so far. `browser` is the token that makes the browser known; None while a code is awaited."""

    token: str
    browser: str | None


class Login:
    """The way in."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        sessions: Sessions,
        second: SecondStep,
        mailbox: Mailbox,
        *,
        demonstration: bool,
    ) -> None:
        self.engine, self.clock, self.sessions, self.second = engine, clock, sessions, second
        self.mailbox = mailbox
        self.demonstration = demonstration

    def with_password(self, caller: Caller, mail: str, password: str, known: str, browser: str) -> Admitted:
        """Look at a password. `known` is the token of a browser that logged in before, `browser` what it is in words.

        Raises WrongPassword and TooManyFailures.
        """
        counters = self._counted(caller, mail, known)
        with reading(self.engine) as connection:
            row = connection.execute(select(Account).where(Account.mail == mail)).first()
        right = passwords.right(row.password if row is not None else None, password)
        with acting(self.engine, self.clock, caller) as act:
            if not right or row is None or not self._lets_in(row.state, row.demonstration):
                about = f"account:{row.id}" if row is not None else ""
                act.note(Act.LOGIN_FAILED, about)
                admitted = None
            else:
                _forgive(act, counters)
                if passwords.outdated(row.password):
                    anew = update(Account).where(Account.id == row.id, Account.password == row.password)
                    act.connection.execute(anew.values(password=passwords.keep(password)))
                admitted = self._admit(act, row.id, row.factor_since is not None, known, browser)
        if admitted is None:
            raise WrongPassword
        return admitted

    def with_code(self, caller: Caller, token: str, code: str, known: str) -> Admitted | None:
        """Look at the code of a log-in whose password was right. None where that log-in has ended. Raises WrongCode, TooManyFailures."""
        account = self.sessions.half(token)
        if account is None:
            return None
        counter = Counter(
            throttle.CODE, (str(account), digest(known) if self._is_known(known, account) else caller.network)
        )
        self._count(caller, [counter])
        with acting(self.engine, self.clock, caller) as act:
            taken = self.second.take(act, account, code)
            if taken:
                throttle.forget(act.connection, [counter])
                half = (
                    delete(SessionRow).where(SessionRow.token == digest(token)).returning(SessionRow.browser)
                )
                browser = act.connection.scalar(half)
                opened = self._whole(act, account, known, browser or "") if browser is not None else None
            else:
                act.note(Act.LOGIN_FAILED, f"account:{account}", after="code")
                opened = None
        if opened is None:
            raise WrongCode
        return opened

    def trusted(self, act: Acting, account: int, known: str, browser: str) -> Admitted:
        """Let somebody in within a transaction whom a mail link or an identity platform vouches for; a second step stays one."""
        row = act.connection.execute(select(Account).where(Account.id == account)).one()
        if not self._lets_in(row.state, row.demonstration):
            raise WrongPassword
        return self._admit(act, account, row.factor_since is not None, known, browser)

    def change_password(self, caller: Caller, account: int, session: int, now: str, new: str) -> str:
        """Set another password; all other sessions end, this one gets the new token given back. Raises WrongPassword, PasswordRefused."""
        row = self._proven(caller, account, now)
        passwords.check(new, row.mail)
        kept = passwords.keep(new)
        with acting(self.engine, self.clock, caller) as act:
            act.connection.execute(update(Account).where(Account.id == account).values(password=kept))
            act.note(Act.PASSWORD_CHANGED, f"account:{account}")
            self.mailbox.notify(act, account, "password")
            ended_others(act, account, session)
            return renewed(act, session)

    def prove(self, caller: Caller, account: int, password: str) -> None:
        """Ask who is logged in for the password again, where the account has one. Raises WrongPassword and TooManyFailures."""
        with reading(self.engine) as connection:
            has_one = connection.scalar(select(Account.password.is_not(None)).where(Account.id == account))
        if has_one:
            self._proven(caller, account, password)

    def _proven(self, caller: Caller, account: int, password: str) -> Any:
        """The row of an account whose password this is."""
        with reading(self.engine) as connection:
            row = connection.execute(select(Account).where(Account.id == account)).one()
        counter = Counter(throttle.CODE, ("password", str(account), caller.network))
        self._count(caller, [counter])
        if not passwords.right(row.password, password):
            raise WrongPassword
        with acting(self.engine, self.clock, caller) as act:
            throttle.forget(act.connection, [counter])
        return row

    def _admit(self, act: Acting, account: int, two_steps: bool, known: str, browser: str) -> Admitted:
        if two_steps:
            return Admitted(self.sessions.open(act, account, HALF, browser), None)
        return self._whole(act, account, known, browser)

    def _whole(self, act: Acting, account: int, known: str, browser: str) -> Admitted:
        act.caller = replace(act.caller, account=account)
        token = self.sessions.open(act, account, FULL, browser)
        act.note(Act.LOGGED_IN, f"account:{account}", after=browser)
        return Admitted(token, remember(act, account, known))

    def _lets_in(self, state: str, demonstration: bool) -> bool:
        return state == "active" and (not demonstration or self.demonstration)

    def _counted(self, caller: Caller, mail: str, known: str) -> list[Counter]:
        """Count an attempt before it is looked at. Raises TooManyFailures."""
        with reading(self.engine) as connection:
            account = connection.scalar(select(Account.id).where(Account.mail == mail))
        if account is not None and self._is_known(known, account):
            counters = [Counter(throttle.BROWSER, (mail, digest(known)))]
        else:
            counters = [
                Counter(throttle.STRANGER, (mail, caller.network)),
                Counter(throttle.STRANGERS, (mail,)),
                Counter(throttle.NETWORK, (caller.network,)),
            ]
        self._count(caller, counters)
        return counters

    def _count(self, caller: Caller, counters: list[Counter]) -> None:
        with acting(self.engine, self.clock, caller) as act:
            throttle.sweep(act.connection, act.now)
            throttle.attempt(act.connection, counters, act.now)

    def _is_known(self, known: str, account: int) -> bool:
        if not known:
            return False
        asked = select(KnownBrowser.id).where(
            KnownBrowser.token == digest(known), KnownBrowser.account_id == account
        )
        with reading(self.engine) as connection:
            return connection.scalar(asked) is not None


def remember(act: Acting, account: int, known: str) -> str:
    """Make a browser known to an account within a transaction; gives its token: a new one, unless it is known already."""
    held = (KnownBrowser.token == digest(known)) & (KnownBrowser.account_id == account)
    seen = act.connection.execute(update(KnownBrowser).where(held).values(seen_at=act.now))
    token = known if seen.rowcount else new_token()
    if not seen.rowcount:
        made = {"token": digest(token), "account_id": account, "seen_at": act.now}
        act.connection.execute(insert(KnownBrowser).values(made))
        newest = (
            select(KnownBrowser.id)
            .where(KnownBrowser.account_id == account)
            .order_by(KnownBrowser.seen_at.desc(), KnownBrowser.id.desc())
            .limit(KNOWN_MOST)
        )
        of_account = delete(KnownBrowser).where(KnownBrowser.account_id == account)
        act.connection.execute(of_account.where(KnownBrowser.id.not_in(newest)))
    return token


def _forgive(act: Acting, counters: list[Counter]) -> None:
    """The attempt was none: counts of the account start anew, those that others share lose this one."""
    own = [counter for counter in counters if counter.brake is not throttle.NETWORK]
    throttle.forget(act.connection, own)
    for counter in counters:
        if counter.brake is throttle.NETWORK:
            throttle.take_back(act.connection, counter)

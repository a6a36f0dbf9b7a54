"""Brakes on guessing (防暴力破解) that do not let anybody lock others out.

Failures are counted for what they have in common: account and network of strangers, account and known browser, all strangers at one account,
all accounts from one network. Each count has its own brake, which closes for longer and longer. A browser that the person has logged in with
before is never held up by what strangers do, and a link by mail always opens a way (OWASP: device cookies).

An attempt is counted before it is looked at: many at once count as many.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from indexer.accounts.models import Failures
from indexer.errors import ZhixinError


@dataclass(frozen=True, slots=True)
class Brake:
    """After `free` failures each further one closes for `first`, then twice as long, up to `most`. Forgotten after a quiet `memory`."""

    name: str
    free: int
    first: timedelta
    most: timedelta
    memory: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long it closes at this many failures."""
        longer: int = 2 ** min(failures - self.free, 20)
        return min(self.most, self.first * longer)


STRANGER = Brake("stranger", 5, timedelta(seconds=30), timedelta(hours=1), timedelta(days=1))
BROWSER = Brake("browser", 10, timedelta(seconds=30), timedelta(hours=1), timedelta(days=1))
STRANGERS = Brake("strangers", 100, timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1))
"""A hundred networks at one account: NIST SP 800-63B-4 part 3.2.2 allows no more than 100 failures in a row."""

NETWORK = Brake("network", 60, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=2))
"""Many accounts from one network; an office behind one address has a few slips a day."""

CODE = Brake("code", 5, timedelta(minutes=1), timedelta(hours=1), timedelta(days=1))
"""Codes of the second step: who gets here has the password."""

LETTERS = Brake("letters", 3, timedelta(minutes=5), timedelta(hours=12), timedelta(days=1))
"""Letters to one address that anybody can cause."""


@dataclass(frozen=True, slots=True)
class Counter:
    """One count: a brake and what its failures have in common."""

    brake: Brake
    common: tuple[str, ...]

    @property
    def key(self) -> str:
        said = "\x1f".join((self.brake.name, *self.common))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


class TooManyFailures(ZhixinError):
    """Too many wrong tries; come back later. Says the same whether there is such an account."""

    code = "too-many-failures"
    status = 429

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        super().__init__(
            f"试错次数太多，请过 {minutes} 分钟再试。忘记密码可以用邮件重设。",
            f"Too many wrong tries: come back in {minutes} min, or set a new password by mail.",
        )
        self.wait = wait


def attempt(connection: Connection, counters: Sequence[Counter], now: datetime) -> None:
    """Count one more attempt for each, as if it failed. Raises TooManyFailures where a brake is closed; then the caller counts nothing.

    Counting comes first, since it locks the row: of attempts made at once, each sees those before.
    """
    closed: list[timedelta] = []
    for counter in counters:
        number, until = _counted(connection, counter, now)
        if until is not None and until > now:
            closed.append(until - now)
        elif number >= counter.brake.free:
            wait = counter.brake.wait(number)
            row = update(Failures).where(Failures.key == counter.key)
            connection.execute(row.values(closed_until=now + wait))
    if closed:
        raise TooManyFailures(max(closed))


def forget(connection: Connection, counters: Sequence[Counter]) -> None:
    """Start counting anew: the person was who it said to be."""
    for counter in counters:  # in the order in which they are counted, so that two do not wait for each other
        connection.execute(delete(Failures).where(Failures.key == counter.key))


def take_back(connection: Connection, counter: Counter) -> None:
    """Take one attempt back that was no failure, from a count that others share; a brake that the others closed stays closed."""
    still = case((Failures.count > counter.brake.free, Failures.closed_until), else_=None)
    row = update(Failures).where(Failures.key == counter.key, Failures.count > 0)
    connection.execute(row.values(count=Failures.count - 1, closed_until=still))


def sweep(connection: Connection, now: datetime) -> None:
    """Remove counts that have been quiet for longer than any brake remembers."""
    connection.execute(delete(Failures).where(Failures.last_at < now - timedelta(days=2)))


def _counted(connection: Connection, counter: Counter, now: datetime) -> tuple[int, datetime | None]:
    """The failures with this one, and until when the brake was closed before it."""
    made = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    fresh = Failures.last_at < now - counter.brake.memory
    statement = made(Failures).values(key=counter.key, count=1, last_at=now, closed_until=None)
    row = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[Failures.key],
            set_={"count": case((fresh, 1), else_=Failures.count + 1), "last_at": now},
        ).returning(Failures.count.label("number"), Failures.closed_until)
    ).one()
    return row.number, row.closed_until

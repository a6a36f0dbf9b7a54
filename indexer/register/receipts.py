"""Receipts of bidder checks (核查回执): what was asked and the whole answer, filed once and given back byte for byte.

A check is kept under an unguessable key, of which only the digest is stored, and under a short number for everybody. Retention: 15 years from
the end of the procurement (政府采购法 第四十二条); counted here from the day of the check, with one year more for the procurement itself.
"""

import hashlib
import secrets
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Literal, cast
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, insert, or_, select, update

from indexer.clock import Clock, day_of
from indexer.errors import ZhixinError
from indexer.register.database import BUSY_SECONDS, filing, reading
from indexer.register.models import Receipt as Row
from indexer.register.models import ReceiptPart
from indexer.register.receipt_numbers import new_number, normal

State = Literal["waiting", "running", "done", "failed"]

RETENTION_YEARS = 16
PATIENCE = 10  # seconds that somebody at a browser waits for an ingest to let a receipt be written
STALE = timedelta(seconds=30)  # without a sign of life a check is free for another worker
ATTEMPTS = 3  # workers that may die over one check
UNFINISHED_MOST = 20  # checks that wait or run
IN_MEMORY = 4 * 2**20  # bytes of a result that is being made; more wait on disk
STORED_AT_ONCE = 50  # pieces

_COLUMNS = (
    *(Row.id, Row.number, Row.state, Row.created_at, Row.as_of, Row.bidders, Row.checked, Row.heartbeat),
    *(Row.finished_at, Row.hash, Row.register_version, Row.rules_version, Row.keep_until, Row.failure),
)


class TooManyUnfinished(ZhixinError):
    """More long checks wait than can be worked off soon."""

    code = "checks-busy"
    status = 503


class ReceiptDamaged(ZhixinError):
    """What is stored does not have the hash that was stored with it."""

    code = "receipt-damaged"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says of itself. `checked` of `bidders` are done; `hash` and versions are None until it is `done`."""

    id: int
    number: str
    state: State
    created_at: datetime
    as_of: date
    bidders: int
    checked: int
    heartbeat: datetime | None
    finished_at: datetime | None
    hash: str | None
    register_version: int | None
    rules_version: str | None
    keep_until: date
    failure: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a check gives: `parts` are its canonical JSON, cut where they may be read apart; they may be made as they are taken."""

    parts: Iterable[bytes]
    register_version: int
    rules_version: str


@dataclass(frozen=True, slots=True)
class Job:
    """A check that one worker has taken up: `worker` is what it signs with."""

    id: int
    worker: str
    request: bytes


class Receipts:
    """All receipts of the register."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock

    def file(self, request: bytes, as_of: date, bidders: int, result: Result) -> tuple[str, Receipt]:
        """Keep a check that has been answered, and the question as it is given. Gives the key and the receipt. Raises what making the
        result raises, DatabaseBusy and DatabaseFull."""
        with (
            _packed(result) as packed,  # before the transaction, which has to be short
            self._created(request, as_of, bidders, PATIENCE) as (connection, key, identity),
        ):
            packed.store(connection, identity)
            _close(connection, identity, result, packed.hash, self.clock.now())
        return key, cast(Receipt, self.by_key(key))

    def wait(self, request: bytes, as_of: date, bidders: int) -> tuple[str, Receipt]:
        """Keep a check that is to be worked off. Raises TooManyUnfinished, DatabaseBusy, DatabaseFull."""
        with self._created(request, as_of, bidders, PATIENCE) as (connection, key, _):
            waiting = connection.scalar(select(func.count()).where(Row.finished_at.is_(None)))
            if (waiting or 0) > UNFINISHED_MOST:
                raise TooManyUnfinished(
                    "正在进行的大批量核查太多，请过几分钟再提交。",
                    "Too many long checks are being worked off; send this one again in some minutes.",
                )
        return key, cast(Receipt, self.by_key(key))

    def by_key(self, key: str) -> Receipt | None:
        """The receipt that a key opens."""
        return self._one(Row.key_digest == digest(key))

    def by_number(self, number: str) -> Receipt | None:
        """The receipt with a number, typed as people type."""
        kept = normal(number)
        return self._one(Row.number == kept) if kept is not None else None

    def request(self, receipt: Receipt) -> bytes:
        """What was asked, as it was given to `file` or `wait`."""
        with reading(self.engine) as connection:
            packed = connection.scalar(select(Row.request).where(Row.id == receipt.id))
        return cast(bytes, packed)

    def parts(self, receipt: Receipt) -> Iterator[bytes]:
        """The whole result in its pieces. Raises ReceiptDamaged, after the last one, where they have not the stored hash."""
        seen, place = hashlib.sha256(), 0
        while (part := self.part(receipt, place)) is not None:
            seen.update(part)
            yield part
            place += 1
        if seen.hexdigest() != receipt.hash:
            raise ReceiptDamaged(
                "存档内容与其哈希不符，请联系管理员。", "What is stored has another hash than was stored."
            )

    def part(self, receipt: Receipt, place: int) -> bytes | None:
        """One piece, counted from 0; from the end where `place` is negative. None where there is none."""
        order = ReceiptPart.place if place >= 0 else ReceiptPart.place.desc()
        asked = select(ReceiptPart.content).where(ReceiptPart.receipt_id == receipt.id).order_by(order)
        with reading(self.engine) as connection:
            packed = connection.scalar(asked.offset(place if place >= 0 else -1 - place).limit(1))
        return zlib.decompress(packed) if packed is not None else None

    def orphaned(self, receipt: Receipt) -> bool:
        """Whether nobody works on an unfinished check any more, or yet."""
        if receipt.state == "running" and receipt.heartbeat is not None:
            return receipt.heartbeat < self.clock.now() - STALE
        return receipt.state == "waiting"

    def claim(self) -> Job | None:
        """Take up the check that waits longest, or one whose worker gave no sign of life; None where there is nothing to do."""
        now, worker = self.clock.now(), uuid4().hex
        stale = and_(Row.state == "running", Row.heartbeat < now - STALE)
        free = and_(Row.finished_at.is_(None), or_(Row.state == "waiting", stale))
        with filing(self.engine, BUSY_SECONDS) as connection:
            connection.execute(
                update(Row)
                .where(stale, Row.attempts >= ATTEMPTS)
                .values(state="failed", failure="check-gave-up", finished_at=now)
            )
            first = select(Row.id).where(free).order_by(Row.id).limit(1).scalar_subquery()
            taken = connection.execute(
                update(Row)
                .where(Row.id == first, free)
                .values(state="running", worker=worker, heartbeat=now, checked=0, attempts=Row.attempts + 1)
                .returning(Row.id, Row.request)
            ).first()
        return Job(taken.id, worker, taken.request) if taken is not None else None

    def beat(self, job: Job, checked: int) -> bool:
        """Give a sign of life. False where another worker has taken the check over."""
        with filing(self.engine, PATIENCE) as connection:
            beaten = connection.execute(
                update(Row).where(_own(job)).values(heartbeat=self.clock.now(), checked=checked)
            )
            return bool(beaten.rowcount)

    def finish(self, job: Job, result: Result) -> bool:
        """File the result of a check. False where another worker has taken it over; then nothing is stored."""
        with _packed(result) as packed, filing(self.engine, BUSY_SECONDS) as connection:
            beaten = connection.execute(update(Row).where(_own(job)).values(heartbeat=self.clock.now()))
            if beaten.rowcount:
                packed.store(connection, job.id)
                _close(connection, job.id, result, packed.hash, self.clock.now())
            return bool(beaten.rowcount)

    def fail(self, job: Job, failure: str) -> None:
        """A check that can not be answered, with the code of the error."""
        with filing(self.engine, BUSY_SECONDS) as connection:
            connection.execute(
                update(Row)
                .where(_own(job))
                .values(state="failed", failure=failure, finished_at=self.clock.now())
            )

    @contextmanager
    def _created(
        self, request: bytes, as_of: date, bidders: int, patience: int
    ) -> Iterator[tuple[Connection, str, int]]:
        """A new receipt within a transaction: the connection, its key and its id."""
        now, key = self.clock.now(), secrets.token_urlsafe(24)
        values: dict[str, Any] = {
            "key_digest": digest(key),
            "state": "waiting",
            "created_at": now,
            "as_of": as_of,
            "bidders": bidders,
            "request": request,
            "keep_until": keep_until(day_of(now)),
            "attempts": 0,
            "checked": 0,
        }
        with filing(self.engine, patience) as connection:
            yield connection, key, _insert(connection, values, day_of(now))

    def _one(self, condition: ColumnElement[bool]) -> Receipt | None:
        with reading(self.engine) as connection:
            row = connection.execute(select(*_COLUMNS).where(condition)).mappings().first()
        return Receipt(**row) if row is not None else None


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def keep_until(day: date) -> date:
    """The last day on which a check of `day` is kept."""
    try:
        return day.replace(year=day.year + RETENTION_YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year + RETENTION_YEARS, month=3, day=1)


def _insert(connection: Connection, values: dict[str, Any], day: date) -> int:
    """Insert with a number that is not given out yet; gives the id."""
    number = new_number(day)
    while connection.scalar(select(Row.id).where(Row.number == number)) is not None:
        number = new_number(day)
    return connection.execute(insert(Row).values(number=number, **values).returning(Row.id)).scalar_one()


def _own(job: Job) -> ColumnElement[bool]:
    return and_(Row.id == job.id, Row.state == "running", Row.worker == job.worker)


@dataclass(frozen=True, slots=True)
class _Packed:
    """The pieces of a result as they are stored, one after another in a file, and the hash of the whole."""

    file: IO[bytes]
    sizes: Sequence[int]
    hash: str

    def store(self, connection: Connection, identity: int) -> None:
        """Write the pieces of the receipt with this id."""
        self.file.seek(0)
        sizes = enumerate(self.sizes)
        while some := list(islice(sizes, STORED_AT_ONCE)):
            connection.execute(
                insert(ReceiptPart),
                [
                    {"receipt_id": identity, "place": place, "content": self.file.read(size)}
                    for place, size in some
                ],
            )


@contextmanager
def _packed(result: Result) -> Iterator[_Packed]:
    """Take the pieces of a result, which may be made only now; long ones wait in a temporary file."""
    seen, sizes = hashlib.sha256(), array("q")
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        for part in result.parts:
            seen.update(part)
            sizes.append(file.write(zlib.compress(part, 1)))
        yield _Packed(file, sizes, seen.hexdigest())


def _close(connection: Connection, identity: int, result: Result, hashed: str, now: datetime) -> None:
    connection.execute(
        update(Row)
        .where(Row.id == identity)
        .values(
            state="done",
            checked=Row.bidders,
            finished_at=now,
            hash=hashed,
            register_version=result.register_version,
            rules_version=result.rules_version,
        )
    )

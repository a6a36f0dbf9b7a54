"""Matching (比对): what the register has recorded since the last time, and what the calendar has turned, for whom it is news.

The place in the log of batches and the news that it gave move in one transaction: killed at any point, it is simply done again, and nothing is
skipped or counted twice. Days and weeks that were missed are caught up in one go.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from indexer.accounts.models import Account, Membership
from indexer.accounts.roles import Role
from indexer.batches import batched
from indexer.documents import documents
from indexer.following.followings import Followings, forget, insert_following
from indexer.following.models import Follower, Following, News
from indexer.following.targets import Target, list_key
from indexer.register.bulk import among
from indexer.register.database import BUSY_SECONDS, filing, reading
from indexer.register.disclosure import is_public, public_on
from indexer.register.models import Batch, Mark, Version
from indexer.register.queue import turned
from indexer.register.reading import Register
from indexer.register.versions import CURRENT
from indexer.search.embedded.engine import EmbeddedEngine
from indexer.search.query import Query

PLACE = "followings know the register up to"
DAY = "followings follow the calendar up to"
CHUNK = 2000  # changed records that are looked at together
SHOWN = 20  # of them are named in a digest

Key = tuple[str, str]


@dataclass(slots=True)
class Found:
    """News of one following: how many changes, and the first records."""

    number: int = 0
    records: list[str] = field(default_factory=list)

    def add(self, number: int, records: Sequence[str]) -> None:
        """Count `number` more, of which `records` are the first."""
        self.number += number
        self.records += [each for each in records if each not in self.records][: SHOWN - len(self.records)]


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that changed: the batch that did it (None: the calendar), and by which keys it is followed."""

    record: str
    batch: int | None
    keys: tuple[Key, ...]
    public: bool


@dataclass(slots=True)
class Wanted:
    """Who follows what: by key the followings, each with the batch that it begins after."""

    by_key: dict[Key, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    searches: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))


def match(register: Register, followings: Followings) -> int:
    """Note what is news for whom; gives how many changed records were looked at. The first time it only notes where it begins."""
    today = register.clock.today()
    with filing(register.engine, BUSY_SECONDS) as connection:
        if _begun(connection, today):
            return 0
        _settle_own(connection, followings)
    with reading(register.engine) as connection:
        place, since = int(_mark(connection, PLACE)), date.fromisoformat(_mark(connection, DAY))
        latest = connection.scalar(select(func.max(Batch.id))) or 0
        if latest == place and today <= since:
            return 0
        wanted, found, seen = _wanted(connection), defaultdict[int, Found](Found), 0
        for rows, by_calendar in _changes(connection, place, since, today):
            changed = _news(connection, rows, None if by_calendar else place, today)
            _by_keys(changed, wanted, place, found)
            _by_searches(register, changed, wanted, place, found)
            seen += len(rows)
    _note(register, place, latest, since, max(today, since), found)
    return seen


def _begun(connection: Connection, today: date) -> bool:
    """Begin here, where it never began: what stands in the register by now is no news."""
    one_at_a_time = select(Mark.name).where(Mark.name == PLACE).with_for_update()
    if connection.scalar(one_at_a_time) is not None:
        return False
    latest = connection.scalar(select(func.max(Batch.id))) or 0
    rows = [{"name": PLACE, "value": str(latest)}, {"name": DAY, "value": today.isoformat()}]
    connection.execute(insert(Mark), rows)
    return True


def _settle_own(connection: Connection, followings: Followings) -> None:
    """People of an enterprise follow it, as long as they are its people and have not turned it off."""
    now = followings.clock.now()
    people = (
        select(Account.mail, Membership.scope)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.role == Role.ENTERPRISE, Membership.ended_at.is_(None), Account.state == "active")
    )
    held = {(row.mail, row.scope) for row in connection.execute(people)}
    known = select(Following.id, Follower.mail, Following.target).join(
        Follower, Follower.id == Following.follower_id
    )
    rows = connection.execute(known.where(Following.what == "own")).all()
    forget(connection, [row.id for row in rows if (row.mail, row.target) not in held])
    off = set(connection.scalars(select(Follower.mail).where(Follower.own == "off")))
    latest = connection.scalar(select(func.max(Batch.id))) or 0
    for mail, code in sorted(held - {(row.mail, row.target) for row in rows}):
        if mail not in off:
            follower, _ = followings.follower(connection, now, mail)
            values = {"asked_at": now, "confirmed_at": now, "since": latest}
            insert_following(connection, follower, Target("own", code), **values)


def _wanted(connection: Connection) -> Wanted:
    wanted = Wanted()
    asked = select(Following.id, Following.what, Following.target, Following.since)
    for row in connection.execute(asked.where(Following.confirmed_at.is_not(None))):
        of = wanted.searches[row.target] if row.what == "search" else wanted.by_key[row.what, row.target]
        of.append((row.id, row.since))
    return wanted


def _changes(
    connection: Connection, place: int, since: date, today: date
) -> Iterable[tuple[list[Any], bool]]:
    """Current versions recorded after `place`, then those that the calendar alone has turned; in pieces."""
    first = connection.scalar(select(func.min(Batch.first_version)).where(Batch.id > place))
    if first is not None:
        recorded = CURRENT.where(Version.id >= first).order_by(Version.id)
        for rows in batched(connection.execute(recorded.execution_options(yield_per=CHUNK)), CHUNK):
            yield rows, False
    if today > since:
        by_day = turned(since, today, ends=(Version.valid_until,)) & (Version.recorded_in <= place)
        shown = CURRENT.where(by_day & public_on(today)).order_by(Version.id)
        for rows in batched(connection.execute(shown.execution_options(yield_per=CHUNK)), CHUNK):
            yield rows, True


def _news(connection: Connection, rows: Sequence[Any], place: int | None, today: date) -> list[Changed]:
    """What of some current versions is news: what is public, and what was public at `place` and is not any more."""
    gone = [row.record_id for row in rows if not is_public(row, today)]
    before: set[str] = set()
    if gone:
        stood = (Version.recorded_in <= place) & or_(
            Version.superseded_in.is_(None), Version.superseded_in > place
        )
        shown = select(Version.record_id).where(among(connection, Version.record_id, gone), stood)
        before = set(connection.scalars(shown.where(public_on(today))))
    return [
        Changed(row.record_id, row.recorded_in if place is not None else None, _keys(row), public)
        for row in rows
        if (public := is_public(row, today)) or row.record_id in before
    ]


def _keys(row: Any) -> tuple[Key, ...]:
    """By what a version is followed: the subject by either of its codes, the list in whole and of its region."""
    keys: list[Key] = []
    for code in dict.fromkeys(code for code in (row.uscc, row.subject_code) if code):
        keys += [("subject", code), ("own", code)]
    if row.kind == "listing" and row.category:
        keys += [("list", key) for key in {row.category, list_key(row.category, row.region)}]
    return tuple(keys)


def _by_keys(changed: Iterable[Changed], wanted: Wanted, place: int, found: dict[int, Found]) -> None:
    """Gathered by key first: a list with ten thousand new entries may have ten thousand followers."""
    of_key: dict[Key, list[Changed]] = defaultdict(list)
    for each in changed:
        for key in each.keys:
            of_key[key].append(each)
    for key, all_ in of_key.items():
        for following, since in wanted.by_key.get(key, ()):
            news = all_ if since <= place else _after(all_, since)
            if news:
                found[following].add(len(news), [each.record for each in news[:SHOWN]])


def _after(changed: Iterable[Changed], since: int) -> list[Changed]:
    """What was recorded after a following began; what the calendar turned is always news."""
    return [each for each in changed if each.batch is None or each.batch > since]


def _by_searches(
    register: Register, changed: Sequence[Changed], wanted: Wanted, place: int, found: dict[int, Found]
) -> None:
    """What the followed searches find among the changed records: these are indexed by themselves, and asked as the portal asks."""
    beginnings = {max(since, place) for of in wanted.searches.values() for _, since in of}
    for beginning in sorted(beginnings):
        ids = [each.record for each in _after(changed, beginning) if each.public]
        public = list(register.records(ids).values()) if ids else []
        if not public:
            continue
        with TemporaryDirectory() as folder:
            engine = EmbeddedEngine(Path(folder))
            with engine.rebuild() as writer:
                writer.put(writer.prepare(documents(register, public), 0))
                writer.settle()
            for key, of in wanted.searches.items():
                begin_here = [following for following, since in of if max(since, place) == beginning]
                number, records = _found(engine, Target("search", key)) if begin_here else (0, [])
                for following in begin_here if number else ():
                    found[following].add(number, records)


def _found(engine: EmbeddedEngine, search: Target) -> tuple[int, list[str]]:
    """How many documents a search finds that have all it asks for, and the first."""
    results = engine.search(Query(search.text, search.filters, "newest", SHOWN))
    return (results.total, [hit.id for hit in results.hits]) if results.certain else (0, [])


def _note(
    register: Register, place: int, latest: int, since: date, today: date, found: Mapping[int, Found]
) -> None:
    """Keep the news and where they end, together; not at all where another process was first."""
    with filing(register.engine, BUSY_SECONDS) as connection:
        moved = [
            connection.execute(
                update(Mark).where(Mark.name == name, Mark.value == before).values(value=after)
            ).rowcount
            for name, before, after in (
                (PLACE, str(place), str(latest)),
                (DAY, since.isoformat(), today.isoformat()),
            )
        ]
        if not all(moved):
            connection.rollback()
            return
        for some in batched(sorted(found), 500):
            still = select(Following.id).where(Following.id.in_(some)).order_by(Following.id)
            kept = list(connection.scalars(still.with_for_update()))
            known = {
                row.following_id: row
                for row in connection.execute(select(News).where(News.following_id.in_(kept)))
            }
            fresh = [
                {"following_id": each, "number": found[each].number, "records": found[each].records}
                for each in kept
                if each not in known
            ]
            if fresh:
                connection.execute(insert(News), fresh)
            for following, before in known.items():
                _add(connection, following, before, found[following])


def _add(connection: Connection, following: int, known: Any, news: Found) -> None:
    """Add to news that were not told yet."""
    sum_ = Found(known.number, list(known.records))
    sum_.add(news.number, news.records)
    same = update(News).where(News.following_id == following)
    connection.execute(same.values(number=sum_.number, records=sum_.records))


def _mark(connection: Connection, name: str) -> str:
    return connection.execute(select(Mark.value).where(Mark.name == name)).scalar_one()

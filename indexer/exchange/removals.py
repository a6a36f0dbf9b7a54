"""Removals (撤下通知): what a partner holds and must not hold any more is found the minute it ends here, whatever the partner's schedule.

Looked at are the versions recorded since the last look, and what the calendar has ended since: a record that was repaired, taken down or
withdrawn by its authority, whose publicity is over, or that belongs to another region now. Found removals and the place up to which was
looked move in one transaction: killed at any point, it is done again and nothing is skipped or doubled.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from indexer.batches import batched
from indexer.clock import Clock
from indexer.exchange.held import gets, newest_that_went
from indexer.exchange.models import DeliveryRow
from indexer.exchange.models import RemovalRow as Row
from indexer.exchange.partners import Partners, Standing
from indexer.register.database import BUSY_SECONDS, filing, reading
from indexer.register.disclosure import is_public
from indexer.register.models import Mark, Subject, Version

PLACE = "exchange knows the register up to"
DAY = "exchange follows the calendar up to"
AT_A_TIME = 2000  # records
REASONS = {
    "repaired": ("信用修复", "repaired"),
    "withdrawn": ("撤下", "taken down"),
    "expired": ("公示期满", "publicity over"),
    "withheld": ("依规不公示", "not to be shown"),
    "moved": ("不再属于对方范围", "belongs elsewhere now"),
}
"""Why a partner has to drop a record."""


def find_removals(partners: Partners, clock: Clock) -> int:
    """Note what partners have to drop; gives how many removals. The first time, or before any delivery, only where to begin."""
    engine, today = partners.engine, clock.today()
    with reading(engine) as connection:
        begun = connection.scalar(select(Mark.name).where(Mark.name == PLACE)) is not None
    if not begun:
        with filing(engine, BUSY_SECONDS) as connection:
            rows = [{"name": PLACE, "value": "0"}, {"name": DAY, "value": today.isoformat()}]
            connection.execute(insert(Mark), rows)
    with reading(engine) as connection:
        place, since = int(_mark(connection, PLACE)), date.fromisoformat(_mark(connection, DAY))
        latest = connection.scalar(select(func.max(Version.id))) or 0
        if latest == place and today <= since:
            return 0
        nothing_sent = connection.scalar(select(DeliveryRow.id).limit(1)) is None
        everybody = [] if nothing_sent else partners.all()
        found: list[dict[str, Any]] = []
        for ended in _ended(connection, place, latest, since, today) if everybody else ():
            for partner in everybody:
                found += _of(connection, partner, ended, today, clock)
    with filing(engine, BUSY_SECONDS) as connection:
        if not _move(connection, ((PLACE, place, latest), (DAY, since.isoformat(), max(today, since)))):
            connection.rollback()
            return 0
        for some in batched(found, AT_A_TIME):
            add = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            connection.execute(add(Row).on_conflict_do_nothing(), some)
    return len(found)


def looked_up_to(connection: Connection) -> int:
    """The version up to which removals are known: deliveries reach no further."""
    return int(_mark(connection, PLACE))


def _ended(connection: Connection, place: int, latest: int, since: date, today: date) -> Iterable[list[Any]]:
    """Current versions that came in the place of another, then those whose last day the calendar has passed; in pieces."""
    columns = (
        *(Version.id, Version.record_id, Version.kind, Version.subject_id, Version.region, Version.change),
        *(Version.withheld, Version.public_from, Version.public_until, Subject.uscc),
    )
    current = (
        select(*columns)
        .join(Subject, Subject.id == Version.subject_id, isouter=True)
        .where(Version.superseded_in.is_(None))
        .order_by(Version.id)
        .execution_options(yield_per=AT_A_TIME)
    )
    recorded = current.where(Version.id > place, Version.id <= latest, Version.change != "published")
    passed = current.where(
        Version.public_until >= since, Version.public_until < today, Version.withheld.is_(None)
    )
    for query in (recorded, passed):
        for some in batched(connection.execute(query), AT_A_TIME):
            yield list(some)


def _of(
    connection: Connection, partner: Standing, rows: Sequence[Any], today: date, clock: Clock
) -> list[dict[str, Any]]:
    """The removals that some ended versions make for one partner."""
    ended = {
        row.record_id: row
        for row in rows
        if row.kind in partner.it.gets
        and not (is_public(row, today) and gets(partner.it, row.kind, row.region, row.uscc))
    }
    if not ended:
        return []
    held = newest_that_went(connection, partner, list(ended))
    return [
        {
            "partner_id": partner.id,
            "record_id": record,
            "version_id": ended[record].id,
            "subject_id": went.subject,
            "kind": went.kind,
            "keys": went.keys,
            "reason": _reason(ended[record], today),
            "found_at": clock.now(),
            "delivery_id": None,
        }
        for record, went in held.items()
    ]


def _reason(row: Any, today: date) -> str:
    if row.change == "withdrawn":
        return "withdrawn"
    if row.withheld == "repaired":
        return "repaired"
    if row.withheld is not None:
        return "withdrawn" if row.withheld == "withdrawn-by-authority" else "withheld"
    if row.public_until is not None and row.public_until < today:
        return "expired"
    return "moved"


def _mark(connection: Connection, name: str) -> str:
    return connection.execute(select(Mark.value).where(Mark.name == name)).scalar_one()


def _move(connection: Connection, marks: Iterable[tuple[str, object, object]]) -> bool:
    """Move where the next look begins; False where another process was first."""
    return all(
        connection.execute(
            update(Mark).where(Mark.name == name, Mark.value == str(before)).values(value=str(after))
        ).rowcount
        for name, before, after in marks
    )

"""What supervision grades are made from (分级要素): each enterprise in business with its newest quality grade and what it is licensed to make.

All of it passes the door: what the public may not see today does not count.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, func, or_, select

from indexer.kinds import kinds
from indexer.register.database import reading
from indexer.register.disclosure import public_on
from indexer.register.models import Subject, Version

OUT_OF_BUSINESS = ("cancelled", "annulled", "revoked", "moved_out")
"""States of an enterprise (indexer/kinds/enterprise.py) in which there is nothing to inspect."""

MAKING = {"licence": ("category", "project", "product"), "certificate": ("category", "product", "scope")}
"""Kind → the columns that say what its holder makes."""

WIDTH = 5000
"""Ids of subjects that are read at once."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One enterprise. `products` in small letters, a line for each; `rating` is a grade's code, `rating_record` the record that says so."""

    subject: int
    code: str
    name: str
    region: str | None
    products: str | None
    rating: str | None
    rating_record: str | None


def standings(engine: Engine, today: date) -> Iterator[tuple[int, int, list[Standing]]]:
    """All enterprises in business, by ranges of ids: the first, the one behind the last, and who stands between. Flat memory."""
    with reading(engine) as connection:
        last = connection.scalar(select(func.max(Subject.id))) or 0
    for low in range(1, last + 1, WIDTH):
        with reading(engine) as connection:
            yield low, low + WIDTH, _between(connection, low, low + WIDTH, today)


def _between(connection: Connection, low: int, high: int, today: date) -> list[Standing]:
    within = (Version.subject_id >= low) & (Version.subject_id < high)
    current = within & Version.superseded_in.is_(None) & public_on(today)
    begun = or_(Version.valid_from.is_(None), Version.valid_from <= today)
    in_force = current & begun & or_(Version.valid_until.is_(None), Version.valid_until >= today)
    products = _products(connection, in_force)
    ratings = _ratings(connection, in_force)
    asked = (
        select(Subject.id, Subject.uscc, Subject.name, Subject.region)
        .join(Version, Version.subject_id == Subject.id)
        .where(
            current,
            Version.kind == "enterprise",
            Subject.uscc.is_not(None),
            or_(Version.status.is_(None), Version.status.not_in(OUT_OF_BUSINESS)),
        )
        .order_by(Subject.id)
    )
    return [
        Standing(
            row.id, row.uscc, row.name, row.region, products.get(row.id), *ratings.get(row.id, (None, None))
        )
        for row in connection.execute(asked)
    ]


def _products(connection: Connection, in_force: Any) -> dict[int, str]:
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for kind, columns in MAKING.items():
        final = [term.code for term in kinds()[kind].statuses.terms if term.final]
        asked = select(
            Version.subject_id, *(Version.payload[column].as_string().label(column) for column in columns)
        ).where(in_force, Version.kind == kind, or_(Version.status.is_(None), Version.status.not_in(final)))
        for subject, *texts in connection.execute(asked):
            found[subject].update(dict.fromkeys(text.lower() for text in texts if text))
    return {subject: "\n".join(texts) for subject, texts in found.items()}


def _ratings(connection: Connection, in_force: Any) -> dict[int, tuple[str, str]]:
    asked = (
        select(Version.subject_id, Version.category, Version.record_id)
        .where(
            in_force,
            Version.kind == "rating",
            Version.status.is_distinct_from("withdrawn"),
            Version.category.is_not(None),
        )
        .order_by(Version.subject_id, Version.dated, Version.id)
    )
    return {
        row.subject_id: (row.category, row.record_id) for row in connection.execute(asked)
    }  # the newest last

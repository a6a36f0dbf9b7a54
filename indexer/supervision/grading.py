"""Supervision grades as set queries (监管等级): the rule becomes a condition of SQL, so that a million enterprises are graded where they lie.

`graded` says the same as `Rule.judge`; tests/supervision/test_grading.py holds them against each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
)

from indexer.clock import Clock, day_of
from indexer.errors import InvalidParameter
from indexer.register.bulk import insert_rows
from indexer.register.database import alone, filing, reading
from indexer.register.standings import Standing, standings
from indexer.register.versions import version_at
from indexer.supervision.models import SUPERVISED, KeyEntry, Supervised, SupervisedAsOf
from indexer.supervision.rule import NONE, RATINGS, ProductClass, Rule

PRODUCTS: ColumnElement[str] = func.coalesce(Supervised.products, "")
RATING: ColumnElement[str] = func.coalesce(Supervised.rating, NONE)

PATIENCE = 60  # seconds that a refresh waits for an ingest
EXAMPLES = 50
"""Enterprises that a preview names."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which enterprises are meant: all that is named holds. `region` is a part of the region's name, `listed` the name of a key list."""

    region: str = ""
    classes: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    listed: str = ""

    @property
    def internal(self) -> bool:
        """Whether it asks for what is not public."""
        return bool(self.grades or self.listed)


@dataclass(frozen=True, slots=True)
class Graded:
    """An enterprise with its supervision grade; the grade is None while no rule holds."""

    subject: int
    code: str
    name: str
    region: str | None
    products: str | None
    rating: str | None
    rating_record: str | None
    grade: str | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the enterprises were last brought up with the register, and to which version of it."""

    at: datetime
    register_version: int
    enterprises: int


@dataclass(frozen=True, slots=True)
class Moves:
    """What another rule would change: how many enterprises go from which grade to which, and the first of them."""

    looked_at: int
    moves: tuple[tuple[str, str, int], ...]
    examples: tuple[tuple[str, str, str, str], ...] = field(default=())  # code, name, from, to


def in_class(rule: Rule, product_class: ProductClass, text: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that an enterprise which makes what `text` says is in a class of products."""
    if not product_class.words:
        return not_(or_(false(), *(in_class(rule, each, text) for each in rule.classes if each.words)))
    return or_(*(text.contains(word, autoescape=True) for word in product_class.words))


def graded(
    rule: Rule, products: ColumnElement[str] = PRODUCTS, rating: ColumnElement[str] = RATING
) -> ColumnElement[str]:
    """The supervision grade of an enterprise: the strictest of its classes'. Most make nothing that is known, which needs no look at words."""
    nothing = case(*((rating == own, grade) for own, grade in rule.lines[rule.rest.code].to.items()))
    whens: list[tuple[ColumnElement[bool], ColumnElement[str]]] = [(products == "", nothing)]
    for grade in reversed(rule.grades[1:]):
        fits = [
            and_(rating.in_(ratings), in_class(rule, each, products))
            for each in rule.classes
            if (ratings := [own for own in RATINGS if rule.lines[each.code].to[own] == grade])
        ]
        if fits:
            whens.append((or_(*fits), literal(grade)))
    return case(*whens, else_=rule.grades[0])


def meant(rule: Rule | None, criteria: Criteria, today: object) -> ColumnElement[bool]:
    """The condition of `criteria`. Raises InvalidParameter for a class or a grade that the rule does not have."""
    wanted: list[ColumnElement[bool]] = []
    if criteria.region:
        wanted.append(Supervised.region.contains(criteria.region, autoescape=True))
    if criteria.classes or criteria.grades:
        if rule is None:
            raise InvalidParameter("grades", "还没有生效的分级规则。", "no rule of grades holds yet")
        known = {each.code: each for each in rule.classes}
        if unknown := [code for code in criteria.classes if code not in known]:
            raise InvalidParameter(
                "classes", f"没有产品类别 {unknown[0][:40]}。", "names a class that is not in the rule"
            )
        if any(grade not in rule.grades for grade in criteria.grades):
            raise InvalidParameter(
                "grades", "规则里没有这个监管等级。", "names a grade that is not in the rule"
            )
        if criteria.classes:
            wanted.append(or_(*(in_class(rule, known[code], PRODUCTS) for code in criteria.classes)))
        if criteria.grades:
            wanted.append(graded(rule).in_(criteria.grades))
    if criteria.listed:
        wanted.append(Supervised.code.in_(select(KeyEntry.code).where(on_list(criteria.listed, today))))
    return and_(*wanted) if wanted else literal(1) == 1


def on_list(name: str, today: object, entry: Any = KeyEntry) -> ColumnElement[bool]:
    """The condition that a row of `KeyEntry` stands on the list of a name on the day `today`."""
    return and_(entry.list == name, standing(today, entry))


def standing(today: object, entry: Any = KeyEntry) -> ColumnElement[bool]:
    """The condition that a row of `KeyEntry` stands on its list on the day `today`."""
    lasting: ColumnElement[bool] = or_(entry.until.is_(None), entry.until >= today)
    return and_(entry.since.is_not(None), entry.ended_on.is_(None), lasting)


class Grading:
    """All enterprises that are supervised."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def refresh(self) -> Iterator[int]:
        """Bring the enterprises up with the register, some thousand in one short transaction; yields how many are done.

        Raises ServiceUnavailable while another does the same.
        """
        with alone(self.engine, "supervision"):
            with reading(self.engine) as connection:
                version = version_at(connection, None).number
            done, beyond = 0, 1
            for low, high, found in standings(self.engine, self.clock.today()):
                self._replace(low, high, found)
                beyond, done = high, done + len(found)
                yield done
            with filing(self.engine, PATIENCE) as connection:
                connection.execute(delete(Supervised).where(Supervised.subject_id >= beyond))
                state = {"at": self.clock.now(), "register_version": version, "enterprises": done}
                connection.execute(insert(SupervisedAsOf).values(**state))

    def _replace(self, low: int, high: int, found: Sequence[Standing]) -> None:
        codes = [each.code for each in found]
        with filing(self.engine, PATIENCE) as connection:
            within = (Supervised.subject_id >= low) & (Supervised.subject_id < high)
            connection.execute(delete(Supervised).where(within))
            if not found:
                return
            # A code may have gone over to another subject: the unified code of one that was first known without.
            connection.execute(delete(Supervised).where(Supervised.code.in_(codes)))
            rows = [
                (
                    each.subject,
                    each.code,
                    each.name,
                    each.region,
                    each.products,
                    each.rating,
                    each.rating_record,
                )
                for each in found
            ]
            insert_rows(connection, SUPERVISED, rows)

    def outdated(self) -> bool:
        """Whether the register or the day has changed since."""
        last = self.freshness()
        if last is None or day_of(last.at) != self.clock.today():
            return True
        with reading(self.engine) as connection:
            return last.register_version != version_at(connection, None).number

    def freshness(self) -> Freshness | None:
        """When that was done last; None where never."""
        asked = select(SupervisedAsOf).order_by(SupervisedAsOf.id.desc()).limit(1)
        with reading(self.engine) as connection:
            row = connection.execute(asked).first()
        return Freshness(row.at, row.register_version, row.enterprises) if row is not None else None

    def counts(self, rule: Rule) -> dict[str, int]:
        """How many enterprises have each grade, the lightest first."""
        alike = _alike()
        grade = graded(rule, alike.c.products, alike.c.rating).label("grade")
        asked = select(grade, func.sum(alike.c.enterprises)).group_by(grade)
        with reading(self.engine) as connection:
            found = {row[0]: int(row[1]) for row in connection.execute(asked)}
        return {each: found.get(each, 0) for each in rule.grades}

    def some(self, rule: Rule | None, criteria: Criteria, after: int, limit: int) -> list[Graded]:
        """Enterprises that are meant, by their number in the register, from the one after `after` on."""
        grade = graded(rule) if rule is not None else literal(None)
        asked = (
            select(*SUPERVISED.c, grade.label("grade"))
            .where(meant(rule, criteria, self.clock.today()), Supervised.subject_id > after)
            .order_by(Supervised.subject_id)
            .limit(limit)
        )
        with reading(self.engine) as connection:
            return [_graded(row) for row in connection.execute(asked)]

    def one(self, rule: Rule | None, code: str) -> Graded | None:
        """An enterprise by its unified code."""
        grade = graded(rule) if rule is not None else literal(None)
        asked = select(*SUPERVISED.c, grade.label("grade")).where(Supervised.code == code)
        with reading(self.engine) as connection:
            row = connection.execute(asked).first()
        return _graded(row) if row is not None else None

    def preview(self, before: Rule | None, after: Rule) -> Moves:
        """What a rule would change, over all enterprises, with two statements."""
        alike = _alike()
        columns = (alike.c.products, alike.c.rating)
        old = (graded(before, *columns) if before is not None else literal("")).label("old")
        judged = select(*alike.c, old, graded(after, *columns).label("new")).subquery("judged")
        summed = select(judged.c.old, judged.c.new, func.sum(judged.c.enterprises)).group_by(
            judged.c.old, judged.c.new
        )
        # Materialised, or the rules would be asked again for each of a million rows.
        moved = select(judged).where(judged.c.old != judged.c.new).cte("moved").prefix_with("MATERIALIZED")
        examples = (
            select(Supervised.code, Supervised.name, moved.c.old, moved.c.new)
            .join(moved, (moved.c.products == PRODUCTS) & (moved.c.rating == RATING))
            .order_by(Supervised.subject_id)
            .limit(EXAMPLES)
        )
        with reading(self.engine) as connection:
            cells = sorted((row[0], row[1], int(row[2])) for row in connection.execute(summed))
            named = [tuple(row) for row in connection.execute(examples)]
        return Moves(
            sum(count for _old, _new, count in cells),
            tuple((old, new, count) for old, new, count in cells if old != new),
            tuple((code, name, old, new) for code, name, old, new in named),
        )


def _alike() -> Any:
    """Enterprises of the same products and rating as one, since they are judged alike: a million make some ten thousand."""
    products, rating = PRODUCTS.label("products"), RATING.label("rating")
    return (
        select(products, rating, func.count().label("enterprises"))
        .group_by(products, rating)
        .subquery("alike")
    )


def _graded(row: Any) -> Graded:
    return Graded(
        *(
            row.subject_id,
            row.code,
            row.name,
            row.region,
            row.products,
            row.rating,
            row.rating_record,
            row.grade,
        )
    )

"""Random draws (双随机抽取): proposed, committed by a second person (population frozen, its hash public), given a seed, drawn.

The population is hashed and public as a hash before there is a seed, and a seed is given once: nobody can try until the result pleases. A draw
that went wrong is declared void, with a reason, and stays visible.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.four_eyes import REFUSED, decide, not_yours, proposal, said
from indexer.accounts.people import Conflict
from indexer.clock import Clock
from indexer.errors import InvalidParameter, NotFound
from indexer.register.database import reading
from indexer.supervision import population
from indexer.supervision.drawing import HEAVIEST, Eligible, Lot
from indexer.supervision.grading import Criteria, Grading, meant
from indexer.supervision.inspectors import agency_name, eligible
from indexer.supervision.models import Draw as Row
from indexer.supervision.models import Drawn as DrawnRow
from indexer.supervision.models import DrawPart, Supervised
from indexer.supervision.rulebook import in_force

FREEZING = "freezing"  # approved; a worker freezes the population
COMMITTED, SEEDED, DRAWN, PLANNED, VOID = "committed", "seeded", "drawn", "planned", "void"
PUBLIC = (COMMITTED, SEEDED, DRAWN, PLANNED, VOID)
"""States in which a draw has a page."""

SERVER, SOURCE = "server", "public"
MOST_DRAWN = 10_000
WORKER = Caller(network="draws")
MOST_EACH = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be drawn: `count` of the enterprises of `criteria`, weighted by supervision grade, `each` inspectors for each.

    The seed comes from the server, or from a public source that will say it from the instant `seed_from` on.
    """

    title: str
    agency: str
    criteria: Criteria
    count: int
    each: int = 2
    weights: Mapping[str, int] = field(default_factory=dict)
    seed_way: str = SERVER
    seed_source: str = ""
    seed_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """An enterprise that was drawn, and the numbers of its inspectors."""

    place: int
    code: str
    name: str
    inspectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw. What it rests on and who was drawn is not for everybody: see `indexer/supervision/draw_files.py`."""

    id: int
    number: str
    title: str
    agency: str
    criteria: Criteria
    weights: Mapping[str, int]
    count: int
    each: int
    seed_way: str
    seed_source: str
    seed_from: datetime | None
    state: str
    reason: str
    proposed_by: int
    proposed_at: datetime
    decided_at: datetime | None
    decision: str | None
    salt: str | None
    population: int | None
    population_hash: str | None
    inspectors: bytes | None
    inspectors_hash: str | None
    rule: int | None
    register_version: int | None
    seed: str | None
    seeded_at: datetime | None
    drawn_at: datetime | None
    void_reason: str | None

    @property
    def open(self) -> bool:
        """Whether the population may be public: it rests on nothing internal, neither by whom it holds nor by weights."""
        return not self.criteria.internal and not self.weights


class Draws:
    """All draws."""

    def __init__(self, engine: Engine, clock: Clock, grading: Grading) -> None:
        self.engine, self.clock, self.grading = engine, clock, grading

    def propose(self, caller: Caller, wanted: Wanted, reason: str) -> int:
        """Propose a draw. Raises InvalidParameter naming what is wrong."""
        with reading(self.engine) as connection:
            found = in_force(connection, self.clock.today())
        meant(found[1] if found else None, wanted.criteria, self.clock.today())
        values = self._checked(wanted, found[1].grades if found else ())
        with acting(self.engine, self.clock, caller) as act:
            new: int = act.connection.execute(
                insert(Row)
                .values(**values, **proposal(act, reason), number=secrets.token_hex(8))
                .returning(Row.id)
            ).scalar_one()
            number = f"{self.clock.today().year}-{new:04d}"
            act.connection.execute(update(Row).where(Row.id == new).values(number=number))
            act.note(Act.DRAW_PROPOSED, f"draw:{new}", after=f"{number} {values['title']}")
        return new

    def _checked(self, wanted: Wanted, grades: tuple[str, ...]) -> dict[str, Any]:
        if not 1 <= wanted.count <= MOST_DRAWN:
            raise InvalidParameter("count", f"应为 1 到 {MOST_DRAWN} 家。", f"must be 1 to {MOST_DRAWN}")
        if not 1 <= wanted.each <= MOST_EACH:
            raise InvalidParameter("each", f"应为 1 到 {MOST_EACH} 人。", f"must be 1 to {MOST_EACH}")
        if any(grade not in grades or not 1 <= each <= HEAVIEST for grade, each in wanted.weights.items()):
            raise InvalidParameter(
                "weights", f"权重应为 1 到 {HEAVIEST} 的整数。", f"must be whole numbers from 1 to {HEAVIEST}"
            )
        if wanted.seed_way not in (SERVER, SOURCE):
            raise InvalidParameter("seed_way", "应为 server 或 public。", "must be server or public")
        later = wanted.seed_from is not None and wanted.seed_from > self.clock.now()
        if wanted.seed_way == SOURCE and not later:
            raise InvalidParameter(
                "seed_from", "公开来源公布种子的时刻应当在将来。", "must be an instant to come"
            )
        by_source = wanted.seed_way == SOURCE
        weights = {grade: each for grade, each in wanted.weights.items() if each != 1}
        return {
            "title": said(wanted.title, "title"),
            "agency": agency_name(wanted.agency),
            "criteria": asdict(wanted.criteria) | {"weights": weights},
            "count": wanted.count,
            "each": wanted.each,
            "seed_way": wanted.seed_way,
            "seed_source": said(wanted.seed_source, "seed_source") if by_source else "",
            "seed_from": wanted.seed_from if by_source else None,
        }

    def refuse(self, caller: Caller, number: int, reason: str) -> None:
        """Refuse a draw that another proposed. Raises InvalidParameter, NotFound, Conflict."""
        with acting(self.engine, self.clock, caller) as act:
            row = decide(act, Row, number, REFUSED, reason)
            act.note(Act.DRAW_DECIDED, f"draw:{number}", after=f"refused {row.decision}")

    def approve(self, caller: Caller, number: int) -> None:
        """Approve a draw that another proposed; a worker then freezes its population, however long that takes (`draw_work.py`).

        Raises NotFound, and Conflict where it was decided or is the caller's own.
        """
        with acting(self.engine, self.clock, caller) as act:
            decide(act, Row, number, FREEZING)
            act.note(Act.DRAW_DECIDED, f"draw:{number}", after="approved")

    def commit(self, caller: Caller, number: int) -> None:
        """Approve a draw that another proposed, and freeze its population at once.

        Raises as `approve`, and Conflict where it can not be drawn from what there is; then it is refused with that reason.
        """
        self.approve(caller, number)
        self.freeze(number)

    def freeze(self, number: int) -> None:
        """Freeze the population of a draw that was approved and make its hash public. Nothing happens where it is done.

        Raises Conflict where it can not be drawn from what there is; then it is refused with that reason.
        """
        draw = self.one(number)
        if draw.state != FREEZING:
            return
        try:
            self._freeze(draw)
        except Conflict as error:
            with acting(self.engine, self.clock, WORKER) as act:
                row = update(Row).where(Row.id == number, Row.state == FREEZING)
                if act.connection.execute(row.values(state=REFUSED, decision=error.zh)).rowcount:
                    act.note(Act.DRAW_DECIDED, f"draw:{number}", after=f"refused {error.zh}")
            raise

    def _freeze(self, draw: Draw) -> None:
        number = draw.id
        salt = secrets.token_hex(16)
        with reading(self.engine) as connection:
            found = in_force(connection, self.clock.today())
            people = eligible(connection, draw.agency)
        rule = found[1] if found else None
        condition = meant(rule, draw.criteria, self.clock.today())
        weighed = population.weight(rule, dict(draw.weights))
        try:
            count, digest = population.freeze(self.engine, number, salt, condition, weighed)
            self._can_be_drawn(draw, count, people, condition)
            inspectors = population.inspectors_document(people, salt)
            fresh = self.grading.freshness()
            values: dict[str, Any] = {
                "frozen": salt,
                "population": count,
                "population_hash": digest,
                "inspectors": inspectors,
                "inspectors_hash": hashlib.sha256(inspectors).hexdigest(),
                "rule_id": found[0] if found else None,
                "register_version": fresh.register_version if fresh else None,
            }
            with acting(self.engine, self.clock, WORKER) as act:
                row = update(Row).where(Row.id == number, Row.state == FREEZING)
                if not act.connection.execute(row.values(state=COMMITTED, **values)).rowcount:
                    raise not_yours()
                population.keep_only(act.connection, number, salt)
                act.note(Act.DRAW_DECIDED, f"draw:{number}", after=f"committed {count} {digest}")
        except Exception:  # whatever it was, what was frozen of the population goes; then it is told
            with acting(self.engine, self.clock, WORKER) as act:
                ours = (DrawPart.draw_id == number) & (DrawPart.frozen == salt)
                act.connection.execute(delete(DrawPart).where(ours))
            raise

    def _can_be_drawn(self, draw: Draw, count: int, people: list[Eligible], condition: Any) -> None:
        if count < draw.count:
            raise Conflict(
                f"符合条件的企业只有 {count:,} 家，抽不出 {draw.count:,} 家。请退回后放宽条件，或先更新分级数据。",
                f"Only {count:,} enterprises are meant, {draw.count:,} can not be drawn.",
            )
        short = [
            code
            for code in {code for one in people for code in one.excluded}
            if sum(code not in one.excluded for one in people) < draw.each
        ]
        with reading(self.engine) as connection:
            hit = connection.scalar(
                select(Supervised.name).where(condition, Supervised.code.in_(short)).limit(1)
            )
        if len(people) < draw.each or hit is not None:
            whom = f"（例如：{hit}）" if hit is not None else ""
            raise Conflict(
                f"{draw.agency}的检查人员除去回避后不足每家 {draw.each} 人{whom}，请先补充名录。",
                f"Too few inspectors of {draw.agency} are free for each enterprise: add to the list first.",
            )

    def give_seed(self, caller: Caller, number: int, said_by_source: str = "") -> None:
        """Give a committed draw its seed, once, and draw at once; see `seed`."""
        self.seed(caller, number, said_by_source)
        self.finish(caller, number)

    def seed(self, caller: Caller, number: int, said_by_source: str = "") -> None:
        """Give a committed draw its seed, once; a worker then draws. `said_by_source` is what the public source says, word for word.

        Raises InvalidParameter `seed`, NotFound, and Conflict before the instant of the source, and where there is a seed already.
        """
        draw = self.one(number)
        seed = secrets.token_hex(32)
        if draw.seed_way == SOURCE:
            seed = said(said_by_source, "seed")
            if draw.seed_from is not None and self.clock.now() < draw.seed_from:
                raise Conflict("公开来源还没有公布种子。", "The public source has not said the seed yet.")
        with acting(self.engine, self.clock, caller) as act:
            given = act.connection.execute(
                update(Row)
                .where(Row.id == number, Row.state == COMMITTED)
                .values(state=SEEDED, seed=seed, seeded_by=caller.account, seeded_at=act.now)
            )
            if not given.rowcount:
                raise Conflict(
                    "这次抽取已有种子，或还没有封存名录。", "There is a seed already, or no population yet."
                )
            act.note(Act.DRAW_SEEDED, f"draw:{number}", after=seed)

    def finish(self, caller: Caller, number: int) -> None:
        """Draw by the seed that was given; the same however often it is begun. Nothing happens where it is done."""
        draw = self.one(number)
        if draw.state != SEEDED:
            return
        assert draw.seed is not None and draw.salt is not None and draw.inspectors is not None
        lot = Lot(draw.number, draw.seed)
        people = population.read_inspectors(draw.inspectors)
        taken = lot.enterprises(population.candidates(self.engine, number, draw.salt), draw.count)
        rows = [
            {
                "draw_id": number,
                "place": place,
                "code": each.code,
                "name": each.name,
                "inspectors": lot.inspectors(each.code, people, draw.each),
            }
            for place, each in enumerate(taken, 1)
        ]
        with acting(self.engine, self.clock, caller) as act:
            done = act.connection.execute(
                update(Row).where(Row.id == number, Row.state == SEEDED).values(state=DRAWN, drawn_at=act.now)
            )
            if done.rowcount:
                act.connection.execute(insert(DrawnRow), rows)

    def declare_void(self, caller: Caller, number: int, reason: str) -> None:
        """Declare a committed draw void, before there is a plan over it; it stays public with the reason.

        Raises InvalidParameter, Conflict.
        """
        why = said(reason)
        with acting(self.engine, self.clock, caller) as act:
            gone = act.connection.execute(
                update(Row)
                .where(
                    Row.id == number,
                    Row.state.in_((COMMITTED, SEEDED, DRAWN)),
                    Row.proposed_by != caller.account,
                )
                .values(state=VOID, void_reason=why)
            )
            if not gone.rowcount:
                raise Conflict(
                    "这次抽取不能作废：尚未封存、已有抽查计划、已经作废，或是您自己提出的。",
                    "This draw can not be declared void: not committed, with a plan over it, void already, or your own.",
                )
            act.note(Act.DRAW_VOIDED, f"draw:{number}", after=why)

    def one(self, number: int) -> Draw:
        """A draw by its id. Raises NotFound."""
        return self._one(Row.id == number)

    def public(self, number: str) -> Draw:
        """A draw that has a page, by its number. Raises NotFound."""
        return self._one((Row.number == number) & Row.state.in_(PUBLIC))

    def _one(self, condition: Any) -> Draw:
        with reading(self.engine) as connection:
            row = connection.execute(select(Row).where(condition)).first()
        if row is None:
            raise NotFound("没有这次抽取。", "There is no such draw.")
        return _draw(row)

    def some(self, *, public: bool, below: int | None = None, limit: int = 50) -> list[Draw]:
        """Draws, the newest first; those that have a page, or all."""
        asked = select(Row).order_by(Row.id.desc()).limit(limit)
        if public:
            asked = asked.where(Row.state.in_(PUBLIC))
        if below is not None:
            asked = asked.where(Row.id < below)
        with reading(self.engine) as connection:
            return [_draw(row) for row in connection.execute(asked)]

    def drawn(self, number: int) -> list[Drawn]:
        """Who was drawn, in order."""
        asked = select(DrawnRow).where(DrawnRow.draw_id == number).order_by(DrawnRow.place)
        with reading(self.engine) as connection:
            return [
                Drawn(row.place, row.code, row.name, tuple(row.inspectors))
                for row in connection.execute(asked)
            ]

    def pieces(self, draw: Draw) -> Iterator[bytes]:
        """The population as it was hashed, in pieces."""
        return population.pieces(self.engine, draw.id, draw.salt or "")


def _draw(row: Any) -> Draw:
    kept = dict(row.criteria)
    weights = kept.pop("weights")
    criteria = Criteria(kept["region"], tuple(kept["classes"]), tuple(kept["grades"]), kept["listed"])
    return Draw(
        *(row.id, row.number, row.title, row.agency, criteria, weights, row.count, row.each),
        *(row.seed_way, row.seed_source, row.seed_from, row.state, row.reason, row.proposed_by),
        *(row.proposed_at, row.decided_at, row.decision, row.frozen, row.population, row.population_hash),
        *(row.inspectors, row.inspectors_hash, row.rule_id, row.register_version, row.seed),
        *(row.seeded_at, row.drawn_at, row.void_reason),
    )

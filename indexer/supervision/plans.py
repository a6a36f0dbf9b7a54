"""Inspection plans (抽查计划): over a draw, approved by a second person; what was drawn is public from the plan's day on.

双随机、一公开: plan, firm and result are published (domain.md 3.5). Inspections may be without notice (突击检查; 苏州市政府办公室转发市质监局文件,
2015, 第 5 项 asks to publish standards and procedure in advance, not whom), so the plan says from which day its enterprises are public.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, exists, func, insert, literal, select, update

from indexer.accounts.acting import acting
from indexer.accounts.audit import Act, Caller
from indexer.accounts.four_eyes import APPROVED, REFUSED, decide, proposal, said
from indexer.accounts.models import Account
from indexer.accounts.people import Conflict
from indexer.clock import Clock
from indexer.errors import InvalidParameter, NotFound
from indexer.register.database import reading
from indexer.supervision.draws import DRAWN, PLANNED
from indexer.supervision.models import Draw, Drawn, Task
from indexer.supervision.models import Plan as Row

OPEN, ENTERED, PUBLISHED = "open", "entered", "published"
"""States of a task: not done, result waits to be published, published as it stands."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a plan says: of `item`, between two days, its enterprises public from `public_from` on."""

    title: str
    item: str
    starts: date
    ends: date
    public_from: date


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan; `tasks` counts its enterprises by state."""

    id: int
    draw: int
    draw_number: str
    title: str
    agency: str
    item: str
    starts: date
    ends: date
    public_from: date
    state: str
    reason: str
    proposed_by: int
    proposer: str
    proposed_at: datetime
    decision: str | None
    tasks: dict[str, int]


class Plans:
    """All plans."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    def propose(self, caller: Caller, draw: int, wanted: Wanted, reason: str) -> int:
        """Propose a plan over a draw. Raises InvalidParameter, NotFound, and Conflict where nobody is drawn or there is a plan."""
        values = self._checked(wanted)
        with acting(self.engine, self.clock, caller) as act:
            found = act.connection.execute(select(Draw.state, Draw.agency).where(Draw.id == draw)).first()
            if found is None:
                raise NotFound("没有这次抽取。", "There is no such draw.")
            if found.state != DRAWN:
                raise _no_draw()
            new: int = act.connection.execute(
                insert(Row)
                .values(**values, **proposal(act, reason), draw_id=draw, agency=found.agency)
                .returning(Row.id)
            ).scalar_one()
            act.note(Act.PLAN_PROPOSED, f"plan:{new}", after=values["title"])
        return new

    def _checked(self, wanted: Wanted) -> dict[str, Any]:
        if wanted.ends < wanted.starts:
            raise InvalidParameter("ends", "结束日不能早于开始日。", "must not be before the first day")
        if wanted.starts < self.clock.today():
            raise InvalidParameter("starts", "开始日不能早于今天。", "must be today or later")
        if wanted.public_from > wanted.ends:
            raise InvalidParameter(
                "public_from",
                "最迟在计划结束日公布抽中的企业。",
                "must be no later than the last day of the plan",
            )
        return {
            "title": said(wanted.title, "title"),
            "item": said(wanted.item, "item"),
            "starts": wanted.starts,
            "ends": wanted.ends,
            "public_from": wanted.public_from,
        }

    def decide(self, caller: Caller, number: int, approved: bool, reason: str) -> None:
        """Approve a plan that another proposed, which makes its tasks, or refuse it. Raises InvalidParameter, NotFound, Conflict."""
        with acting(self.engine, self.clock, caller) as act:
            row = decide(act, Row, number, APPROVED if approved else REFUSED, reason)
            if approved:
                taken = update(Draw).where(Draw.id == row.draw_id, Draw.state == DRAWN).values(state=PLANNED)
                if not act.connection.execute(taken).rowcount:
                    raise _no_draw()
                columns = ["plan_id", "place", "code", "name", "inspectors", "state"]
                drawn = select(
                    literal(number), Drawn.place, Drawn.code, Drawn.name, Drawn.inspectors, literal(OPEN)
                ).where(Drawn.draw_id == row.draw_id)
                act.connection.execute(insert(Task).from_select(columns, drawn))
            act.note(Act.PLAN_DECIDED, f"plan:{number}", after=f"{row.state} {row.decision or ''}".strip())

    def one(self, number: int) -> Plan:
        """A plan. Raises NotFound."""
        found = self._some(Row.id == number, 1)
        if not found:
            raise no_plan()
        return found[0]

    def some(self, agencies: Sequence[str] | None = None, limit: int = 100) -> list[Plan]:
        """The newest plans; of some agencies those that are approved."""
        if agencies is None:
            return self._some(Row.id > 0, limit)
        return self._some(Row.agency.in_(agencies) & (Row.state == APPROVED), limit)

    def shows(self, draw: int) -> bool:
        """Whether those drawn are public: an approved plan is over the draw, and its day has come."""
        begun = (Row.draw_id == draw) & (Row.state == APPROVED) & (Row.public_from <= self.clock.today())
        with reading(self.engine) as connection:
            return bool(connection.scalar(select(exists().where(begun))))

    def over(self, draw: int) -> Plan | None:
        """The plan over a draw that was approved or waits; None where there is none."""
        found = self._some((Row.draw_id == draw) & (Row.state != REFUSED), 1)
        return found[0] if found else None

    def _some(self, condition: Any, limit: int) -> list[Plan]:
        asked = (
            select(Row, Account.name.label("proposer"), Draw.number)
            .join(Account, Account.id == Row.proposed_by)
            .join(Draw, Draw.id == Row.draw_id)
            .where(condition)
            .order_by(Row.id.desc())
            .limit(limit)
        )
        with reading(self.engine) as connection:
            rows = connection.execute(asked).all()
            ids = [row.id for row in rows]
            counted = (
                select(Task.plan_id, Task.state, func.count())
                .where(Task.plan_id.in_(ids))
                .group_by(Task.plan_id, Task.state)
            )
            tasks = connection.execute(counted).all() if ids else []
        return [
            Plan(
                *(row.id, row.draw_id, row.number, row.title, row.agency, row.item, row.starts, row.ends),
                *(row.public_from, row.state, row.reason, row.proposed_by, row.proposer, row.proposed_at),
                *(row.decision, {state: count for plan, state, count in tasks if plan == row.id}),
            )
            for row in rows
        ]


def no_plan() -> NotFound:
    """There is no such plan."""
    return NotFound("没有这个抽查计划。", "There is no such plan.")


def _no_draw() -> Conflict:
    return Conflict(
        "这次抽取还没有抽出企业，已经作废，或已有抽查计划。",
        "Nobody is drawn yet, the draw is void, or has its plan.",
    )
